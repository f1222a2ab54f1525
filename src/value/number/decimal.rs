//! Decimal text of numbers: exact reading, and printing as Go's `big.Float` does.

use std::cmp::Ordering;
use std::fmt;

use dashu_base::BitTest;
use dashu_int::UBig;

use super::float::{Float, PRECISION};
use super::{Number, NumberError, Repr};

/// The decimal exponent, and the count of digits, that are read; more would take megabytes to hold.
const MAX_DIGITS: i64 = 600_000;

impl Number {
    /// Reads a decimal number, exactly up to 512 bits: `1`, `-.5`, `1e400`; also `1p3` (times 2^3).
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse::<i64>().map(Self::from).map_err(|_| required());
        }
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let at = unsigned.find(['e', 'E', 'p', 'P']);
        let (digits, exponent) = match at {
            Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
            None => (unsigned, 0),
        };
        let binary = at.is_some_and(|at| matches!(unsigned.as_bytes()[at], b'p' | b'P'));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: String = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return Err(required());
        }
        let fraction_len = i64::try_from(fraction.len()).map_err(|_| too_large())?;
        let ten_exponent = if binary { -fraction_len } else { exponent.saturating_sub(fraction_len) };
        let mantissa = read_digits(&all, 10)?;
        if mantissa.is_zero() {
            return Ok(Self::ZERO);
        }
        let float = scale_decimal(negative, mantissa, ten_exponent)?;
        let float = if binary {
            Float::exact(negative, float.mantissa, float.exponent.saturating_add(exponent), PRECISION)?
        } else {
            float
        };
        Ok(Self::of(float))
    }

    /// Reads a whole number in a base from 2 to 62, exactly. Up to base 36 letters of either case are the same;
    /// above, `a` to `z` are 10 to 35 and `A` to `Z` 36 to 61.
    pub fn parse_radix(text: &str, radix: u32) -> Result<Self, NumberError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let float = Float::from_unsigned(read_digits(digits, radix)?);
        if float.is_zero() {
            return Ok(Self::ZERO);
        }
        Ok(Self::of(Float { negative, ..float }))
    }

    /// A whole number in a base from 2 to 36, lower case; `None` if it is not whole.
    pub fn to_radix(&self, radix: u8) -> Option<String> {
        if !self.is_integer() || !(2..=36).contains(&radix) {
            return None;
        }
        let sign = if self.is_negative() { "-" } else { "" };
        Some(format!("{sign}{}", self.float().integer().in_radix(radix)))
    }

    /// With exactly so many digits after the point, as `%.2f`; half rounds to even.
    pub fn to_fixed(&self, decimals: usize) -> String {
        let mut digits = self.digits();
        let keep = digits.point.saturating_add(as_i64(decimals));
        digits.round(keep);
        self.sign() + &digits.fixed(decimals)
    }

    /// In scientific form, as `%e`: so many digits after the point, or the fewest that read back the same.
    pub fn to_scientific(&self, decimals: Option<usize>) -> String {
        let digits = match decimals {
            Some(n) => {
                let mut digits = self.digits();
                digits.round(as_i64(n).saturating_add(1));
                digits
            }
            None => self.shortest(),
        };
        let decimals = decimals.unwrap_or_else(|| digits.text.len().saturating_sub(1));
        self.sign() + &digits.scientific(decimals)
    }

    /// As `%g`: scientific for large exponents, else plain; so many significant digits, or the fewest that read
    /// back the same.
    pub fn to_general(&self, significant: Option<usize>) -> String {
        let digits = match significant {
            Some(n) => {
                let mut digits = self.digits();
                digits.round(as_i64(n.max(1)));
                digits
            }
            None => self.shortest(),
        };
        let count = digits.text.len();
        let precision = significant.map_or(count, |n| n.max(1));
        let threshold = match significant {
            None => 6,
            Some(_) if precision > count && as_i64(count) >= digits.point => as_i64(count),
            Some(_) => as_i64(precision),
        };
        let exponent = digits.point - 1;
        if exponent < -4 || exponent >= threshold {
            return self.sign() + &digits.scientific(precision.min(count).saturating_sub(1));
        }
        let decimals = usize::try_from(as_i64(count) - digits.point).unwrap_or(0);
        self.sign() + &digits.fixed(decimals)
    }

    fn sign(&self) -> String {
        if self.is_negative() { "-".to_owned() } else { String::new() }
    }

    fn digits(&self) -> Digits {
        let float = self.float();
        Digits::of(&float.mantissa, float.exponent)
    }

    fn shortest(&self) -> Digits {
        match &self.0 {
            Repr::Int(_) => self.digits(),
            Repr::Float(float) => shortest(float),
        }
    }
}

