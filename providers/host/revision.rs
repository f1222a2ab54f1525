//! `revision`: what tells those who depend on an object that its content was written. A digest does not: when groma puts back
//! what somebody changed on the host, it is the same afterwards as it was before.

use provider::simple::{Access, Plan};
use provider::{Attribute, Schema, changed};
use value::{Type, Value};

const NAME: &str = "revision";

/// The schema with the attribute, where there are attributes that its change goes with.
pub(crate) fn with_attribute(mut schema: Schema, names: &[&str]) -> Schema {
    if !names.is_empty() {
        let attribute = Attribute::computed(Type::String).described(
            "Changes whenever the content was written, also when groma put back what somebody changed on the host, as the digest \
             is the same again then: what `restart_on` and `reload_on` of a `host_service` should name.",
        );
        schema.block = schema.block.with(NAME, attribute);
    }
    schema
}

/// Plans that a change of these attributes makes another revision.
pub(crate) fn plan(names: &[&str], plan: &mut Plan) {
    if plan.changes(names) {
        plan.set_unknown(NAME);
    }
}

/// What was read of an object that was known as `current`: what differs is another revision, whoever wrote it, so that a change
/// whose answer was lost counts as one, too.
pub(crate) fn seen(names: &[&str], current: &Value, read: Value) -> Value {
    let known = read.text(NAME).is_some() && changed(current, &read, names.iter().copied()).is_empty();
    if known || names.is_empty() || read.is_null() { read } else { read.with_attr(NAME, new()) }
}

/// An object that was made or changed as planned: another revision, unless its content turned out to be the same.
pub(crate) fn made(names: &[&str], prior: &Value, planned: &Value, made: Value) -> Value {
    let Some(revision) = planned.attr(NAME).filter(|_| !names.is_empty() && !made.is_null()) else {
        return made;
    };
    if revision.is_known() {
        return made.with_attr(NAME, revision.clone());
    }
    let same = !prior.is_null() && changed(prior, &made, names.iter().copied()).is_empty();
    let revision = match prior.text(NAME).filter(|_| same) {
        Some(revision) => Value::string(revision),
        None => new(),
    };
    made.with_attr(NAME, revision)
}

fn new() -> Value {
    Value::string(format!("{:016x}", rand::random::<u64>()))
}
