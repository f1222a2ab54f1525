use diag::{Diagnostic, Diagnostics, Span};
use value::{Number, Type, Value};

/// A number as written. Those of everyday sizes need no big arithmetic.
pub(super) fn number(digits: &str, span: Span, diagnostics: &mut Diagnostics) -> Value {
    if digits.len() <= 18
        && digits.bytes().all(|b| b.is_ascii_digit())
        && let Ok(n) = digits.parse::<i64>()
    {
        return Value::number(n);
    }
    match Number::parse(digits) {
        Ok(n) => Value::number(n),
        Err(error) => {
            let detail = format!("Cannot use {digits} as a number: {error}.");
            diagnostics.push(Diagnostic::error("Invalid number literal", detail).at(span));
            Value::unknown(Type::Number)
        }
    }
}
