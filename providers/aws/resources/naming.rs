//! Names that are given, or made from a prefix.

use value::Value;

use crate::object::Object;
use crate::plan::Planning;

/// Plans the prefix of an object whose name is given: there is none.
pub fn adjust_plan(planning: &mut Planning<'_>, name: &str, prefix: &str) {
    if planning.is_creation() && planning.config.is_set(name) {
        planning.set(prefix, Value::string(""));
    }
}

/// The name of an object to be created: as given, or the prefix (`terraform-` where there is none) with 26 hexadecimal
/// digits of the operation's token, so that the same operation always means the same name.
pub fn name(planned: &Object, name: &str, prefix: &str, token: &str) -> String {
    if let Some(name) = planned.string(name) {
        return name;
    }
    let digits: String = token.chars().filter(char::is_ascii_hexdigit).take(26).collect();
    format!("{}{digits}", planned.str(prefix).unwrap_or("terraform-"))
}
