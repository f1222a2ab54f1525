use crate::{Entries, Marks, Refinement, Type, Value};

fn s(text: &str) -> Value {
    Value::string(text)
}

fn n(number: i64) -> Value {
    Value::number(number)
}

fn some_bool() -> Value {
    Value::refined(Type::Bool, Refinement::not_null())
}

fn number_in(lower: i64, upper: i64) -> Value {
    Value::refined(
        Type::Number,
        Refinement {
            lower: Some((lower.into(), true)),
            upper: Some((upper.into(), true)),
            ..Refinement::not_null()
        },
    )
}

#[test]
fn equality_decides_what_can_be_told() {
    let rows = [
        ("types are not converted", n(1), s("1"), Some(false)),
        ("nulls of any type are equal", Value::null(Type::String), Value::null(Type::Number), Some(true)),
        ("null is not a value", Value::null(Type::String), s(""), Some(false)),
        ("an unknown may be null", Value::unknown(Type::String), Value::null(Type::String), None),
        (
            "not null is not null",
            Value::refined(Type::String, Refinement::not_null()),
            Value::null(Type::Dynamic),
            Some(false),
        ),
        ("an unknown of another type", Value::unknown(Type::String), n(1), Some(false)),
        ("an unknown of any type", Value::dynamic(), n(1), None),
        (
            "a prefix rules out",
            Value::refined(Type::String, Refinement::prefix("ami-")),
            s("vpc-1"),
            Some(false),
        ),
        ("a prefix allows", Value::refined(Type::String, Refinement::prefix("ami-")), s("ami-1"), None),
        ("a range rules out", number_in(1, 3), n(4), Some(false)),
        ("both unknown", Value::unknown(Type::String), Value::unknown(Type::String), None),
        (
            "a difference decides",
            Value::tuple(vec![Value::unknown(Type::String), n(1)]),
            Value::tuple(vec![s("a"), n(2)]),
            Some(false),
        ),
        (
            "an unknown item leaves it open",
            Value::tuple(vec![Value::unknown(Type::String)]),
            Value::tuple(vec![s("a")]),
            None,
        ),
        ("tuples of other lengths", Value::tuple(vec![n(1)]), Value::tuple(vec![]), Some(false)),
        (
            "a tuple is not a list",
            Value::tuple(vec![n(1)]),
            Value::list(Type::Number, vec![n(1)]),
            Some(false),
        ),
        (
            "sets by content",
            Value::set(Type::Number, vec![n(2), n(1)]),
            Value::set(Type::Number, vec![n(1), n(2), n(1)]),
            Some(true),
        ),
    ];
    for (why, a, b, expected) in rows {
        let expected = expected.map_or_else(some_bool, Value::bool);
        assert_eq!(a.equals(&b), expected, "{why}");
        assert_eq!(b.equals(&a), expected, "{why}, the other way");
        assert_eq!(a.not_equals(&b), expected.not().expect("a bool"), "{why}, not");
    }
}

#[test]
fn logic_is_decided_by_one_side_where_it_can() {
    let unknown = Value::unknown(Type::Bool);
    assert_eq!(Value::bool(false).and(&unknown), Ok(Value::bool(false)));
    assert_eq!(unknown.or(&Value::bool(true)), Ok(Value::bool(true)));
    assert_eq!(Value::bool(true).and(&unknown), Ok(some_bool()));
    assert_eq!(Value::dynamic().not(), Ok(some_bool()));
    assert_eq!(Value::null(Type::Bool).not().expect_err("null").0, "argument must not be null");
    assert_eq!(n(1).and(&unknown).expect_err("a number").0, "a bool is required");
}

#[test]
fn arithmetic_narrows_unknowns() {
    let not_null = Value::refined(Type::Number, Refinement::not_null());
    assert_eq!(number_in(1, 3).add(&n(2)), Ok(number_in(3, 5)));
    assert_eq!(number_in(1, 3).sub(&number_in(0, 1)), Ok(number_in(0, 3)));
    assert_eq!(number_in(1, 3).mul(&n(-2)), Ok(number_in(-6, -2)));
    assert_eq!(number_in(1, 3).div(&n(2)), Ok(not_null.clone()));
    assert_eq!(Value::dynamic().add(&n(2)), Ok(not_null));
    assert_eq!(number_in(1, 3).less_than(&n(4)), Ok(Value::bool(true)));
    assert_eq!(number_in(1, 3).greater_than(&n(2)), Ok(some_bool()));
    assert_eq!(n(1).div(&n(0)).expect_err("by zero").0, "Division by zero");
    assert_eq!(s("1").add(&n(0)).expect_err("a string").0, "a number is required");
}

