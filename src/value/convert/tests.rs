use crate::{Entries, Refinement, Type, Value, convert};

fn s(text: &str) -> Value {
    Value::string(text)
}

fn n(number: i64) -> Value {
    Value::number(number)
}

fn obj<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn map_of<const N: usize>(element: Type, entries: [(&str, Value); N]) -> Value {
    Value::map(element, Entries::from_iter(entries))
}

fn object_type<const N: usize>(attributes: [(&str, Type); N]) -> Type {
    Type::object(attributes)
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn converts() {
    let opt = Type::object_with_optional([("a", Type::String), ("b", Type::Number)], ["b".into()]);
    let rows = [
        ("number to string", n(5), Type::String, s("5")),
        ("bool to string", Value::bool(true), Type::String, s("true")),
        (
            "string to number",
            s("1.50"),
            Type::Number,
            Value::number(crate::Number::parse("1.5").expect("a number")),
        ),
        ("1 is true", s("1"), Type::Bool, Value::bool(true)),
        (
            "tuple to list",
            Value::tuple(vec![n(1), s("a")]),
            Type::list(Type::String),
            Value::list(Type::String, vec![s("1"), s("a")]),
        ),
        (
            "any takes the unified type",
            Value::tuple(vec![n(1), s("a"), Value::bool(true)]),
            Type::list(Type::Dynamic),
            Value::list(Type::String, vec![s("1"), s("a"), s("true")]),
        ),
        (
            "empty tuple to list of any",
            Value::tuple(vec![]),
            Type::list(Type::Dynamic),
            Value::list(Type::Dynamic, vec![]),
        ),
        (
            "set sorts and drops",
            Value::tuple(vec![n(10), n(9), n(2), n(9)]),
            Type::set(Type::Number),
            Value::set(Type::Number, vec![n(2), n(9), n(10)]),
        ),
        (
            "set to list keeps order",
            Value::set(Type::Number, vec![n(10), n(9)]),
            Type::list(Type::Number),
            Value::list(Type::Number, vec![n(9), n(10)]),
        ),
        (
            "object to map",
            obj([("a", n(1)), ("b", s("c"))]),
            Type::map(Type::Dynamic),
            map_of(Type::String, [("a", s("1")), ("b", s("c"))]),
        ),
        (
            "extra attributes go",
            obj([("a", s("x")), ("z", n(1))]),
            object_type([("a", Type::String)]),
            obj([("a", s("x"))]),
        ),
        (
            "optional becomes null",
            obj([("a", n(1))]),
            opt.clone(),
            obj([("a", s("1")), ("b", Value::null(Type::Number))]),
        ),
        (
            "map to object",
            map_of(Type::String, [("a", s("x"))]),
            opt.clone(),
            obj([("a", s("x")), ("b", Value::null(Type::Number))]),
        ),
        ("null takes the type", Value::null(Type::Dynamic), Type::String, Value::null(Type::String)),
        (
            "null object has no optional",
            Value::null(Type::Dynamic),
            opt.clone(),
            Value::null(opt.without_optional()),
        ),
        (
            "null in a tuple takes the others' type",
            Value::tuple(vec![n(1), Value::null(Type::Dynamic)]),
            Type::list(Type::Dynamic),
            Value::list(Type::Number, vec![n(1), Value::null(Type::Number)]),
        ),
        ("unknown takes the type", Value::dynamic(), Type::String, Value::unknown(Type::String)),
        (
            "not null is kept",
            Value::refined(Type::Number, Refinement::not_null()),
            Type::String,
            Value::refined(Type::String, Refinement::not_null()),
        ),
        (
            "unknown tuple has a length",
            Value::unknown(Type::tuple([Type::Number, Type::Number])),
            Type::list(Type::String),
            Value::refined(
                Type::list(Type::String),
                Refinement { min_len: Some(2), max_len: Some(2), ..Refinement::default() },
            ),
        ),
        (
            "set with unknowns has no known length",
            Value::set(Type::String, vec![s("a"), Value::unknown(Type::String)]),
            Type::list(Type::String),
            Value::unknown(Type::list(Type::String)),
        ),
        ("anything passes as any", n(1), Type::Dynamic, n(1)),
    ];
    for (why, value, ty, expected) in rows {
        let got = convert(&value, &ty).unwrap_or_else(|e| panic!("{why}: {e}"));
        assert_eq!(got, expected, "{why}");
        assert_eq!(convert(&got, &ty), Ok(got.clone()), "{why}: again");
    }
}

#[test]
fn says_what_is_wrong() {
    let ab = || object_type([("a", Type::String), ("b", Type::Number)]);
    let rows = [
        (s("x"), Type::Number, "", "a number is required"),
        (s("True"), Type::Bool, "", "a bool is required; to convert from string, use lowercase \"true\""),
        (s("yes"), Type::Bool, "", "a bool is required"),
        (n(1), Type::Bool, "", "bool required"),
        (Value::tuple(vec![]), Type::String, "", "string required"),
        (s("x"), Type::list(Type::String), "", "list of string required"),
        (s("x"), Type::list(Type::Dynamic), "", "list of any single type required"),
        (obj([]), Type::list(Type::String), "", "list of string required"),
        (Value::tuple(vec![n(1), obj([])]), Type::list(Type::String), "", "element 1: string required"),
        (Value::tuple(vec![n(1), s("x")]), Type::list(Type::Number), "[1]", "a number is required"),
        (obj([("k", obj([]))]), Type::map(Type::String), "", "element \"k\": string required"),
        (obj([("k", s("x"))]), Type::map(Type::Number), "[\"k\"]", "a number is required"),
        (obj([]), ab(), "", "attributes \"a\" and \"b\" are required"),
        (obj([("b", n(1))]), ab(), "", "attribute \"a\" is required"),
        (obj([("a", Value::tuple(vec![])), ("b", n(1))]), ab(), "", "attribute \"a\": string required"),
        (obj([("a", s("x")), ("b", s("y"))]), ab(), ".b", "a number is required"),
        (
            Value::tuple(vec![s("x"), obj([])]),
            Type::list(Type::Dynamic),
            "",
            "all list elements must have the same type",
        ),
        (
            obj([("a", s("x")), ("b", obj([]))]),
            Type::map(Type::Dynamic),
            "",
            "all map elements must have the same type",
        ),
        (
            Value::list(Type::String, vec![]),
            Type::list(Type::list(Type::String)),
            "",
            "incorrect list element type: list of string required",
        ),
        (map_of(Type::String, []), ab(), "", "map has no element for required attribute \"a\""),
    ];
    for (value, ty, path, message) in rows {
        let error = convert(&value, &ty).expect_err(message);
        assert_eq!(
            (error.path.to_string().as_str(), error.message.as_str()),
            (path, message),
            "{value:?} to {ty}"
        );
    }
}

#[test]
fn keeps_marks() {
    use crate::Marks;
    let value = Value::tuple(vec![n(1).mark(Marks::SENSITIVE), n(2)]).mark(Marks::EPHEMERAL);
    let list = convert(&value, &Type::list(Type::String)).expect("converts");
    assert_eq!(list.marks(), Marks::EPHEMERAL);
    assert_eq!(list.items().expect("a list")[0], s("1").mark(Marks::SENSITIVE));
    let set = convert(&value, &Type::set(Type::String)).expect("converts");
    assert_eq!(set.marks(), Marks::EPHEMERAL | Marks::SENSITIVE);
}
