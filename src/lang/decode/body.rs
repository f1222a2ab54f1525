use diag::{Diagnostic, Diagnostics};
use provider::{Attribute, Block};
use syntax::Body;
use value::{Str, Value, convert};

use super::schema::{Shape, generates};
use super::{attribute, dynamic};
use crate::evaluate::Bindings;
use crate::scope::Scope;
use crate::stack::deeper;
use crate::suggest::did_you_mean;

/// One run over a body.
pub(super) struct Decoder<'s> {
    pub scope: &'s dyn Scope,
    pub diagnostics: Diagnostics,
}

impl<'s> Decoder<'s> {
    pub(super) fn new(scope: &'s dyn Scope) -> Self {
        Self { scope, diagnostics: Diagnostics::new() }
    }

    /// An object of the implied type of the block.
    pub(super) fn block(&mut self, body: &Body, schema: &Block, bindings: Bindings<'_>) -> Value {
        deeper(|| self.block_object(body, schema, bindings))
    }

    fn block_object(&mut self, body: &Body, schema: &Block, bindings: Bindings<'_>) -> Value {
        let shape = Shape::of(body, schema);
        let (content, found) = body.content(&shape.syntax);
        self.diagnostics.extend(found);
        self.check_dynamic_types(&content.blocks, schema, &shape);
        let mut entries: Vec<(Str, Value)> =
            Vec::with_capacity(schema.attributes.len() + schema.blocks.len());
        for (name, attribute_schema) in &schema.attributes {
            let value = if let Some(nested) = shape.as_blocks.get(name) {
                as_attribute(&self.nested(name, nested, &content, bindings), attribute_schema)
            } else if let Some(given) = content.attribute(name) {
                attribute::decode(given, attribute_schema, self.scope, bindings, &mut self.diagnostics)
            } else {
                Value::null(attribute_schema.ty.clone())
            };
            entries.push((name.clone(), value));
        }
        for (name, nested) in &schema.blocks {
            entries.push((name.clone(), self.nested(name, nested, &content, bindings)));
        }
        Value::object(entries.into_iter().collect())
    }

    /// Refuses `dynamic` blocks that would generate blocks which the schema does not have.
    fn check_dynamic_types(&mut self, blocks: &[syntax::Block], schema: &Block, shape: &Shape) {
        for block in blocks {
            let Some(label) = dynamic::generated_type(block) else { continue };
            let mut known = schema.blocks.keys().chain(shape.as_blocks.keys());
            if !known.clone().any(|name| generates(block, name)) {
                let near = did_you_mean(&label.value, known.by_ref().map(Str::as_str));
                let detail =
                    format!("Blocks of type {:?} are not expected here.{near}", label.value.as_str());
                self.diagnostics.push(Diagnostic::error("Unsupported block type", detail).at(label.span));
            }
        }
    }
}

/// Blocks that stand for an attribute, as a value of its type.
fn as_attribute(blocks: &Value, schema: &Attribute) -> Value {
    convert(blocks, &schema.ty).unwrap_or_else(|_| Value::unknown(schema.ty.clone()))
}
