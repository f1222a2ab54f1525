//! Bodies and blocks, and schema-driven decoding that hides whether the source was native or JSON.

use std::sync::Arc;

use diag::{Diagnostics, Span};
use ecow::EcoString;

use crate::ast::{Attribute, Ident, Label};
use crate::json::JsonBody;
use crate::merged::MergedBody;

/// The content of a file or block.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Shared, so that a clone is cheap.
    Native(Arc<NativeBody>),
    /// A JSON object (or several of one block type): which properties are attributes and which are
    /// blocks is known only once a schema is applied.
    Json(JsonBody),
    /// Two bodies seen as one: override files, escaping blocks.
    Merged(Arc<MergedBody>),
}

/// A body of the native syntax.
#[derive(Clone, Debug, PartialEq)]
pub struct NativeBody {
    /// In source order. Names are unique: a repeated one has been reported and dropped.
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
    /// Between the braces, or the whole file.
    pub span: Span,
    /// The closing brace, or the end of the file.
    pub end: Span,
    /// The empty span before the opening brace, or at the start of the file: where a missing item is reported.
    pub missing: Span,
    /// An item could not be parsed: what seems to be missing may be that one.
    pub incomplete: bool,
}

/// A block: `ty "label" { body }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub ty: Ident,
    pub labels: Vec<Label>,
    pub body: Body,
    /// Type and labels: `resource "a" "b"`.
    pub header: Span,
    /// From the type to the closing brace.
    pub span: Span,
}

/// The attributes and block types a body may have.
#[derive(Clone, Debug, Default)]
pub struct BodySchema {
    pub attributes: Vec<AttributeSchema>,
    pub blocks: Vec<BlockSchema>,
}

/// An attribute a body may have.
#[derive(Clone, Debug)]
pub struct AttributeSchema {
    pub name: EcoString,
    pub required: bool,
}

/// A block type a body may have, any number of times.
#[derive(Clone, Debug)]
pub struct BlockSchema {
    pub ty: EcoString,
    /// What each label names, for messages: `["type", "name"]`.
    pub labels: Vec<EcoString>,
}

/// A body decoded against a schema.
#[derive(Clone, Debug)]
pub struct Content {
    pub attributes: Vec<Attribute>,
    /// In source order.
    pub blocks: Vec<Block>,
    pub missing: Span,
}

impl Content {
    /// The attribute of a name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name.name == name)
    }

    /// The blocks of a type in source order.
    pub fn blocks_of<'a>(&'a self, ty: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |b| b.ty.name == ty)
    }
}

impl BodySchema {
    /// `attributes`: names, a leading `!` marks a required one. `blocks`: type and label names.
    pub fn new(attributes: &[&str], blocks: &[(&str, &[&str])]) -> Self {
        Self {
            attributes: attributes
                .iter()
                .map(|a| AttributeSchema {
                    name: a.trim_start_matches('!').into(),
                    required: a.starts_with('!'),
                })
                .collect(),
            blocks: blocks
                .iter()
                .map(|(ty, labels)| BlockSchema {
                    ty: (*ty).into(),
                    labels: labels.iter().map(|l| (*l).into()).collect(),
                })
                .collect(),
        }
    }
}

impl Body {
    /// Decodes the whole body: whatever the schema does not name is an error, with a suggestion where one is near.
    pub fn content(&self, schema: &BodySchema) -> (Content, Diagnostics) {
        match self {
            Self::Native(body) => body.content(schema),
            Self::Json(body) => body.content(schema),
            Self::Merged(body) => body.content(schema),
        }
    }

    /// Decodes what the schema names and returns the rest as a body of its own.
    pub fn partial_content(&self, schema: &BodySchema) -> (Content, Body, Diagnostics) {
        match self {
            Self::Native(body) => {
                let (content, rest, diagnostics) = body.partial_content(schema);
                (content, Body::Native(Arc::new(rest)), diagnostics)
            }
            Self::Json(body) => {
                let (content, rest, diagnostics) = body.partial_content(schema);
                (content, Body::Json(rest), diagnostics)
            }
            Self::Merged(body) => {
                let (content, rest, diagnostics) = body.partial_content(schema);
                (content, Body::Merged(Arc::new(rest)), diagnostics)
            }
        }
    }

    /// Takes every item as an attribute (`locals`, `providers`, tfvars files); blocks are errors.
    pub fn just_attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        match self {
            Self::Native(body) => body.just_attributes(),
            Self::Json(body) => body.just_attributes(),
            Self::Merged(body) => body.just_attributes(),
        }
    }

    /// Whether there can be blocks in it: false only where the source has none.
    pub fn may_have_blocks(&self) -> bool {
        match self {
            Self::Native(body) => !body.blocks.is_empty(),
            Self::Json(_) | Self::Merged(_) => true,
        }
    }

    /// Where a missing item is reported.
    pub fn missing_span(&self) -> Span {
        match self {
            Self::Native(body) => body.missing,
            Self::Json(body) => body.missing_span(),
            Self::Merged(body) => body.base().missing_span(),
        }
    }
}
