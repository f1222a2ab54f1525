use std::fmt;

use crate::Name;

/// Which instance of a resource or module: none for a single one, a number for `count`, a string for `for_each`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstanceKey {
    #[default]
    None,
    Int(u64),
    String(Name),
}

impl InstanceKey {
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl From<u64> for InstanceKey {
    fn from(n: u64) -> Self {
        Self::Int(n)
    }
}

impl From<&str> for InstanceKey {
    fn from(s: &str) -> Self {
        Self::String(s.into())
    }
}

/// Nothing, `[0]` or `["key"]`.
impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Int(n) => write!(f, "[{n}]"),
            Self::String(s) => {
                f.write_str("[\"")?;
                write_escaped(f, s)?;
                f.write_str("\"]")
            }
        }
    }
}

/// Writes a string as the inside of a quoted HCL literal: quotes, backslashes, newlines and template introducers escaped.
fn write_escaped(f: &mut fmt::Formatter<'_>, s: &str) -> fmt::Result {
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '$' | '%' if chars.peek() == Some(&'{') => write!(f, "{c}{c}")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    Ok(())
}
