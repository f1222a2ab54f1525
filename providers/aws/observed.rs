//! What the service says an object is, and how it becomes state.

use std::collections::BTreeMap;

use provider::{Block, NestedBlock, Nesting};
use value::{Entries, Type, Value};

use crate::api::Tags;
use crate::object::{is_zero, same};

/// The attributes the service tells of an object or block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    attributes: BTreeMap<&'static str, Seen>,
    /// All tags of the object; they become `tags` and `tags_all`.
    pub tags: Option<Tags>,
}

/// The value of an attribute as the service tells it.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Text(Option<String>),
    Bool(Option<bool>),
    Int(Option<i64>),
    Strings(Vec<String>),
    Map(Tags),
    Objects(Vec<Observed>),
}

/// Whose representation of equal values wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What state or plan had, so that nothing appears to change that did not.
    Prior,
    /// The service's: the object is imported and state says nothing yet.
    Nothing,
}

/// Tells whether two values of an attribute mean the same, where that is more than equality.
pub type Same = fn(attribute: &str, a: &Value, b: &Value) -> bool;

/// Attributes that tell items of a set of blocks apart.
const ITEM_KEYS: &[&str] = &["device_name", "device_index"];

impl Observed {
    /// An object with these tags.
    pub fn tagged(tags: &Tags) -> Self {
        Self { tags: Some(tags.clone()), ..Self::default() }
    }

    pub fn set(&mut self, name: &'static str, seen: impl Into<Seen>) {
        self.attributes.insert(name, seen.into());
    }

    pub fn get(&self, name: &str) -> Option<&Seen> {
        self.attributes.get(name)
    }

    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Seen::Text(Some(text))) => text,
            _ => "",
        }
    }

    /// Lays what was observed over what state or plan says. Attributes the service does not tell keep their value;
    /// what is unknown and not told becomes null.
    pub fn settle(&self, block: &Block, prior: &Value, keep: Keep, same: Same) -> Value {
        let mut entries = Entries::new();
        for (name, attribute) in &block.attributes {
            let prior = prior.attr(name);
            let value = match self.attributes.get(name.as_str()) {
                Some(seen) => settle_value(name, &attribute.ty, attribute.computed, prior, seen, keep, same),
                None => not_told(prior, &attribute.ty),
            };
            entries.insert(name.clone(), value);
        }
        for (name, nested) in &block.blocks {
            let prior = prior.attr(name);
            let value = match self.attributes.get(name.as_str()) {
                Some(Seen::Objects(objects)) => settle_blocks(nested, prior, objects, keep, same),
                _ => match prior {
                    Some(prior) if prior.is_known() => resolved(prior),
                    _ => nested.empty_value(),
                },
            };
            entries.insert(name.clone(), value);
        }
        Value::object(entries)
    }
}

fn settle_value(
    name: &str,
    ty: &Type,
    computed: bool,
    prior: Option<&Value>,
    seen: &Seen,
    keep: Keep,
    same: Same,
) -> Value {
    let value = seen.to_value(ty, computed);
    let Some(prior) = prior else { return value };
    match keep {
        Keep::Prior if prior.is_known() && same(name, prior, &value) => resolved(prior),
        Keep::Prior => with_items_of(prior, value),
        Keep::Nothing => value,
    }
}

/// A set of objects with the representation of those that were there before.
fn with_items_of(prior: &Value, value: Value) -> Value {
    let (value::Kind::Set(set), Some(priors)) = (value.kind(), prior.items()) else { return value };
    let items = set.items().iter().map(|item| priors.iter().find(|p| same(p, item)).unwrap_or(item).clone());
    Value::set(set.element().clone(), items.collect())
}

fn settle_blocks(
    nested: &NestedBlock,
    prior: Option<&Value>,
    objects: &[Observed],
    keep: Keep,
    same: Same,
) -> Value {
    let priors = prior.and_then(Value::items).unwrap_or_default();
    let element = nested.block.implied_type();
    let nothing = nested.block.empty_value();
    let settle = |object: &Observed, prior: Option<&Value>| match prior {
        Some(prior) => object.settle(&nested.block, prior, keep, same),
        None => object.settle(&nested.block, &nothing, Keep::Nothing, same),
    };
    match nested.nesting {
        Nesting::Set => {
            let items = objects.iter().map(|object| settle(object, object.counterpart(priors))).collect();
            Value::set(element, items)
        }
        _ => {
            let items = objects.iter().enumerate().map(|(i, object)| settle(object, priors.get(i))).collect();
            Value::list(element, items)
        }
    }
}

impl Observed {
    /// The item of a set of blocks that is about the same thing.
    fn counterpart<'a>(&self, items: &'a [Value]) -> Option<&'a Value> {
        items.iter().find(|item| {
            ITEM_KEYS.iter().any(|key| match (self.attributes.get(key), item.attr(key)) {
                (Some(seen), Some(value)) if !value.is_null() => {
                    same(&seen.to_value(&value.ty(), false), value)
                }
                _ => false,
            })
        })
    }
}

