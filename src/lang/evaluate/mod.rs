//! Expression evaluation: a value and diagnostics for every expression, with unknowns, nulls and marks
//! treated as HCL and Terraform treat them.
//!
//! Evaluation goes on after an error, with an unknown value in its place, so that all errors of an
//! expression are found in one run. What `try` and `can` catch goes to the diagnostics passed along;
//! what is wrong with the configuration whatever the values (a reference to nothing) goes past them.

mod access;
mod attempt;
mod call;
mod collection;
mod conditional;
mod construct;
mod for_expr;
mod literal;
mod notes;
mod operators;
mod render;
mod splat;
mod template;
mod traversal;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};

use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Expr, ExprKind};
use value::{Type, Value, convert};

use crate::scope::Scope;
use crate::stack::deeper;

pub use access::{get_attr, index};
pub use call::console_type_argument;
pub use notes::{ValueNotes, values_in_play};
pub(crate) use render::describe;
pub use render::{TemplateText, render_named_template, render_template};

pub(crate) use collection::{Iteration, iterate};
pub(crate) use notes::{format_convert_error, values_within};

/// Evaluates an expression. On error the value is unknown and the diagnostics say why, with the values in play.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> (Value, Diagnostics) {
    evaluate_within(expr, scope, None)
}

/// Evaluates and converts to a type ("Incorrect value type" when it cannot be).
pub fn evaluate_as(expr: &Expr, ty: &Type, scope: &dyn Scope) -> (Value, Diagnostics) {
    let (value, mut diagnostics) = evaluate(expr, scope);
    if diagnostics.has_errors() {
        return (Value::unknown(ty.clone()), diagnostics);
    }
    match convert(&value, ty) {
        Ok(value) => (value, diagnostics),
        Err(error) => {
            let detail = format!("Invalid expression value: {}.", format_convert_error(&error));
            let values = values_in_play(expr, scope, ValueNotes::default());
            diagnostics.push(Diagnostic::error("Incorrect value type", detail).at(expr.span).values(values));
            (Value::unknown(ty.clone()), diagnostics)
        }
    }
}

/// Evaluates without noting values in play, for callers that drop the diagnostics.
pub fn evaluate_attempt(expr: &Expr, scope: &dyn Scope) -> Option<Value> {
    let evaluator = Evaluator::new(scope);
    evaluator.quiet.set(true);
    let mut diagnostics = Diagnostics::new();
    let value = evaluator.eval(expr, None, &mut diagnostics);
    let (value, diagnostics) = evaluator.finish(value, diagnostics);
    (!diagnostics.has_errors()).then_some(value)
}

/// Evaluates where the iterators of `dynamic` blocks are bound.
pub(crate) fn evaluate_within(
    expr: &Expr,
    scope: &dyn Scope,
    bindings: Bindings<'_>,
) -> (Value, Diagnostics) {
    let evaluator = Evaluator::new(scope);
    let mut diagnostics = Diagnostics::new();
    let value = evaluator.eval(expr, bindings, &mut diagnostics);
    evaluator.finish(value, diagnostics)
}

/// Names bound by `for` expressions and `dynamic` blocks, innermost first.
pub(crate) type Bindings<'a> = Option<&'a Binding<'a>>;

/// One bound name.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub name: &'a str,
    pub value: &'a Value,
    pub outer: Bindings<'a>,
}

/// One run over an expression.
struct Evaluator<'s> {
    scope: &'s dyn Scope,
    /// Errors that no `try` catches.
    fatal: RefCell<Diagnostics>,
    /// Set while diagnostics will be dropped: noting values in play is then wasted.
    quiet: Cell<bool>,
}

impl<'s> Evaluator<'s> {
    fn new(scope: &'s dyn Scope) -> Self {
        Self { scope, fatal: RefCell::new(Diagnostics::new()), quiet: Cell::new(false) }
    }

