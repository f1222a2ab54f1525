//! What users and groups have in common.

use diag::Diagnostics;
use provider::attribute_error;
use provider::simple::Access;
use value::{Path, Type, Value};

/// Functions of sh that read and change the files of users and groups.
pub(super) const EDIT: &str = include_str!("accounts/accounts.sh");

/// A line of `/etc/group`.
pub(super) struct GroupLine<'a> {
    pub name: &'a str,
    pub gid: &'a str,
    pub members: Vec<&'a str>,
}

/// The lines of `/etc/group`.
pub(super) fn groups(text: &str) -> impl Iterator<Item = GroupLine<'_>> {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _, gid) = (fields.next()?, fields.next()?, fields.next()?);
        let members = fields.next().unwrap_or_default().split(',').filter(|name| !name.is_empty()).collect();
        Some(GroupLine { name, gid, members })
    })
}

pub(super) fn name_set<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    Value::set(Type::String, names.into_iter().map(Value::string_nfc).collect())
}

/// What is wrong with the name of a user or group.
pub(super) fn name_problem(text: &str) -> Option<String> {
    let letter = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let good = (1..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(letter);
    (!good).then(|| {
        format!(
            "{text:?} is no name of a user or group: a letter or underscore, then letters, digits, dots, underscores and \
             dashes, 32 at the most."
        )
    })
}

pub(super) fn validate_name(config: &Value, attribute: &str) -> Diagnostics {
    match config.text(attribute).and_then(name_problem) {
        Some(problem) => attribute_error(&Path::from_attr(attribute), "Invalid name", problem).into(),
        None => Diagnostics::new(),
    }
}

pub(super) fn validate_id(config: &Value, attribute: &str) -> Diagnostics {
    let number = config.attr(attribute).filter(|value| value.is_known() && !value.is_null());
    match number.filter(|number| !number.as_i64().is_some_and(|id| (0..=4_294_967_294).contains(&id))) {
        Some(_) => {
            let detail = "It is a whole number between 0 and 4294967294.";
            attribute_error(&Path::from_attr(attribute), "Invalid number", detail).into()
        }
        None => Diagnostics::new(),
    }
}
