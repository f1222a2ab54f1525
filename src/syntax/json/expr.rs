use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, Span};
use ecow::EcoString;

use super::{Property, Value, ValueKind};
use crate::ast::{Expr, ExprKind, JsonString, ObjectItem, ObjectKey, UnaryOp};
use crate::normal::nfc;
use crate::parse::{Origin, parse_template};
use crate::stack::deeper;

/// The value as an expression: strings and property names are templates.
pub(super) fn expression(value: &Value, diagnostics: &mut Diagnostics) -> Expr {
    let kind = match &value.kind {
        ValueKind::Null => ExprKind::Null,
        ValueKind::Bool(is) => ExprKind::Bool(*is),
        ValueKind::Number(text) => number(text, value.span),
        ValueKind::String(text) => return string(text, value.span),
        ValueKind::Array(values) => {
            deeper(|| ExprKind::Tuple(values.iter().map(|value| expression(value, diagnostics)).collect()))
        }
        ValueKind::Object(properties) => deeper(|| {
            report_repeated(properties, diagnostics);
            ExprKind::Object(properties.iter().map(|property| item(property, diagnostics)).collect())
        }),
        ValueKind::Invalid => ExprKind::Invalid,
    };
    Expr { kind, span: value.span }
}

fn item(property: &Property, diagnostics: &mut Diagnostics) -> ObjectItem {
    let key = ObjectKey::Expr(string(&property.name, property.name_span));
    ObjectItem { key, value: expression(&property.value, diagnostics) }
}

fn number(text: &EcoString, span: Span) -> ExprKind {
    match text.strip_prefix('-') {
        None => ExprKind::Number(text.clone()),
        Some(digits) => {
            let operand = Arc::new(Expr { kind: ExprKind::Number(digits.into()), span });
            ExprKind::Unary { op: UnaryOp::Negate, operand }
        }
    }
}

fn string(raw: &EcoString, span: Span) -> Expr {
    let (template, diagnostics) = if raw.contains("${") || raw.contains("%{") {
        parse_template(content_origin(raw, span), raw)
    } else {
        (Expr { kind: ExprKind::String(nfc(raw.clone())), span }, Diagnostics::new())
    };
    let kind = ExprKind::JsonString(Arc::new(JsonString { raw: raw.clone(), template, diagnostics }));
    Expr { kind, span }
}

/// Where the text inside the quotes lies; every escape is longer than what it stands for, so equal lengths mean
/// that there are none.
pub(crate) fn content_origin(raw: &str, span: Span) -> Origin {
    let len = span.end.saturating_sub(span.start) as usize;
    if len == raw.len() + 2 { Origin::At(span.file, span.start + 1) } else { Origin::Within(span) }
}

/// Unlike in the native syntax, a repeated key is an error here.
fn report_repeated(properties: &[Property], diagnostics: &mut Diagnostics) {
    let mut seen = std::collections::HashSet::new();
    for property in properties {
        if !seen.insert(&property.name) {
            let detail =
                format!("An attribute named \"{}\" was already defined in this object.", property.name);
            diagnostics.push(Diagnostic::error("Duplicate object attribute", detail).at(property.name_span));
        }
    }
}
