mod members;
mod record;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use url::Url;
use value::{Path, Type, Value};

use self::record::Found;
use crate::block::expand;
use crate::delivery::{self, ALGORITHMS, Delivery, Digest};
use crate::failure::{Failure, Result};
use crate::ownership::{self, Owned};
use crate::paths;
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Host, Script};

/// `host_archive`: what is in an archive, unpacked into a folder.
pub(crate) struct Archive;

/// What is unpacked by what it is called, with the ends of names that say so.
const FORMATS: [(&str, &[&str]); 6] = [
    ("tar.gz", &[".tar.gz", ".tgz"]),
    ("tar.xz", &[".tar.xz", ".txz"]),
    ("tar.bz2", &[".tar.bz2", ".tbz2", ".tbz"]),
    ("tar.zst", &[".tar.zst", ".tzst"]),
    ("tar", &[".tar"]),
    ("zip", &[".zip"]),
];

/// How long a host may take to unpack it.
const SLOW: Duration = Duration::from_hours(1);

/// What another content or another choice of it comes from.
const UNPACKED_BY: [&str; 8] =
    ["sha256", "sha512", "format", "members", "strip_components", "mode", "owner", "group"];

#[async_trait]
impl Resource for Archive {
    fn type_name(&self) -> &'static str {
        "host_archive"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional(Type::String).described(description);
        let url =
            text("Where it is fetched from: https, http or file. Exactly one of it and `source` is set.");
        let block = Block::default()
            .described(
                "What is in an archive, or chosen members of it, in a folder of a host. The archive is verified on the host before \
                 anything is unpacked; it is unpacked beside its place, looked at, and then renamed into it: a folder that is new \
                 as a whole, else each file. Members and links that lead out of the folder are refused, as are devices. Files that \
                 were there before come back when the resource is destroyed; those that it unpacked go, and nothing else.",
            )
            .with("path", Attribute::required(Type::String).described("The absolute path of the folder. It is made if it is missing; the folder that it is in must exist."))
            .with("source", text("The path of an archive on the machine that groma runs on."))
            .with("format", text("`tar.gz`, `tar.xz`, `tar.bz2`, `tar.zst`, `tar` or `zip`; if not set, as the name in `url` or `source` ends. The host needs tar and gzip, xz, bzip2, zstd or unzip."))
            .with("members", Attribute::optional(Type::list(Type::String)).described("Names of members, as they are in the archive; a folder stands for all in it. `*` and `?` stand for any characters but slashes, `**` for any. All members if not set."))
            .with("strip_components", Attribute::optional_computed(Type::Number).described("How many folders are taken away at the beginning of each name; none if not set."))
            .with("mode", text("The permission bits of all files in octal digits; if not set, those in the archive, without set-id bits and writing by others."))
            .with("owner", text("The name or number of the user that all belongs to; if not set, who groma works as on the host."))
            .with("group", text("The name or number of the group that all belongs to."))
            .with("files", Attribute::computed(Type::map(Type::String)).described("What was unpacked: the SHA-256 of each file by its name in the folder, `-> TARGET` of links."))
            .with("changed", Attribute::computed(Type::map(Type::String)).described("What is not as it was unpacked, by name: empty, unless somebody changed it."));
        Schema::new(0, delivery::with_attributes(block, url))
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn revised_by(&self) -> &'static [&'static str] {
        &["files", "changed"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("strip_components", Value::number(0))]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = paths::validate(config, "path");
        diagnostics.extend(delivery::validate(config));
        diagnostics.extend(ownership::validate(config));
        for (name, detail) in problems(config) {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid archive", detail));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if plan.is_creation() || plan.changes(&UNPACKED_BY) {
            plan.set_unknown("files");
        }
        plan.set("changed", Value::map(Type::String, value::Entries::new()));
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let folder = |object: &Value| object.text("path").unwrap_or_default().to_owned();
        let arguments = current.iter().flat_map(|object| [paths::key(&folder(object)), folder(object)]);
        let script = Script::read(&with_lib(include_str!("archive/look.sh"))).args(arguments);
        match host.must(script, "look at what was unpacked").await {
            Ok(output) => {
                let found = record::parse(&output.text(), current.len());
                current.iter().zip(&found).map(|(object, found)| Ok(seen(object, found.as_ref()))).collect()
            }
            Err(failure) => vec![Err(failure); current.len()],
        }
    }

    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        let id = paths::key(planned.text("path").unwrap_or_default());
        match is_recorded(host, "archive", &id).await? {
            true => self.read(host, planned).await,
            false => Ok(Value::null(planned.ty())),
        }
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let folder = planned.text("path").unwrap_or_default();
        let (object, place) = (fetched(context, planned)?, place(folder));
        let delivery = Delivery::of(&object, &place);
        delivery.bring(context, host).await?;
        let members = planned.texts("members");
        let patterns: Vec<String> = members.iter().map(|member| members::pattern(member)).collect();
        let owned = Owned::of(planned);
        let script = delivery
            .script(&with_lib(include_str!("archive/unpack.sh")))
            .var("folder", folder)
            .var("id", paths::key(folder))
            .var("format", format(planned).unwrap_or_default())
            .var("members", members.join("\n"))
            .var("patterns", patterns.join("\n"))
            .var("strip", planned.int("strip_components").unwrap_or(0).to_string())
            .var("mode", owned.mode.as_deref().unwrap_or_default())
            .var("owner", owned.chown())
            .timeout(SLOW);
        host.must(script, &format!("unpack the archive into {folder}")).await?;
        let read = self.read(host, planned).await?;
        if read.is_null() {
            let detail =
                format!("On {}, what was unpacked into {folder} was gone right after it.", host.name());
            return Err(Failure::new("Archive is gone", detail));
        }
        Ok(read)
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let changes = |name: &&str| prior.attr(name) != planned.attr(name);
        let drifted =
            prior.attr("changed").and_then(Value::entries).is_none_or(|changed| !changed.is_empty());
        if drifted || UNPACKED_BY.iter().any(changes) {
            return self.create(context, host, planned).await;
        }
        // From elsewhere, it is still the same.
        self.read(host, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let folder = prior.text("path").unwrap_or_default();
        let place = place(folder);
        let script = Delivery::of(prior, &place)
            .script(&with_lib(include_str!("archive/remove.sh")))
            .var("folder", folder)
            .var("id", paths::key(folder));
        host.must(script, &format!("remove what was unpacked into {folder}")).await.map(|_| ())
    }
}

