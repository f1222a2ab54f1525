mod line;
mod live;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use self::line::{Line, escape};
use self::live::{Live, remount};
use crate::connection::Way;
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Host, Output, Script};

/// `host_mount`: a file system at a place, as it is mounted and as fstab says.
pub(crate) struct Mount;

const STATES: [&str; 3] = ["mounted", "unmounted", "fstab-only"];

/// What is mounted although fstab does not say so.
const ONLY_MOUNTED: &str = "mounted-only";

/// How a script ends that unmounted something, and found something below it.
const MORE_BELOW: i32 = 7;

/// First fields of fstab that name a device.
const NAMES: [&str; 4] = ["UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="];

#[async_trait]
impl Resource for Mount {
    fn type_name(&self) -> &'static str {
        "host_mount"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::required(Type::String).described(description);
        let number = |description: &str| Attribute::optional_computed(Type::Number).described(description);
        let block = Block::default()
            .described(
                "A file system at a place on a host: its line in `/etc/fstab`, and what is mounted there now. Lines of others stay \
                 as they are; a line for the same place that was there before is taken over, and comes back when the resource is \
                 destroyed, as does what was mounted. Where only options change, it is mounted again in place if its type can \
                 do that. Under `root:FOLDER` only fstab is looked at and written.",
            )
            .with("path", text("The absolute path of the place. The folder is made if it is missing, and then goes with the resource."))
            .with("device", text("What is mounted: `UUID=...`, `LABEL=...`, `PARTUUID=...`, a path such as `/dev/vg/data`, a server's folder (`nas:/export`), for `bind` a folder, for file systems without a device a name such as `tmpfs`."))
            .with("type", text("The type of the file system: `ext4`, `xfs`, `nfs`, `tmpfs`, ...; `none` for `bind`, or `auto`."))
            .with(
                "options",
                Attribute::optional_computed(Type::list(Type::String)).described(
                    "Options, such as `[\"noexec\", \"size=64m\"]`; `[\"defaults\"]` if not set. Those of the mount (`ro`, `noexec`, `noatime`, \
                     ...) and, for `tmpfs`, sizes and modes are compared with what is mounted; what else a type makes of its \
                     options is its own.",
                ),
            )
            .with("dump", number("Whether `dump` keeps it: 0, if not set, or 1."))
            .with("pass", number("When it is checked at boot: 0, if not set, for never, 1 for the root file system, 2 for others."))
            .with(
                "state",
                Attribute::optional_computed(Type::String).described(
                    "`mounted` (the default), `unmounted` (set `noauto`, too, to keep it so over a boot), or `fstab-only`, which leaves \
                     what is mounted as it is. When read, `mounted-only` says that fstab does not have it.",
                ),
            );
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("options", line::list(&["defaults".to_owned()])),
            ("dump", Value::number(0)),
            ("pass", Value::number(0)),
            ("state", Value::string(STATES[0])),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = paths::validate(config, "path");
        for (name, detail) in problems(config) {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid mount", detail));
        }
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let folder = matches!(host.connection().way, Way::Root(_));
        match look(host, current, Against::Record).await {
            Ok(all) => {
                current.iter().zip(all).map(|(object, found)| Ok(found.seen(object, folder))).collect()
            }
            Err(failure) => vec![Err(failure); current.len()],
        }
    }

    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        let key = paths::key(planned.text("path").unwrap_or_default());
        match is_recorded(host, "mount", &key).await? {
            true => self.read(host, planned).await,
            false => Ok(Value::null(planned.ty())),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.put(host, None, planned).await
    }

    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        self.put(host, Some(prior), planned).await
    }

    async fn delete(&self, host: &Host, prior: &Value) -> Result<()> {
        let path = prior.text("path").unwrap_or_default();
        let found = look(host, std::slice::from_ref(prior), Against::Record).await?.pop().unwrap_or_default();
        let asked = found.asked.clone().unwrap_or_else(|| Line::of(prior));
        let ours = found.is_right(&asked);
        let script = script(include_str!("mount/remove.sh"), path).var("ours", ours.to_string());
        host.must(script, &format!("undo the mount at {path}")).await.map(|_| ())
    }
}

