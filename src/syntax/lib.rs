//! The Terraform language's two syntaxes, native and JSON, as one compact tree with byte spans.
//!
//! The parser never fails: it returns a tree and diagnostics, recovers at block level, and bounds nesting.

pub mod ast;
pub mod body;
pub mod json;

use diag::{Diagnostics, FileId};

pub use ast::*;
pub use body::{AttributeSchema, Block, BlockSchema, Body, BodySchema, Content, NativeBody};

/// Parses a native-syntax file (`.tf`, `.tfvars`, `.tftest.hcl`).
pub fn parse_file(_file: FileId, _text: &str) -> (Body, Diagnostics) {
    todo!("syntax helper")
}

/// Parses a JSON-syntax file (`.tf.json`, `.tfvars.json`).
pub fn parse_json_file(_file: FileId, _text: &str) -> (Body, Diagnostics) {
    todo!("syntax helper")
}

/// Parses one expression, as `console` reads a line and `-var` reads a value; the whole text must be consumed.
pub fn parse_expression(_file: FileId, _text: &str) -> (Expr, Diagnostics) {
    todo!("syntax helper")
}

/// Parses a bare template (no quotes), as `templatefile` reads a file and JSON strings are read.
/// The result is `String` when there is nothing to interpolate, `TemplateWrap` for a single `${...}`.
pub fn parse_template(_file: FileId, _text: &str) -> (Expr, Diagnostics) {
    todo!("syntax helper")
}

/// Parses an absolute traversal with literal keys only, as `moved` and `-target` want it.
pub fn parse_traversal(_file: FileId, _text: &str) -> (Option<Traversal>, Diagnostics) {
    todo!("syntax helper")
}

/// Reformats native syntax as `terraform fmt` does; text that does not parse is returned with its errors.
pub fn format(_file: FileId, _text: &str) -> Result<String, Diagnostics> {
    todo!("syntax helper")
}
