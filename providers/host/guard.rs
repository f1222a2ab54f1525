//! Changes that may cut off the one who makes them, such as firewalls and addresses: the host is told beforehand how to
//! undo them, and does so by itself unless a new connection confirms in time that it can still be reached.

use std::fmt::Write as _;
use std::time::Duration;

use diag::{Diagnostic, Diagnostics};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use value::{Path, Type, Value};

use crate::block::duration;
use crate::connection::{Connection, Target, Way};
use crate::failure::{Failure, Result};
use crate::session::{Host, LIBRARY, Output, Script, quote};

/// Functions for scripts that make such changes or look at what they make.
const GUARD: &str = include_str!("scripts/guard.sh");

const DEFAULT: &str = "30s";

/// How long the host may take to make a change, and to undo it.
const WORK: Duration = Duration::from_secs(75);

/// How long the connection that began a change is waited for: it may be the one that is cut.
const BEGIN: Duration = Duration::from_secs(3);

/// How long one new connection may take at most.
const ATTEMPT: Duration = Duration::from_secs(10);

const PAUSE: Duration = Duration::from_millis(250);

/// A change as the host makes it.
pub(crate) struct Change {
    /// What a person calls it, to complete "could not ...".
    pub doing: String,
    /// Defines `change_check`, `change_capture`, `change_apply`, `change_undo` and `change_boot`.
    pub script: String,
    /// Variables of the script.
    pub variables: Vec<(&'static str, String)>,
    /// The configuration that is tried, for the error that says that it failed.
    pub tried: String,
    /// How long it may stay without a new connection.
    pub timeout: Duration,
    /// How the host may be reached afterwards, besides as before.
    pub elsewhere: Vec<Target>,
}

/// Adds `rollback_timeout`.
pub(crate) fn with_attribute(block: Block) -> Block {
    let description = "How long the host waits after a change for groma to connect anew, such as \"30s\" (the default). If \
                       that does not happen, the host goes back by itself to what it had before, and the change fails.";
    block.with("rollback_timeout", Attribute::optional_computed(Type::String).described(description))
}

pub(crate) fn default() -> (&'static str, Value) {
    ("rollback_timeout", Value::string(DEFAULT))
}

pub(crate) fn validate(config: &Value) -> Diagnostics {
    let fits = |time: Duration| (Duration::from_secs(5)..=Duration::from_mins(10)).contains(&time);
    match config.text("rollback_timeout") {
        Some(text) if !duration(text).is_some_and(fits) => {
            let detail = format!("{text:?} is no duration between \"5s\" and \"10m\".");
            attribute_error(&Path::from_attr("rollback_timeout"), "Invalid duration", detail).into()
        }
        _ => Diagnostics::new(),
    }
}

/// The object with `rollback_timeout`, which no host can tell.
pub(crate) fn filled(object: &Value) -> Value {
    match object.is_unset("rollback_timeout") {
        true => object.with_attr("rollback_timeout", default().1),
        false => object.clone(),
    }
}

pub(crate) fn timeout(object: &Value) -> Duration {
    let parsed = |text| duration(text).unwrap_or(Duration::from_secs(30));
    parsed(object.text("rollback_timeout").unwrap_or(DEFAULT))
}

/// Whether a change is only of how groma works, not of what the host has.
pub(crate) fn is_idle(prior: &Value, planned: &Value, names: &[&str]) -> bool {
    names.iter().all(|name| prior.attr(name) == planned.attr(name))
}

/// A script that looks at what such changes make: it waits until none is on trial.
pub(crate) fn look(text: &str) -> Script {
    Script::read(&format!("{GUARD}\nguard_settle\n{text}")).timeout(Duration::from_mins(15))
}

/// Makes a change. A host that it moves to another address is reached there from then on.
pub(crate) async fn make(host: &Host, change: &Change) -> Result<()> {
    if matches!(host.connection().way, Way::Root(_)) {
        let steps = "d=\nchange_check && change_capture && change_apply";
        let script = change.set(Script::change(&format!("{GUARD}\n{}\n{steps}", change.script)));
        host.must(script, &change.doing).await.map_err(Failure::untouched)?;
        return Ok(());
    }
    let _trial = host.trial().await;
    let id = format!("{:032x}", rand::random::<u128>());
    arm(host, change, &id).await?;
    let begun = Instant::now();
    let went = tokio::time::timeout(BEGIN, host.run(step(&id, "guard_go").timeout(WORK))).await;
    let connected = connect(host, change, &id, begun + change.timeout + WORK * 2).await;
    if !matches!(went, Ok(Ok(_))) {
        host.drop_dead_connection().await;
    }
    let (reached, ended, reason) = connected?;
    reached.run(step(&id, "guard_close")).await?;
    let at_home = reached.way() == host.way();
    let text = ended.text();
    let (how, said) = text.split_once('\n').unwrap_or((&text, ""));
    let outcome = change.outcome(host, how, said.trim(), &ended.errors(), &reason);
    if at_home {
        reached.disconnect().await;
    } else if outcome.is_ok() {
        host.warn(moved(host, &reached));
        host.moved_to(&reached).await;
    }
    outcome
}

/// What is to be done about a host that answers at another address: the state holds the old one.
fn moved(host: &Host, reached: &Host) -> Diagnostic {
    let (old, new) = (host.name(), reached.name());
    let way_out = match host.connection().machine {
        Some(_) => {
            "To go on with what is left of it there, set the address of its host_machine to the new one and apply once with \
             -refresh=false, as nothing can be read at the old one."
        }
        None => {
            "What is left of it there must be taken out of the state (`groma state rm`) and imported at the new address: it is \
             not known by a host_machine, which would tell that it is the same machine."
        }
    };
    let detail = format!(
        "{old} now answers at {new}, where the rest of this run reaches it. The state still says {old}. {way_out}"
    );
    Diagnostic::warning("Host answers at another address", detail)
}

/// Prepares the host; nothing is changed yet.
async fn arm(host: &Host, change: &Change, id: &str) -> Result<()> {
    let run = change.run(id);
    let sum = Sha256::digest(&run).iter().fold(String::new(), |mut sum, byte| {
        _ = write!(sum, "{byte:02x}");
        sum
    });
    let seconds = change.timeout.as_secs().to_string();
    let script = step(id, "guard_arm").var("wait", seconds).var("sum", sum).input(run).timeout(WORK * 4);
    host.must(script, &change.doing).await.map(|_| ()).map_err(Failure::untouched)
}

/// One step of the change with this id.
fn step(id: &str, name: &str) -> Script {
    Script::change(&format!("{GUARD}\n{name}")).var("id", id)
}

/// Connects anew and confirms, until it is known how the change ended. Also answers why connecting failed meanwhile.
async fn connect(
    host: &Host,
    change: &Change,
    id: &str,
    deadline: Instant,
) -> Result<(Host, Output, String)> {
    let patience = (change.timeout / 3).min(ATTEMPT);
    let hosts: Vec<Host> = change.ways(host.way()).iter().map(|way| host.anew(way)).collect();
    let mut reason = String::new();
    loop {
        let mut tries: FuturesUnordered<_> = hosts
            .iter()
            .enumerate()
            .map(|(index, host)| async move { (index, confirm(host, id, patience, index == 0).await) })
            .collect();
        while let Some((index, tried)) = tries.next().await {
            match tried {
                Ok(Some(output)) => return Ok((hosts[index].clone(), output, reason)),
                Ok(None) => {}
                Err(why) if index == 0 || reason.is_empty() => reason = why,
                Err(_) => {}
            }
        }
        if Instant::now() > deadline {
            return Err(change.lost(host, &reason));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// One new connection, which must be made after the change: none if that is still under way. `at_home` says whether the host
/// is reached as before.
async fn confirm(
    host: &Host,
    id: &str,
    patience: Duration,
    at_home: bool,
) -> std::result::Result<Option<Output>, String> {
    let tried = async {
        host.greeting().await?;
        host.run(step(id, "guard_confirm")).await
    };
    let result = match tokio::time::timeout(patience, tried).await {
        Ok(Ok(output)) if ends(&output, at_home) => return Ok(Some(output)),
        Ok(Ok(output)) if output.is_ok() => Ok(None),
        Ok(Ok(output)) => Err(output.errors()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("{} did not answer within {:.1} s", host.name(), patience.as_secs_f32())),
    };
    host.disconnect().await;
    result
}

/// Whether this is how a change ended. That there is none is the host's word only where it is reached as before: elsewhere
/// another machine may have let us in.
fn ends(output: &Output, at_home: bool) -> bool {
    let text = output.text();
    output.is_ok()
        && match text.trim() {
            "waiting" => false,
            "gone" => at_home,
            _ => true,
        }
}

impl Change {
    /// The script with all that it needs, as it lies on the host.
    fn run(&self, id: &str) -> String {
        let mut run = format!(
            "R= LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH; umask 022\n\
             d=/var/lib/groma/pending/{id} wait={}\n",
            self.timeout.as_secs()
        );
        for (name, value) in &self.variables {
            _ = writeln!(run, "{name}={}", quote(value));
        }
        _ = writeln!(run, "{LIBRARY}\n{GUARD}\n{}\nguard_run \"$1\"", self.script);
        run
    }

    fn set(&self, script: Script) -> Script {
        self.variables.iter().fold(script, |script, (name, value)| script.var(name, value))
    }

    /// How the host may be reached afterwards: as before, or elsewhere.
    fn ways(&self, connection: &Connection) -> Vec<Connection> {
        let elsewhere = self.elsewhere.iter();
        let elsewhere =
            elsewhere.map(|target| Connection { way: Way::Ssh(target.clone()), ..connection.clone() });
        std::iter::once(connection.clone()).chain(elsewhere).collect()
    }

    /// What the end of the change, as the host tells it, is to its caller.
    fn outcome(&self, host: &Host, how: &str, said: &str, before: &str, reason: &str) -> Result<()> {
        match how.trim() {
            "kept" => Ok(()),
            "failed" => {
                let output = Output { status: 1, stdout: Vec::new(), stderr: said.as_bytes().to_vec() };
                Err(Failure::script(host, &self.doing, &output).untouched())
            }
            "undone" => Err(self.undone(host, said, before, reason)),
            _ => {
                let detail = format!(
                    "On {}, groma could not {}: the connection was lost before the change began, so it was not made. \
                     Apply again.",
                    host.name(),
                    self.doing
                );
                Err(Failure::new("Change was not begun", detail).untouched())
            }
        }
    }

    fn undone(&self, host: &Host, said: &str, before: &str, reason: &str) -> Failure {
        let reason = if reason.is_empty() { "no connection was made" } else { reason.trim_end_matches('.') };
        let said = if said.is_empty() { String::new() } else { format!("\n\nWhat the host said:\n{said}") };
        let detail = format!(
            "On {}, groma tried to {}, and could not connect anew within {} s: {reason}. The host has gone back by itself to \
             what it had before. Change the configuration so that groma can still reach the host, or, if it only needs more \
             time, set a longer rollback_timeout.\n\nWhat was tried:\n{}\n\nWhat the host has again:\n{}{said}",
            host.name(),
            self.doing,
            self.timeout.as_secs(),
            indented(&self.tried),
            indented(before),
        );
        Failure::new("Host went back to what it had before", detail).untouched()
    }

    /// The host cannot be reached, though it should have undone the change.
    fn lost(&self, host: &Host, reason: &str) -> Failure {
        let detail = format!(
            "On {}, groma tried to {}, and cannot reach the host since: {}. The host was told to undo the change by itself \
             after {} s, and did not come back. Look at its console.\n\nWhat was tried:\n{}",
            host.name(),
            self.doing,
            reason.trim_end_matches('.'),
            self.timeout.as_secs(),
            indented(&self.tried),
        );
        Failure::new("Host cannot be reached after the change", detail)
    }
}

fn indented(text: &str) -> String {
    let text = if text.trim().is_empty() { "(nothing)" } else { text.trim_end() };
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_there_is_no_change_is_only_believed_at_home() {
        for (said, status, at_home, expected) in [
            ("kept\n", 0, true, true),
            ("kept\n", 0, false, true),
            ("undone\nwhy\n", 0, false, true),
            ("waiting\n", 0, true, false),
            ("gone\n", 0, true, true),
            ("gone\n", 0, false, false),
            ("kept\n", 1, true, false),
        ] {
            let output = Output { status, stdout: said.as_bytes().to_vec(), stderr: Vec::new() };
            assert_eq!(ends(&output, at_home), expected, "{said:?} with {status}, at home: {at_home}");
        }
    }
}
