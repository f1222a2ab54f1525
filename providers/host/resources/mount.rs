mod check;
mod found;
mod line;
mod live;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use self::found::{Against, how, look};
use self::line::{Line, escape};
use self::live::remount;
use crate::connection::Way;
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Host, Output, Script};

/// `host_mount`: a file system at a place, as it is mounted and as fstab says.
pub(crate) struct Mount;

const STATES: [&str; 3] = ["mounted", "unmounted", "fstab-only"];

/// How a script ends that unmounted something, and found something below it.
const MORE_BELOW: i32 = 7;

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
        for (name, detail) in check::problems(config) {
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

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
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

/// A script for one mount.
fn script(text: &str, path: &str) -> Script {
    Script::change(&format!("{}{text}", include_str!("mount/lib.sh")))
        .var("p", path)
        .var("key", paths::key(path))
        .var("escaped", escape(path))
}
