//! Deep and large inputs.

use std::time::{Duration, Instant};

use diag::FileId;
use value::{Type, Value};

use super::TestScope;
use crate::evaluate::evaluate;

/// Runs something on a stack as small as those of worker threads.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(run);
    thread.expect("threads can be started").join().expect("it did not overflow");
}

#[test]
fn the_deepest_expressions_that_parse_are_evaluated() {
    let nested = |open: &str, inner: &str, close: &str| {
        // Far beyond what anyone writes, and just within what is let through.
        let depth = if open.is_empty() || close.is_empty() { 2000 } else { 120 };
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let expressions = [
        nested("(", "1", ")"),
        nested("[", "1", "]"),
        nested("{ a = ", "1", " }"),
        nested("false ? 0 : ", "1", ""),
        nested("true ? ", "1", " : 2"),
        nested("upper(", "\"a\"", ")"),
        nested("try(", "1", ")"),
        nested("[for x in [1] : ", "x", "]"),
        nested("\"a${", "1", "}\""),
        nested("\"%{ if true }${", "1", "}%{ endif }\""),
        nested("", "1", " + 1"),
        format!("var.l{}", "[*]".repeat(200)),
        format!("{}null", "null == ".repeat(2000)),
    ];
    on_a_small_stack(move || {
        let scope = TestScope::new();
        for text in expressions {
            let (expr, found) = syntax::parse_expression(FileId(0), &text);
            assert!(!found.has_errors(), "{}: {found:?}", text.get(..40).unwrap_or_default());
            let (value, _) = evaluate(&expr, &scope);
            drop((value.ty(), value));
        }
    });
}

/// Evaluating `var.l[i]` once for each element does work in proportion to their number.
#[test]
fn indexing_does_not_copy() {
    let items: Vec<Value> = (0..20_000)
        .map(|i| Value::object_of([("id", Value::number(i)), ("n", Value::string("x"))]))
        .collect();
    let ty = items[0].ty();
    let scope = TestScope::new().with("l", Value::list(ty, items)).with("n", Value::number(19_999));
    let (expr, _) = syntax::parse_expression(FileId(0), "var.l[var.n].id");
    let start = Instant::now();
    for _ in 0..20_000 {
        let (value, _) = evaluate(&expr, &scope);
        assert_eq!(value.as_i64(), Some(19_999));
    }
    // A copy of the list each time would be 400 million elements.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let (expr, _) = syntax::parse_expression(FileId(0), "var.l[*].id");
    assert_eq!(evaluate(&expr, &scope).0.ty(), Type::list(Type::Number));
}
