use std::ops::ControlFlow;

use crate::{
    DefaultsInside, Entries, Marks, Path, PathStep, Refinement, Type, TypeDefaults, Value, safe_prefix,
};

fn s(text: &str) -> Value {
    Value::string(text)
}

fn n(number: i64) -> Value {
    Value::number(number)
}

fn sample() -> Value {
    Value::object_of([
        ("list", Value::list(Type::Number, vec![n(1), Value::unknown(Type::Number)])),
        ("map", Value::map(Type::String, Entries::from_iter([("k", s("v"))]))),
        ("set", Value::set(Type::String, vec![s("x")])),
    ])
}

#[test]
fn walks_outermost_first_and_stops_where_told() {
    let mut seen = Vec::new();
    sample().walk(|path, value| {
        seen.push(path.to_string());
        if matches!(value.kind(), crate::Kind::Map(_)) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(seen, ["", ".list", ".list[0]", ".list[1]", ".map", ".set", ".set[\"x\"]"]);
}

#[test]
fn finds_unknowns_and_makes_them_null() {
    let paths: Vec<String> = sample().unknown_paths().iter().map(ToString::to_string).collect();
    assert_eq!(paths, [".list[1]"]);
    let expected = Value::list(Type::Number, vec![n(1), Value::null(Type::Number)]);
    assert_eq!(sample().unknown_as_null().attr("list"), Some(&expected));
    assert!(sample().unknown_as_null().is_wholly_known());
}

#[test]
fn sets_at_a_path() {
    let value = sample();
    let path = Path::from_attr("list").index(n(1));
    let changed = value.with_path(&path, n(5)).expect("there");
    assert_eq!(path.get(&changed), Some(&n(5)));
    let key = Path::from_attr("map").step(PathStep::key("new"));
    assert_eq!(key.get(&value.with_path(&key, s("y")).expect("a new key")), Some(&s("y")));
    assert_eq!(value.with_path(&Path::from_attr("no").attr("way"), n(1)), None);
    assert_eq!(value.with_path(&Path::from_attr("list").index(n(9)), n(1)), None);
}

#[test]
fn differences_are_the_deepest() {
    let a = sample();
    let b = a.with_path(&Path::from_attr("map").step(PathStep::key("k")), s("w")).expect("there");
    let b = b.with_path(&Path::from_attr("set"), Value::set(Type::String, vec![s("y")])).expect("there");
    let b = b.with_attr("new", n(1));
    let paths: Vec<String> = a.diff_paths(&b).iter().map(ToString::to_string).collect();
    assert_eq!(paths, [".map[\"k\"]", ".new", ".set"]);
    assert_eq!(a.diff_paths(&a.clone().mark(Marks::SENSITIVE)), []);
}

#[test]
fn takes_marks_away_at_any_depth() {
    let value = Value::tuple(vec![s("x").mark(Marks::SENSITIVE | Marks::EPHEMERAL)]);
    assert_eq!(value.without_marks_deep(Marks::EPHEMERAL).deep_marks(), Marks::SENSITIVE);
    assert_eq!(value.with_deep_marks().marks(), Marks::SENSITIVE | Marks::EPHEMERAL);
}

/// Each row is what go-cty's `SafeKnownPrefix` gives.
#[test]
fn prefixes_are_cut_where_they_could_change() {
    let rows = [
        ("", ""),
        ("a", ""),
        ("ami-", "ami-"),
        ("hello", "hell"),
        ("hello ", "hello "),
        ("e\u{301}", ""),
        ("x👨", "x"),
        ("a\n", "a"),
        ("a\r\n", "a"),
        ("/a/", "/a/"),
        ("日本", "日"),
        ("x=", "x"),
        ("<a>", "<a"),
        ("-\u{301}", ""),
        ("한", ""),
        ("🇺🇸", ""),
    ];
    for (text, expected) in rows {
        assert_eq!(safe_prefix(text), expected, "{text:?}");
    }
}

#[test]
fn refinements_collapse_to_the_only_value() {
    let lengths = |n: u64| Refinement { min_len: Some(n), max_len: Some(n), ..Refinement::not_null() };
    let unknown = || Value::unknown(Type::Bool);
    let list = Type::list(Type::Bool);
    assert_eq!(Value::refined(list.clone(), lengths(2)), Value::list(Type::Bool, vec![unknown(), unknown()]));
    assert_eq!(Value::refined(list, lengths(0)), Value::list(Type::Bool, vec![]));
    assert!(!Value::refined(Type::list(Type::Bool), lengths(u64::MAX)).is_known());
    assert_eq!(Value::refined(Type::set(Type::Bool), lengths(1)), Value::set(Type::Bool, vec![unknown()]));
    let five = Some((5.into(), true));
    let refinement = Refinement { lower: five.clone(), upper: five, ..Refinement::not_null() };
    assert_eq!(Value::refined(Type::Number, refinement), n(5));
    let refined =
        Value::unknown(Type::String).refine(&Refinement::prefix("a")).refine(&Refinement::prefix("ab-"));
    assert_eq!(refined, Value::refined(Type::String, Refinement::prefix("ab-")));
    assert_eq!(
        Value::refined(Type::Bool, Refinement::prefix("x")),
        Value::refined(Type::Bool, Refinement::not_null())
    );
}

#[test]
fn defaults_fill_what_is_missing_or_null() {
    let inner = TypeDefaults { values: [("x".into(), n(1))].into(), ..TypeDefaults::default() };
    let outer = TypeDefaults {
        values: [("a".into(), s("default")), ("o".into(), Value::object_of([] as [(&str, Value); 0]))].into(),
        children: DefaultsInside::Attributes([("o".into(), inner.clone())].into()),
    };
    let empty = Value::object_of([] as [(&str, Value); 0]);
    let filled = Value::object_of([("a", s("default")), ("o", Value::object_of([("x", n(1))]))]);
    assert_eq!(outer.apply(&empty), filled);
    assert_eq!(outer.apply(&Value::object_of([("a", Value::null(Type::Dynamic))])), filled);
    let given = Value::object_of([("a", s("mine")), ("o", Value::object_of([("x", n(2))]))]);
    assert_eq!(outer.apply(&given), given);
    assert_eq!(outer.apply(&Value::null(Type::Dynamic)), Value::null(Type::Dynamic));

    let list = TypeDefaults { children: DefaultsInside::Element(Box::new(inner)), ..TypeDefaults::default() };
    let items = Value::tuple(vec![empty, Value::object_of([("x", n(3))])]).mark(Marks::SENSITIVE);
    let expected = Value::tuple(vec![Value::object_of([("x", n(1))]), Value::object_of([("x", n(3))])]);
    assert_eq!(list.apply(&items), expected.mark(Marks::SENSITIVE));
}
