use addrs::{Mode, Name, Resource};
use diag::{Diagnostic, Span};
use syntax::{Block, Body, Content, Expr, Traversal};

use crate::cx::{self, Cx};
use crate::lifecycle::{self, LifecycleDraft};
use crate::provider_block::{self, ProviderKey};
use crate::{Lifecycle, names};

/// A `resource`, `data` or `ephemeral` block.
#[derive(Clone, Debug)]
pub struct ResourceConfig {
    pub resource: Resource,
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub provider: ProviderReference,
    pub depends_on: Vec<Traversal>,
    pub lifecycle: Lifecycle,
    /// What the provider's schema decodes: the block without the meta-arguments.
    pub body: Body,
    /// The check block a data source is nested in.
    pub check: Option<Name>,
    /// Of the header: `resource "a" "b"`.
    pub span: Span,
    /// Of the type's label.
    pub type_span: Span,
}

/// Which provider configuration of the module serves a resource: named by `provider =`, or implied by the type.
#[derive(Clone, Debug)]
pub struct ProviderReference {
    pub key: ProviderKey,
    /// Where it is named; `None` when implied.
    pub span: Option<Span>,
}

/// A block as written, before override files.
#[derive(Clone, Debug)]
pub(crate) struct ResourceDraft {
    pub resource: Resource,
    pub span: Span,
    type_span: Span,
    count: Option<Expr>,
    for_each: Option<Expr>,
    provider: Option<ProviderReference>,
    depends_on: Vec<Traversal>,
    lifecycle: LifecycleDraft,
    body: Body,
    check: Option<Name>,
}

/// How messages call a block.
pub(crate) fn block_type(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "resource",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    }
}

/// How messages call what a block declares: `aws_vpc resource`, `aws_ami data resource`.
pub(crate) fn kind(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "resource",
        Mode::Data => "data resource",
        Mode::Ephemeral => "ephemeral resource",
    }
}

pub(crate) fn decode(block: &Block, mode: Mode, cx: &mut Cx<'_>) -> Option<ResourceDraft> {
    let schema = cx::schema(
        &["count", "for_each", "provider", "depends_on"],
        &[("provisioner", &["type"])],
        &["lifecycle", "connection", "locals", "_"],
    );
    let (content, body, diagnostics) = block.body.partial_content(&schema);
    cx.extend(diagnostics);
    let [ty, name] = block.labels.as_slice() else { return None };
    names::check(ty, &format!("Invalid {} name", type_kind(mode)), &mut cx.diagnostics);
    names::check(name, &format!("Invalid {} name", name_kind(mode)), &mut cx.diagnostics);
    let resource = Resource { mode, ty: ty.value.as_str().into(), name: name.value.as_str().into() };
    let (count, for_each) = repetition(&content, cx);
    let provider = content.attribute("provider").and_then(|attribute| {
        let key = provider_block::reference(&attribute.expr, "provider", &mut cx.diagnostics)?;
        Some(ProviderReference { key, span: Some(attribute.expr.span) })
    });
    let depends_on = cx.depends_on(&content);
    check_reserved(&content, &["locals"], &format!("{} block", block_type(mode)), cx);
    check_provisioners(&content, mode, cx);
    let lifecycle = decode_lifecycle(&content, &resource, cx);
    Some(ResourceDraft {
        body: escaped(&content, body, block_type(mode), cx),
        span: block.header,
        type_span: ty.span,
        resource,
        count,
        for_each,
        provider,
        depends_on,
        lifecycle,
        check: None,
    })
}

/// Decodes the data source of a check block, which may not be repeated and has no life cycle of its own.
pub(crate) fn decode_nested_data(block: &Block, check: &Name, cx: &mut Cx<'_>) -> Option<ResourceDraft> {
    let mut draft = decode(block, Mode::Data, cx)?;
    let schema = cx::schema(&["count", "for_each"], &[], &["lifecycle"]);
    // The findings about the body have been reported by now.
    let (content, _, _) = block.body.partial_content(&schema);
    for name in ["count", "for_each"] {
        if let Some(attribute) = content.attribute(name) {
            let detail =
                "The \"count\" and \"for_each\" meta-arguments are not supported within nested data blocks.";
            cx.push(
                Diagnostic::error(format!("Invalid \"{name}\" attribute"), detail).at(attribute.name.span),
            );
        }
    }
    if let Some(lifecycle) = content.blocks_of("lifecycle").next() {
        let detail = "Nested data blocks do not support \"lifecycle\" blocks as the lifecycle is managed by the \
                      containing block.";
        cx.push(Diagnostic::error("Invalid lifecycle block", detail).at(lifecycle.header));
    }
    draft.check = Some(check.clone());
    Some(draft)
}

fn type_kind(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "resource type",
        Mode::Data => "data source",
        Mode::Ephemeral => "ephemeral resource type",
    }
}

