use std::sync::Arc;

use crate::{Entries, Marks, Number, Refinement, Str, Type};

/// A value of the language with its marks.
///
/// `==` compares structure, types and marks exactly (two equal unknowns are equal): it is not the
/// language's `==`, which is [`Value::equals`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

/// The content of a [`Value`]. Match on it; build through the constructors of [`Value`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    Null(Type),
    Unknown(Type, Option<Arc<Refinement>>),
    Bool(bool),
    Number(Number),
    String(Str),
    List(Arc<Sequence>),
    /// Items are unique and in canonical order.
    Set(Arc<Sequence>),
    Map(Arc<Mapping>),
    Tuple(Arc<Sequence>),
    Object(Arc<Mapping>),
}

/// The items of a list, set or tuple.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Sequence {
    /// The element type; `Dynamic` for a tuple.
    element: Type,
    items: Vec<Value>,
    summary: Summary,
}

/// The entries of a map or object.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Mapping {
    /// The element type; `Dynamic` for an object.
    element: Type,
    entries: Entries,
    summary: Summary,
}

/// What lies anywhere below a collection, computed when it is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Summary {
    unknown: bool,
    marks: Marks,
}

impl Value {
    pub fn null(ty: Type) -> Self {
        Self::of(Kind::Null(ty.without_optional()))
    }

    /// An unknown value of a type.
    pub fn unknown(ty: Type) -> Self {
        Self::of(Kind::Unknown(ty.without_optional(), None))
    }

    /// An unknown value of unknown type.
    pub fn dynamic() -> Self {
        Self::of(Kind::Unknown(Type::Dynamic, None))
    }

    /// An unknown value whose refinement is known to fit its type.
    pub(crate) fn unknown_with(ty: Type, refinement: Refinement) -> Self {
        Self::of(Kind::Unknown(ty, (!refinement.is_empty()).then(|| Arc::new(refinement))))
    }

    pub fn bool(b: bool) -> Self {
        Self::of(Kind::Bool(b))
    }

    pub fn number(n: impl Into<Number>) -> Self {
        Self::of(Kind::Number(n.into()))
    }

    /// A string; the caller normalises to NFC where it comes from outside ([`Value::string_nfc`]).
    pub fn string(s: impl Into<Str>) -> Self {
        Self::of(Kind::String(s.into()))
    }

    /// A string, normalised to NFC as all strings of the language are.
    pub fn string_nfc(s: &str) -> Self {
        Self::string(nfc(s))
    }

    /// A list; every item must be of the element type (which the caller has converted to).
    pub fn list(element: Type, items: Vec<Self>) -> Self {
        Self::of(Kind::List(Sequence::new(element, items)))
    }

    pub fn tuple(items: Vec<Self>) -> Self {
        Self::of(Kind::Tuple(Sequence::new(Type::Dynamic, items)))
    }

    /// A map; every value must be of the element type.
    pub fn map(element: Type, entries: Entries) -> Self {
        Self::of(Kind::Map(Mapping::new(element, entries)))
    }

    pub fn object(entries: Entries) -> Self {
        Self::of(Kind::Object(Mapping::new(Type::Dynamic, entries)))
    }

