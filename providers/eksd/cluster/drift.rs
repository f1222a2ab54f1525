//! How an object that is there differs from the one that was applied, in exactly the fields that were applied.

use serde_json::{Map, Value as Json};

/// The live object restricted to the fields of `applied`. `made` is what applying it now would make of the live one: where
/// that is what is there, nothing drifted, however the server writes it, and the words of `applied` stay.
pub(super) fn restricted(applied: &Json, made: &Json, live: &Json) -> Json {
    if made == live {
        return applied.clone();
    }
    match (applied, made, live) {
        (Json::Object(applied), Json::Object(made), Json::Object(live)) => {
            let mut seen = Map::new();
            for (key, value) in applied {
                match (made.get(key), live.get(key)) {
                    // Fields that the server keeps to itself.
                    (None, None) => drop(seen.insert(key.clone(), value.clone())),
                    (_, None) => {}
                    (made, Some(live)) => {
                        seen.insert(key.clone(), restricted(value, made.unwrap_or(&Json::Null), live));
                    }
                }
            }
            Json::Object(seen)
        }
        (Json::Array(applied), Json::Array(made), Json::Array(live)) => match key_of(applied, made, live) {
            Some(key) => keyed(key, applied, made, live),
            None if applied.len() == made.len() && made.len() == live.len() => {
                let all = applied.iter().zip(made).zip(live);
                Json::Array(all.map(|((applied, made), live)| restricted(applied, made, live)).collect())
            }
            None => Json::Array(live.clone()),
        },
        (_, _, live) => live.clone(),
    }
}

/// Lists whose elements have a key: those of others stay out of sight.
fn keyed(key: &str, applied: &[Json], made: &[Json], live: &[Json]) -> Json {
    let find = |list: &'_ [Json], wanted: &Json| list.iter().position(|element| element[key] == *wanted);
    let mut seen: Vec<Json> = Vec::new();
    for element in applied {
        if let Some(at) = find(live, &element[key]) {
            let null = Json::Null;
            let made = find(made, &element[key]).and_then(|at| made.get(at)).unwrap_or(&null);
            seen.push(live.get(at).map_or(Json::Null, |live| restricted(element, made, live)));
        }
    }
    // What applying would remove is ours, too.
    seen.extend(live.iter().filter(|element| find(made, &element[key]).is_none()).cloned());
    Json::Array(seen)
}

/// What tells the elements of all three lists apart.
fn key_of(applied: &[Json], made: &[Json], live: &[Json]) -> Option<&'static str> {
    KEYS.into_iter().find(|key| {
        !applied.is_empty()
            && [applied, made, live].into_iter().all(|list| {
                let mut seen = Vec::new();
                list.iter().all(|element| {
                    let value = &element[*key];
                    let fresh = (value.is_string() || value.is_number()) && !seen.contains(&value);
                    seen.push(value);
                    fresh
                })
            })
    })
}

/// The keys of lists in Kubernetes' own kinds.
const KEYS: [&str; 10] =
    ["name", "mountPath", "devicePath", "containerPort", "port", "ip", "key", "type", "uid", "topologyKey"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_applied_and_differs_shows() {
        let table = [
            (
                "the server's way of writing",
                json!({"cpu": "1000m"}),
                json!({"cpu": "1"}),
                json!({"cpu": "1"}),
                json!({"cpu": "1000m"}),
            ),
            (
                "another value",
                json!({"a": 1}),
                json!({"a": 1, "z": 0}),
                json!({"a": 2, "z": 0}),
                json!({"a": 2}),
            ),
            (
                "defaults and others' fields",
                json!({"a": 1}),
                json!({"a": 1, "b": 2}),
                json!({"a": 1, "b": 3}),
                json!({"a": 1}),
            ),
            (
                "a field that went",
                json!({"a": 1, "b": 1}),
                json!({"a": 1, "b": 1}),
                json!({"a": 1}),
                json!({"a": 1}),
            ),
            (
                "a field that the server keeps to itself",
                json!({"a": 1, "w": "x"}),
                json!({"a": 1}),
                json!({"a": 2}),
                json!({"a": 2, "w": "x"}),
            ),
            (
                "elements by name, others' stay out of sight",
                json!([{"name": "a", "v": 1}, {"name": "b", "v": 1}]),
                json!([{"name": "x", "v": 0}, {"name": "a", "v": 1, "d": 0}, {"name": "b", "v": 1}]),
                json!([{"name": "x", "v": 0}, {"name": "a", "v": 2, "d": 0}]),
                json!([{"name": "a", "v": 2}]),
            ),
            (
                "an element that applying would remove",
                json!([{"name": "a"}]),
                json!([{"name": "a"}]),
                json!([{"name": "a"}, {"name": "m"}]),
                json!([{"name": "a"}, {"name": "m"}]),
            ),
            ("plain lists", json!(["a", "b"]), json!(["a", "b"]), json!(["a"]), json!(["a"])),
            ("plain lists of a length", json!([1, 2]), json!([1, 2]), json!([1, 3]), json!([1, 3])),
            (
                "another type",
                json!({"a": {"b": 1}}),
                json!({"a": {"b": 1}}),
                json!({"a": "x"}),
                json!({"a": "x"}),
            ),
        ];
        for (why, applied, made, live, expected) in table {
            assert_eq!(restricted(&applied, &made, &live), expected, "{why}");
        }
    }
}
