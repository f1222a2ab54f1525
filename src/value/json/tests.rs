use super::{from_json, from_plain_json, to_json, to_plain_json, type_from_json, type_to_json};
use crate::{Entries, Marks, Type, Value};

fn read(text: &str) -> Result<String, String> {
    from_plain_json(text).map(|v| format!("{v:?}")).map_err(|e| e.0)
}

/// Messages are those of `jsondecode` in Terraform 1.11.4.
#[test]
fn says_what_is_wrong_with_text() {
    let rows = [
        ("", "EOF"),
        (" ", "EOF"),
        ("{", "EOF"),
        ("[", "EOF"),
        ("{a", "invalid character 'a'"),
        ("{\"a\"", "EOF"),
        ("{\"a\":", "EOF"),
        ("{\"a\":1", "EOF"),
        ("{\"a\":1,", "EOF"),
        ("[1,", "EOF"),
        ("[1 2]", "invalid character '2' after array element"),
        ("nul", "unexpected EOF"),
        ("nulx", "invalid character 'x' in literal null (expecting 'l')"),
        ("01", "extraneous data after JSON object"),
        ("1 2", "extraneous data after JSON object"),
        ("1.", "unexpected EOF"),
        ("1e", "unexpected EOF"),
        ("-", "unexpected EOF"),
        ("\"abc", "unexpected EOF"),
        ("{1:2}", "invalid character '1'"),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
        ("'a'", "invalid character '\\'' looking for beginning of value"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        (".5", "invalid character '.' looking for beginning of value"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"),
    ];
    for (text, message) in rows {
        assert_eq!(read(text), Err(message.into()), "{text}");
    }
}

#[test]
fn reads_what_text_implies() {
    let rows = [
        ("1e3", "1000"),
        ("9007199254740993", "9007199254740993"),
        (
            "0.1000000000000000055511151231257827021181583404541015625",
            "0.1000000000000000055511151231257827021181583404541015625",
        ),
        ("\"\\u00e9\\ud83d\\ude00\\ud800x\\/\"", "\"é😀\u{fffd}x/\""),
        ("\"e\\u0301\"", "\"é\""),
        ("[1,\"a\",null,{}]", "tuple[1, \"a\", null(any), object{}]"),
        ("{\"b\":1,\"a\":[],\"b\":2}", "object{\"a\": tuple[], \"b\": 2}"),
    ];
    for (text, expected) in rows {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn bounds_depth() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read(&nested(500)).is_ok());
    assert_eq!(read(&nested(100_000)), Err("exceeded max depth".into()));
}

#[test]
fn reads_against_a_type() {
    let object = || Type::object([("a", Type::String), ("n", Type::Number)]);
    let rows = [
        ("1.5", Type::String, Ok("\"1.5\"")),
        ("true", Type::String, Ok("\"true\"")),
        ("\"1.5\"", Type::Number, Ok("1.5")),
        ("\"true\"", Type::Bool, Ok("true")),
        ("null", Type::list(Type::String), Ok("null(list(string))")),
        ("[3,1,3]", Type::set(Type::Number), Ok("set[1, 3]")),
        ("{\"a\":\"x\"}", object(), Ok("object{\"a\": \"x\", \"n\": null(number)}")),
        ("{\"z\":1}", object(), Err("unsupported attribute \"z\"")),
        ("[1]", Type::tuple([]), Err("too many tuple elements (need 0)")),
        ("[]", Type::tuple([Type::Bool]), Err("not enough tuple elements (need 1)")),
        ("1", Type::Bool, Err("bool is required")),
        ("\"x\"", Type::Number, Err("a number is required")),
        ("[]", Type::String, Err("string is required")),
        ("{}", Type::list(Type::Bool), Err("missing expected [")),
        ("{\"value\":[1],\"type\":[\"list\",\"string\"]}", Type::Dynamic, Ok("[\"1\"]")),
        ("{\"value\":1}", Type::Dynamic, Err("missing type in dynamically-typed value")),
        ("{\"type\":\"bool\"}", Type::Dynamic, Err("missing value in dynamically-typed value")),
        ("{\"v\":1}", Type::Dynamic, Err("invalid key \"v\" in dynamically-typed value")),
    ];
    for (text, ty, expected) in rows {
        let got = from_json(text, &ty).map(|v| format!("{v:?}")).map_err(|e| e.0);
        assert_eq!(got, expected.map(String::from).map_err(String::from), "{text} as {ty}");
    }
}

#[test]
fn writes_as_go_does() {
    let value = Value::object_of([
        ("<k>", Value::string("a&b\u{2028}\u{8}\u{1}\u{7f}\"\\/é")),
        ("n", Value::tuple(vec![Value::number(10), Value::null(Type::Dynamic), Value::bool(false)])),
        ("secret", Value::string("x").mark(Marks::SENSITIVE)),
    ]);
    let expected = "{\"\\u003ck\\u003e\":\"a\\u0026b\\u2028\\b\\u0001\u{7f}\\\"\\\\/é\",\"n\":[10,null,false],\"secret\":\"x\"}";
    assert_eq!(to_plain_json(&value).as_deref(), Ok(expected));
    let unknown = Value::tuple(vec![Value::unknown(Type::String)]);
    assert_eq!(to_plain_json(&unknown).expect_err("unknown").0, "value is not known");
    let map = Value::map(Type::Number, Entries::from_iter([("a", Value::number(1))]));
    assert_eq!(
        to_json(&map, &Type::Dynamic).as_deref(),
        Ok("{\"value\":{\"a\":1},\"type\":[\"map\",\"number\"]}")
    );
    let inside = Type::object([("a", Type::Dynamic)]);
    assert_eq!(
        to_json(&Value::object_of([("a", Value::bool(true))]), &inside).as_deref(),
        Ok("{\"a\":{\"value\":true,\"type\":\"bool\"}}")
    );
    assert_eq!(
        to_json(&Value::object_of([("a", Value::null(Type::Dynamic))]), &inside).as_deref(),
        Ok("{\"a\":null}")
    );
}

#[test]
fn types_have_a_json_form() {
    let ty = Type::object_with_optional([("a", Type::list(Type::Bool)), ("b", Type::Dynamic)], ["b".into()]);
    let json = serde_json::json!(["object", {"a": ["list", "bool"], "b": "dynamic"}, ["b"]]);
    assert_eq!(type_to_json(&ty), json);
    assert_eq!(type_from_json(&json), Ok(ty));
    for wrong in [
        serde_json::json!("text"),
        serde_json::json!(["list"]),
        serde_json::json!(["bag", "bool"]),
        serde_json::json!(["object", {}, ["a"]]),
        serde_json::json!(1),
    ] {
        assert!(type_from_json(&wrong).is_err(), "{wrong}");
    }
}
