use addrs::{Name, Resource};
use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Expr, Traversal, TraversalStep};

/// A reference to a named object: what it names, and the steps that are left after the name.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub subject: Subject,
    /// Of the part that names the subject.
    pub span: Span,
    /// What follows the subject in the traversal: attributes, indices.
    pub rest: Vec<TraversalStep>,
}

/// What can be referred to. Whole resources and modules: instance keys stay in [`Reference::rest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// `var.x`
    Variable(Name),
    /// `local.x`
    Local(Name),
    /// `module.x`
    Module(Name),
    /// `aws_vpc.x`, `data.aws_ami.x`, `ephemeral.t.x`, `resource.aws_vpc.x`
    Resource(Resource),
    /// `count.index`
    CountIndex,
    /// `each.key`
    EachKey,
    /// `each.value`
    EachValue,
    /// `self`
    SelfObject,
    /// `path.module`, ...
    Path(PathAttr),
    /// `terraform.workspace`, `terraform.applying`
    Terraform(Name),
    /// `output.x` or `run.x` in tests; `check.x` is never a value.
    Output(Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathAttr {
    Cwd,
    Module,
    Root,
}

/// Reads a traversal as a reference; bad roots and missing parts are errors with Terraform's wording.
pub fn parse_reference(_traversal: &Traversal) -> Result<Reference, Diagnostic> {
    todo!("lang helper")
}

/// All references of an expression, names bound by `for` left out.
pub fn references(_expr: &Expr) -> (Vec<Reference>, Diagnostics) {
    todo!("lang helper")
}
