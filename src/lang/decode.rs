use diag::Diagnostics;
use provider::Block;
use syntax::Body;
use value::Value;

use crate::reference::Reference;
use crate::scope::Scope;

/// Decodes a body against a provider schema into an object of its implied type: `dynamic` blocks expanded,
/// attributes converted, required ones and block counts checked, attributes-as-blocks accepted
/// (an optional+computed attribute that is a list or set of objects may be written as blocks).
pub fn decode_block(_body: &Body, _schema: &Block, _scope: &dyn Scope) -> (Value, Diagnostics) {
    todo!("lang helper")
}

/// All references of a body under a schema, those in `dynamic` blocks included and their iterators left out.
pub fn block_references(_body: &Body, _schema: &Block) -> (Vec<Reference>, Diagnostics) {
    todo!("lang helper")
}
