use super::maybe_bool;
use crate::{Kind, Type, Value};

impl Value {
    /// The language's `==`: unknown when it cannot be told yet; marks of both sides, at any depth, on the result.
    ///
    /// Values of different types are not equal (`1 == "1"` is false), but nulls are whatever their type.
    #[must_use]
    pub fn equals(&self, other: &Self) -> Self {
        maybe_bool(equal(self, other)).mark(self.deep_marks() | other.deep_marks())
    }

    /// The language's `!=`.
    #[must_use]
    pub fn not_equals(&self, other: &Self) -> Self {
        maybe_bool(equal(self, other).map(|b| !b)).mark(self.deep_marks() | other.deep_marks())
    }

    /// True when the type of this value is exactly `ty`, not regarding which attributes of `ty` are optional.
    /// Builds no type, so it is cheap for large values.
    pub fn has_type(&self, ty: &Type) -> bool {
        match (self.kind(), ty) {
            (Kind::Null(own) | Kind::Unknown(own, _), ty) => same_ignoring_optional(own, ty),
            (Kind::Bool(_), Type::Bool)
            | (Kind::Number(_), Type::Number)
            | (Kind::String(_), Type::String) => true,
            (Kind::List(s), Type::List(e)) | (Kind::Set(s), Type::Set(e)) => {
                same_ignoring_optional(s.element(), e)
            }
            (Kind::Map(m), Type::Map(e)) => same_ignoring_optional(m.element(), e),
            (Kind::Tuple(s), Type::Tuple(types)) => {
                s.items().len() == types.len()
                    && s.items().iter().zip(types.iter()).all(|(v, t)| v.has_type(t))
            }
            (Kind::Object(m), Type::Object(object)) => {
                m.entries().len() == object.len()
                    && m.entries()
                        .iter()
                        .zip(object.iter())
                        .all(|((k, v), (name, t))| k == name && v.has_type(t))
            }
            _ => false,
        }
    }

    /// True when no unknown of unknown type lies in it, so that its type is final.
    fn has_final_type(&self) -> bool {
        if self.is_wholly_known() {
            return true;
        }
        match self.kind() {
            Kind::Unknown(ty, _) => !ty.has_dynamic(),
            _ => children(self).all(Self::has_final_type),
        }
    }
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    let items = value.items().unwrap_or_default().iter();
    items.chain(value.entries().into_iter().flat_map(crate::Entries::values))
}

fn same_ignoring_optional(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            same_ignoring_optional(a, b)
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_ignoring_optional(a, b))
        }
        (Type::Object(a), Type::Object(b)) => {
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && same_ignoring_optional(a, b))
        }
        _ => a == b,
    }
}

/// Whether two values are equal, not regarding marks; `None` when it cannot be told yet.
pub(crate) fn equal(a: &Value, b: &Value) -> Option<bool> {
    if (a.is_null() && b.is_definitely_not_null()) || (b.is_null() && a.is_definitely_not_null()) {
        return Some(false);
    }
    match (a.is_known(), b.is_known()) {
        (false, false) => None,
        (true, false) => equal_to_unknown(a, b),
        (false, true) => equal_to_unknown(b, a),
        (true, true) if a.is_null() || b.is_null() => Some(a.is_null() && b.is_null()),
        (true, true) => equal_known(a, b),
    }
}

fn equal_to_unknown(known: &Value, unknown: &Value) -> Option<bool> {
    let Kind::Unknown(ty, _) = unknown.kind() else { return None };
    if known.is_null() || (ty.has_dynamic() && known.ty().conforms_to(ty)) {
        return None;
    }
    (!known.has_type(ty) || !within_refinement(known, unknown)).then_some(false)
}

/// Whether a known value of its type is one that the refinement of an unknown value allows.
fn within_refinement(known: &Value, unknown: &Value) -> bool {
    let Some(refinement) = unknown.refinement() else { return true };
    match known.kind() {
        Kind::String(s) => refinement.prefix.as_ref().is_none_or(|prefix| s.starts_with(prefix.as_str())),
        Kind::Number(n) => {
            let above =
                refinement.lower.as_ref().is_none_or(|(low, included)| n > low || (*included && n == low));
            let below =
                refinement.upper.as_ref().is_none_or(|(high, included)| n < high || (*included && n == high));
            above && below
        }
        Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
            let (least, most) = super::length::bounds(known);
            refinement.max_len.is_none_or(|max| least <= max)
                && refinement.min_len.is_none_or(|min| most.is_none_or(|most| most >= min))
        }
        _ => true,
    }
}

/// Both known and not null.
fn equal_known(a: &Value, b: &Value) -> Option<bool> {
    if !a.has_final_type() || !b.has_final_type() {
        let (a, b) = (a.ty(), b.ty());
        return if a.conforms_to(&b) || b.conforms_to(&a) { None } else { Some(false) };
    }
    if !same_type(a, b) {
        return Some(false);
    }
    match (a.kind(), b.kind()) {
        (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => Some(a.same_text(b)),
        (Kind::String(a), Kind::String(b)) => Some(a == b),
        (Kind::Set(x), Kind::Set(y)) => {
            if !a.is_wholly_known() || !b.is_wholly_known() {
                return None;
            }
            all_equal(x.items().len() == y.items().len(), x.items().iter().zip(y.items()))
        }
        (Kind::List(a), Kind::List(b)) | (Kind::Tuple(a), Kind::Tuple(b)) => {
            all_equal(a.items().len() == b.items().len(), a.items().iter().zip(b.items()))
        }
        (Kind::Map(a), Kind::Map(b)) | (Kind::Object(a), Kind::Object(b)) => {
            let (a, b) = (a.entries(), b.entries());
            all_equal(a.keys().eq(b.keys()), a.values().zip(b.values()))
        }
        _ => Some(false),
    }
}

/// A difference found before something undecidable counts; after it, nothing can be told.
fn all_equal<'a>(alike: bool, pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    if !alike {
        return Some(false);
    }
    let mut undecided = false;
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => undecided = true,
        }
    }
    (!undecided).then_some(true)
}

/// Whether two values have the same type, without building it.
fn same_type(a: &Value, b: &Value) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Null(ty) | Kind::Unknown(ty, _), _) => b.has_type(ty),
        (_, Kind::Null(ty) | Kind::Unknown(ty, _)) => a.has_type(ty),
        (Kind::Bool(_), Kind::Bool(_))
        | (Kind::Number(_), Kind::Number(_))
        | (Kind::String(_), Kind::String(_)) => true,
        (Kind::List(a), Kind::List(b)) | (Kind::Set(a), Kind::Set(b)) => a.element() == b.element(),
        (Kind::Map(a), Kind::Map(b)) => a.element() == b.element(),
        (Kind::Tuple(a), Kind::Tuple(b)) => {
            a.items().len() == b.items().len()
                && a.items().iter().zip(b.items()).all(|(a, b)| same_type(a, b))
        }
        (Kind::Object(a), Kind::Object(b)) => {
            let (a, b) = (a.entries(), b.entries());
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| same_type(a, b))
        }
        _ => false,
    }
}
