//! Conversions: `tobool`, `tolist`, `tomap`, `tonumber`, `toset`, `tostring`; and `can` and `try`.

use value::{Kind, Type, Value, convert};

use super::table::{Call, Core, function};
use super::text::quoted;
use super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    vec![
        conversion("tobool", "Converts a value to a bool.", Type::Bool),
        conversion("tolist", "Converts a value to a list.", Type::list(Type::Dynamic)),
        conversion("tomap", "Converts a value to a map.", Type::map(Type::Dynamic)),
        conversion("tonumber", "Converts a value to a number.", Type::Number),
        conversion("toset", "Converts a value to a set.", Type::set(Type::Dynamic)),
        conversion("tostring", "Converts a value to a string.", Type::String),
        // The evaluator does not evaluate the arguments of these two as of other functions; what is here is what they
        // mean for arguments without errors.
        function("can", "Tells whether an expression can be evaluated without errors.")
            .with(Parameter::new("expression", Type::Dynamic).dynamic().unknown())
            .returns(Type::Bool, |_| Ok(Value::bool(true))),
        function("try", "Gives the value of the first expression that can be evaluated without errors.")
            .variadic(Parameter::new("expressions", Type::Dynamic).dynamic().unknown().marked())
            .maybe_null()
            .returns(Type::Dynamic, |call| {
                let first = call.arguments.first().cloned();
                first.ok_or_else(|| FunctionError::new("at least one argument is required"))
            }),
    ]
}

fn conversion(name: &'static str, description: &'static str, wanted: Type) -> Core {
    let target = wanted.clone();
    function(name, description)
        .with(Parameter::new("v", Type::Dynamic).dynamic().unknown().nullable().marked())
        .maybe_null()
        .returns(wanted, move |call| convert_to(call, &target))
}

fn convert_to(call: &Call<'_>, wanted: &Type) -> Result<Value, FunctionError> {
    let value = call.arg(0)?;
    convert(value, wanted).map_err(|_| {
        let (given, wanted_name) = (value.ty().friendly_name(), constraint_name(wanted));
        let message = if value.deep_marks().is_sensitive() {
            format!("cannot convert this sensitive {given} to {wanted_name}")
        } else {
            match (value.kind(), wanted) {
                (Kind::String(s), Type::Bool) => format!(
                    "cannot convert {} to bool; only the strings \"true\" or \"false\" are allowed",
                    quoted(s)
                ),
                (Kind::String(s), Type::Number) => format!(
                    "cannot convert {} to number; given string must be a decimal representation of a number",
                    quoted(s)
                ),
                _ => format!("cannot convert {given} to {wanted_name}"),
            }
        };
        FunctionError::argument(0, message)
    })
}

/// How a target is named: `list of any single type`.
fn constraint_name(ty: &Type) -> String {
    match ty {
        Type::List(_) => "list of any single type".to_owned(),
        Type::Map(_) => "map of any single type".to_owned(),
        Type::Set(_) => "set of any single type".to_owned(),
        other => other.friendly_name(),
    }
}
