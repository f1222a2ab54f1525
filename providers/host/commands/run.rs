use std::time::Duration;

use value::Value;

use super::Command;
use crate::failure::{Failure, Result};
use crate::session::{Host, Output, Script, quote};

/// What is started: it takes the program from its input, which must end with the mark it is given, and becomes it.
const RUNNER: &str = "g_t=$(cat; printf x); case $g_t in *\"$1\"x) ;; *) echo 'the command arrived incomplete' >&2; exit 125 ;; esac; \
                      g_m=$1; shift; exec </dev/null; eval \"${g_t%\"$g_m\"x}\"";

/// `$g_id` is in the command line so that what a lost connection leaves running is found and ended.
const START: &str = r#"
if [ -z "$run_as" ] || [ "$run_as" = "$(id -un)" ]; then
  eval "exec $line $g_id $mark"
elif [ "$(id -u)" = 0 ]; then
  exec su -s /bin/sh -c "exec $line $g_id $mark" "$run_as"
else
  exec sudo -n -u "$run_as" -- /bin/sh -c "exec $line $g_id $mark"
fi
"#;

/// What `timeout` ends with when it ended the command, and how long the command then has to end by itself.
const TIMED_OUT: i32 = 124;
const GRACE: Duration = Duration::from_secs(5);

/// How much of an output is kept.
const MOST_KEPT: usize = 1 << 20;

/// What a command left.
pub(crate) struct Outcome {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    /// Whether the status is one of those that mean success.
    pub expected: bool,
}

impl Command {
    /// Runs it; whatever its exit status is, that is an outcome.
    pub(crate) async fn run(&self, host: &Host, script: fn(&str) -> Script) -> Result<Outcome> {
        let mark = format!("end-{:032x}", rand::random::<u128>());
        let seconds = self.timeout.as_secs_f64();
        let line = format!("timeout -k {} {seconds} /bin/sh -c {}", GRACE.as_secs(), quote(RUNNER));
        let script = script(START)
            .var("line", line)
            .var("mark", &mark)
            .var("run_as", &self.run_as)
            .input(format!("{}\n{mark}", self.program()))
            .timeout(self.timeout + GRACE + Duration::from_secs(30));
        let begun = tokio::time::Instant::now();
        let output = host.run(script).await?;
        let ended = output.status == TIMED_OUT || output.status == 128 + 9;
        if ended && begun.elapsed() >= self.timeout {
            let (said, seconds) = (self.hide(&output.errors()), self.timeout.as_secs_f64());
            let said = if said.is_empty() { said } else { format!(" It said: {said}.") };
            let detail = format!(
                "On {}, {} did not end within {seconds} s and was ended.{said} Give it more time by \"timeout\".",
                host.name(),
                self.name
            );
            return Err(Failure::new("Command takes too long", detail));
        }
        Ok(self.outcome(&output))
    }

    /// Runs it; it must end with an expected status.
    pub(crate) async fn must(&self, host: &Host, script: fn(&str) -> Script) -> Result<Outcome> {
        let outcome = self.run(host, script).await?;
        if outcome.expected { Ok(outcome) } else { Err(self.failed(host, &outcome)) }
    }

    /// That it ended with a status that is not expected.
    pub(crate) fn failed(&self, host: &Host, outcome: &Outcome) -> Failure {
        let said = [&outcome.stderr, &outcome.stdout].map(|text| last_lines(text));
        let said = said.into_iter().find(|text| !text.is_empty());
        let said = said.map(|text| format!(", saying: {text}")).unwrap_or_default();
        let detail = format!("On {}, {} ended with status {}{said}", host.name(), self.name, outcome.status);
        let detail = match outcome.status {
            127 => format!("{detail}\nA program is missing on the host: install it first (host_package)."),
            _ => detail,
        };
        Failure::new("Command failed", detail)
    }

    fn outcome(&self, output: &Output) -> Outcome {
        let text = |bytes: &[u8]| {
            let kept = bytes.get(..MOST_KEPT.min(bytes.len())).unwrap_or_default();
            self.hide(&String::from_utf8_lossy(kept))
        };
        Outcome {
            status: output.status,
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            expected: self.expected.contains(&i64::from(output.status)),
        }
    }
}

impl Outcome {
    /// The object with what was left.
    pub(crate) fn onto(&self, object: &Value) -> Value {
        object
            .with_attr("stdout", Value::string_nfc(&self.stdout))
            .with_attr("stderr", Value::string_nfc(&self.stderr))
            .with_attr("exit_code", Value::number(i64::from(self.status)))
    }
}

/// The end of what was said, as far as a person wants to read it.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    let from = lines.len().saturating_sub(20);
    lines.get(from..).unwrap_or_default().join("\n")
}
