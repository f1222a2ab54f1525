//! Waiting until a component is well.

use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Host, Output, Result, Script, duration};
use tokio::time::Instant;
use value::Value;

use super::{Component, Names};

/// What health commands are made of.
const LIB: &str = include_str!("health.sh");

const TRY: &str = r#"
(
health
) 2>&1
g_r=$?
[ $g_r = 0 ] && exit 0
printf 'status=%s\n' "$g_r"
if [ "$(show SubState)" = auto-restart ] || [ "$(show ActiveState)" = failed ]; then
  journalctl --unit="$unit" --lines=60 --no-pager --quiet --output=cat 2>/dev/null |
    grep -m 1 -i -e 'unknown flag' -e 'unknown shorthand flag' -e 'flag provided but not defined' -e 'invalid argument .* for ' |
    sed 's/^/hopeless=/'
fi
exit 1
"#;

const JOURNAL: &str =
    r#"journalctl --unit="$unit" --lines=15 --no-pager --quiet --output=cat 2>/dev/null; :"#;

const PAUSE: Duration = Duration::from_secs(1);

/// The text of a health command, and how long it may take until it ends well.
#[derive(Clone, Debug)]
pub struct Health {
    pub command: String,
    pub timeout: Duration,
}

impl Health {
    /// The one of a component.
    pub fn of(component: &dyn Component, object: &Value) -> Self {
        let timeout = object.text("health_timeout").and_then(duration).unwrap_or(Duration::from_mins(5));
        Self { command: component.health(object), timeout }
    }

    /// Tries until it ends well.
    pub async fn wait(&self, names: &Names, context: &Context, host: &Host) -> Result<()> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let output = self.attempt(names, host).await?;
            if output.is_ok() {
                return Ok(());
            }
            let over = Instant::now() + PAUSE >= deadline;
            let hopeless = hopeless(&output);
            if over || hopeless || !context.pause(PAUSE).await {
                return Err(self.failure(names, host, &output, context).await?);
            }
        }
    }

    /// One try.
    pub async fn attempt(&self, names: &Names, host: &Host) -> Result<Output> {
        let text = format!("{}\n{LIB}\nhealth() {{\n{}\n}}\n{TRY}", include_str!("lib.sh"), self.command);
        Ok(host.run(names.on(Script::change(&text)).timeout(Duration::from_mins(1))).await?)
    }

    async fn failure(
        &self,
        names: &Names,
        host: &Host,
        output: &Output,
        context: &Context,
    ) -> Result<Failure> {
        let (name, said) = (names.component, output.text());
        let own = |line: &&str| !line.starts_with("status=") && !line.starts_with("hopeless=");
        let said: Vec<&str> = said.lines().filter(own).filter(|line| !line.trim().is_empty()).collect();
        let said = match said.last() {
            Some(last) => format!("its health check says: {}", last.trim_end_matches('.')),
            None => "its health check says nothing".to_owned(),
        };
        let why = if hopeless(output) {
            "cannot start with its flags"
        } else if context.is_stopped() {
            "was not well yet when groma was stopped"
        } else {
            "did not get well in time"
        };
        let detail = format!(
            "On {}, {name} {why} (health_timeout is {} s); {said}.{} Nothing that waits for it was begun. Once the cause is \
             removed, apply again: the restart is made again, or only waited for.",
            host.name(),
            self.timeout.as_secs(),
            journal(names, host).await?,
        );
        Ok(Failure::new(format!("{name} is not healthy"), detail))
    }
}

fn hopeless(output: &Output) -> bool {
    output.fields().text("hopeless").is_some()
}

/// The last lines of the unit's journal, as part of a sentence.
async fn journal(names: &Names, host: &Host) -> Result<String> {
    let output = host.run(names.on(Script::read(JOURNAL))).await?;
    Ok(shown(&output.text()))
}

/// Lines of a journal, indented; nothing if there are none.
pub(super) fn shown(log: &str) -> String {
    let lines: Vec<String> = log.trim_end().lines().map(|line| format!("\n  {}", cut(line))).collect();
    if lines.is_empty() { String::new() } else { format!(" Its journal ends with:{}\n", lines.concat()) }
}

/// Some components log kilobytes in a line.
fn cut(line: &str) -> String {
    const MOST: usize = 300;
    if line.chars().count() <= MOST {
        line.to_owned()
    } else {
        line.chars().take(MOST).chain(['…']).collect()
    }
}
