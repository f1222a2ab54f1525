use serde::Serialize;
use serde_json::value::RawValue;
use value::{Path, PathStep, Value, json};

use super::JsonError;
use super::masks::{omit_unknowns, sensitive_mask, unknown_mask};
use crate::action::Action;

/// The `change` object of resources and outputs.
#[derive(Serialize)]
pub struct ChangeJson {
    actions: &'static [&'static str],
    before: Box<RawValue>,
    /// Absent when nothing of it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Box<RawValue>>,
    after_unknown: Box<RawValue>,
    before_sensitive: Box<RawValue>,
    after_sensitive: Box<RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replace_paths: Vec<Vec<Box<RawValue>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importing: Option<ImportingJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generated_config: Option<String>,
}

#[derive(Serialize)]
pub struct ImportingJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unknown: bool,
}

/// The words for an action, in the order in which things happen.
pub fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::DeleteThenCreate => &["delete", "create"],
        Action::CreateThenDelete => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

/// Renders the change of a resource: unknown parts are left out of `after` and are `true` in `after_unknown`.
pub fn change_json(change: &crate::ResourceChange) -> Result<ChangeJson, JsonError> {
    let fail = |reason: String| JsonError::Value { address: change.address.to_string(), reason };
    let mut out = object_change(change.action, &change.before, &change.after).map_err(fail)?;
    out.replace_paths =
        change.required_replace.iter().map(path_json).collect::<Result<_, _>>().map_err(fail)?;
    out.importing = change.importing.as_ref().map(|importing| ImportingJson {
        id: importing.id.as_ref().map(ToString::to_string),
        unknown: importing.id.is_none(),
    });
    out.generated_config.clone_from(&change.generated_config);
    Ok(out)
}

/// Renders the change of an output. Terraform gives its sensitivity as a whole.
pub(super) fn output_change_json(change: &crate::OutputChange) -> Result<ChangeJson, JsonError> {
    let fail = |reason: String| JsonError::Value { address: format!("output.{}", change.name), reason };
    let mut out = object_change(change.action, &change.before, &change.after).map_err(fail)?;
    let sensitive = Value::bool(change.sensitive);
    out.before_sensitive = plain(&sensitive).map_err(fail)?;
    out.after_sensitive = plain(&sensitive).map_err(fail)?;
    // Unlike a resource's, an output's mask of a known value is one `false`, however deep the value.
    let mask = if change.after.is_wholly_known() { Value::bool(false) } else { unknown_mask(&change.after) };
    out.after_unknown = plain(&mask).map_err(fail)?;
    Ok(out)
}

fn object_change(action: Action, before: &Value, after: &Value) -> Result<ChangeJson, String> {
    let unknown =
        if after.is_wholly_known() { Value::object(value::Entries::new()) } else { unknown_mask(after) };
    Ok(ChangeJson {
        actions: actions(action),
        before: plain(before)?,
        after: omit_unknowns(after).as_ref().map(plain).transpose()?,
        after_unknown: plain(&unknown)?,
        before_sensitive: plain(&sensitive_mask(before))?,
        after_sensitive: plain(&sensitive_mask(after))?,
        replace_paths: Vec::new(),
        importing: None,
        generated_config: None,
    })
}

/// A path as an array of names, keys and indices.
pub(super) fn path_json(path: &Path) -> Result<Vec<Box<RawValue>>, String> {
    path.0
        .iter()
        .map(|step| match step {
            PathStep::Attr(name) => plain(&Value::string(name.clone())),
            PathStep::Index(key) => plain(key),
        })
        .collect()
}

/// Plain JSON of a known value, marks ignored.
pub(super) fn plain(value: &Value) -> Result<Box<RawValue>, String> {
    let text = json::to_plain_json(&value.unmark_deep()).map_err(|e| e.to_string())?;
    RawValue::from_string(text).map_err(|e| e.to_string())
}
