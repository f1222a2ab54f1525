//! Reading of a template and formatting of single values by verbs.

use value::{Number, Type, Value, convert};

use super::super::FunctionError;
use super::super::text::{check_length, graphemes, quoted, quoted_char};

/// The greatest width and precision; Go gives up at the same.
const MAX_WIDTH: usize = 1_000_000;

/// One `%...x` of a template.
#[derive(Default)]
struct Verb<'a> {
    /// All of it.
    raw: &'a str,
    /// The byte of the template where it begins.
    offset: usize,
    letter: char,
    /// Which argument, from 1.
    argument: usize,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Replaces all verbs of a template. Every argument must be wholly known.
pub(super) fn format(template: &str, arguments: &[&Value]) -> Result<String, FunctionError> {
    let mut out = String::new();
    let (mut next_argument, mut highest) = (1, 0);
    let mut at = 0;
    while let Some(percent) = template[at..].find('%').map(|i| at + i) {
        out.push_str(&template[at..percent]);
        if template[percent + 1..].starts_with('%') {
            out.push('%');
            at = percent + 2;
            continue;
        }
        let verb = Verb::read(template, percent, next_argument)?;
        highest = highest.max(verb.argument);
        next_argument = verb.argument + 1;
        at = percent + verb.raw.len();
        verb.write(&mut out, arguments)?;
        check_length(out.len())?;
    }
    out.push_str(&template[at..]);
    if highest < arguments.len() {
        let message = match highest {
            0 => "too many arguments; no verbs in format string".to_owned(),
            n => format!("too many arguments; only {n} used by format string"),
        };
        return Err(FunctionError::argument(highest + 1, message));
    }
    Ok(out)
}

impl<'a> Verb<'a> {
    /// Reads flags, width, precision, argument index and letter, in this order, after a `%` at `offset`.
    fn read(template: &'a str, offset: usize, next_argument: usize) -> Result<Self, FunctionError> {
        let mut verb = Self { offset, argument: next_argument, ..Self::default() };
        let bytes = template.as_bytes();
        let mut at = offset + 1;
        let peek = |at: usize| bytes.get(at).copied();
        loop {
            match peek(at) {
                Some(b'0') => verb.zero = true,
                Some(b'#') => verb.sharp = true,
                Some(b'-') => verb.minus = true,
                Some(b'+') => verb.plus = true,
                Some(b' ') => verb.space = true,
                _ => break,
            }
            at += 1;
        }
        if matches!(peek(at), Some(b'1'..=b'9')) {
            verb.width = Some(read_number(bytes, &mut at)?);
        }
        if peek(at) == Some(b'.') {
            at += 1;
            verb.precision = Some(read_number(bytes, &mut at)?);
        }
        if peek(at) == Some(b'[') {
            at += 1;
            if !matches!(peek(at), Some(b'1'..=b'9')) {
                return Err(unexpected(template, at));
            }
            verb.argument = read_number(bytes, &mut at)?;
            if peek(at) != Some(b']') {
                return Err(unexpected(template, at));
            }
            at += 1;
        }
        match peek(at) {
            Some(letter) if letter.is_ascii_alphabetic() => verb.letter = char::from(letter),
            _ => return Err(unexpected(template, at)),
        }
        verb.raw = &template[offset..=at];
        Ok(verb)
    }

