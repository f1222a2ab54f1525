use super::{FILE, shape, told};
use crate::{Body, BodySchema, parse_json_file};

fn body(text: &str) -> Body {
    let (body, diagnostics) = parse_json_file(FILE, text);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    body
}

/// Wrong JSON, and what is said where: Terraform's summary for the first error, without those that follow from it.
const WRONG: &[(&str, &str)] = &[
    ("{\"a\": tru}", "1:7-1:10 Invalid JSON keyword"),
    ("{\"a\": 01}", "1:7-1:9 Invalid JSON number"),
    ("{\"a\": 1.5.5}", "1:7-1:12 Invalid JSON number"),
    ("{\"a\": -}", "1:7-1:8 Invalid JSON number"),
    ("{\"a\": }", "1:7-1:8 Missing JSON value"),
    ("{\"a\": $}", "1:7-1:8 Invalid start of value"),
    ("{\"a\" 1}", "1:6-1:7 Missing property value colon"),
    ("{\"a\" = 1}", "1:6-1:7 Missing property value colon"),
    ("{\"a\": 1 \"b\": 2}", "1:9-1:10 Missing attribute separator comma"),
    ("{\"a\": 1,}", "1:8-1:9 Trailing comma in object"),
    ("{a: 1}", "1:2-1:3 Invalid object property name"),
    ("{\"a\": [1 2]}", "1:10-1:11 Missing attribute separator comma"),
    ("{\"a\": [1,]}", "1:9-1:10 Trailing comma in array"),
    ("{\"a\": [1}", "1:9-1:10 Mismatched brackets"),
    ("{\"a\": 1]", "1:8-1:9 Mismatched braces"),
    ("{\"a\": \"x\\q\"}", "1:9-1:10 Invalid JSON string"),
    ("{\"a\": \"x\\u12\"}", "1:9-1:11 Invalid JSON string"),
    ("{\"a\": \"x\ny\"}", "1:9-2:1 Invalid JSON string"),
    ("{\"a\": \"x", "1:9-1:9 Invalid JSON string"),
    ("{\"a\": 1", "1:1-1:2 Unclosed object"),
    ("{\"a\"", "1:1-1:2 Unclosed object"),
    ("{", "1:1-1:2 Unclosed object"),
    ("[1", "1:1-1:2 Unclosed array"),
    ("1", "1:1-1:2 Root value must be object"),
    ("\"a\"", "1:1-1:4 Root value must be object"),
    ("", "1:1-1:1 Missing value"),
    ("{} x", "1:4-1:5 Extraneous data after value"),
];

#[test]
fn wrong_json_is_told_so() {
    for (text, expected) in WRONG {
        let (body, diagnostics) = parse_json_file(FILE, text);
        assert_eq!(told(text, &diagnostics), [*expected], "{text}");
        let (_, more) = body.content(&BodySchema::new(&["!a"], &[]));
        assert!(more.len() <= 1, "{text}: nothing that follows from it: {more:?}");
    }
}

#[test]
fn values_are_expressions() {
    let text = r#"{
        "//": "a comment", "n": null, "b": true, "i": -12.50e+3, "big": 123456789012345678901234567890,
        "s": "a\n\"\\\/\u00e9\ud83d\ude00\ud83d", "t": "a ${b.c} $${d}", "w": "${x}", "k": {"${y}": 1, "z": "e\u0301"},
        "l": ["%{ if q }1%{ endif }", []]
    }"#;
    let (attributes, diagnostics) = body(text).just_attributes();
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let shapes: Vec<_> =
        attributes.iter().map(|a| format!("{} = {}", a.name.name, shape::expr(&a.expr))).collect();
    assert_eq!(
        shapes,
        [
            "n = null",
            "b = true",
            "i = (Negate 12.50e+3)",
            "big = 123456789012345678901234567890",
            "s = json(\"a\\n\\\"\\\\/é😀\u{fffd}\")",
            "t = json(t(\"a \" $b.c \" ${d}\"))",
            "w = json(wrap(x))",
            "k = {(json(wrap(y)))=1, (json(\"z\"))=json(\"é\")}",
            "l = [json(t(if(q {\"1\"} {}))), []]",
        ]
    );
}

