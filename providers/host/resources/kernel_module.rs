use std::collections::BTreeMap;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Entries, Path, Type, Value};

use super::file::digest;
use crate::connection::Way;
use crate::failure::Result;
use crate::resource::{Context, Resource};
use crate::session::{Host, Output, Script};

/// `host_kernel_module`: a module of the kernel, now and at boot.
pub(crate) struct KernelModule;

const LOOK: &str = concat!(include_str!("kernel_module/lib.sh"), include_str!("kernel_module/look.sh"));

const CHANGE: &str = concat!(include_str!("kernel_module/lib.sh"), include_str!("kernel_module/change.sh"));

const REMOVE: &str = concat!(include_str!("kernel_module/lib.sh"), include_str!("kernel_module/remove.sh"));

#[async_trait]
impl Resource for KernelModule {
    fn type_name(&self) -> &'static str {
        "host_kernel_module"
    }

    fn schema(&self) -> Schema {
        let flag = |description: &str| Attribute::optional_computed(Type::Bool).described(description);
        let block = Block::default()
            .described(
                "A module of a host's kernel: whether it is loaded now, whether it is loaded at boot, and with what options. One \
                 that is built into the kernel counts as loaded. Files of others are left alone; a module that was not \
                 loaded before is unloaded when the resource is destroyed, unless something uses it. Under `root:FOLDER` only \
                 files are written.",
            )
            .with("name", Attribute::required(Type::String).described("The module's name, such as `br_netfilter`. `-` and `_` count the same."))
            .with("loaded", flag("Whether it is loaded now; `true` if not set, and `false` for one that `blacklist` keeps off."))
            .with("at_boot", flag("Whether it is loaded at boot, by `/etc/modules-load.d/groma-NAME.conf`; as `loaded` if not set."))
            .with("options", Attribute::optional(Type::map(Type::String)).described("Options to load it with, in `/etc/modprobe.d/groma-NAME.conf`. A module that is loaded already takes those that it allows to be changed (below `/sys/module/NAME/parameters`), the others when it is loaded next."))
            .with("blacklist", Attribute::optional_computed(Type::Bool).described("Whether nothing can load it, in `/etc/modprobe.d/groma-NAME.conf`; `false` if not set."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("blacklist", Value::bool(false))]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut wrong = |name: &str, detail: String| {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid kernel module", detail));
        };
        let is_name = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && text.len() <= 60
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        };
        if let Some(name) = config.text("name").filter(|name| !is_name(name)) {
            wrong("name", format!("{name:?} is no name of a kernel module."));
        }
        for (name, value) in options_of(config) {
            if !is_name(name.trim_end_matches('.').rsplit('.').next().unwrap_or_default()) {
                wrong("options", format!("{name:?} is no name of an option."));
            }
            if value.contains(|c: char| c.is_control() || c.is_whitespace() || "\"'#\\".contains(c)) {
                wrong(
                    "options",
                    format!("The value of {name:?} has blanks, quotes, \"#\" or control characters in it."),
                );
            }
        }
        if config.flag("blacklist") == Some(true) {
            for name in ["loaded", "at_boot"].into_iter().filter(|name| config.flag(name) == Some(true)) {
                wrong(name, "A module that is blacklisted cannot be loaded.".into());
            }
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        let off = plan.planned.attr("blacklist").and_then(Value::as_bool);
        if plan.is_unset("loaded") {
            plan.set("loaded", off.map_or(Value::unknown(Type::Bool), |off| Value::bool(!off)));
        }
        if plan.is_unset("at_boot") {
            let loaded = plan.planned.attr("loaded").cloned().unwrap_or(Value::unknown(Type::Bool));
            plan.set("at_boot", loaded);
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let names = current.iter().map(|object| file_name(object.text("name").unwrap_or_default()));
        match host.must(Script::read(LOOK).args(names), "look at the kernel's modules").await {
            Ok(output) => {
                let folder = matches!(host.connection().way, Way::Root(_));
                current
                    .iter()
                    .enumerate()
                    .map(|(index, object)| Ok(observed(&output, index, object, folder)))
                    .collect()
            }
            Err(failure) => vec![Err(failure); current.len()],
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let name = planned.text("name").unwrap_or_default();
        let (boot, options) = (boot_file(planned), options_file(planned));
        let parameters = options_of(planned).into_iter().flat_map(|(name, value)| [name, value]);
        let script = Script::change(CHANGE)
            .args(parameters)
            .var("name", file_name(name))
            .var("loaded", planned.flag("loaded").map(|loaded| loaded.to_string()).unwrap_or_default())
            .var("boot_size", boot.len().to_string())
            .var("boot_sha", digest(boot.as_bytes()))
            .var("options_size", options.len().to_string())
            .var("options_sha", digest(options.as_bytes()))
            .input(boot + &options);
        host.must(script, &format!("set up the kernel module {name}")).await?;
        self.read(host, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let name = prior.text("name").unwrap_or_default();
        let script = Script::change(REMOVE).var("name", file_name(name));
        host.must(script, &format!("put the kernel module {name} back")).await.map(|_| ())
    }
}

/// The name as the kernel writes it.
fn file_name(name: &str) -> String {
    name.replace('-', "_")
}

fn options_of(object: &Value) -> BTreeMap<String, String> {
    let entries = object.attr("options").and_then(Value::entries);
    let entries = entries.into_iter().flat_map(Entries::iter);
    entries.filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_string()))).collect()
}