/// The value of an attribute the service does not tell.
fn not_told(prior: Option<&Value>, ty: &Type) -> Value {
    match prior {
        Some(prior) if prior.is_known() => resolved(prior),
        _ => Value::null(ty.clone()),
    }
}

/// A value with its unknown parts null: of what was planned, what is certain.
pub fn resolved(value: &Value) -> Value {
    use value::Kind;
    if value.is_wholly_known() {
        return value.clone();
    }
    match value.kind() {
        Kind::Unknown(ty, _) => Value::null(ty.clone()),
        Kind::List(s) => Value::list(s.element().clone(), s.items().iter().map(resolved).collect()),
        Kind::Set(s) => Value::set(s.element().clone(), s.items().iter().map(resolved).collect()),
        Kind::Tuple(s) => Value::tuple(s.items().iter().map(resolved).collect()),
        Kind::Map(m) => Value::map(
            m.element().clone(),
            m.entries().iter().map(|(k, v)| (k.clone(), resolved(v))).collect(),
        ),
        Kind::Object(m) => Value::object(m.entries().iter().map(|(k, v)| (k.clone(), resolved(v))).collect()),
        _ => value.clone(),
    }
    .with_marks(value.marks())
}

/// An object's value with its unknown parts null, and unknown lists of blocks empty.
pub fn resolved_object(block: &Block, value: &Value) -> Value {
    Observed::default().settle(block, value, Keep::Prior, |_, a, b| same(a, b))
}

impl Seen {
    /// The value in the attribute's type. The legacy type system has `""` for a computed string that is absent.
    fn to_value(&self, ty: &Type, computed: bool) -> Value {
        match (self, ty) {
            (Self::Text(Some(text)), Type::String) => Value::string(text.as_str()),
            (Self::Text(Some(text)), Type::Bool) => Value::bool(text == "true"),
            (Self::Text(None), Type::String) if computed => Value::string(""),
            (Self::Bool(Some(b)), Type::Bool) => Value::bool(*b),
            (Self::Bool(Some(b)), Type::String) => Value::string(if *b { "true" } else { "false" }),
            (Self::Int(Some(n)), Type::Number) => Value::number(*n),
            (Self::Int(Some(n)), Type::String) => Value::string(n.to_string()),
            (Self::Strings(strings), Type::List(element)) => {
                Value::list((**element).clone(), strings.iter().map(|s| Value::string(s.as_str())).collect())
            }
            (Self::Strings(strings), Type::Set(element)) => {
                Value::set((**element).clone(), strings.iter().map(|s| Value::string(s.as_str())).collect())
            }
            (Self::Map(tags), Type::Map(_)) if computed || !tags.is_empty() => crate::tags::to_value(tags),
            (Self::Objects(objects), Type::List(element)) => {
                Value::list((**element).clone(), objects.iter().map(|o| o.to_object(element)).collect())
            }
            (Self::Objects(objects), Type::Set(element)) => {
                Value::set((**element).clone(), objects.iter().map(|o| o.to_object(element)).collect())
            }
            _ => Value::null(ty.clone()),
        }
    }
}

impl Observed {
    fn to_object(&self, ty: &Type) -> Value {
        let attributes = ty.as_object().into_iter().flat_map(value::ObjectType::iter);
        Value::object_of(attributes.map(|(name, ty)| {
            let value = self.attributes.get(name.as_str()).map(|seen| seen.to_value(ty, false));
            (name.clone(), value.unwrap_or_else(|| Value::null(ty.clone())))
        }))
    }

    /// The object in a block's type, for data sources.
    pub fn to_state(&self, block: &Block, config: &Value) -> Value {
        let settled = self.settle(block, config, Keep::Prior, |_, a, b| a == b || (is_zero(a) && is_zero(b)));
        match &self.tags {
            Some(tags) if block.attributes.contains_key("tags") => {
                settled.with_attr("tags", crate::tags::to_value(tags))
            }
            _ => settled,
        }
    }
}

impl From<&str> for Seen {
    fn from(text: &str) -> Self {
        Self::Text((!text.is_empty()).then(|| text.to_owned()))
    }
}

impl From<&String> for Seen {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Seen {
    fn from(text: String) -> Self {
        Self::Text((!text.is_empty()).then_some(text))
    }
}

impl From<Option<String>> for Seen {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.filter(|t| !t.is_empty()))
    }
}

impl From<bool> for Seen {
    fn from(b: bool) -> Self {
        Self::Bool(Some(b))
    }
}

impl From<Option<bool>> for Seen {
    fn from(b: Option<bool>) -> Self {
        Self::Bool(b)
    }
}

impl From<i64> for Seen {
    fn from(n: i64) -> Self {
        Self::Int(Some(n))
    }
}

impl From<Option<i64>> for Seen {
    fn from(n: Option<i64>) -> Self {
        Self::Int(n)
    }
}

impl From<Vec<String>> for Seen {
    fn from(strings: Vec<String>) -> Self {
        Self::Strings(strings)
    }
}

impl From<Tags> for Seen {
    fn from(tags: Tags) -> Self {
        Self::Map(tags)
    }
}

impl From<Vec<Observed>> for Seen {
    fn from(objects: Vec<Observed>) -> Self {
        Self::Objects(objects)
    }
}
