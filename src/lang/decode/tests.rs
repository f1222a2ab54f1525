//! Bodies against schemas: every nesting mode, `dynamic` blocks, both syntaxes, and the messages.

use diag::{FileId, PathStep};
use provider::{Attribute, Block, NestedBlock, Nesting};
use syntax::Body;
use value::format::console;
use value::{Marks, Type, Value};

use super::{attribute_span, block_references, decode_block};
use crate::functions::CallContext;
use crate::scope::MapScope;

/// A block with every kind of attribute and nested block.
fn schema() -> Block {
    let rule = Block::default()
        .with("port", Attribute::required(Type::Number))
        .with("note", Attribute::optional(Type::String))
        .with_block(
            "extra",
            NestedBlock::list(Block::default().with("v", Attribute::optional(Type::Dynamic))),
        );
    let object = Type::object([("cidr", Type::String), ("ports", Type::list(Type::Number))]);
    Block::default()
        .with("name", Attribute::required(Type::String))
        .with("size", Attribute::optional(Type::Number))
        .with("tags", Attribute::optional(Type::map(Type::String)))
        .with("id", Attribute::computed(Type::String))
        .with("ingress", Attribute::optional_computed(Type::set(object)))
        .with_block("rule", NestedBlock::list(rule.clone()).items(0, 3))
        .with_block("zone", NestedBlock::set(Block::default().with("az", Attribute::optional(Type::String))))
        .with_block(
            "root",
            NestedBlock::single(Block::default().with("gb", Attribute::optional(Type::Number))),
        )
        .with_block(
            "timeouts",
            NestedBlock {
                nesting: Nesting::Group,
                ..NestedBlock::single(Block::default().with("create", Attribute::optional(Type::String)))
            },
        )
        .with_block("disk", NestedBlock { nesting: Nesting::Map, ..NestedBlock::list(rule) })
}

fn scope() -> MapScope {
    let list = |items: &[&str]| Value::list(Type::String, items.iter().map(|s| Value::string(*s)).collect());
    MapScope::new(
        CallContext::new("/nonexistent"),
        [
            ("ports", Value::tuple(vec![Value::number(80), Value::number(443)])),
            ("zones", list(&["a", "b"])),
            ("unknown", Value::unknown(Type::list(Type::String))),
            ("secret", list(&["x"]).mark(Marks::SENSITIVE)),
            ("none", Value::null(Type::list(Type::String))),
        ],
    )
}

fn body(text: &str) -> Body {
    let (body, found) = syntax::parse_file(FileId(0), text);
    assert!(!found.has_errors(), "{text}: {found:?}");
    body
}

fn json(text: &str) -> Body {
    let (body, found) = syntax::parse_json_file(FileId(0), text);
    assert!(!found.has_errors(), "{text}: {found:?}");
    body
}

fn decoded(body: &Body) -> Value {
    let (value, found) = decode_block(body, &schema(), &scope());
    assert!(found.is_empty(), "{found:?}");
    let ty = value.ty();
    assert_eq!(value::convert(&value, &schema().implied_type()).map(|v| v.ty()), Ok(ty), "{value:?}");
    value
}

fn errors(body: &Body) -> Vec<String> {
    let (_, found) = decode_block(body, &schema(), &scope());
    assert!(found.iter().all(|d| d.subject.is_some()), "{found:?}");
    found.iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect()
}

fn attr(value: &Value, name: &str) -> String {
    console(value.attr(name).expect("the schema has it"), 0)
}

#[test]
fn an_empty_body_is_nulls_and_empty_collections() {
    let value = decoded(&body("name = \"n\""));
    assert_eq!(attr(&value, "name"), "\"n\"");
    assert_eq!(attr(&value, "size"), "tonumber(null)");
    assert_eq!(attr(&value, "rule"), "[]");
    assert_eq!(attr(&value, "zone"), "toset([])");
    assert!(value.attr("root").is_some_and(Value::is_null));
    assert!(value.attr("ingress").is_some_and(Value::is_null));
    assert_eq!(
        console(value.attr("timeouts").and_then(|t| t.attr("create")).expect("a group is there"), 0),
        "tostring(null)"
    );
}

#[test]
fn attributes_are_converted() {
    let value = decoded(&body("name = 5\nsize = \"7\"\ntags = { a = 1, b = true }"));
    assert_eq!(attr(&value, "name"), "\"5\"");
    assert_eq!(attr(&value, "size"), "7");
    assert_eq!(attr(&value, "tags"), "tomap({\n  \"a\" = \"1\"\n  \"b\" = \"true\"\n})");
}

