//! Mode, owner and group, which files, folders and links have in common.

use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use value::{Path, Type, Value};

use crate::connection::Way;
use crate::failure::Result;
use crate::session::{Host, Script};

pub const NAMES: [&str; 3] = ["mode", "owner", "group"];

/// What one line of `stat -c "%a %u %g %s %U %G %n"` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub mode: u32,
    pub uid: String,
    pub gid: String,
    pub size: i64,
    pub user: String,
    pub group: String,
}

/// What an object says of these attributes; those that are null or unknown are left as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owned {
    pub mode: Option<String>,
    pub owner: Option<String>,
    pub group: Option<String>,
}

/// Adds `mode`, `owner` and `group`.
pub fn with_attributes(block: Block, what: &str, default: &str) -> Block {
    let text = |description: String| Attribute::optional_computed(Type::String).described(description);
    block
        .with("mode", text(format!("The permission bits of {what} in three or four octal digits; {default} for a new one if not set.")))
        .with("owner", text(format!("The name or number of the user that {what} belongs to; if not set, who groma works as on the host.")))
        .with("group", text(format!("The name or number of the group that {what} belongs to.")))
}

pub fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(text) = config.text("mode").filter(|text| parse_mode(text).is_none()) {
        let detail = format!("{text:?} is not three or four octal digits, such as \"0644\".");
        diagnostics.push(attribute_error(&Path::from_attr("mode"), "Invalid mode", detail));
    }
    for name in ["owner", "group"] {
        let bad = |c: char| c.is_whitespace() || c.is_control() || ":/".contains(c);
        if let Some(text) =
            config.text(name).filter(|text| text.is_empty() || text.starts_with('-') || text.contains(bad))
        {
            let detail = format!("{text:?} is no name or number of a user or group.");
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid owner", detail));
        }
    }
    diagnostics
}

/// The planned object without what of these attributes only its host can tell; none if it can tell nothing.
pub(crate) fn without_open(planned: &Value) -> Option<Value> {
    let unknown = |name: &&str| planned.attr(name).is_some_and(|value| !value.is_known());
    NAMES.into_iter().filter(unknown).fold(None, |cleared, name| {
        let object = cleared.as_ref().unwrap_or(planned);
        Some(object.with_attr(name, Value::null(Type::String)))
    })
}

/// Reads permission bits: three or four octal digits.
pub fn parse_mode(text: &str) -> Option<u32> {
    let octal = (3..=4).contains(&text.len()) && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    octal.then(|| u32::from_str_radix(text, 8).ok()).flatten()
}

/// Gives a path its mode and owner.
pub async fn change(host: &Host, path: &str, owned: &Owned) -> Result<()> {
    let script = Script::change(r#"own "$owner" "$R$p" && { [ -z "$mode" ] || chmod "$mode" "$R$p"; }"#)
        .var("p", path)
        .var("mode", owned.mode.as_deref().unwrap_or_default())
        .var("owner", owned.chown());
    host.must(script, &format!("change the owner and mode of {path}")).await.map(|_| ())
}

impl Stat {
    /// The path, and what is said of it.
    pub fn parse(line: &str) -> Option<(&str, Self)> {
        let mut parts = line.splitn(7, ' ');
        let mut next = || parts.next();
        let stat = Self {
            mode: u32::from_str_radix(next()?, 8).ok()?,
            uid: next()?.to_owned(),
            gid: next()?.to_owned(),
            size: next()?.parse().ok()?,
            user: next()?.to_owned(),
            group: next()?.to_owned(),
        };
        Some((next()?, stat))
    }
}

impl Owned {
    pub fn of(object: &Value) -> Self {
        let text = |name: &str| object.text(name).map(str::to_owned);
        Self { mode: text("mode"), owner: text("owner"), group: text("group") }
    }

    /// `OWNER:GROUP`, either of which may be empty.
    pub fn chown(&self) -> String {
        format!("{}:{}", self.owner.as_deref().unwrap_or_default(), self.group.as_deref().unwrap_or_default())
    }

    /// What was seen, in the words that are known where they mean the same.
    pub async fn observed(host: &Host, object: &Value, stat: &Stat) -> Result<Self> {
        let known = Self::of(object);
        let mode = match known.mode {
            Some(mode) if parse_mode(&mode) == Some(stat.mode) => mode,
            _ => format!("{:04o}", stat.mode),
        };
        // A folder that stands for a host, used without root's rights, cannot hold owners: they are as was asked for.
        if matches!(host.connection().way, Way::Root(_)) && host.greeting().await?.uid != 0 {
            let or_root = |name: Option<String>| Some(name.unwrap_or_else(|| "root".into()));
            return Ok(Self { mode: Some(mode), owner: or_root(known.owner), group: or_root(known.group) });
        }
        let name = |known: Option<String>, name: &str, number: &str| match known {
            Some(known) if known == name || known == number => known,
            _ if name == "UNKNOWN" => number.to_owned(),
            _ => name.to_owned(),
        };
        Ok(Self {
            mode: Some(mode),
            owner: Some(name(known.owner, &stat.user, &stat.uid)),
            group: Some(name(known.group, &stat.group, &stat.gid)),
        })
    }

    /// The object with these attributes.
    pub fn onto(self, object: &Value) -> Value {
        let text = |text: Option<String>| text.map_or(Value::null(Type::String), Value::string);
        NAMES
            .into_iter()
            .zip([self.mode, self.owner, self.group])
            .fold(object.clone(), |object, (name, value)| object.with_attr(name, text(value)))
    }
}
