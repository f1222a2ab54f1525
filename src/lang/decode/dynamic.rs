//! `dynamic` blocks.

use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Block, Body, BodySchema, Expr, Label};
use value::{Marks, Str, Type, Value, convert};

use super::body::Decoder;
use super::schema::DYNAMIC;
use crate::evaluate::{Binding, Bindings, Iteration, evaluate_within, iterate, values_within};

/// A block as it is written or generated.
pub(super) struct Instance<'b> {
    pub body: &'b Body,
    pub label: Option<Str>,
    pub span: Span,
    /// Of what it was generated from.
    pub marks: Marks,
    /// How many there will be is not known yet.
    pub unknown: bool,
}

/// A `dynamic` block taken apart.
pub(super) struct Dynamic {
    pub for_each: Expr,
    pub iterator: Str,
    pub labels: Vec<Expr>,
    pub content: Body,
}

/// The label that says what a `dynamic` block generates; `None` for any other block.
pub(super) fn generated_type(block: &Block) -> Option<&Label> {
    if block.ty.name == DYNAMIC { block.labels.first() } else { None }
}

/// Takes a `dynamic` block apart. `labels` is how many labels the generated blocks have.
pub(super) fn parse(block: &Block, labels: usize, diagnostics: &mut Diagnostics) -> Option<Dynamic> {
    let ty = generated_type(block)?;
    let attributes: &[&str] =
        if labels == 0 { &["!for_each", "iterator"] } else { &["!for_each", "iterator", "!labels"] };
    let (content, found) = block.body.content(&BodySchema::new(attributes, &[("content", &[])]));
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return None;
    }
    let for_each = content.attribute("for_each")?.expr.clone();
    let iterator = match content.attribute("iterator") {
        None => ty.value.clone(),
        Some(attribute) => iterator_name(&attribute.expr).map_err(|found| diagnostics.extend(found)).ok()?,
    };
    let label_exprs = match content.attribute("labels") {
        None => Vec::new(),
        Some(attribute) => label_list(&attribute.expr, &ty.value, labels)
            .map_err(|diagnostic| diagnostics.push(diagnostic))
            .ok()?,
    };
    let mut bodies = content.blocks_of("content");
    let Some(first) = bodies.next() else {
        diagnostics.push(
            Diagnostic::error(
                "Missing dynamic content block",
                "A dynamic block must have a nested block of type \"content\" to describe the body of each \
                 generated block.",
            )
            .at(content.missing),
        );
        return None;
    };
    if let Some(second) = bodies.next() {
        diagnostics.push(
            Diagnostic::error(
                "Extraneous dynamic content block",
                "Only one nested content block is allowed for each dynamic block.",
            )
            .at(second.header),
        );
        return None;
    }
    Some(Dynamic { for_each, iterator, labels: label_exprs, content: first.body.clone() })
}

fn iterator_name(expr: &Expr) -> Result<Str, Diagnostics> {
    let traversal = expr.as_traversal()?;
    if traversal.steps.is_empty() {
        return Ok(traversal.root.name.clone());
    }
    Err(Diagnostic::error(
        "Invalid dynamic iterator name",
        "Dynamic iterator must be a single variable name.",
    )
    .at(traversal.span())
    .into())
}

fn label_list(expr: &Expr, ty: &str, wanted: usize) -> Result<Vec<Expr>, Diagnostic> {
    let Some(items) = expr.as_list() else {
        let detail = "A static list expression is required.";
        return Err(Diagnostic::error("Invalid expression", detail).at(expr.span));
    };
    let detail = format!("Blocks of type {ty:?} require {wanted} label(s).");
    if let Some(extra) = items.get(wanted) {
        return Err(Diagnostic::error("Extraneous dynamic block label", detail).at(extra.span));
    }
    if items.len() < wanted {
        return Err(Diagnostic::error("Insufficient dynamic block labels", detail).at(expr.span));
    }
    Ok(items.to_vec())
}

impl Decoder<'_> {
    /// Runs something for every block that a `dynamic` block generates.
    pub(super) fn expand(
        &mut self,
        block: &Block,
        labels: usize,
        bindings: Bindings<'_>,
        each: &mut dyn FnMut(&mut Self, &Instance<'_>, Bindings<'_>),
    ) {
        let Some(dynamic) = parse(block, labels, &mut self.diagnostics) else { return };
        let (collection, found) = evaluate_within(&dynamic.for_each, self.scope, bindings);
        let failed = found.has_errors();
        self.diagnostics.extend(found);
        if failed {
            return;
        }
        let marks = collection.marks();
        let (items, unknown) = match iterate(&collection) {
            Iteration::Items(items) => (items, false),
            Iteration::Unknown => (vec![(Value::dynamic(), Value::dynamic())], true),
            Iteration::Null => {
                let detail = "Cannot use a null value in for_each.".to_owned();
                return self.wrong("Invalid dynamic for_each value", detail, &dynamic.for_each, bindings);
            }
            Iteration::Impossible => {
                let ty = collection.ty().friendly_name();
                let detail =
                    format!("Cannot use a {ty} value in for_each. An iterable collection is required.");
                return self.wrong("Invalid dynamic for_each value", detail, &dynamic.for_each, bindings);
            }
        };
        for (key, value) in items {
            let iterator = Value::object_of([("key", key.mark(marks)), ("value", value.mark(marks))]);
            let inner = Binding { name: &dynamic.iterator, value: &iterator, outer: bindings };
            let inner = Some(&inner);
            let mut label = None;
            if let Some(expr) = dynamic.labels.first().filter(|_| !unknown) {
                label = self.label(expr, inner);
                if label.is_none() {
                    continue;
                }
            }
            let instance = Instance { body: &dynamic.content, label, span: block.header, marks, unknown };
            each(self, &instance, inner);
        }
    }

    /// The text of a label of a generated block.
    fn label(&mut self, expr: &Expr, bindings: Bindings<'_>) -> Option<Str> {
        let (value, found) = evaluate_within(expr, self.scope, bindings);
        let failed = found.has_errors();
        self.diagnostics.extend(found);
        if failed {
            return None;
        }
        let detail = match convert(&value, &Type::String) {
            Err(error) => format!("Cannot use this value as a dynamic block label: {}.", error.message),
            Ok(_) if !value.deep_marks().is_empty() => {
                "Cannot use a sensitive or ephemeral value as a dynamic block label, as labels are stored and shown."
                    .into()
            }
            Ok(label) if label.is_null() => "Cannot use a null value as a dynamic block label.".into(),
            Ok(label) => match label.as_str() {
                Some(text) => return Some(text.clone()),
                None => "This value is not yet known. Dynamic block labels must be immediately-known values."
                    .into(),
            },
        };
        self.wrong("Invalid dynamic block label", detail, expr, bindings);
        None
    }

    fn wrong(&mut self, summary: &str, detail: String, about: &Expr, bindings: Bindings<'_>) {
        let values = values_within(about, self.scope, bindings);
        self.diagnostics.push(Diagnostic::error(summary, detail).at(about.span).values(values));
    }
}
