use std::fmt;

use addrs::{Mode, Name, Resource};
use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Expr, Ident, Traversal, TraversalStep};

use crate::suggest::did_you_mean;

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
pub fn parse_reference(traversal: &Traversal) -> Result<Reference, Diagnostic> {
    let root = &traversal.root;
    match root.name.as_str() {
        "var" => single(traversal, |name| Ok(Subject::Variable(name.name.clone()))),
        "local" => single(traversal, |name| Ok(Subject::Local(name.name.clone()))),
        "module" => module(traversal),
        "count" => single(traversal, count_attribute),
        "each" => single(traversal, each_attribute),
        "path" => single(traversal, path_attribute),
        "terraform" => single(traversal, terraform_attribute),
        "self" => Ok(reference(Subject::SelfObject, traversal, 0)),
        "data" => resource(traversal, Mode::Data, "data source type", 1),
        "ephemeral" => resource(traversal, Mode::Ephemeral, "ephemeral resource type", 1),
        "resource" => resource(traversal, Mode::Managed, "resource type", 1),
        "template" | "lazy" | "arg" => Err(reserved(root)),
        _ => resource(traversal, Mode::Managed, "resource type", 0),
    }
}

/// All references of an expression, names bound by `for` left out.
pub fn references(expr: &Expr) -> (Vec<Reference>, Diagnostics) {
    references_where(expr, &|_| true)
}

