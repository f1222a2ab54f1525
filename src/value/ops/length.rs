use super::OpError;
use crate::{Kind, Number, Refinement, Type, Value};

impl Value {
    /// The count of items, entries or attributes: a number, or an unknown one with bounds where the collection is
    /// unknown, or a set holds unknown items that may turn out to be equal.
    pub fn length(&self) -> Result<Self, OpError> {
        let length = match self.kind() {
            Kind::Null(_) => return Err(OpError::null_argument()),
            Kind::Unknown(Type::Tuple(items), _) => Self::number(items.len()),
            Kind::Unknown(Type::Object(object), _) => Self::number(object.len()),
            Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Dynamic, _) | Kind::Set(_) => {
                let (least, most) = bounds(self);
                let refinement = Refinement {
                    lower: Some((Number::from(least), true)),
                    upper: most.map(|n| (Number::from(n), true)),
                    ..Refinement::not_null()
                };
                Self::refined(Type::Number, refinement)
            }
            Kind::List(s) | Kind::Tuple(s) => Self::number(s.items().len()),
            Kind::Map(m) | Kind::Object(m) => Self::number(m.entries().len()),
            Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                return Err(OpError::new("collection type is required"));
            }
        };
        Ok(length.mark(self.marks()))
    }
}

/// The least and, if there is one, the greatest length that a collection can have.
pub(super) fn bounds(value: &Value) -> (u64, Option<u64>) {
    let count = |n: usize| (n as u64, Some(n as u64));
    match value.kind() {
        Kind::Unknown(_, refinement) => {
            let refinement = refinement.as_deref();
            (refinement.and_then(|r| r.min_len).unwrap_or(0), refinement.and_then(|r| r.max_len))
        }
        Kind::Set(s) if !value.is_wholly_known() => {
            (s.items().len().min(1) as u64, Some(s.items().len() as u64))
        }
        Kind::Set(s) | Kind::List(s) | Kind::Tuple(s) => count(s.items().len()),
        Kind::Map(m) | Kind::Object(m) => count(m.entries().len()),
        _ => (0, None),
    }
}
