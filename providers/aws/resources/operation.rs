//! Finding what an unfinished creation left behind.

use crate::api::{Filter, Tags};
use crate::object::Object;
use crate::resource::Located;
use crate::tags::OPERATION_KEY;

/// Objects that carry the tag of an operation.
pub fn operation_filter(token: &str) -> [Filter; 1] {
    [Filter::new(format!("tag:{OPERATION_KEY}"), [token])]
}

/// What to look for among objects that look like the one planned: those with exactly the planned tags may be it.
pub fn candidates(
    planned: &Object,
    alike: impl IntoIterator<Item = (String, Tags)>,
    what: &str,
) -> Option<String> {
    let tags = planned.map("tags_all");
    let visible =
        |found: Tags| -> Tags { found.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect() };
    let ids: Vec<String> =
        alike.into_iter().filter(|(_, found)| visible(found.clone()) == tags).map(|(id, _)| id).collect();
    (!ids.is_empty()).then(|| {
        format!(
            "Look for {what} that was created in the last run and that no configuration manages: {} could be it. \
             Import it if it is, or delete it if nothing uses it.",
            ids.join(", ")
        )
    })
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
