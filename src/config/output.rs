use addrs::Name;
use diag::{Diagnostic, Span};
use syntax::{Block, BodySchema, Expr, ExprKind, Traversal};

use crate::check::{self, Condition};
use crate::cx::Cx;
use crate::names;

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    pub name: Name,
    pub description: Option<String>,
    pub value: Expr,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub depends_on: Vec<Traversal>,
    pub preconditions: Vec<Condition>,
    pub deprecated: Option<String>,
    pub span: Span,
}

/// A block as written, before override files.
#[derive(Clone, Debug)]
pub(crate) struct OutputDraft {
    pub name: Name,
    pub span: Span,
    description: Option<String>,
    value: Option<Expr>,
    sensitive: Option<bool>,
    ephemeral: Option<bool>,
    depends_on: Vec<Traversal>,
    preconditions: Vec<Condition>,
    deprecated: Option<String>,
}

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<OutputDraft> {
    let value = if cx.overriding { "value" } else { "!value" };
    let schema = BodySchema::new(
        &[value, "description", "depends_on", "sensitive", "ephemeral", "deprecated"],
        &[("precondition", &[]), ("postcondition", &[])],
    );
    let (content, diagnostics) = block.body.content(&schema);
    cx.extend(diagnostics);
    let label = block.labels.first()?;
    names::check(label, "Invalid output name", &mut cx.diagnostics);
    if let Some(postcondition) = content.blocks_of("postcondition").next() {
        let detail = "Output values can only have preconditions, not postconditions.";
        cx.push(Diagnostic::error("Postconditions are not allowed", detail).at(postcondition.header));
    }
    let preconditions = content
        .blocks_of("precondition")
        .filter_map(|block| check::decode(block, &check::Kind::Precondition(None), cx))
        .collect();
    Some(OutputDraft {
        name: Name::from(label.value.as_str()),
        span: block.header,
        description: cx.string(&content, "description"),
        value: content.attribute("value").map(|a| a.expr.clone()),
        sensitive: cx.boolean(&content, "sensitive"),
        ephemeral: cx.boolean(&content, "ephemeral"),
        depends_on: cx.depends_on(&content),
        preconditions,
        deprecated: cx.string(&content, "deprecated"),
    })
}

impl OutputDraft {
    /// Lets an override file's block replace what it sets.
    pub fn merge(&mut self, other: Self, cx: &mut Cx<'_>) {
        cx.refuse_overriding(&other.depends_on);
        self.description = other.description.or(self.description.take());
        self.value = other.value.or(self.value.take());
        self.sensitive = other.sensitive.or(self.sensitive);
        self.ephemeral = other.ephemeral.or(self.ephemeral);
        self.deprecated = other.deprecated.or(self.deprecated.take());
    }

    pub fn finish(self) -> Output {
        Output {
            // A missing value has been reported.
            value: self.value.unwrap_or(Expr { kind: ExprKind::Invalid, span: self.span }),
            name: self.name,
            description: self.description,
            sensitive: self.sensitive.unwrap_or(false),
            ephemeral: self.ephemeral.unwrap_or(false),
            depends_on: self.depends_on,
            preconditions: self.preconditions,
            deprecated: self.deprecated,
            span: self.span,
        }
    }
}
