use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::Str;

/// A type, or with `Dynamic` inside, a type constraint (`any`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Not known yet (of a value), or any (of a constraint).
    Dynamic,
    Bool,
    Number,
    String,
    List(Arc<Type>),
    Set(Arc<Type>),
    Map(Arc<Type>),
    Tuple(Arc<[Type]>),
    Object(Arc<ObjectType>),
}

/// Attribute names and types of an object, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectType {
    attributes: Vec<(Str, Type)>,
    /// Attributes that a conversion to this type may leave out (`optional()`); never set on a value's own type.
    optional: BTreeSet<Str>,
    /// Whether anything optional, and any `Dynamic`, lies in it at any depth: so that to ask costs nothing.
    has_optional: bool,
    has_dynamic: bool,
}

impl Type {
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    pub fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    pub fn object<K: Into<Str>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(Arc::new(ObjectType::new(attributes, [])))
    }

    pub fn object_with_optional<K: Into<Str>>(
        attributes: impl IntoIterator<Item = (K, Self)>,
        optional: impl IntoIterator<Item = Str>,
    ) -> Self {
        Self::Object(Arc::new(ObjectType::new(attributes, optional)))
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// List, set or map.
    pub fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Set(_) | Self::Map(_))
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Self> {
        match self {
            Self::List(e) | Self::Set(e) | Self::Map(e) => Some(e),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&ObjectType> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// True when `Dynamic` occurs anywhere in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(e) | Self::Set(e) | Self::Map(e) => e.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(object) => object.has_dynamic,
        }
    }

    /// True when an object type with an optional attribute occurs anywhere in it.
    pub fn has_optional(&self) -> bool {
        match self {
            Self::Dynamic | Self::Bool | Self::Number | Self::String => false,
            Self::List(e) | Self::Set(e) | Self::Map(e) => e.has_optional(),
            Self::Tuple(elements) => elements.iter().any(Self::has_optional),
            Self::Object(object) => object.has_optional,
        }
    }

    /// The same type with every attribute required.
    #[must_use]
    pub fn without_optional(&self) -> Self {
        if !self.has_optional() {
            return self.clone();
        }
        match self {
            Self::List(e) => Self::list(e.without_optional()),
            Self::Set(e) => Self::set(e.without_optional()),
            Self::Map(e) => Self::map(e.without_optional()),
            Self::Tuple(elements) => Self::tuple(elements.iter().map(Self::without_optional)),
            Self::Object(object) => {
                Self::object(object.attributes.iter().map(|(k, t)| (k.clone(), t.without_optional())))
            }
            other => other.clone(),
        }
    }

    /// True when a value of this type is also one of `other`, in which `Dynamic` stands for any type.
    pub fn conforms_to(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Dynamic) => true,
            (Self::List(a), Self::List(b)) | (Self::Set(a), Self::Set(b)) | (Self::Map(a), Self::Map(b)) => {
                a.conforms_to(b)
            }
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.conforms_to(b))
            }
            (Self::Object(a), Self::Object(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && a.conforms_to(b))
            }
            (a, b) => a == b,
        }
    }

    /// As messages name it: `string`, `list of number`, `object`, `dynamic`.
    pub fn friendly_name(&self) -> String {
        self.name_with("dynamic", "dynamic")
    }

    /// As messages name what is required: as [`Type::friendly_name`], but `any type`, `list of any single type`.
    pub fn constraint_name(&self) -> String {
        self.name_with("any type", "any single type")
    }

    fn name_with(&self, dynamic: &str, dynamic_element: &str) -> String {
        let element =
            |kind: &str, e: &Self| format!("{kind} of {}", e.name_with(dynamic_element, dynamic_element));
        match self {
            Self::Dynamic => dynamic.into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(e) => element("list", e),
            Self::Set(e) => element("set", e),
            Self::Map(e) => element("map", e),
            Self::Tuple(_) => "tuple".into(),
            Self::Object(_) => "object".into(),
        }
    }
}

impl ObjectType {
    pub fn new<K: Into<Str>>(
        attributes: impl IntoIterator<Item = (K, Type)>,
        optional: impl IntoIterator<Item = Str>,
    ) -> Self {
        let mut attributes: Vec<(Str, Type)> = attributes.into_iter().map(|(k, t)| (k.into(), t)).collect();
        if !attributes.is_sorted_by(|a, b| a.0 < b.0) {
            // Of a name given twice the last type counts.
            let sorted: std::collections::BTreeMap<Str, Type> = attributes.into_iter().collect();
            attributes = sorted.into_iter().collect();
        }
        let optional: BTreeSet<Str> = optional.into_iter().collect();
        Self {
            has_optional: !optional.is_empty() || attributes.iter().any(|(_, t)| t.has_optional()),
            has_dynamic: attributes.iter().any(|(_, t)| t.has_dynamic()),
            attributes,
            optional,
        }
    }

    pub fn get(&self, name: &str) -> Option<&Type> {
        let at = self.attributes.binary_search_by(|(k, _)| k.as_str().cmp(name)).ok()?;
        Some(&self.attributes[at].1)
    }

    pub fn len(&self) -> usize {
        self.attributes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Str, &Type)> {
        self.attributes.iter().map(|(k, t)| (k, t))
    }

    pub fn is_optional(&self, name: &str) -> bool {
        self.optional.contains(name)
    }

    pub fn optional(&self) -> &BTreeSet<Str> {
        &self.optional
    }
}

/// As a type constraint is written: `list(string)`, `object({a=optional(string)})`, `any`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(e) => write!(f, "list({e})"),
            Self::Set(e) => write!(f, "set({e})"),
            Self::Map(e) => write!(f, "map({e})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (i, e) in elements.iter().enumerate() {
                    write!(f, "{}{e}", if i == 0 { "" } else { "," })?;
                }
                f.write_str("])")
            }
            Self::Object(object) => {
                f.write_str("object({")?;
                for (i, (name, ty)) in object.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    if object.is_optional(name) {
                        write!(f, "{comma}{name}=optional({ty})")?;
                    } else {
                        write!(f, "{comma}{name}={ty}")?;
                    }
                }
                f.write_str("})")
            }
        }
    }
}