    /// What a run ends with. Like Terraform, reports only what is wrong with the references where anything is.
    fn finish(self, value: Value, diagnostics: Diagnostics) -> (Value, Diagnostics) {
        let fatal = self.fatal.into_inner();
        if fatal.has_errors() {
            return (Value::dynamic(), fatal);
        }
        let value = if diagnostics.has_errors() { Value::dynamic() } else { value };
        (value, diagnostics)
    }

    fn eval(&self, expr: &Expr, bindings: Bindings<'_>, diagnostics: &mut Diagnostics) -> Value {
        match &expr.kind {
            ExprKind::Null => Value::null(Type::Dynamic),
            ExprKind::Bool(b) => Value::bool(*b),
            ExprKind::String(s) => Value::string(s.clone()),
            ExprKind::Number(digits) => literal::number(digits, expr.span, diagnostics),
            ExprKind::Traversal(traversal) => self.traversal(traversal, expr, bindings, diagnostics),
            ExprKind::Invalid => Value::dynamic(),
            _ => deeper(|| self.compound(expr, bindings, diagnostics)),
        }
    }

    /// Expressions with others inside; every arm is a function of its own to keep the frames small.
    fn compound(&self, expr: &Expr, bindings: Bindings<'_>, diagnostics: &mut Diagnostics) -> Value {
        match &expr.kind {
            ExprKind::Template(parts) => self.template(parts, expr, bindings, diagnostics),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => {
                self.eval(inner, bindings, diagnostics)
            }
            ExprKind::RelativeTraversal { source, steps } => {
                self.relative_traversal(source, steps, expr, bindings, diagnostics)
            }
            ExprKind::Index { collection, key } => self.index(collection, key, expr, bindings, diagnostics),
            ExprKind::Splat { source, each, marker, .. } => {
                self.splat(source, each, *marker, bindings, diagnostics)
            }
            ExprKind::Call(call) => self.call(call, expr, bindings, diagnostics),
            ExprKind::Conditional { condition, then, otherwise } => {
                self.conditional([condition, then, otherwise], expr, bindings, diagnostics)
            }
            ExprKind::Binary { op, left, right, .. } => {
                self.binary(*op, [left, right], expr, bindings, diagnostics)
            }
            ExprKind::Unary { op, operand } => self.unary(*op, operand, expr, bindings, diagnostics),
            ExprKind::Tuple(items) => self.tuple(items, bindings, diagnostics),
            ExprKind::Object(items) => self.object(items, bindings, diagnostics),
            ExprKind::For(for_expr) => self.for_expr(for_expr, expr, bindings, diagnostics),
            ExprKind::JsonString(string) => {
                diagnostics.extend(string.diagnostics.clone());
                self.eval(&string.template, bindings, diagnostics)
            }
            _ => Value::dynamic(),
        }
    }

    /// An error about an expression, with the values of what it refers to.
    fn error(
        &self,
        about: &Expr,
        bindings: Bindings<'_>,
        summary: &str,
        detail: impl Into<String>,
    ) -> Diagnostic {
        let diagnostic = Diagnostic::error(summary, detail).at(about.span);
        if self.quiet.get() {
            return diagnostic;
        }
        let values = self.notes_of(about, bindings, ValueNotes::default());
        diagnostic.values(values)
    }

    /// Reports what no `try` catches, once for each place.
    fn fatal(&self, diagnostic: Diagnostic) {
        let mut fatal = self.fatal.borrow_mut();
        if !fatal.iter().any(|d| *d == diagnostic) {
            fatal.push(diagnostic);
        }
    }
}

/// Where an expression begins, as some errors want it: `f(` of a call, the bracket of a constructor.
fn start_span(expr: &Expr) -> Span {
    match &expr.kind {
        ExprKind::Call(call) => call.name_span.to(call.open_paren),
        ExprKind::Tuple(_) | ExprKind::Object(_) | ExprKind::For(_) => {
            Span { end: expr.span.start.saturating_add(1).min(expr.span.end), ..expr.span }
        }
        ExprKind::Binary { left, .. } => deeper(|| start_span(left)),
        ExprKind::Conditional { condition, .. } => deeper(|| start_span(condition)),
        _ => expr.span,
    }
}
