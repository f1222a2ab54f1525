//! What can be said of a user.

use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use value::{Path, Type, Value};

use super::dates;
use crate::paths;
use crate::resources::accounts;

pub(super) fn block() -> Block {
    let text = |description: &str| Attribute::optional_computed(Type::String).described(description);
    let flag = |description: &str| Attribute::optional(Type::Bool).described(description);
    Block::default()
        .described(
            "A user on a host. A user who was there before is taken over, and is put back as found when the resource is destroyed; \
             one that was imported stays. The home of a user who is removed stays, unless `remove_home` is set.",
        )
        .with("name", Attribute::required(Type::String).described("The user's name."))
        .with("uid", Attribute::optional_computed(Type::Number).described(
            "The user's number; the host chooses one if not set. When it changes, the files in the home get the new one.",
        ))
        .with("group", text(
            "The name or number of the user's own group, which must exist; if not set, one of the user's name, which is made if \
             there is none.",
        ))
        .with("groups", Attribute::optional(Type::set(Type::String)).described(
            "The names of further groups that the user is in, which must exist. Those that the user is in besides are left, \
             unless `groups_exclusive` is set. If not set, groups are left to others.",
        ))
        .with("groups_exclusive", flag(
            "Whether the user is in no other groups than its own and `groups`. False if not set.",
        ))
        .with("home", text("The path of the user's home; the host's default, usually `/home/NAME`, if not set. When it changes, the home moves."))
        .with("create_home", Attribute::optional_computed(Type::Bool).described(
            "Whether the home is made where it is missing, with what is in `/etc/skel`. If not set: true, but for `system` users.",
        ))
        .with("remove_home", flag(
            "Whether destroying the resource removes the home with all that is in it, of a user that was not there before. False \
             if not set.",
        ))
        .with("shell", text("The path of the shell, which must exist; if not set, the host's default, and `nologin` for `system` users."))
        .with("comment", text("The user's full name, or what the user is for."))
        .with("system", flag(
            "Whether the user is one of the system: the host chooses a number among those of the system. It matters only when \
             the user is made.",
        ))
        .with("locked", Attribute::optional_computed(Type::Bool).described(
            "Whether the password is locked: it stays, but nobody can log in with it, and some SSH servers refuse keys, too. If \
             not set: false where there is a `password_hash`, else as it is.",
        ))
        .with("password_hash", Attribute::optional(Type::String).sensitive().described(
            "The hash of the password as `/etc/shadow` has it, such as `mkpasswd` or `openssl passwd -6` print it. If not set, \
             the password is left as it is.",
        ))
        .with("expires", Attribute::optional(Type::String).described(
            "The day, such as \"2027-01-31\", from which on the user cannot log in; never if not set.",
        ))
}

pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = accounts::validate_name(config, "name");
    diagnostics.extend(accounts::validate_id(config, "uid"));
    for name in ["home", "shell"] {
        diagnostics.extend(paths::validate(config, name));
    }
    let mut wrong = |name: &str, detail: String| {
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid user", detail));
    };
    for name in ["home", "shell", "comment"] {
        if config.text(name).is_some_and(|text| text.contains(|c: char| c == ':' || c.is_control())) {
            wrong(name, "Colons and control characters cannot be in it.".into());
        }
    }
    if let Some(text) = config.text("group").filter(|text| text.parse::<u32>().is_err())
        && let Some(problem) = accounts::name_problem(text)
    {
        wrong("group", problem);
    }
    for text in config.texts("groups") {
        if let Some(problem) = accounts::name_problem(text) {
            wrong("groups", problem);
        }
    }
    if config.flag("groups_exclusive") == Some(true) && config.is_unset("groups") {
        wrong("groups_exclusive", "It needs `groups`, which may be an empty list.".into());
    }
    if config.text("password_hash").is_some_and(|text| !is_hash(text)) {
        wrong(
            "password_hash",
            "It is no hash of a password, which begins with `$`: make one with `mkpasswd` or `openssl passwd -6`.".into(),
        );
    }
    if let Some(text) = config.text("expires").filter(|text| dates::days(text).is_none()) {
        wrong("expires", format!("{text:?} is no date such as \"2027-01-31\"."));
    }
    diagnostics
}

fn is_hash(text: &str) -> bool {
    text.starts_with('$') && text.len() > 10 && text.chars().all(|c| c.is_ascii_graphic() && c != ':')
}
