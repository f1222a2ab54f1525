//! `signatures.json` holds the names and types of Terraform's functions and their parameters, as `terraform metadata
//! functions -json` prints them.

use serde_json::{Value, json};

use super::super::{lookup, names, signatures};

fn recorded() -> serde_json::Map<String, Value> {
    serde_json::from_str(include_str!("signatures.json")).expect("the file is an object")
}

#[test]
fn names_are_terraforms() {
    let recorded = recorded();
    assert_eq!(names(), recorded.keys().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(names().len(), 118);
}

#[test]
fn a_function_is_found_with_and_without_its_namespace() {
    for name in ["upper", "core::upper"] {
        assert_eq!(lookup(name).map(super::super::Function::name), Some("upper"));
    }
    assert!(lookup("core::core::upper").is_none());
    assert!(lookup("nope").is_none());
}

#[test]
fn signatures_are_terraforms() {
    let ours = serde_json::to_value(signatures()).expect("signatures are plain data");
    assert_eq!(ours["format_version"], "1.0");
    for (name, expected) in recorded() {
        let mut ours = ours["function_signatures"][&name].clone();
        forget_descriptions(&mut ours);
        assert_eq!(ours, expected, "{name}");
    }
}

#[test]
fn every_function_is_described_in_a_sentence() {
    for name in names() {
        let description = lookup(name).map(|f| f.description().to_owned()).unwrap_or_default();
        assert!(description.ends_with('.') && description.len() > 20, "{name}: {description}");
    }
}

fn forget_descriptions(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("description");
            object.values_mut().for_each(forget_descriptions);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_descriptions),
        other => debug_assert!(other != &json!({})),
    }
}
