use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The fields that a plan in JSON changes: `address: field`.
pub fn changed_fields(plan: &Value) -> Vec<String> {
    let changes = plan["resource_changes"].as_array().expect("a plan has changes");
    let mut found = BTreeSet::new();
    for change in changes.iter().filter(|change| change["change"]["actions"] != json!(["no-op"])) {
        let address = change["address"].as_str().expect("a change has an address");
        differing(&change["change"]["before"], &change["change"]["after"], "", &mut |path| {
            found.insert(format!("{address}: {path}"));
        });
    }
    found.into_iter().collect()
}

fn differing(before: &Value, after: &Value, path: &str, found: &mut impl FnMut(&str)) {
    match (before, after) {
        (Value::Object(b), Value::Object(a)) => {
            for name in b.keys().chain(a.keys()).collect::<BTreeSet<_>>() {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                differing(
                    &b.get(name).cloned().unwrap_or_default(),
                    &a.get(name).cloned().unwrap_or_default(),
                    &path,
                    found,
                );
            }
        }
        _ if before == after => {}
        _ => found(path),
    }
}
