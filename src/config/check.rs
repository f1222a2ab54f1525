use addrs::{Name, Resource};
use diag::{Diagnostic, Span};
use lang::Subject;
use syntax::{Block, BodySchema, Expr};

use crate::cx::Cx;
use crate::names;
use crate::resource::{self, ResourceDraft};

/// `condition` and `error_message` of a validation, precondition, postcondition or assertion.
#[derive(Clone, Debug)]
pub struct Condition {
    pub condition: Expr,
    pub error_message: Expr,
    pub span: Span,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct Check {
    pub name: Name,
    /// The nested data source; it is among the module's resources too, marked as belonging to this check.
    pub data: Option<Resource>,
    pub asserts: Vec<Condition>,
    pub span: Span,
}

/// What a condition belongs to.
pub(crate) enum Kind<'a> {
    /// Of the variable of this name.
    Validation(&'a str),
    /// Of this resource.
    Precondition(Option<&'a Resource>),
    Postcondition(&'a Resource),
    Assert,
}

impl Kind<'_> {
    fn block_type(&self) -> &'static str {
        match self {
            Self::Validation(_) => "validation",
            Self::Precondition(_) => "precondition",
            Self::Postcondition(_) => "postcondition",
            Self::Assert => "assert",
        }
    }
}

/// Decodes a condition block; one without a usable condition is dropped after it has been reported.
pub(crate) fn decode(block: &Block, kind: &Kind<'_>, cx: &mut Cx<'_>) -> Option<Condition> {
    let (content, diagnostics) = block.body.content(&BodySchema::new(&["!condition", "!error_message"], &[]));
    cx.extend(diagnostics);
    let condition = content.attribute("condition").map(|a| a.expr.clone());
    let error_message = content.attribute("error_message").map(|a| a.expr.clone());
    if let Some(condition) = &condition {
        check_condition(condition, kind, cx);
        check_self_reference(condition, kind, cx);
    }
    if let Some(message) = &error_message {
        check_self_reference(message, kind, cx);
    }
    Some(Condition { condition: condition?, error_message: error_message?, span: block.header })
}

/// A condition without references would say nothing about the configuration.
fn check_condition(condition: &Expr, kind: &Kind<'_>, cx: &mut Cx<'_>) {
    if matches!(condition.kind, syntax::ExprKind::Invalid) {
        return;
    }
    let traversals = condition.traversals();
    if traversals.is_empty() {
        cx.push(
            Diagnostic::error(
                format!("Invalid {} expression", kind.block_type()),
                "The condition expression must refer to at least one object from elsewhere in the configuration, or \
                 else its result would not be checking anything.",
            )
            .at(condition.span),
        );
        return;
    }
    if let Kind::Validation(name) = kind {
        let own = traversals.iter().any(|traversal| {
            traversal.root.name == "var"
                && traversal.attributes().next().is_some_and(|step| step.name == *name)
        });
        if !own {
            let detail = format!(
                "The condition for variable \"{name}\" must refer to var.{name} in order to test incoming values."
            );
            cx.push(Diagnostic::error("Invalid variable validation condition", detail).at(condition.span));
        }
    }
}

fn check_self_reference(expr: &Expr, kind: &Kind<'_>, cx: &mut Cx<'_>) {
    let (Kind::Precondition(Some(own)) | Kind::Postcondition(own)) = kind else { return };
    // Errors of the references themselves are found when all references are checked.
    let (references, _) = lang::references(expr);
    for reference in references {
        if matches!(&reference.subject, Subject::Resource(resource) if resource == *own) {
            let detail = format!("Configuration for {own} may not refer to itself.");
            let summary = format!("Invalid reference in {}", kind.block_type());
            cx.push(Diagnostic::error(summary, detail).at(reference.span));
        }
    }
}

/// Decodes a `check` block and the data source nested in it.
pub(crate) fn decode_check(block: &Block, cx: &mut Cx<'_>) -> Option<(Check, Option<ResourceDraft>)> {
    if cx.overriding {
        let detail = "Override files cannot override check blocks.";
        cx.push(Diagnostic::error("Can't override check blocks", detail).at(block.header));
    }
    let (content, diagnostics) =
        block.body.content(&BodySchema::new(&[], &[("data", &["type", "name"]), ("assert", &[])]));
    cx.extend(diagnostics);
    let label = block.labels.first()?;
    names::check(label, "Invalid check block name", &mut cx.diagnostics);
    let name = Name::from(label.value.as_str());
    let mut data: Option<ResourceDraft> = None;
    for nested in content.blocks_of("data") {
        if let Some(first) = &data {
            let detail =
                format!("This check block already has a data resource defined at {}.", cx.place(first.span));
            cx.push(Diagnostic::error("Multiple data resource blocks", detail).at(nested.header));
            continue;
        }
        data = resource::decode_nested_data(nested, &name, cx);
    }
    if content.blocks_of("assert").next().is_none() {
        let detail = "Check blocks must have at least one assert block.";
        cx.push(Diagnostic::error("Zero assert blocks", detail).at(block.header));
    }
    let asserts = content.blocks_of("assert").filter_map(|block| decode(block, &Kind::Assert, cx)).collect();
    let check = Check { name, data: data.as_ref().map(|d| d.resource.clone()), asserts, span: block.header };
    Some((check, data))
}
