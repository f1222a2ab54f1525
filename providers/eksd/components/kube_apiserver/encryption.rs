//! The keys that secrets are encrypted with at rest.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diag::Diagnostics;
use provider::simple::Access;
use value::{Type, Value};

use crate::unit::wrong;

pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if config.is_unset("encryption_keys") {
        if config.is_unset("encryption_provider_config") {
            diagnostics.push(wrong(
                "encryption_keys",
                "Secrets would lie in etcd as they are: give at least one key (a random_bytes of 32 bytes), the path of your own \
                 file in encryption_provider_config, or set that to \"\" if that is meant.",
            ));
        }
        return diagnostics;
    }
    let mut names = Vec::new();
    for key in config.elements("encryption_keys") {
        let name = key.text("name").unwrap_or("k");
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
            diagnostics.push(wrong(
                "encryption_keys",
                "A key's name has other characters than letters, digits, - _ and . in it.",
            ));
        }
        if key.text("name").is_some() && names.contains(&name) {
            diagnostics.push(wrong("encryption_keys", format!("There are two keys of the name {name:?}.")));
        }
        names.push(name);
        if key.text("secret").is_some_and(|secret| {
            STANDARD.decode(secret).is_ok_and(|bytes| bytes.len() != 32) || STANDARD.decode(secret).is_err()
        }) {
            diagnostics.push(wrong("encryption_keys", "A key's secret is not 32 bytes in base64."));
        }
    }
    if names.is_empty() && config.attr("encryption_keys").is_some_and(Value::is_known) {
        diagnostics.push(wrong("encryption_keys", "There is no key in it."));
    }
    diagnostics
}

/// The `EncryptionConfiguration`: the keys, then what reads values that were written before there were any.
pub(super) fn render(object: &Value) -> String {
    let mut text = String::from(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n  - resources:\n",
    );
    for resource in object.texts("encrypted_resources") {
        let _ = writeln!(text, "      - {resource}");
    }
    text.push_str("    providers:\n      - secretbox:\n          keys:\n");
    for key in object.elements("encryption_keys") {
        let part = |name: &str| key.text(name).unwrap_or_default();
        let _ = write!(
            text,
            "            - name: {:?}\n              secret: {:?}\n",
            part("name"),
            part("secret")
        );
    }
    text.push_str("      - identity: {}\n");
    text
}

/// The object with the keys and resources of a file that could be ours to the letter; a file of somebody else says nothing.
pub(super) fn adopted(object: &Value, text: Option<&str>) -> Value {
    let seen = seen(object, text);
    if text == Some(render(&seen).as_str()) { seen } else { object.clone() }
}

/// The object with the keys and resources that a file has; what is in it otherwise shows as a key of that name.
pub(super) fn seen(object: &Value, text: Option<&str>) -> Value {
    let keys = object.attr("encryption_keys").map_or(Type::Dynamic, Value::ty);
    let Some(text) = text else { return object.with_attr("encryption_keys", Value::null(keys)) };
    let value = |line: &str, name: &str| {
        let line = line.trim().trim_start_matches("- ");
        line.strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(':'))
            .map(|rest| rest.trim().trim_matches('"').to_owned())
    };
    let (mut found, mut resources) = (Vec::new(), Vec::new());
    let (mut name, mut listing) = (None, false);
    for line in text.lines() {
        if let Some(is) = value(line, "name") {
            name = Some(is);
        } else if let Some(secret) = value(line, "secret") {
            let name = name.take().unwrap_or_default();
            found.push(Value::object_of([("name", Value::string(name)), ("secret", Value::string(secret))]));
        } else if value(line, "resources").is_some() {
            listing = true;
        } else if value(line, "providers").is_some() {
            listing = false;
        } else if let Some(resource) = line.trim().strip_prefix("- ").filter(|_| listing) {
            resources.push(Value::string_nfc(resource));
        }
    }
    let element = keys.element().cloned().unwrap_or(Type::Dynamic);
    let seen = object
        .with_attr("encryption_keys", Value::list(element.clone(), found))
        .with_attr("encrypted_resources", Value::list(Type::String, resources));
    if render(&seen) == text || render(&seen) != render(object) {
        return seen;
    }
    let note =
        [("name", Value::string("(the file has something else in it)")), ("secret", Value::string(""))];
    seen.with_attr("encryption_keys", Value::list(element, vec![Value::object_of(note)]))
}
