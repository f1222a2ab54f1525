mod change;
mod install;
mod seen;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Nesting, Schema, attribute_error};
use value::{Path, Str, Type, Value};

use crate::block::duration;
use crate::failure::Result;
use crate::resource::{Context, Resource};
use crate::session::Host;

/// `host_service`: a systemd unit with its text, drop-ins, enablement and state.
pub(crate) struct Service;

/// What kinds of units can be managed; devices and scopes are made by others.
const KINDS: [&str; 9] =
    ["service", "socket", "timer", "path", "mount", "automount", "swap", "target", "slice"];

const UNITS: &str = "/etc/systemd/system";

#[async_trait]
impl Resource for Service {
    fn type_name(&self) -> &'static str {
        "host_service"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional(Type::String).described(description);
        let flag = |description: &str| Attribute::optional_computed(Type::Bool).described(description);
        let texts = |description: &str| Attribute::optional(Type::map(Type::String)).described(description);
        let health = [
            (
                "command",
                Attribute::required(Type::String).described(
                    "A command for the host's `sh`, as root (or who groma works as); status 0 means well.",
                ),
            ),
            (
                "timeout",
                text("How long it may take until the command ends well, such as \"60s\" (the default)."),
            ),
            ("interval", text("How long to wait between two tries, such as \"1s\" (the default).")),
        ];
        let health = health.into_iter().map(|(name, attribute)| (Str::from(name), attribute)).collect();
        let block = Block::default()
            .described(
                "A systemd unit on a host: a service, socket, timer or other unit, of a package or with a text of your own. What \
                 changes its text or its drop-ins restarts it if it runs. A unit that was there before is put back as it was \
                 found when the resource is destroyed; one of your own is stopped, disabled and removed. Under `root:FOLDER` \
                 nothing is started: texts and links are written for the next boot.",
            )
            .with("name", Attribute::required(Type::String).described("The unit's name with its suffix, such as `containerd.service`."))
            .with("unit", text("The unit's text, written to `/etc/systemd/system/NAME`. If not set, the unit comes from elsewhere, such as a package."))
            .with("drop_ins", texts("Texts that add to the unit, by file name: `10-limits` is `/etc/systemd/system/NAME.d/10-limits.conf`. Other drop-ins are left alone."))
            .with("enabled", flag("Whether the unit starts at boot, as its `[Install]` section says. Left as it is if not set."))
            .with("state", Attribute::optional_computed(Type::String).described("`running` or `stopped`. Left as it is if not set, which is right for what runs to an end (`Type=oneshot` without `RemainAfterExit=yes`). A unit that failed shows as `failed`."))
            .with("masked", flag("Whether nothing can start the unit. Left as it is if not set."))
            .with("restart_on", texts("Values whose change restarts the unit if it runs (and runs a `Type=oneshot` unit again), such as `{ config = host_file.config.revision }`: that changes with the content, and also when groma puts back what somebody changed on the host, which a digest does not. Setting it for the first time restarts nothing."))
            .with("reload_on", texts("Values whose change reloads the unit, or restarts it if it cannot reload; as in `restart_on`."))
            .with("health", Attribute::nested(Nesting::Single, health).described("What must end well after the unit was started, restarted or reloaded. If it does not, the apply fails and shows the last lines of the unit's journal."))
            .with("restart_pending", Attribute::computed(Type::Bool).described("Whether a restart was begun and did not end well: the next apply makes it."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut wrong = |name: &str, detail: String| {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid service", detail));
        };
        if let Some(Err(reason)) = config.text("name").map(check_name) {
            wrong("name", reason);
        }
        let template = config.text("name").is_some_and(is_template);
        match config.text("state") {
            None | Some("stopped") => {}
            Some("running") if template => {
                wrong("state", "A template cannot run; name an instance of it.".into());
            }
            Some("running") if config.flag("masked") == Some(true) => {
                wrong("state", "A masked unit cannot run.".into());
            }
            Some("running") => {}
            Some(other) => wrong("state", format!("{other:?} is neither running nor stopped.")),
        }
        if config.flag("masked") == Some(true) {
            for name in ["unit", "drop_ins"].into_iter().filter(|name| !config.is_unset(name)) {
                wrong(name, "A masked unit has no text: the mask stands in its place.".into());
            }
            if config.flag("enabled") == Some(true) {
                wrong("enabled", "A masked unit cannot be enabled.".into());
            }
        }
        for name in ["unit", "drop_ins"] {
            if texts(config, name).iter().any(|(_, text)| text.contains('\0')) {
                wrong(name, "A text cannot hold the character NUL.".into());
            }
        }
        if config.text("unit").is_some_and(|text| text.trim().is_empty()) {
            wrong("unit", "An empty text would mask the unit; set masked = true if that is meant.".into());
        }
        let bad = |name: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || ":_.\\-@+".contains(c);
            name.is_empty() || name.starts_with(['.', '-']) || name.len() > 200 || !name.chars().all(plain)
        };
        for (name, _) in texts(config, "drop_ins") {
            if bad(&name) {
                wrong(
                    "drop_ins",
                    format!("{name:?} is no name of a drop-in: letters, digits and :_.-@+ only."),
                );
            }
        }
        let health = config.attr("health").filter(|health| !health.is_null() && health.is_known());
        for name in ["timeout", "interval"] {
            if let Some(text) =
                health.and_then(|health| health.text(name)).filter(|text| duration(text).is_none())
            {
                wrong("health", format!("{name}: {text:?} is no duration such as \"30s\" or \"5m\"."));
            }
        }
        if health.and_then(|health| health.text("command")).is_some_and(|text| text.contains('\0')) {
            wrong("health", "The command holds the character NUL.".into());
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        // A pending restart shows as a difference, so that it is made.
        plan.set("restart_pending", Value::bool(false));
        if !plan.is_unset("unit") && plan.is_unset("masked") {
            plan.set("masked", Value::bool(false));
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        seen::read_all(host, current).await
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        change::make(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        change::make(context, host, prior, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        change::remove(host, prior).await
    }
}

fn check_name(name: &str) -> std::result::Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ":_.\\-@".contains(c);
    let kind = name.rsplit_once('.').map(|(stem, kind)| (stem.trim_end_matches('@').is_empty(), kind));
    match kind {
        Some((false, kind)) if KINDS.contains(&kind) => {}
        _ => {
            let kinds = KINDS.map(|kind| format!(".{kind}")).join(", ");
            return Err(format!("{name:?} does not end with the kind of unit, one of {kinds}."));
        }
    }
    if name.len() > 200 || name.starts_with(['-', '.']) || !name.chars().all(plain) {
        return Err(format!("{name:?} is no name of a unit: letters, digits and :_.\\-@ only."));
    }
    Ok(())
}

/// Whether a unit only serves to make others (`getty@.service`).
fn is_template(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with('@'))
}

/// The known texts of a map, or the one text of an attribute under the empty name.
fn texts(object: &Value, name: &str) -> Vec<(String, String)> {
    match object.attr(name) {
        Some(value) if value.entries().is_some() => value
            .entries()
            .into_iter()
            .flat_map(value::Entries::iter)
            .filter_map(|(key, text)| Some((key.to_string(), text.as_str()?.to_string())))
            .collect(),
        Some(value) => value.as_str().map(|text| (String::new(), text.to_string())).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The path of the unit's file.
fn unit_path(name: &str) -> String {
    format!("{UNITS}/{name}")
}

/// The path of a drop-in's file.
fn drop_in_path(name: &str, drop_in: &str) -> String {
    let suffix = if drop_in.ends_with(".conf") { "" } else { ".conf" };
    format!("{UNITS}/{name}.d/{drop_in}{suffix}")
}
