//! Addresses, networks and names of links, as configurations write them.

use std::net::IpAddr;

use diag::Diagnostics;
use provider::attribute_error;
use provider::simple::Access;
use value::{Path, Value};

/// An address with the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub address: IpAddr,
    pub length: u8,
}

impl Prefix {
    /// Reads `10.0.0.5/24`; an address alone is a network of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(digits) if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                return None;
            }
            Some(digits) => digits.parse().ok().filter(|length| *length <= most)?,
            None => most,
        };
        Some(Self { address, length })
    }

    /// Reads the destination of a route: a network, or `default` for all of IPv4.
    pub(crate) fn destination(text: &str) -> Option<Self> {
        let prefix = Self::parse(if text == "default" { "0.0.0.0/0" } else { text })?;
        prefix.is_network().then_some(prefix)
    }

    /// Whether all bits behind the prefix are zero.
    fn is_network(self) -> bool {
        match self.address {
            IpAddr::V4(address) => {
                u64::from(address.to_bits()).trailing_zeros().min(32) + u32::from(self.length) >= 32
            }
            IpAddr::V6(address) => address.to_bits().trailing_zeros() + u32::from(self.length) >= 128,
        }
    }

    /// Whether an address is in the same network.
    pub(crate) fn contains(self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                self.length == 0 || (a.to_bits() ^ b.to_bits()) >> (32 - u32::from(self.length)) == 0
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                self.length == 0 || (a.to_bits() ^ b.to_bits()) >> (128 - u32::from(self.length)) == 0
            }
            _ => false,
        }
    }

    /// Whether no host of the network can have the address: that of IPv4 networks themselves and of all in them.
    pub(crate) fn is_reserved(self) -> bool {
        let IpAddr::V4(address) = self.address else { return false };
        let hosts = u32::MAX.checked_shr(u32::from(self.length)).unwrap_or(0);
        self.length < 31 && (address.to_bits() & hosts == 0 || address.to_bits() & hosts == hosts)
    }

    /// The option of `ip` for the family.
    pub(crate) fn family(self) -> &'static str {
        if self.address.is_ipv4() { "-4" } else { "-6" }
    }
}

impl std::fmt::Display for Prefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// Whether two texts are the same address or network.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b
        || (Prefix::destination(a).is_some() && Prefix::destination(a) == Prefix::destination(b))
        || (Prefix::parse(a).is_some() && Prefix::parse(a) == Prefix::parse(b))
}

/// Whether a text can be the name of a link: what the kernel takes, and neither a shell nor systemd reads otherwise.
pub(crate) fn is_link(name: &str) -> bool {
    (1..=15).contains(&name.len())
        && name != "."
        && name != ".."
        && !name.starts_with('-')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
}

/// Refuses what is no name of a link.
pub(crate) fn validate_link(config: &Value, name: &'static str) -> Diagnostics {
    match config.text(name).filter(|text| !is_link(text)) {
        Some(text) => {
            let detail = format!(
                "{text:?} is no name of a network link, such as \"eth0\": at most 15 letters, digits and \"._-@\"."
            );
            attribute_error(&Path::from_attr(name), "Invalid link", detail).into()
        }
        None => Diagnostics::new(),
    }
}

/// Refuses what is no address.
pub(crate) fn validate_address(config: &Value, name: &'static str) -> Diagnostics {
    match config.text(name).filter(|text| text.parse::<IpAddr>().is_err()) {
        Some(text) => {
            let detail = format!("{text:?} is no IPv4 or IPv6 address.");
            attribute_error(&Path::from_attr(name), "Invalid address", detail).into()
        }
        None => Diagnostics::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_networks() {
        for fine in [
            "10.0.0.0/8",
            "10.1.2.3",
            "0.0.0.0/0",
            "default",
            "fd00::/48",
            "::/0",
            "fd00::1",
            "255.255.255.255/32",
        ] {
            assert!(Prefix::destination(fine).is_some(), "{fine}");
        }
        for bad in
            ["10.0.0.1/8", "fd00::1/48", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "x", "", "1.0.0.0/0"]
        {
            assert!(Prefix::destination(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn networks_contain_their_hosts() {
        let prefix = |text: &str| Prefix::parse(text).expect("is one");
        let inside = |net: &str, address: &str| prefix(net).contains(address.parse().expect("is one"));
        assert!(
            inside("10.0.0.5/24", "10.0.0.1")
                && inside("fd00::5/64", "fd00::1")
                && inside("1.2.3.4/0", "9.9.9.9")
        );
        assert!(inside("10.0.0.5/32", "10.0.0.5"));
        assert!(
            !inside("10.0.0.5/24", "10.0.1.1")
                && !inside("10.0.0.5/24", "fd00::1")
                && !inside("::/0", "1.2.3.4")
        );
        assert!(prefix("10.0.0.0/24").is_reserved() && prefix("10.0.0.255/24").is_reserved());
        assert!(
            ["10.0.0.0/31", "10.0.0.1/32", "10.0.1.0/16", "fd00::/64"]
                .iter()
                .all(|text| !prefix(text).is_reserved())
        );
    }

    #[test]
    fn spellings_of_the_same_are_the_same() {
        assert!(
            same("default", "0.0.0.0/0") && same("fd00:0::1", "fd00::1") && same("10.0.0.1", "10.0.0.1/32")
        );
        assert!(!same("10.0.0.1/24", "10.0.0.1/25") && !same("x", "y"));
    }

    #[test]
    fn names_of_links_are_harmless() {
        assert!(["eth0", "eth0.10", "br-lan", "wg_0"].into_iter().all(is_link));
        assert!(
            ["", "-e", "a b", "a/b", "..", "0123456789abcdef", "a\nb", "a*", "a%i"]
                .into_iter()
                .all(|name| !is_link(name))
        );
    }
}
