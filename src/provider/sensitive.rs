use value::{Entries, Kind, Marks, Value};

use crate::schema::{Attribute, Block, NestedBlock, NestedType, Nesting};

/// Marks as sensitive what a schema says is: in a value of the block's implied type.
#[must_use]
pub fn mark_sensitive(block: &Block, value: &Value) -> Value {
    if !has_sensitive(block) {
        return value.clone();
    }
    mark_block(block, value)
}

fn has_sensitive(block: &Block) -> bool {
    block.attributes.values().any(attribute_has_sensitive)
        || block.blocks.values().any(|nested| has_sensitive(&nested.block))
}

fn attribute_has_sensitive(attribute: &Attribute) -> bool {
    attribute.sensitive
        || attribute
            .nested
            .as_ref()
            .is_some_and(|nested| nested.attributes.values().any(attribute_has_sensitive))
}

fn mark_block(block: &Block, value: &Value) -> Value {
    let Kind::Object(object) = value.kind() else { return value.clone() };
    let entries: Entries = object
        .entries()
        .iter()
        .map(|(name, item)| {
            let marked = if let Some(attribute) = block.attributes.get(name) {
                mark_attribute(attribute, item)
            } else if let Some(nested) = block.blocks.get(name) {
                mark_nested_block(nested, item)
            } else {
                item.clone()
            };
            (name.clone(), marked)
        })
        .collect();
    Value::object(entries).with_marks(value.marks())
}

fn mark_attribute(attribute: &Attribute, value: &Value) -> Value {
    if attribute.sensitive {
        return value.clone().mark(Marks::SENSITIVE);
    }
    match &attribute.nested {
        Some(nested) if attribute_has_sensitive(attribute) => mark_nested_type(nested, value),
        _ => value.clone(),
    }
}

fn mark_nested_type(nested: &NestedType, value: &Value) -> Value {
    let object = |item: &Value| {
        let Kind::Object(object) = item.kind() else { return item.clone() };
        let entries = object.entries().iter().map(|(name, v)| {
            let marked = nested.attributes.get(name).map_or_else(|| v.clone(), |a| mark_attribute(a, v));
            (name.clone(), marked)
        });
        Value::object(entries.collect()).with_marks(item.marks())
    };
    each(nested.nesting, value, &object)
}

fn mark_nested_block(nested: &NestedBlock, value: &Value) -> Value {
    if !has_sensitive(&nested.block) {
        return value.clone();
    }
    each(nested.nesting, value, &|item| mark_block(&nested.block, item))
}

fn each(nesting: Nesting, value: &Value, f: &dyn Fn(&Value) -> Value) -> Value {
    if matches!(nesting, Nesting::Single | Nesting::Group) {
        return f(value);
    }
    let marked = match value.kind() {
        Kind::List(s) => Value::list(s.element().clone(), s.items().iter().map(f).collect()),
        Kind::Set(s) => Value::set(s.element().clone(), s.items().iter().map(f).collect()),
        Kind::Tuple(s) => Value::tuple(s.items().iter().map(f).collect()),
        Kind::Map(m) => {
            Value::map(m.element().clone(), m.entries().iter().map(|(k, v)| (k.clone(), f(v))).collect())
        }
        Kind::Object(m) => Value::object(m.entries().iter().map(|(k, v)| (k.clone(), f(v))).collect()),
        _ => return value.clone(),
    };
    let marks = marked.marks() | value.marks();
    marked.with_marks(marks)
}
