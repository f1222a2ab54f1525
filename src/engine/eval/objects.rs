//! Objects between their stored form and values with marks.

use std::sync::Arc;

use addrs::{Mode, Resource};
use diag::{Diagnostic, Diagnostics};
use provider::{Attribute, Block, NestedBlock, Nesting, Provider};
use state::{ObjectState, ObjectStatus};
use value::{Kind, Marks, Path, PathStep, Str, Value};

use crate::program::TypeSchema;

/// Reads a stored object with the provider's help, unmarked.
///
/// Only managed resources have older schemas to be upgraded from; data is read anew before it is used.
pub(crate) fn read_object(
    provider: &dyn Provider,
    resource: &Resource,
    object: &ObjectState,
) -> Result<Value, Diagnostics> {
    if resource.mode == Mode::Managed {
        return provider.upgrade_state(&resource.ty, object.schema_version, &object.attributes);
    }
    let schema = provider.schema();
    let attributes = match schema.data_source(&resource.ty) {
        Some(schema) => {
            provider::read_attributes(&schema.block, &object.attributes).map_err(|e| e.to_string())
        }
        None => Err(format!("the provider has no data source \"{}\"", resource.ty)),
    };
    attributes.map_err(|reason| {
        let detail = format!("Error decoding a {} from prior state: {reason}.", resource.ty);
        Diagnostic::error("Failed to decode resource from state", detail).into()
    })
}

/// What the state stores of an object. `marks` are those of the configuration: the schema's are known without.
pub(crate) fn encode_object(
    schema: &TypeSchema,
    value: &Value,
    marks: &[(Path, Marks)],
    private: Vec<u8>,
    status: ObjectStatus,
    dependencies: &Arc<[addrs::ConfigResource]>,
    create_before_destroy: bool,
) -> Result<ObjectState, Diagnostic> {
    let marked = value.unmark_deep().mark_with_paths(
        marks.iter().filter(|(_, m)| m.is_sensitive()).map(|(path, _)| (path.clone(), Marks::SENSITIVE)),
    );
    let mut object = ObjectState::encode(&marked, &schema.ty, schema.schema.version).map_err(|error| {
        Diagnostic::error(
            "Failed to encode an object for the state",
            format!("The object cannot be stored: {error}."),
        )
    })?;
    object.private = private;
    object.status = status;
    object.dependencies = Arc::clone(dependencies);
    object.create_before_destroy = create_before_destroy;
    Ok(object)
}

/// Puts the marks on a value that its schema asks for.
pub(crate) fn mark_by_schema(schema: &TypeSchema, value: &Value) -> Value {
    if schema.holds_sensitive { mark_block(&schema.schema.block, value) } else { value.clone() }
}

fn mark_block(block: &Block, value: &Value) -> Value {
    if value.entries().is_none() {
        return value.clone();
    }
    let attributes = block.attributes.iter().filter(|(_, a)| a.sensitive || a.nested.is_some());
    let value = attributes.fold(value.clone(), |value, (name, attribute)| {
        match value.attr(name).map(|v| mark_attribute(attribute, v)) {
            Some(marked) => value.with_attr(name, marked),
            None => value,
        }
    });
    let blocks = block.blocks.iter().filter(|(_, nested)| nested.block.holds_sensitive());
    blocks.fold(value, |value, (name, nested)| match value.attr(name).map(|v| mark_nested(nested, v)) {
        Some(marked) => value.with_attr(name, marked),
        None => value,
    })
}

fn mark_attribute(attribute: &Attribute, value: &Value) -> Value {
    if attribute.sensitive {
        return value.clone().mark(Marks::SENSITIVE);
    }
    let Some(nested) = &attribute.nested else { return value.clone() };
    let one = |object: &Value| {
        nested.attributes.iter().filter(|(_, a)| a.sensitive || a.nested.is_some()).fold(
            object.clone(),
            |object, (name, attribute)| match object.attr(name).map(|v| mark_attribute(attribute, v)) {
                Some(marked) => object.with_attr(name, marked),
                None => object,
            },
        )
    };
    map_nested(nested.nesting, value, one)
}

fn mark_nested(nested: &NestedBlock, value: &Value) -> Value {
    map_nested(nested.nesting, value, |object| mark_block(&nested.block, object))
}

