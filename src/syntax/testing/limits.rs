//! Deep and long input on the smallest stack that threads commonly have.

use std::thread;

use diag::{Diagnostics, FileId};

use crate::{Body, Expr, format, parse_expression, parse_file, parse_json_file};

/// What tokio's workers and the test harness's threads have.
const STACK: usize = 2 << 20;

fn on_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("threads are available");
    thread.join().expect("no overflow and no panic")
}

/// Parses, uses and drops on a small stack; gives the summaries of the errors.
fn parse(text: String) -> Vec<String> {
    on_small_stack(move || {
        let (expr, diagnostics) = parse_expression(FileId(0), &text);
        assert_eq!(expr.clone().traversals().len(), expr.traversals().len());
        let attribute = format!("a = {text}\n");
        let (body, again) = parse_file(FileId(0), &attribute);
        assert_eq!(again.has_errors(), diagnostics.has_errors());
        assert_eq!(format(FileId(0), &attribute).is_err(), diagnostics.has_errors());
        drop(body);
        drop(expr);
        summaries(&diagnostics)
    })
}

fn summaries(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.iter().map(|diagnostic| diagnostic.summary.clone()).collect()
}

/// How input of a kind grows with a number.
type Grow = fn(usize) -> String;

#[test]
fn deep_nesting_is_parsed_to_a_bound_and_then_refused_clearly() {
    let kinds: [(&str, Grow); 14] = [
        ("parentheses", |n| format!("{}1{}", "(".repeat(n), ")".repeat(n))),
        ("tuples", |n| format!("{}1{}", "[".repeat(n), "]".repeat(n))),
        ("objects", |n| format!("{}1{}", "{ a = ".repeat(n), "}".repeat(n))),
        ("object keys", |n| format!("{}1{}", "{ (".repeat(n), ") = 1 }".repeat(n))),
        ("calls", |n| format!("{}1{}", "f(".repeat(n), ")".repeat(n))),
        ("indexes", |n| format!("{}1{}", "a[".repeat(n), "]".repeat(n))),
        ("splat indexes", |n| format!("{}1{}", "a[*][-".repeat(n), "]".repeat(n))),
        ("quoted templates", |n| format!("{}1{}", "\"x${".repeat(n), "}\"".repeat(n))),
        ("heredocs", |n| format!("{}1{}", "<<E\n${".repeat(n), "}\nE\n".repeat(n))),
        ("directives", |n| format!("\"{}1{}\"", "%{if a}".repeat(n), "%{endif}".repeat(n))),
        ("conditionals", |n| format!("{}1{}", "a ? ".repeat(n), " : 2".repeat(n))),
        ("tuple for-expressions", |n| format!("{}1{}", "[for x in ".repeat(n), " : x]".repeat(n))),
        ("object for-expressions", |n| format!("{}1{}", "{for x in y : x => ".repeat(n), "}".repeat(n))),
        ("mixed", |n| format!("{}1{}", "-f([{ a = \"${(1 + ".repeat(n), ")}\" }])".repeat(n))),
    ];
    for (kind, grow) in kinds {
        assert_eq!(parse(grow(60)), [""; 0], "60 levels of {kind}");
        for n in [1000, 20_000] {
            assert_eq!(parse(grow(n)), ["Expression too complex"], "{n} levels of {kind}");
        }
    }
    assert_eq!(parse(kinds[0].1(crate::MAX_NESTING as usize - 1)), [""; 0], "the bound itself");
}

#[test]
fn long_chains_are_parsed_to_a_bound_and_then_refused_clearly() {
    let kinds: [(&str, Grow); 8] = [
        ("additions", |n| format!("1{}", " + 1".repeat(n))),
        ("mixed operators", |n| format!("1{}", " + 1 * 2 == 3 && a || b".repeat(n / 4))),
        ("else branches", |n| format!("{}1", "a ? b : ".repeat(n))),
        ("indexes", |n| format!("a{}", "[b]".repeat(n))),
        ("attribute splats", |n| format!("a{}", ".*[0]".repeat(n / 2))),
        ("negations", |n| format!("{}1", "-".repeat(n))),
        ("nested additions", |n| {
            format!("{}1{}", "(".repeat(50), format!("{})", " + 1".repeat(n / 50)).repeat(50))
        }),
        ("additions in templates", |n| format!("\"x${{1{}}}\"", " + 1".repeat(n))),
    ];
    for (kind, grow) in kinds {
        assert_eq!(parse(grow(2000)), [""; 0], "2,000 {kind}");
        assert_eq!(parse(grow(20_000)), ["Expression too complex"], "20,000 {kind}");
    }
}

