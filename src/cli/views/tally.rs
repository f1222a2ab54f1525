use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use addrs::AbsResourceInstance;
use engine::{EphemeralOperation, HookObject, Hooks};
use plan::{Action, Reason};
use value::Value;

/// What an apply did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub imported: usize,
    pub added: usize,
    pub changed: usize,
    pub destroyed: usize,
    pub forgotten: usize,
}

/// Passes everything on and counts what succeeded.
pub struct TallyHooks {
    inner: Arc<dyn Hooks>,
    imported: AtomicUsize,
    added: AtomicUsize,
    changed: AtomicUsize,
    destroyed: AtomicUsize,
    forgotten: AtomicUsize,
}

impl TallyHooks {
    pub fn new(inner: Arc<dyn Hooks>) -> Self {
        Self {
            inner,
            imported: AtomicUsize::new(0),
            added: AtomicUsize::new(0),
            changed: AtomicUsize::new(0),
            destroyed: AtomicUsize::new(0),
            forgotten: AtomicUsize::new(0),
        }
    }

    pub fn tally(&self) -> Tally {
        let get = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        Tally {
            imported: get(&self.imported),
            added: get(&self.added),
            changed: get(&self.changed),
            destroyed: get(&self.destroyed),
            forgotten: get(&self.forgotten),
        }
    }

    /// Imports happen while planning; their number is in the plan.
    pub fn count_imports(&self, imports: usize) {
        self.imported.store(imports, Ordering::Relaxed);
    }
}

impl Hooks for TallyHooks {
    fn refresh_start(&self, object: &HookObject<'_>) {
        self.inner.refresh_start(object);
    }

    fn refresh_end(&self, object: &HookObject<'_>, before: &Value, after: &Value) {
        self.inner.refresh_end(object, before, after);
    }

    fn plan_start(&self, object: &HookObject<'_>) {
        self.inner.plan_start(object);
    }

    fn plan_end(&self, object: &HookObject<'_>, action: Action, reason: Reason) {
        self.inner.plan_end(object, action, reason);
    }

    fn apply_start(&self, object: &HookObject<'_>, action: Action) {
        self.inner.apply_start(object, action);
    }

    fn apply_end(&self, object: &HookObject<'_>, action: Action, error: Option<&str>) {
        if error.is_none() {
            let counter = match action {
                Action::Create => Some(&self.added),
                Action::Update => Some(&self.changed),
                Action::Delete => Some(&self.destroyed),
                Action::Forget => Some(&self.forgotten),
                _ => None,
            };
            if let Some(counter) = counter {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.inner.apply_end(object, action, error);
    }

    fn data_read_start(&self, object: &HookObject<'_>) {
        self.inner.data_read_start(object);
    }

    fn data_read_end(&self, object: &HookObject<'_>, error: Option<&str>) {
        self.inner.data_read_end(object, error);
    }

    fn ephemeral_start(&self, object: &HookObject<'_>, operation: EphemeralOperation) {
        self.inner.ephemeral_start(object, operation);
    }

    fn ephemeral_end(&self, object: &HookObject<'_>, operation: EphemeralOperation, error: Option<&str>) {
        self.inner.ephemeral_end(object, operation, error);
    }

    fn import_planned(&self, address: &AbsResourceInstance, id: &str) {
        self.inner.import_planned(address, id);
    }

    fn import_applied(&self, address: &AbsResourceInstance, id: &str) {
        self.inner.import_applied(address, id);
    }

    fn import_start(&self, address: &AbsResourceInstance, id: &str) {
        self.inner.import_start(address, id);
    }

    fn import_end(&self, address: &AbsResourceInstance, id: &str, error: Option<&str>) {
        self.inner.import_end(address, id, error);
    }

    fn stopping(&self) {
        self.inner.stopping();
    }
}
