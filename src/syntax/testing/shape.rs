//! Trees as short texts without spans, to compare and to read.

use std::fmt::Write;

use crate::{Body, Expr, ExprKind, NativeBody, ObjectKey, SplatStep, TemplatePart, TraversalStep};

/// An expression with explicit grouping.
pub(crate) fn expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Null => "null".into(),
        ExprKind::Bool(is) => is.to_string(),
        ExprKind::Number(digits) => digits.to_string(),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Template(items) => format!("t({})", parts(items)),
        ExprKind::TemplateWrap(inner) => format!("wrap({})", self::expr(inner)),
        ExprKind::Traversal(traversal) => {
            format!("{}{}", traversal.root.name, traversal.steps.iter().map(step).collect::<String>())
        }
        ExprKind::RelativeTraversal { source, steps } => {
            format!("<{}>{}", self::expr(source), steps.iter().map(step).collect::<String>())
        }
        ExprKind::Index { collection, key } => format!("<{}>[{}]", self::expr(collection), self::expr(key)),
        ExprKind::Splat { source, each, full, .. } => {
            format!("<{}>{}", self::expr(source), splat(each, *full))
        }
        ExprKind::Call(call) => {
            let dots = if call.expand_final { "..." } else { "" };
            format!("{}({}{dots})", call.name, list(&call.args))
        }
        ExprKind::Conditional { condition, then, otherwise } => {
            format!("(? {} {} {})", self::expr(condition), self::expr(then), self::expr(otherwise))
        }
        ExprKind::Binary { op, left, right, .. } => {
            format!("({op:?} {} {})", self::expr(left), self::expr(right))
        }
        ExprKind::Unary { op, operand } => format!("({op:?} {})", self::expr(operand)),
        ExprKind::Parens(inner) => format!("paren({})", self::expr(inner)),
        ExprKind::Tuple(items) => format!("[{}]", list(items)),
        ExprKind::Object(items) => {
            let items: Vec<_> =
                items.iter().map(|item| format!("{}={}", key(&item.key), self::expr(&item.value))).collect();
            format!("{{{}}}", items.join(", "))
        }
        ExprKind::For(parts) => {
            let mut text = String::from("for(");
            if let Some(key) = &parts.key {
                let _ = write!(text, "{},", key.name);
            }
            let _ = write!(text, "{} in {}: ", parts.value.name, self::expr(&parts.collection));
            if let Some(key) = &parts.result_key {
                let _ = write!(text, "{} => ", self::expr(key));
            }
            text += &self::expr(&parts.result);
            text += if parts.group { "..." } else { "" };
            if let Some(condition) = &parts.condition {
                let _ = write!(text, " if {}", self::expr(condition));
            }
            text + ")"
        }
        ExprKind::JsonString(string) => format!("json({})", self::expr(&string.template)),
        ExprKind::Invalid => "invalid".into(),
    }
}

fn list(items: &[Expr]) -> String {
    items.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn key(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Name(ident) => ident.name.to_string(),
        ObjectKey::Expr(key) => format!("({})", expr(key)),
    }
}

fn step(step: &TraversalStep) -> String {
    match step {
        TraversalStep::Index { key, legacy: true, .. } => format!(".{key}"),
        _ => step.to_string(),
    }
}

fn splat(each: &[SplatStep], full: bool) -> String {
    let steps = each.iter().map(|each| match each {
        SplatStep::Traversal(inner) => step(inner),
        SplatStep::Index { key, .. } => format!("[<{}>]", expr(key)),
        SplatStep::Splat { each, full, .. } => splat(each, *full),
    });
    format!("{}({})", if full { "[*]" } else { ".*" }, steps.collect::<String>())
}

pub(crate) fn parts(items: &[TemplatePart]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|part| match part {
            TemplatePart::Literal { value, .. } => format!("{value:?}"),
            TemplatePart::Interpolation(inner) => format!("${}", expr(inner)),
            TemplatePart::If { condition, then, otherwise, .. } => {
                format!("if({} {{{}}} {{{}}})", expr(condition), parts(then), parts(otherwise))
            }
            TemplatePart::For { key, value, collection, body, .. } => {
                let key = key.as_ref().map_or_else(String::new, |key| format!("{},", key.name));
                format!("for({key}{} in {} {{{}}})", value.name, expr(collection), parts(body))
            }
        })
        .collect();
    items.join(" ")
}

/// A body of the native syntax.
pub(crate) fn body(body: &Body) -> String {
    match body {
        Body::Native(native) => self::native(native),
        _ => panic!("not a native body"),
    }
}

fn native(native: &NativeBody) -> String {
    let attributes = native.attributes.iter().map(|a| format!("{} = {}", a.name.name, expr(&a.expr)));
    let blocks = native.blocks.iter().map(|block| {
        let labels: String = block.labels.iter().map(|label| format!(" {:?}", label.value)).collect();
        format!("{}{labels} {{ {} }}", block.ty.name, body(&block.body))
    });
    attributes.chain(blocks).collect::<Vec<_>>().join("; ")
}
