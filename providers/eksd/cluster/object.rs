//! Kubernetes objects as they are written down: YAML documents, and texts that name them.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::Access;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use value::Value;
use value::json::to_plain_json;

/// What names an object: `VERSION KIND NAMESPACE NAME` as text, with `-` where no namespace is said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub api_version: String,
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
}

/// An object that is to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub name: Name,
    pub json: Json,
}

/// The objects that `yaml` or `manifest` of a configuration holds; none while they are not known.
pub(super) fn documents(object: &Value) -> Option<Result<Vec<Document>, String>> {
    let known = |name: &str| object.attr(name).is_none_or(Value::is_wholly_known);
    if !["yaml", "manifest", "namespace"].into_iter().all(known) {
        return None;
    }
    let namespace = object.text("namespace");
    if let Some(text) = object.text("yaml") {
        return Some(parse(text, namespace));
    }
    let manifest = object.attr("manifest").filter(|value| !value.is_null())?;
    let json = to_plain_json(manifest).map_err(|error| error.to_string());
    let json = json.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    Some(json.and_then(|json| checked(vec![json], namespace)))
}

/// The objects of a text of YAML documents.
fn parse(text: &str, namespace: Option<&str>) -> Result<Vec<Document>, String> {
    // As kubectl reads them: a mode of 0644 is 420.
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    let documents: Vec<Json> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(|error| error.to_string())?;
    checked(documents, namespace)
}

fn checked(documents: Vec<Json>, namespace: Option<&str>) -> Result<Vec<Document>, String> {
    let mut found = Vec::new();
    for (index, json) in documents.into_iter().enumerate() {
        let at = |reason: String| format!("Document {}: {reason}", index + 1);
        let is_list =
            json["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) && json["items"].is_array();
        match json {
            Json::Null => {}
            Json::Object(mut list) if is_list => {
                let items = list.remove("items");
                for item in items.as_ref().and_then(Json::as_array).into_iter().flatten() {
                    found.push(Document::new(item.clone(), namespace).map_err(at)?);
                }
            }
            json => found.push(Document::new(json, namespace).map_err(at)?),
        }
    }
    if found.is_empty() {
        return Err("It holds no object.".into());
    }
    let mut names = HashSet::new();
    match found.iter().find(|document| !names.insert(&document.name)) {
        Some(twice) => Err(format!("It holds {} twice.", twice.name)),
        None => Ok(found),
    }
}

impl Document {
    fn new(mut json: Json, namespace: Option<&str>) -> Result<Self, String> {
        let text = |json: &Json, what: &str| match json.as_str() {
            Some(text) if !text.is_empty() && !text.contains(char::is_whitespace) => Ok(text.to_owned()),
            _ => Err(format!("it has no {what}.")),
        };
        let name = Name {
            api_version: text(&json["apiVersion"], "apiVersion")?,
            kind: text(&json["kind"], "kind")?,
            name: text(&json["metadata"]["name"], "metadata.name")?,
            namespace: json["metadata"]["namespace"].as_str().or(namespace).map(str::to_owned),
        };
        if let Some(object) = json.as_object_mut() {
            // What the server says of it is nothing to ask for.
            object.remove("status");
            if name.is_secret() {
                encode_texts(object);
            }
        }
        Ok(Self { name, json })
    }

    /// What there is to see of it: secrets by their digests.
    pub(super) fn shown(&self) -> String {
        shown(&self.name, &self.json)
    }
}

/// An object as text; of a secret's values only the digests.
pub(super) fn shown(name: &Name, json: &Json) -> String {
    let mut json = json.clone();
    if name.is_secret()
        && let Some(data) = json.get_mut("data").and_then(Json::as_object_mut)
    {
        for value in data.values_mut() {
            let digest: String = Sha256::digest(value.as_str().unwrap_or_default())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            *value = Json::from(format!("sha256:{digest}"));
        }
    }
    json.to_string()
}

/// `stringData` as `data`, which is all that the API answers.
fn encode_texts(secret: &mut Map<String, Json>) {
    let Some(Json::Object(texts)) = secret.remove("stringData") else { return };
    let data = secret.entry("data").or_insert_with(|| Json::Object(Map::new()));
    if let Some(data) = data.as_object_mut() {
        for (key, text) in texts {
            data.insert(key, Json::from(STANDARD.encode(text.as_str().unwrap_or_default())));
        }
    }
}

impl Name {
    fn is_secret(&self) -> bool {
        self.api_version == "v1" && self.kind == "Secret"
    }

    /// Namespaces and definitions of kinds come first: others may need them.
    pub(super) fn rank(&self) -> u8 {
        match self.kind.as_str() {
            "Namespace" => 0,
            "CustomResourceDefinition" => 1,
            "PriorityClass" | "StorageClass" | "RuntimeClass" => 2,
            "ServiceAccount" | "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding"
            | "ConfigMap" | "Secret" => 3,
            _ => 4,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespace = self.namespace.as_deref().unwrap_or("-");
        write!(f, "{} {} {namespace} {}", self.api_version, self.kind, self.name)
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split(' ').collect::<Vec<_>>().as_slice() {
            [api_version, kind, namespace, name]
                if ![api_version, kind, namespace, name].iter().any(|part| part.is_empty()) =>
            {
                Ok(Self {
                    api_version: (*api_version).to_owned(),
                    kind: (*kind).to_owned(),
                    namespace: Some((*namespace).to_owned()).filter(|namespace| namespace != "-"),
                    name: (*name).to_owned(),
                })
            }
            _ => Err(format!(
                "{text:?} has not the form \"VERSION KIND NAMESPACE NAME\" (\"-\" for no namespace)"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_as_kubectl_reads_them() {
        let text = "---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n\
            apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: b}\nspec: {replicas: 2, x: 0.5, y: \"on\", mode: 0644}\nstatus: {a: 1}\n";
        let read = parse(text, Some("c")).expect("are objects");
        let names: Vec<_> = read.iter().map(|document| document.name.to_string()).collect();
        assert_eq!(names, ["v1 Namespace c a", "apps/v1 Deployment b d"]);
        assert_eq!(
            read[1].json["spec"],
            serde_json::json!({"replicas": 2, "x": 0.5, "y": "on", "mode": 420})
        );
        assert!(read[1].json.get("status").is_none());
        assert_eq!(names[1].parse::<Name>().as_ref(), Ok(&read[1].name));
    }

    #[test]
    fn secrets_show_as_digests() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\ndata: {a: QQ==}\n";
        let read = parse(text, None).expect("is one");
        assert_eq!(read[0].json["data"], serde_json::json!({"a": "QQ==", "password": "aHVudGVyMg=="}));
        let shown = read[0].shown();
        assert!(
            shown.contains("sha256:") && !shown.contains("aHVudGVyMg") && !shown.contains("hunter2"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_no_object_is_said() {
        let table = [
            ("", "It holds no object."),
            ("a: b", "Document 1: it has no apiVersion."),
            (
                "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}",
                "Document 1: it has no metadata.name.",
            ),
            (
                "{apiVersion: v1, kind: A, metadata: {name: a}}\n---\n{apiVersion: v1, kind: A, metadata: {name: a}}",
                "It holds v1 A - a twice.",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text, None), Err(expected.to_owned()));
        }
        assert!(parse("a: [", None).is_err());
        assert!("v1 Pod a".parse::<Name>().is_err());
    }
}
