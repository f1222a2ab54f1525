//! The direct subexpressions of an expression, for searches of the tree.

use syntax::{Expr, ExprKind, ObjectKey, SplatStep, TemplatePart};

/// Calls `visit` for the expression and everything below it, outermost first. The depth is bounded by the parser.
pub(crate) fn walk<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::Traversal(_)
        | ExprKind::Invalid => {}
        ExprKind::Template(parts) => template(parts, visit),
        ExprKind::TemplateWrap(inner)
        | ExprKind::Parens(inner)
        | ExprKind::RelativeTraversal { source: inner, .. }
        | ExprKind::Unary { operand: inner, .. } => walk(inner, visit),
        ExprKind::Index { collection, key } => {
            walk(collection, visit);
            walk(key, visit);
        }
        ExprKind::Splat { source, each, .. } => {
            walk(source, visit);
            splat(each, visit);
        }
        ExprKind::Call(call) => call.args.iter().for_each(|arg| walk(arg, visit)),
        ExprKind::Conditional { condition, then, otherwise } => {
            walk(condition, visit);
            walk(then, visit);
            walk(otherwise, visit);
        }
        ExprKind::Binary { left, right, .. } => {
            walk(left, visit);
            walk(right, visit);
        }
        ExprKind::Tuple(items) => items.iter().for_each(|item| walk(item, visit)),
        ExprKind::Object(items) => {
            for item in items {
                if let ObjectKey::Expr(key) = &item.key {
                    walk(key, visit);
                }
                walk(&item.value, visit);
            }
        }
        ExprKind::For(each) => {
            walk(&each.collection, visit);
            for part in [&each.result_key, &each.condition].into_iter().flatten() {
                walk(part, visit);
            }
            walk(&each.result, visit);
        }
        ExprKind::JsonString(json) => walk(&json.template, visit),
    }
}

fn template<'a>(parts: &'a [TemplatePart], visit: &mut dyn FnMut(&'a Expr)) {
    for part in parts {
        match part {
            TemplatePart::Literal { .. } => {}
            TemplatePart::Interpolation(expr) => walk(expr, visit),
            TemplatePart::If { condition, then, otherwise, .. } => {
                walk(condition, visit);
                template(then, visit);
                template(otherwise, visit);
            }
            TemplatePart::For { collection, body, .. } => {
                walk(collection, visit);
                template(body, visit);
            }
        }
    }
}

fn splat<'a>(steps: &'a [SplatStep], visit: &mut dyn FnMut(&'a Expr)) {
    for step in steps {
        match step {
            SplatStep::Traversal(_) => {}
            SplatStep::Index { key, .. } => walk(key, visit),
            SplatStep::Splat { each, .. } => splat(each, visit),
        }
    }
}