#[test]
fn lengths() {
    let unknown_list = |refinement| Value::refined(Type::list(Type::String), refinement);
    let at_least = |min: i64| {
        Value::refined(Type::Number, Refinement { lower: Some((min.into(), true)), ..Refinement::not_null() })
    };
    let rows = [
        (Value::tuple(vec![n(1)]), n(1)),
        (Value::unknown(Type::tuple([Type::Bool, Type::Bool])), n(2)),
        (unknown_list(Refinement::default()), at_least(0)),
        (unknown_list(Refinement { min_len: Some(2), ..Refinement::default() }), at_least(2)),
        (Value::set(Type::String, vec![Value::unknown(Type::String)]), n(1)),
        (Value::set(Type::String, vec![Value::unknown(Type::String), s("a")]), number_in(1, 2)),
    ];
    for (value, expected) in rows {
        assert_eq!(value.length(), Ok(expected), "{value:?}");
    }
    assert!(s("abc").length().is_err());
    assert!(Value::null(Type::list(Type::String)).length().is_err());
}

#[test]
fn indexing() {
    let list = Value::list(Type::String, vec![s("a"), s("b")]);
    let map = Value::map(Type::Number, Entries::from_iter([("k", n(1))]));
    let object = Value::object_of([("k", n(1)), ("0", s("zero"))]);
    let rows = [
        (&list, n(1), Ok(s("b"))),
        (&list, s("1"), Ok(s("b"))),
        (&list, Value::unknown(Type::Number), Ok(Value::unknown(Type::String))),
        (&map, s("k"), Ok(n(1))),
        (&object, n(0), Ok(s("zero"))),
        (&object, Value::unknown(Type::String), Ok(Value::dynamic())),
        (
            &list,
            n(2),
            Err("The given key does not identify an element in this collection value: the given index is \
                           greater than or equal to the length of the collection."),
        ),
        (
            &list,
            n(-1),
            Err("The given key does not identify an element in this collection value: a negative number is \
                            not a valid index for a sequence."),
        ),
        (
            &list,
            s("x"),
            Err("The given key does not identify an element in this collection value: a number is required."),
        ),
        (&list, Value::null(Type::Number), Err("Can't use a null value as an indexing key.")),
        (&map, s("x"), Err("The given key does not identify an element in this collection value.")),
        (
            &object,
            n(1),
            Err("The given key does not identify an element in this collection value. An object only \
                             supports looking up attributes by name, not by numeric index."),
        ),
    ];
    for (collection, key, expected) in rows {
        let got = collection.index(&key).map_err(|e| e.0);
        assert_eq!(got, expected.map_err(String::from), "{collection:?}[{key:?}]");
    }
    assert!(Value::set(Type::String, vec![s("a")]).index(&n(0)).is_err());
    assert_eq!(list.has_index(&n(2)), Ok(Value::bool(false)));
    assert_eq!(map.has_index(&s("k")), Ok(Value::bool(true)));
}

#[test]
fn an_element_carries_the_marks_of_its_collection_and_its_own() {
    let list = Value::tuple(vec![n(1).mark(Marks::EPHEMERAL)]).mark(Marks::SENSITIVE);
    assert_eq!(list.index(&n(0)), Ok(n(1).mark(Marks::EPHEMERAL | Marks::SENSITIVE)));
    let object = Value::object_of([("a", n(1))]).mark(Marks::SENSITIVE);
    assert_eq!(object.get_attr("a"), Ok(n(1).mark(Marks::SENSITIVE)));
}

#[test]
fn sets_are_in_the_order_of_cty() {
    let tuple = |a: i64, b: i64| Value::tuple(vec![n(a), n(b)]);
    let pair = Type::tuple([Type::Number, Type::Number]);
    let rows = [
        (
            Type::String,
            vec![s("b"), s("a"), s("B"), s("é"), s("")],
            vec![s(""), s("B"), s("a"), s("b"), s("é")],
        ),
        (Type::Number, vec![n(10), n(9), n(-1)], vec![n(-1), n(9), n(10)]),
        (
            Type::Bool,
            vec![Value::bool(true), Value::bool(false)],
            vec![Value::bool(false), Value::bool(true)],
        ),
        // By text, not by number.
        (pair, vec![tuple(1, 2), tuple(10, 1)], vec![tuple(10, 1), tuple(1, 2)]),
        (
            Type::String,
            vec![Value::null(Type::String), Value::unknown(Type::String), s("z")],
            vec![s("z"), Value::unknown(Type::String), Value::null(Type::String)],
        ),
    ];
    for (ty, items, expected) in rows {
        assert_eq!(Value::set(ty, items).items(), Some(expected.as_slice()));
    }
}
