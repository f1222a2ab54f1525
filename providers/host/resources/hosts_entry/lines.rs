//! Lines of `/etc/hosts`.

use std::net::{IpAddr, Ipv6Addr};

use crate::paths;

/// Functions of sh that find, write and remove one line.
pub(in crate::resources) const EDIT: &str = include_str!("edit.sh");

/// A line with an address.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::resources) struct Line<'a> {
    pub address: &'a str,
    pub names: Vec<&'a str>,
    /// Whose line of ours it is.
    pub mark: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(in crate::resources) fn parse(line: &'a str) -> Option<Self> {
        let (fields, comment) = line.split_once('#').unwrap_or((line, ""));
        let mut fields = fields.split_whitespace();
        let address = fields.next()?;
        let mark = comment.strip_prefix(" groma ").map(str::trim_end);
        Some(Self { address, names: fields.collect(), mark })
    }

    /// The line with the mark of an entry, else one without mark that has its address and first name.
    fn position(lines: &[Self], entry: &str) -> Option<usize> {
        let mark = mark_of(entry);
        let (address, name) = entry.split_once(' ')?;
        lines.iter().position(|line| line.mark == Some(&mark)).or_else(|| {
            let theirs = |line: &Self| line.mark.is_none() && line.address == address;
            lines.iter().position(|line| theirs(line) && line.names.first() == Some(&name))
        })
    }

    pub(super) fn find<'l>(lines: &'l [Self], entry: &str) -> Option<&'l Self> {
        lines.get(Self::position(lines, entry)?)
    }
}

/// What the line of an entry ends in, after `# groma `.
pub(super) fn mark_of(entry: &str) -> String {
    let mut mark = paths::key(entry);
    mark.truncate(8);
    mark
}

/// A line of ours.
pub(in crate::resources) fn line(address: &str, names: &[&str], mark: &str) -> String {
    format!("{address} {} # groma {mark}", names.join(" "))
}

/// Whether two spellings of an address mean the same.
pub(in crate::resources) fn same_address(a: &str, b: &str) -> bool {
    a == b || matches!((a.parse::<IpAddr>(), b.parse::<IpAddr>()), (Ok(a), Ok(b)) if a == b)
}

/// Whether a text is an address; an IPv6 one may say its link (`fe80::1%eth0`).
pub(in crate::resources) fn is_address(text: &str) -> bool {
    match text.split_once('%') {
        Some((address, link)) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            address.parse::<Ipv6Addr>().is_ok() && !link.is_empty() && link.chars().all(plain)
        }
        None => text.parse::<IpAddr>().is_ok(),
    }
}

/// Whether a text can be a host's name.
pub(in crate::resources) fn is_name(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && !text.starts_with(['-', '.'])
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}