#[test]
fn flat_input_has_no_bound() {
    let kinds: [(&str, Grow); 6] = [
        ("attribute steps", |n| format!("a{}", ".b".repeat(n))),
        ("literal indexes", |n| format!("a{}", "[0][\"k\"]".repeat(n / 2))),
        ("tuple elements", |n| format!("[{}]", "1 + 1, ".repeat(n))),
        ("arguments", |n| format!("f({})", "a ? b : c, ".repeat(n))),
        ("interpolations", |n| format!("\"{}\"", "${a} ".repeat(n))),
        ("directives", |n| format!("\"{}\"", "%{if a}b%{endif} ".repeat(n))),
    ];
    for (kind, grow) in kinds {
        assert_eq!(parse(grow(50_000)), [""; 0], "50,000 {kind}");
    }
}

#[test]
fn deep_blocks_are_refused_clearly() {
    let summaries = on_small_stack(|| {
        let (body, diagnostics) =
            parse_file(FileId(0), &format!("{}{}", "b {\n".repeat(5000), "}\n".repeat(5000)));
        drop(body);
        summaries(&diagnostics)
    });
    assert_eq!(summaries, ["Blocks nested too deeply"]);
    let fine = on_small_stack(|| {
        let text = format!("{}{}", "b {\n".repeat(200), "}\n".repeat(200));
        (parse_file(FileId(0), &text).1.is_empty(), format(FileId(0), &text).is_ok())
    });
    assert_eq!(fine, (true, true));
}

#[test]
fn deep_json_is_refused_clearly() {
    for text in ["[".repeat(50_000), "{\"a\":".repeat(50_000)] {
        let summaries = on_small_stack(move || summaries(&parse_json_file(FileId(0), &text).1));
        assert_eq!(summaries, ["JSON nested too deeply"]);
    }
    let fine = on_small_stack(|| {
        let text = format!("{{\"a\": {}1{}}}", "[{\"b\": ".repeat(240), "}]".repeat(240));
        let (body, diagnostics) = parse_json_file(FileId(0), &text);
        let (attributes, more) = body.just_attributes();
        (diagnostics.is_empty(), more.is_empty(), attributes.len())
    });
    assert_eq!(fine, (true, true, 1));
}

/// The time grows with the input, not with its square: 16 times the input takes less than 64 times as long.
#[test]
fn parsing_time_is_linear() {
    let kinds: [Grow; 11] = [
        |n| "a = \"x${b}y\"\n".repeat(n),
        |n| (0..n).map(|i| format!("a{i} = 1\n")).collect(),
        |n| format!("a = [{}]\n", "\n".repeat(n)),
        |n| format!("a = {}\n", "(".repeat(n)),
        |n| "a = [\n".repeat(n),
        |n| "a = \"x\n".repeat(n),
        |n| "b {\na = }\n}\n".repeat(n),
        |n| format!("a = <<E\n{}E\n", "x $ ${y}\n".repeat(n)),
        |n| "} ".repeat(n),
        |n| (0..2 * n).map(|i| format!("a{} = 1\n", i % n)).collect(),
        |n| "b \"x {\n".repeat(n),
    ];
    for (index, grow) in kinds.into_iter().enumerate() {
        let once = |text: &str| {
            let start = std::time::Instant::now();
            drop(parse_file(FileId(0), text));
            start.elapsed()
        };
        // The fastest of some runs: other work on the machine only ever adds.
        let time = |n: usize| {
            let text = grow(n);
            (0..4).map(|_| once(&text)).min().unwrap_or_default()
        };
        let (small, large) = (time(500), time(8000));
        assert!(large < small * 64 + std::time::Duration::from_millis(50), "{index}: {small:?} -> {large:?}");
    }
}

#[test]
fn clones_are_shallow() {
    let (body, _) = parse_file(FileId(0), &format!("a = [{}]\n", "1, ".repeat(1000)));
    let Body::Native(native) = &body else { panic!("native syntax") };
    let expr: &Expr = &native.attributes[0].expr;
    let (one, two) = (expr.as_list().expect("a tuple"), expr.clone());
    assert!(std::ptr::eq(one, two.as_list().expect("a tuple")));
}
