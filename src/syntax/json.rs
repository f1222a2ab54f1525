//! The JSON syntax (`*.tf.json`, `*.tfvars.json`), decoded by schema into the same tree.

use diag::{Diagnostics, Span};

use crate::ast::Attribute;
use crate::body::{BodySchema, Content};

/// One or several JSON objects that together form a body.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody {}

impl JsonBody {
    pub(crate) fn content(&self, _schema: &BodySchema) -> (Content, Diagnostics) {
        todo!("syntax helper")
    }
    pub(crate) fn partial_content(&self, _schema: &BodySchema) -> (Content, JsonBody, Diagnostics) {
        todo!("syntax helper")
    }
    pub(crate) fn just_attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        todo!("syntax helper")
    }
    pub(crate) fn missing_span(&self) -> Span {
        todo!("syntax helper")
    }
}
