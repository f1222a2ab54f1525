use addrs::AbsResourceInstance;
use engine::{EphemeralOperation, HookObject, Hooks};
use plan::{Action, Reason};
use value::{Str, Value};

use super::colour::{Palette, Style};
use super::progress::Progress;
use crate::cli::streams::Streams;

/// Prints a line when something begins and ends, and every ten seconds while it lasts.
pub struct HumanHooks {
    streams: Streams,
    palette: Palette,
    running: Progress<(Action, Option<(Str, Str)>)>,
}

impl HumanHooks {
    pub fn new(streams: Streams, palette: Palette) -> Self {
        let lines = streams.clone();
        let running = Progress::new(move |name, (action, id): &(Action, Option<(Str, Str)>), seconds| {
            lines.line(palette.paint(Style::Bold, &still(name, *action, id.as_ref(), seconds)));
        });
        Self { streams, palette, running }
    }

    fn line(&self, text: &str) {
        self.streams.line(self.palette.paint(Style::Bold, text));
    }

    fn start(&self, object: &HookObject<'_>, action: Action) {
        self.running.start(name(object), (action, object.id.clone()));
    }

    /// Seconds since the start.
    fn end(&self, object: &HookObject<'_>) -> u64 {
        self.running.end(&name(object))
    }
}

impl Hooks for HumanHooks {
    fn refresh_start(&self, object: &HookObject<'_>) {
        self.line(&format!("{}: Refreshing state...{}", name(object), id(object.id.as_ref())));
    }

    fn plan_end(&self, _object: &HookObject<'_>, _action: Action, _reason: Reason) {}

    fn refresh_end(&self, _object: &HookObject<'_>, _before: &Value, _after: &Value) {}

    fn apply_start(&self, object: &HookObject<'_>, action: Action) {
        let word = match action {
            Action::Create => "Creating...",
            Action::Update => "Modifying...",
            Action::Delete => "Destroying...",
            Action::Read => "Reading...",
            _ => return,
        };
        let shown = if action == Action::Create { String::new() } else { id(object.id.as_ref()) };
        self.line(&format!("{}: {word}{shown}", name(object)));
        self.start(object, action);
    }

    fn apply_end(&self, object: &HookObject<'_>, action: Action, error: Option<&str>) {
        let seconds = self.end(object);
        if error.is_some() {
            return;
        }
        let word = match action {
            Action::Create => "Creation",
            Action::Update => "Modifications",
            Action::Delete => "Destruction",
            Action::Read => "Read",
            _ => return,
        };
        let shown = if action == Action::Delete { String::new() } else { id(object.id.as_ref()) };
        // Of a deposed object as well: what ended is clear from what began.
        self.line(&format!("{}: {word} complete after {}{shown}", object.address, lasting(seconds)));
    }

    fn data_read_start(&self, object: &HookObject<'_>) {
        self.line(&format!("{}: Reading...", name(object)));
        self.start(object, Action::Read);
    }

    fn data_read_end(&self, object: &HookObject<'_>, error: Option<&str>) {
        let seconds = self.end(object);
        if error.is_none() {
            self.line(&format!(
                "{}: Read complete after {}{}",
                name(object),
                lasting(seconds),
                id(object.id.as_ref())
            ));
        }
    }

    fn ephemeral_start(&self, object: &HookObject<'_>, operation: EphemeralOperation) {
        let word = match operation {
            EphemeralOperation::Open => "Opening...",
            EphemeralOperation::Renew => "Renewing...",
            EphemeralOperation::Close => "Closing...",
        };
        self.line(&format!("{}: {word}", name(object)));
        self.start(object, Action::Read);
    }

    fn ephemeral_end(&self, object: &HookObject<'_>, operation: EphemeralOperation, error: Option<&str>) {
        let seconds = self.end(object);
        let word = match operation {
            EphemeralOperation::Open => "Opening",
            EphemeralOperation::Renew => "Renewal",
            EphemeralOperation::Close => "Closing",
        };
        if error.is_none() {
            self.line(&format!("{}: {word} complete after {}", name(object), lasting(seconds)));
        }
    }

    fn import_planned(&self, address: &AbsResourceInstance, id: &str) {
        self.line(&format!("{address}: Preparing import... [id={id}]"));
    }

    fn import_applied(&self, address: &AbsResourceInstance, id: &str) {
        self.line(&format!("{address}: Importing... [id={id}]"));
        self.line(&format!("{address}: Import complete [id={id}]"));
    }

    fn import_start(&self, address: &AbsResourceInstance, id: &str) {
        self.line(&format!("{address}: Importing from ID \"{id}\"..."));
    }

    fn import_end(&self, address: &AbsResourceInstance, id: &str, error: Option<&str>) {
        if error.is_none() {
            self.line(&format!("{address}: Import prepared! [id={id}]"));
        }
    }
}

/// The address, with the deposed key where there is one.
fn name(object: &HookObject<'_>) -> String {
    match object.deposed {
        Some(key) => format!("{} (deposed object {key})", object.address),
        None => object.address.to_string(),
    }
}

fn id(id: Option<&(Str, Str)>) -> String {
    id.map(|(key, value)| format!(" [{key}={value}]")).unwrap_or_default()
}

fn still(name: &str, action: Action, id: Option<&(Str, Str)>, seconds: u64) -> String {
    let word = match action {
        Action::Create => "creating",
        Action::Update => "modifying",
        Action::Delete => "destroying",
        _ => "reading",
    };
    let shown = id.map(|(key, value)| format!("{key}={value}, ")).unwrap_or_default();
    format!("{name}: Still {word}... [{shown}{} elapsed]", lasting(seconds))
}

/// As Go prints durations of whole seconds: `5s`, `1m5s`, `1h0m5s`.
fn lasting(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::lasting;

    #[test]
    fn times_are_as_go_prints_them() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m0s"), (3599, "59m59s"), (3605, "1h0m5s")] {
            assert_eq!(lasting(seconds), text);
        }
    }
}
