//! Finding what an unfinished creation left behind.

use crate::api::{Filter, Tags};
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::Object;
use crate::resource::Located;
use crate::tags::OPERATION_KEY;

/// Objects that carry the tag of an operation.
pub fn operation_filter(token: &str) -> [Filter; 1] {
    [Filter::new(format!("tag:{OPERATION_KEY}"), [token])]
}

/// Takes the tag of the operation that created them off objects. Those that are gone do not matter.
pub async fn unmark(client: &Client, ids: &[String]) -> Outcome<()> {
    let keys = [OPERATION_KEY.to_owned()];
    for batch in ids.chunks(TAG_BATCH) {
        match client.call(|ec2| ec2.delete_tags(batch, &keys)).await {
            // One that is gone keeps the call from the others.
            Err(failure) if failure.is_not_found() && batch.len() > 1 => {
                for id in batch {
                    unmark_one(client, id, &keys).await?;
                }
            }
            Err(failure) if failure.is_not_found() => {}
            answer => answer?,
        }
    }
    Ok(())
}

async fn unmark_one(client: &Client, id: &String, keys: &[String]) -> Outcome<()> {
    match client.call(|ec2| ec2.delete_tags(std::slice::from_ref(id), keys)).await {
        Err(failure) if failure.is_not_found() => Ok(()),
        answer => answer,
    }
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

/// How many objects one call takes a tag off. The service allows a thousand, and asks for less.
const TAG_BATCH: usize = 100;
