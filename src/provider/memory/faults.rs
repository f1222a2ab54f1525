use std::sync::Arc;
use std::time::Duration;

use diag::{Diagnostic, Diagnostics};
use tokio::sync::Notify;
use value::{Str, Value};

use super::Operation;

/// A way for a call to go wrong, or differently.
#[derive(Clone)]
pub enum Fault {
    /// Answers with an error and changes nothing.
    Fail(String),
    /// Acts, and adds a warning.
    Warn(String),
    /// Acts after this time; a stop ends the wait.
    Delay(Duration),
    /// Acts once notified; a stop ends the wait.
    Wait(Arc<Notify>),
    /// Makes the object, but with its computed values missing, and answers with an error.
    Partial(String),
    /// Answers (a plan, an apply, a read) with this attribute changed to this value.
    Wrong { attribute: Str, value: Value },
    /// Answers with a null object, although there is one.
    Null,
    /// Acts, but the answer never comes.
    LoseAnswer,
    /// Neither acts nor answers.
    Hang,
    /// To `recover`: it cannot be told.
    CannotTell(String),
    /// The plan says that this attribute forces replacement.
    Replace(Str),
}

/// The faults that are set, in the order they were.
#[derive(Default)]
pub(super) struct Faults(Vec<Set>);

struct Set {
    operation: Operation,
    /// Empty for every object.
    name: Str,
    fault: Fault,
    /// How many calls it still hits; `None` for all.
    left: Option<usize>,
}

impl Faults {
    pub(super) fn add(&mut self, operation: Operation, name: &str, fault: Fault, left: Option<usize>) {
        self.0.push(Set { operation, name: name.into(), fault, left });
    }

    /// The faults that hit one call; those for a number of calls are used up.
    pub(super) fn take(&mut self, operation: Operation, name: &str) -> Vec<Fault> {
        let mut hits = Vec::new();
        for set in &mut self.0 {
            if set.operation == operation && (set.name.is_empty() || set.name == name) && set.left != Some(0)
            {
                hits.push(set.fault.clone());
                set.left = set.left.map(|left| left.saturating_sub(1));
            }
        }
        hits
    }
}

/// The error or warning of a fault.
pub(super) fn add_diagnostics(fault: &Fault, diagnostics: &mut Diagnostics) {
    match fault {
        Fault::Fail(message) | Fault::Partial(message) => {
            diagnostics.push(Diagnostic::error("Injected failure", message.clone()));
        }
        Fault::Warn(message) => diagnostics.push(Diagnostic::warning("Injected warning", message.clone())),
        _ => {}
    }
}
