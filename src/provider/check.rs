//! Checks of a configuration against its schema, and the conversion of a plain object into the schema's shape.

use std::collections::BTreeMap;

use diag::Diagnostics;
use value::{ConvertError, Entries, Kind, Path, Str, Type, Value, convert};

use crate::attributes::attribute_error;
use crate::schema::{Attribute, Block, NestedBlock, NestedType, Nesting};
use crate::validity::position;

impl Block {
    /// What is wrong with a configuration of this shape: required attributes that are null, values for attributes
    /// that only the provider sets, too few or too many blocks.
    pub fn validate_config(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        check_block(self, config, &Path::root(), &mut diagnostics);
        diagnostics
    }

    /// Brings an object into this block's shape as Terraform's `CoerceValue` does: attributes converted, absent ones
    /// null, absent blocks empty. An attribute that the schema does not have is an error.
    pub fn coerce(&self, value: &Value) -> Result<Value, ConvertError> {
        coerce_block(self, value, &Path::root())
    }
}

fn check_block(block: &Block, config: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    if config.is_null() || !config.is_known() {
        return;
    }
    check_attributes(&block.attributes, config, path, diagnostics);
    for (name, nested) in &block.blocks {
        let path = path.attr(name.clone());
        if let Some(value) = config.attr(name) {
            check_nested_block(name, nested, value, &path, diagnostics);
        }
    }
}

fn check_nested_block(
    name: &str,
    nested: &NestedBlock,
    value: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    let count = match nested.nesting {
        Nesting::Single | Nesting::Group => usize::from(!value.is_null()),
        _ => value.items().map(<[_]>::len).or(value.entries().map(Entries::len)).unwrap_or_default(),
    };
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    if value.is_known() && nested.nesting != Nesting::Group {
        if count < nested.min_items {
            let blocks = if nested.min_items == 1 { "block is" } else { "blocks are" };
            let detail = format!("At least {} \"{name}\" {blocks} required.", nested.min_items);
            diagnostics.push(attribute_error(path, format!("Insufficient {name} blocks"), detail));
        }
        if nested.max_items != 0 && count > nested.max_items {
            let blocks = if nested.max_items == 1 { "block is" } else { "blocks are" };
            let detail = format!("No more than {} \"{name}\" {blocks} allowed.", nested.max_items);
            diagnostics.push(attribute_error(path, format!("Too many {name} blocks"), detail));
        }
    }
    each_element(nested.nesting, value, path, |element, path| {
        check_block(&nested.block, element, path, diagnostics);
    });
}

fn check_attributes(
    attributes: &BTreeMap<Str, Attribute>,
    config: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    for (name, attribute) in attributes {
        let path = path.attr(name.clone());
        let value = config.attr(name);
        let absent = value.is_none_or(Value::is_null);
        if attribute.required && absent {
            let detail = format!("The argument \"{name}\" is required, but no definition was found.");
            diagnostics.push(attribute_error(&path, "Missing required argument", detail));
        }
        if !attribute.required && !attribute.optional && !absent {
            let detail = format!(
                "Can't configure a value for \"{name}\": its value will be decided automatically based on the result \
                 of applying this configuration."
            );
            diagnostics.push(attribute_error(&path, "Value for unconfigurable attribute", detail));
        }
        if let (Some(nested), Some(value)) = (&attribute.nested, value) {
            each_element(nested.nesting, value, &path, |element, path| {
                if element.is_known() && !element.is_null() {
                    check_attributes(&nested.attributes, element, path, diagnostics);
                }
            });
        }
    }
}

fn each_element(nesting: Nesting, value: &Value, path: &Path, mut visit: impl FnMut(&Value, &Path)) {
    match nesting {
        Nesting::Single | Nesting::Group => visit(value, path),
        Nesting::List | Nesting::Set => {
            for (index, element) in value.items().unwrap_or_default().iter().enumerate() {
                let key = if nesting == Nesting::Set { element.clone() } else { position(index) };
                visit(element, &path.index(key));
            }
        }
        Nesting::Map => {
            for (key, element) in value.entries().iter().flat_map(|e| e.iter()) {
                visit(element, &path.index(Value::string(key.clone())));
            }
        }
    }
}

