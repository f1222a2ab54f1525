//! The `terraform` block: what the configuration asks of the tool itself.

use addrs::Name;
use diag::{Diagnostic, Span};
use syntax::{Block, BodySchema};

use crate::backend;
use crate::cx::Cx;
use crate::file::Declarations;
use crate::{constant, provider_block, required_providers};

/// A `required_version`, as written.
#[derive(Clone, Debug)]
pub struct RequiredVersion {
    pub constraint: String,
    /// Of the argument.
    pub span: Span,
}

/// A `provider_meta` block; only that there is one matters here, as no provider of groma reads it.
#[derive(Clone, Debug)]
pub(crate) struct ProviderMeta {
    pub provider: Name,
    pub span: Span,
}

/// The only edition of the language.
const EDITION: &str = "TF2021";

pub(crate) fn decode(block: &Block, declarations: &mut Declarations, cx: &mut Cx<'_>) {
    let schema = BodySchema::new(
        &["required_version", "experiments", "language"],
        &[
            ("required_providers", &[]),
            ("provider_meta", &["provider"]),
            ("backend", &["type"]),
            ("cloud", &[]),
        ],
    );
    let (content, diagnostics) = block.body.content(&schema);
    cx.extend(diagnostics);
    if let Some(attribute) = content.attribute("required_version")
        && let Some(constraint) = provider_block::version_constraint(&attribute.expr, &mut cx.diagnostics)
    {
        declarations.required_versions.push(RequiredVersion { constraint, span: attribute.name.span });
    }
    if let Some(attribute) = content.attribute("experiments")
        && !constant::list(&attribute.expr, &mut cx.diagnostics).is_empty()
    {
        let detail = "Experimental features are intended only for gathering early feedback on new language \
                          designs, and groma implements none of them. Remove this argument.";
        cx.push(Diagnostic::error("Module uses experimental features", detail).at(attribute.name.span));
    }
    if let Some(attribute) = content.attribute("language")
        && attribute.expr.as_keyword() != Some(EDITION)
    {
        let detail = format!("The only supported language edition is {EDITION}; leave this argument out.");
        cx.push(Diagnostic::error("Unsupported language edition", detail).at(attribute.expr.span));
    }
    for nested in &content.blocks {
        match nested.ty.name.as_str() {
            "required_providers" => {
                declarations.required_providers.push(required_providers::decode(nested, cx));
            }
            "provider_meta" => {
                if let Some(label) = nested.labels.first() {
                    let provider = label.value.as_str().into();
                    declarations.provider_metas.push(ProviderMeta { provider, span: nested.header });
                }
            }
            "backend" => {
                declarations.backend_spans.push(nested.header);
                declarations.backend = backend::decode(nested, cx).or(declarations.backend.take());
            }
            _ => {
                declarations.cloud_spans.push(nested.header);
                backend::refuse_cloud(nested, cx);
            }
        }
    }
}
