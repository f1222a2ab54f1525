use std::collections::BTreeMap;

use lang::{Reference, Subject};
use provider::{Block, NestedBlock, Nesting};
use serde::Serialize;
use serde_json::value::RawValue;
use syntax::{AttributeSchema, BlockSchema, Body, BodySchema, Expr, TraversalStep};

use crate::constant;

/// An expression by what it refers to, or by its value where that is a constant.
#[derive(Debug, Default, Serialize)]
pub struct ExpressionJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant_value: Option<Box<RawValue>>,
    /// Each reference is followed by its own prefixes, down to the object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

/// The arguments of a block, by name.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct ExpressionsJson(pub BTreeMap<String, ArgumentJson>);

/// An argument, or nested blocks of one type.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum ArgumentJson {
    Expression(ExpressionJson),
    Block(ExpressionsJson),
    Blocks(Vec<ExpressionsJson>),
    /// By label.
    Labelled(BTreeMap<String, ExpressionsJson>),
}

impl ExpressionJson {
    pub fn new(expr: &Expr) -> Self {
        let constant = constant::value(expr).ok().filter(value::Value::is_wholly_known);
        Self {
            constant_value: constant.and_then(|value| plain(&value)),
            references: lang::references(expr).0.iter().flat_map(with_prefixes).collect(),
        }
    }

    pub fn of(expr: Option<&Expr>) -> Self {
        expr.map(Self::new).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.constant_value.is_none() && self.references.is_empty()
    }
}

impl ExpressionsJson {
    /// The arguments that a body sets, as its schema knows them. What `dynamic` blocks would generate is left out.
    pub fn new(body: &Body, schema: &Block) -> Self {
        let (content, _, _) = body.partial_content(&body_schema(schema));
        let mut arguments: BTreeMap<String, ArgumentJson> = content
            .attributes
            .iter()
            .map(|a| (a.name.name.to_string(), ArgumentJson::Expression(ExpressionJson::new(&a.expr))))
            .collect();
        for (ty, nested) in &schema.blocks {
            let blocks: Vec<&syntax::Block> = content.blocks_of(ty).collect();
            if let Some(argument) = nested_blocks(&blocks, nested) {
                arguments.insert(ty.to_string(), argument);
            }
        }
        Self(arguments)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn nested_blocks(blocks: &[&syntax::Block], nested: &NestedBlock) -> Option<ArgumentJson> {
    let expressions = |block: &&syntax::Block| ExpressionsJson::new(&block.body, &nested.block);
    let first = blocks.first()?;
    Some(match nested.nesting {
        Nesting::Single | Nesting::Group => ArgumentJson::Block(expressions(first)),
        Nesting::List | Nesting::Set => ArgumentJson::Blocks(blocks.iter().map(expressions).collect()),
        Nesting::Map => {
            let label = |block: &&syntax::Block| block.labels.first().map(|l| l.value.to_string());
            let entries = blocks.iter().filter_map(|block| Some((label(block)?, expressions(block))));
            ArgumentJson::Labelled(entries.collect())
        }
    })
}

fn body_schema(block: &Block) -> BodySchema {
    let attributes =
        block.attributes.keys().map(|name| AttributeSchema { name: name.clone(), required: false });
    let blocks = block.blocks.iter().map(|(ty, nested)| BlockSchema {
        ty: ty.clone(),
        labels: if nested.nesting == Nesting::Map { vec!["key".into()] } else { Vec::new() },
    });
    BodySchema { attributes: attributes.collect(), blocks: blocks.collect() }
}

/// A value as plain JSON, in the form that `show -json` has.
pub(super) fn plain(value: &value::Value) -> Option<Box<RawValue>> {
    let text = value::json::to_plain_json(&value.unmark_deep()).ok()?;
    RawValue::from_string(text).ok()
}

/// `a.b[0].c`, `a.b[0]`, `a.b`: the whole reference and what is left as its last steps are taken away.
fn with_prefixes(reference: &Reference) -> Vec<String> {
    let subject = reference.subject.to_string();
    let rest = &reference.rest;
    let own = match (&reference.subject, rest.as_slice()) {
        // An output of a module instance is one name.
        (
            Subject::Module(_),
            [TraversalStep::Key { .. } | TraversalStep::Index { .. }, TraversalStep::Attr(_), ..],
        ) => 1,
        _ => 0,
    };
    (own..=rest.len())
        .rev()
        .map(|steps| {
            let steps = rest.iter().take(steps).map(ToString::to_string);
            subject.clone() + &steps.collect::<String>()
        })
        .collect()
}
