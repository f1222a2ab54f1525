//! Binary floating point of a given precision, rounding half to even.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use dashu_base::{BitTest, DivRem};
use dashu_int::UBig;

use super::NumberError;

/// `mantissa * 2^exponent`. The mantissa is odd (or zero), so that equal values have equal fields.
#[derive(Clone, Debug)]
pub(super) struct Float {
    pub(super) negative: bool,
    pub(super) mantissa: UBig,
    pub(super) exponent: i64,
    /// Bits to which results are rounded. Not part of the value.
    pub(super) precision: usize,
}

/// Bits of a number of the language.
pub(super) const PRECISION: usize = 512;

/// Magnitudes beyond 2^±this are errors: printing them would take megabytes.
const MAX_MAGNITUDE: i64 = 1 << 21;

impl Float {
    /// Rounds to a precision. `sticky` says that bits below the mantissa were cut off and were not all zero.
    pub(super) fn rounded(
        negative: bool,
        mut mantissa: UBig,
        mut exponent: i64,
        sticky: bool,
        precision: usize,
    ) -> Result<Self, NumberError> {
        let bits = mantissa.bit_len();
        if bits > precision {
            let cut = bits - precision;
            let (low, high) = (low_bits(&mantissa, cut), &mantissa >> cut);
            let half = UBig::ONE << (cut - 1);
            let up = match low.cmp(&half) {
                Ordering::Greater => true,
                Ordering::Equal => sticky || high.bit(0),
                Ordering::Less => false,
            };
            mantissa = if up { high + UBig::ONE } else { high };
            exponent += shift_of(cut);
        }
        Self::exact(negative, mantissa, exponent, precision)
    }

    /// A value that needs no rounding.
    pub(super) fn exact(
        negative: bool,
        mut mantissa: UBig,
        mut exponent: i64,
        precision: usize,
    ) -> Result<Self, NumberError> {
        let Some(zeros) = mantissa.trailing_zeros() else {
            return Ok(Self { negative: false, mantissa, exponent: 0, precision });
        };
        if zeros > 0 {
            mantissa >>= zeros;
            exponent += shift_of(zeros);
        }
        let float = Self { negative, mantissa, exponent, precision };
        if float.magnitude().abs() > MAX_MAGNITUDE {
            return Err(NumberError::new("the number is too large or too small"));
        }
        Ok(float)
    }

    /// A whole number, with as many bits as it needs, at least the usual precision.
    pub(super) fn from_unsigned(mantissa: UBig) -> Self {
        let precision = mantissa.bit_len().max(PRECISION);
        let zeros = mantissa.trailing_zeros().unwrap_or(0);
        Self { negative: false, mantissa: mantissa >> zeros, exponent: shift_of(zeros), precision }
    }

