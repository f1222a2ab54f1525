//! What the syntax layer is told of a provider schema.

use std::collections::BTreeMap;

use provider::{Attribute, Block, NestedBlock, Nesting};
use syntax::{AttributeSchema, BlockSchema, Body, BodySchema};
use value::{Str, Type};

/// The block type that generates others.
pub(super) const DYNAMIC: &str = "dynamic";

/// The syntax schema of a block, and which of its attributes this body writes as blocks.
pub(super) struct Shape {
    pub syntax: BodySchema,
    /// Attributes of list or set type that are written as blocks here, as nested blocks.
    pub as_blocks: BTreeMap<Str, NestedBlock>,
}

impl Shape {
    pub(super) fn of(body: &Body, schema: &Block) -> Self {
        let as_blocks = written_as_blocks(body, schema);
        let attributes =
            schema.attributes.iter().filter(|(name, _)| !as_blocks.contains_key(*name)).map(
                |(name, attribute)| AttributeSchema { name: name.clone(), required: attribute.required },
            );
        let blocks = schema
            .blocks
            .iter()
            .map(|(name, nested)| (name, labels(nested)))
            .chain(as_blocks.keys().map(|name| (name, Vec::new())))
            .map(|(name, labels)| BlockSchema { ty: name.clone(), labels });
        let mut syntax = BodySchema { attributes: attributes.collect(), blocks: blocks.collect() };
        if syntax.blocks.iter().all(|block| block.ty != DYNAMIC) {
            syntax.blocks.push(dynamic_schema());
        }
        Self { syntax, as_blocks }
    }
}

/// The label that a block of this nesting has.
pub(super) fn labels(nested: &NestedBlock) -> Vec<Str> {
    if nested.nesting == Nesting::Map { vec!["key".into()] } else { Vec::new() }
}

/// Whether a block is of a type, or a `dynamic` block that generates blocks of it.
pub(super) fn generates(block: &syntax::Block, ty: &str) -> bool {
    if block.ty.name == DYNAMIC && ty != DYNAMIC {
        block.labels.first().is_some_and(|label| label.value == ty)
    } else {
        block.ty.name == ty
    }
}

fn dynamic_schema() -> BlockSchema {
    BlockSchema { ty: DYNAMIC.into(), labels: vec!["type".into()] }
}

/// Attributes that hold lists or sets of objects and are written as blocks in this body. Where a provider has
/// nested attributes it is of a kind that never had such attributes-as-blocks.
fn written_as_blocks(body: &Body, schema: &Block) -> BTreeMap<Str, NestedBlock> {
    if !body.may_have_blocks() {
        return BTreeMap::new();
    }
    let candidates: Vec<(&Str, NestedBlock)> = schema
        .attributes
        .iter()
        .filter_map(|(name, attribute)| Some((name, element_block(attribute)?)))
        .collect();
    if candidates.is_empty() || uses_nested_attributes(schema) {
        return BTreeMap::new();
    }
    let names = candidates.iter().map(|(name, _)| (*name).clone());
    let attributes = names.clone().map(|name| AttributeSchema { name, required: false }).collect();
    let found = body.partial_content(&BodySchema { attributes, blocks: Vec::new() }).0.attributes;
    let blocks = names.map(|ty| BlockSchema { ty, labels: Vec::new() }).chain([dynamic_schema()]).collect();
    let blocks = body.partial_content(&BodySchema { attributes: Vec::new(), blocks }).0.blocks;
    candidates
        .into_iter()
        .filter(|(name, _)| !found.iter().any(|attribute| attribute.name.name == **name))
        .filter(|(name, _)| blocks.iter().any(|block| generates(block, name)))
        .map(|(name, nested)| (name.clone(), nested))
        .collect()
}

/// The block that stands for an element of an attribute; `None` where it cannot be written as blocks.
fn element_block(attribute: &Attribute) -> Option<NestedBlock> {
    let (nesting, element) = match &attribute.ty {
        Type::List(element) => (Nesting::List, element),
        Type::Set(element) => (Nesting::Set, element),
        _ => return None,
    };
    let object = element.as_object()?;
    let attributes =
        object.iter().map(|(name, ty)| (name.clone(), Attribute::optional(ty.clone()))).collect();
    let block = Block { attributes, ..Block::default() };
    Some(NestedBlock { nesting, block, min_items: 0, max_items: 0, computed: false })
}

fn uses_nested_attributes(schema: &Block) -> bool {
    schema.attributes.values().any(|attribute| attribute.nested.is_some())
        || schema.blocks.values().any(|nested| uses_nested_attributes(&nested.block))
}
