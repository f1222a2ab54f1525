//! Bringing a component's programs to its host: beside those of other versions, verified there.

use provider::simple::Access;
use provider_host::kit::{ALGORITHMS, Brought, Context, Delivery, Failure, Host, Result, Script};
use url::Url;
use value::Value;

use super::Names;

const PREPARE: &str = concat!(
    include_str!("lib.sh"),
    r#"
within "$folder"
place=$R$folder/$version
make_folder "$folder" || exit 1
if [ ! -d "$place" ]; then
  # Beside its place first, so that a version of ours never lacks what says so.
  new=$R$folder/.$version.new
  rm -rf "$new"
  mkdir -m 0755 "$new" && : >"$new/.source" && mv "$new" "$place" || exit 1
fi
printf 'arch=%s\n' "$(uname -m)"
now=$(sums "$place")
[ -n "$now" ] && [ "$now" = "$(cat "$place/.sums" 2>/dev/null)" ] && printf 'source=%s\n' "$(cat "$place/.source")"
:
"#
);

const PLACE: &str = concat!(include_str!("lib.sh"), include_str!("place.sh"));

/// What machines call their architecture, and what releases do.
const ARCHITECTURES: [(&str, &str); 5] =
    [("x86_64", "amd64"), ("amd64", "amd64"), ("aarch64", "arm64"), ("arm64", "arm64"), ("armv8l", "arm64")];

/// What is not brought must be there, as in an image of the machine. A folder that stands for a host may get it later.
const THERE: &str = concat!(
    include_str!("lib.sh"),
    r#"
within "$folder"
make_folder "$folder" || exit 1
place=$R$folder/$version
if [ ! -f "$place/${programs%% *}" ]; then
  [ -n "$live" ] || exit 0
  die "there is no $folder/$version/${programs%% *}: set binary, so that groma brings it, or take an image of the machine that has it"
fi
now=$(sums "$place")
if [ ! -e "$place/.sums" ]; then
  printf '%s\n' "$now" >"$place/.sums.new" && : >"$place/.found" && mv -f "$place/.sums.new" "$place/.sums" || exit 1
fi
[ "$now" = "$(cat "$place/.sums")" ] || die "$folder/$version/${programs%% *} is not the one that was there before: put that back, or set binary, so that groma brings one that is verified"
"#
);

/// Brings the programs of the planned version; nothing runs of them yet.
pub async fn bring(names: &Names, context: &Context, host: &Host, planned: &Value) -> Result<()> {
    let (name, version) = (names.component, planned.text("version").unwrap_or_default());
    let doing = format!("install {name} {version}");
    if planned.is_unset("binary") {
        let script = names.on(Script::change(THERE)).var("version", version);
        return host.must(script, &format!("look for {name} {version}")).await.map(|_| ());
    }
    let script = names.on(Script::change(PREPARE)).var("version", version);
    let prepared = host.must(script, &doing).await?.fields();
    let file = for_host(host, planned, prepared.get("arch").unwrap_or_default())?;
    let (uri, digest) = (source(file)?, digest(file));
    let url = Url::parse(&uri).map_err(|error| {
        Failure::attribute("binary", "Invalid component", format!("{uri:?} cannot be fetched: {error}."))
    })?;
    let fetched = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    let is_archive = fetched.ends_with(".tar.gz") || fetched.ends_with(".tgz");
    if is_archive && prepared.get("source") == Some(&digest.1) {
        return Ok(());
    }
    let program = names.programs.first().copied().unwrap_or_default();
    let at = if is_archive { fetched } else { program };
    let path = format!("{}/{version}/{at}", names.folder);
    let object = Value::object_of([
        ("url", Value::string(uri.as_str())),
        (digest.0, Value::string(digest.1.as_str())),
    ]);
    let delivery = Delivery::of(&object, &path);
    let brought = delivery.bring(context, host).await?;
    let script = names
        .on(delivery.script(PLACE))
        .var("version", version)
        .var("file", fetched)
        .var("brought", if brought == Brought::Part { "part" } else { "there" })
        .var("source", &digest.1)
        .var(
            "sha256",
            if is_archive {
                String::new()
            } else {
                file.text("sha256").unwrap_or_default().to_ascii_lowercase()
            },
        );
    host.must(script, &doing).await.map(|_| ())
}

/// What is for the host's architecture.
pub fn for_host<'a>(host: &Host, planned: &'a Value, machine: &str) -> Result<&'a Value> {
    let all = planned.attr("binary").and_then(Value::entries);
    let arch = architecture(machine);
    if let Some(file) = all.and_then(|all| all.get(arch)) {
        return Ok(file);
    }
    let known: Vec<String> = all.into_iter().flat_map(|all| all.keys()).map(ToString::to_string).collect();
    let detail = format!(
        "{} is {arch}, and binary has nothing for it but only for: {}. Add it, or use a release that has it.",
        host.name(),
        if known.is_empty() { "nothing".to_owned() } else { known.join(", ") },
    );
    Err(Failure::attribute("binary", "No binary for the host", detail))
}

/// A URL; paths of this machine become one.
pub fn source(file: &Value) -> Result<String> {
    let uri = file.text("uri").unwrap_or_default();
    if !uri.starts_with('/') {
        return Ok(uri.to_owned());
    }
    Url::from_file_path(uri).map(String::from).map_err(|()| {
        Failure::attribute("binary", "Invalid component", format!("{uri:?} is no absolute path."))
    })
}

/// What releases call the architecture of a machine.
pub fn architecture(machine: &str) -> &str {
    ARCHITECTURES.into_iter().find(|(said, _)| *said == machine).map_or(machine, |(_, arch)| arch)
}

/// The strongest digest that was given: its algorithm, and its digits.
pub fn digest(file: &Value) -> (&'static str, String) {
    let given =
        ALGORITHMS.into_iter().rev().find_map(|name| Some((name, file.text(name)?.to_ascii_lowercase())));
    given.unwrap_or((ALGORITHMS[0], String::new()))
}
