use addrs::{AbsResourceInstance, DeposedKey};
use plan::{Action, Reason};
use value::{Str, Value};

/// The object that an event is about.
#[derive(Clone, Debug)]
pub struct HookObject<'a> {
    pub address: &'a AbsResourceInstance,
    pub deposed: Option<&'a DeposedKey>,
    /// The attribute that names the object to people and its value, e.g. `id` and `vpc-1`; not for sensitive ones.
    pub id: Option<(Str, Str)>,
}

/// Hears what an operation does while it does it. Calls are made from the walk: they must return at once.
///
/// An `apply_start` is always followed by an `apply_end`, also when the change failed, unless the operation is
/// abandoned; elapsed time and "Still creating" are for whoever listens to count.
pub trait Hooks: Send + Sync {
    fn refresh_start(&self, _object: &HookObject<'_>) {}

    /// `after` is null when the object is gone.
    fn refresh_end(&self, _object: &HookObject<'_>, _before: &Value, _after: &Value) {}

    fn plan_start(&self, _object: &HookObject<'_>) {}

    fn plan_end(&self, _object: &HookObject<'_>, _action: Action, _reason: Reason) {}

    /// One step of a change: a replacement is a `Delete` and a `Create`. Data sources read during apply are `Read`.
    fn apply_start(&self, _object: &HookObject<'_>, _action: Action) {}

    /// `error` is the first error's summary.
    fn apply_end(&self, _object: &HookObject<'_>, _action: Action, _error: Option<&str>) {}

    fn data_read_start(&self, _object: &HookObject<'_>) {}

    fn data_read_end(&self, _object: &HookObject<'_>, _error: Option<&str>) {}

    fn ephemeral_start(&self, _object: &HookObject<'_>, _operation: EphemeralOperation) {}

    fn ephemeral_end(&self, _object: &HookObject<'_>, _operation: EphemeralOperation, _error: Option<&str>) {}

    /// An `import` block was come to while planning; that its object is read follows.
    fn import_planned(&self, _address: &AbsResourceInstance, _id: &str) {}

    /// What an `import` block asks for is in the state from now on.
    fn import_applied(&self, _address: &AbsResourceInstance, _id: &str) {}

    /// `groma import`.
    fn import_start(&self, _address: &AbsResourceInstance, _id: &str) {}

    fn import_end(&self, _address: &AbsResourceInstance, _id: &str, _error: Option<&str>) {}

    /// The first interrupt was noticed: what is in flight is being finished.
    fn stopping(&self) {}
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EphemeralOperation {
    Open,
    Renew,
    Close,
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}
