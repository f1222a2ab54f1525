use std::collections::BTreeMap;

use value::{Entries, Kind, Str, Type, Value};

use crate::compare::{child, same};
use crate::schema::{Attribute, Block, NestedBlock, NestedType, Nesting};

/// Merges configuration and prior state into the proposed new state (Terraform's `objchange.ProposedNew`):
/// the configuration where it is set, the prior value where it is null and the attribute computed, nested
/// blocks matched by index, key, or for sets by best match. `prior` is null for a creation.
///
/// Unknown configuration stays unknown, write-only attributes are null. Marks of the configuration are kept, those of the prior state travel
/// with the values taken from it.
pub fn proposed_new(schema: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() && prior.is_null() {
        return prior.clone();
    }
    if prior.is_null() {
        return merge_block(schema, &schema.empty_value(), config);
    }
    merge_block(schema, prior, config)
}

/// What a data source will hold before it is read (`objchange.PlannedDataResourceObject`): the configuration, with
/// every computed attribute that it does not set unknown.
pub fn planned_data(schema: &Block, config: &Value) -> Value {
    merge_block(schema, &Value::unknown(schema.implied_type()), config)
}

/// What the objects of one level hold: a block's body or the attributes of a nested attribute.
#[derive(Clone, Copy)]
enum Shape<'a> {
    Block(&'a Block),
    Object(&'a NestedType),
}

impl<'a> Shape<'a> {
    fn attributes(self) -> &'a BTreeMap<Str, Attribute> {
        match self {
            Self::Block(block) => &block.attributes,
            Self::Object(object) => &object.attributes,
        }
    }

    fn block(self, name: &str) -> Option<&'a NestedBlock> {
        match self {
            Self::Block(block) => block.blocks.get(name),
            Self::Object(_) => None,
        }
    }

    fn merge(self, prior: &Value, config: &Value) -> Value {
        match self {
            Self::Block(block) => proposed_new(block, prior, config),
            Self::Object(_) if config.is_null() => config.clone(),
            Self::Object(object) => {
                Value::object(merge_attributes(&object.attributes, prior, config)).mark(config.marks())
            }
        }
    }
}

fn merge_block(schema: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() || !config.is_known() {
        return prior.clone();
    }
    let attributes = merge_attributes(&schema.attributes, prior, config);
    let blocks = schema.blocks.iter().map(|(name, block)| {
        let ty = block.implied_type();
        (name.clone(), merge_nested_block(block, &child(prior, name, &ty), &child(config, name, &ty)))
    });
    Value::object(attributes.into_iter().chain(blocks).collect()).mark(config.marks())
}

fn merge_attributes(attributes: &BTreeMap<Str, Attribute>, prior: &Value, config: &Value) -> Entries {
    attributes
        .iter()
        .map(|(name, attribute)| {
            let prior = child(prior, name, &attribute.ty);
            let config = child(config, name, &attribute.ty);
            (name.clone(), merge_attribute(attribute, prior, config))
        })
        .collect()
}

fn merge_attribute(attribute: &Attribute, prior: Value, config: Value) -> Value {
    if attribute.write_only {
        return Value::null(attribute.ty.clone());
    }
    if attribute.computed && config.is_null() {
        // A prior value that only configuration can have set means that the setting was taken away.
        return if was_configured(attribute, &prior) { config } else { prior };
    }
    match &attribute.nested {
        Some(nested) => merge_nesting(nested.nesting, Shape::Object(nested), &prior, &config),
        None => config,
    }
}

fn merge_nested_block(block: &NestedBlock, prior: &Value, config: &Value) -> Value {
    if block.decided_by_provider(config) {
        return prior.clone();
    }
    merge_nesting(block.nesting, Shape::Block(&block.block), prior, config)
}

fn merge_nesting(nesting: Nesting, shape: Shape<'_>, prior: &Value, config: &Value) -> Value {
    // A block is unknown as a whole only when it comes from a dynamic block over an unknown collection.
    if !config.is_known() {
        return config.clone();
    }
    match nesting {
        Nesting::Single if config.is_null() => config.clone(),
        Nesting::Single | Nesting::Group => shape.merge(prior, config),
        Nesting::List => merge_list(shape, prior, config),
        Nesting::Map => merge_map(shape, prior, config),
        Nesting::Set => merge_set(shape, prior, config),
    }
}

/// Elements belong together by index.
fn merge_list(shape: Shape<'_>, prior: &Value, config: &Value) -> Value {
    let Some(configured) = config.items() else { return config.clone() };
    let merged =
        configured.iter().enumerate().map(|(index, config)| match prior.items().and_then(|p| p.get(index)) {
            Some(prior) => shape.merge(prior, config),
            None if !prior.is_known() => shape.merge(&Value::unknown(config.ty()), config),
            None => config.clone(),
        });
    rebuild(config, merged.collect())
}

