//! Static analysis of expressions: references, and the forms the language reads without evaluating them.

use std::borrow::Cow;

use diag::{Diagnostic, Diagnostics, Span};
use ecow::{EcoString, EcoVec, eco_format};

use crate::ast::{
    Call, Expr, ExprKind, Ident, ObjectItem, ObjectKey, SplatStep, TemplatePart, Traversal, TraversalStep,
};
use crate::json::content_origin;
use crate::parse;

impl Expr {
    /// Every reference in the expression in source order, variables of its own for-expressions excluded.
    pub fn traversals(&self) -> Vec<&Traversal> {
        Walk::over(self).found
    }

    /// Every function call in the expression in source order.
    pub fn calls(&self) -> Vec<&Call> {
        Walk::over(self).calls
    }

    /// The text of a string without interpolation. A string of the JSON syntax is its own text even where it
    /// would be a template.
    pub fn as_literal_string(&self) -> Option<&EcoString> {
        match &self.kind {
            ExprKind::String(text) => Some(text),
            ExprKind::JsonString(string) => Some(&string.raw),
            _ => None,
        }
    }

    /// A lone word: `string`, `all`, `true`. In the JSON syntax a string that is one.
    pub fn as_keyword(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Traversal(traversal) if traversal.steps.is_empty() => Some(&traversal.root.name),
            ExprKind::Null => Some("null"),
            ExprKind::Bool(true) => Some("true"),
            ExprKind::Bool(false) => Some("false"),
            ExprKind::JsonString(string) if is_identifier(&string.raw) => Some(&string.raw),
            _ => None,
        }
    }

    /// The elements of a tuple constructor (or JSON array).
    pub fn as_list(&self) -> Option<&[Expr]> {
        match &self.kind {
            ExprKind::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The items of an object constructor (or JSON object).
    pub fn as_map(&self) -> Option<&[ObjectItem]> {
        match &self.kind {
            ExprKind::Object(items) => Some(items),
            _ => None,
        }
    }

    /// A function call; in the JSON syntax first take [`Expr::unquoted`].
    pub fn as_call(&self) -> Option<&Call> {
        match &self.kind {
            ExprKind::Call(call) => Some(call),
            _ => None,
        }
    }

    /// The expression that a string of the JSON syntax contains (`"list(string)"`); any other expression is itself.
    pub fn unquoted(&self) -> (Cow<'_, Expr>, Diagnostics) {
        match &self.kind {
            ExprKind::JsonString(string) => {
                let origin = content_origin(&string.raw, self.span);
                let (expr, diagnostics) = parse::parse_expression(origin, &string.raw);
                (Cow::Owned(expr), diagnostics)
            }
            _ => (Cow::Borrowed(self), Diagnostics::new()),
        }
    }

    /// A single static reference, as `depends_on` wants it: `a.b[0]`, or in the JSON syntax `"a.b[0]"`.
    pub fn as_traversal(&self) -> Result<Cow<'_, Traversal>, Diagnostics> {
        match &self.kind {
            ExprKind::Traversal(traversal) => Ok(Cow::Borrowed(traversal)),
            ExprKind::Null | ExprKind::Bool(_) => {
                let name = self.as_keyword().unwrap_or_default().into();
                let root = Ident { name, span: self.span };
                Ok(Cow::Owned(Traversal { root, steps: EcoVec::new() }))
            }
            ExprKind::JsonString(string) => {
                let origin = content_origin(&string.raw, self.span);
                match parse::parse_traversal(origin, &string.raw) {
                    (Some(traversal), diagnostics) if !diagnostics.has_errors() => Ok(Cow::Owned(traversal)),
                    _ => Err(not_static(self.span)),
                }
            }
            _ => Err(not_static(self.span)),
        }
    }
}

impl ObjectKey {
    /// The bytes of the key.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(ident) => ident.span,
            Self::Expr(expr) => expr.span,
        }
    }

    /// The key, if it is known without evaluation: a bare name or a plain string.
    pub fn as_literal(&self) -> Option<&EcoString> {
        match self {
            Self::Name(ident) => Some(&ident.name),
            Self::Expr(expr) => expr.as_literal_string(),
        }
    }

    /// The key as a static reference, as `providers = { aws.east = ... }` has it.
    pub fn as_traversal(&self) -> Result<Cow<'_, Traversal>, Diagnostics> {
        match self {
            Self::Name(root) => Ok(Cow::Owned(Traversal { root: root.clone(), steps: EcoVec::new() })),
            Self::Expr(expr) => expr.as_traversal(),
        }
    }
}

impl Traversal {
    /// From the root name to the last step.
    pub fn span(&self) -> Span {
        self.steps.last().map_or(self.root.span, |step| self.root.span.to(step.span()))
    }

    /// The names after the root as far as they are plain attributes: `b`, `c` of `a.b.c[0].d`.
    pub fn attributes(&self) -> impl Iterator<Item = &Ident> {
        self.steps.iter().map_while(|step| match step {
            TraversalStep::Attr(ident) => Some(ident),
            _ => None,
        })
    }
}

/// Whether the text is a name of the language.
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && characters.all(|c| c == '-' || unicode_ident::is_xid_continue(c))
}

