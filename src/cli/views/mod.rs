//! What users see: for people, or as JSON for programs, behind one trait.

pub mod colour;
pub mod diagnostics;
mod human;
mod human_hooks;
mod json;
mod json_hooks;
pub mod outputs;
pub mod plan;
mod progress;
pub mod schema;
pub mod state;
mod tally;
pub mod wrap;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ::plan::{Mode, Plan};
use ::state::OutputState;
use addrs::Name;
use diag::{Diagnostics, Sources};
use engine::{Hooks, Providers};

use crate::cli::settings::Process;
use crate::cli::streams::Streams;

pub use colour::Palette;
pub use human::Human;
pub use json::JsonView;
pub use tally::{Tally, TallyHooks};

/// How a command shows what it does.
pub trait View: Send + Sync {
    /// Findings: errors to standard error, warnings to standard output (JSON: all to standard output).
    fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources);

    /// Listens to an operation and shows its progress.
    fn hooks(&self) -> Arc<dyn Hooks>;

    /// The plan: drift, changes, outputs, and the summary.
    fn plan(&self, plan: &Plan, providers: &Providers);

    /// What to do with the plan next: only for `plan` itself.
    fn next_step(&self, saved_to: Option<&Path>);

    /// The end of an apply or destroy.
    fn applied(&self, mode: Mode, tally: Tally);

    /// Root outputs after an apply.
    fn outputs(&self, outputs: &BTreeMap<Name, OutputState>);

    /// Plain words to the user; nothing in JSON.
    fn note(&self, text: &str);

    fn is_json(&self) -> bool;
}

/// How to show, as the options say.
#[derive(Clone, Copy, Debug, Default)]
pub struct ViewOptions {
    pub json: bool,
    pub compact_warnings: bool,
}

/// The view for a command's options.
pub fn view(options: ViewOptions, process: &Process, streams: &Streams) -> Arc<dyn View> {
    if options.json {
        return Arc::new(JsonView::new(streams.clone()));
    }
    Arc::new(Human::new(
        streams.clone(),
        palette(process),
        process.columns,
        options.compact_warnings,
        process.in_automation(),
    ))
}

/// Colour on a terminal, unless `-no-color` or `NO_COLOR` says otherwise; `CLICOLOR_FORCE` asks for it anywhere.
pub fn palette(process: &Process) -> Palette {
    let forced = process.variable("CLICOLOR_FORCE").is_some_and(|v| v != "0");
    let wanted = process.stdout_is_terminal && process.variable("NO_COLOR").is_none();
    Palette::new(!process.no_color && (forced || wanted))
}
