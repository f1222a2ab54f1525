//! Functions that the language computes in `f64`.

use super::{Number, NumberError};

impl Number {
    /// `self` to the power of `exponent`, computed in `f64` by Go's method so that the digits agree.
    pub fn pow(&self, exponent: &Self) -> Result<Self, NumberError> {
        Self::from_f64(power(self.to_f64(), exponent.to_f64())).ok_or_else(out_of_range)
    }

    /// The logarithm to a base, computed in `f64`.
    pub fn log(&self, base: &Self) -> Result<Self, NumberError> {
        Self::from_f64(self.to_f64().ln() / base.to_f64().ln()).ok_or_else(out_of_range)
    }
}

/// Repeated squaring for the whole part of the exponent, `exp` and `ln` for the rest.
fn power(base: f64, exponent: f64) -> f64 {
    let (size, whole) = (exponent.abs(), exponent.abs().trunc());
    let plain = base == 0.0 || base == 1.0 || !base.is_finite() || !exponent.is_finite() || whole >= 1e18;
    if plain || (base < 0.0 && size != whole) {
        return base.powf(exponent);
    }
    if exponent == 0.5 {
        return base.sqrt();
    }
    if exponent == -0.5 {
        return 1.0 / base.sqrt();
    }
    let (mut whole, mut fraction) = (whole, size - whole);
    let mut result = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = (fraction * base.ln()).exp();
    }
    // The result is `result * 2^scale`: the exponents are kept apart so that squaring cannot overflow.
    let (mut square, mut square_scale) = split(base);
    let mut scale: i64 = 0;
    #[expect(clippy::cast_possible_truncation, reason = "whole is below 1e18 here")]
    let mut remaining = whole as i64;
    while remaining != 0 {
        if square_scale.abs() > 1 << 12 {
            // The result is certainly infinite or zero.
            scale += square_scale;
            break;
        }
        if remaining & 1 == 1 {
            result *= square;
            scale += square_scale;
        }
        square *= square;
        square_scale *= 2;
        if square < 0.5 {
            square += square;
            square_scale -= 1;
        }
        remaining >>= 1;
    }
    if exponent < 0.0 {
        result = 1.0 / result;
        scale = -scale;
    }
    join(result, scale)
}

/// `f` as a mantissa in [0.5, 1) (with its sign) and an exponent of two.
fn split(f: f64) -> (f64, i64) {
    if f == 0.0 {
        return (f, 0);
    }
    // Brings subnormals into range.
    let (f, offset) = if f.is_subnormal() { (f * 18_014_398_509_481_984.0, -54) } else { (f, 0) };
    let bits = f.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - 1022;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent + offset)
}

/// `f * 2^exponent`.
fn join(mut f: f64, exponent: i64) -> f64 {
    let mut exponent = exponent.clamp(-4000, 4000);
    while exponent != 0 && f != 0.0 && f.is_finite() {
        let step = exponent.clamp(-1000, 1000);
        #[expect(clippy::cast_possible_truncation, reason = "clamped to 1000")]
        let step_f = 2f64.powi(step as i32);
        f *= step_f;
        exponent -= step;
    }
    f
}

fn out_of_range() -> NumberError {
    NumberError::new("the result is not a finite number")
}