/// The shortest decimal that reads back the same; never an exponent (Go `Text('f', -1)`).
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(n) => n.fmt(f),
            Repr::Float(float) => {
                let digits = shortest(float);
                let decimals = usize::try_from(as_i64(digits.text.len()) - digits.point).unwrap_or(0);
                f.pad_integral(!float.negative, "", &digits.fixed(decimals))
            }
        }
    }
}

impl std::str::FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        Self::parse(text)
    }
}

impl Float {
    pub(super) fn to_f64(&self) -> f64 {
        let digits = Digits::of(&self.mantissa, self.exponent);
        let sign = if self.negative { "-" } else { "" };
        let text = String::from_utf8_lossy(&digits.text);
        // The standard library rounds correctly however many digits it is given.
        format!("{sign}0.{text}e{}", digits.point).parse().unwrap_or(f64::NAN)
    }
}

/// A decimal `0.text * 10^point`; no zeros at either end of the text.
struct Digits {
    text: Vec<u8>,
    point: i64,
}

impl Digits {
    /// The exact decimal of `mantissa * 2^exponent`.
    fn of(mantissa: &UBig, exponent: i64) -> Self {
        if mantissa.is_zero() {
            return Self { text: Vec::new(), point: 0 };
        }
        let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        let (number, scale) = if exponent >= 0 {
            (mantissa << places, 0)
        } else {
            (mantissa * UBig::from(5u8).pow(places), exponent)
        };
        let text = number.to_string().into_bytes();
        let point = as_i64(text.len()) + scale;
        let mut digits = Self { text, point };
        digits.trim();
        digits
    }

    fn at(&self, index: i64) -> u8 {
        usize::try_from(index).ok().and_then(|i| self.text.get(i)).copied().unwrap_or(b'0')
    }

    fn trim(&mut self) {
        while self.text.last() == Some(&b'0') {
            self.text.pop();
        }
        if self.text.is_empty() {
            self.point = 0;
        }
    }

    /// Rounds to so many digits, half to even.
    fn round(&mut self, keep: i64) {
        let Ok(n) = usize::try_from(keep) else { return };
        if n >= self.text.len() {
            return;
        }
        let halfway = self.text[n] == b'5' && n + 1 == self.text.len();
        let up = if halfway { n > 0 && (self.text[n - 1] - b'0') % 2 == 1 } else { self.text[n] >= b'5' };
        if up { self.round_up(n) } else { self.round_down(n) }
    }

    fn round_down(&mut self, keep: usize) {
        self.text.truncate(keep);
        self.trim();
    }

    fn round_up(&mut self, keep: usize) {
        self.text.truncate(keep);
        while self.text.last() == Some(&b'9') {
            self.text.pop();
        }
        match self.text.last_mut() {
            Some(last) => *last += 1,
            None => {
                self.text.push(b'1');
                self.point += 1;
            }
        }
    }

    fn fixed(&self, decimals: usize) -> String {
        let mut out = String::new();
        if self.point > 0 {
            out.extend((0..self.point).map(|i| char::from(self.at(i))));
        } else {
            out.push('0');
        }
        if decimals > 0 {
            out.push('.');
            out.extend((0..as_i64(decimals)).map(|i| char::from(self.at(self.point + i))));
        }
        out
    }

