//! What the process was started with. Names of environment variables live here.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use provider::Environment;

/// Input and output, environment and folders, read once.
#[derive(Clone, Debug)]
pub struct Process {
    pub arguments: Vec<String>,
    pub variables: Arc<BTreeMap<String, String>>,
    /// Where the command was started, before `-chdir`.
    pub start_dir: PathBuf,
    pub home: Option<PathBuf>,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    /// Set by `-no-color`.
    pub no_color: bool,
    /// Width of the terminal, or 78 when there is none.
    pub columns: usize,
}

/// Extra arguments for every command; `TF_CLI_ARGS_plan` and so on for one.
pub const CLI_ARGS: &str = "TF_CLI_ARGS";
/// `TF_VAR_name`: values of root variables.
pub const VAR_PREFIX: &str = "TF_VAR_";
/// `0` or `false`: never ask.
pub const INPUT: &str = "TF_INPUT";
/// Not empty: no hints about the next command.
pub const IN_AUTOMATION: &str = "TF_IN_AUTOMATION";
/// The folder for working data instead of `.terraform`.
pub const DATA_DIR: &str = "TF_DATA_DIR";
/// The workspace, instead of the one selected.
pub const WORKSPACE: &str = "TF_WORKSPACE";
/// A CLI configuration file instead of `~/.terraformrc`.
pub const CLI_CONFIG_FILE: &str = "TF_CLI_CONFIG_FILE";
/// Log level or filter, and the file to log to instead of standard error.
pub const LOG: &str = "TF_LOG";
pub const LOG_PATH: &str = "TF_LOG_PATH";

impl Process {
    pub fn gather() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the arguments")]
        let arguments = std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
        let columns =
            variables.get("COLUMNS").and_then(|c| c.parse().ok()).filter(|c| *c >= 20).unwrap_or(78);
        Self {
            arguments,
            start_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            home: variables.get("HOME").filter(|h| !h.is_empty()).map(PathBuf::from),
            variables: Arc::new(variables),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            no_color: false,
            columns,
        }
    }

    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Hints about the next command are left out in automation.
    pub fn in_automation(&self) -> bool {
        self.variable(IN_AUTOMATION).is_some()
    }

    /// Whether the environment allows asking.
    pub fn input_allowed(&self) -> bool {
        !matches!(self.variable(INPUT), Some("0" | "false" | "FALSE" | "False" | "f" | "F"))
    }

    /// What providers may know, with the folder that `-chdir` led to.
    pub fn environment(&self) -> Environment {
        Environment {
            variables: Arc::clone(&self.variables),
            home: self.home.clone(),
            working_dir: std::env::current_dir().unwrap_or_else(|_| self.start_dir.clone()),
            clock: Arc::new(now),
        }
    }
}

/// The current time; everything below the command line gets it as a parameter.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> SystemTime {
    SystemTime::now()
}
