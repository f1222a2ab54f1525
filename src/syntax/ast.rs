//! The syntax tree, the same for the native syntax and JSON once a body has been decoded.
//!
//! Children are shared, so a clone of any node is cheap and shallow. No node is higher than
//! [`crate::MAX_HEIGHT`] levels, which bounds what a recursive consumer needs of the stack.

use std::sync::Arc;

use diag::{Diagnostics, Span};
use ecow::{EcoString, EcoVec};

/// An identifier with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// Not normalised: as written.
    pub name: EcoString,
    pub span: Span,
}

/// `name = expr`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub name: Ident,
    pub expr: Expr,
    /// From the name to the end of the expression.
    pub span: Span,
}

/// A block label, quoted or bare.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub value: EcoString,
    pub span: Span,
}

/// An expression and its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// The digits as written; converted exactly by `lang`.
    Number(EcoString),
    /// A string without interpolation, escapes resolved, NFC-normalised.
    String(EcoString),
    /// A quoted or heredoc template with at least one interpolation or directive.
    Template(EcoVec<TemplatePart>),
    /// `"${expr}"` and nothing else: the value itself, of any type.
    TemplateWrap(Arc<Expr>),
    /// A reference: a root name and steps whose keys are literals.
    Traversal(Traversal),
    /// Steps after an expression that is not itself a traversal: `f(x).a[0]`.
    RelativeTraversal { source: Arc<Expr>, steps: EcoVec<TraversalStep> },
    /// `collection[key]` where the key is not a literal.
    Index { collection: Arc<Expr>, key: Arc<Expr> },
    /// `source.*.a.b` (attribute-only) or `source[*].a[0]` (full).
    Splat { source: Arc<Expr>, each: EcoVec<SplatStep>, marker: Span, full: bool },
    /// `f(a, b)`
    Call(Arc<Call>),
    /// `condition ? then : otherwise`
    Conditional { condition: Arc<Expr>, then: Arc<Expr>, otherwise: Arc<Expr> },
    /// `left op right`; chains such as `1 + 1 + 1` lean to the left.
    Binary { op: BinaryOp, op_span: Span, left: Arc<Expr>, right: Arc<Expr> },
    /// `-operand` or `!operand`
    Unary { op: UnaryOp, operand: Arc<Expr> },
    /// `(inner)`, kept because it makes an object key an expression.
    Parens(Arc<Expr>),
    /// `[a, b]`
    Tuple(EcoVec<Expr>),
    /// `{ a = b }`; keys may repeat, and the last counts.
    Object(EcoVec<ObjectItem>),
    /// `[for ...]` or `{for ...}`
    For(Arc<ForExpr>),
    /// A string of the JSON syntax: evaluates as the template it contains.
    JsonString(Arc<JsonString>),
    /// Stands where an expression could not be parsed; the error has been reported. Evaluates to an unknown value.
    Invalid,
}

/// A string of the JSON syntax, which is a template where expressions are evaluated, but plain text or a
/// traversal where the language wants a static string or a reference.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonString {
    /// With JSON's escapes resolved.
    pub raw: EcoString,
    pub template: Expr,
    /// Errors of the template, to be reported when (and only when) it is evaluated as one.
    pub diagnostics: Diagnostics,
}

/// A piece of a template, with strip markers and flush indentation already applied.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Text between sequences, escapes resolved.
    Literal { value: EcoString, span: Span },
    /// `${expr}`
    Interpolation(Expr),
    /// `%{ if c }...%{ else }...%{ endif }`
    If { condition: Arc<Expr>, then: EcoVec<TemplatePart>, otherwise: EcoVec<TemplatePart>, span: Span },
    /// `%{ for k, v in c }...%{ endfor }`
    For { key: Option<Ident>, value: Ident, collection: Arc<Expr>, body: EcoVec<TemplatePart>, span: Span },
}

/// A reference as written; what it refers to is for `lang` to find out.
#[derive(Clone, Debug, PartialEq)]
pub struct Traversal {
    pub root: Ident,
    pub steps: EcoVec<TraversalStep>,
}

/// One step into a value, its key known without evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum TraversalStep {
    /// `.name`
    Attr(Ident),
    /// `["key"]`
    Key { key: EcoString, span: Span },
    /// `[0]` or legacy `.0`; the digits as written (may be fractional or negative: an evaluation error).
    Index { key: EcoString, legacy: bool, span: Span },
}

/// What is done to every element of a splat.
#[derive(Clone, Debug, PartialEq)]
pub enum SplatStep {
    /// `.name` or `[0]`
    Traversal(TraversalStep),
    /// `[expr]` inside a full splat.
    Index { key: Expr, span: Span },
    /// A splat inside a full splat: `a[*].b[*].c` is applied to each `b` of each element of `a`.
    Splat { each: EcoVec<SplatStep>, marker: Span, full: bool },
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `length`, or `provider::terraform::encode_expr` as its parts joined by `::`.
    pub name: EcoString,
    pub name_span: Span,
    pub args: EcoVec<Expr>,
    /// `f(list...)`
    pub expand_final: bool,
    pub open_paren: Span,
    pub close_paren: Span,
}

/// `key = value` of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectItem {
    pub key: ObjectKey,
    pub value: Expr,
}

/// What is before the equals sign of an object's item.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectKey {
    /// A bare word, `null`/`true` included: its own name.
    Name(Ident),
    /// Anything else: a quoted template, a parenthesised expression, a traversal (an error when ambiguous).
    Expr(Expr),
}

/// A for-expression.
#[derive(Clone, Debug, PartialEq)]
pub struct ForExpr {
    /// `k` of `for k, v in ...`
    pub key: Option<Ident>,
    pub value: Ident,
    pub collection: Expr,
    /// Present in the object form `{ for ... : k => v }`.
    pub result_key: Option<Expr>,
    pub result: Expr,
    /// After `if`.
    pub condition: Option<Expr>,
    /// `v...` after the value.
    pub group: bool,
}

/// The operators with two operands, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// The operators before an operand; they bind tighter than those with two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Negate,
    Not,
}

impl TraversalStep {
    /// The name, or the brackets and what is in them.
    pub fn span(&self) -> Span {
        match self {
            Self::Attr(ident) => ident.span,
            Self::Key { span, .. } | Self::Index { span, .. } => *span,
        }
    }
}
