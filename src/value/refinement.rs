use crate::{Kind, Number, Str, Type, Value};

/// What is known of an unknown value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Refinement {
    pub not_null: bool,
    /// Of a string: how it starts.
    pub prefix: Option<Str>,
    /// Of a number: bound and whether it is included.
    pub lower: Option<(Number, bool)>,
    pub upper: Option<(Number, bool)>,
    /// Of a collection: the least and greatest length.
    pub min_len: Option<u64>,
    pub max_len: Option<u64>,
}

impl Refinement {
    /// A list longer than this stays unknown as a whole although its length is known.
    const LONGEST_EXPANDED: u64 = 10_000;

    pub fn not_null() -> Self {
        Self { not_null: true, ..Self::default() }
    }

    /// A string that is not null and starts so. The caller cuts off what could still combine with what follows
    /// ([`safe_prefix`]).
    pub fn prefix(prefix: impl Into<Str>) -> Self {
        let prefix = prefix.into();
        Self { prefix: (!prefix.is_empty()).then_some(prefix), ..Self::not_null() }
    }

    #[must_use]
    pub fn and_not_null(self) -> Self {
        Self { not_null: true, ..self }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Both what `self` and what `other` say.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let longer = |a: &Option<Str>, b: &Option<Str>| match (a, b) {
            (Some(a), Some(b)) if b.len() > a.len() => Some(b.clone()),
            (Some(a), _) => Some(a.clone()),
            (None, b) => b.clone(),
        };
        Self {
            not_null: self.not_null || other.not_null,
            prefix: longer(&self.prefix, &other.prefix),
            lower: tighter(&self.lower, &other.lower, |a, b| a > b),
            upper: tighter(&self.upper, &other.upper, |a, b| a < b),
            min_len: self.min_len.max(other.min_len),
            max_len: [self.max_len, other.max_len].into_iter().flatten().min(),
        }
    }

    /// Only what applies to values of a type.
    fn for_type(self, ty: &Type) -> Self {
        let (string, number, collection) = (*ty == Type::String, *ty == Type::Number, ty.is_collection());
        Self {
            not_null: self.not_null,
            prefix: self.prefix.filter(|prefix| string && !prefix.is_empty()),
            lower: self.lower.filter(|_| number),
            upper: self.upper.filter(|_| number),
            min_len: self.min_len.filter(|n| collection && *n > 0),
            max_len: self.max_len.filter(|_| collection),
        }
    }

    /// The value that is meant, where only one is possible: an exact number, a collection of known length.
    fn only_value(&self, ty: &Type) -> Option<Value> {
        if !self.not_null {
            return None;
        }
        if let (Some((lower, true)), Some((upper, true))) = (&self.lower, &self.upper)
            && lower == upper
        {
            return Some(Value::number(lower.clone()));
        }
        let length = self.max_len.filter(|max| *max == self.min_len.unwrap_or(0))?;
        match ty {
            Type::List(element) if length <= Self::LONGEST_EXPANDED => {
                let items = (0..length).map(|_| Value::unknown(element.as_ref().clone())).collect();
                Some(Value::list(element.as_ref().clone(), items))
            }
            Type::Set(element) if length <= 1 => {
                let items = (0..length).map(|_| Value::unknown(element.as_ref().clone())).collect();
                Some(Value::set(element.as_ref().clone(), items))
            }
            Type::Map(element) if length == 0 => {
                Some(Value::map(element.as_ref().clone(), crate::Entries::new()))
            }
            _ => None,
        }
    }
}

impl Value {
    /// An unknown value of which something is known. Refinements are kept only where they apply to the type; where
    /// they leave one possible value, it is that value.
    pub fn refined(ty: Type, refinement: Refinement) -> Self {
        if ty == Type::Dynamic {
            return Self::dynamic();
        }
        let ty = ty.without_optional();
        let refinement = refinement.for_type(&ty);
        match refinement.only_value(&ty) {
            Some(value) => value,
            None => Self::unknown_with(ty, refinement),
        }
    }

    /// Adds what is known to an unknown value; a known value is returned as it is.
    #[must_use]
    pub fn refine(&self, refinement: &Refinement) -> Self {
        match self.kind() {
            Kind::Unknown(ty, own) => {
                let both = own.as_deref().map_or_else(|| refinement.clone(), |own| own.and(refinement));
                Self::refined(ty.clone(), both).mark(self.marks())
            }
            _ => self.clone(),
        }
    }

    /// Says of an unknown value that it will not be null.
    #[must_use]
    pub fn refine_not_null(&self) -> Self {
        self.refine(&Refinement::not_null())
    }
}

/// The start of a text that no text after it can change: without a last character that might still combine with what
/// follows, such as a letter with an accent; normalised to NFC.
pub fn safe_prefix(text: &str) -> Str {
    use unicode_segmentation::UnicodeSegmentation;
    /// Delimiters that nothing combines with in practice.
    const ENDS: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    let text = crate::value::nfc(text);
    match text.grapheme_indices(true).next_back() {
        Some((_, last)) if last.len() == 1 && ENDS.contains(last) => text,
        Some((at, _)) => text[..at].into(),
        None => text,
    }
}

/// A bound of a range: the number, and whether it is included.
type Bound = Option<(Number, bool)>;

fn tighter(a: &Bound, b: &Bound, beats: fn(&Number, &Number) -> bool) -> Bound {
    match (a, b) {
        (Some(a), Some(b)) if beats(&b.0, &a.0) || (a.0 == b.0 && !b.1) => Some(b.clone()),
        (Some(a), _) => Some(a.clone()),
        (None, b) => b.clone(),
    }
}
