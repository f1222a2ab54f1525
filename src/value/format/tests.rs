use super::{attribute, console, expression, type_expression};
use crate::{Entries, Marks, Type, Value};

fn s(text: &str) -> Value {
    Value::string(text)
}

fn n(number: i64) -> Value {
    Value::number(number)
}

fn obj<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

/// Each row is what `terraform console` 1.11.4 printed.
#[test]
fn prints_as_terraform_console_does() {
    let map = |entries: Vec<(&str, Value)>| Value::map(Type::Number, Entries::from_iter(entries));
    let rows = [
        (Value::tuple(vec![]), "[]"),
        (obj([]), "{}"),
        (Value::tuple(vec![Value::tuple(vec![])]), "[\n  [],\n]"),
        (obj([("a", Value::tuple(vec![]))]), "{\n  \"a\" = []\n}"),
        (
            Value::tuple(vec![n(1), s("a"), Value::bool(true), Value::null(Type::Dynamic)]),
            "[\n  1,\n  \"a\",\n  true,\n  null,\n]",
        ),
        (Value::list(Type::String, vec![]), "tolist([])"),
        (Value::set(Type::String, vec![]), "toset([])"),
        (map(vec![]), "tomap({})"),
        (Value::list(Type::String, vec![s("a"), s("b")]), "tolist([\n  \"a\",\n  \"b\",\n])"),
        (map(vec![("a", n(1)), ("b c", n(2))]), "tomap({\n  \"a\" = 1\n  \"b c\" = 2\n})"),
        (
            obj([("a", n(1)), ("b c", obj([("x", Value::tuple(vec![n(1), obj([("y", n(2))])]))]))]),
            "{\n  \"a\" = 1\n  \"b c\" = {\n    \"x\" = [\n      1,\n      {\n        \"y\" = 2\n      },\n    ]\n  }\n}",
        ),
        (s("a\nb"), "<<EOT\na\nb\nEOT"),
        (Value::tuple(vec![s("a\nb")]), "[\n  <<-EOT\n  a\n  b\n  EOT,\n]"),
        (obj([("a", s("x\ny\n"))]), "{\n  \"a\" = <<-EOT\n  x\n  y\n  \n  EOT\n}"),
        (s("EOT\nEOT\n"), "<<EOT_\nEOT\nEOT\n\nEOT_"),
        (Value::null(Type::String), "tostring(null)"),
        (Value::null(Type::list(Type::Dynamic)), "tolist(null) /* of dynamic */"),
        (s("x").mark(Marks::SENSITIVE), "(sensitive value)"),
        (Value::unknown(Type::String), "(known after apply)"),
        (s("a\"b\\c${x}%{y}\t"), "\"a\\\"b\\\\c${x}%{y}\\t\""),
        (s("é\u{1}\u{200b}e\u{301}\u{a0}"), "\"é\\x01\\u200be\u{301}\\u00a0\""),
    ];
    for (value, expected) in rows {
        assert_eq!(console(&value, 0), expected, "{value:?}");
    }
}

/// Each row is what `provider::terraform::encode_expr` of Terraform 1.11.4 gave.
#[test]
fn writes_expressions_as_terraform_does() {
    let rows = [
        (
            obj([
                ("a", n(1)),
                ("bb", Value::tuple(vec![n(1), n(2), obj([("x", s("y"))])])),
                ("c d", Value::null(Type::Dynamic)),
                ("e", obj([])),
            ]),
            "{\n  a = 1\n  bb = [1, 2, {\n    x = \"y\"\n  }]\n  \"c d\" = null\n  e     = {}\n}",
        ),
        (s("a\nb${x}%{y}\"\\\t\u{1}é"), "\"a\\nb$${x}%%{y}\\\"\\\\\\t\\u0001é\""),
        (
            Value::tuple(vec![
                Value::tuple(vec![n(1), n(2)]),
                Value::tuple(vec![obj([("a", n(1))]), obj([("b", n(2))])]),
            ]),
            "[[1, 2], [{\n  a = 1\n  }, {\n  b = 2\n}]]",
        ),
        (
            obj([("-", n(4)), ("1a", n(3)), ("a-b", n(2)), ("é", n(1))]),
            "{\n  \"-\"  = 4\n  \"1a\" = 3\n  a-b  = 2\n  é    = 1\n}",
        ),
        (s("a$b%c${"), "\"a$b%c$${\""),
    ];
    for (value, expected) in rows {
        assert_eq!(expression(&value), expected, "{value:?}");
    }
    assert_eq!(attribute("d", &obj([("x", n(1)), ("yyyy", s("a"))])), "d = {\n  x    = 1\n  yyyy = \"a\"\n}");
}

#[test]
fn prints_types_as_terraform_console_does() {
    let ty = Type::object([
        ("a b", Type::Number),
        ("c", Type::tuple([Type::list(Type::object([("d", Type::String)]))])),
    ]);
    let expected = "object({\n    a b: number,\n    c: tuple([\n        list(\n            object({\n                \
                    d: string,\n            }),\n        ),\n    ]),\n})";
    assert_eq!(type_expression(&ty), expected);
    assert_eq!(type_expression(&Type::list(Type::String)), "list(string)");
    assert_eq!(type_expression(&Type::tuple([])), "tuple([])");
}
