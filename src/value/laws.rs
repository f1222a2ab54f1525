//! Laws that hold for all values.

use proptest::prelude::*;

use crate::{
    Kind, Marks, Number, Refinement, Type, Value, canonical_cmp, convert, json, msgpack, unify, unify_unsafe,
};

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        4 => Just(Type::String),
        2 => Just(Type::Number),
        2 => Just(Type::Bool),
        1 => Just(Type::Dynamic),
    ];
    leaf.prop_recursive(3, 12, 3, |inside| {
        prop_oneof![
            inside.clone().prop_map(Type::list),
            inside.clone().prop_map(Type::set),
            inside.clone().prop_map(Type::map),
            prop::collection::vec(inside.clone(), 0..3).prop_map(Type::tuple),
            prop::collection::btree_map("[a-c]", inside, 0..3).prop_map(Type::object),
        ]
    })
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (-3i64..3).prop_map(Number::from),
        any::<i64>().prop_map(Number::from),
        "-?[0-9]{1,30}\\.[0-9]{1,30}".prop_map(|text| Number::parse(&text).expect("a number")),
    ]
}

fn known_leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::bool),
        any_number().prop_map(Value::number),
        "[a-c1<é\n\"]{0,3}".prop_map(|s| Value::string_nfc(&s)),
        Just(Value::null(Type::Dynamic)),
        Just(Value::null(Type::String)),
    ]
}

fn unknown_leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::unknown(Type::String)),
        Just(Value::refined(Type::Number, Refinement::not_null())),
        Just(Value::refined(Type::String, Refinement::prefix("a"))),
    ]
}

/// Values whose collections hold one type, whose sets are true sets, of limited depth.
fn value_of(leaf: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    leaf.prop_recursive(3, 24, 4, |inside| {
        let items = prop::collection::vec(inside.clone(), 0..4);
        let attributes = prop::collection::btree_map("[a-c]", inside, 0..4).prop_map(Value::object_of);
        let as_type = |value: Value, ty: Type| convert(&value, &ty).unwrap_or(value);
        prop_oneof![
            items.clone().prop_map(Value::tuple),
            items.clone().prop_map(move |items| as_type(Value::tuple(items), Type::list(Type::Dynamic))),
            items.prop_map(move |items| as_type(Value::tuple(items), Type::set(Type::Dynamic))),
            attributes.clone(),
            attributes.prop_map(move |value| as_type(value, Type::map(Type::Dynamic))),
        ]
    })
}

fn known_value() -> impl Strategy<Value = Value> {
    value_of(known_leaf())
}

fn any_value() -> impl Strategy<Value = Value> {
    value_of(prop_oneof![4 => known_leaf(), 1 => unknown_leaf()])
}

