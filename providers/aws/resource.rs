//! What a resource type must say and do; everything common to all types is in [`crate::plan`] and
//! [`crate::lifecycle`].

use std::collections::BTreeMap;

use async_trait::async_trait;
use diag::Diagnostics;
use value::Value;

use crate::api::Tags;
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::{Object, same};
use crate::observed::{Observed, Same};
use crate::plan::Planning;
use crate::tags::OPERATION_KEY;

/// How a type's attributes behave in a plan. Paths are attribute names, `block.attribute` inside a block.
pub struct Rules {
    /// What the object is called in messages: `EC2 VPC`.
    pub noun: &'static str,
    /// Attributes and blocks whose change cannot be made in place.
    pub replace: &'static [&'static str],
    /// Values of optional attributes that the configuration leaves out.
    pub defaults: &'static [(&'static str, Preset)],
    /// When one of the first changes, the second are known only after the change.
    pub recompute: &'static [(&'static [&'static str], &'static [&'static str])],
    /// When two values of an attribute mean the same.
    pub same: Same,
    /// Whether optional attributes that are not configured must be planned null, as in Terraform's newer framework.
    pub strict: bool,
    /// Whether the object can carry tags.
    pub tags: Tagging,
}

/// The default of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    Bool(bool),
    Int(i64),
    Text(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    None,
    /// Tagged; the service identifies an unfinished creation by other means.
    Tags,
    /// Tagged, and marked with [`OPERATION_KEY`] from its creation until the answer is on disk.
    TagsAndOperation,
}

impl Rules {
    pub const fn new(noun: &'static str) -> Self {
        Self {
            noun,
            replace: &[],
            defaults: &[],
            recompute: &[],
            same: same_value,
            strict: false,
            tags: Tagging::None,
        }
    }
}

impl Preset {
    pub fn to_value(self) -> Value {
        match self {
            Self::Bool(b) => Value::bool(b),
            Self::Int(n) => Value::number(n),
            Self::Text(text) => Value::string(text),
        }
    }
}

/// The plain comparison, for types without attributes of several spellings.
pub fn same_value(_attribute: &str, a: &Value, b: &Value) -> bool {
    same(a, b)
}

/// One creation.
pub struct Creation<'a> {
    /// Identifies it across a crash.
    pub token: &'a str,
    pub tagging: Tagging,
}

impl Creation<'_> {
    /// The tags to create the object with.
    pub fn tags(&self, planned: &Object) -> Tags {
        let mut tags = planned.map("tags_all");
        if self.tagging == Tagging::TagsAndOperation {
            tags.insert(OPERATION_KEY.to_owned(), self.token.to_owned());
        }
        tags
    }
}

/// What became of a creation whose answer was not received.
pub enum Located {
    /// It was made: the planned object with its identity.
    Found(Object),
    /// Certainly not made.
    Absent,
    /// It cannot be told; what a person should look for.
    Unclear(String),
}

/// A resource type.
#[async_trait]
pub trait Resource: Send + Sync {
    fn type_name(&self) -> &'static str;

    fn rules(&self) -> &'static Rules;

    /// Checks a configuration (unknowns allowed).
    fn validate(&self, _config: &Object, _diagnostics: &mut Diagnostics) {}

    /// Adjusts what the rules planned. Not called for a destruction.
    fn adjust_plan(&self, _planning: &mut Planning<'_>) {}

    /// Makes the one call that brings the object into being; answers `planned` with its identity (`id` at least).
    /// Must fail without having tried twice when the outcome is unknown.
    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object>;

    /// Does what remains after the creation: waits, and settings that the creating call does not take.
    async fn complete(&self, _client: &Client, _created: &Object) -> Outcome<()> {
        Ok(())
    }

    /// Changes the object in place and answers `planned`, with a new identity where the change gives it one. Tags are
    /// changed by the caller.
    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object>;

    /// Removes the object and waits until it is gone. Not finding it may be answered as an error.
    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()>;

    /// Reads many objects; none for those that are gone. The number of calls must not grow with their count, except
    /// where the service tells an attribute only for one object at a time.
    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>>;

    /// Finds out what became of a creation, by what the service guarantees to be unique.
    async fn locate(&self, client: &Client, planned: &Object, token: &str) -> Outcome<Located>;

    /// Makes safe what a crash left of a creation, before it is taken over: only what no later plan would notice.
    async fn make_safe(&self, _client: &Client, _created: &Object) -> Outcome<()> {
        Ok(())
    }

    /// The attributes that an import id stands for, enough for [`Resource::observe`]; or how the id must look.
    fn parse_import_id(&self, id: &str) -> Result<Vec<(&'static str, String)>, String> {
        Ok(vec![("id", id.to_owned())])
    }

    /// What `CreateTags` knows the object by.
    fn tagged_id(&self, object: &Object) -> Option<String> {
        object.string("id")
    }
}

/// Puts what was found into the order of what was asked for. One object may be asked for twice.
pub fn in_order<T: Clone>(
    known: &[Object],
    key: impl Fn(&Object) -> String,
    found: impl IntoIterator<Item = (String, T)>,
) -> Vec<Option<T>> {
    let found: BTreeMap<String, T> = found.into_iter().collect();
    known.iter().map(|object| found.get(&key(object)).cloned()).collect()
}

/// The ids of objects.
pub fn ids(known: &[Object]) -> Vec<String> {
    known.iter().map(|object| object.text("id")).collect()
}
