//! Commands that users write: their attributes, and how they are run.
//!
//! A command's text goes through standard input into a `/bin/sh` of its own, so that neither it nor its environment is
//! in the host's process list. `timeout` ends it on the host itself.

mod run;
mod schema;

use std::time::Duration;

use provider::simple::Access;
use value::{Str, Value};

use crate::block::duration;

pub(crate) use run::Outcome;
pub(crate) use schema::{OUTPUTS, refusal, validate, with_attributes, with_outputs};

/// A text for a host's `/bin/sh`, and how it is to be run.
#[derive(Clone)]
pub(crate) struct Command {
    /// What messages call it.
    name: String,
    text: String,
    environment: Vec<(String, String)>,
    /// Values that no message and no output may show.
    secrets: Vec<String>,
    working_dir: String,
    /// Empty for who groma works as.
    run_as: String,
    timeout: Duration,
    expected: Vec<i64>,
}

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// Shorter texts are in everything, and no secrets.
const SHORTEST_SECRET: usize = 4;

impl Command {
    /// A command with the environment and all else that an object says; `name` completes "could not run".
    pub(crate) fn new(name: impl Into<String>, text: &str, object: &Value) -> Self {
        let (plain, secret) = (entries(object, "environment"), entries(object, "sensitive_environment"));
        let secrets = secret.iter().map(|(_, value)| value.trim().to_owned());
        let secrets = secrets.filter(|value| value.len() >= SHORTEST_SECRET).collect();
        let codes = object.elements("exit_codes").iter().filter_map(Value::as_i64).collect();
        Self {
            name: name.into(),
            text: text.to_owned(),
            secrets,
            environment: plain.into_iter().chain(secret).collect(),
            working_dir: object.text("working_dir").unwrap_or("/").to_owned(),
            run_as: object.text("run_as").unwrap_or_default().to_owned(),
            timeout: object.text("timeout").and_then(duration).unwrap_or(DEFAULT_TIMEOUT),
            expected: if object.is_unset("exit_codes") { vec![0] } else { codes },
        }
    }

    /// Gives it one more variable.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(0, (name.to_owned(), value.to_owned()));
        self
    }

    /// What is run: where, with what, and then the text.
    fn program(&self) -> String {
        use crate::session::quote;
        let mut program = format!("cd -- {} || exit\n", quote(&self.working_dir));
        for (name, value) in &self.environment {
            program.push_str(&format!("{name}={}\nexport {name}\n", quote(value)));
        }
        program.push_str(&self.text);
        program
    }

    /// The text without what must not be shown.
    fn hide(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "(sensitive)"))
    }
}

/// The texts of a map.
fn entries(object: &Value, name: &str) -> Vec<(String, String)> {
    let text = |(name, value): (&Str, &Value)| Some((name.to_string(), value.as_str()?.to_string()));
    let entries = object.attr(name).and_then(Value::entries);
    entries.map(|entries| entries.iter().filter_map(text).collect()).unwrap_or_default()
}
