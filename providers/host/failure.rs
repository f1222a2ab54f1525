//! Why something could not be done on a host, for a person.

use diag::{Diagnostic, Diagnostics};
use provider::attribute_error;
use value::{Path, Value};

use crate::session::{Host, HostError, Output};
use crate::transport::TransportError;

/// The outcome of one step on a host.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// What failed, on which host, why, and the way out.
#[derive(Clone, Debug)]
pub struct Failure {
    summary: String,
    detail: String,
    attribute: Option<&'static str>,
    /// Whether the same may work a moment later.
    pub transient: bool,
    /// Whether it is certain that nothing was changed.
    pub untouched: bool,
    /// The machine is no more, as another one answers or as the settings say: what was on it is gone with it.
    pub other_machine: bool,
    /// Whether it is the settings that say so.
    pub lost: bool,
    /// Whether it is the host's trouble, and so that of all objects on it.
    pub of_host: bool,
    /// Whether a plan may go on with what was known: a warning while reading, as the plan may be what mends it.
    pub may_wait: bool,
    /// Whether the host did not let us in, or not become root.
    pub refused: bool,
    /// What there is after a change that failed, where no look could tell it.
    left: Option<Box<Value>>,
}

impl Failure {
    pub fn new(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            detail: detail.into(),
            attribute: None,
            transient: false,
            untouched: false,
            other_machine: false,
            lost: false,
            of_host: false,
            may_wait: false,
            refused: false,
            left: None,
        }
    }

    /// What an attribute asks for cannot be done; nothing was changed.
    pub fn attribute(name: &'static str, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { attribute: Some(name), untouched: true, ..Self::new(summary, detail) }
    }

    /// Marks that nothing was changed.
    #[must_use]
    pub fn untouched(mut self) -> Self {
        self.untouched = true;
        self
    }

    /// Says what there is after the change.
    #[must_use]
    pub fn leaving(mut self, object: Value) -> Self {
        self.left = Some(Box::new(object));
        self
    }

    pub(crate) fn left(&self) -> Option<&Value> {
        self.left.as_deref()
    }

    /// Adds what else is to be known, in whole sentences.
    #[must_use]
    pub fn with_note(mut self, note: &str) -> Self {
        self.detail = format!("{} {note}", self.detail.trim_end());
        self
    }

    /// A script that ended with an error; `doing` completes "could not ...".
    pub fn script(host: &Host, doing: &str, output: &Output) -> Self {
        let said = output.errors();
        let said = if said.is_empty() { format!("exit status {}", output.status) } else { said };
        let way_out = way_out(&said, output.status);
        let detail =
            format!("On {}, groma could not {doing}: {}.{way_out}", host.name(), said.trim_end_matches('.'));
        Self::new(format!("Could not {doing}"), detail)
    }

    /// Why it failed and the way out, in whole sentences.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The same where what was known is planned with instead.
    pub(crate) fn warning(&self) -> Diagnostic {
        let detail = format!(
            "{} What was last known of it is planned with, so that what is in its way can be repaired; plan again once it answers.",
            self.detail
        );
        Diagnostic::warning(&self.summary, detail)
    }

    pub fn diagnostic(&self) -> Diagnostic {
        match self.attribute {
            Some(name) => attribute_error(&Path::from_attr(name), &self.summary, &self.detail),
            None => Diagnostic::error(&self.summary, &self.detail),
        }
    }
}

/// The advice for what programs say of usual troubles.
fn way_out(said: &str, status: i32) -> &'static str {
    let lower = said.to_lowercase();
    let says = |text: &str| lower.contains(text);
    if says("no space left") {
        " Its disk is full: make room and apply again."
    } else if says("disk quota exceeded") {
        " The user's disk quota is used up: make room and apply again."
    } else if says("read-only file system") {
        " The file system is mounted read-only: look into the host's kernel log for why, or mount it writable, and apply again."
    } else if says("permission denied")
        || says("operation not permitted")
        || says("must be root")
        || says("are you root")
    {
        " Log in as root, or set become = \"sudo\" in the provider block or on the host_machine."
    } else if status == 127 || says(": not found") || says("command not found") {
        " A program is missing on the host: install it first (host_package)."
    } else {
        ""
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        let transient = error.is_transient();
        let refused = error.is_refusal();
        let lost = matches!(error, HostError::Lost { .. });
        let other_machine = lost || matches!(error, HostError::OtherMachine { .. });
        let (summary, detail) = match &error {
            HostError::OtherMachine { .. } => (
                "Another machine answers",
                format!(
                    "{error} If it was replaced on purpose, plan with refresh, so that what was on the old one is made again."
                ),
            ),
            HostError::Lost { .. } => (
                "Host is gone for good",
                format!(
                    "{error} Take what is on it out of the configuration; or, if another machine stands there now, take it out of \
                     lost_hosts."
                ),
            ),
            HostError::Transport(transport) => (summary(transport), error.to_string()),
        };
        Self { transient, other_machine, lost, refused, of_host: true, ..Self::new(summary, detail) }
    }
}

fn summary(error: &TransportError) -> &'static str {
    match error {
        TransportError::Unreachable { .. } => "Host cannot be reached",
        TransportError::TimedOut { .. } => "Host does not answer",
        TransportError::LoginRefused { .. } => "Login refused",
        TransportError::HostKey(_) => "Host key not accepted",
        TransportError::Lost { .. } => "Connection lost",
        TransportError::Settings(_) => "Wrong connection settings",
        TransportError::Become(_) => "Becoming root was refused",
        TransportError::Refused { .. } => "Host does not do what was asked",
        TransportError::Protocol { .. } => "Unexpected answer from host",
    }
}

impl From<Failure> for Diagnostics {
    fn from(failure: Failure) -> Self {
        failure.diagnostic().into()
    }
}

impl Host {
    /// A change that waited for the host when the user asked to stop.
    pub(crate) fn not_begun(&self) -> Failure {
        let detail = format!(
            "{} was in use, such as by a reboot, when groma was asked to stop. Nothing was changed: apply again.",
            self.name()
        );
        Failure::new("Change was not begun", detail).untouched()
    }

    /// Runs a script that must end well; `doing` completes "could not ...".
    pub async fn must(&self, script: crate::session::Script, doing: &str) -> Result<Output> {
        let output = self.run(script).await?;
        if output.is_ok() { Ok(output) } else { Err(Failure::script(self, doing, &output)) }
    }
}
