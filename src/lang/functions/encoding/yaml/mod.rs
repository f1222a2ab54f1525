//! `yamlencode`, `yamldecode`.

mod decode;
mod emit;
mod scalar;

use value::{Type, Value};

use super::super::table::{Call, Core, function};
use super::super::text::text;
use super::super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("yamldecode", "Reads a value from YAML.")
            .param("src", Type::String)
            .maybe_null()
            .returns(Type::Dynamic, |call| decode::decode(call.str(0)?)),
        function("yamlencode", "Writes a value as YAML.")
            .with(Parameter::new("value", Type::Dynamic).dynamic().unknown().nullable())
            .returns(Type::String, yamlencode),
    ]
}

fn yamlencode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let value = call.arg(0)?;
    if !value.is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    emit::document(value).map(text)
}
