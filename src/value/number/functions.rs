//! Functions that the language computes in `f64`.

use super::{Number, NumberError};

impl Number {
    /// `self` to the power of `exponent`, computed in `f64` by Go's method so that the digits agree.
    pub fn pow(&self, exponent: &Self) -> Result<Self, NumberError> {
        Self::from_f64(power(self.to_f64(), exponent.to_f64())).ok_or_else(out_of_range)
    }

    /// The logarithm to a base, computed in `f64` by Go's method so that the digits agree.
    pub fn log(&self, base: &Self) -> Result<Self, NumberError> {
        Self::from_f64(natural_log(self.to_f64()) / natural_log(base.to_f64())).ok_or_else(out_of_range)
    }
}

/// Repeated squaring for the whole part of the exponent, `exp` and `ln` for the rest.
#[expect(clippy::float_cmp, reason = "these numbers are special, and those beside them are not")]
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
        result = exponential(fraction * natural_log(base));
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

/// e to a power by the method of N. Shibata (2010), with fused operations, as Go has it on most machines.
fn exponential(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LN2_LOW: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    if x.is_nan() || x.abs() > 700.0 {
        return x.exp();
    }
    let whole = (x * std::f64::consts::LOG2_E).round_ties_even();
    let rest = (-whole).mul_add(LN2_LOW, (-whole).mul_add(LN2_HIGH, x));
    // e^r - 1 by its series for a sixteenth of the rest, then squared four times: (1 + y)^2 - 1 = y * (y + 2).
    let r = rest * 0.0625;
    let series = [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0]
        .iter()
        .fold(1.0 / 40320.0, |sum: f64, n| sum.mul_add(r, 1.0 / n));
    let y = (0..3).fold(r * series, |y, _| y * (y + 2.0));
    #[expect(clippy::cast_possible_truncation, reason = "x is within 700")]
    join(y.mul_add(y + 2.0, 1.0), whole as i64)
}

/// The natural logarithm by the method and the coefficients of fdlibm, as Go has it: the standard library's differs
/// from it in the last digit of about one result in twenty.
fn natural_log(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    /// Of the odd terms, the last first.
    const ODD: [f64; 4] = [
        1.479_819_860_511_658_6e-1,
        1.818_357_216_161_805e-1,
        2.857_142_874_366_239e-1,
        6.666_666_666_666_735e-1,
    ];
    const EVEN: [f64; 3] = [1.531_383_769_920_937_3e-1, 2.222_219_843_214_978_4e-1, 3.999_999_999_940_942e-1];
    if x.is_nan() || x <= 0.0 || x.is_infinite() {
        return x.ln();
    }
    let (mut mantissa, exponent) = split(x);
    #[expect(clippy::cast_precision_loss, reason = "an exponent has four digits")]
    let mut exponent = exponent as f64;
    if mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1.0;
    }
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let series = |terms: &[f64]| terms.iter().fold(0.0, |sum, term| term + s4 * sum);
    let rest = s2 * series(&ODD) + s4 * series(&EVEN);
    let half_square = 0.5 * f * f;
    exponent * LN2_HIGH - ((half_square - (s * (half_square + rest) + exponent * LN2_LOW)) - f)
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
