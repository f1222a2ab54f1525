//! The Terraform language's two syntaxes, native and JSON, as one compact tree with byte spans.
//!
//! The parser never fails: it returns a tree and diagnostics, recovers at block level, and bounds nesting.

mod analysis;
pub mod ast;
pub mod body;
mod fmt;
pub mod json;
pub mod merged;
mod native;
mod normal;
mod parse;
mod place;
mod scan;
mod stack;
mod suggest;
mod template;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use diag::{Diagnostics, FileId};

pub use analysis::{is_identifier, quote};
pub use ast::*;
pub use body::{AttributeSchema, Block, BlockSchema, Body, BodySchema, Content, NativeBody};

/// How deep brackets, templates and blocks may nest: what the parser recurses on.
pub const MAX_NESTING: u32 = 500;

/// How high an expression's tree may be, long operator chains (`1 + 1 + ...`) included: what a recursive consumer
/// has to have the stack for.
pub const MAX_HEIGHT: u32 = 2500;

/// Parses a native-syntax file (`.tf`, `.tfvars`, `.tftest.hcl`).
pub fn parse_file(file: FileId, text: &str) -> (Body, Diagnostics) {
    let (body, diagnostics) = parse::parse_body(file, text);
    (Body::Native(Arc::new(body)), diagnostics)
}

/// Parses a JSON-syntax file (`.tf.json`, `.tfvars.json`).
pub fn parse_json_file(file: FileId, text: &str) -> (Body, Diagnostics) {
    let (body, diagnostics) = json::parse(file, text);
    (Body::Json(body), diagnostics)
}

/// Parses one expression, as `console` reads a line and `-var` reads a value; the whole text must be consumed.
pub fn parse_expression(file: FileId, text: &str) -> (Expr, Diagnostics) {
    parse::parse_expression(parse::Origin::At(file, 0), text)
}

/// Parses a bare template (no quotes), as `templatefile` reads a file and JSON strings are read.
/// The result is `String` when there is nothing to interpolate, `TemplateWrap` for a single `${...}`.
pub fn parse_template(file: FileId, text: &str) -> (Expr, Diagnostics) {
    parse::parse_template(parse::Origin::At(file, 0), text)
}

/// Parses an absolute traversal with literal keys only, as `moved` and `-target` want it.
pub fn parse_traversal(file: FileId, text: &str) -> (Option<Traversal>, Diagnostics) {
    parse::parse_traversal(parse::Origin::At(file, 0), text)
}

/// Reformats native syntax as `terraform fmt` does; text that does not parse is returned with its errors.
pub fn format(file: FileId, text: &str) -> Result<String, Diagnostics> {
    fmt::format(file, text)
}
