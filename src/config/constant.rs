//! Arguments that are read while loading: constants, keywords, lists of references.

use std::path::PathBuf;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, Span};
use lang::{CallContext, EmptyScope};
use syntax::{Expr, ExprKind, ObjectItem, ObjectKey, Traversal, TraversalStep};
use value::{Type, Value};

use crate::children;

/// The value of an expression that may refer to nothing and call no function.
pub(crate) fn value(expr: &Expr) -> Result<Value, Diagnostics> {
    let mut calls = Diagnostics::new();
    children::walk(expr, &mut |part| {
        if let ExprKind::Call(call) = &part.kind {
            calls.push(
                Diagnostic::error("Function calls not allowed", "Functions may not be called here.")
                    .at(call.name_span)
                    .context(part.span),
            );
        }
    });
    if calls.has_errors() {
        return Err(calls);
    }
    let context = CallContext {
        base_dir: PathBuf::new(),
        home: None,
        now: None,
        plan_time: None,
        provider_functions: Arc::default(),
    };
    let (value, diagnostics) = lang::evaluate(expr, &EmptyScope { context });
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(value) }
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

/// A bare word such as `all`, in JSON a string.
pub(crate) fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Traversal(traversal) if traversal.steps.is_empty() => Some(traversal.root.name.as_str()),
        ExprKind::JsonString(json) => Some(json.raw.as_str()),
        _ => None,
    }
}

/// The elements of a list written out.
pub(crate) fn list<'a>(expr: &'a Expr, diagnostics: &mut Diagnostics) -> &'a [Expr] {
    match &expr.kind {
        ExprKind::Tuple(items) => items,
        ExprKind::Invalid => &[],
        _ => {
            diagnostics.push(
                Diagnostic::error("Invalid expression", "A static list expression is required.")
                    .at(expr.span),
            );
            &[]
        }
    }
}

/// The entries of a map written out.
pub(crate) fn map<'a>(expr: &'a Expr, diagnostics: &mut Diagnostics) -> &'a [ObjectItem] {
    match &expr.kind {
        ExprKind::Object(items) => items,
        ExprKind::Invalid => &[],
        _ => {
            diagnostics.push(
                Diagnostic::error("Invalid expression", "A static map expression is required.").at(expr.span),
            );
            &[]
        }
    }
}

/// The expression that an entry's key stands for when it is a reference: a bare word is one.
pub(crate) fn key_expr(key: &ObjectKey) -> Expr {
    match key {
        ObjectKey::Expr(expr) => expr.clone(),
        ObjectKey::Name(ident) => Expr {
            span: ident.span,
            kind: ExprKind::Traversal(Traversal { root: ident.clone(), steps: Default::default() }),
        },
    }
}

/// The constant string a key is: a bare word, or a constant expression.
pub(crate) fn key_string(key: &ObjectKey, diagnostics: &mut Diagnostics) -> Option<String> {
    match key {
        ObjectKey::Name(ident) => Some(ident.name.to_string()),
        ObjectKey::Expr(expr) => string(expr, diagnostics),
    }
}

/// A reference with literal keys only; in JSON a string that holds one.
pub(crate) fn traversal(expr: &Expr) -> Result<Traversal, Diagnostics> {
    match &expr.kind {
        ExprKind::Traversal(traversal) => Ok(traversal.clone()),
        ExprKind::JsonString(json) => parse(&json.raw, expr.span),
        _ => Err(Diagnostic::error(
            "Invalid expression",
            "A single static variable reference is required: only attribute access and indexing with constant keys. \
             No calculations, function calls, template expressions, etc are allowed here.",
        )
        .at(expr.span)
        .into()),
    }
}

/// A reference that may also be given in quotes, as Terraform 0.11 wanted it, which is worth a warning.
pub(crate) fn quotable_traversal(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Traversal> {
    let parsed = if let ExprKind::String(text) = &expr.kind {
        diagnostics.push(
            Diagnostic::warning(
                "Quoted references are deprecated",
                "In this context, references are expected literally rather than in quotes. Terraform 0.11 and earlier \
                 required quotes, but quoted references are now deprecated and will be removed in a future version of \
                 Terraform. Remove the quotes surrounding this reference to silence this warning.",
            )
            .at(expr.span),
        );
        parse(text, expr.span)
    } else {
        traversal(expr)
    };
    match parsed {
        Ok(traversal) => Some(traversal),
        Err(errors) => {
            diagnostics.extend(errors);
            None
        }
    }
}

/// Parses the text of a string; everything in it is said to lie where the string is.
fn parse(text: &str, span: Span) -> Result<Traversal, Diagnostics> {
    let (parsed, mut diagnostics) = syntax::parse_traversal(span.file, text);
    for diagnostic in diagnostics.iter_mut() {
        diagnostic.subject = Some(span);
        diagnostic.context = None;
    }
    match parsed {
        Some(traversal) if !diagnostics.has_errors() => Ok(placed(traversal, span)),
        _ => Err(diagnostics),
    }
}

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

/// From the root to the last step.
pub(crate) fn traversal_span(traversal: &Traversal) -> Span {
    traversal.steps.iter().fold(traversal.root.span, |span, step| span.to(step.span()))
}