fn not_static(span: Span) -> Diagnostics {
    let detail = "A single static variable reference is required: only attribute access and indexing with constant \
                  keys. No calculations, function calls, template expressions, etc are allowed here.";
    Diagnostic::error("Invalid expression", detail).at(span).into()
}

/// A walk over a tree with a stack of its own, so that its height does not matter.
struct Walk<'a> {
    tasks: Vec<Task<'a>>,
    /// Variables of the for-expressions around, innermost last.
    scopes: Vec<[Option<&'a Ident>; 2]>,
    found: Vec<&'a Traversal>,
    calls: Vec<&'a Call>,
}

enum Task<'a> {
    Expr(&'a Expr),
    Part(&'a TemplatePart),
    Step(&'a SplatStep),
    Enter([Option<&'a Ident>; 2]),
    Leave,
}

impl<'a> Walk<'a> {
    /// Walks over a whole expression.
    fn over(expr: &'a Expr) -> Self {
        let mut walk =
            Self { tasks: vec![Task::Expr(expr)], scopes: Vec::new(), found: Vec::new(), calls: Vec::new() };
        while let Some(task) = walk.tasks.pop() {
            walk.step(task);
        }
        walk
    }

    fn step(&mut self, task: Task<'a>) {
        match task {
            Task::Expr(expr) => self.expr(expr),
            Task::Part(part) => self.part(part),
            Task::Step(step) => match step {
                SplatStep::Traversal(_) => {}
                SplatStep::Index { key, .. } => self.tasks.push(Task::Expr(key)),
                SplatStep::Splat { each, .. } => self.tasks.extend(each.iter().rev().map(Task::Step)),
            },
            Task::Enter(names) => self.scopes.push(names),
            Task::Leave => {
                self.scopes.pop();
            }
        }
    }

    fn push<const N: usize>(&mut self, exprs: [&'a Expr; N]) {
        self.tasks.extend(exprs.into_iter().rev().map(Task::Expr));
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::Invalid => {}
            ExprKind::Template(parts) => self.tasks.extend(parts.iter().rev().map(Task::Part)),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => self.push([inner]),
            ExprKind::Traversal(traversal) => {
                if !self.is_bound(&traversal.root.name) {
                    self.found.push(traversal);
                }
            }
            ExprKind::RelativeTraversal { source, .. } => self.push([source]),
            ExprKind::Index { collection, key } => self.push([collection, key]),
            ExprKind::Splat { source, each, .. } => {
                self.tasks.extend(each.iter().rev().map(Task::Step));
                self.push([source]);
            }
            ExprKind::Call(call) => {
                self.calls.push(call);
                self.tasks.extend(call.args.iter().rev().map(Task::Expr));
            }
            ExprKind::Conditional { condition, then, otherwise } => self.push([condition, then, otherwise]),
            ExprKind::Binary { left, right, .. } => self.push([left, right]),
            ExprKind::Unary { operand, .. } => self.push([operand]),
            ExprKind::Tuple(items) => self.tasks.extend(items.iter().rev().map(Task::Expr)),
            ExprKind::Object(items) => self.object(items),
            ExprKind::For(parts) => {
                self.tasks.push(Task::Leave);
                self.tasks.extend(parts.condition.as_ref().map(Task::Expr));
                self.push([&parts.result]);
                self.tasks.extend(parts.result_key.as_ref().map(Task::Expr));
                self.tasks.push(Task::Enter([parts.key.as_ref(), Some(&parts.value)]));
                self.push([&parts.collection]);
            }
            ExprKind::JsonString(string) => self.push([&string.template]),
        }
    }

    fn object(&mut self, items: &'a [ObjectItem]) {
        for item in items.iter().rev() {
            self.push([&item.value]);
            if let ObjectKey::Expr(key) = &item.key {
                self.push([key]);
            }
        }
    }

    fn part(&mut self, part: &'a TemplatePart) {
        match part {
            TemplatePart::Literal { .. } => {}
            TemplatePart::Interpolation(expr) => self.push([expr]),
            TemplatePart::If { condition, then, otherwise, .. } => {
                self.tasks.extend(then.iter().chain(otherwise).rev().map(Task::Part));
                self.push([condition]);
            }
            TemplatePart::For { key, value, collection, body, .. } => {
                self.tasks.push(Task::Leave);
                self.tasks.extend(body.iter().rev().map(Task::Part));
                self.tasks.push(Task::Enter([key.as_ref(), Some(value)]));
                self.push([collection]);
            }
        }
    }

    fn is_bound(&self, name: &EcoString) -> bool {
        self.scopes.iter().flatten().flatten().any(|bound| bound.name == *name)
    }
}

/// `aws_vpc.main["x"].id`
impl std::fmt::Display for Traversal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.root.name)?;
        self.steps.iter().try_for_each(|step| step.fmt(f))
    }
}

/// `.main`, `["x"]` or `[0]`
impl std::fmt::Display for TraversalStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Attr(ident) => write!(f, ".{}", ident.name),
            Self::Key { key, .. } => write!(f, "[{}]", quote(key)),
            Self::Index { key, .. } => write!(f, "[{key}]"),
        }
    }
}

/// The text as a quoted string of the native syntax, with whatever needs it escaped.
pub fn quote(text: &str) -> EcoString {
    let mut quoted = EcoString::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                quoted.push(character);
                quoted.push(character);
            }
            _ if character.is_control() => quoted.push_str(&eco_format!("\\u{:04x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