    fn scientific(&self, decimals: usize) -> String {
        let mut out = String::from(char::from(self.at(0)));
        if decimals > 0 {
            out.push('.');
            out.extend((1..=as_i64(decimals)).map(|i| char::from(self.at(i))));
        }
        let exponent = if self.text.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        out + &format!("e{sign}{:02}", exponent.unsigned_abs())
    }
}

/// The fewest digits within half a unit in the last place of the number's precision.
fn shortest(float: &Float) -> Digits {
    let mut digits = Digits::of(&float.mantissa, float.exponent);
    let bits = float.mantissa.bit_len();
    if digits.text.is_empty() || bits > float.precision {
        return digits;
    }
    // One bit more than the precision, so that adding one is half a unit.
    let shift = float.precision + 1 - bits;
    let mantissa = &float.mantissa << shift;
    let exponent = float.exponent - as_i64(shift);
    let lower = Digits::of(&(&mantissa - UBig::ONE), exponent);
    let upper = Digits::of(&(&mantissa + UBig::ONE), exponent);
    // The bounds themselves read back as this number only if its own last bit is even.
    let inclusive = !mantissa.bit(1);

    for i in 0..digits.text.len() {
        let (at, digit) = (as_i64(i), digits.text[i]);
        let (low, high) = (lower.at(at), upper.at(at));
        let down = low != digit || (inclusive && i + 1 == lower.text.len());
        let up = digit != high && (inclusive || digit + 1 < high || i + 1 < upper.text.len());
        match (down, up) {
            (true, true) => digits.round(at + 1),
            (true, false) => digits.round_down(i + 1),
            (false, true) => digits.round_up(i + 1),
            (false, false) => continue,
        }
        break;
    }
    digits
}

/// `mantissa * 10^exponent`, rounded to 512 bits.
fn scale_decimal(negative: bool, mantissa: UBig, exponent: i64) -> Result<Float, NumberError> {
    let size = as_i64(mantissa.bit_len()) / 3;
    match exponent.cmp(&0) {
        _ if exponent.saturating_add(size) > MAX_DIGITS || exponent < -MAX_DIGITS => Err(too_large()),
        Ordering::Less => {
            let power = power_of_ten(exponent)?;
            let a = Float { precision: PRECISION, ..Float::from_unsigned(mantissa) };
            let b = Float { precision: PRECISION, ..Float::from_unsigned(power) };
            Ok(Float { negative, ..a.div(&b)? })
        }
        _ => Float::rounded(negative, mantissa * power_of_ten(exponent)?, 0, false, PRECISION),
    }
}

fn power_of_ten(exponent: i64) -> Result<UBig, NumberError> {
    let exponent = usize::try_from(exponent.unsigned_abs()).map_err(|_| too_large())?;
    Ok(UBig::from(10u8).pow(exponent))
}

fn parse_exponent(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(required());
    }
    text.parse().map_err(|_| too_large())
}

fn read_digits(text: &str, radix: u32) -> Result<UBig, NumberError> {
    if text.is_empty() || as_i64(text.len()) > MAX_DIGITS {
        return Err(if text.is_empty() { required() } else { too_large() });
    }
    if radix <= 36 {
        if !text.chars().all(|c| c.is_digit(radix)) {
            return Err(required());
        }
        return UBig::from_str_radix(text, radix).map_err(|_| required());
    }
    let mut number = UBig::ZERO;
    for c in text.chars() {
        let digit = match c {
            '0'..='9' | 'a'..='z' => c.to_digit(36),
            'A'..='Z' => c.to_digit(36).map(|d| d + 26),
            _ => None,
        };
        let digit = digit.filter(|d| *d < radix).ok_or_else(required)?;
        number = number * UBig::from(radix) + UBig::from(digit);
    }
    Ok(number)
}

fn required() -> NumberError {
    NumberError::new("a number is required")
}

fn too_large() -> NumberError {
    NumberError::new("the number is too large or too small")
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
