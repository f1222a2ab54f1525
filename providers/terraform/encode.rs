//! Values as text of the language, formatted as `terraform fmt` would.

use std::fmt::Write;

use diag::FileId;
use provider::simple::Function;
use provider::{FunctionError, FunctionSignature, Parameter};
use value::{Kind, Type, Value};

/// `provider::terraform::encode_tfvars`.
pub(crate) struct EncodeTfvars;

/// `provider::terraform::encode_expr`.
pub(crate) struct EncodeExpr;

impl Function for EncodeTfvars {
    fn signature(&self) -> FunctionSignature {
        signature(
            "encode_tfvars",
            "value",
            Type::Dynamic,
            Type::String,
            "Writes an object as the text of a .tfvars file.",
        )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let entries = arguments.first().and_then(Value::entries).ok_or_else(|| {
            error("invalid value to encode: must be an object whose attribute names will become the encoded variable names")
        })?;
        let mut text = String::new();
        for (name, value) in entries.iter() {
            if !syntax::is_identifier(name) {
                return Err(error(format!(
                    "invalid variable name {name:?}: must be a valid identifier, per Terraform's rules for input variable \
                     declarations"
                )));
            }
            text.push_str(name);
            text.push_str(" = ");
            write(&mut text, value);
            text.push('\n');
        }
        Ok(Value::string(formatted(&text)?))
    }
}

impl Function for EncodeExpr {
    fn signature(&self) -> FunctionSignature {
        signature("encode_expr", "value", Type::Dynamic, Type::String, "Writes a value as an expression.")
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        // A name makes it an attribute, which the formatter takes; it is taken off again.
        const NAME: &str = "_ = ";
        let mut text = NAME.to_owned();
        if let Some(value) = arguments.first() {
            write(&mut text, value);
        }
        text.push('\n');
        let formatted = formatted(&text)?;
        Ok(Value::string(formatted.strip_prefix(NAME).unwrap_or(&formatted).trim_end_matches('\n')))
    }
}

pub(crate) fn signature(
    name: &str,
    parameter: &str,
    ty: Type,
    result: Type,
    summary: &str,
) -> FunctionSignature {
    FunctionSignature {
        name: name.into(),
        parameters: vec![Parameter { name: parameter.into(), ty, allow_null: false, allow_unknown: false }],
        variadic: None,
        result,
        summary: summary.into(),
    }
}

pub(crate) fn error(message: impl Into<String>) -> FunctionError {
    FunctionError { argument: Some(0), message: message.into() }
}

fn formatted(text: &str) -> Result<String, FunctionError> {
    syntax::format(FileId(0), text).map_err(|diagnostics| {
        let messages: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        error(format!("the value cannot be written: {}", messages.join("; ")))
    })
}

/// The value as an expression: objects over several lines, all else on one.
fn write(text: &mut String, value: &Value) {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => text.push_str("null"),
        Kind::Bool(b) => text.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => {
            // Writing into a string cannot fail.
            let _ = write!(text, "{n}");
        }
        Kind::String(s) => write_string(text, s),
        Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => {
            text.push('[');
            for (index, item) in s.items().iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                write(text, item);
            }
            text.push(']');
        }
        Kind::Map(m) | Kind::Object(m) => {
            text.push('{');
            for (index, (key, value)) in m.entries().iter().enumerate() {
                if index == 0 {
                    text.push('\n');
                }
                if syntax::is_identifier(key) {
                    text.push_str(key);
                } else {
                    write_string(text, key);
                }
                text.push_str(" = ");
                write(text, value);
                text.push('\n');
            }
            text.push('}');
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    for character in syntax::quote(string).chars() {
        if is_printable(character) {
            text.push(character);
            continue;
        }
        let code = u32::from(character);
        let _ = if code <= 0xffff { write!(text, "\\u{code:04x}") } else { write!(text, "\\U{code:08x}") };
    }
}

/// Whether a character may stand for itself: no separators but the space, no format characters.
fn is_printable(character: char) -> bool {
    // A combining character is printable after another one, which is how the standard library sees it too.
    character.is_ascii() || ['a', character].iter().collect::<String>().escape_debug().eq(['a', character])
}