#[test]
fn blocks_of_every_nesting_mode() {
    let value = decoded(&body(
        "name = \"n\"\nrule {\n port = 1\n}\nrule {\n port = 2\n note = \"x\"\n}\nzone {\n az = \"b\"\n}\n\
         zone {\n az = \"a\"\n}\nzone {\n az = \"a\"\n}\nroot {\n gb = 8\n}\ntimeouts {\n create = \"5m\"\n}",
    ));
    let rules =
        value.attr("rule").and_then(Value::items).expect("a tuple, as a nested attribute is of any type");
    assert_eq!(rules.len(), 2);
    assert_eq!(rules[1].attr_str("note").map(value::Str::as_str), Some("x"));
    assert_eq!(value.attr("zone").and_then(Value::items).map(<[Value]>::len), Some(2));
    assert_eq!(attr(&value, "root"), "{\n  \"gb\" = 8\n}");
    assert_eq!(attr(&value, "timeouts"), "{\n  \"create\" = \"5m\"\n}");
}

#[test]
fn blocks_with_a_label_are_a_map() {
    let value = decoded(&body("name = \"n\"\ndisk \"a\" {\n port = 1\n}\ndisk \"b\" {\n port = 2\n}"));
    let disks = value.attr("disk").and_then(Value::entries).expect("by label");
    assert_eq!(disks.keys().map(value::Str::as_str).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn an_attribute_of_objects_may_be_written_as_blocks() {
    let as_blocks = decoded(&body(
        "name = \"n\"\ningress {\n cidr = \"a\"\n ports = [1]\n}\ndynamic \"ingress\" {\n for_each = zones\n content {\n  \
         cidr = ingress.value\n }\n}",
    ));
    assert_eq!(as_blocks.attr("ingress").and_then(Value::items).map(<[Value]>::len), Some(3));
    let as_attribute = decoded(&body("name = \"n\"\ningress = [{ cidr = \"a\", ports = [1] }]"));
    assert_eq!(as_attribute.attr("ingress").and_then(Value::items).map(<[Value]>::len), Some(1));
}

#[test]
fn dynamic_blocks_are_expanded() {
    let value = decoded(&body(
        "name = \"n\"\nrule {\n port = 1\n}\ndynamic \"rule\" {\n for_each = ports\n iterator = p\n content {\n  \
         port = p.value + p.key\n  dynamic \"extra\" {\n   for_each = { x = p.value }\n   content {\n    \
         v = \"${extra.key}${p.key}\"\n   }\n  }\n }\n}\ndynamic \"zone\" {\n for_each = toset(zones)\n content {\n  \
         az = \"${zone.key}${zone.value}\"\n }\n}\ndynamic \"disk\" {\n for_each = zones\n labels = [disk.value]\n \
         content {\n  port = disk.key\n }\n}",
    ));
    let rules = value.attr("rule").and_then(Value::items).expect("known");
    let ports: Vec<Option<i64>> = rules.iter().map(|r| r.attr("port").and_then(Value::as_i64)).collect();
    assert_eq!(ports, [Some(1), Some(80), Some(444)]);
    let extra = rules[2].attr("extra").and_then(Value::items).expect("known");
    assert_eq!(extra[0].attr_str("v").map(value::Str::as_str), Some("x1"));
    assert_eq!(
        attr(&value, "zone"),
        "toset([\n  {\n    \"az\" = \"aa\"\n  },\n  {\n    \"az\" = \"bb\"\n  },\n])"
    );
    assert_eq!(
        value.attr("disk").and_then(|d| d.attr("b")).and_then(|d| d.attr("port")).and_then(Value::as_i64),
        Some(1)
    );
}

#[test]
fn an_unknown_for_each_makes_the_blocks_unknown() {
    let value = decoded(&body(
        "name = \"n\"\ndynamic \"zone\" {\n for_each = unknown\n content {\n  az = zone.value\n }\n}\n\
         zone {\n az = \"a\"\n}",
    ));
    assert_eq!(value.attr("zone").map(Value::is_known), Some(false));
}

#[test]
fn a_sensitive_for_each_makes_the_attributes_sensitive() {
    let value =
        decoded(&body("name = \"n\"\ndynamic \"rule\" {\n for_each = secret\n content {\n  port = 1\n }\n}"));
    let rules = value.attr("rule").and_then(Value::items).expect("their number is not secret");
    assert!(rules[0].attr("port").is_some_and(Value::is_sensitive));
    assert!(!rules[0].is_sensitive());
}

#[test]
fn json_bodies_are_decoded_alike() {
    let value = decoded(&json(
        r#"{"name": "${upper(zones[0])}", "size": 3, "rule": [{"port": 1}, {"port": "${ports[1]}"}],
            "root": {"gb": 8}, "disk": {"a": {"port": 5}},
            "ingress": [{"cidr": "a", "ports": []}],
            "dynamic": {"zone": {"for_each": "${zones}", "content": {"az": "${zone.value}!"}}}}"#,
    ));
    assert_eq!(attr(&value, "name"), "\"A\"");
    assert_eq!(value.attr("rule").and_then(Value::items).map(<[Value]>::len), Some(2));
    assert_eq!(attr(&value, "root"), "{\n  \"gb\" = 8\n}");
    assert_eq!(
        value.attr("disk").and_then(|d| d.attr("a")).and_then(|d| d.attr("port")).and_then(Value::as_i64),
        Some(5)
    );
    assert!(attr(&value, "zone").contains("\"b!\""));
}

#[test]
fn nested_attributes_may_leave_out_what_is_not_required() {
    let nested = std::collections::BTreeMap::from([
        ("a".into(), Attribute::required(Type::Number)),
        ("b".into(), Attribute::optional(Type::String)),
    ]);
    let schema = Block::default().with("conf", Attribute::nested(Nesting::List, nested));
    let (value, found) =
        decode_block(&body("conf = [{ a = \"1\" }, { a = 2, b = \"x\" }]"), &schema, &scope());
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(value.ty(), schema.implied_type());
    let (_, found) = decode_block(&body("conf = [{ b = \"x\" }]"), &schema, &scope());
    let detail = &found.iter().next().expect("a is required").detail;
    assert_eq!(detail, "Inappropriate value for attribute \"conf\": element 0: attribute \"a\" is required.");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_does_not_fit_the_schema_is_reported() {
    let cases: &[(&str, &[&str])] = &[
        ("", &["Missing required argument: The argument \"name\" is required, but no definition was found."]),
        (
            "name = null",
            &["Missing required argument: The argument \"name\" is required, but its value is null."],
        ),
        (
            "name = \"n\"\ntagz = 1",
            &[
                "Unsupported argument: An argument named \"tagz\" is not expected here. Did you mean \"tags\"?",
            ],
        ),
        (
            "name = \"n\"\nrul {}",
            &["Unsupported block type: Blocks of type \"rul\" are not expected here. Did you mean \"rule\"?"],
        ),
        (
            "name = []",
            &["Incorrect attribute value type: Inappropriate value for attribute \"name\": string required."],
        ),
        (
            "name = \"n\"\nsize = \"x\"",
            &[
                "Incorrect attribute value type: Inappropriate value for attribute \"size\": a number is required.",
            ],
        ),
        (
            "name = \"n\"\ntags = { a = [] }",
            &[
                "Incorrect attribute value type: Inappropriate value for attribute \"tags\": element \"a\": string required.",
            ],
        ),
        (
            "name = \"n\"\nid = \"x\"",
            &[
                "Value for unconfigurable attribute: Can't configure a value for \"id\": its value will be decided \
               automatically based on the result of applying this configuration.",
            ],
        ),
        (
            "name = \"n\"\nroot {}\nroot {}",
            &["Duplicate root block: Only one block of type \"root\" is allowed."],
        ),
        (
            "name = \"n\"\nrule {\n port = 1\n}\ndynamic \"rule\" {\n for_each = [1, 2, 3]\n content {\n  port = 1\n }\n}",
            &["Too many rule blocks: No more than 3 \"rule\" blocks are allowed."],
        ),
        (
            "name = \"n\"\ndisk \"a\" {\n port = 1\n}\ndisk \"a\" {\n port = 2\n}",
            &[
                "Duplicate disk block: A block for disk \"a\" was already defined. The disk labels must be unique.",
            ],
        ),
        (
            "name = \"n\"\ndynamic \"rul\" {\n for_each = []\n content {}\n}",
            &["Unsupported block type: Blocks of type \"rul\" are not expected here. Did you mean \"rule\"?"],
        ),
        (
            "name = \"n\"\ndynamic \"zone\" {\n content {}\n}",
            &[
                "Missing required argument: The argument \"for_each\" is required, but no definition was found.",
            ],
        ),
        (
            "name = \"n\"\ndynamic \"zone\" {\n for_each = 1\n content {}\n}",
            &[
                "Invalid dynamic for_each value: Cannot use a number value in for_each. An iterable collection is required.",
            ],
        ),
        (
            "name = \"n\"\ndynamic \"zone\" {\n for_each = none\n content {}\n}",
            &["Invalid dynamic for_each value: Cannot use a null value in for_each."],
        ),
        (
            "name = \"n\"\ndynamic \"zone\" {\n for_each = []\n}",
            &[
                "Missing dynamic content block: A dynamic block must have a nested block of type \"content\" to describe \
               the body of each generated block.",
            ],
        ),
        (
            "name = \"n\"\ndynamic \"zone\" {\n for_each = []\n iterator = a.b\n content {}\n}",
            &["Invalid dynamic iterator name: Dynamic iterator must be a single variable name."],
        ),
        (
            "name = \"n\"\ndynamic \"disk\" {\n for_each = [1]\n labels = [unknown]\n content {\n  port = 1\n }\n}",
            &[
                "Invalid dynamic block label: Cannot use this value as a dynamic block label: string required.",
            ],
        ),
        (
            "name = \"n\"\ndynamic \"disk\" {\n for_each = [1]\n labels = []\n content {\n  port = 1\n }\n}",
            &["Insufficient dynamic block labels: Blocks of type \"disk\" require 1 label(s)."],
        ),
        (
            "name = \"n\"\nrule {\n port = nope\n}",
            &["Unknown variable: There is no variable named \"nope\". Did you mean \"none\"?"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(errors(&body(text)), *expected, "{text}");
    }
}

#[test]
fn references_of_bodies_leave_iterators_out() {
    let text = "name = var.a\nrule {\n port = local.b\n}\ndynamic \"rule\" {\n for_each = var.c\n content {\n  \
                port = rule.value + var.d\n  dynamic \"extra\" {\n   for_each = rule.value.list\n   content {\n    \
                v = [rule.key, extra.value, aws_vpc.main.id]\n   }\n  }\n }\n}\nid = rule.x";
    let (found, diagnostics) = block_references(&body(text), &schema());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let names: Vec<String> = found.iter().map(|r| r.subject.to_string()).collect();
    assert_eq!(names, ["var.a", "rule.x", "local.b", "var.c", "var.d", "aws_vpc.main"]);
}

#[test]
fn paths_lead_to_their_source() {
    let text = "name = \"n\"\ntags = { a = \"x\", \"b\" = [1, 22] }\nrule {\n  port = 1\n}\nrule {\n  port = 234\n}\n\
                dynamic \"zone\" {\n  for_each = []\n  content {\n    az = \"zzz\"\n  }\n}\ndisk \"q\" {\n  port = 77\n}\n";
    let native = body(text);
    let attr = |name: &str| PathStep::Attribute(name.into());
    let cases: &[(&[PathStep], Option<&str>)] = &[
        (&[attr("name")], Some("\"n\"")),
        (&[attr("tags"), PathStep::Key("a".into())], Some("\"x\"")),
        (&[attr("tags"), attr("b"), PathStep::Index(1)], Some("22")),
        (&[attr("tags"), attr("c")], Some("{ a = \"x\", \"b\" = [1, 22] }")),
        (&[attr("rule"), PathStep::Index(1), attr("port")], Some("234")),
        (&[attr("rule"), PathStep::Index(0), attr("note")], Some("rule")),
        (&[attr("zone"), PathStep::Index(3), attr("az")], Some("\"zzz\"")),
        (&[attr("disk"), PathStep::Key("q".into()), attr("port")], Some("77")),
        (&[attr("nothing")], None),
        (&[], None),
    ];
    for (path, expected) in cases {
        let span = attribute_span(&native, path);
        let found = span.map(|span| &text[span.start as usize..span.end as usize]);
        assert_eq!(found, *expected, "{path:?}");
    }
    let in_json = r#"{"rule": [{"port": 1}, {"port": 234}], "tags": {"a": "x"}}"#;
    let span = attribute_span(&json(in_json), &[attr("rule"), PathStep::Index(1), attr("port")]);
    assert_eq!(span.map(|span| &in_json[span.start as usize..span.end as usize]), Some("234"));
}
