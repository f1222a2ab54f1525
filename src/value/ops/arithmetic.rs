use super::{OpError, Operand, number_operand, unknown_not_null};
use crate::number::NumberError;
use crate::{Kind, Number, Refinement, Type, Value};

/// One operation on known numbers.
type Op = fn(&Number, &Number) -> Result<Number, NumberError>;

impl Value {
    /// `+`.
    pub fn add(&self, other: &Self) -> Result<Self, OpError> {
        binary(self, other, Number::add, Some(Bound::add))
    }

    /// `-` between two operands.
    pub fn sub(&self, other: &Self) -> Result<Self, OpError> {
        binary(self, other, Number::sub, Some(|a: &Bound, b: &Bound| a.add(&b.neg())))
    }

    /// `*`.
    pub fn mul(&self, other: &Self) -> Result<Self, OpError> {
        binary(self, other, Number::mul, Some(Bound::mul))
    }

    /// `/`.
    pub fn div(&self, other: &Self) -> Result<Self, OpError> {
        binary(self, other, Number::div, None)
    }

    /// `%`: what is left after dividing to a whole number towards zero.
    pub fn modulo(&self, other: &Self) -> Result<Self, OpError> {
        binary(self, other, Number::rem, None)
    }

    /// Unary `-`.
    pub fn negate(&self) -> Result<Self, OpError> {
        let result = match number_operand(self)? {
            Operand::Known(n) => Self::number(-n),
            Operand::Unknown => unknown_not_null(Type::Number),
        };
        Ok(result.mark(self.marks()))
    }
}

type BoundOp = fn(&Bound, &Bound) -> Option<Bound>;

fn binary(a: &Value, b: &Value, op: Op, bounds: Option<BoundOp>) -> Result<Value, OpError> {
    let result = match (number_operand(a)?, number_operand(b)?) {
        (Operand::Known(a), Operand::Known(b)) => Value::number(op(a, b).map_err(|e| OpError(e.0))?),
        _ => Value::refined(
            Type::Number,
            bounds.and_then(|op| range(a, b, op)).unwrap_or_default().and_not_null(),
        ),
    };
    Ok(result.mark(a.marks() | b.marks()))
}

/// Interval arithmetic: what the ranges of the operands say about the result.
fn range(a: &Value, b: &Value, op: BoundOp) -> Option<Refinement> {
    let (a, b) = (Bound::range(a)?, Bound::range(b)?);
    let corners = [op(&a.0, &b.0)?, op(&a.0, &b.1)?, op(&a.1, &b.0)?, op(&a.1, &b.1)?];
    let finite = |bound: Option<&Bound>| match bound {
        Some(Bound::Finite(n)) => Some((n.clone(), true)),
        _ => None,
    };
    Some(Refinement {
        lower: finite(corners.iter().min()),
        upper: finite(corners.iter().max()),
        ..Refinement::default()
    })
}

/// An end of a range of numbers, in ascending order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    NegativeInfinity,
    Finite(Number),
    PositiveInfinity,
}

impl Bound {
    /// The least and greatest that a number can be; `None` where it may not even be a number.
    pub(super) fn range(value: &Value) -> Option<(Self, Self)> {
        match value.kind() {
            Kind::Number(n) => Some((Self::Finite(n.clone()), Self::Finite(n.clone()))),
            Kind::Unknown(Type::Number, refinement) => {
                let refinement = refinement.as_deref();
                let lower = refinement.and_then(|r| r.lower.as_ref());
                let upper = refinement.and_then(|r| r.upper.as_ref());
                Some((
                    lower.map_or(Self::NegativeInfinity, |(n, _)| Self::Finite(n.clone())),
                    upper.map_or(Self::PositiveInfinity, |(n, _)| Self::Finite(n.clone())),
                ))
            }
            _ => None,
        }
    }

    fn neg(&self) -> Self {
        match self {
            Self::NegativeInfinity => Self::PositiveInfinity,
            Self::PositiveInfinity => Self::NegativeInfinity,
            Self::Finite(n) => Self::Finite(-n),
        }
    }

    fn add(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Finite(a), Self::Finite(b)) => a.add(b).ok().map(Self::Finite),
            (Self::Finite(_), infinite) | (infinite, Self::Finite(_)) => Some(infinite.clone()),
            (a, b) => (a == b).then(|| a.clone()),
        }
    }

    fn mul(&self, other: &Self) -> Option<Self> {
        if let (Self::Finite(a), Self::Finite(b)) = (self, other) {
            return a.mul(b).ok().map(Self::Finite);
        }
        match self.sign() * other.sign() {
            0 => None,
            1 => Some(Self::PositiveInfinity),
            _ => Some(Self::NegativeInfinity),
        }
    }

    fn sign(&self) -> i8 {
        match self {
            Self::NegativeInfinity => -1,
            Self::PositiveInfinity => 1,
            Self::Finite(n) if n.is_zero() => 0,
            Self::Finite(n) if n.is_negative() => -1,
            Self::Finite(_) => 1,
        }
    }
}
