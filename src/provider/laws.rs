//! Laws that hold for whatever configuration and prior state there are.

use proptest::prelude::*;
use value::{Entries, Type, Value};

use crate::compare::same;
use crate::{
    Attribute, Block, NestedBlock, Nesting, assert_compatible, assert_plan_valid, fill_unknown, proposed_new,
    unknown_where_null,
};

/// Whose values are made up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Configuration,
    State,
}

fn item() -> Block {
    Block::default()
        .with("name", Attribute::optional(Type::String))
        .with("id", Attribute::computed(Type::String))
        .with("both", Attribute::optional_computed(Type::String))
}

fn schema() -> Block {
    let nested = |nesting| {
        let attributes = [
            ("name".into(), Attribute::optional(Type::String)),
            ("id".into(), Attribute::computed(Type::String)),
        ];
        Attribute::nested(nesting, attributes.into())
    };
    item()
        .with("sent", Attribute::optional(Type::String).write_only())
        .with("one", nested(Nesting::Single))
        .with("some", nested(Nesting::List))
        .with("keyed", nested(Nesting::Map))
        .with_block("list", NestedBlock::list(item()))
        .with_block("bag", NestedBlock::set(item()))
        .with_block("single", NestedBlock::single(item()))
        .with_block("map", NestedBlock { nesting: Nesting::Map, ..NestedBlock::list(item()) })
        .with_block("own", NestedBlock::list(item()).computed())
}

fn value(attribute: &Attribute, origin: Origin) -> BoxedStrategy<Value> {
    let null = Value::null(attribute.ty.clone());
    let absent = match origin {
        Origin::Configuration => !attribute.optional && !attribute.required,
        Origin::State => attribute.write_only,
    };
    if absent {
        return Just(null).boxed();
    }
    if let Some(nested) = &attribute.nested {
        let object = attributes(
            nested.attributes.iter().map(|(name, a)| (name.to_string(), a.clone())).collect(),
            origin,
        );
        return prop_oneof![Just(null), collected(nested.nesting, object, &nested_object(nested))].boxed();
    }
    let unknown = Value::unknown(attribute.ty.clone());
    let texts = prop_oneof![Just("a"), Just("b"), Just("c")].prop_map(Value::string);
    match origin {
        Origin::Configuration => prop_oneof![2 => Just(null), 4 => texts, 1 => Just(unknown)].boxed(),
        Origin::State => prop_oneof![1 => Just(null), 4 => texts].boxed(),
    }
}

fn nested_object(nested: &crate::NestedType) -> Type {
    Type::object(nested.attributes.iter().map(|(name, a)| (name.clone(), a.ty.clone())))
}

fn attributes(attributes: Vec<(String, Attribute)>, origin: Origin) -> BoxedStrategy<Value> {
    let names: Vec<String> = attributes.iter().map(|(name, _)| name.clone()).collect();
    let values: Vec<_> = attributes.iter().map(|(_, attribute)| value(attribute, origin)).collect();
    values.prop_map(move |values| Value::object_of(names.iter().cloned().zip(values))).boxed()
}

fn collected(nesting: Nesting, object: BoxedStrategy<Value>, ty: &Type) -> BoxedStrategy<Value> {
    let ty = ty.clone();
    match nesting {
        Nesting::Single | Nesting::Group => object,
        Nesting::List => {
            prop::collection::vec(object, 0..3).prop_map(move |v| Value::list(ty.clone(), v)).boxed()
        }
        Nesting::Set => {
            prop::collection::vec(object, 0..3).prop_map(move |v| Value::set(ty.clone(), v)).boxed()
        }
        Nesting::Map => prop::collection::btree_map("[xyz]", object, 0..3)
            .prop_map(move |entries| Value::map(ty.clone(), entries.into_iter().collect::<Entries>()))
            .boxed(),
    }
}

/// An object of a block's shape.
fn body(block: &Block, origin: Origin) -> BoxedStrategy<Value> {
    let own =
        attributes(block.attributes.iter().map(|(name, a)| (name.to_string(), a.clone())).collect(), origin);
    let names: Vec<String> = block.blocks.keys().map(ToString::to_string).collect();
    let blocks: Vec<_> = block
        .blocks
        .values()
        .map(|nested| {
            let blocks = collected(nested.nesting, body(&nested.block, origin), &nested.block.implied_type());
            match nested.nesting {
                Nesting::Single => prop_oneof![Just(nested.empty_value()), blocks].boxed(),
                _ => blocks,
            }
        })
        .collect();
    (own, blocks)
        .prop_map(move |(own, blocks)| {
            names.iter().zip(blocks).fold(own, |object, (name, value)| object.with_attr(name, value))
        })
        .boxed()
}

fn prior() -> BoxedStrategy<Value> {
    let nothing = Value::null(schema().implied_type());
    prop_oneof![1 => Just(nothing), 4 => body(&schema(), Origin::State)].boxed()
}

proptest! {
    #[test]
    fn a_proposal_is_a_valid_plan(prior in prior(), config in body(&schema(), Origin::Configuration)) {
        let proposed = proposed_new(&schema(), &prior, &config);
        prop_assert_eq!(assert_plan_valid(&schema(), &prior, &config, &proposed), vec![]);
        prop_assert_eq!(proposed.ty(), schema().implied_type());
    }

    #[test]
    fn proposing_again_changes_nothing(prior in prior(), config in body(&schema(), Origin::Configuration)) {
        let proposed = proposed_new(&schema(), &prior, &config);
        let again = proposed_new(&schema(), &proposed, &config);
        prop_assert!(same(&proposed, &again), "{:?} and {:?}", proposed, again);
    }

    #[test]
    fn filling_in_the_unknown_is_compatible(prior in prior(), config in body(&schema(), Origin::Configuration)) {
        let planned = unknown_where_null(&schema(), &proposed_new(&schema(), &prior, &config));
        let mut count = 0;
        let actual = fill_unknown(&schema(), &planned, |_, _| {
            count += 1;
            Value::string(format!("made {count}"))
        });
        prop_assert!(actual.is_wholly_known());
        prop_assert_eq!(assert_compatible(&schema(), &planned, &actual), vec![]);
        prop_assert_eq!(assert_compatible(&schema(), &actual, &actual), vec![]);
    }
}