/// All references of an expression except those whose root is bound outside of it.
pub(crate) fn references_where(
    expr: &Expr,
    is_reference: &dyn Fn(&str) -> bool,
) -> (Vec<Reference>, Diagnostics) {
    let mut found = Vec::new();
    let mut diagnostics = Diagnostics::new();
    for traversal in expr.traversals() {
        if is_reference(&traversal.root.name) {
            match parse_reference(traversal) {
                Ok(reference) => found.push(reference),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
    }
    (found, diagnostics)
}

/// The reference whose subject ends with the given number of steps.
fn reference(subject: Subject, traversal: &Traversal, steps: usize) -> Reference {
    let span = steps
        .checked_sub(1)
        .and_then(|last| traversal.steps.get(last))
        .map_or(traversal.root.span, |step| traversal.root.span.to(step.span()));
    Reference { subject, span, rest: traversal.steps.iter().skip(steps).cloned().collect() }
}

/// A root followed by one attribute.
fn single(
    traversal: &Traversal,
    subject: impl FnOnce(&Ident) -> Result<Subject, Diagnostic>,
) -> Result<Reference, Diagnostic> {
    let root = &traversal.root;
    match traversal.steps.first() {
        Some(TraversalStep::Attr(name)) => Ok(reference(subject(name)?, traversal, 1)),
        Some(step) => Err(invalid(
            format!("The {:?} object does not support this operation.", root.name.as_str()),
            step.span(),
        )),
        None => Err(invalid(
            format!(
                "The {:?} object cannot be accessed directly. Instead, access one of its attributes.",
                root.name.as_str()
            ),
            root.span,
        )),
    }
}

fn module(traversal: &Traversal) -> Result<Reference, Diagnostic> {
    let reference = single(traversal, |name| Ok(Subject::Module(name.name.clone())))?;
    let keyed = matches!(reference.rest.first(), Some(step) if !matches!(step, TraversalStep::Attr(_)));
    match reference.rest.get(usize::from(keyed)) {
        None | Some(TraversalStep::Attr(_)) => Ok(reference),
        Some(step) => {
            Err(invalid("Module instance objects do not support this operation.".into(), step.span()))
        }
    }
}

/// A resource type and name, after as many steps as the prefix takes.
fn resource(traversal: &Traversal, mode: Mode, what: &str, at: usize) -> Result<Reference, Diagnostic> {
    let root = &traversal.root;
    if at == 1 && traversal.steps.len() < 2 {
        return Err(invalid(
            format!(
                "The {:?} object must be followed by two attribute names: the {what} and the resource name.",
                root.name.as_str()
            ),
            traversal.span(),
        ));
    }
    let ty = match at.checked_sub(1).and_then(|at| traversal.steps.get(at)) {
        None => root,
        Some(TraversalStep::Attr(ty)) => ty,
        Some(step) => {
            return Err(invalid(
                format!("The {:?} object does not support this operation.", root.name.as_str()),
                step.span(),
            ));
        }
    };
    match traversal.steps.get(at) {
        Some(TraversalStep::Attr(name)) => {
            let subject = Resource { mode, ty: ty.name.clone(), name: name.name.clone() };
            Ok(reference(Subject::Resource(subject), traversal, at + 1))
        }
        other => {
            let what = if mode == Mode::Data { "data source" } else { "resource type" };
            let detail = format!(
                "A reference to a {what} must be followed by at least one attribute access, specifying the \
                 resource name."
            );
            Err(invalid(detail, other.map_or_else(|| traversal.span(), TraversalStep::span)))
        }
    }
}

fn count_attribute(name: &Ident) -> Result<Subject, Diagnostic> {
    match name.name.as_str() {
        "index" => Ok(Subject::CountIndex),
        other => Err(Diagnostic::error(
            "Invalid \"count\" attribute",
            format!(
                "The \"count\" object does not have an attribute named {other:?}. The only supported attribute is \
                 count.index, which is the index number of each instance of a resource block that has the \"count\" \
                 argument set."
            ),
        )
        .at(name.span)),
    }
}

fn each_attribute(name: &Ident) -> Result<Subject, Diagnostic> {
    match name.name.as_str() {
        "key" => Ok(Subject::EachKey),
        "value" => Ok(Subject::EachValue),
        other => Err(Diagnostic::error(
            "Invalid \"each\" attribute",
            format!(
                "The \"each\" object does not have an attribute named {other:?}. The supported attributes are \
                 each.key and each.value, the current key and value pair of the \"for_each\" attribute set."
            ),
        )
        .at(name.span)),
    }
}

fn path_attribute(name: &Ident) -> Result<Subject, Diagnostic> {
    match name.name.as_str() {
        "cwd" => Ok(Subject::Path(PathAttr::Cwd)),
        "module" => Ok(Subject::Path(PathAttr::Module)),
        "root" => Ok(Subject::Path(PathAttr::Root)),
        other => {
            let near = did_you_mean(other, ["cwd", "module", "root"]);
            let detail = format!("The \"path\" object does not have an attribute named {other:?}.{near}");
            Err(Diagnostic::error("Invalid \"path\" attribute", detail).at(name.span))
        }
    }
}

fn terraform_attribute(name: &Ident) -> Result<Subject, Diagnostic> {
    match name.name.as_str() {
        "workspace" | "applying" => Ok(Subject::Terraform(name.name.clone())),
        "env" => Err(Diagnostic::error(
            "Invalid \"terraform\" attribute",
            "The terraform.env attribute was deprecated in v0.10 and removed in v0.12. The \"state environment\" \
             concept was renamed to \"workspace\" in v0.12, and so the workspace name can now be accessed using the \
             terraform.workspace attribute.",
        )
        .at(name.span)),
        other => Err(Diagnostic::error(
            "Invalid \"terraform\" attribute",
            format!(
                "The \"terraform\" object does not have an attribute named {other:?}. The only supported attributes \
                 are terraform.workspace, the name of the currently-selected workspace, and terraform.applying, a \
                 boolean which is true only during apply."
            ),
        )
        .at(name.span)),
    }
}

fn reserved(root: &Ident) -> Diagnostic {
    Diagnostic::error(
        "Reserved symbol name",
        format!(
            "The symbol name {:?} is reserved for use in a future version. If you are using a provider that already \
             uses this as a resource type name, add the prefix \"resource.\" to force interpretation as a resource \
             type name.",
            root.name.as_str()
        ),
    )
    .at(root.span)
}

fn invalid(detail: String, span: Span) -> Diagnostic {
    Diagnostic::error("Invalid reference", detail).at(span)
}

/// As the configuration writes it: `var.x`, `data.aws_ami.debian`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "var.{name}"),
            Self::Local(name) => write!(f, "local.{name}"),
            Self::Module(name) => write!(f, "module.{name}"),
            Self::Resource(resource) => resource.fmt(f),
            Self::CountIndex => f.write_str("count.index"),
            Self::EachKey => f.write_str("each.key"),
            Self::EachValue => f.write_str("each.value"),
            Self::SelfObject => f.write_str("self"),
            Self::Path(PathAttr::Cwd) => f.write_str("path.cwd"),
            Self::Path(PathAttr::Module) => f.write_str("path.module"),
            Self::Path(PathAttr::Root) => f.write_str("path.root"),
            Self::Terraform(name) => write!(f, "terraform.{name}"),
            Self::Output(name) => write!(f, "output.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use diag::FileId;

    use super::*;

    fn parse(text: &str) -> Result<Reference, Diagnostic> {
        let (traversal, found) = syntax::parse_traversal(FileId(0), text);
        assert!(found.is_empty(), "{text}: {found:?}");
        parse_reference(&traversal.expect("it parses"))
    }

    #[test]
    fn subjects_and_what_is_left() {
        for (text, subject, rest, end) in [
            ("var.x.y[0]", "var.x", 2, 5),
            ("local.x", "local.x", 0, 7),
            ("module.a[0].out.x", "module.a", 3, 8),
            ("module.a", "module.a", 0, 8),
            ("aws_vpc.main.id", "aws_vpc.main", 1, 12),
            ("aws_vpc.main[\"k\"].id", "aws_vpc.main", 2, 12),
            ("resource.aws_vpc.main.id", "aws_vpc.main", 1, 21),
            ("data.aws_ami.x.id", "data.aws_ami.x", 1, 14),
            ("ephemeral.t.n.id", "ephemeral.t.n", 1, 13),
            ("count.index", "count.index", 0, 11),
            ("each.value.a", "each.value", 1, 10),
            ("self.id", "self", 1, 4),
            ("path.module", "path.module", 0, 11),
            ("terraform.workspace", "terraform.workspace", 0, 19),
        ] {
            let reference = parse(text).expect("it is a reference");
            assert_eq!(reference.subject.to_string(), subject, "{text}");
            assert_eq!(reference.rest.len(), rest, "{text}");
            assert_eq!(reference.span.end, end, "{text}");
        }
    }

    #[test]
    fn what_refers_to_nothing_is_refused() {
        for (text, expected) in [
            (
                "foo",
                "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
            ),
            (
                "foo[0]",
                "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
            ),
            (
                "data.x",
                "The \"data\" object must be followed by two attribute names: the data source type and the resource name.",
            ),
            (
                "data.x[0]",
                "A reference to a data source must be followed by at least one attribute access, specifying the resource name.",
            ),
            ("data[0].x", "The \"data\" object does not support this operation."),
            (
                "ephemeral.x",
                "The \"ephemeral\" object must be followed by two attribute names: the ephemeral resource type and the resource name.",
            ),
            ("var", "The \"var\" object cannot be accessed directly. Instead, access one of its attributes."),
            ("var[0]", "The \"var\" object does not support this operation."),
            ("module.a[0][1]", "Module instance objects do not support this operation."),
            (
                "path.modul",
                "The \"path\" object does not have an attribute named \"modul\". Did you mean \"module\"?",
            ),
        ] {
            let error = parse(text).expect_err("it refers to nothing");
            assert_eq!(error.detail, expected, "{text}");
            assert!(error.subject.is_some(), "{text}");
        }
        assert_eq!(parse("count.idx").expect_err("no such attribute").summary, "Invalid \"count\" attribute");
        assert_eq!(parse("each.k").expect_err("no such attribute").summary, "Invalid \"each\" attribute");
        assert_eq!(parse("lazy.x").expect_err("a reserved name").summary, "Reserved symbol name");
    }

    #[test]
    fn names_bound_by_for_are_no_references() {
        let text = "[for k, v in var.a : { (k) = v.x[local.b], c = [for v in v : v] } if each.key != k]";
        let (expr, _) = syntax::parse_expression(FileId(0), text);
        let (found, diagnostics) = references(&expr);
        assert!(diagnostics.is_empty());
        let names: Vec<String> = found.iter().map(|r| r.subject.to_string()).collect();
        assert_eq!(names, ["var.a", "local.b", "each.key"]);
    }
}