impl Mount {
    async fn put(&self, host: &Host, prior: Option<&Value>, planned: &Value) -> Result<Value> {
        let line = Line::of(planned);
        let path = line.path.as_str();
        let doing = format!("mount {} at {path}", line.device);
        let mut output = put(host, &line, prior, planned).await?;
        while output.status == MORE_BELOW {
            output = put(host, &line, prior, planned).await?;
        }
        if !output.is_ok() {
            return Err(Failure::script(host, &doing, &output));
        }
        let read = self.read(host, planned).await?;
        let (asked, became) = (line.options.join(","), read.texts("options").join(","));
        if !read.is_null() && asked != became {
            let detail = format!(
                "On {}, {path} was to be mounted with the options {asked}, and is with {became}: the file system or its device does \
                 not do what was asked for. Set what it does as its options.",
                host.name()
            );
            return Err(Failure::new("Mount did not become what was asked for", detail));
        }
        Ok(read)
    }
}

/// Does what is missing for a mount to be as a line says.
async fn put(host: &Host, line: &Line, prior: Option<&Value>, planned: &Value) -> Result<Output> {
    let found = look(host, std::slice::from_ref(planned), Against::Object).await?.pop().unwrap_or_default();
    let action = match planned.text("state") {
        Some("mounted") => found.action(line, prior.map(Line::of).as_ref()),
        Some("unmounted") if found.live.is_some() => "unmount",
        _ => "",
    };
    // A line that says the same in other words stays.
    let text = found.text.filter(|_| found.line.as_ref() == Some(line)).unwrap_or_else(|| line.text());
    let path = line.path.as_str();
    let folders = paths::above(path).chain([path]);
    let script = script(include_str!("mount/put.sh"), path)
        .args(folders.flat_map(|folder| [folder.to_owned(), paths::key(folder)]))
        .var("line", text)
        .var("asked", line.text())
        .var("device", &line.device)
        .var("how", how(line))
        .var("kind", &line.kind)
        .var("options", remount(line))
        .var("action", if matches!(host.connection().way, Way::Root(_)) { "" } else { action });
    Ok(host.run(script).await?)
}

/// What there is of a mount.
#[derive(Debug, Default)]
struct Found {
    text: Option<String>,
    line: Option<Line>,
    live: Option<Live>,
    /// The line that was asked for last.
    asked: Option<Line>,
    /// Whether the host says that the device is what is mounted.
    same: bool,
}

impl Found {
    /// Whether what is mounted is what a line asks for, but for options.
    fn is_right(&self, line: &Line) -> bool {
        self.live.as_ref().is_some_and(|live| self.is_from(live, line) && live.is_of_type(line))
    }

    fn is_from(&self, live: &Live, line: &Line) -> bool {
        self.same || (how(line) != "bind" && live.is_from(&line.device))
    }

    /// What makes it mounted as a line says, where the line before may be known.
    fn action(&self, line: &Line, before: Option<&Line>) -> &'static str {
        match &self.live {
            None => "mount",
            Some(_) if !self.is_right(line) => "again",
            Some(live) if live.options(line) != line.options => "remount",
            Some(_) if before.is_some_and(|before| before.options != line.options) => "remount",
            Some(_) => "",
        }
    }

    fn seen(&self, current: &Value, folder: bool) -> Value {
        let imported = current.is_unset("device");
        let path = current.text("path").unwrap_or_default();
        // What was read before may be a drift; what was asked for is recorded.
        let wanted = self.asked.clone().unwrap_or_else(|| match &self.line {
            Some(line) if imported => line.clone(),
            _ => Line::of(current),
        });
        let line = match (&self.line, &self.live) {
            (Some(line), _) => line.clone(),
            (None, Some(live)) if imported => live.line(path),
            (None, Some(_)) => wanted.clone(),
            (None, None) => return Value::null(current.ty()),
        };
        let known = current.text("state");
        let state = match (&self.line, &self.live) {
            (Some(_), _) if folder => {
                known.unwrap_or(if line.is_automatic() { "mounted" } else { "unmounted" })
            }
            (Some(_), _) if known == Some("fstab-only") => "fstab-only",
            (Some(_), Some(_)) => "mounted",
            (Some(_), None) => "unmounted",
            (None, _) => ONLY_MOUNTED,
        };
        let mut seen = line.clone();
        if let Some(live) = self.live.as_ref().filter(|_| state != "fstab-only") {
            // What fstab says otherwise than asked for shows first, then what is mounted otherwise.
            if line.device == wanted.device && !self.is_from(live, &wanted) {
                seen.device = live.device();
            }
            if line.kind == wanted.kind && !live.is_of_type(&wanted) {
                seen.kind.clone_from(&live.kind);
            }
            if line.options == wanted.options && self.is_right(&wanted) {
                seen.options = live.options(&wanted);
            }
        }
        seen.onto(current).with_attr("state", Value::string(state))
    }
}

