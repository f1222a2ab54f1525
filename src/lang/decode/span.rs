//! Where in a body the value at a path is written, for diagnostics of providers.

use diag::{PathStep, Span};
use syntax::{AttributeSchema, Block, BlockSchema, Body, BodySchema, Expr, ExprKind};
use value::Path;

use super::schema::{DYNAMIC, generates};

/// The span of the deepest part of a body that a path leads to; `None` where even its first step is not written.
pub fn attribute_span(body: &Body, path: &[PathStep]) -> Option<Span> {
    let (PathStep::Attribute(name), rest) = path.split_first()? else { return None };
    let (attribute, mut blocks) = probe(body, name, &[]);
    if let Some(attribute) = attribute {
        return Some(expr_span(&attribute.expr, rest));
    }
    if blocks.is_empty() {
        blocks = probe(body, name, &["key"]).1;
    }
    let generator = || blocks.iter().find(|block| block.ty.name == DYNAMIC);
    let (block, rest) = match rest.split_first() {
        // A `dynamic` block stands for any number of blocks.
        Some((PathStep::Index(at), rest)) => (blocks.get(*at).or_else(generator), rest),
        Some((PathStep::Key(key), rest)) => {
            let labelled = |block: &&Block| block.labels.first().is_some_and(|label| label.value == *key);
            (blocks.iter().find(labelled).or_else(generator), rest)
        }
        _ => (blocks.first(), rest),
    };
    let block = block.or(blocks.first())?;
    let inside = if block.ty.name == DYNAMIC {
        probe(&block.body, "content", &[]).1.first().and_then(|content| attribute_span(&content.body, rest))
    } else {
        attribute_span(&block.body, rest)
    };
    Some(inside.unwrap_or(block.header))
}

/// As [`attribute_span`], for a path into a value.
pub fn path_span(body: &Body, path: &Path) -> Option<Span> {
    attribute_span(body, &provider::diagnostic_path(path))
}

/// The attribute of a name, or else the blocks of that type and the `dynamic` ones that generate it.
fn probe(body: &Body, name: &str, labels: &[&str]) -> (Option<syntax::Attribute>, Vec<Block>) {
    let attribute = AttributeSchema { name: name.into(), required: false };
    let as_attribute = BodySchema { attributes: vec![attribute], blocks: Vec::new() };
    let block = BlockSchema { ty: name.into(), labels: labels.iter().map(|l| (*l).into()).collect() };
    let dynamic = BlockSchema { ty: DYNAMIC.into(), labels: vec!["type".into()] };
    let as_block = BodySchema { attributes: Vec::new(), blocks: vec![block, dynamic] };
    let attribute = body.partial_content(&as_attribute).0.attributes.into_iter().next();
    let blocks =
        body.partial_content(&as_block).0.blocks.into_iter().filter(|b| generates(b, name)).collect();
    (attribute, blocks)
}

/// The deepest part of an expression that a path leads to, through constructors only.
fn expr_span(expr: &Expr, path: &[PathStep]) -> Span {
    let mut expr = expr;
    for step in path {
        while let ExprKind::Parens(inner) = &expr.kind {
            expr = inner;
        }
        let inner = match (&expr.kind, step) {
            (ExprKind::Tuple(items), PathStep::Index(at)) => items.get(*at),
            (ExprKind::Object(items), PathStep::Attribute(name) | PathStep::Key(name)) => items
                .iter()
                .find(|item| item.key.as_literal().is_some_and(|key| key == name))
                .map(|item| &item.value),
            _ => None,
        };
        match inner {
            Some(inner) => expr = inner,
            None => break,
        }
    }
    expr.span
}
