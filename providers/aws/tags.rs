//! Tags: the provider's `default_tags` and `ignore_tags`, and the tag that identifies an unfinished creation.

use std::collections::{BTreeMap, BTreeSet};

use value::{Type, Value};

use crate::api::Tags;
use crate::object::Object;

/// The key of the tag that an object carries while its creation is under way, so that after a crash it can be found.
/// Its value is the operation's token.
pub const OPERATION_KEY: &str = "groma:operation";

/// The provider's settings about tags.
#[derive(Clone, Debug, Default)]
pub struct TagSettings {
    /// `default_tags`; none while they are unknown.
    pub defaults: Option<Tags>,
    pub ignored_keys: BTreeSet<String>,
    pub ignored_prefixes: BTreeSet<String>,
}

impl TagSettings {
    #[cfg(test)]
    pub fn new(defaults: Tags) -> Self {
        Self { defaults: Some(defaults), ..Self::default() }
    }

    /// Whether groma takes no notice of a tag.
    pub fn is_ignored(&self, key: &str) -> bool {
        key.starts_with("aws:")
            || key == OPERATION_KEY
            || self.ignored_keys.contains(key)
            || self.ignored_prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }

    /// What `tags_all` will be for these `tags`: unknown while either part is.
    pub fn planned_all(&self, tags: &Value) -> Value {
        let Some(defaults) = &self.defaults else { return unknown_map() };
        if !tags.is_known() {
            return unknown_map();
        }
        let mut all: BTreeMap<String, Value> =
            defaults.iter().map(|(k, v)| (k.clone(), Value::string(v.as_str()))).collect();
        for (key, value) in tags.entries().into_iter().flat_map(value::Entries::iter) {
            if !value.is_null() {
                all.insert(key.to_string(), value.clone().unmark());
            }
        }
        all.retain(|key, _| !self.is_ignored(key));
        Value::map(Type::String, all.into_iter().collect())
    }

    /// `tags` and `tags_all` for the tags observed. A tag that equals a default and is not in the resource's own
    /// `tags` came from the default.
    pub fn observed(&self, observed: &Tags, prior: &Object) -> (Tags, Tags) {
        let all: Tags = observed
            .iter()
            .filter(|(k, _)| !self.is_ignored(k))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let own = prior.map("tags");
        let defaults = self.defaults.as_ref();
        let is_default =
            |k: &String, v: &String| defaults.and_then(|d| d.get(k)) == Some(v) && !own.contains_key(k);
        let tags =
            all.iter().filter(|(k, v)| !is_default(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        (tags, all)
    }
}

/// The tags to change and the keys to remove on the way from one `tags_all` to another.
pub fn difference(prior: &Tags, planned: &Tags) -> (Tags, Vec<String>) {
    let changed = planned
        .iter()
        .filter(|(k, v)| prior.get(*k) != Some(v))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let removed = prior.keys().filter(|k| !planned.contains_key(*k)).cloned().collect();
    (changed, removed)
}

pub fn to_value(tags: &Tags) -> Value {
    Value::map(Type::String, tags.iter().map(|(k, v)| (k.as_str(), Value::string(v.as_str()))).collect())
}

fn unknown_map() -> Value {
    Value::unknown(Type::map(Type::String))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn defaults_are_told_apart_from_own_tags() {
        let mut settings = TagSettings::new(tags(&[("team", "net"), ("env", "dev")]));
        settings.ignored_prefixes.insert("kubernetes.io/".into());
        let prior = Object::new(Value::object_of([("tags", to_value(&tags(&[("env", "dev")])))]));
        let observed = tags(&[
            ("team", "net"),
            ("env", "dev"),
            ("Name", "a"),
            ("kubernetes.io/cluster/x", "owned"),
            ("aws:cloudformation:stack-name", "s"),
            (OPERATION_KEY, "t"),
        ]);
        let (own, all) = settings.observed(&observed, &prior);
        assert_eq!(own, tags(&[("env", "dev"), ("Name", "a")]));
        assert_eq!(all, tags(&[("team", "net"), ("env", "dev"), ("Name", "a")]));
    }

    #[test]
    fn planned_tags_are_known_when_their_parts_are() {
        let settings = TagSettings::new(tags(&[("team", "net")]));
        let own = to_value(&tags(&[("Name", "a"), ("team", "core")]));
        assert_eq!(settings.planned_all(&own), to_value(&tags(&[("Name", "a"), ("team", "core")])));
        assert_eq!(
            settings.planned_all(&Value::null(Type::map(Type::String))),
            to_value(&tags(&[("team", "net")]))
        );
        assert!(!settings.planned_all(&unknown_map()).is_known());
        assert!(!TagSettings::default().planned_all(&own).is_known());
    }

    #[test]
    fn differences_name_what_changes() {
        let (changed, removed) = difference(
            &tags(&[("a", "1"), ("b", "2"), ("c", "3")]),
            &tags(&[("a", "1"), ("b", "9"), ("d", "4")]),
        );
        assert_eq!(changed, tags(&[("b", "9"), ("d", "4")]));
        assert_eq!(removed, ["c"]);
    }
}
