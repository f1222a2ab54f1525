//! Finding what an unfinished creation left behind.

use crate::api::{Filter, Tags};
use crate::object::Object;
use crate::resource::Located;
use crate::tags::OPERATION_KEY;

/// Objects that carry the tag of an operation.
pub fn operation_filter(token: &str) -> [Filter; 1] {
    [Filter::new(format!("tag:{OPERATION_KEY}"), [token])]
}

/// Judges objects that look like the one planned but cannot be told from others of the same look. One that carries the
/// planned tags may be it: a crash after the operation's tag was removed and before the answer was recorded.
pub fn candidates(planned: &Object, alike: impl IntoIterator<Item = (String, Tags)>, what: &str) -> Located {
    let tags = planned.map("tags_all");
    let ids: Vec<String> = alike.into_iter().filter(|(_, t)| has_tags(t, &tags)).map(|(id, _)| id).collect();
    if ids.is_empty() {
        return Located::Absent;
    }
    Located::Unclear(format!(
        "Look for {what} that was created in the last run and that no configuration manages: {} could be it. Import it \
         if it is, or delete it if nothing uses it.",
        ids.join(", ")
    ))
}

/// Judges the one object that the service allows under the planned key: the creation's if it has the planned tags,
/// otherwise perhaps another's that was there before.
pub fn unique(planned: &Object, found: Option<(Object, Tags)>, what: &str) -> Located {
    match found {
        None => Located::Absent,
        Some((object, tags)) if has_tags(&tags, &planned.map("tags_all")) => Located::Found(object),
        Some((object, _)) => Located::Unclear(format!(
            "There is {what} ({}), but with other tags than planned, so it may be someone else's. Import it if it is \
             yours, or choose another key for the new one.",
            object.text("id")
        )),
    }
}

fn has_tags(found: &Tags, planned: &Tags) -> bool {
    planned.iter().all(|(key, value)| found.get(key) == Some(value))
}