    pub fn object_of<K: Into<Str>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::object(attributes.into_iter().collect())
    }

    /// A set: sorts into the canonical order and drops duplicates. Marks of items move to the set, as in cty.
    pub fn set(element: Type, items: Vec<Self>) -> Self {
        let mut marks = Marks::NONE;
        let items: Vec<Self> = items
            .into_iter()
            .map(|item| {
                marks |= item.deep_marks();
                item.unmark_deep()
            })
            .collect();
        let items = crate::ops::sort_set_items(items);
        Self { kind: Kind::Set(Sequence::new(element, items)), marks }
    }

    fn of(kind: Kind) -> Self {
        Self { kind, marks: Marks::NONE }
    }

    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The marks of this value itself, not of what lies inside.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The marks of this value and of everything inside it.
    pub fn deep_marks(&self) -> Marks {
        self.marks
            | match &self.kind {
                Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => s.summary.marks,
                Kind::Map(m) | Kind::Object(m) => m.summary.marks,
                _ => Marks::NONE,
            }
    }

    /// Adds marks to those it has.
    #[must_use]
    pub fn mark(mut self, marks: Marks) -> Self {
        self.marks |= marks;
        self
    }

    /// The same value with exactly these marks on itself; what lies inside keeps its own.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    /// The same value with no marks on itself; what lies inside keeps its own.
    #[must_use]
    pub fn unmark(self) -> Self {
        self.with_marks(Marks::NONE)
    }

    /// The same value with no marks anywhere.
    #[must_use]
    pub fn unmark_deep(&self) -> Self {
        if self.deep_marks().is_empty() {
            return self.clone();
        }
        Self::of(match &self.kind {
            Kind::List(s) => Kind::List(s.map_items(Self::unmark_deep)),
            Kind::Set(s) => Kind::Set(s.map_items(Self::unmark_deep)),
            Kind::Tuple(s) => Kind::Tuple(s.map_items(Self::unmark_deep)),
            Kind::Map(m) => Kind::Map(m.map_values(Self::unmark_deep)),
            Kind::Object(m) => Kind::Object(m.map_values(Self::unmark_deep)),
            other => other.clone(),
        })
    }

    pub fn is_sensitive(&self) -> bool {
        self.marks.is_sensitive()
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// False for an unknown value; a known collection may still hold unknown items.
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(..))
    }

    /// True when nothing unknown lies in it.
    pub fn is_wholly_known(&self) -> bool {
        match &self.kind {
            Kind::Unknown(..) => false,
            Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => !s.summary.unknown,
            Kind::Map(m) | Kind::Object(m) => !m.summary.unknown,
            _ => true,
        }
    }

    /// Known not to be null: a known non-null value, or an unknown one refined so.
    pub fn is_definitely_not_null(&self) -> bool {
        match &self.kind {
            Kind::Null(_) => false,
            Kind::Unknown(_, refinement) => refinement.as_ref().is_some_and(|r| r.not_null),
            _ => true,
        }
    }

    /// What is known of an unknown value.
    pub fn refinement(&self) -> Option<&Refinement> {
        match &self.kind {
            Kind::Unknown(_, refinement) => refinement.as_deref(),
            _ => None,
        }
    }

    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(ty) | Kind::Unknown(ty, _) => ty.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(s) => Type::list(s.element.clone()),
            Kind::Set(s) => Type::set(s.element.clone()),
            Kind::Map(m) => Type::map(m.element.clone()),
            Kind::Tuple(s) => Type::tuple(s.items.iter().map(Self::ty)),
            Kind::Object(m) => Type::object(m.entries.iter().map(|(k, v)| (k.clone(), v.ty()))),
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(b) => Some(b),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(n) => Some(n),
            _ => None,
        }
    }

    /// The number as a whole number in the range of `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.to_i64()
    }

    pub fn as_str(&self) -> Option<&Str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    /// The items of a known list, set or tuple.
    pub fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => Some(&s.items),
            _ => None,
        }
    }

    /// The entries of a known map or object.
    pub fn entries(&self) -> Option<&Entries> {
        match &self.kind {
            Kind::Map(m) | Kind::Object(m) => Some(&m.entries),
            _ => None,
        }
    }

    /// An attribute of a known object, or an entry of a known map. Its marks are its own, not its parents'.
    pub fn attr(&self, name: &str) -> Option<&Self> {
        self.entries()?.get(name)
    }

    /// The string of a known, non-null string attribute.
    pub fn attr_str(&self, name: &str) -> Option<&Str> {
        self.attr(name)?.as_str()
    }

    /// A copy of this object (or map) with one attribute set; other kinds are returned unchanged.
    #[must_use]
    pub fn with_attr(&self, name: &str, value: Self) -> Self {
        let (Kind::Object(m) | Kind::Map(m)) = &self.kind else { return self.clone() };
        let mut entries = m.entries.clone();
        entries.insert(name, value);
        let mapping = Mapping::new(m.element.clone(), entries);
        let kind =
            if matches!(self.kind, Kind::Object(_)) { Kind::Object(mapping) } else { Kind::Map(mapping) };
        Self { kind, marks: self.marks }
    }
}