fn coerce_block(block: &Block, value: &Value, path: &Path) -> Result<Value, ConvertError> {
    match value.kind() {
        Kind::Null(_) => return Ok(Value::null(block.implied_type())),
        Kind::Unknown(..) => return Ok(Value::unknown(block.implied_type())),
        Kind::Map(_) | Kind::Object(_) => {}
        _ => return Err(ConvertError { path: path.clone(), message: "an object is required".into() }),
    }
    let entries = value.entries().cloned().unwrap_or_default();
    if let Some(unknown) =
        entries.keys().find(|k| !block.attributes.contains_key(*k) && !block.blocks.contains_key(*k))
    {
        return Err(ConvertError {
            path: path.attr(unknown.clone()),
            message: format!("unsupported attribute \"{unknown}\""),
        });
    }
    let mut coerced = coerce_attributes(&block.attributes, &entries, path)?;
    for (name, nested) in &block.blocks {
        let value = match entries.get(name) {
            Some(value) => coerce_nested_block(nested, value, &path.attr(name.clone()))?,
            None => nested.empty_value(),
        };
        coerced.push((name.clone(), value));
    }
    Ok(Value::object_of(coerced).mark(value.marks()))
}

fn coerce_attributes(
    attributes: &BTreeMap<Str, Attribute>,
    entries: &Entries,
    path: &Path,
) -> Result<Vec<(Str, Value)>, ConvertError> {
    attributes
        .iter()
        .map(|(name, attribute)| {
            let value = match (entries.get(name), &attribute.nested) {
                (None, _) => Value::null(attribute.ty.clone()),
                (Some(value), Some(nested)) => {
                    coerce_nested_attribute(nested, attribute, value, &path.attr(name.clone()))?
                }
                (Some(value), None) => convert_at(value, &attribute.ty, &path.attr(name.clone()))?,
            };
            Ok((name.clone(), value))
        })
        .collect()
}

fn coerce_nested_attribute(
    nested: &NestedType,
    attribute: &Attribute,
    value: &Value,
    path: &Path,
) -> Result<Value, ConvertError> {
    // Attributes that are left out are null, as if the type had them all optional.
    let names = nested.attributes.keys().cloned();
    let object =
        Type::object_with_optional(nested.attributes.iter().map(|(n, a)| (n.clone(), a.ty.clone())), names);
    let ty = match nested.nesting {
        Nesting::Single | Nesting::Group => object,
        _ if attribute.ty == Type::Dynamic => Type::Dynamic,
        Nesting::List => Type::list(object),
        Nesting::Set => Type::set(object),
        Nesting::Map => Type::map(object),
    };
    convert_at(value, &ty, path)
}

fn coerce_nested_block(nested: &NestedBlock, value: &Value, path: &Path) -> Result<Value, ConvertError> {
    if !value.is_known() {
        return Ok(Value::unknown(nested.implied_type()));
    }
    let inner = nested.block.implied_type();
    let wrong = |message: &str| ConvertError { path: path.clone(), message: message.into() };
    let rebuilt = match nested.nesting {
        Nesting::Single | Nesting::Group => return coerce_block(&nested.block, value, path),
        _ if value.is_null() => nested.empty_value(),
        Nesting::List | Nesting::Set => {
            let items = value.items().ok_or_else(|| wrong("a list of blocks is required"))?;
            let items = items
                .iter()
                .enumerate()
                .map(|(index, item)| coerce_block(&nested.block, item, &path.index(position(index))))
                .collect::<Result<Vec<_>, _>>()?;
            match nested.nesting {
                Nesting::Set => Value::set(inner, items),
                _ if inner.has_dynamic() => Value::tuple(items),
                _ => Value::list(inner, items),
            }
        }
        Nesting::Map => {
            let entries = value.entries().ok_or_else(|| wrong("a map of blocks is required"))?;
            let entries = entries
                .iter()
                .map(|(key, item)| {
                    let path = path.index(Value::string(key.clone()));
                    Ok((key.clone(), coerce_block(&nested.block, item, &path)?))
                })
                .collect::<Result<Entries, ConvertError>>()?;
            if inner.has_dynamic() { Value::object(entries) } else { Value::map(inner, entries) }
        }
    };
    Ok(rebuilt.mark(value.marks()))
}

fn convert_at(value: &Value, ty: &Type, path: &Path) -> Result<Value, ConvertError> {
    convert(value, ty).map_err(|error| {
        let inner = error.path.0.into_iter().fold(path.clone(), |path, step| path.step(step));
        ConvertError { path: inner, message: error.message }
    })
}
