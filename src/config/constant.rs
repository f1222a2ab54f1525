//! Arguments that are read while loading: constants, keywords, lists of references.

use diag::{Diagnostic, Diagnostics, Span};
use lang::ConstantScope;
use syntax::{Expr, ExprKind, ObjectItem, ObjectKey, Traversal, TraversalStep};
use value::{Type, Value};

/// The value of an expression that may refer to nothing and call no function.
///
/// Strings of the JSON syntax mean themselves here, not the templates they may look like.
pub(crate) fn value(expr: &Expr) -> Result<Value, Diagnostics> {
    let (value, diagnostics) = lang::evaluate(&literal(expr), &ConstantScope::default());
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(value) }
}

/// The expression with strings of the JSON syntax as plain ones.
fn literal(expr: &Expr) -> Expr {
    let kind = match &expr.kind {
        ExprKind::JsonString(string) => ExprKind::String(string.raw.clone()),
        ExprKind::Tuple(items) => ExprKind::Tuple(items.iter().map(literal).collect()),
        ExprKind::Object(items) => ExprKind::Object(items.iter().map(literal_item).collect()),
        kind => kind.clone(),
    };
    Expr { kind, span: expr.span }
}

fn literal_item(item: &ObjectItem) -> ObjectItem {
    let key = match &item.key {
        ObjectKey::Name(name) => ObjectKey::Name(name.clone()),
        ObjectKey::Expr(key) => ObjectKey::Expr(literal(key)),
    };
    ObjectItem { key, value: literal(&item.value) }
}

/// A constant string; what cannot be one is reported.
pub(crate) fn string(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<String> {
    let value = typed(expr, &Type::String, diagnostics)?;
    value.as_str().map(|s| s.to_string())
}

/// A constant bool; what cannot be one is reported.
pub(crate) fn boolean(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<bool> {
    typed(expr, &Type::Bool, diagnostics)?.as_bool()
}

/// A constant whole number; what cannot be one is reported.
pub(crate) fn whole_number(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<i64> {
    let value = typed(expr, &Type::Number, diagnostics)?;
    let number = value.as_i64();
    if number.is_none() {
        diagnostics.push(unsuitable("a whole number is required", expr.span));
    }
    number
}

fn typed(expr: &Expr, ty: &Type, diagnostics: &mut Diagnostics) -> Option<Value> {
    let value = match value(expr) {
        Ok(value) => value,
        Err(errors) => {
            diagnostics.extend(errors);
            return None;
        }
    };
    if matches!(expr.kind, ExprKind::Invalid) {
        return None;
    }
    if value.is_null() {
        diagnostics.push(unsuitable("null value is not allowed", expr.span));
        return None;
    }
    match value::convert(&value, ty) {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.push(unsuitable(&error.message, expr.span));
            None
        }
    }
}

fn unsuitable(reason: &str, span: Span) -> Diagnostic {
    Diagnostic::error("Unsuitable value type", format!("Unsuitable value: {reason}")).at(span)
}

/// The elements of a list written out.
pub(crate) fn list<'a>(expr: &'a Expr, diagnostics: &mut Diagnostics) -> &'a [Expr] {
    written_out(expr, expr.as_list(), "list", diagnostics)
}

/// The entries of a map written out.
pub(crate) fn map<'a>(expr: &'a Expr, diagnostics: &mut Diagnostics) -> &'a [ObjectItem] {
    written_out(expr, expr.as_map(), "map", diagnostics)
}

fn written_out<'a, T>(
    expr: &Expr,
    found: Option<&'a [T]>,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> &'a [T] {
    if found.is_none() && !matches!(expr.kind, ExprKind::Invalid) {
        let detail = format!("A static {what} expression is required.");
        diagnostics.push(Diagnostic::error("Invalid expression", detail).at(expr.span));
    }
    found.unwrap_or_default()
}

/// A reference with literal keys only; what is none is reported.
pub(crate) fn traversal(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Traversal> {
    if matches!(expr.kind, ExprKind::Invalid) {
        return None;
    }
    match expr.as_traversal() {
        Ok(traversal) => Some(traversal.into_owned()),
        Err(errors) => {
            diagnostics.extend(errors);
            None
        }
    }
}

/// A reference that may also be given in quotes, as Terraform 0.11 wanted it, which is worth a warning.
pub(crate) fn quotable_traversal(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Traversal> {
    let ExprKind::String(text) = &expr.kind else { return traversal(expr, diagnostics) };
    diagnostics.push(quoted_reference(expr.span));
    let (parsed, mut errors) = syntax::parse_traversal(expr.span.file, text);
    for error in &mut errors {
        error.subject = Some(expr.span);
        error.context = None;
    }
    let failed = errors.has_errors();
    diagnostics.extend(errors);
    parsed.filter(|_| !failed).map(|traversal| placed(traversal, expr.span))
}

fn quoted_reference(span: Span) -> Diagnostic {
    Diagnostic::warning(
        "Quoted references are deprecated",
        "In this context, references are expected literally rather than in quotes. Terraform 0.11 and earlier \
         required quotes, but quoted references are now deprecated and will be removed in a future version of \
         Terraform. Remove the quotes surrounding this reference to silence this warning.",
    )
    .at(span)
}

/// The traversal of a string's text, said to lie where the string is.
fn placed(mut traversal: Traversal, place: Span) -> Traversal {
    traversal.root.span = place;
    for step in traversal.steps.make_mut() {
        match step {
            TraversalStep::Attr(ident) => ident.span = place,
            TraversalStep::Key { span, .. } | TraversalStep::Index { span, .. } => *span = place,
        }
    }
    traversal
}
