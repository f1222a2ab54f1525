//! Nothing that parses makes evaluation or decoding panic.

use diag::FileId;
use proptest::prelude::*;
use provider::{Attribute, Block, NestedBlock};
use value::Type;

use super::TestScope;
use crate::decode::{block_references, decode_block};
use crate::evaluate::{ValueNotes, evaluate, evaluate_as, values_in_play};
use crate::reference::references;
use crate::type_expr::parse_type;

const TOKENS: [&str; 58] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "[*]",
    ".*",
    ".",
    ",",
    ":",
    "?",
    "=",
    "=>",
    "...",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "<",
    "&&",
    "||",
    "for",
    "in",
    "if",
    "null",
    "true",
    "1",
    "0.5",
    "99999999999999999999",
    "1e999",
    "\"a\"",
    "\"${",
    "}\"",
    "\"%{ if ",
    " }x%{ endif }\"",
    "x",
    "k",
    "var",
    "var.l",
    "var.so",
    "var.o",
    "var.nul",
    "terraform_data.u.id",
    "count",
    "each",
    "self",
    "upper(",
    "try(",
    "can(",
    "length(",
    "optional(",
    "object(",
    "list(",
    "string",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(TOKENS.to_vec()), 1..14).prop_map(|tokens| tokens.join(" "))
}

fn schema() -> Block {
    let inner = Block::default()
        .with("a", Attribute::optional(Type::Number))
        .with("b", Attribute::optional(Type::Dynamic));
    let object = Type::object([("a", Type::Number)]);
    Block::default()
        .with("a", Attribute::optional(Type::list(object)))
        .with("b", Attribute::required(Type::String))
        .with_block("list", NestedBlock::list(inner.clone()).items(1, 2))
        .with_block("set", NestedBlock::set(inner.clone()))
        .with_block("one", NestedBlock::single(inner))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn expressions(text in soup()) {
        let scope = TestScope::new();
        let (expr, _) = syntax::parse_expression(FileId(0), &text);
        let (value, _) = evaluate(&expr, &scope);
        let _ = (value.ty(), value::format::console(&value, 0));
        let _ = evaluate_as(&expr, &Type::list(Type::Number), &scope);
        let _ = (references(&expr), parse_type(&expr));
        let _ = values_in_play(&expr, &scope, ValueNotes { sensitive: true, unknown: true });
    }

    #[test]
    fn bodies(lines in prop::collection::vec((0..6_usize, soup(), soup()), 0..5)) {
        let text: String = lines
            .iter()
            .map(|(form, one, two)| match form {
                0 => format!("a = {one}\n"),
                1 => format!("b = {one}\n"),
                2 => format!("list {{\n a = {one}\n b = {two}\n}}\n"),
                3 => format!("dynamic \"set\" {{\n for_each = {one}\n content {{\n  b = [set.value, {two}]\n }}\n}}\n"),
                4 => format!("dynamic \"a\" {{\n for_each = [1]\n iterator = {one}\n content {{\n  a = {two}\n }}\n}}\n"),
                _ => format!("one {{\n b = {one}\n}}\n"),
            })
            .collect();
        let (body, _) = syntax::parse_file(FileId(0), &text);
        let (value, found) = decode_block(&body, &schema(), &TestScope::new());
        if !found.has_errors() {
            prop_assert!(value.attr("b").is_some());
        }
        let _ = block_references(&body, &schema());
    }
}
