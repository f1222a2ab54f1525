use diag::FileId;

use super::{FILE, expression, told};
use crate::{Attribute, Expr, is_identifier, parse_json_file, quote};

/// Expressions and the references in them.
const REFERENCES: &[(&str, &str)] = &[
    ("1 + 2", ""),
    ("a + b.c[0]", "a b.c[0]"),
    ("f(a, [b, {c = d, (e) = \"${f.g}\", \"${h}x\" = 1}])", "a b d e f.g h"),
    ("a[b.c].d", "a b.c"),
    ("a.*.b", "a"),
    ("a[*].b[c][*].d[e]", "a c e"),
    ("a ? -b : !(c)", "a b c"),
    ("f().a", ""),
    ("[for x in a : x + y]", "a y"),
    ("{for k, v in m : k => v.a... if z > k}", "m z"),
    ("[for x in x : x]", "x"),
    ("[for x in [for y in b : x] : y]", "b x y"),
    ("\"${a} %{ for x in b }${x}${c}%{ endfor }%{ if d }${e}%{ else }${f}%{ endif }\"", "a b c d e f"),
    ("\"${x}%{ for x in x }${x}%{ endfor }${x}\"", "x x x"),
    ("<<-E\n  ${a}\n  E\n", "a"),
    ("a.b[\"x y\"].c", "a.b[\"x y\"].c"),
    ("null.x", ""),
];

#[test]
fn references_are_found_in_order_without_bound_names() {
    for (text, expected) in REFERENCES {
        let expr = expression(text);
        let found: Vec<_> = expr.traversals().iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), *expected, "{text}");
    }
}

#[test]
fn the_span_of_a_traversal_is_all_of_it() {
    let text = "1 + aa.b[0].c";
    let expr = expression(text);
    let span = expr.traversals()[0].span();
    assert_eq!(&text[span.start as usize..span.end as usize], "aa.b[0].c");
}

#[test]
fn keys_are_shown_as_they_would_be_written() {
    for text in
        ["a[\"x\\\"y\\\\z\"]", "a[\"l\\nm\\t\"]", "a[\"$${b}\"]", "a[\"%%{b}\"]", "a[\"$b\"]", "a[\"é\"]"]
    {
        let expr = expression(text);
        assert_eq!(expr.traversals()[0].to_string(), text);
    }
    assert_eq!(expression("a.0").traversals()[0].to_string(), "a[0]");
    assert_eq!(quote("\u{1}"), "\"\\u0001\"");
}

#[test]
fn static_forms_are_recognised() {
    assert_eq!(expression("\"x\"").as_literal_string().map(AsRef::as_ref), Some("x"));
    assert_eq!(expression("\"${x}\"").as_literal_string(), None);
    for word in ["string", "all", "true", "null"] {
        assert_eq!(expression(word).as_keyword(), Some(word));
    }
    assert_eq!(expression("a.b").as_keyword(), None);
    assert_eq!(expression("[a, b]").as_list().map(<[Expr]>::len), Some(2));
    assert_eq!(expression("[for x in y : x]").as_list(), None);
    let call = expression("list(string)");
    assert_eq!(call.as_call().map(|call| call.args.len()), Some(1));
    let map = expression("{ aws = a, aws.b = c.d, \"x\" = y }");
    let keys: Vec<_> = map.as_map().expect("an object").iter().map(|item| &item.key).collect();
    assert_eq!(keys[0].as_traversal().expect("a name").to_string(), "aws");
    assert_eq!(keys[1].as_traversal().expect("a traversal").to_string(), "aws.b");
    assert_eq!(keys[1].as_literal(), None);
    assert_eq!(keys[2].as_literal().map(AsRef::as_ref), Some("x"));
    assert!(is_identifier("a-b") && is_identifier("_é") && !is_identifier("1a") && !is_identifier(""));
}

#[test]
fn only_plain_references_are_static() {
    assert_eq!(expression("a.b[0]").as_traversal().expect("a traversal").to_string(), "a.b[0]");
    for text in ["a[b]", "f(a)", "\"a\"", "a + b", "(a)", "a[*]", "\"${a}\""] {
        let error = expression(text).as_traversal().expect_err("not static");
        assert!(told(text, &error)[0].ends_with("Invalid expression"), "{text}");
    }
}

fn json_attributes(text: &str) -> Vec<Attribute> {
    let (body, diagnostics) = parse_json_file(FILE, text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    body.just_attributes().0
}

#[test]
fn json_strings_are_read_as_the_language_wants_them() {
    let text = r#"{"a": "x.y[0]", "b": "list(string)", "c": "all", "d": "pre-${x.y}", "e": ["a.b"], "f": "\u0061.b", "g": "1 +"}"#;
    let attributes = json_attributes(text);
    let expr = |name: &str| &attributes.iter().find(|a| a.name.name == name).expect("is there").expr;
    assert_eq!(expr("a").as_traversal().expect("a traversal").to_string(), "x.y[0]");
    assert_eq!(expr("a").as_literal_string().map(AsRef::as_ref), Some("x.y[0]"));
    assert!(expr("a").traversals().is_empty(), "it is no template with references");
    let span = expr("a").as_traversal().expect("a traversal").root.span;
    assert_eq!(&text[span.start as usize..span.end as usize], "x");
    let (call, errors) = expr("b").unquoted();
    assert!(errors.is_empty());
    assert_eq!(call.as_call().map(|call| call.name.as_str()), Some("list"));
    assert_eq!(expr("c").as_keyword(), Some("all"));
    assert_eq!(expr("d").traversals().len(), 1);
    let span = expr("d").traversals()[0].span();
    assert_eq!(&text[span.start as usize..span.end as usize], "x.y");
    assert_eq!(
        expr("e").as_list().expect("an array")[0].as_traversal().expect("a traversal").to_string(),
        "a.b"
    );
    let span = expr("f").as_traversal().expect("a traversal").root.span;
    assert_eq!(&text[span.start as usize..span.end as usize], "\"\\u0061.b\"", "escapes: all of the string");
    assert!(expr("g").unquoted().1.has_errors());
    assert!(expr("g").as_traversal().is_err());
    assert_eq!(span.file, FileId(0));
}
