use std::collections::BTreeMap;

use crate::{Entries, Kind, Str, Type, Value, convert, unify_unsafe};

/// The defaults that a type constraint gives to optional attributes, `optional(string, "x")`, at any depth.
///
/// They are applied to a value before it is converted to the type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeDefaults {
    /// Of an object: by attribute name.
    pub values: BTreeMap<Str, Value>,
    /// Of what lies inside.
    pub children: DefaultsInside,
}

/// The defaults of what lies inside a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DefaultsInside {
    #[default]
    None,
    /// Of each element of a list, set or map.
    Element(Box<TypeDefaults>),
    /// Of the attributes of an object.
    Attributes(BTreeMap<Str, TypeDefaults>),
    /// Of the items of a tuple, by position.
    Items(BTreeMap<usize, TypeDefaults>),
}

impl TypeDefaults {
    /// True when there is nothing to apply.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
            && match &self.children {
                DefaultsInside::None => true,
                DefaultsInside::Element(inside) => inside.is_empty(),
                DefaultsInside::Attributes(inside) => inside.values().all(Self::is_empty),
                DefaultsInside::Items(inside) => inside.values().all(Self::is_empty),
            }
    }

    /// The value with defaults in place of attributes that are missing or null. It may still need conversion to the
    /// type; what does not fit the type is left for that conversion to report.
    #[must_use]
    pub fn apply(&self, value: &Value) -> Value {
        if self.is_empty() {
            return value.clone();
        }
        let result = match value.kind() {
            Kind::List(s) => self.apply_to_collection(s.items(), s.element(), Value::list),
            Kind::Set(s) => self.apply_to_collection(s.items(), s.element(), Value::set),
            Kind::Tuple(s) => Value::tuple(self.apply_to_items(s.items())),
            Kind::Object(m) => Value::object(self.apply_to_entries(m.entries())),
            Kind::Map(m) => self.apply_to_map(m.entries(), m.element()),
            _ => return value.clone(),
        };
        let own = result.marks();
        result.with_marks(own | value.marks())
    }

    fn apply_to_items(&self, items: &[Value]) -> Vec<Value> {
        let inside = |at: usize| match &self.children {
            DefaultsInside::Element(inside) => Some(inside.as_ref()),
            DefaultsInside::Items(inside) => inside.get(&at),
            _ => None,
        };
        items
            .iter()
            .enumerate()
            .map(|(i, item)| inside(i).map_or_else(|| item.clone(), |d| d.apply(item)))
            .collect()
    }

    fn apply_to_collection(
        &self,
        items: &[Value],
        element: &Type,
        of: fn(Type, Vec<Value>) -> Value,
    ) -> Value {
        if items.is_empty() {
            return of(element.clone(), Vec::new());
        }
        let items = self.apply_to_items(items);
        // Defaults may have given the items different types.
        match to_common_type(&items) {
            Some((element, items)) => of(element, items),
            None => Value::tuple(items),
        }
    }

    fn apply_to_entries(&self, entries: &Entries) -> Entries {
        let inside = |key: &str| match &self.children {
            DefaultsInside::Element(inside) => Some(inside.as_ref()),
            DefaultsInside::Attributes(inside) => inside.get(key),
            _ => None,
        };
        let mut result: Entries = entries
            .iter()
            .map(|(key, item)| (key.clone(), inside(key).map_or_else(|| item.clone(), |d| d.apply(item))))
            .collect();
        for (name, default) in &self.values {
            match result.get(name) {
                Some(value) if !value.is_null() => {
                    if default.is_definitely_not_null() && !value.is_known() {
                        let refined = value.refine_not_null();
                        result.insert(name.clone(), refined);
                    }
                }
                _ => {
                    let default = inside(name).map_or_else(|| default.clone(), |d| d.apply(default));
                    result.insert(name.clone(), default);
                }
            }
        }
        result
    }

    fn apply_to_map(&self, entries: &Entries, element: &Type) -> Value {
        let result = self.apply_to_entries(entries);
        if result.is_empty() {
            return Value::map(element.clone(), result);
        }
        let items: Vec<Value> = result.values().cloned().collect();
        match to_common_type(&items) {
            Some((element, items)) => Value::map(element, result.keys().cloned().zip(items).collect()),
            None => Value::object(result),
        }
    }
}

fn to_common_type(items: &[Value]) -> Option<(Type, Vec<Value>)> {
    let types: Vec<Type> = items.iter().map(Value::ty).collect();
    let common = unify_unsafe(&types)?;
    let items = items.iter().map(|item| convert(item, &common).ok()).collect::<Option<Vec<Value>>>()?;
    Some((common, items))
}