fn name_kind(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "resource",
        Mode::Data => "data resource",
        Mode::Ephemeral => "ephemeral resource",
    }
}

/// `count` and `for_each`, which exclude each other.
pub(crate) fn repetition(content: &Content, cx: &mut Cx<'_>) -> (Option<Expr>, Option<Expr>) {
    let count = content.attribute("count");
    let for_each = content.attribute("for_each");
    if let (Some(_), Some(for_each)) = (count, for_each) {
        let detail = "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used \
                      to be explicit about the number of resources to be created.";
        cx.push(
            Diagnostic::error("Invalid combination of \"count\" and \"for_each\"", detail)
                .at(for_each.name.span),
        );
    }
    (count.map(|a| a.expr.clone()), for_each.map(|a| a.expr.clone()))
}

/// Reports block types that the language keeps for itself.
pub(crate) fn check_reserved(content: &Content, reserved: &[&str], place: &str, cx: &mut Cx<'_>) {
    for block in content.blocks.iter().filter(|b| reserved.contains(&b.ty.name.as_str())) {
        let summary = format!("Reserved block type name in {place}");
        let detail = format!(
            "The block type name \"{}\" is reserved for use by Terraform in a future version.",
            block.ty.name
        );
        cx.push(Diagnostic::error(summary, detail).at(block.ty.span));
    }
}

/// Adds the content of the escaping block `_`, whose arguments are the provider's even if they look like meta-arguments.
pub(crate) fn escaped(content: &Content, body: Body, place: &str, cx: &mut Cx<'_>) -> Body {
    let mut blocks = content.blocks_of("_");
    let Some(first) = blocks.next() else { return body };
    for another in blocks {
        let detail = format!(
            "The special block type \"_\" can be used to force particular arguments to be interpreted as \
             {place}-type-specific rather than as meta-arguments, but each {place} block can have only one such block. \
             The first escaping block was at {}.",
            cx.place(first.header)
        );
        cx.push(Diagnostic::error("Duplicate escaping block", detail).at(another.header));
    }
    body.joined_with(&first.body)
}

/// Provisioners and their connections are not run; a documented difference from Terraform.
fn check_provisioners(content: &Content, mode: Mode, cx: &mut Cx<'_>) {
    for block in content.blocks.iter().filter(|b| matches!(b.ty.name.as_str(), "provisioner" | "connection"))
    {
        let ty = &block.ty.name;
        if mode != Mode::Managed {
            let detail = format!(
                "The block type name \"{ty}\" is defined only for managed resources (\"resource\" blocks), and is not \
                 valid for {}s.",
                kind(mode)
            );
            let summary = format!("Invalid {} block", kind(mode));
            cx.push(Diagnostic::error(summary, detail).at(block.header));
            continue;
        }
        let label = block.labels.first().map(|l| format!(" \"{}\"", l.value)).unwrap_or_default();
        cx.push(
            Diagnostic::error(
                "Provisioners are not supported",
                format!(
                    "groma does not run {ty}{label} blocks: what they change is in no plan and cannot be checked for \
                     drift. Declare what the commands would set up as resources instead (the host provider manages \
                     files, packages and services on machines), or keep values to react to in a terraform_data \
                     resource. Then remove this block."
                ),
            )
            .at(block.header),
        );
    }
}

fn decode_lifecycle(content: &Content, resource: &Resource, cx: &mut Cx<'_>) -> LifecycleDraft {
    let mut blocks = content.blocks_of("lifecycle");
    let Some(first) = blocks.next() else { return LifecycleDraft::default() };
    for another in blocks {
        let detail = format!("This resource already has a lifecycle block at {}.", cx.place(first.header));
        cx.push(Diagnostic::error("Duplicate lifecycle block", detail).at(another.header));
    }
    lifecycle::decode(first, resource, cx)
}

impl ResourceDraft {
    /// Lets an override file's block replace what it sets.
    pub fn merge(&mut self, other: Self, cx: &mut Cx<'_>) {
        cx.refuse_overriding(&other.depends_on);
        self.count = other.count.or(self.count.take());
        self.for_each = other.for_each.or(self.for_each.take());
        self.provider = other.provider.or(self.provider.take());
        self.lifecycle.merge(other.lifecycle);
        self.body = self.body.overridden_by(&other.body);
    }

    pub fn finish(self) -> ResourceConfig {
        let implied = || ProviderReference {
            key: ProviderKey { name: self.resource.implied_provider().into(), alias: None },
            span: None,
        };
        ResourceConfig {
            provider: self.provider.unwrap_or_else(implied),
            resource: self.resource,
            count: self.count,
            for_each: self.for_each,
            depends_on: self.depends_on,
            lifecycle: self.lifecycle.finish(),
            body: self.body,
            check: self.check,
            span: self.span,
            type_span: self.type_span,
        }
    }
}