/// Shows structure and never a sensitive content: safe for logs and test failures.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.marks.is_sensitive() {
            return f.write_str("(sensitive)");
        }
        match &self.kind {
            Kind::Null(ty) => write!(f, "null({ty})"),
            Kind::Unknown(ty, None) => write!(f, "unknown({ty})"),
            Kind::Unknown(ty, Some(r)) => write!(f, "unknown({ty}, {r:?})"),
            Kind::Bool(b) => write!(f, "{b}"),
            Kind::Number(n) => write!(f, "{n}"),
            Kind::String(s) => write!(f, "{:?}", s.as_str()),
            Kind::List(s) => f.debug_list().entries(&s.items).finish(),
            Kind::Set(s) => {
                f.write_str("set")?;
                f.debug_list().entries(&s.items).finish()
            }
            Kind::Tuple(s) => {
                f.write_str("tuple")?;
                f.debug_list().entries(&s.items).finish()
            }
            Kind::Map(m) => f.debug_map().entries(m.entries.iter().map(|(k, v)| (k.as_str(), v))).finish(),
            Kind::Object(m) => {
                f.write_str("object")?;
                f.debug_map().entries(m.entries.iter().map(|(k, v)| (k.as_str(), v))).finish()
            }
        }
    }
}

/// Shows no scalar: whether one is sensitive, only its [`Value`] knows.
impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null(ty) => write!(f, "Null({ty})"),
            Self::Unknown(ty, _) => write!(f, "Unknown({ty})"),
            Self::Bool(_) => f.write_str("Bool(..)"),
            Self::Number(_) => f.write_str("Number(..)"),
            Self::String(_) => f.write_str("String(..)"),
            Self::List(s) => f.debug_tuple("List").field(&s.items).finish(),
            Self::Set(s) => f.debug_tuple("Set").field(&s.items).finish(),
            Self::Map(m) => f.debug_tuple("Map").field(&m.entries).finish(),
            Self::Tuple(s) => f.debug_tuple("Tuple").field(&s.items).finish(),
            Self::Object(m) => f.debug_tuple("Object").field(&m.entries).finish(),
        }
    }
}

impl Sequence {
    fn new(element: Type, items: Vec<Value>) -> Arc<Self> {
        let summary = Summary::of(items.iter());
        Arc::new(Self { element: element.without_optional(), items, summary })
    }

    fn map_items(&self, f: impl Fn(&Value) -> Value) -> Arc<Self> {
        Self::new(self.element.clone(), self.items.iter().map(f).collect())
    }

    pub fn element(&self) -> &Type {
        &self.element
    }

    pub fn items(&self) -> &[Value] {
        &self.items
    }
}

impl Mapping {
    fn new(element: Type, entries: Entries) -> Arc<Self> {
        let summary = Summary::of(entries.values());
        Arc::new(Self { element: element.without_optional(), entries, summary })
    }

    fn map_values(&self, f: impl Fn(&Value) -> Value) -> Arc<Self> {
        Self::new(self.element.clone(), self.entries.iter().map(|(k, v)| (k.clone(), f(v))).collect())
    }

    pub fn element(&self) -> &Type {
        &self.element
    }

    pub fn entries(&self) -> &Entries {
        &self.entries
    }
}

impl Summary {
    fn of<'a>(values: impl Iterator<Item = &'a Value>) -> Self {
        values.fold(Self::default(), |summary, value| Self {
            unknown: summary.unknown || !value.is_wholly_known(),
            marks: summary.marks | value.deep_marks(),
        })
    }
}

/// A string in the normal form that all strings and keys of the language have.
pub(crate) fn nfc(s: &str) -> Str {
    use unicode_normalization::{UnicodeNormalization, is_nfc};
    if is_nfc(s) { s.into() } else { s.nfc().collect() }
}
