use diag::Diagnostics;
use value::Value;

use crate::functions::CallContext;
use crate::reference::Reference;

/// Answers references and says what functions may see.
pub trait Scope: Sync {
    /// The value of the subject (whole resource: object, tuple or object by key; whole module: object of outputs).
    /// The evaluator then walks [`Reference::rest`]. Cheap: answers are shared, not rebuilt.
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics>;

    /// What functions may see: folders, times, provider functions.
    fn functions(&self) -> &CallContext;
}

/// No references at all, as for constants.
pub struct EmptyScope {
    pub context: CallContext,
}
