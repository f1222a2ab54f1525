use std::io::BufWriter;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema};
use provider_host::kit::{Brought, Context, Delivery, Failure, Host, Resource, Result, Script, key};
use tempfile::NamedTempFile;
use url::Url;
use value::{Type, Value};

use crate::releases::{archive, sums};
use crate::unit::{architecture, check_downloads, digest, downloads, for_host, is_folder, source, wrong};

/// `eksd_image`.
pub struct Image;

/// On folders, images are listed for who makes an image of the folder.
const LOOK: &str = r#"
if [ -n "$R" ]; then
  grep -F -x -e "$reference $sum" "$R/var/lib/groma/images" 2>/dev/null >/dev/null && printf 'digest=listed\n'
  grep -F -q -e "$reference " "$R/var/lib/groma/images" 2>/dev/null && printf 'there=1\n'
else
  command -v ctr >/dev/null || exit 0
  ctr --namespace "$namespace" images ls "name==$reference" 2>/dev/null | awk -v name="$reference" '$1 == name { print "there=1"; print "digest=" $3 }'
  ctr --namespace "$namespace" images check "name==$reference" 2>/dev/null | awk -v name="$reference" '$1 == name { print "status=" $4 }'
fi
:
"#;

/// What is in the folder keeps it, as another image that is done just now would take it away.
const ARCHITECTURE: &str = r#"
uname -m
folder=$R/var/lib/groma/images.d
for try in 1 2 3 4 5; do
  mkdir -p "$folder" && { : >"$folder/.$held"; } 2>/dev/null && break
done
[ -e "$folder/.$held" ] || die "the folder $folder cannot be made"
"#;

/// What the archive calls the image does not matter: it gets the name that was asked for, unless its digest is another.
const IMPORT: &str = r#"
archive=$part
[ "$brought" = there ] && archive=$to
if [ -n "$R" ]; then
  list=$R/var/lib/groma/images
  { grep -v -F -e "$reference " "$list" 2>/dev/null; printf '%s %s\n' "$reference" "$sum"; } | sort >"$list.new" && mv -f "$list.new" "$list" || exit 1
