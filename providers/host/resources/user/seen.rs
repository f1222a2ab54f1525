//! Reading users.

use provider::simple::Access;
use value::{Type, Value};

use super::dates;
use crate::failure::{Failure, Result};
use crate::resources::accounts;
use crate::session::{Host, Script};

const LOOK: &str = include_str!("look.sh");

/// What a host says of its users.
struct Users<'a> {
    passwd: Vec<Vec<&'a str>>,
    groups: Vec<accounts::GroupLine<'a>>,
    /// Lines of name, hash and day of expiry.
    shadow: Vec<Vec<&'a str>>,
    /// Whose homes are there.
    homes: Vec<&'a str>,
}

/// Users as they are, in order.
pub(super) async fn read_all(host: &Host, current: &[Value]) -> Vec<Result<Value>> {
    let names = current.iter().map(|object| {
        let plus = if object.is_unset("password_hash") { "" } else { "+" };
        format!("{plus}{}", object.text("name").unwrap_or_default())
    });
    match host.must(Script::read(LOOK).args(names), "read /etc/passwd").await {
        Ok(output) => {
            let text = output.text();
            let users = Users::parse(&text);
            current.iter().map(|object| Ok(users.seen(object))).collect()
        }
        Err(failure) => vec![Err::<Value, Failure>(failure); current.len()],
    }
}

impl<'a> Users<'a> {
    fn parse(text: &'a str) -> Self {
        let of = |kind: &'static str| text.lines().filter_map(move |line| line.strip_prefix(kind));
        let fields = |line: &'a str| line.split(':').collect::<Vec<_>>();
        Self {
            passwd: of("p:").map(fields).filter(|fields| fields.len() >= 7).collect(),
            groups: of("g:").flat_map(accounts::groups).collect(),
            shadow: of("s:").map(fields).filter(|fields| fields.len() >= 3).collect(),
            homes: of("h:").collect(),
        }
    }

    fn seen(&self, object: &Value) -> Value {
        let name = object.text("name").unwrap_or_default();
        let Some(passwd) = self.passwd.iter().find(|fields| fields[0] == name) else {
            return Value::null(object.ty());
        };
        // After an import, nothing else is known.
        let imported = object.is_unset("uid");
        let known_home = object.flag("create_home").unwrap_or(true);
        let mut seen = object
            .with_attr("uid", passwd[2].parse::<i64>().map_or(Value::null(Type::Number), Value::number))
            .with_attr("group", Value::string_nfc(self.group(object, passwd[3])))
            .with_attr("comment", Value::string_nfc(passwd[4]))
            .with_attr("home", Value::string_nfc(passwd[5]))
            .with_attr("shell", Value::string_nfc(passwd[6]))
            .with_attr("create_home", Value::bool(known_home && self.homes.contains(&name)));
        if imported || !object.is_unset("groups") {
            seen = seen.with_attr("groups", self.member_of(object, name));
        }
        if let Some(shadow) = self.shadow.iter().find(|fields| fields[0] == name) {
            seen = with_shadow(&seen, shadow, imported);
        }
        seen
    }

    /// The user's own group, by its number where that is how it is known.
    fn group(&self, object: &Value, gid: &'a str) -> &'a str {
        let group = self.groups.iter().find(|group| group.gid == gid).map_or(gid, |group| group.name);
        if object.text("group") == Some(gid) { gid } else { group }
    }

    /// The groups that a user is in; of those that were not asked for only where they matter.
    fn member_of(&self, object: &Value, name: &str) -> Value {
        let known = object.texts("groups");
        let all = object.is_unset("groups") || object.flag("groups_exclusive").unwrap_or(false);
        let groups = self.groups.iter().filter(|group| group.members.contains(&name));
        accounts::name_set(groups.map(|group| group.name).filter(|group| all || known.contains(group)))
    }
}

/// What `/etc/shadow` says: name, hash, day of expiry.
fn with_shadow(object: &Value, shadow: &[&str], imported: bool) -> Value {
    let (hash, day) = (shadow[1], shadow[2]);
    let mut seen = object.with_attr("locked", Value::bool(hash.starts_with('!')));
    if !object.is_unset("password_hash") {
        let hash = hash.trim_start_matches('!');
        let hash =
            if hash.is_empty() || hash == "*" { Value::null(Type::String) } else { Value::string(hash) };
        seen = seen.with_attr("password_hash", hash);
    }
    if imported || !object.is_unset("expires") {
        let date = day.parse().ok().map(dates::text);
        seen = seen.with_attr("expires", date.map_or(Value::null(Type::String), Value::string));
    }
    seen
}
