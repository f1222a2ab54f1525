use super::{decode, encode};
use crate::{Number, Refinement, Type, Value};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect()
}

/// Each row is what go-cty 1.16 wrote.
#[test]
fn writes_and_reads_as_go_cty() {
    let n = |text: &str| Value::number(Number::parse(text).expect("a number"));
    let known = |refinement| Value::refined(Type::Number, refinement);
    let rows = [
        (n("5"), Type::Number, "05"),
        (n("-1"), Type::Number, "ff"),
        (n("300"), Type::Number, "cd 01 2c"),
        (n("1.5"), Type::Number, "cb 3f f8 00 00 00 00 00 00"),
        (n("0.1"), Type::Number, "a3 30 2e 31"),
        (
            n("18446744073709551616"),
            Type::Number,
            "b4 31 38 34 34 36 37 34 34 30 37 33 37 30 39 35 35 31 36 31 36",
        ),
        (Value::bool(true), Type::Bool, "c3"),
        (Value::string("é"), Type::String, "a2 c3 a9"),
        (Value::null(Type::String), Type::String, "c0"),
        (Value::unknown(Type::String), Type::String, "d4 00 00"),
        (Value::refined(Type::String, Refinement::not_null()), Type::String, "c7 03 0c 81 01 c2"),
        (
            Value::refined(Type::String, Refinement::prefix("ab")),
            Type::String,
            "c7 07 0c 82 01 c2 02 a2 61 62",
        ),
        (
            known(Refinement { lower: Some((1.into(), true)), ..Refinement::not_null() }),
            Type::Number,
            "c7 07 0c 82 01 c2 03 92 01 c3",
        ),
        (
            Value::refined(
                Type::list(Type::Bool),
                Refinement { min_len: Some(1), max_len: Some(2), ..Refinement::default() },
            ),
            Type::list(Type::Bool),
            "c7 05 0c 82 05 01 06 02",
        ),
        (Value::tuple(vec![n("1"), Value::bool(false)]), Type::tuple([Type::Number, Type::Bool]), "92 01 c2"),
        (Value::object_of([("a", n("1"))]), Type::object([("a", Type::Number)]), "81 a1 61 01"),
        (n("1"), Type::Dynamic, "92 c4 08 22 6e 75 6d 62 65 72 22 01"),
        (Value::dynamic(), Type::Dynamic, "d4 00 00"),
        (Value::null(Type::Dynamic), Type::Dynamic, "c0"),
    ];
    for (value, ty, hex) in rows {
        assert_eq!(encode(&value, &ty), Ok(bytes(hex)), "{value:?}");
        assert_eq!(decode(&bytes(hex), &ty), Ok(value));
    }
}

#[test]
fn refuses_what_does_not_fit() {
    let rows = [
        ("", Type::Bool, "unexpected end of input"),
        ("05", Type::Bool, "bool is required"),
        ("c3", Type::String, "string is required"),
        ("a1 78", Type::Number, "number is required"),
        ("05", Type::list(Type::Bool), "a list is required"),
        ("92 c3 c3", Type::tuple([Type::Bool]), "a tuple of length 1 is required"),
        ("81 a1 62 01", Type::object([("a", Type::Number)]), "unsupported attribute"),
        ("80", Type::object([("a", Type::Number)]), "an object with 1 attributes is required (0 given)"),
        ("dd ff ff ff ff", Type::list(Type::Bool), "unexpected end of input"),
        ("c7 03 07 81 01 c2", Type::Bool, "unsupported extension type 0x07 with len 3"),
        ("93 01 02 03", Type::Dynamic, "dynamic value array must have exactly two elements"),
    ];
    for (hex, ty, message) in rows {
        assert_eq!(decode(&bytes(hex), &ty).map_err(|e| e.0), Err(message.into()), "{hex} as {ty}");
    }
}

#[test]
fn bounds_what_unknowns_say() {
    let long = Value::refined(Type::String, Refinement::prefix("é/".repeat(600)));
    let encoded = encode(&long, &Type::String).expect("encodes");
    assert!(encoded.len() < 300, "{} bytes", encoded.len());
    let read = decode(&encoded, &Type::String).expect("decodes");
    assert!(read.refinement().and_then(|r| r.prefix.as_ref()).is_some_and(|p| p.len() > 200));
}