fn map_nested(nesting: Nesting, value: &Value, one: impl Fn(&Value) -> Value) -> Value {
    let marked = match (nesting, value.kind()) {
        (Nesting::Single | Nesting::Group, Kind::Object(_)) => return one(value),
        (_, Kind::List(s)) => Value::list(s.element().clone(), s.items().iter().map(one).collect()),
        (_, Kind::Tuple(s)) => Value::tuple(s.items().iter().map(one).collect()),
        (_, Kind::Set(s)) => Value::set(s.element().clone(), s.items().iter().map(one).collect()),
        (_, Kind::Map(m)) => {
            Value::map(m.element().clone(), m.entries().iter().map(|(k, v)| (k.clone(), one(v))).collect())
        }
        (_, Kind::Object(m)) => Value::object(m.entries().iter().map(|(k, v)| (k.clone(), one(v))).collect()),
        _ => return value.clone(),
    };
    marked.mark(value.marks())
}

/// The first path where an ephemeral value stands that is not a write-only attribute's.
pub(crate) fn ephemeral_outside_write_only(block: &Block, config: &Value) -> Option<Path> {
    if !config.deep_marks().is_ephemeral() {
        return None;
    }
    let (_, marks) = config.unmark_deep_with_paths();
    marks
        .into_iter()
        .filter(|(_, marks)| marks.is_ephemeral())
        .map(|(path, _)| path)
        .find(|path| !is_write_only(block, &path.0))
}

/// The sensitive marks of a configuration that are kept with the object: those of write-only attributes have no
/// value to be on.
pub(crate) fn kept_marks(block: &Block, marks: Vec<(Path, Marks)>) -> Vec<(Path, Marks)> {
    marks
        .into_iter()
        .filter(|(path, marks)| marks.is_sensitive() && !is_write_only(block, &path.0))
        .map(|(path, _)| (path, Marks::SENSITIVE))
        .collect()
}

fn is_write_only(block: &Block, steps: &[PathStep]) -> bool {
    let mut steps = steps.iter().filter_map(|step| match step {
        PathStep::Attr(name) => Some(name),
        PathStep::Index(_) => None,
    });
    let mut block = block;
    while let Some(name) = steps.next() {
        if let Some(nested) = block.blocks.get(name) {
            block = &nested.block;
            continue;
        }
        let Some(mut attribute) = block.attributes.get(name) else { return false };
        loop {
            if attribute.write_only {
                return true;
            }
            let inner = attribute.nested.as_ref().zip(steps.next());
            match inner.and_then(|(nested, name)| nested.attributes.get(name)) {
                Some(next) => attribute = next,
                None => return false,
            }
        }
    }
    false
}

/// The value with every ephemeral part null: what may be kept.
pub(crate) fn without_ephemeral(value: &Value) -> Value {
    if !value.deep_marks().is_ephemeral() {
        return value.clone();
    }
    if value.marks().is_ephemeral() {
        return Value::null(value.ty()).with_marks(value.marks().without(Marks::EPHEMERAL));
    }
    let rebuilt = match value.kind() {
        Kind::List(s) => Value::list(s.element().clone(), s.items().iter().map(without_ephemeral).collect()),
        Kind::Tuple(s) => Value::tuple(s.items().iter().map(without_ephemeral).collect()),
        Kind::Map(m) => Value::map(
            m.element().clone(),
            m.entries().iter().map(|(k, v)| (k.clone(), without_ephemeral(v))).collect(),
        ),
        Kind::Object(m) => {
            Value::object(m.entries().iter().map(|(k, v)| (k.clone(), without_ephemeral(v))).collect())
        }
        _ => return value.clone(),
    };
    rebuilt.with_marks(value.marks())
}

/// The value with every write-only attribute null.
pub(crate) fn without_write_only(block: &Block, value: &Value) -> Value {
    if value.entries().is_none() {
        return value.clone();
    }
    let value =
        block.attributes.iter().fold(value.clone(), |value, (name, attribute)| match value.attr(name) {
            Some(secret) if attribute.write_only => {
                let null = Value::null(secret.ty());
                value.with_attr(name, null)
            }
            Some(inner) => match &attribute.nested {
                Some(nested) => {
                    let object = Block { attributes: nested.attributes.clone(), ..Block::default() };
                    let inner = map_nested(nested.nesting, inner, |v| without_write_only(&object, v));
                    value.with_attr(name, inner)
                }
                None => value,
            },
            None => value,
        });
    block.blocks.iter().fold(value, |value, (name, nested)| match value.attr(name) {
        Some(inner) => {
            let inner = map_nested(nested.nesting, inner, |v| without_write_only(&nested.block, v));
            value.with_attr(name, inner)
        }
        None => value,
    })
}

/// The attribute by which people know an object, if it has one that may be shown.
pub(crate) fn object_id(value: &Value) -> Option<(Str, Str)> {
    for name in ["id", "name"] {
        if let Some(attribute) = value.attr(name)
            && !attribute.is_sensitive()
            && !value.is_sensitive()
            && let Some(text) = attribute.as_str()
            && !text.is_empty()
        {
            return Some((name.into(), text.clone()));
        }
    }
    None
}
