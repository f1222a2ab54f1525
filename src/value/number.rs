use std::fmt;

/// A number as cty holds it: a binary float of 512 bits precision, with a fast path for `i64`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Int(i64),
    // value helper: Big(Arc<dashu_float::FBig<HalfEven, 2>>)
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NumberError(pub String);

impl Number {
    /// The number, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        let Repr::Int(n) = self.0;
        Some(n)
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

/// The shortest decimal that reads back the same; never an exponent (Go `Text('f', -1)`).
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Repr::Int(n) = &self.0;
        n.fmt(f)
    }
}
