use std::fs::OpenOptions;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::cli::settings::{LOG, LOG_PATH, Process};

/// Starts logging as `TF_LOG` and `TF_LOG_PATH` say; without them nothing is logged.
pub fn start(process: &Process) {
    let Some(level) = process.variable(LOG) else { return };
    let json = level.eq_ignore_ascii_case("json");
    let filter = if json { "trace".to_owned() } else { level.to_lowercase() };
    let Ok(filter) = EnvFilter::try_new(filter) else { return };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    let file = process
        .variable(LOG_PATH)
        .and_then(|path| OpenOptions::new().create(true).append(true).open(path).ok());
    match (file, json) {
        (Some(file), true) => builder.json().with_writer(Mutex::new(file)).init(),
        (Some(file), false) => builder.with_writer(Mutex::new(file)).init(),
        (None, true) => builder.json().with_writer(std::io::stderr).init(),
        (None, false) => builder.with_writer(std::io::stderr).init(),
    }
}
