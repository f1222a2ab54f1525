//! What is in the configuration and never in an object.

use provider::Block;
use value::Value;

/// The object with the write-only attributes of the configuration, for whoever makes a change.
pub(crate) fn filled(block: &Block, object: &Value, config: &Value) -> Value {
    names(block).fold(object.clone(), |object, name| match config.attr(name) {
        Some(value) if !object.is_null() => object.with_attr(name, value.clone()),
        _ => object,
    })
}

/// The object without them, for the state; those that an older version kept go as well.
pub(crate) fn cleared(block: &Block, object: &Value) -> Value {
    names(block).fold(object.clone(), |object, name| match object.attr(name) {
        Some(value) if !value.is_null() => {
            let null = Value::null(value.ty());
            object.with_attr(name, null)
        }
        _ => object,
    })
}

/// Those at the top of a block: there are no others.
fn names(block: &Block) -> impl Iterator<Item = &str> {
    block.attributes.iter().filter(|(_, attribute)| attribute.write_only).map(|(name, _)| name.as_str())
}