else
  ctr() { command ctr --namespace "$namespace" "$@"; }
  before=$(ctr images ls -q)
  out=$(ctr images import --digests --base-name groma.invalid/import --snapshotter "$snapshotter" "$archive" 2>&1) || die "$(printf '%s\n' "$out" | tail -n 1)"
  imported=$(printf '%s\n' "$out" | sed -n 's/^unpacking \([^ ]*\) (\(sha256:[0-9a-f]*\)).*/\1 \2/p')
  [ -n "$imported" ] || imported=$(ctr images ls | awk '$1 ~ /^groma\.invalid\// { print $1, $3 }')
  name=$(printf '%s\n' "$imported" | head -n 1)
  is=${name#* } name=${name%% *}
  [ -n "$name" ] || die "there is no image in it"
  was=
  printf '%s\n' "$before" | grep -q -F -x -e "$reference" && was=1
  forget() {
    printf '%s\n' "$imported" | while read -r other rest; do
      [ "$other" = "$reference" ] && [ "$1" != all ] || printf '%s\n' "$before" | grep -q -F -x -e "$other" || ctr images rm "$other" >/dev/null
    done
  }
  if [ -n "$wanted" ] && [ "$is" != "$wanted" ]; then
    [ -n "$was" ] && forget || forget all
    # The kubelet's interface gives images another name by their configuration.
    ctr images ls -q | while read -r other; do
      printf '%s\n' "$before" | grep -q -F -x -e "$other" || [ "$other" = "$reference" ] || ctr images rm "$other" >/dev/null
    done
    die "its digest is $is, not $wanted: it was not put into place"
  fi
  if [ "$name" != "$reference" ]; then
    ctr images tag --force "$name" "$reference" >/dev/null || exit 1
  fi
  forget
  # The kubelet removes images that nobody uses.
  ctr images label "$reference" io.cri-containerd.image=managed io.cri-containerd.pinned=pinned >/dev/null 2>&1
fi
rm -f "$part" "$to" "$R/var/lib/groma/images.d/.$held"
rmdir "$R/var/lib/groma/images.d" 2>/dev/null
:
"#;

/// An import that failed for good may have left the folder.
const REMOVE: &str = r#"
if [ -e "$R/var/lib/groma/images.d/.$held" ]; then
  rm -f "$R/var/lib/groma/images.d/.$held"
  rmdir "$R/var/lib/groma/images.d" 2>/dev/null
fi
if [ -n "$R" ]; then
  list=$R/var/lib/groma/images
  [ -e "$list" ] || exit 0
  grep -v -F -e "$reference " "$list" >"$list.new"
  if [ -s "$list.new" ]; then mv -f "$list.new" "$list"; else rm -f "$list" "$list.new"; fi
  rmdir "$R/var/lib/groma" 2>/dev/null
elif command -v ctr >/dev/null; then
  ctr --namespace "$namespace" images ls -q | grep -q -F -x -e "$reference" || exit 0
  if [ -n "$keep" ]; then
    ctr --namespace "$namespace" images label "$reference" io.cri-containerd.pinned= >/dev/null
    exit
  fi
  ctr --namespace "$namespace" images rm "$reference" >/dev/null
fi
:
"#;

#[async_trait]
impl Resource for Image {
    fn type_name(&self) -> &'static str {
        "eksd_image"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional_computed(Type::String).described(description);
        let archive = downloads();
        let block = Block::default()
            .described(
                "An image that is imported into a host's containerd from an archive (OCI or docker), so that no registry is needed. The \
                 archive is verified on the host before it is imported. The kubelet does not remove it where containerd can pin images (since \
                 1.7); older ones let it go when the disk gets full, and the next apply imports it again. Under `root:FOLDER` it is \
                 listed in `/var/lib/groma/images`.",
            )
            .with("reference", Attribute::required(Type::String).described("The image's name with its tag, as pods name it."))
            .with("archive", archive.described("The archive, by the host's architecture: `data.eksd_release.NAME.image_archives[\"kube-proxy\"]`. Either it or `layout` is set."))
            .with("layout", Attribute::optional(Type::String).described("A folder of the machine that groma runs on that is an OCI layout with the image in it, by its name: `eksd_mirror.NAME.layout`. What is for the host's architecture is taken out of it, verified by its digests, and brought to the host as an archive."))
            .with("digest", text("The digest that the image must have, such as `sha256:…`; what it has if not set. One that is replaced on the host shows here."))
            .with("namespace", text("containerd's namespace; `k8s.io`, that of kubelets, if not set."))
            .with("snapshotter", text("How its layers are put together; `overlayfs` if not set."))
            .with("keep", Attribute::optional(Type::Bool).described("Whether it stays in containerd on destroy and when another image takes its place, as pods may still need it: the kubelet then removes it once nobody uses it and the disk gets full. False if not set."))
            .with("complete", Attribute::computed(Type::Bool).described("Whether all of it is there: the next apply imports what is missing."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["reference"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["reference", "namespace"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("namespace", Value::string("k8s.io")), ("snapshotter", Value::string("overlayfs"))]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = check_downloads(config, "archive");
        let given = ["archive", "layout"].map(|name| config.attr(name).is_some_and(|value| !value.is_null()));
        let known = ["archive", "layout"].map(|name| config.attr(name).is_none_or(Value::is_known));
        if !known.contains(&false) && given[0] == given[1] {
            diagnostics.push(wrong("archive", "Exactly one of archive and layout must be set."));
        }
        if given[1] && !config.is_unset("digest") {
            diagnostics
                .push(wrong("digest", "In a layout the digests say what an image must be: leave it out."));
        }
        let bad = |text: &&str| {
            text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'\\*".contains(c))
        };
        if let Some(text) = config
            .text("reference")
            .filter(|text| bad(text) || !text.contains('/') || !text.contains([':', '@']))
        {
            diagnostics.push(wrong("reference", format!("{text:?} is no full name of an image, such as \"public.ecr.aws/eks-distro/kubernetes/pause:3.10\".")));
        }
        if let Some(text) = config
            .text("digest")
            .filter(|text| text.strip_prefix("sha256:").is_none_or(|hex| hex.len() != 64))
        {
            diagnostics.push(wrong(
                "digest",
                format!("{text:?} is no digest such as \"sha256:…\" with 64 hexadecimal digits."),
            ));
        }
        for name in ["namespace", "snapshotter"] {
            if config.text(name).is_some_and(|text| bad(&text) || text.is_empty()) {
                diagnostics.push(wrong(
                    name,
                    "It is empty, or has other characters than letters, digits and - in it.",
                ));
            }
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if !plan.is_creation() && plan.changes(&["archive", "layout"]) && plan.is_unset("digest") {
            plan.set_unknown("digest");
        }
        plan.set("complete", Value::bool(true));
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let known = filled(self, current);
        let script = named(Script::read(LOOK), &known).var("sum", sum(host, &known));
        let fields = host.must(script, "look at the images").await?.fields();
        if fields.get("there").is_none() {
            return Ok(Value::null(current.ty()));
        }
        if is_folder(host) {
            let unsaid = current.is_unset("archive") && current.is_unset("layout");
            let complete = fields.get("digest").is_some() || unsaid;
            return Ok(known.with_attr("complete", Value::bool(complete)));
        }
        let digest = fields.text("digest").map_or(Value::null(Type::String), Value::string_nfc);
        let complete = fields.text("status").is_none_or(|status| status == "complete");
        Ok(known.with_attr("digest", digest).with_attr("complete", Value::bool(complete)))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let reference = planned.text("reference").unwrap_or_default();
        let doing = format!("import the image {reference}");
        let output = host.must(named(Script::change(ARCHITECTURE), planned), &doing).await?;
        let machine = output.text().trim().to_owned();
        // It is there until it was brought.
        let (_made, object) = match planned.text("layout") {
            Some(layout) => {
                let layout = context.environment.working_dir.join(layout);
                let (file, object) = taken_out(layout, reference.to_owned(), machine).await?;
                (Some(file), object)
            }
            None => (None, archive_for(host, planned, &machine)?),
        };
        let path = format!("/var/lib/groma/images.d/{}.tar", key(reference));
        let delivery = Delivery::of(&object, &path);
        let brought = delivery.bring(context, host).await?;
        let known = planned.unknown_as_null();
        let script = named(delivery.script(IMPORT), &known)
            .var("brought", if brought == Brought::Part { "part" } else { "there" })
            .var("sum", sum(host, &known))
            .var("wanted", known.text("digest").unwrap_or_default())
            .timeout(Duration::from_mins(20));
        host.must(script, &doing).await?;
        let read = self.read(host, &known).await?;
        if read.is_null() {
            let detail =
                format!("On {}, the image {reference} was gone right after it was imported.", host.name());
            return Err(Failure::new("Image is gone", detail));
        }
        Ok(read)
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let keep = if prior.flag("keep") == Some(true) { "1" } else { "" };
        let script = named(Script::change(REMOVE), prior).var("keep", keep);
        host.must(script, &format!("remove the image {}", prior.text("reference").unwrap_or_default()))
            .await
            .map(|_| ())
    }
}

/// Where the archive for a host comes from.
fn archive_for(host: &Host, planned: &Value, machine: &str) -> Result<Value> {
    let all = planned.attr("archive").cloned().unwrap_or_else(Value::dynamic);
    let wrapped = Value::object_of([("binary", all)]);
    let file = for_host(host, &wrapped, machine)?;
    let (uri, digest) = (source(file)?, digest(file));
    Ok(Value::object_of([("url", Value::string(uri)), (digest.0, Value::string(digest.1.as_str()))]))
}

/// The archive of an image of a layout, and where it is.
async fn taken_out(layout: PathBuf, reference: String, machine: String) -> Result<(NamedTempFile, Value)> {
    let failed = |reason: String| {
        Failure::attribute("layout", "Image cannot be taken from the layout", format!("{reason}."))
    };
    let work = move || {
        let said = |error: std::io::Error| format!("the archive cannot be written: {error}");
        let mut file = NamedTempFile::new().map_err(said)?;
        archive(&layout, &reference, architecture(&machine), BufWriter::new(file.as_file_mut()))?;
        let sums = sums(file.path()).map_err(said)?.ok_or("the archive is gone")?;
        Ok::<_, String>((file, sums.sha256))
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| failed(error.to_string()))?;
    let (file, sum) = done.map_err(failed)?;
    let url = Url::from_file_path(file.path())
        .map_err(|()| failed("the folder for temporary files is none".into()))?;
    let object =
        Value::object_of([("url", Value::string(String::from(url))), ("sha256", Value::string(sum))]);
    Ok((file, object))
}

/// The object with defaults where nothing is known, as after an import.
fn filled(image: &Image, object: &Value) -> Value {
    image.defaults().into_iter().fold(object.clone(), |object, (name, value)| {
        if object.is_unset(name) { object.with_attr(name, value) } else { object }
    })
}

fn named(script: Script, object: &Value) -> Script {
    let text = |name: &str| object.text(name).unwrap_or_default();
    script
        .var("reference", text("reference"))
        .var("namespace", text("namespace"))
        .var("snapshotter", text("snapshotter"))
        .var("held", key(text("reference")))
}

/// What is listed of an image for a folder: the digests of its archives.
fn sum(host: &Host, object: &Value) -> String {
    if let Some(layout) = object.text("layout").filter(|_| is_folder(host)) {
        return format!("layout={layout}");
    }
    let all = object.attr("archive").and_then(Value::entries).filter(|_| is_folder(host));
    let sums = all.into_iter().flat_map(value::Entries::iter).map(|(arch, file)| {
        let (_, digest) = digest(file);
        format!("{arch}={digest}")
    });
    sums.collect::<Vec<_>>().join(",")
}
