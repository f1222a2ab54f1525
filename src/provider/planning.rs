//! Steps that the `plan` and `apply` of most providers share.

use std::collections::BTreeMap;

use value::{Entries, Kind, Path, Str, Value};

use crate::compare::same;
use crate::schema::{Attribute, Block, Nesting};
use crate::validity::position;

/// The planned object with every computed attribute that is null unknown, at any depth: what a creation knows of
/// the attributes that the configuration does not set.
pub fn unknown_where_null(block: &Block, planned: &Value) -> Value {
    transform(block, planned, &Path::root(), &mut |_, attribute, value| {
        if attribute.computed && value.is_null() {
            Value::unknown(attribute.ty.clone())
        } else {
            value.clone()
        }
    })
}

/// The planned object with every unknown attribute replaced by what `value_of` says of it.
///
/// Unknown parts inside the value of an attribute are not looked at: they come from the configuration, which is known
/// when a change is made.
pub fn fill_unknown(
    block: &Block,
    planned: &Value,
    mut value_of: impl FnMut(&Path, &Attribute) -> Value,
) -> Value {
    transform(block, planned, &Path::root(), &mut |path, attribute, value| {
        if value.is_known() { value.clone() } else { value_of(path, attribute) }
    })
}

/// The object with every unknown attribute null: what exists when nothing has been computed yet.
pub fn with_nulls(block: &Block, planned: &Value) -> Value {
    fill_unknown(block, planned, |_, attribute| Value::null(attribute.ty.clone()))
}

/// Paths of those of the named attributes (or blocks) that differ between two objects; none for a creation or destruction.
pub fn changed<'a>(prior: &Value, planned: &Value, names: impl IntoIterator<Item = &'a str>) -> Vec<Path> {
    if prior.is_null() || planned.is_null() {
        return Vec::new();
    }
    names
        .into_iter()
        .filter(|name| match (prior.attr(name), planned.attr(name)) {
            (Some(prior), Some(planned)) => !same(prior, planned),
            _ => false,
        })
        .map(Path::from_attr)
        .collect()
}

type Visit<'a> = &'a mut dyn FnMut(&Path, &Attribute, &Value) -> Value;

fn transform(block: &Block, object: &Value, path: &Path, visit: Visit<'_>) -> Value {
    let Kind::Object(_) = object.kind() else { return object.clone() };
    let mut entries = transform_attributes(&block.attributes, object, path, visit);
    for (name, nested) in &block.blocks {
        let path = path.attr(name.clone());
        if let Some(value) = object.attr(name) {
            let inner = each(nested.nesting, value, &path, &mut |element, path| {
                transform(&nested.block, element, path, visit)
            });
            entries.insert(name.clone(), inner);
        }
    }
    Value::object(entries).mark(object.marks())
}

fn transform_attributes(
    attributes: &BTreeMap<Str, Attribute>,
    object: &Value,
    path: &Path,
    visit: Visit<'_>,
) -> Entries {
    let mut entries = Entries::new();
    for (name, attribute) in attributes {
        let Some(value) = object.attr(name) else { continue };
        let path = path.attr(name.clone());
        let value = visit(&path, attribute, value);
        let value = match &attribute.nested {
            Some(nested) => each(nested.nesting, &value, &path, &mut |element, path| match element.kind() {
                Kind::Object(_) => {
                    Value::object(transform_attributes(&nested.attributes, element, path, visit))
                }
                _ => element.clone(),
            }),
            None => value,
        };
        entries.insert(name.clone(), value);
    }
    entries
}

fn each(
    nesting: Nesting,
    value: &Value,
    path: &Path,
    visit: &mut dyn FnMut(&Value, &Path) -> Value,
) -> Value {
    if nesting == Nesting::Single || nesting == Nesting::Group {
        return visit(value, path);
    }
    let mut items = |items: &[Value]| -> Vec<Value> {
        items.iter().enumerate().map(|(index, item)| visit(item, &path.index(position(index)))).collect()
    };
    let rebuilt = match value.kind() {
        Kind::List(list) => Value::list(list.element().clone(), items(list.items())),
        Kind::Set(set) => Value::set(set.element().clone(), items(set.items())),
        Kind::Tuple(tuple) => Value::tuple(items(tuple.items())),
        Kind::Map(map) => {
            let entries = map.entries().iter();
            let entries = entries.map(|(k, v)| (k.clone(), visit(v, &path.index(Value::string(k.clone())))));
            Value::map(map.element().clone(), entries.collect())
        }
        Kind::Object(object) => Value::object(
            object.entries().iter().map(|(k, v)| (k.clone(), visit(v, &path.attr(k.clone())))).collect(),
        ),
        _ => return value.clone(),
    };
    rebuilt.mark(value.marks())
}