/// The script with what it needs besides.
fn with_lib(script: &str) -> String {
    format!("{}{script}", include_str!("archive/lib.sh"))
}

/// What the archive itself is called, beside the folder, until it is unpacked.
fn place(folder: &str) -> String {
    format!("{folder}.groma-archive")
}

/// The object with a URL, also for a file of the operator's machine.
fn fetched(context: &Context, object: &Value) -> Result<Value> {
    let Some(source) = object.text("source") else { return Ok(object.clone()) };
    let environment = &context.environment;
    let path = expand(source, environment.home.as_deref(), &environment.working_dir);
    let url = Url::from_file_path(&path).map_err(|()| {
        let detail = format!("{} is no absolute path of a file.", path.display());
        Failure::attribute("source", "Invalid archive", detail)
    })?;
    Ok(object.with_attr("url", Value::string(url.as_str())).with_attr("via", Value::null(Type::String)))
}

/// What the archive is, where it is said or its name tells.
fn format(object: &Value) -> Option<&str> {
    if let Some(format) = object.text("format") {
        return Some(format);
    }
    let name = match (object.text("source"), object.text("url")) {
        (Some(source), _) => source.to_owned(),
        (None, Some(url)) => crate::fetch::parse(url).ok()?.path().to_owned(),
        (None, None) => return None,
    };
    let name = name.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    FORMATS.into_iter().find(|(_, names)| ends(names)).map(|(format, _)| format)
}

/// What is wrong with the attributes that other resources do not have.
fn problems(config: &Value) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    let mut wrong = |name: &'static str, detail: String| problems.push((name, detail));
    let (url, source) = (config.is_unset("url"), config.is_unset("source"));
    let known = |name: &str| config.attr(name).is_none_or(Value::is_known);
    if url && source {
        wrong("url", "Exactly one of url and source must be set; none is.".into());
    } else if !url && !source && known("url") && known("source") {
        wrong("source", "Exactly one of url and source must be set; both are.".into());
    }
    if !source && config.text("via") == Some("host") {
        wrong("via", "A source is on the machine that groma runs on: it is what brings it.".into());
    }
    let formats = || FORMATS.map(|(format, _)| format).join(", ");
    match config.text("format") {
        Some(text) if !FORMATS.iter().any(|(format, _)| *format == text) => {
            wrong("format", format!("{text:?} is none of {}.", formats()));
        }
        None if known("format")
            && known("url")
            && known("source")
            && !(url && source)
            && format(config).is_none() =>
        {
            wrong(
                "format",
                format!("The archive's name does not tell what it is: set one of {}.", formats()),
            );
        }
        _ => {}
    }
    let members = config.texts("members");
    if let Some(text) = members.iter().find(|text| !members::is_valid(text)) {
        wrong(
            "members",
            format!(
                "{text:?} is no name of a member: it neither begins with a slash nor has \"..\", backslashes or control characters in it."
            ),
        );
    }
    if !config.is_unset("members") && known("members") && config.elements("members").is_empty() {
        wrong("members", "There must be a member at least: leave it out for all.".into());
    }
    if let Some(count) = config.int("strip_components").filter(|count| !(0..=100).contains(count)) {
        wrong("strip_components", format!("{count} is not between 0 and 100."));
    }
    problems
}

/// The object with what was found. It is gone where nothing is recorded, or nothing of it is there.
fn seen(object: &Value, found: Option<&Found>) -> Value {
    let Some(found) = found.filter(|found| !found.is_gone()) else { return Value::null(object.ty()) };
    let map = |entries: Vec<(String, String)>| {
        let entries = entries.into_iter().map(|(name, text)| (name, Value::string_nfc(&text)));
        Value::map(Type::String, entries.collect())
    };
    let mut seen = object.with_attr("files", map(found.files())).with_attr("changed", map(found.changed()));
    if seen.is_unset("strip_components") {
        seen = seen.with_attr("strip_components", Value::number(0));
    }
    if ALGORITHMS.iter().all(|name| object.is_unset(name))
        && let Some((algorithm, digest)) = &found.archive
    {
        let digest = Digest::new(algorithm, digest);
        seen = seen.with_attr(digest.algorithm, Value::string(digest.hex));
    }
    seen
}
