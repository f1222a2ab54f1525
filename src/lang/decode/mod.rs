//! Decoding of bodies against schemas, and what in them refers to what.

mod attribute;
mod body;
mod dynamic;
mod nested;
mod references;
mod schema;
mod span;

#[cfg(test)]
mod tests;

use diag::Diagnostics;
use provider::Block;
use syntax::Body;
use value::{Entries, Value};

use crate::evaluate::evaluate;
use crate::reference::Reference;
use crate::scope::Scope;

pub use span::{attribute_span, path_span};

/// Decodes a body against a provider schema into an object of its implied type: `dynamic` blocks expanded,
/// attributes converted, required ones and block counts checked, attributes-as-blocks accepted
/// (an attribute that is a list or set of objects may be written as blocks).
pub fn decode_block(body: &Body, schema: &Block, scope: &dyn Scope) -> (Value, Diagnostics) {
    let mut decoder = body::Decoder::new(scope);
    let value = decoder.block(body, schema, None);
    (value, decoder.diagnostics)
}

/// Evaluates every attribute of a body that has no schema, into an object. Blocks are errors.
pub fn decode_attributes(body: &Body, scope: &dyn Scope) -> (Value, Diagnostics) {
    let (attributes, mut diagnostics) = body.just_attributes();
    let entries: Entries = attributes
        .iter()
        .map(|attribute| {
            let (value, found) = evaluate(&attribute.expr, scope);
            diagnostics.extend(found);
            (attribute.name.name.clone(), value)
        })
        .collect();
    (Value::object(entries), diagnostics)
}

/// All references of a body under a schema, those in `dynamic` blocks included and their iterators left out.
pub fn block_references(body: &Body, schema: &Block) -> (Vec<Reference>, Diagnostics) {
    let mut finder = references::Finder::default();
    finder.block(body, schema);
    (finder.found, finder.diagnostics)
}