/// Elements belong together by key.
fn merge_map(shape: Shape<'_>, prior: &Value, config: &Value) -> Value {
    let Some(configured) = config.entries() else { return config.clone() };
    let merged: Entries = configured
        .iter()
        .map(|(key, config)| {
            let merged = match prior.attr(key) {
                Some(prior) => shape.merge(prior, config),
                None => config.clone(),
            };
            (key.clone(), merged)
        })
        .collect();
    let rebuilt = match config.kind() {
        Kind::Map(map) => Value::map(map.element().clone(), merged),
        _ => Value::object(merged),
    };
    rebuilt.mark(config.marks())
}

/// Elements belong together when the prior one could have come from the configured one by filling in computed values.
fn merge_set(shape: Shape<'_>, prior: &Value, config: &Value) -> Value {
    let Some(configured) = config.items() else { return config.clone() };
    let mut unused: Vec<&Value> = prior.items().unwrap_or_default().iter().collect();
    let merged = configured.iter().map(|config| {
        let found = unused.iter().position(|prior| could_come_from(shape, prior, config));
        match found {
            Some(at) => shape.merge(unused.remove(at), config),
            None => shape.merge(&Value::null(config.ty()), config),
        }
    });
    rebuild(config, merged.collect())
}

/// A sequence like `like` with other items.
fn rebuild(like: &Value, items: Vec<Value>) -> Value {
    let rebuilt = match like.kind() {
        Kind::List(list) => Value::list(list.element().clone(), items),
        Kind::Set(set) => Value::set(set.element().clone(), items),
        _ => Value::tuple(items),
    };
    rebuilt.mark(like.marks())
}

/// Whether an optional nested attribute holds anything that is not computed, so must have been configured once.
fn was_configured(attribute: &Attribute, value: &Value) -> bool {
    match &attribute.nested {
        Some(nested) if attribute.optional => holds_configured(nested, value),
        _ => false,
    }
}

fn holds_configured(nested: &NestedType, value: &Value) -> bool {
    let in_object = |object: &Value| {
        nested.attributes.iter().any(|(name, attribute)| match object.attr(name) {
            Some(value) if !value.is_null() => {
                !attribute.computed
                    || attribute.nested.as_ref().is_some_and(|inner| holds_configured(inner, value))
            }
            _ => false,
        })
    };
    match nested.nesting {
        Nesting::Single | Nesting::Group => in_object(value),
        Nesting::List | Nesting::Set => value.items().unwrap_or_default().iter().any(in_object),
        Nesting::Map => value.entries().is_some_and(|entries| entries.values().any(in_object)),
    }
}

/// Whether `prior` is `config` with nothing but computed values added.
fn could_come_from(shape: Shape<'_>, prior: &Value, config: &Value) -> bool {
    if same(prior, config) {
        return true;
    }
    let Some(prior_children) = prior.entries() else { return prior.is_null() };
    prior_children.iter().all(|(name, prior)| {
        let Some(config) = config.attr(name) else { return false };
        if same(prior, config) {
            return true;
        }
        // Elements of sets inside sets cannot be told apart, so these must be equal.
        if matches!(config.ty(), Type::Set(_)) {
            return false;
        }
        match (shape.attributes().get(name), shape.block(name)) {
            (Some(attribute), _) => match &attribute.nested {
                Some(nested) => each_could_come_from(nested.nesting, Shape::Object(nested), prior, config),
                None => attribute.computed && config.is_null(),
            },
            (None, Some(block)) => {
                each_could_come_from(block.nesting, Shape::Block(&block.block), prior, config)
            }
            (None, None) => false,
        }
    })
}

fn each_could_come_from(nesting: Nesting, shape: Shape<'_>, prior: &Value, config: &Value) -> bool {
    if prior.is_null() {
        return true;
    }
    match nesting {
        Nesting::Single | Nesting::Group => could_come_from(shape, prior, config),
        Nesting::List => {
            let config = config.items().unwrap_or_default();
            let prior = prior.items().unwrap_or_default();
            prior.len() <= config.len() && prior.iter().zip(config).all(|(p, c)| could_come_from(shape, p, c))
        }
        Nesting::Map => prior.entries().is_some_and(|entries| {
            entries.iter().all(|(key, p)| config.attr(key).is_some_and(|c| could_come_from(shape, p, c)))
        }),
        Nesting::Set => false,
    }
}
