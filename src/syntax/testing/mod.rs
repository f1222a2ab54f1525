//! Tests of the crate as a whole; what they share.

mod analysis;
mod corpus;
mod errors;
mod expressions;
mod fmt;
mod generate;
mod json;
mod laws;
mod limits;
mod schema;
mod second_opinion;
mod shape;
mod templates;

use diag::{Diagnostic, Diagnostics, FileId, Sources};

use crate::{Expr, parse_expression};

pub(crate) const FILE: FileId = FileId(0);

/// The expression of a text that has no errors.
pub(crate) fn expression(text: &str) -> Expr {
    let (expr, diagnostics) = parse_expression(FILE, text);
    assert!(diagnostics.is_empty(), "{text}: {:?}", told(text, &diagnostics));
    expr
}

/// Each diagnostic as `3:1-3:5 Summary`.
pub(crate) fn told(text: &str, diagnostics: &Diagnostics) -> Vec<String> {
    let sources = Sources::new();
    sources.add("test.tf", text);
    diagnostics.iter().map(|diagnostic| tell(&sources, diagnostic)).collect()
}

fn tell(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let subject = diagnostic.subject.expect("every diagnostic of a text has a place in it");
    let (_, start, end) = sources.locate(subject).expect("the file is registered");
    let summary = &diagnostic.summary;
    format!("{}:{}-{}:{} {summary}", start.line, start.column, end.line, end.column)
}