/// The text of the file in `/etc/modules-load.d`; nothing for no file.
fn boot_file(object: &Value) -> String {
    let name = file_name(object.text("name").unwrap_or_default());
    if object.flag("at_boot") == Some(true) {
        format!("# Managed by groma.\n{name}\n")
    } else {
        String::new()
    }
}

/// The text of the file in `/etc/modprobe.d`; nothing for no file.
fn options_file(object: &Value) -> String {
    let name = file_name(object.text("name").unwrap_or_default());
    let mut text = String::new();
    let options: Vec<String> = options_of(object)
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    if !options.is_empty() {
        text = format!("options {name} {}\n", options.join(" "));
    }
    if object.flag("blacklist") == Some(true) {
        text = format!("{text}blacklist {name}\ninstall {name} /bin/false\n");
    }
    if text.is_empty() { text } else { format!("# Managed by groma.\n{text}") }
}

/// One object as it is, by the lines of `look.sh`.
fn observed(output: &Output, index: usize, object: &Value, folder: bool) -> Value {
    let fields = output.fields();
    let lines = |what: &str| fields.all(&format!("{what}{index}")).map(str::to_owned).collect::<Vec<_>>();
    let is = |what: &str| fields.get(&format!("{what}{index}")).is_some();
    let imported = object.is_unset("loaded") && object.is_unset("at_boot");
    let known = is("found") || is("boot-file") || is("options-file");
    let to_import = imported && is("loaded");
    if !known && !to_import {
        return Value::null(object.ty());
    }
    let name = file_name(object.text("name").unwrap_or_default());
    let at_boot = lines("boot").iter().any(|line| file_name(line.trim()) == name);
    let mut options = Entries::new();
    let (mut blacklisted, mut blocked) = (false, false);
    for line in lines("option") {
        let mut words = line.split_whitespace();
        match (words.next(), words.next().map(file_name)) {
            (Some("options"), Some(module)) if module == name => {
                for word in words {
                    let (key, value) = word.split_once('=').unwrap_or((word, ""));
                    options.insert(key, Value::string_nfc(value));
                }
            }
            (Some("blacklist"), Some(module)) if module == name => blacklisted = true,
            (Some("install"), Some(module)) if module == name => blocked = true,
            _ => {}
        }
    }
    let options = match options.is_empty() && (imported || object.is_unset("options")) {
        true => Value::null(Type::map(Type::String)),
        false => Value::map(Type::String, options),
    };
    let loaded = if folder { object.flag("loaded").unwrap_or(at_boot) } else { is("loaded") };
    object
        .with_attr("loaded", Value::bool(loaded))
        .with_attr("at_boot", Value::bool(at_boot))
        .with_attr("blacklist", Value::bool(blacklisted && blocked))
        .with_attr("options", options)
}
