//! The values in play.

use diag::ValueInPlay;
use value::{Marks, Value};

use super::{TestScope, parse};
use crate::evaluate::{ValueNotes, evaluate, values_in_play};

fn notes(found: &[ValueInPlay]) -> Vec<String> {
    found.iter().map(|note| format!("{} {}", note.traversal, note.statement)).collect()
}

#[test]
fn errors_say_what_the_references_were() {
    let cases: &[(&str, &[&str])] = &[
        ("var.l[var.n]", &["var.l is list of string with 3 elements", "var.n is 3"]),
        ("var.o.d", &["var.o is object with 3 attributes"]),
        ("var.lo[1].tags.k", &["var.lo[1].tags is empty map of string"]),
        ("var.s + 1", &["var.s is \"hello\""]),
        ("-var.nul", &["var.nul is null"]),
        ("var.secret + 1", &[]),
        ("[for x in var.lo : x.nope]", &[]),
        ("upper(var.l)", &["var.l is list of string with 3 elements"]),
        ("\"a${var.l}\"", &["var.l is list of string with 3 elements"]),
        ("var.m[var.s]", &["var.m is map of number with 2 elements", "var.s is \"hello\""]),
        ("{ a = 1 }.b", &[]),
        ("var.t.x", &["var.t is tuple with 4 elements"]),
    ];
    let scope = TestScope::new();
    for (text, expected) in cases {
        let (_, found) = evaluate(&parse(text), &scope);
        let first = found.iter().next().expect("the expression is wrong");
        assert_eq!(notes(&first.values), *expected, "{text}");
    }
}

#[test]
fn what_is_sensitive_or_unknown_is_noted_only_where_it_is_the_cause() {
    let scope = TestScope::new();
    let expr = parse("[var.secret, terraform_data.u.id, var.n, \"x-${terraform_data.u.id}\"]");
    let plain = values_in_play(&expr, &scope, ValueNotes::default());
    assert_eq!(notes(&plain), ["var.n is 3"]);
    let all = values_in_play(&expr, &scope, ValueNotes { sensitive: true, unknown: true });
    assert_eq!(
        notes(&all),
        [
            "terraform_data.u.id will be known only after apply",
            "var.n is 3",
            "var.secret has a sensitive value"
        ]
    );
}

#[test]
fn what_is_ephemeral_is_not_shown() {
    let ephemeral = Value::string("hunter2").mark(Marks::EPHEMERAL);
    let scope = TestScope::new();
    let scope = scope.with("n", ephemeral);
    assert!(values_in_play(&parse("var.n"), &scope, ValueNotes::default()).is_empty());
    let said = values_in_play(&parse("var.n"), &scope, ValueNotes { sensitive: true, unknown: true });
    assert_eq!(notes(&said), ["var.n has an ephemeral value"]);
}

#[test]
fn numbers_are_noted_with_ten_digits() {
    let scope = TestScope::new();
    for (number, expected) in [
        ("12345678901", "var.n is 1.23456789e+10"),
        ("1/3", "var.n is 0.3333333333"),
        ("1e30", "var.n is 1e+30"),
        ("1234567890", "var.n is 1234567890"),
        ("0.00000001234", "var.n is 1.234e-08"),
    ] {
        let (value, _) = evaluate(&parse(number), &scope);
        let found = values_in_play(&parse("var.n"), &scope.with("n", value), ValueNotes::default());
        assert_eq!(notes(&found), [expected]);
    }
}
