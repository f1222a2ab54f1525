//! What holds for every function, whatever it is given.

use proptest::prelude::*;
use value::{Marks, Number, Type, Value};

use super::super::{CallContext, Function, invoke, lookup, names};

/// Functions that look at files or take long by design.
const NOT_HERE: [&str; 4] = ["abspath", "fileset", "file", "bcrypt"];

fn scalar() -> impl Strategy<Value = Value> {
    let numbers = prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-5i64..70).prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        Just(Number::parse("1e400").expect("a number")),
    ];
    let words = prop_oneof![
        "[a-z%0-9.\\[\\](){}*+?^$|/\\\\ -]{0,12}",
        "\\PC{0,6}",
        Just("10.0.0.0/8".to_owned()),
        Just("2001:db8::/32".to_owned()),
        Just("2017-11-22T00:00:00Z".to_owned()),
        Just("-1h30m".to_owned()),
        Just("UTF-16".to_owned()),
        Just("aGVsbG8=".to_owned()),
        Just("[1, {\"a\": null}]".to_owned()),
        Just("a: &x [1]\nb: *x\n".to_owned()),
        Just("a,b\n1,\"2\"\n".to_owned()),
        Just("%5.2f%-3s%[2]v%#x".to_owned()),
    ];
    prop_oneof![
        any::<bool>().prop_map(Value::bool),
        numbers.prop_map(Value::number),
        words.prop_map(|s| Value::string_nfc(&s)),
    ]
}

fn some_type() -> impl Strategy<Value = Type> {
    prop_oneof![
        Just(Type::Dynamic),
        Just(Type::String),
        Just(Type::Number),
        Just(Type::Bool),
        Just(Type::list(Type::String)),
        Just(Type::set(Type::Number)),
        Just(Type::map(Type::String)),
        Just(Type::tuple([Type::String, Type::Number])),
        Just(Type::object([("a", Type::String)])),
    ]
}

fn some_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        8 => scalar(),
        1 => some_type().prop_map(Value::null),
        1 => some_type().prop_map(Value::unknown),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::tuple),
            prop::collection::vec(("[a-c]", inner.clone()), 0..4).prop_map(Value::object_of),
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| to(&Type::list(Type::Dynamic), items)),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| to(&Type::set(Type::Dynamic), items)),
            prop::collection::vec(("[a-c]", inner.clone()), 0..4).prop_map(|entries| {
                let object = Value::object_of(entries);
                value::convert(&object, &Type::map(Type::Dynamic)).unwrap_or(object)
            }),
            inner.prop_map(|value| value.mark(Marks::SENSITIVE)),
        ]
    })
}

/// A collection of a type, or the tuple if the items have no common type.
fn to(ty: &Type, items: Vec<Value>) -> Value {
    let tuple = Value::tuple(items);
    value::convert(&tuple, ty).unwrap_or(tuple)
}

fn some_call() -> impl Strategy<Value = (&'static str, Vec<Value>)> {
    let functions: Vec<&'static str> = names().into_iter().filter(|name| !NOT_HERE.contains(name)).collect();
    (prop::sample::select(functions), prop::collection::vec(some_value(), 0..5)).prop_map(
        |(name, mut arguments)| {
            let function = function(name);
            let required = function.parameters().len();
            if function.variadic().is_none() || arguments.len() < required {
                arguments.resize(required, Value::string("a"));
            }
            (name, arguments)
        },
    )
}

fn function(name: &str) -> &'static dyn Function {
    lookup(name).expect("names are found")
}

fn context() -> CallContext {
    CallContext::new(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("functions/tests/fixtures"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn calls_end_and_keep_to_the_type_that_was_announced((name, arguments) in some_call()) {
        let function = function(name);
        let prepared: Vec<Value> = arguments
            .iter()
            .enumerate()
            .map(|(i, argument)| {
                let parameter = function.parameters().get(i).or(function.variadic());
                let argument = argument.unmark_deep();
                parameter.and_then(|p| value::convert(&argument, &p.ty).ok()).unwrap_or(argument)
            })
            .collect();
        let announced = function.result_type(&prepared);
        if let Ok(value) = invoke(function, &context(), &arguments) {
            if let Ok(announced) = announced {
                prop_assert!(
                    value.ty().conforms_to(&announced) || !value.is_known(),
                    "{} of {:?} gave {:?}, announced was {}", name, arguments, value, announced
                );
            }
            prop_assert!(!function.never_null() || !value.is_null(), "{name} gave null");
        }
    }

    #[test]
    fn sensitive_arguments_make_sensitive_results((name, arguments) in some_call()) {
        let marked: Vec<Value> = arguments.iter().map(|a| a.unmark_deep().mark(Marks::SENSITIVE)).collect();
        let exempt = ["nonsensitive", "issensitive"].contains(&name);
        // A result that depends on the type of an argument alone need not hide it.
        if let Ok(value) = invoke(function(name), &context(), &marked)
            && !exempt
            && !marked.is_empty()
        {
            prop_assert!(value.deep_marks().is_sensitive(), "{} of {:?} gave {:?}", name, arguments, value);
        }
    }

    #[test]
    fn a_result_that_is_known_early_does_not_change((name, arguments) in some_call(), at in 0usize..4) {
        let known: Vec<Value> = arguments.iter().map(Value::unmark_deep).collect();
        let Ok(later) = invoke(function(name), &context(), &known) else { return Ok(()) };
        let mut early = known.clone();
        if let Some(argument) = early.get_mut(at) {
            *argument = Value::unknown(argument.ty());
        }
        // `issensitive` answers for the marks that a value has; impure functions do not get here with arguments.
        if let Ok(early) = invoke(function(name), &context(), &early)
            && early.is_wholly_known()
            && later.is_wholly_known()
        {
            prop_assert_eq!(early, later, "{} of {:?}", name, known);
        }
    }
}