/// What the device is compared with that is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    /// The one that was asked for last.
    Record,
    /// The one that the object says.
    Object,
}

/// How what is mounted is compared with the device.
fn how(line: &Line) -> &'static str {
    if line.is_bind() {
        "bind"
    } else if line.device.starts_with('/') || NAMES.iter().any(|name| line.device.starts_with(name)) {
        "device"
    } else {
        "text"
    }
}

/// A script for one mount.
fn script(text: &str, path: &str) -> Script {
    Script::change(&format!("{}{text}", include_str!("mount/lib.sh")))
        .var("p", path)
        .var("key", paths::key(path))
        .var("escaped", escape(path))
}

async fn look(host: &Host, current: &[Value], against: Against) -> Result<Vec<Found>> {
    let wanted: Vec<Line> = current.iter().map(Line::of).collect();
    let script = Script::read(&format!("{}{}", include_str!("mount/lib.sh"), include_str!("mount/look.sh")))
        .args(wanted.iter().flat_map(|line| {
            [how(line).to_owned(), line.device.clone(), line.path.clone(), paths::key(&line.path)]
        }))
        .var("recorded", if against == Against::Record { "1" } else { "" })
        .var("escaped", wanted.iter().map(|line| escape(&line.path)).collect::<Vec<_>>().join("\n"));
    let output = host.must(script, "look at what is mounted").await?;
    Ok(found(&output, current.len()))
}

/// What the lines of `look.sh` say.
fn found(output: &Output, count: usize) -> Vec<Found> {
    let text = output.text();
    let lines: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let get = |what: &str, index: usize| lines.get(format!("{what}{index}").as_str()).copied();
    let one = |index: usize| Found {
        text: get("line", index).map(str::to_owned),
        line: get("line", index).and_then(Line::parse),
        live: get("live", index).and_then(Live::parse),
        asked: get("asked", index).and_then(Line::parse),
        same: get("same", index).is_some(),
    };
    (0..count).map(one).collect()
}

/// What is wrong with the attributes but the path.
fn problems(config: &Value) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    let mut wrong = |name: &'static str, detail: String| problems.push((name, detail));
    let odd = |text: &str| text.is_empty() || text.contains(char::is_control) || text.len() > 4096;
    if let Some(text) = config.text("device")
        && (odd(text) || text.starts_with('#') || text.contains(['"', '\'']) || text.starts_with('-'))
    {
        wrong(
            "device",
            format!(
                "{text:?} is nothing that can be mounted: no quotes, no control characters, no # or - at its beginning."
            ),
        );
    }
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if let Some(text) = config.text("type").filter(|text| text.is_empty() || !plain(text)) {
        wrong("type", format!("{text:?} is no type of file systems, such as \"ext4\"."));
    }
    if config.text("type") == Some("swap") {
        wrong("type", "Swap is not mounted: host_swap keeps it off.".into());
    }
    let options = config.texts("options");
    for option in &options {
        let name = option.split('=').next().unwrap_or_default();
        if odd(option) || option.contains(',') || option.starts_with('#') {
            wrong(
                "options",
                format!("{option:?} is no option: each is an element of its own, without commas."),
            );
        } else if ["password", "pass", "passwd"].contains(&name) {
            wrong("options", "Everybody on the host can read fstab: put the password into a file of its own (host_file, sensitive_content) and set \
                              credentials=FILE.".into());
        } else if ["remount", "move"].contains(&name) {
            wrong("options", format!("{option:?} does not belong into fstab."));
        }
    }
    let known = config.attr("options").is_some_and(Value::is_known);
    if known && !config.is_unset("options") && options.is_empty() {
        wrong("options", "There must be an option at least: leave it out for [\"defaults\"].".into());
    }
    let bind = options.iter().any(|option| ["bind", "rbind"].contains(option));
    if bind && config.text("device").is_some_and(|device| !device.starts_with('/')) {
        wrong("device", "What is shown at another place (bind) is an absolute path.".into());
    }
    for (name, most) in [("dump", 1), ("pass", 2)] {
        if let Some(number) = config.int(name).filter(|number| !(0..=most).contains(number)) {
            wrong(name, format!("{number} is not between 0 and {most}."));
        }
    }
    if let Some(state) = config.text("state").filter(|state| !STATES.contains(state)) {
        wrong("state", format!("{state:?} is none of {}.", STATES.join(", ")));
    }
    problems
}
