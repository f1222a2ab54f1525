use value::{Str, Value};

/// Reading the attributes of an object, where null, unknown and absent read as nothing.
pub trait Access {
    /// The text of a string attribute.
    fn text(&self, name: &str) -> Option<&str>;

    fn flag(&self, name: &str) -> Option<bool>;

    fn int(&self, name: &str) -> Option<i64>;

    /// The texts of a list or set of strings.
    fn texts(&self, name: &str) -> Vec<&str>;

    /// The elements of a list, set or tuple attribute, or of nested blocks.
    fn elements(&self, name: &str) -> &[Value];

    /// True when an attribute is null (so known not to be set).
    fn is_unset(&self, name: &str) -> bool;
}

impl Access for Value {
    fn text(&self, name: &str) -> Option<&str> {
        self.attr_str(name).map(Str::as_str)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.attr(name)?.as_bool()
    }

    fn int(&self, name: &str) -> Option<i64> {
        self.attr(name)?.as_i64()
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        self.elements(name).iter().filter_map(Value::as_str).map(Str::as_str).collect()
    }

    fn elements(&self, name: &str) -> &[Value] {
        self.attr(name).and_then(Value::items).unwrap_or_default()
    }

    fn is_unset(&self, name: &str) -> bool {
        self.attr(name).is_none_or(Value::is_null)
    }
}

/// The object with some attributes set.
pub fn with<const N: usize>(object: &Value, attributes: [(&str, Value); N]) -> Value {
    let Some(entries) = object.entries() else { return object.clone() };
    let mut entries = entries.clone();
    for (name, value) in attributes {
        entries.insert(name, value);
    }
    Value::object(entries)
}
