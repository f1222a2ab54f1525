//! Numbers as cty holds them: binary floats of 512 bits, rounded half to even, with a fast path for `i64`.

mod decimal;
mod float;
mod functions;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Neg;
use std::sync::Arc;

use self::float::Float;

/// A number: `i64` where it fits, else a binary float.
///
/// A whole number in the range of `i64` is always held as one, so `==` and hashing need no conversion.
/// `==` compares exactly; the language's equality, which goes by the printed form, is [`Number::same_text`].
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    Int(i64),
    Float(Arc<Float>),
}

/// Why a number cannot be read or computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NumberError(pub String);

impl NumberError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Number {
    pub const ZERO: Self = Self(Repr::Int(0));
    pub const ONE: Self = Self(Repr::Int(1));

    /// The number, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Int(n) => Some(n),
            Repr::Float(_) => None,
        }
    }

    /// The number, if it is whole, not negative and fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Int(n) => u64::try_from(*n).ok(),
            Repr::Float(f) => f.to_u64(),
        }
    }

    /// The number as a count or an index, if it is one.
    pub fn to_usize(&self) -> Option<usize> {
        self.to_u64().and_then(|n| usize::try_from(n).ok())
    }

    /// The nearest `f64`; infinite where it is too large.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            #[expect(clippy::cast_precision_loss, reason = "the nearest f64 is what is asked for")]
            Repr::Int(n) => *n as f64,
            Repr::Float(f) => f.to_f64(),
        }
    }

    /// The `f64` with exactly this value, if there is one.
    pub fn to_f64_exact(&self) -> Option<f64> {
        let near = self.to_f64();
        (Float::from_f64(near)?.cmp(&self.float()) == Ordering::Equal).then_some(near)
    }

    /// A number of the 53 bits of precision of an `f64`; `None` for infinities and NaN.
    pub fn from_f64(f: f64) -> Option<Self> {
        const EXACT_INTEGERS: f64 = 9_007_199_254_740_992.0;
        if f.abs() >= EXACT_INTEGERS {
            // Printed by its shortest form, which for large whole numbers differs from its exact value;
            // the fast path would print the exact one.
            let exact = Self(Repr::Float(Arc::new(Float::from_f64(f)?)));
            return Self::parse(&exact.to_string()).ok();
        }
        Float::from_f64(f).map(Self::of)
    }

    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Int(_) => true,
            Repr::Float(f) => f.is_integer(),
        }
    }

    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Int(0))
    }

    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Int(n) => *n < 0,
            Repr::Float(f) => f.negative,
        }
    }

    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// -1, 0 or 1.
    #[must_use]
    pub fn signum(&self) -> Self {
        Self::from(i64::from(!self.is_zero()) * if self.is_negative() { -1 } else { 1 })
    }

    pub fn add(&self, other: &Self) -> Result<Self, NumberError> {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0)
            && let Some(sum) = a.checked_add(*b)
        {
            return Ok(sum.into());
        }
        self.float().add(&other.float()).map(Self::of)
    }

    pub fn sub(&self, other: &Self) -> Result<Self, NumberError> {
        self.add(&-other)
    }

    pub fn mul(&self, other: &Self) -> Result<Self, NumberError> {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0)
            && let Some(product) = a.checked_mul(*b)
        {
            return Ok(product.into());
        }
        self.float().mul(&other.float()).map(Self::of)
    }

    pub fn div(&self, other: &Self) -> Result<Self, NumberError> {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0)
            && a.checked_rem(*b) == Some(0)
        {
            return Ok((a / b).into());
        }
        self.float().div(&other.float()).map(Self::of)
    }

    /// What is left after dividing to a whole number towards zero, with the sign of `self`.
    pub fn rem(&self, other: &Self) -> Result<Self, NumberError> {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0)
            && *b != 0
        {
            // Only `MIN % -1` overflows, and it is zero.
            return Ok(a.checked_rem(*b).unwrap_or(0).into());
        }
        let whole = Self::of(self.float().div(&other.float())?.trunc());
        self.sub(&whole.mul(other)?)
    }

    /// The greatest whole number not above it.
    #[must_use]
    pub fn floor(&self) -> Self {
        match &self.0 {
            Repr::Int(_) => self.clone(),
            Repr::Float(f) => Self::of(f.floor()),
        }
    }

    /// The least whole number not below it.
    #[must_use]
    pub fn ceil(&self) -> Self {
        -(-self).floor()
    }

    /// The whole number towards zero.
    #[must_use]
    pub fn trunc(&self) -> Self {
        if self.is_negative() { self.ceil() } else { self.floor() }
    }

    /// Equality as the language has it: two numbers that would be printed the same are equal, although the
    /// `f64` 0.1 (a result of `log` or `pow`) and the 512-bit 0.1 differ in value.
    pub fn same_text(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Float(a), Repr::Float(b))
                if a.precision != b.precision && !a.is_integer() && !b.is_integer() =>
            {
                self == other || self.to_string() == other.to_string()
            }
            _ => self == other,
        }
    }

    fn of(float: Float) -> Self {
        match float.to_i64() {
            Some(n) => Self(Repr::Int(n)),
            None => Self(Repr::Float(Arc::new(float))),
        }
    }

    fn float(&self) -> Float {
        match &self.0 {
            Repr::Int(n) => Float::from(*n),
            Repr::Float(f) => f.as_ref().clone(),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a == b,
            (Repr::Float(a), Repr::Float(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Int(n) => n.hash(state),
            Repr::Float(f) => f.hash(state),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            (Repr::Float(a), Repr::Float(b)) => a.as_ref().cmp(b),
            _ => self.float().cmp(&other.float()),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Neg for &Number {
    type Output = Number;

    fn neg(self) -> Number {
        if let Repr::Int(n) = self.0
            && let Some(n) = n.checked_neg()
        {
            return n.into();
        }
        let mut float = self.float();
        float.negative = !float.negative;
        Number::of(float)
    }
}

impl Neg for Number {
    type Output = Self;

    fn neg(self) -> Self {
        -&self
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self(Repr::Int(n))
    }
}

impl From<i32> for Number {
    fn from(n: i32) -> Self {
        Self(Repr::Int(n.into()))
    }
}

impl From<u32> for Number {
    fn from(n: u32) -> Self {
        Self(Repr::Int(n.into()))
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        match i64::try_from(n) {
            Ok(n) => n.into(),
            Err(_) => Self::of(Float::from_unsigned(n.into())),
        }
    }
}

impl From<usize> for Number {
    fn from(n: usize) -> Self {
        Self::from(n as u64)
    }
}

impl From<u16> for Number {
    fn from(n: u16) -> Self {
        Self(Repr::Int(n.into()))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
