use addrs::Name;
use diag::{Diagnostic, Span};
use syntax::{Block, Body, Content, Expr, Traversal};

use crate::cx::{self, Cx};
use crate::provider_block::{self, ProviderKey};
use crate::{constant, names, place, resource};

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    pub name: Name,
    pub source: String,
    pub source_span: Span,
    pub version: Option<String>,
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub depends_on: Vec<Traversal>,
    /// What `providers` passes to the child, in source order.
    pub providers: Vec<PassedProvider>,
    /// The input variables: attributes named after the child's variables.
    pub body: Body,
    pub span: Span,
}

/// One entry of `providers`: the child's provider configuration and the caller's that serves for it.
#[derive(Clone, Debug)]
pub struct PassedProvider {
    pub child: ProviderKey,
    pub child_span: Span,
    pub parent: ProviderKey,
    pub parent_span: Span,
}

/// A block as written, before override files.
#[derive(Clone, Debug)]
pub(crate) struct ModuleCallDraft {
    pub name: Name,
    pub span: Span,
    source: Option<(String, Span)>,
    version: Option<(String, Span)>,
    count: Option<Expr>,
    for_each: Option<Expr>,
    depends_on: Vec<Traversal>,
    providers: Vec<PassedProvider>,
    body: Body,
}

const RESERVED: [&str; 2] = ["lifecycle", "locals"];

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<ModuleCallDraft> {
    let source = if cx.overriding { "source" } else { "!source" };
    let schema = cx::schema(
        &[source, "version", "count", "for_each", "depends_on", "providers"],
        &[],
        &["_", "lifecycle", "locals", "provider"],
    );
    let (content, body, diagnostics) = block.body.partial_content(&schema);
    cx.extend(diagnostics);
    let label = block.labels.first()?;
    names::check(label, "Invalid module instance name", &mut cx.diagnostics);
    let source = content
        .attribute("source")
        .and_then(|a| Some((constant::string(&a.expr, &mut cx.diagnostics)?, a.expr.span)));
    let version = content
        .attribute("version")
        .and_then(|a| Some((provider_block::version_constraint(&a.expr, &mut cx.diagnostics)?, a.expr.span)));
    let (count, for_each) = resource::repetition(&content, cx);
    let depends_on = cx.depends_on(&content);
    let providers = passed_providers(&content, cx);
    resource::check_reserved(&content, &RESERVED, "module block", cx);
    for provider in content.blocks_of("provider") {
        let detail = "Blocks of type \"provider\" are not expected here. To pass provider configurations to a module, \
                      use the \"providers\" argument.";
        cx.push(Diagnostic::error("Unsupported block type", detail).at(provider.ty.span));
    }
    Some(ModuleCallDraft {
        name: label.value.as_str().into(),
        span: block.header,
        source,
        version,
        count,
        for_each,
        depends_on,
        providers,
        body: resource::escaped(&content, body, "module", cx),
    })
}

fn passed_providers(content: &Content, cx: &mut Cx<'_>) -> Vec<PassedProvider> {
    let Some(attribute) = content.attribute("providers") else { return Vec::new() };
    let mut passed: Vec<PassedProvider> = Vec::new();
    for item in constant::map(&attribute.expr, &mut cx.diagnostics) {
        let key = match &item.key {
            syntax::ObjectKey::Name(name) => Some(ProviderKey::default_of(name.name.as_str())),
            syntax::ObjectKey::Expr(key) => provider_block::reference(key, "providers", &mut cx.diagnostics),
        };
        let value = provider_block::reference(&item.value, "providers", &mut cx.diagnostics);
        let (Some(child), Some(parent)) = (key, value) else { continue };
        let child_span = item.key.span();
        if let Some(earlier) = passed.iter().find(|earlier| earlier.child == child) {
            let detail = format!(
                "A provider configuration was already passed to {child} at {}. Each child provider configuration can \
                 be assigned only once.",
                place::range(cx.sources, earlier.child_span.to(earlier.parent_span))
            );
            cx.push(Diagnostic::error("Duplicate provider address", detail).at(item.value.span));
            continue;
        }
        passed.push(PassedProvider { child, child_span, parent, parent_span: item.value.span });
    }
    passed
}

impl ModuleCallDraft {
    /// Lets an override file's block replace what it sets.
    pub fn merge(&mut self, other: Self, cx: &mut Cx<'_>) {
        cx.refuse_overriding(&other.depends_on);
        self.source = other.source.or(self.source.take());
        self.version = other.version.or(self.version.take());
        self.count = other.count.or(self.count.take());
        self.for_each = other.for_each.or(self.for_each.take());
        if !other.providers.is_empty() {
            self.providers = other.providers;
        }
        self.body = self.body.overridden_by(&other.body);
    }

    pub fn finish(self) -> ModuleCall {
        // A missing source has been reported; the empty one is not loaded.
        let (source, source_span) = self.source.unwrap_or((String::new(), self.span));
        ModuleCall {
            name: self.name,
            source,
            source_span,
            version: self.version.map(|(version, _)| version),
            count: self.count,
            for_each: self.for_each,
            depends_on: self.depends_on,
            providers: self.providers,
            body: self.body,
            span: self.span,
        }
    }
}

impl ModuleCall {
    /// The argument that makes several instances of it or orders them as a whole, if there is one.
    pub(crate) fn repetition_span(&self) -> Option<Span> {
        let repeated = self.count.as_ref().or(self.for_each.as_ref()).map(|expr| expr.span);
        repeated.or_else(|| self.depends_on.first().map(Traversal::span))
    }
}