    /// `None` for infinities and NaN.
    pub(super) fn from_f64(f: f64) -> Option<Self> {
        const FRACTION_BITS: u32 = 52;
        const BIAS: i64 = 1075;
        if !f.is_finite() {
            return None;
        }
        let bits = f.to_bits();
        let biased = (bits >> FRACTION_BITS) & 0x7ff;
        let fraction = bits & ((1 << FRACTION_BITS) - 1);
        let (mantissa, biased) =
            if biased == 0 { (fraction, 1) } else { (fraction | 1 << FRACTION_BITS, biased) };
        let exponent = i64::try_from(biased).ok()? - BIAS;
        Self::exact(f.is_sign_negative(), mantissa.into(), exponent, 53).ok()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The place of its highest bit: `2^(magnitude-1) <= |self| < 2^magnitude`.
    fn magnitude(&self) -> i64 {
        shift_of(self.mantissa.bit_len()).saturating_add(self.exponent)
    }

    pub(super) fn to_i64(&self) -> Option<i64> {
        if self.exponent < 0 || self.magnitude() > 64 {
            return None;
        }
        let magnitude = i128::try_from(u128::try_from(self.integer()).ok()?).ok()?;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    pub(super) fn to_u64(&self) -> Option<u64> {
        if self.exponent < 0 || self.magnitude() > 64 || self.negative {
            return None;
        }
        u64::try_from(self.integer()).ok()
    }

    /// The whole part, without sign.
    pub(super) fn integer(&self) -> UBig {
        let places = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(usize::MAX);
        if self.exponent >= 0 { &self.mantissa << places } else { &self.mantissa >> places }
    }

    pub(super) fn trunc(&self) -> Self {
        Self {
            negative: self.negative && !self.integer().is_zero(),
            ..Self::whole(self.integer(), self.precision)
        }
    }

    pub(super) fn floor(&self) -> Self {
        let mut whole = self.integer();
        if self.negative && !self.is_integer() {
            whole += UBig::ONE;
        }
        Self { negative: self.negative && !whole.is_zero(), ..Self::whole(whole, self.precision) }
    }

    fn whole(mantissa: UBig, precision: usize) -> Self {
        Self { precision, ..Self::from_unsigned(mantissa) }
    }

    pub(super) fn add(&self, other: &Self) -> Result<Self, NumberError> {
        let precision = self.precision.max(other.precision);
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.scaled(exponent), other.scaled(exponent));
        let (negative, sum) = if self.negative == other.negative {
            (self.negative, a + b)
        } else {
            match a.cmp(&b) {
                Ordering::Less => (other.negative, b - a),
                Ordering::Equal => (false, UBig::ZERO),
                Ordering::Greater => (self.negative, a - b),
            }
        };
        Self::rounded(negative, sum, exponent, false, precision)
    }

    /// The product keeps up to 512 bits even of two numbers of lower precision.
    pub(super) fn mul(&self, other: &Self) -> Result<Self, NumberError> {
        let product = &self.mantissa * &other.mantissa;
        let exponent = self.exponent + other.exponent;
        let widest = self.precision.max(other.precision);
        let mut result =
            Self::rounded(self.negative != other.negative, product, exponent, false, widest.max(PRECISION))?;
        result.precision = widest.max(result.mantissa.bit_len());
        Ok(result)
    }

    pub(super) fn div(&self, other: &Self) -> Result<Self, NumberError> {
        if other.is_zero() {
            return Err(NumberError::new("Division by zero"));
        }
        let precision = self.precision.max(other.precision);
        // Enough bits that the quotient has two more than the precision; the remainder only matters for being zero.
        let shift = (precision + 2 + other.mantissa.bit_len()).saturating_sub(self.mantissa.bit_len());
        let (quotient, remainder) = (&self.mantissa << shift).div_rem(&other.mantissa);
        let exponent = self.exponent - other.exponent - shift_of(shift);
        Self::rounded(self.negative != other.negative, quotient, exponent, !remainder.is_zero(), precision)
    }

    /// The mantissa for a lower (or equal) exponent.
    fn scaled(&self, exponent: i64) -> UBig {
        let shift = usize::try_from(self.exponent - exponent).unwrap_or(0);
        &self.mantissa << shift
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return if other.negative { Ordering::Greater } else { Ordering::Less },
            (false, true) => return if self.negative { Ordering::Less } else { Ordering::Greater },
            (false, false) => {}
        }
        if self.negative != other.negative {
            return if self.negative { Ordering::Less } else { Ordering::Greater };
        }
        let size = self.magnitude().cmp(&other.magnitude()).then_with(|| {
            let exponent = self.exponent.min(other.exponent);
            self.scaled(exponent).cmp(&other.scaled(exponent))
        });
        if self.negative { size.reverse() } else { size }
    }
}

impl From<i64> for Float {
    fn from(n: i64) -> Self {
        Self { negative: n < 0, ..Self::from_unsigned(n.unsigned_abs().into()) }
    }
}

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        (self.negative, self.exponent, &self.mantissa) == (other.negative, other.exponent, &other.mantissa)
    }
}

impl Hash for Float {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.negative, self.exponent, &self.mantissa).hash(state);
    }
}

fn low_bits(n: &UBig, bits: usize) -> UBig {
    n.clone().split_bits(bits).0
}

/// Bit counts are far below the range of `i64`.
fn shift_of(bits: usize) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX)
}
