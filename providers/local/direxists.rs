use std::io;

use provider::simple::Function;
use provider::{FunctionError, FunctionSignature, Parameter};
use value::{Type, Value};

/// `provider::local::direxists`.
pub(crate) struct DirExists;

impl Function for DirExists {
    fn signature(&self) -> FunctionSignature {
        FunctionSignature {
            name: "direxists".into(),
            parameters: vec![Parameter {
                name: "path".into(),
                ty: Type::String,
                allow_null: false,
                allow_unknown: false,
            }],
            variadic: None,
            result: Type::Bool,
            summary: "Tells whether a folder exists. A path to anything but a folder is an error.".into(),
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let path = arguments.first().and_then(Value::as_str).cloned().unwrap_or_default();
        let error = |message: String| FunctionError { argument: Some(0), message };
        match std::fs::metadata(path.as_str()) {
            Ok(found) if found.is_dir() => Ok(Value::bool(true)),
            Ok(_) => Err(error(format!("{path:?} was found, but is not a directory."))),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(Value::bool(false)),
            Err(problem) => Err(error(format!("Error checking for directory {path:?}: {problem}."))),
        }
    }
}
