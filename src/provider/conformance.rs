//! The suite that every provider must pass: what the engine relies on, tried against real configurations.
//!
//! A provider's own tests give [`Case`]s (configurations of its types, their updates, bad ones) and call [`run`].
//! Every problem found is in the [`Report`]; none of them ends the run.

mod bench;
mod lifecycle;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use value::{Str, Value};

pub use self::bench::Bench;
use crate::requests::{ConfigureRequest, Environment};
use crate::traits::{Configured, Provider};

/// A resource configuration and what is to be tried with it.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub type_name: Str,
    /// An object with the attributes that are set; brought into the schema's shape.
    pub config: Value,
    pub updates: Vec<Update>,
    pub import: Option<Import>,
    /// Configurations that validation must refuse.
    pub bad: Vec<Bad>,
    /// Whether the object exists only in the state: it is then still "there" when read after its deletion.
    pub state_only: bool,
}

/// A change of configuration, from the case's or from the last update.
#[derive(Clone, Debug)]
pub struct Update {
    pub config: Value,
    /// Whether it must be planned as a replacement.
    pub replaces: bool,
}

/// Import of the created object.
#[derive(Clone, Debug)]
pub struct Import {
    pub id: ImportId,
    /// Attributes that an import cannot know.
    pub ignore: Vec<&'static str>,
}

#[derive(Clone, Debug)]
pub enum ImportId {
    /// The text of an attribute of the object.
    Attribute(&'static str),
    /// Made from the object.
    Made(fn(&Value) -> String),
}

/// A configuration that must be refused, with an error at this attribute (`a.b[0]` as `a`).
#[derive(Clone, Debug)]
pub struct Bad {
    pub config: Value,
    /// First step of the diagnostic's attribute path; empty if the error is not about one attribute.
    pub attribute: &'static str,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many things were checked.
    pub checks: usize,
    pub problems: Vec<String>,
}

impl Case {
    pub fn new(type_name: &str, config: Value) -> Self {
        Self {
            name: type_name.to_owned(),
            type_name: type_name.into(),
            config,
            updates: Vec::new(),
            import: None,
            bad: Vec::new(),
            state_only: false,
        }
    }

    /// Tells this case from others of the type.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = format!("{} ({name})", self.type_name);
        self
    }

    /// Adds a change that is made in place.
    #[must_use]
    pub fn update(mut self, config: Value) -> Self {
        self.updates.push(Update { config, replaces: false });
        self
    }

    /// Adds a change that makes a new object.
    #[must_use]
    pub fn replace(mut self, config: Value) -> Self {
        self.updates.push(Update { config, replaces: true });
        self
    }

    /// Imports by the text of an attribute.
    #[must_use]
    pub fn import_by(mut self, attribute: &'static str, ignore: &[&'static str]) -> Self {
        self.import = Some(Import { id: ImportId::Attribute(attribute), ignore: ignore.to_vec() });
        self
    }

    /// Imports by an id made from the object.
    #[must_use]
    pub fn import_made(mut self, made: fn(&Value) -> String, ignore: &[&'static str]) -> Self {
        self.import = Some(Import { id: ImportId::Made(made), ignore: ignore.to_vec() });
        self
    }

    #[must_use]
    pub fn refuses(mut self, config: Value, attribute: &'static str) -> Self {
        self.bad.push(Bad { config, attribute });
        self
    }

    #[must_use]
    pub fn state_only(mut self) -> Self {
        self.state_only = true;
        self
    }
}

impl Report {
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    fn check(&mut self, holds: bool, problem: impl FnOnce() -> String) -> bool {
        self.checks += 1;
        if !holds {
            self.problems.push(problem());
        }
        holds
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} checks, {} problems", self.checks, self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

/// An environment without variables, with a fixed clock (2024-05-06T07:08:09Z).
pub fn environment(working_dir: &FilePath) -> Environment {
    Environment {
        variables: Arc::new(BTreeMap::new()),
        home: None,
        working_dir: working_dir.to_owned(),
        clock: Arc::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_714_979_289)),
    }
}

/// Configures a provider, for its tests. The error is the diagnostics' text.
pub async fn configured(
    provider: &dyn Provider,
    config: &Value,
    environment: Environment,
) -> Result<Arc<dyn Configured>, String> {
    let block = &provider.schema().provider.block;
    let config = block.coerce(config).map_err(|error| error.to_string())?;
    let request = ConfigureRequest { config, environment, version: "0.0.0".into() };
    let (configured, diagnostics) = provider.configure(request).await;
    configured.ok_or_else(|| lifecycle::texts(&diagnostics))
}

/// Runs the suite: the schema, then every case.
pub async fn run(
    provider: Arc<dyn Provider>,
    config: &Value,
    environment: Environment,
    cases: &[Case],
) -> Report {
    let mut report = Report::default();
    schema::check(&provider.schema(), &mut report);
    match configured(provider.as_ref(), config, environment).await {
        Ok(configured) => {
            for case in cases {
                lifecycle::check(provider.as_ref(), configured.as_ref(), case, &mut report).await;
            }
        }
        Err(error) => report.problems.push(format!("the provider cannot be configured: {error}")),
    }
    report
}
