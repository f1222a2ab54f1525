use std::fmt;

use addrs::Name;
use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Block, Body, BodySchema, Expr, ExprKind, Traversal, TraversalStep};

use crate::cx::{self, Cx};
use crate::version::VersionConstraints;
use crate::{constant, names, resource};

/// A provider configuration by its local name and alias: `aws`, `aws.west`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderKey {
    pub name: Name,
    pub alias: Option<Name>,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderBlock {
    pub key: ProviderKey,
    /// The deprecated `version` argument, as written.
    pub version: Option<String>,
    pub body: Body,
    pub span: Span,
}

const RESERVED_ARGUMENTS: [&str; 4] = ["count", "depends_on", "for_each", "source"];
const RESERVED_BLOCKS: [&str; 2] = ["lifecycle", "locals"];

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<ProviderBlock> {
    let schema = cx::schema(
        &["version", "alias", "count", "depends_on", "for_each", "source"],
        &[],
        &["_", "lifecycle", "locals"],
    );
    let (content, body, diagnostics) = block.body.partial_content(&schema);
    cx.extend(diagnostics);
    let label = block.labels.first()?;
    names::check_provider_name(&label.value, block.header, &mut cx.diagnostics);
    for attribute in &content.attributes {
        let name = &attribute.name.name;
        if RESERVED_ARGUMENTS.contains(&name.as_str()) {
            let detail = format!(
                "The provider argument name \"{name}\" is reserved for use by Terraform in a future version."
            );
            cx.push(
                Diagnostic::error("Reserved argument name in provider block", detail).at(attribute.name.span),
            );
        }
    }
    resource::check_reserved(&content, &RESERVED_BLOCKS, "provider block", cx);
    let alias = content.attribute("alias").and_then(|attribute| {
        let alias = constant::string(&attribute.expr, &mut cx.diagnostics)?;
        if !syntax::is_identifier(&alias) {
            let detail = format!("An alias must be a valid name. {}", names::RULE);
            cx.push(
                Diagnostic::error("Invalid provider configuration alias", detail).at(attribute.expr.span),
            );
        }
        Some(Name::from(alias))
    });
    let version = content.attribute("version").and_then(|attribute| {
        cx.push(
            Diagnostic::warning(
                "Version constraints inside provider configuration blocks are deprecated",
                "Terraform 0.13 and earlier allowed provider version constraints inside the provider configuration \
                 block, but that is now deprecated and will be removed in a future version of Terraform. To silence \
                 this warning, move the provider version constraint into the required_providers block.",
            )
            .at(attribute.expr.span),
        );
        version_constraint(&attribute.expr, &mut cx.diagnostics)
    });
    Some(ProviderBlock {
        key: ProviderKey { name: label.value.as_str().into(), alias },
        version,
        body: resource::escaped(&content, body, "provider", cx),
        span: block.header,
    })
}

/// A constant string with version constraints, checked for its syntax.
pub(crate) fn version_constraint(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<String> {
    let text = constant::string(expr, diagnostics)?;
    if text.parse::<VersionConstraints>().is_err() {
        let detail = "This string does not use correct version constraint syntax.";
        diagnostics.push(Diagnostic::error("Invalid version constraint", detail).at(expr.span));
        return None;
    }
    Some(text)
}

/// A reference to a provider configuration, `aws` or `aws.west`, in the argument of this name.
pub(crate) fn reference(expr: &Expr, argument: &str, diagnostics: &mut Diagnostics) -> Option<ProviderKey> {
    let invalid = || {
        let detail = format!(
            "The {argument} argument requires a provider type name, optionally followed by a period and then a \
             configuration alias."
        );
        Diagnostic::error("Invalid provider configuration reference", detail).at(expr.span)
    };
    let traversal = match &expr.kind {
        ExprKind::Invalid => return None,
        ExprKind::String(_) | ExprKind::Traversal(_) | ExprKind::JsonString(_) => {
            constant::quotable_traversal(expr, diagnostics)?
        }
        _ => {
            diagnostics.push(invalid());
            return None;
        }
    };
    match key(&traversal) {
        KeyForm::Key(key) => {
            names::check_provider_name(&key.name, expr.span, diagnostics);
            Some(key)
        }
        KeyForm::NotAnAlias(span) => {
            let detail = "Provider name must either stand alone or be followed by a period and then a configuration alias.";
            diagnostics.push(Diagnostic::error("Invalid provider configuration reference", detail).at(span));
            None
        }
        KeyForm::TooLong => {
            diagnostics.push(invalid());
            None
        }
    }
}

enum KeyForm {
    Key(ProviderKey),
    NotAnAlias(Span),
    TooLong,
}

fn key(traversal: &Traversal) -> KeyForm {
    let name = traversal.root.name.clone();
    match traversal.steps.as_slice() {
        [] => KeyForm::Key(ProviderKey { name, alias: None }),
        [TraversalStep::Attr(alias)] => KeyForm::Key(ProviderKey { name, alias: Some(alias.name.clone()) }),
        [step] => KeyForm::NotAnAlias(step.span()),
        _ => KeyForm::TooLong,
    }
}

impl ProviderBlock {
    /// Lets an override file's block replace what it sets.
    pub(crate) fn merge(&mut self, other: Self) {
        self.version = other.version.or(self.version.take());
        self.body = self.body.overridden_by(&other.body);
    }

    /// True when it sets nothing: in a child module such a block only stands for a configuration that the caller
    /// passes, as Terraform 0.12 wanted it.
    pub(crate) fn is_empty(&self) -> bool {
        self.version.is_none() && self.body.content(&BodySchema::default()).1.is_empty()
    }
}

impl ProviderKey {
    /// The configuration without an alias.
    pub fn default_of(name: impl Into<Name>) -> Self {
        Self { name: name.into(), alias: None }
    }
}

/// `aws` or `aws.west`.
impl fmt::Display for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.alias.iter().try_for_each(|alias| write!(f, ".{alias}"))
    }
}
