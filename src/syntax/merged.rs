//! Two bodies seen as one, whichever syntax each is written in.

use std::collections::BTreeSet;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics};
use ecow::EcoString;

use crate::ast::Attribute;
use crate::body::{Block, Body, BodySchema, Content};

/// A block type that generates blocks of the type its label names.
const DYNAMIC: &str = "dynamic";

/// A body and what is added to it or replaces parts of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedBody {
    base: Body,
    other: Body,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    /// Arguments and block types of the other replace those of the base.
    Override,
    /// Both count; an argument may be in one of them only.
    Join,
}

impl Body {
    /// This body after an override file: an argument replaces the one of the same name, and nested blocks of a type
    /// replace all of that type, `dynamic` ones included.
    #[must_use]
    pub fn overridden_by(&self, other: &Self) -> Self {
        self.merged(other, Mode::Override)
    }

    /// The content of both bodies.
    #[must_use]
    pub fn joined_with(&self, other: &Self) -> Self {
        self.merged(other, Mode::Join)
    }

    fn merged(&self, other: &Self, mode: Mode) -> Self {
        Self::Merged(Arc::new(MergedBody { base: self.clone(), other: other.clone(), mode }))
    }
}

impl MergedBody {
    pub(crate) fn content(&self, schema: &BodySchema) -> (Content, Diagnostics) {
        let lenient = lenient(schema);
        let (base, mut diagnostics) = self.base.content(&lenient);
        let (other, more) = self.other.content(&lenient);
        diagnostics.extend(more);
        let content = self.merge(schema, base, other, &mut diagnostics);
        (content, diagnostics)
    }

    pub(crate) fn partial_content(&self, schema: &BodySchema) -> (Content, Self, Diagnostics) {
        let lenient = lenient(schema);
        let (base, base_rest, mut diagnostics) = self.base.partial_content(&lenient);
        let (other, other_rest, more) = self.other.partial_content(&lenient);
        diagnostics.extend(more);
        let content = self.merge(schema, base, other, &mut diagnostics);
        (content, Self { base: base_rest, other: other_rest, mode: self.mode }, diagnostics)
    }

    pub(crate) fn just_attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        let (base, mut diagnostics) = self.base.just_attributes();
        let (other, more) = self.other.just_attributes();
        diagnostics.extend(more);
        (self.merge_attributes(base, other, &mut diagnostics), diagnostics)
    }

    pub(crate) fn base(&self) -> &Body {
        &self.base
    }

    fn merge(
        &self,
        schema: &BodySchema,
        base: Content,
        other: Content,
        diagnostics: &mut Diagnostics,
    ) -> Content {
        let missing = base.missing;
        let attributes = self.merge_attributes(base.attributes, other.attributes, diagnostics);
        schema.report_missing(&attributes, missing, diagnostics);
        let mut blocks = base.blocks;
        if self.mode == Mode::Override {
            let replaced: BTreeSet<&EcoString> = other.blocks.iter().map(generated_type).collect();
            blocks.retain(|block| !replaced.contains(generated_type(block)));
        }
        blocks.extend(other.blocks);
        Content { attributes, blocks, missing }
    }

    fn merge_attributes(
        &self,
        mut base: Vec<Attribute>,
        other: Vec<Attribute>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Attribute> {
        for attribute in other {
            match base.iter_mut().find(|a| a.name.name == attribute.name.name) {
                Some(earlier) if self.mode == Mode::Override => *earlier = attribute,
                Some(_) => {
                    let detail = format!("The argument \"{}\" was already set.", attribute.name.name);
                    diagnostics.push(Diagnostic::error("Duplicate argument", detail).at(attribute.name.span));
                }
                None => base.push(attribute),
            }
        }
        base
    }
}

/// The same schema with nothing required: what one body leaves out the other may have.
fn lenient(schema: &BodySchema) -> BodySchema {
    let mut schema = schema.clone();
    for attribute in &mut schema.attributes {
        attribute.required = false;
    }
    schema
}

/// The type of a block, of a `dynamic` one that of the blocks it generates.
fn generated_type(block: &Block) -> &EcoString {
    match block.labels.first() {
        Some(label) if block.ty.name == DYNAMIC => &label.value,
        _ => &block.ty.name,
    }
}

#[cfg(test)]
mod tests {
    use diag::FileId;

    use super::*;

    fn native(text: &str) -> Body {
        crate::parse_file(FileId(0), text).0
    }

    fn json(text: &str) -> Body {
        crate::parse_json_file(FileId(0), text).0
    }

    fn summary(body: &Body) -> (String, usize) {
        let schema = BodySchema::new(&["!a", "b"], &[("x", &[]), ("y", &[]), ("dynamic", &["type"])]);
        let (content, diagnostics) = body.content(&schema);
        let mut items: Vec<String> = content
            .attributes
            .iter()
            .map(|a| format!("{}@{}", a.name.name, a.span.start))
            .chain(content.blocks.iter().map(|b| format!("{}{}", b.ty.name, b.labels.len())))
            .collect();
        items.sort();
        (items.join(" "), diagnostics.len())
    }

    #[test]
    fn an_override_replaces_arguments_and_whole_block_types() {
        let base = native("a = 1\nx {}\nx {}\ny {}\ndynamic \"x\" {}\n");
        assert_eq!(summary(&base.overridden_by(&native("  a = 2\nx {}\n"))), ("a@2 x0 y0".into(), 0));
        assert_eq!(
            summary(&base.overridden_by(&json("{\"y\":[{},{}]}"))),
            ("a@0 dynamic1 x0 x0 y0 y0".into(), 0)
        );
        assert_eq!(summary(&native("b = 1\n").overridden_by(&native("b = 2\n"))).1, 1, "a is missing once");
    }

    #[test]
    fn joined_bodies_keep_the_blocks_of_both() {
        let base = native("a = 1\nx {}\n");
        assert_eq!(summary(&base.joined_with(&native("b = 2\nx {}\n"))), ("a@0 b@0 x0 x0".into(), 0));
        assert_eq!(summary(&base.joined_with(&native("a = 2\n"))), ("a@0 x0".into(), 1));
    }
}
