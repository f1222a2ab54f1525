//! What a body refers to, found without evaluating it.

use diag::Diagnostics;
use provider::Block;
use syntax::{Body, Expr};
use value::Str;

use super::dynamic::{generated_type, parse};
use super::schema::{Shape, generates, labels};
use crate::reference::{Reference, references_where};
use crate::stack::deeper;

/// One run over a body.
#[derive(Default)]
pub(super) struct Finder {
    pub found: Vec<Reference>,
    pub diagnostics: Diagnostics,
    /// Names bound by the `dynamic` blocks around.
    iterators: Vec<Str>,
}

impl Finder {
    /// What is wrong with the body itself is reported when it is decoded.
    pub(super) fn block(&mut self, body: &Body, schema: &Block) {
        let shape = Shape::of(body, schema);
        let (content, _) = body.content(&shape.syntax);
        for attribute in &content.attributes {
            self.expr(&attribute.expr);
        }
        for block in &content.blocks {
            let nested = schema.blocks.iter().chain(&shape.as_blocks).find(|(ty, _)| generates(block, ty));
            let Some((_, nested)) = nested else { continue };
            if generated_type(block).is_none() {
                deeper(|| self.block(&block.body, &nested.block));
                continue;
            }
            let Some(dynamic) = parse(block, labels(nested).len(), &mut Diagnostics::new()) else { continue };
            self.expr(&dynamic.for_each);
            self.iterators.push(dynamic.iterator);
            for label in &dynamic.labels {
                self.expr(label);
            }
            deeper(|| self.block(&dynamic.content, &nested.block));
            self.iterators.pop();
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let iterators = &self.iterators;
        let (found, diagnostics) = references_where(expr, &|root| !iterators.iter().any(|name| name == root));
        self.found.extend(found);
        self.diagnostics.extend(diagnostics);
    }
}
