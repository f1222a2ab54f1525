use std::collections::HashMap;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use super::file::digest;
use crate::connection::Way;
use crate::failure::{Failure, Result};
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_sysctl`: a setting of the kernel, as it runs and as it boots.
pub(crate) struct Sysctl;

const LOOK: &str = include_str!("sysctl/look.sh");

const CHANGE: &str = include_str!("sysctl/change.sh");

const REMOVE: &str = include_str!("sysctl/remove.sh");

#[async_trait]
impl Resource for Sysctl {
    fn type_name(&self) -> &'static str {
        "host_sysctl"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A setting of a host's kernel: the value that it runs with, and the value that it boots with, in a file of its \
                 own, `/etc/sysctl.d/zz-groma-NAME.conf`, which is read after those of others. Both go back to what they were \
                 when the resource is destroyed. Under `root:FOLDER` only the file is written.",
            )
            .with("name", Attribute::required(Type::String).described("The setting's name, such as `net.ipv4.ip_forward`; with slashes (`net/ipv4/conf/eth0.1/forwarding`) where a part of it has a dot."))
            .with("value", Attribute::required(Type::String).described("The value. Blanks and tabs between the parts of a value count the same."))
            .with("ignore_running", Attribute::optional(Type::Bool).described("Whether only the file is looked at and written: for settings that the running kernel refuses to change, as in containers. `false` if not set."))
            .with("boot_value", Attribute::computed(Type::String).described("The value that the file sets at boot; always `value`, unless the file was changed by others."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut wrong = |name: &str, detail: String| {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid sysctl", detail));
        };
        if let Some(name) = config.text("name") {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
            let parts = path_of(name);
            if !name.chars().all(plain)
                || name.len() > 200
                || parts.split('/').any(|part| matches!(part, "" | "." | "..") || part.starts_with('-'))
            {
                wrong(
                    "name",
                    format!("{name:?} is no name of a kernel setting, such as \"net.ipv4.ip_forward\"."),
                );
            } else if !parts.contains('/') {
                wrong(
                    "name",
                    format!("{name:?} is a group of kernel settings: a name has at least two parts."),
                );
            }
        }
        if let Some(value) = config.text("value") {
            if value.contains(['\n', '\0', '\r']) || value.trim().is_empty() {
                wrong("value", "A value is one line that is not empty.".into());
            } else if value.trim() != value {
                wrong("value", "A value neither begins nor ends with blanks.".into());
            }
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        let value = plan.planned.attr("value").cloned().unwrap_or(Value::unknown(Type::String));
        let same = match (plan.prior.text("boot_value"), value.as_str()) {
            (Some(prior), Some(value)) => is_same(prior, value),
            _ => false,
        };
        if !same || plan.changes(&["value"]) {
            plan.set("boot_value", value);
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let arguments = current.iter().flat_map(|object| {
            let name = object.text("name").unwrap_or_default();
            [path_of(name), file_of(name), key_of(name)]
        });
        match host.must(Script::read(LOOK).args(arguments), "look at the kernel's settings").await {
            Ok(output) => {
                let folder = matches!(host.connection().way, Way::Root(_));
                let text = output.text();
                let lines: HashMap<&str, &str> =
                    text.lines().filter_map(|line| line.split_once('=')).collect();
                current
                    .iter()
                    .enumerate()
                    .map(|(index, object)| Ok(observed(&lines, index, object, folder)))
                    .collect()
            }
            Err(failure) => vec![Err(failure); current.len()],
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let name = planned.text("name").unwrap_or_default();
        let value = planned.text("value").unwrap_or_default();
        let content = format!("# Managed by groma.\n{} = {value}\n", dotted(name));
        let script = Script::change(CHANGE)
            .var("setting", path_of(name))
            .var("p", file_of(name))
            .var("key", key_of(name))
            .var("value", value)
            .var("sha", digest(content.as_bytes()))
            .var("running", if planned.flag("ignore_running") == Some(true) { "" } else { "1" })
            .input(content.into_bytes());
        host.must(script, &format!("set {name}")).await?;
        let read = self.read(host, &planned.with_attr("boot_value", Value::string(value))).await?;
        match read.text("value") {
            Some(found) if found != value => {
                let detail = format!(
                    "On {}, the kernel took {value:?} for {name} and made {found:?} of it: set that as the value.",
                    host.name()
                );
                Err(Failure::new("Kernel setting did not become what it was set to", detail))
            }
            _ => Ok(read),
        }
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let name = prior.text("name").unwrap_or_default();
        let script = Script::change(REMOVE)
            .var("setting", path_of(name))
            .var("p", file_of(name))
            .var("key", key_of(name));
        host.must(script, &format!("put {name} back")).await.map(|_| ())
    }
}

/// One object as it is, by the lines of `look.sh`.
fn observed(lines: &HashMap<&str, &str>, index: usize, object: &Value, folder: bool) -> Value {
    let get = |what: &str| lines.get(format!("{what}{index}").as_str()).copied();
    let (running, boot) = (get("running"), get("boot"));
    let imported = object.is_unset("value");
    if boot.is_none() && get("found").is_none() && !(imported && running.is_some()) {
        return Value::null(object.ty());
    }
    let text = |known: Option<&str>, found: Option<&str>| match (known, found) {
        (Some(known), Some(found)) if is_same(known, found) => Value::string(known),
        (_, Some(found)) => Value::string_nfc(&found.split_whitespace().collect::<Vec<_>>().join(" ")),
        (_, None) => Value::null(Type::String),
    };
    let from_file = folder || object.flag("ignore_running") == Some(true);
    let value = text(object.text("value"), if from_file { boot } else { running });
    let boot = text(object.text("boot_value").or(object.text("value")), boot);
    object.with_attr("value", value).with_attr("boot_value", boot)
}

/// The path below `/proc/sys`. As for sysctl(8), what separates the first two parts separates all, and the other of dot and
/// slash is part of a name.
fn path_of(name: &str) -> String {
    let slashes = name.find(['.', '/']).is_some_and(|at| name.as_bytes().get(at) == Some(&b'/'));
    let swap = |c| match c {
        '.' => '/',
        '/' => '.',
        c => c,
    };
    if slashes { name.to_owned() } else { name.chars().map(swap).collect() }
}

/// The name as it is written into files: with slashes only where it needs them.
fn dotted(name: &str) -> String {
    let path = path_of(name);
    if path.contains('.') { path } else { path.replace('/', ".") }
}

fn file_of(name: &str) -> String {
    format!("/etc/sysctl.d/zz-groma-{}.conf", path_of(name).replace('/', "."))
}

fn key_of(name: &str) -> String {
    path_of(name).replace('/', ".")
}

/// Whether two values are the same but for the blanks between their parts.
fn is_same(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

#[cfg(test)]
mod tests;