    fn write(&self, out: &mut String, arguments: &[&Value]) -> Result<(), FunctionError> {
        let Some(argument) = self.argument.checked_sub(1).and_then(|at| arguments.get(at)) else {
            return Err(FunctionError::new(format!(
                "not enough arguments for {} at {}: need index {} but have {} total",
                quoted(self.raw),
                self.offset,
                self.argument,
                arguments.len()
            )));
        };
        if self.letter != 'v' && argument.is_null() {
            return Err(self.unsupported("null value cannot be formatted"));
        }
        match self.letter {
            'v' => self.write_default(out, argument),
            't' => {
                let argument = self.convert(argument, &Type::Bool)?;
                out.push_str(if argument.as_bool() == Some(true) { "true" } else { "false" });
                Ok(())
            }
            'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => {
                let argument = self.convert(argument, &Type::Number)?;
                let number = argument.as_number().ok_or_else(|| self.unsupported("a number is required"))?;
                match self.letter {
                    'e' | 'E' | 'f' | 'g' | 'G' => self.write_float(out, number),
                    _ => self.write_integer(out, number)?,
                }
                Ok(())
            }
            's' | 'q' => {
                let argument = self.convert(argument, &Type::String)?;
                self.write_string(out, argument.as_str().map_or("", |s| s.as_str()))
            }
            letter => Err(FunctionError::new(format!(
                "unsupported format verb {} in {} at offset {}",
                quoted_char(letter),
                quoted(self.raw),
                self.offset
            ))),
        }
    }

    /// Strings and numbers plainly, all else (and all with `#`) as JSON.
    fn write_default(&self, out: &mut String, argument: &Value) -> Result<(), FunctionError> {
        if !self.sharp {
            if let Some(s) = argument.as_str() {
                self.pad(out, s);
                return Ok(());
            }
            if let Some(number) = argument.as_number() {
                self.pad(out, &number.to_general(None));
                return Ok(());
            }
        }
        let json = value::json::to_plain_json(argument).map_err(|e| self.unsupported(&e.to_string()))?;
        self.pad(out, &json);
        Ok(())
    }

    fn write_string(&self, out: &mut String, s: &str) -> Result<(), FunctionError> {
        let cut: String = match self.precision {
            // A precision of 0 does not cut.
            Some(precision) if precision > 0 => graphemes(s).take(precision).collect(),
            _ => s.to_owned(),
        };
        if self.letter == 'q' {
            let json = value::json::to_plain_json(&Value::string(cut))
                .map_err(|e| self.unsupported(&e.to_string()))?;
            self.pad(out, &json);
        } else {
            self.pad(out, &cut);
        }
        Ok(())
    }

    fn write_integer(&self, out: &mut String, number: &Number) -> Result<(), FunctionError> {
        let radix = match self.letter {
            'b' => 2,
            'o' => 8,
            'x' | 'X' => 16,
            _ => 10,
        };
        let digits =
            number.abs().to_radix(radix).ok_or_else(|| self.unsupported("an integer is required"))?;
        let mut digits = if self.letter == 'X' { digits.to_uppercase() } else { digits };
        if self.precision == Some(0) && number.is_zero() {
            // Nothing at all, not even the width.
            return Ok(());
        }
        let prefix = match self.letter {
            'b' if self.sharp => "0b",
            'o' if self.sharp => "0",
            'x' if self.sharp => "0x",
            'X' if self.sharp => "0X",
            _ => "",
        };
        if let Some(precision) = self.precision {
            let missing = precision.saturating_sub(digits.len());
            digits.insert_str(0, &"0".repeat(missing));
        }
        push_padded(out, self, self.sign(number.is_negative()), prefix, &digits);
        Ok(())
    }

    fn write_float(&self, out: &mut String, number: &Number) {
        let (magnitude, precision) = (number.abs(), self.precision);
        let digits = match self.letter {
            'f' => magnitude.to_fixed(precision.unwrap_or(6)),
            'e' | 'E' => magnitude.to_scientific(Some(precision.unwrap_or(6))),
            _ => magnitude.to_general(precision),
        };
        let digits = if self.letter.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
        let sign = self.sign(number.is_negative());
        push_padded(out, &Self { precision: None, ..*self }, sign, "", &digits);
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    /// Pads to the width, in characters.
    fn pad(&self, out: &mut String, s: &str) {
        let missing = self.width.unwrap_or(0).saturating_sub(graphemes(s).count());
        let padding = if self.zero { "0" } else { " " }.repeat(missing);
        if self.minus {
            out.push_str(s);
            out.push_str(&padding);
        } else {
            out.push_str(&padding);
            out.push_str(s);
        }
    }

    fn convert(&self, argument: &Value, ty: &Type) -> Result<Value, FunctionError> {
        convert(argument, ty).map_err(|e| self.unsupported(&e.message))
    }

    fn unsupported(&self, why: &str) -> FunctionError {
        FunctionError::new(format!("unsupported value for {} at {}: {why}", quoted(self.raw), self.offset))
    }
}

/// A number with its sign and prefix. Zeros pad between prefix and digits, and only on the left and without a precision.
fn push_padded(out: &mut String, verb: &Verb<'_>, sign: &str, prefix: &str, digits: &str) {
    let missing = verb.width.unwrap_or(0).saturating_sub(sign.len() + prefix.len() + digits.len());
    let (left, zeros, right) = match (verb.minus, verb.zero && verb.precision.is_none()) {
        (true, _) => (0, 0, missing),
        (false, true) => (0, missing, 0),
        (false, false) => (missing, 0, 0),
    };
    out.extend(std::iter::repeat_n(' ', left));
    out.push_str(sign);
    out.push_str(prefix);
    out.extend(std::iter::repeat_n('0', zeros));
    out.push_str(digits);
    out.extend(std::iter::repeat_n(' ', right));
}

fn read_number(bytes: &[u8], at: &mut usize) -> Result<usize, FunctionError> {
    let mut number = 0usize;
    while let Some(digit) = bytes.get(*at).filter(|b| b.is_ascii_digit()) {
        number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
        *at += 1;
    }
    if number > MAX_WIDTH {
        return Err(FunctionError::new(format!("width, precision and index must not exceed {MAX_WIDTH}")));
    }
    Ok(number)
}

fn unexpected(template: &str, at: usize) -> FunctionError {
    FunctionError::new(match template.get(at..).and_then(|rest| rest.chars().next()) {
        None => format!("invalid format string starting at offset {at}"),
        Some(c) => format!("unrecognized format character {} at offset {at}", quoted_char(c)),
    })
}
