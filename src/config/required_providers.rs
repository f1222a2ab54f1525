use std::collections::BTreeMap;

use addrs::{Name, ProviderAddr};
use diag::{Diagnostic, Span};
use syntax::{Attribute, Block, Expr, ExprKind};

use crate::constant;
use crate::cx::Cx;
use crate::names::{self, provider_part_problem};
use crate::provider_block::{self, ProviderKey};

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    pub name: Name,
    pub source: ProviderAddr,
    /// The constraint as written, e.g. `~> 5.0`.
    pub version: Option<String>,
    /// `configuration_aliases`: provider configurations that the caller must pass.
    pub aliases: Vec<ProviderKey>,
    pub span: Span,
}

/// One `required_providers` block.
#[derive(Clone, Debug)]
pub(crate) struct RequiredProviders {
    pub entries: BTreeMap<Name, RequiredProvider>,
    pub span: Span,
}

const PREFIX: &str = "terraform-provider-";

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> RequiredProviders {
    let (attributes, diagnostics) = block.body.just_attributes();
    cx.extend(diagnostics);
    let entries =
        attributes.iter().filter_map(|attribute| entry(attribute, cx)).map(|e| (e.name.clone(), e)).collect();
    RequiredProviders { entries, span: block.header }
}

fn entry(attribute: &Attribute, cx: &mut Cx<'_>) -> Option<RequiredProvider> {
    let name = Name::from(attribute.name.name.as_str());
    if let Some(problem) = names::provider_name_problem(&name) {
        cx.push(Diagnostic::error("Invalid provider local name", problem).at(attribute.name.span));
        return None;
    }
    let mut entry = RequiredProvider {
        source: ProviderAddr::implied(&name),
        name,
        version: None,
        aliases: Vec::new(),
        span: attribute.span,
    };
    match &attribute.expr.kind {
        ExprKind::Object(_) => object(&attribute.expr, &mut entry, cx),
        ExprKind::String(_) | ExprKind::JsonString(_) => {
            entry.version = provider_block::version_constraint(&attribute.expr, &mut cx.diagnostics);
        }
        ExprKind::Invalid => {}
        _ => {
            let detail = "required_providers entries must be strings or objects.";
            cx.push(Diagnostic::error("Invalid required_providers object", detail).at(attribute.expr.span));
        }
    }
    Some(entry)
}

fn object(expr: &Expr, entry: &mut RequiredProvider, cx: &mut Cx<'_>) {
    for item in constant::map(expr, &mut cx.diagnostics) {
        match item.key.as_literal().map(|key| key.as_str()) {
            Some("version") => {
                if let Some(text) = literal(&item.value, "Invalid version constraint", "Version", cx) {
                    let expr = Expr { kind: ExprKind::String(text.into()), span: item.value.span };
                    entry.version = provider_block::version_constraint(&expr, &mut cx.diagnostics);
                }
            }
            Some("source") => {
                if let Some(text) = literal(&item.value, "Invalid source", "Source", cx) {
                    match source(&text) {
                        Ok(source) => entry.source = source,
                        Err(error) => cx.push(error.at(item.value.span)),
                    }
                }
            }
            Some("configuration_aliases") => entry.aliases = aliases(&item.value, &entry.name, cx),
            _ => {
                let detail = "required_providers objects can only contain \"version\", \"source\" and \
                              \"configuration_aliases\" attributes. To configure a provider, use a \"provider\" block.";
                cx.push(Diagnostic::error("Invalid required_providers object", detail).at(item.key.span()));
                break;
            }
        }
    }
}

fn literal(expr: &Expr, summary: &str, what: &str, cx: &mut Cx<'_>) -> Option<String> {
    let text = expr.as_literal_string().map(|text| text.to_string());
    if text.is_none() && !matches!(expr.kind, ExprKind::Invalid) {
        let detail = format!("{what} must be specified as a string.");
        cx.push(Diagnostic::error(summary, detail).at(expr.span));
    }
    text
}

fn aliases(expr: &Expr, name: &Name, cx: &mut Cx<'_>) -> Vec<ProviderKey> {
    let mut aliases = Vec::new();
    for item in constant::list(expr, &mut cx.diagnostics) {
        let Some(traversal) = constant::traversal(item, &mut cx.diagnostics) else { continue };
        if traversal.root.name != *name {
            let detail = format!(
                "Configuration aliases must be prefixed with the provider name. Expected \"{name}\", but found \"{}\".",
                traversal.root.name
            );
            cx.push(Diagnostic::error("Invalid configuration_aliases value", detail).at(item.span));
            continue;
        }
        if let Some(key) = provider_block::reference(item, "configuration_aliases", &mut cx.diagnostics) {
            aliases.push(key);
        }
    }
    aliases
}

/// Reads a source address: `[HOSTNAME/][NAMESPACE/]TYPE`.
fn source(text: &str) -> Result<ProviderAddr, Diagnostic> {
    let parts: Vec<&str> = text.split('/').collect();
    if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) {
        let detail = "The \"source\" attribute must be in the format \"[hostname/][namespace/]name\"";
        return Err(Diagnostic::error("Invalid provider source string", detail));
    }
    let mut reversed = parts.iter().rev().copied();
    let ty = reversed.next().unwrap_or_default();
    let namespace = reversed.next();
    for (what, part) in [("type", Some(ty)), ("namespace", namespace)] {
        if let Some(problem) = part.and_then(|part| provider_part_problem(&part.to_lowercase())) {
            let detail = format!(
                "Invalid provider {what} \"{}\" in source \"{text}\": {problem}.",
                part.unwrap_or_default()
            );
            return Err(Diagnostic::error(format!("Invalid provider {what}"), detail));
        }
    }
    if let Some(rest) = ty.strip_prefix(PREFIX).filter(|rest| !rest.is_empty()) {
        let better = text.strip_suffix(ty).map(|before| format!("{before}{rest}")).unwrap_or_default();
        let detail = format!(
            "Provider source \"{text}\" has a type with the prefix \"{PREFIX}\", which isn't valid. Although that prefix \
             is often used in the names of version control repositories for Terraform providers, provider source \
             strings should not include it.\n\nDid you mean \"{better}\"?"
        );
        return Err(Diagnostic::error("Invalid provider type", detail));
    }
    text.parse().map_err(|_| {
        let detail = format!("Invalid provider source hostname in source \"{text}\".");
        Diagnostic::error("Invalid provider source hostname", detail)
    })
}