#[test]
fn an_error_in_a_template_waits_for_its_use() {
    let text = r#"{"a": "${b"}"#;
    let (attributes, diagnostics) = body(text).just_attributes();
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let crate::ExprKind::JsonString(string) = &attributes[0].expr.kind else { panic!("a string") };
    assert_eq!(string.raw, "${b");
    assert_eq!(told(text, &string.diagnostics), ["1:8-1:10 Unclosed template interpolation sequence"]);
}

fn schema() -> BodySchema {
    BodySchema::new(&["!a", "b"], &[("one", &[]), ("two", &["type", "name"]), ("three", &["name"])])
}

#[test]
fn blocks_are_unpacked_by_their_labels() {
    let text = r#"{
        "a": 1,
        "two": {"x": {"p": {"v": 1}, "q": [{"v": 2}, {"v": 3}]}, "y": [{"r": {}}, {"s": null}]},
        "one": [{"v": 4}, {}],
        "three": [{"m": {}}, {"m": {}, "n": {}}],
        "//": {}
    }"#;
    let (content, diagnostics) = body(text).content(&schema());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let blocks: Vec<_> = content
        .blocks
        .iter()
        .map(|block| {
            let labels: Vec<_> = block.labels.iter().map(|label| label.value.as_str()).collect();
            let inner = block.body.just_attributes().0;
            let value = inner.first().map_or_else(String::new, |a| shape::expr(&a.expr));
            format!("{} {} {value}", block.ty.name, labels.join("."))
        })
        .collect();
    assert_eq!(
        blocks,
        [
            "two x.p 1",
            "two x.q 2",
            "two x.q 3",
            "two y.r ",
            "one  4",
            "one  ",
            "three m ",
            "three m ",
            "three n ",
        ]
    );
}

#[test]
fn what_does_not_fit_the_schema_is_told() {
    for (text, expected) in [
        (r#"{"b": 1}"#, "1:8-1:9 Missing required argument"),
        (r#"{"a": 1, "c": 2}"#, "1:10-1:13 Extraneous JSON object property"),
        (r#"{"a": 1, "a": 2}"#, "1:10-1:13 Duplicate argument"),
        (r#"{"a": {"x": 1, "x": 2}}"#, "1:16-1:19 Duplicate object attribute"),
        (r#"{"a": 1, "one": 5}"#, "1:17-1:18 Incorrect JSON value type"),
        (
            r#"{"a": 1, "two": {"x": "y"}}"#,
            "1:23-1:26 Incorrect JSON value type; 1:23-1:26 Missing block label",
        ),
        (r#"{"a": 1, "two": {}}"#, "1:17-1:18 Missing block label"),
        (r#"{"a": 1, "three": [1]}"#, "1:20-1:21 Incorrect JSON value type; 1:19-1:20 Missing block label"),
        (r#"[{"a": 1}, 2]"#, "1:12-1:13 Incorrect JSON value type"),
        (r#"[{"a": 1}, {"b": 2}]"#, ""),
    ] {
        let (_, diagnostics) = body(text).content(&schema());
        assert_eq!(told(text, &diagnostics).join("; "), expected, "{text}");
    }
}

#[test]
fn a_misspelt_property_is_suggested() {
    let (_, diagnostics) = body(r#"{"a": 1, "thre": {}}"#).content(&schema());
    let detail = &diagnostics.iter().next().expect("an error").detail;
    assert_eq!(detail, "No argument or block type is named \"thre\". Did you mean \"three\"?");
}

#[test]
fn a_mistyped_element_is_told_when_it_is_decoded() {
    let (content, diagnostics) = body(r#"{"a": 1, "one": [5]}"#).content(&schema());
    assert!(diagnostics.is_empty());
    let (_, diagnostics) = content.blocks[0].body.content(&BodySchema::new(&[], &[]));
    assert_eq!(told(r#"{"a": 1, "one": [5]}"#, &diagnostics), ["1:18-1:19 Incorrect JSON value type"]);
}

#[test]
fn partial_content_leaves_the_rest() {
    let (content, rest, _) = body(r#"{"a": 1, "c": 2, "one": {}, "four": {}}"#).partial_content(&schema());
    assert_eq!((content.attributes.len(), content.blocks.len()), (1, 1));
    let (attributes, _) = rest.just_attributes();
    assert_eq!(attributes.iter().map(|a| a.name.name.as_str()).collect::<Vec<_>>(), ["c", "four"]);
}
