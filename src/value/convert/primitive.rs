use super::{ConvertError, Trail};
use crate::{Kind, Number, Type, Value};

pub(super) fn convert(value: &Value, ty: &Type, path: &Trail<'_>) -> Result<Value, ConvertError> {
    match (value.kind(), ty) {
        (Kind::Bool(b), Type::String) => Ok(Value::string(if *b { "true" } else { "false" })),
        (Kind::Number(n), Type::String) => Ok(Value::string(n.to_string())),
        (Kind::String(s), Type::Number) => {
            Number::parse(s).map(Value::number).map_err(|e| ConvertError::new(path, e.0))
        }
        (Kind::String(s), Type::Bool) => {
            parse_bool(s).map(Value::bool).map_err(|e| ConvertError::new(path, e))
        }
        _ => Err(ConvertError::new(path, super::mismatch_message(&value.ty(), ty))),
    }
}

fn parse_bool(text: &str) -> Result<bool, &'static str> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ if text.eq_ignore_ascii_case("true") => {
            Err("a bool is required; to convert from string, use lowercase \"true\"")
        }
        _ if text.eq_ignore_ascii_case("false") => {
            Err("a bool is required; to convert from string, use lowercase \"false\"")
        }
        _ => Err("a bool is required"),
    }
}
