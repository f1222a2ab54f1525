//! Marks: `sensitive`, `nonsensitive`, `issensitive`, `ephemeralasnull`.

use value::{Kind, Marks, Type, Value};

use super::table::{Call, Core, function};
use super::{FunctionError, Parameter};

pub(super) fn functions() -> Vec<Core> {
    let value = || Parameter::new("value", Type::Dynamic).dynamic().unknown().nullable().marked();
    let same_type = |arguments: &[Value]| Ok(arguments.first().map_or(Type::Dynamic, Value::ty));
    vec![
        function("ephemeralasnull", "Replaces ephemeral parts of a value by null.")
            .with(value())
            .typed_by(same_type)
            .maybe_null()
            .returns(Type::Dynamic, |call| Ok(ephemeral_as_null(call.arg(0)?))),
        function("issensitive", "Tells whether a value is sensitive.")
            .with(value())
            .returns(Type::Bool, issensitive),
        function("nonsensitive", "Gives a sensitive value that is no longer hidden.")
            .with(value())
            .typed_by(same_type)
            .maybe_null()
            .returns(Type::Dynamic, |call| {
                let value = call.arg(0)?;
                Ok(value.clone().with_marks(value.marks().without(Marks::SENSITIVE)))
            }),
        function("sensitive", "Gives a value that is hidden in all output.")
            .with(value())
            .typed_by(same_type)
            .maybe_null()
            .returns(Type::Dynamic, |call| Ok(call.arg(0)?.clone().mark(Marks::SENSITIVE))),
    ]
}

/// An unknown value that is not sensitive now may turn out to be.
fn issensitive(call: &Call<'_>) -> Result<Value, FunctionError> {
    let value = call.arg(0)?;
    Ok(match (value.is_sensitive(), value.is_known()) {
        (false, false) => Value::unknown(Type::Bool),
        (sensitive, _) => Value::bool(sensitive),
    })
}

/// An unknown value stays unknown, without what was known of it, since its type may turn out to be another.
fn ephemeral_as_null(value: &Value) -> Value {
    if !value.deep_marks().is_ephemeral() {
        return value.clone();
    }
    let marks = value.marks().without(Marks::EPHEMERAL);
    if value.marks().is_ephemeral() {
        let replaced = if value.is_known() { Value::null(value.ty()) } else { Value::unknown(value.ty()) };
        return replaced.mark(marks);
    }
    crate::stack::deeper(|| ephemeral_inside_as_null(value)).with_marks(marks)
}

fn ephemeral_inside_as_null(value: &Value) -> Value {
    let items = |items: &[Value]| items.iter().map(ephemeral_as_null).collect::<Vec<_>>();
    match value.kind() {
        Kind::List(list) => Value::list(list.element().clone(), items(list.items())),
        Kind::Tuple(tuple) => Value::tuple(items(tuple.items())),
        Kind::Set(set) => Value::set(set.element().clone(), items(set.items())),
        Kind::Map(map) => Value::map(
            map.element().clone(),
            map.entries().iter().map(|(key, item)| (key.clone(), ephemeral_as_null(item))).collect(),
        ),
        Kind::Object(object) => Value::object_of(
            object.entries().iter().map(|(key, item)| (key.clone(), ephemeral_as_null(item))),
        ),
        _ => value.clone(),
    }
}
