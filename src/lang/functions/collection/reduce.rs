//! One value of a whole collection: `alltrue`, `anytrue`, `sum`.

use value::{Number, Type, Value, convert};

use super::super::FunctionError;
use super::super::table::{Call, Core, function};
use super::is_sequence;

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("alltrue", "Tells whether all items of a list are true.")
            .param("list", Type::list(Type::Bool))
            .returns(Type::Bool, |call| all_or_any(call, false)),
        function("anytrue", "Tells whether any item of a list is true.")
            .param("list", Type::list(Type::Bool))
            .returns(Type::Bool, |call| all_or_any(call, true)),
        function("sum", "Adds the numbers of a list.")
            .param("list", Type::Dynamic)
            .returns(Type::Number, sum),
    ]
}

/// Looks for an item that decides; null counts as false.
fn all_or_any(call: &Call<'_>, decisive: bool) -> Result<Value, FunctionError> {
    let mut unsure = false;
    for item in call.items(0)? {
        if !item.is_known() {
            // For `alltrue` Terraform looks no further.
            if !decisive {
                return Ok(Value::unknown(Type::Bool));
            }
            unsure = true;
        } else if item.as_bool().unwrap_or(false) == decisive {
            return Ok(Value::bool(decisive));
        }
    }
    Ok(if unsure { Value::unknown(Type::Bool) } else { Value::bool(!decisive) })
}

fn sum(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = call.arg(0)?;
    let blame = |message: &str| FunctionError::argument(0, message);
    match (list.items(), list.entries()) {
        (None, None) => return Err(blame("cannot sum noniterable")),
        (Some([]), _) => return Err(blame("cannot sum an empty list")),
        (None, Some(entries)) if entries.is_empty() => return Err(blame("cannot sum an empty list")),
        _ => {}
    }
    let ty = list.ty();
    if !is_sequence(&ty) {
        return Err(blame(&format!("argument must be list, set, or tuple. Received {}", ty.friendly_name())));
    }
    if !list.is_wholly_known() {
        return Ok(Value::unknown(Type::Number));
    }
    let not_numbers = || blame("argument must be list, set, or tuple of number values");
    let mut total = Number::ZERO;
    for item in call.items(0)? {
        let number = convert(item, &Type::Number).map_err(|_| not_numbers())?;
        let number = number.as_number().ok_or_else(not_numbers)?;
        total = total.add(number).map_err(|e| FunctionError::new(e.to_string()))?;
    }
    Ok(Value::number(total))
}