proptest! {
    #[test]
    fn converting_again_changes_nothing(value in any_value(), ty in any_type()) {
        if let Ok(once) = convert(&value, &ty) {
            prop_assert_eq!(convert(&once, &ty), Ok(once.clone()));
            if !ty.has_dynamic() {
                prop_assert!(once.has_type(&ty), "{:?} is not {}", once, ty);
            }
        }
    }

    #[test]
    fn a_value_has_its_type(value in any_value()) {
        prop_assert!(value.has_type(&value.ty()));
        prop_assert_eq!(convert(&value, &value.ty()), Ok(value.clone()));
    }

    #[test]
    fn two_types_unify_in_either_order(a in any_type(), b in any_type()) {
        prop_assert_eq!(unify(&[a.clone(), b.clone()]), unify(&[b.clone(), a.clone()]));
        prop_assert_eq!(unify_unsafe(&[a.clone(), b.clone()]), unify_unsafe(&[b, a]));
    }

    #[test]
    fn a_type_unifies_with_itself(ty in any_type()) {
        prop_assert_eq!(unify(&[ty.clone(), ty.clone()]), Some(ty));
    }

    #[test]
    fn json_reads_back(value in known_value()) {
        let text = json::to_json(&value, &Type::Dynamic).expect("is known");
        prop_assert_eq!(json::from_json(&text, &Type::Dynamic), Ok(value.clone()));
        let plain = json::to_plain_json(&value).expect("is known");
        prop_assert_eq!(json::from_json(&plain, &value.ty()), Ok(value));
        prop_assert!(json::from_plain_json(&plain).is_ok());
    }

    #[test]
    fn types_read_back_from_json(ty in any_type()) {
        prop_assert_eq!(json::type_from_json(&json::type_to_json(&ty)), Ok(ty));
    }

    #[test]
    fn msgpack_reads_back(value in any_value()) {
        let bytes = msgpack::encode(&value, &Type::Dynamic).expect("encodes");
        prop_assert_eq!(msgpack::decode(&bytes, &Type::Dynamic), Ok(value.clone()));
        let ty = value.ty();
        let bytes = msgpack::encode(&value, &ty).expect("encodes");
        prop_assert_eq!(msgpack::decode(&bytes, &ty), Ok(value));
    }

    #[test]
    fn msgpack_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..40), ty in any_type()) {
        let _ = msgpack::decode(&bytes, &ty);
    }

    #[test]
    fn json_never_panics(text in "[\\[\\]{}\",:0-9eE.\\\\ut+ -]{0,30}", ty in any_type()) {
        let _ = json::from_json(&text, &ty);
        let _ = json::from_plain_json(&text);
    }

    #[test]
    fn set_order_is_total(a in any_value(), b in any_value(), c in any_value()) {
        prop_assert_eq!(canonical_cmp(&a, &b), canonical_cmp(&b, &a).reverse());
        if canonical_cmp(&a, &b).is_le() && canonical_cmp(&b, &c).is_le() {
            prop_assert!(canonical_cmp(&a, &c).is_le());
        }
    }

    #[test]
    fn a_set_does_not_depend_on_the_order_of_its_items(items in prop::collection::vec(any_number(), 0..6)) {
        let items: Vec<Value> = items.into_iter().map(Value::number).collect();
        let pairs = |items: &[Value]| items.iter().map(|n| Value::tuple(vec![n.clone(), Value::bool(true)])).collect();
        let mut reversed = items.clone();
        reversed.reverse();
        let pair = Type::tuple([Type::Number, Type::Bool]);
        prop_assert_eq!(Value::set(pair.clone(), pairs(&items)), Value::set(pair, pairs(&reversed)));
        prop_assert_eq!(Value::set(Type::Number, items), Value::set(Type::Number, reversed));
    }

    #[test]
    fn equality_is_reflexive_and_symmetric(a in known_value(), b in any_value()) {
        prop_assert_eq!(a.equals(&a), Value::bool(true));
        prop_assert_eq!(a.equals(&b), b.equals(&a));
    }

    #[test]
    fn marks_are_never_lost(a in any_value(), b in any_value(), ty in any_type(), name in "[a-c]") {
        let secret = a.clone().mark(Marks::SENSITIVE);
        let kept = |value: &Value| value.deep_marks().is_sensitive();
        let results = [
            Some(secret.equals(&b)), Some(b.equals(&secret)), Some(secret.not_equals(&b)),
            secret.add(&b).ok(), b.add(&secret).ok(), secret.sub(&b).ok(), secret.mul(&b).ok(), b.mul(&secret).ok(),
            secret.less_than(&b).ok(), secret.less_or_equal(&b).ok(), b.greater_than(&secret).ok(),
            b.greater_or_equal(&secret).ok(), secret.negate().ok(), secret.not().ok(), secret.and(&b).ok(),
            b.or(&secret).ok(), secret.length().ok(), secret.index(&b).ok(), b.index(&secret).ok(),
            secret.has_index(&b).ok(), b.has_index(&secret).ok(), secret.get_attr(&name).ok(),
            secret.contains(&b).ok(), b.contains(&secret).ok(), convert(&secret, &ty).ok(),
            Some(secret.unknown_as_null()), Some(secret.with_attr(&name, b.clone())),
            Some(Value::tuple(vec![secret.clone()])), Some(Value::set(a.ty(), vec![secret.clone()])),
            Some(secret.refine_not_null()),
        ];
        for (i, result) in results.iter().enumerate() {
            if let Some(result) = result {
                prop_assert!(kept(result), "operation {} of {:?} and {:?} gave {:?}", i, a, b, result);
            }
        }
    }

    #[test]
    fn marks_go_and_come_back_by_paths(value in any_value(), ephemeral in any::<bool>()) {
        let marks = if ephemeral { Marks::EPHEMERAL } else { Marks::SENSITIVE };
        let marked = value.map_children(|_, child| child.clone().mark(marks));
        let (plain, paths) = marked.unmark_deep_with_paths();
        prop_assert!(plain.deep_marks().is_empty());
        prop_assert_eq!(&plain, &value);
        prop_assert_eq!(plain.mark_with_paths(paths), marked);
    }

    #[test]
    fn no_sensitive_text_is_in_debug(text in "[x-z]{8}") {
        let secret = Value::string(text.as_str()).mark(Marks::SENSITIVE);
        let kind = format!("{:?}", secret.kind());
        prop_assert!(!kind.contains(&text));
        let value = Value::tuple(vec![secret]);
        let object = Value::object_of([("a", value)]);
        let shown = format!("{object:?}");
        prop_assert!(!shown.contains(&text));
    }

    #[test]
    fn every_path_leads_to_what_was_walked(value in any_value()) {
        let mut wrong = Vec::new();
        value.walk(|path, inside| {
            if path.get(&value) != Some(inside) && !has_unknown_in_set(&value) {
                wrong.push(path.clone());
            }
            std::ops::ControlFlow::Continue(())
        });
        prop_assert_eq!(wrong, vec![]);
        let same: Result<Value, ()> = value.transform(|_, v| Ok(v));
        prop_assert_eq!(same, Ok(value.clone()));
        prop_assert_eq!(value.diff_paths(&value), vec![]);
    }

    #[test]
    fn a_difference_put_right_is_none(a in known_value(), b in known_value()) {
        let a = Value::object_of([("v", a), ("w", Value::bool(true))]);
        let b = Value::object_of([("v", b), ("w", Value::bool(true))]);
        let paths = a.diff_paths(&b);
        prop_assert_eq!(paths.is_empty(), a == b);
        for path in paths {
            prop_assert_ne!(path.get(&a), path.get(&b));
        }
    }
}

fn has_unknown_in_set(value: &Value) -> bool {
    match value.kind() {
        Kind::Set(_) => !value.is_wholly_known(),
        _ => value.children().iter().any(|(_, child)| has_unknown_in_set(child)),
    }
}

#[test]
fn a_value_is_small() {
    assert!(size_of::<Value>() <= 40, "{} bytes", size_of::<Value>());
}

#[test]
fn a_large_tuple_converts_in_linear_time() {
    let item = |i: i64| Value::object_of([("id", Value::number(i)), ("name", Value::string("x"))]);
    let time = |count: i64| {
        let tuple = Value::tuple((0..count).map(item).collect());
        let start = std::time::Instant::now();
        let list = convert(&tuple, &Type::list(Type::Dynamic)).expect("items of one type");
        assert_eq!(list.items().map(<[Value]>::len), usize::try_from(count).ok());
        start.elapsed()
    };
    let best = |count: i64| (0..5).map(|_| time(count)).min().expect("five runs");
    let (small, large) = (best(500), best(16_000));
    // 32 times the items; with room for a busy machine still far from 1024 times the time.
    assert!(large < small * 250, "500 items took {small:?}, 16,000 {large:?}");
}
