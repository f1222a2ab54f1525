//! The JSON syntax (`*.tf.json`, `*.tfvars.json`), decoded by schema into the same tree.

mod body;
mod expr;
mod read;
mod string;

use std::collections::BTreeSet;
use std::sync::Arc;

use diag::{Diagnostics, FileId, Span};
use ecow::{EcoString, EcoVec};

pub(crate) use expr::content_origin;

/// One or several JSON objects that together form a body.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody {
    value: Value,
    /// Properties that an earlier partial decoding has taken.
    hidden: Arc<BTreeSet<EcoString>>,
}

/// A JSON value and its bytes.
#[derive(Clone, Debug, PartialEq)]
struct Value {
    kind: ValueKind,
    span: Span,
}

#[derive(Clone, Debug, PartialEq)]
enum ValueKind {
    Null,
    Bool(bool),
    /// As written.
    Number(EcoString),
    /// With escapes resolved.
    String(EcoString),
    Array(EcoVec<Value>),
    /// Property names may repeat.
    Object(EcoVec<Property>),
    /// Stands where a value could not be read; the error has been reported.
    Invalid,
}

#[derive(Clone, Debug, PartialEq)]
struct Property {
    name: EcoString,
    name_span: Span,
    value: Value,
}

impl Property {
    fn span(&self) -> Span {
        self.name_span.to(self.value.span)
    }
}

impl Value {
    /// The opening bracket, or the whole of a scalar.
    fn start(&self) -> Span {
        match self.kind {
            ValueKind::Array(_) | ValueKind::Object(_) => {
                Span { end: self.span.start.saturating_add(1), ..self.span }
            }
            _ => self.span,
        }
    }
}

pub(crate) fn parse(file: FileId, text: &str) -> (JsonBody, Diagnostics) {
    let (value, mut diagnostics) = read::read(file, text);
    let fits = matches!(value.kind, ValueKind::Object(_) | ValueKind::Array(_) | ValueKind::Invalid);
    if !fits {
        let detail = "The root value in a JSON-based configuration must be either a JSON object or a JSON array of objects.";
        diagnostics.push(diag::Diagnostic::error("Root value must be object", detail).at(value.start()));
    }
    let value = if fits { value } else { Value { kind: ValueKind::Invalid, ..value } };
    (JsonBody { value, hidden: Arc::default() }, diagnostics)
}
