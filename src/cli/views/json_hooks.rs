use addrs::{AbsResourceInstance, InstanceKey};
use engine::{HookObject, Hooks};
use plan::Action;
use serde_json::{Value as Json, json};
use value::Value;

use super::json::Lines;
use super::progress::Progress;

/// Progress as lines of the JSON stream, also of what takes long.
pub struct JsonHooks {
    lines: Lines,
    running: Progress<Running>,
}

/// A change under way.
struct Running {
    doing: &'static str,
    hook: Json,
}

impl JsonHooks {
    pub fn new(lines: Lines) -> Self {
        let said = lines.clone();
        let running = Progress::new(move |address, running: &Running, seconds| {
            let doing = running.doing.to_lowercase();
            let message = format!("{address}: Still {doing}... [{seconds}s elapsed]");
            let mut hook = running.hook.clone();
            hook["elapsed_seconds"] = seconds.into();
            said.info(&message, "apply_progress", json!({ "hook": hook }));
        });
        Self { lines, running }
    }

    fn started(&self, object: &HookObject<'_>, action: Action, ty: &str) {
        let Some((doing, _, word)) = words(action) else { return };
        let progress = json!({ "resource": resource(object.address), "action": word });
        self.running.start(object.address.to_string(), Running { doing, hook: progress });
        let hook = hook(object, word);
        self.lines.info(
            &format!("{}: {doing}...{}", object.address, id(object)),
            ty,
            json!({ "hook": hook }),
        );
    }

    fn ended(&self, object: &HookObject<'_>, action: Action, error: Option<&str>) {
        let seconds = self.running.end(&object.address.to_string());
        let Some((_, done, word)) = words(action) else { return };
        // What is gone has no id any more.
        let object =
            &HookObject { id: object.id.clone().filter(|_| action != Action::Delete), ..object.clone() };
        let mut hook = hook(object, word);
        hook["elapsed_seconds"] = seconds.into();
        match error {
            None => self.lines.info(
                &format!("{}: {done} complete after {seconds}s{}", object.address, id(object)),
                "apply_complete",
                json!({ "hook": hook }),
            ),
            Some(_) => self.lines.info(
                &format!("{}: {done} errored after {seconds}s", object.address),
                "apply_errored",
                json!({ "hook": hook }),
            ),
        }
    }
}

impl Hooks for JsonHooks {
    fn refresh_start(&self, object: &HookObject<'_>) {
        let hook = json!({ "resource": resource(object.address), "id_key": object.id.as_ref().map(|i| i.0.as_str()), "id_value": object.id.as_ref().map(|i| i.1.as_str()) });
        self.lines.info(
            &format!("{}: Refreshing state...{}", object.address, id(object)),
            "refresh_start",
            json!({ "hook": hook }),
        );
    }

    fn refresh_end(&self, object: &HookObject<'_>, _before: &Value, _after: &Value) {
        let hook = json!({ "resource": resource(object.address), "id_key": object.id.as_ref().map(|i| i.0.as_str()), "id_value": object.id.as_ref().map(|i| i.1.as_str()) });
        self.lines.info(
            &format!("{}: Refresh complete{}", object.address, id(object)),
            "refresh_complete",
            json!({ "hook": hook }),
        );
    }

    fn apply_start(&self, object: &HookObject<'_>, action: Action) {
        self.started(object, action, "apply_start");
    }

    fn apply_end(&self, object: &HookObject<'_>, action: Action, error: Option<&str>) {
        self.ended(object, action, error);
    }

    fn data_read_start(&self, object: &HookObject<'_>) {
        self.started(object, Action::Read, "apply_start");
    }

    fn data_read_end(&self, object: &HookObject<'_>, error: Option<&str>) {
        self.ended(object, Action::Read, error);
    }
}

/// What is being done, what is done, and the word in JSON.
fn words(action: Action) -> Option<(&'static str, &'static str, &'static str)> {
    match action {
        Action::Create => Some(("Creating", "Creation", "create")),
        Action::Update => Some(("Modifying", "Modifications", "update")),
        Action::Delete => Some(("Destroying", "Destruction", "delete")),
        Action::Read => Some(("Reading", "Read", "read")),
        _ => None,
    }
}

/// ` [id=...]`, for the message.
fn id(object: &HookObject<'_>) -> String {
    object.id.as_ref().map(|(key, value)| format!(" [{key}={value}]")).unwrap_or_default()
}

fn hook(object: &HookObject<'_>, action: &str) -> Json {
    let mut hook = json!({ "resource": resource(object.address), "action": action });
    if let Some((key, value)) = &object.id {
        hook["id_key"] = key.as_str().into();
        hook["id_value"] = value.as_str().into();
    }
    hook
}

/// An instance's address in parts.
pub fn resource(address: &AbsResourceInstance) -> Json {
    json!({
        "addr": address.to_string(),
        "module": address.module.to_string(),
        "resource": format!("{}{}", address.resource, address.key),
        "implied_provider": address.resource.implied_provider(),
        "resource_type": address.resource.ty.as_str(),
        "resource_name": address.resource.name.as_str(),
        "resource_key": match &address.key {
            InstanceKey::None => Json::Null,
            InstanceKey::Int(n) => (*n).into(),
            InstanceKey::String(s) => s.as_str().into(),
        },
    })
}
