use diag::Span;
use syntax::Expr;

/// An `import` block (root module only).
#[derive(Clone, Debug)]
pub struct Import {
    /// A resource instance address whose keys may be expressions over `each`.
    pub to: Expr,
    pub id: ImportId,
    pub for_each: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ImportId {
    Id(Expr),
    Identity(Expr),
}
