//! The engine: graph builders, the walk, plan, apply, refresh, destroy, import. Knows no provider by name.
//!
//! Nothing here prints, reads the process environment or a clock: [`Operation`] carries all of it in.

mod applying;
mod calls;
mod checks;
mod compare;
mod conditions;
mod console;
mod ephemerals;
mod eval;
mod graph;
mod hooks;
mod import;
mod interrupt;
mod moves;
mod planning;
mod program;
mod providers;
mod reads;
mod recorder;
mod recover;
mod request;
mod session;
mod stored;
mod validate;
mod walk;

#[cfg(test)]
mod tests;

pub use applying::{apply, incomplete_plan};
pub use console::{ConsoleRequest, ConsoleScope, console_scope};
pub use graph::{GraphKind, graph_dot};
pub use hooks::{EphemeralOperation, HookObject, Hooks, NoHooks};
pub use import::{ImportRequest, import};
pub use interrupt::{Interrupt, Urgency};
pub use planning::plan;
pub use providers::Providers;
pub use recorder::{MemoryRecorder, Recorder};
pub use recover::{RecoverRequest, Recovery, acknowledge, recover};
pub use request::{ApplyRequest, Dirs, GenerateConfig, Operation, PlanRequest, Refresh};
pub use validate::validate;
