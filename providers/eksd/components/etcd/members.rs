//! What a cluster says of its members, as an attribute.

use value::{Type, Value};

use super::cluster::{Cluster, MemberSeen};

/// The type of `members`.
pub(super) fn ty() -> Type {
    Type::list(element())
}

fn element() -> Type {
    Type::object([
        ("id", Type::String),
        ("name", Type::String),
        ("peer_urls", Type::list(Type::String)),
        ("learner", Type::Bool),
    ])
}

/// The members of a cluster in the order of their names; null where none answers.
pub(super) fn value(cluster: Option<&Cluster>) -> Value {
    let Some(cluster) = cluster else { return Value::null(ty()) };
    let mut members: Vec<&MemberSeen> = cluster.members.iter().collect();
    members.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    let object = |member: &MemberSeen| {
        let mut urls: Vec<&String> = member.peer_urls.iter().collect();
        urls.sort();
        Value::object_of([
            ("id", Value::string(member.hex())),
            ("name", Value::string_nfc(member.name.as_str())),
            ("peer_urls", Value::list(Type::String, urls.into_iter().map(Value::string).collect())),
            ("learner", Value::bool(member.is_learner)),
        ])
    };
    Value::list(element(), members.into_iter().map(object).collect())
}
