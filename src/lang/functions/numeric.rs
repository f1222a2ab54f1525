//! Numbers.

use value::{Marks, Number, NumberError, Type, Value};

use super::table::{Call, Core, function, whole};
use super::text::quoted;
use super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    let number = |name: &'static str| Parameter::new(name, Type::Number);
    vec![
        function("abs", "Gives a number without its sign.").with(number("num").dynamic().marked()).returns(
            Type::Number,
            |call| Ok(Value::number(call.number(0)?.abs()).mark(call.arg(0)?.marks())),
        ),
        function("ceil", "Rounds a number up to a whole one.")
            .with(number("num"))
            .returns(Type::Number, |call| Ok(Value::number(call.number(0)?.ceil()))),
        function("floor", "Rounds a number down to a whole one.")
            .with(number("num"))
            .returns(Type::Number, |call| Ok(Value::number(call.number(0)?.floor()))),
        function("log", "Gives the logarithm of a number to a base.")
            .with(number("num"))
            .with(number("base"))
            .returns(Type::Number, |call| float_operation(call, Number::log)),
        function("max", "Gives the greatest of its arguments.")
            .variadic(number("numbers").dynamic())
            .returns(Type::Number, |call| extreme(call, |a, b| a > b)),
        function("min", "Gives the least of its arguments.")
            .variadic(number("numbers").dynamic())
            .returns(Type::Number, |call| extreme(call, |a, b| a < b)),
        function("parseint", "Reads a whole number written in a base.")
            .with(Parameter::new("number", Type::Dynamic).marked().unknown())
            .with(number("base").marked().unknown())
            .typed_by(parseint_type)
            .returns(Type::Number, parseint),
        function("pow", "Raises a number to a power.")
            .with(number("num"))
            .with(number("power"))
            .returns(Type::Number, |call| float_operation(call, Number::pow)),
        function("signum", "Gives -1, 0 or 1 for the sign of a number.")
            .with(number("num"))
            .returns(Type::Number, |call| Ok(Value::number(call.int(0)?.signum()))),
    ]
}

/// `log` and `pow` are computed in 64-bit floats, so both arguments must fit.
fn float_operation(
    call: &Call<'_>,
    operation: impl Fn(&Number, &Number) -> Result<Number, NumberError>,
) -> Result<Value, FunctionError> {
    let (a, b) = (call.number(0)?, call.number(1)?);
    for number in [a, b] {
        if !number.to_f64().is_finite() {
            return Err(FunctionError::new(format!(
                "value must be between {:.6} and {:.6} inclusive",
                f64::MIN,
                f64::MAX
            )));
        }
    }
    operation(a, b).map(Value::number).map_err(|e| FunctionError::new(e.to_string()))
}

fn extreme(call: &Call<'_>, better: impl Fn(&Number, &Number) -> bool) -> Result<Value, FunctionError> {
    if call.arguments.is_empty() {
        return Err(FunctionError::new("must pass at least one number"));
    }
    let mut best = call.number(0)?;
    for at in 1..call.arguments.len() {
        let number = call.number(at)?;
        if better(number, best) {
            best = number;
        }
    }
    Ok(Value::number(best.clone()))
}

fn parseint_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments.first().map(Value::ty) {
        Some(Type::String) | None => Ok(Type::Number),
        Some(other) => Err(FunctionError::argument(
            0,
            format!("first argument must be a string, not {}", other.friendly_name()),
        )),
    }
}

fn parseint(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (number, base) = (call.arg(0)?, call.arg(1)?);
    let marks = number.marks() | base.marks();
    if !number.is_known() || !base.is_known() {
        return Ok(Value::unknown(Type::Number).mark(marks));
    }
    let radix = whole(call.number(1)?).map_err(|e| e.of_argument(1))?;
    let radix = u32::try_from(radix).ok().filter(|radix| (2..=62).contains(radix)).ok_or_else(|| {
        FunctionError::argument(1, "base must be a whole number between 2 and 62 inclusive")
    })?;
    let parsed = Number::parse_radix(call.str(0)?, radix).map_err(|_| {
        let digits = redacted(number.marks(), quoted(call.str(0).unwrap_or_default()));
        let radix = redacted(base.marks(), radix.to_string());
        FunctionError::argument(0, format!("cannot parse {digits} as a base {radix} integer"))
    })?;
    Ok(Value::number(parsed).mark(marks))
}

fn redacted(marks: Marks, shown: String) -> String {
    if marks.is_sensitive() { "(sensitive value)".to_owned() } else { shown }
}
