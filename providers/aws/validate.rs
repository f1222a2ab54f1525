//! Checks of configurations that many types share. Unknown values pass.

use std::net::{Ipv4Addr, Ipv6Addr};

use diag::{Diagnostic, Diagnostics, PathStep};
use value::Value;

use crate::object::Object;

/// An IPv4 network in CIDR notation, without host bits, of a prefix length in the range.
pub fn ipv4_network(
    config: &Object,
    name: &str,
    lengths: std::ops::RangeInclusive<u32>,
    diagnostics: &mut Diagnostics,
) {
    let Some(text) = config.str(name) else { return };
    let Some((address, length)) = parse_ipv4(text) else {
        refuse(diagnostics, name, format!("\"{text}\" is not a valid IPv4 CIDR block."));
        return;
    };
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    let network = Ipv4Addr::from(u32::from(address) & mask);
    if network != address {
        refuse(
            diagnostics,
            name,
            format!("\"{text}\" is not a valid IPv4 CIDR block; did you mean \"{network}/{length}\"?"),
        );
    } else if !lengths.contains(&length) {
        let (least, most) = (lengths.start(), lengths.end());
        refuse(
            diagnostics,
            name,
            format!(
                "expected \"{name}\" to contain a network Value with between {least} and {most} significant bits, got: {length}"
            ),
        );
    }
}

/// An IPv6 network in CIDR notation, without host bits.
pub fn ipv6_network(config: &Object, name: &str, diagnostics: &mut Diagnostics) {
    let Some(text) = config.str(name) else { return };
    let Some((address, length)) = parse_ipv6(text) else {
        refuse(diagnostics, name, format!("\"{text}\" is not a valid IPv6 CIDR block."));
        return;
    };
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    let network = Ipv6Addr::from(u128::from(address) & mask);
    if network != address {
        refuse(
            diagnostics,
            name,
            format!("\"{text}\" is not a valid IPv6 CIDR block; did you mean \"{network}/{length}\"?"),
        );
    }
}

pub fn one_of(config: &Object, name: &str, allowed: &[&str], diagnostics: &mut Diagnostics) {
    if let Some(text) = config.str(name)
        && !allowed.contains(&text)
    {
        refuse(diagnostics, name, format!("expected {name} to be one of {allowed:?}, got {text}"));
    }
}

/// Exactly one of the attributes is set; one that is unknown may turn out to be.
pub fn exactly_one_of(config: &Object, names: &[&str], diagnostics: &mut Diagnostics) {
    let set = names.iter().filter(|name| is_given(config, name)).count();
    let open = names.iter().any(|name| config.is_unknown(name));
    if set > 1 || set == 0 && !open {
        let list = names.join(",");
        let detail = if set == 0 {
            format!("one of `{list}` must be specified")
        } else {
            format!("only one of `{list}` can be specified")
        };
        diagnostics.push(Diagnostic::error("Invalid combination of arguments", detail));
    }
}

/// Attributes that exclude each other.
pub fn conflicting(config: &Object, names: &[&str], diagnostics: &mut Diagnostics) {
    let set: Vec<&str> = names.iter().copied().filter(|name| is_given(config, name)).collect();
    if let [first, second, ..] = set[..] {
        refuse_as(
            diagnostics,
            first,
            "Conflicting configuration arguments",
            format!("\"{first}\": conflicts with {second}"),
        );
    }
}

pub fn refuse(diagnostics: &mut Diagnostics, name: &str, detail: String) {
    refuse_as(diagnostics, name, "Invalid value for argument", detail);
}

fn refuse_as(diagnostics: &mut Diagnostics, name: &str, summary: &str, detail: String) {
    diagnostics.push(Diagnostic::error(summary, detail).attribute([PathStep::Attribute(name.to_owned())]));
}

/// Known and said in the configuration: not null, not empty, but `false` and `0` count.
pub fn is_given(config: &Object, name: &str) -> bool {
    config.get(name).is_some_and(|value| {
        value.is_known()
            && !value.is_null()
            && value.as_str().is_none_or(|s| !s.is_empty())
            && value.items().is_none_or(|items| !items.is_empty())
    })
}

/// Whether two strings name the same IP network or address, however they are written.
pub fn same_network(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.as_str(), b.as_str()) else { return false };
    a.eq_ignore_ascii_case(b) || parse_ipv6(a).is_some_and(|a| Some(a) == parse_ipv6(b))
}

fn parse_ipv4(text: &str) -> Option<(Ipv4Addr, u32)> {
    let (address, length) = text.split_once('/')?;
    Some((address.parse().ok()?, length.parse().ok().filter(|n| *n <= 32)?))
}

fn parse_ipv6(text: &str) -> Option<(Ipv6Addr, u32)> {
    let (address, length) = text.split_once('/')?;
    Some((address.parse().ok()?, length.parse().ok().filter(|n| *n <= 128)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_checked() {
        for (text, good) in [
            ("10.0.0.0/16", true),
            ("10.0.0.1/16", false),
            ("10.0.0.0/33", false),
            ("10.0.0.0", false),
            ("0.0.0.0/0", false),
            ("", true),
        ] {
            let config = Object::new(Value::object_of([("cidr_block", Value::string(text))]));
            let mut diagnostics = Diagnostics::new();
            ipv4_network(&config, "cidr_block", 16..=28, &mut diagnostics);
            assert_eq!(diagnostics.is_empty(), good, "{text}: {diagnostics:?}");
        }
        for (text, good) in [("2001:db8::/56", true), ("2001:db8::1/56", false), ("::/0", true), ("x", false)]
        {
            let config = Object::new(Value::object_of([("c", Value::string(text))]));
            let mut diagnostics = Diagnostics::new();
            ipv6_network(&config, "c", &mut diagnostics);
            assert_eq!(diagnostics.is_empty(), good, "{text}");
        }
        let (a, b) = (Value::string("2001:DB8:0::/56"), Value::string("2001:db8::/56"));
        assert!(same_network(&a, &b));
    }
}
