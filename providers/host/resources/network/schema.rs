//! What can be said of a link.

use std::net::IpAddr;

use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Nesting, attribute_error};
use value::{Path, Str, Type, Value};

use super::definition::{Kind, Network};
use super::files;
use crate::addresses::{self, Prefix, is_link};
use crate::guard;

/// The modes of bonds.
const MODES: [&str; 7] =
    ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"];

/// Those that have one member work and the others wait, or prefer one.
const WITH_PRIMARY: [&str; 3] = ["active-backup", "balance-tlb", "balance-alb"];

pub(super) fn block() -> Block {
    let text = |description: &str| Attribute::optional(Type::String).described(description);
    let texts = |description: &str| Attribute::optional(Type::list(Type::String)).described(description);
    let flag = |description: &str| Attribute::optional(Type::Bool).described(description);
    let default = |description: &str| Attribute::optional_computed(Type::Bool).described(description);
    let number = |description: &str| Attribute::optional(Type::Number).described(description);
    let link = Attribute::required(Type::String).described("The link that it is on, such as `eth0`, which systemd-networkd must manage: `host_network.NAME.name`.");
    let id = Attribute::required(Type::Number).described("The VLAN's number, 1 to 4094.");
    let members = |what: &str| {
        Attribute::optional(Type::list(Type::String)).described(format!("The names of the links in the {what}. They lose settings of their own; those that leave get back what they had."))
    };
    let mode = format!("One of {}.", MODES.map(|mode| format!("`{mode}`")).join(", "));
    let block = Block::default()
        .described(
            "A network link of a host under systemd-networkd, which must run: a card, or a VLAN, bridge or bond that this \
             makes. Its files are `/etc/systemd/network/05-groma-NAME.*`, which sort before those of others. The apply waits \
             until the link has what was asked for; if groma then cannot connect anew, the host goes back by itself, files \
             and all, to what it had. Destroying it brings back what was found.",
        )
        .with("name", Attribute::required(Type::String).described("The link's name, such as `eth0`, `br0` or `eth0.10`."))
        .with("kind", Attribute::computed(Type::String).described("`physical` (any link that is there without groma), `vlan`, `bridge` or `bond`: by which of these is set."))
        .with("vlan", nested([("id", id), ("parent", link)], "Makes the link a VLAN."))
        .with("bridge", nested([
            ("members", members("bridge")),
            ("stp", flag("Whether it speaks the spanning tree protocol. Left to the kernel, which has it off, if not set.")),
        ], "Makes the link a bridge. Links that others plug into it (virtual machines, containers) are left alone."))
        .with("bond", nested([
            ("members", members("bond")),
            ("mode", Attribute::required(Type::String).described(mode)),
            ("primary", text("The member that works as long as it can, in the modes `active-backup`, `balance-tlb` and `balance-alb`.")),
            ("miimon", number("How often the members' carrier is looked at, in milliseconds; 100 if not set.")),
            ("lacp_rate", text("How often the other side is to send LACP packets, `slow` (every 30 s) or `fast` (every second), in the mode `802.3ad`.")),
        ], "Makes the link a bond."))
        .with("match_mac_address", text("The hardware address of the card that is meant. If the link with it has another name, it gets this one, now and (by a `.link` file) at boot."))
        .with("mac_address", text("The hardware address that the link gets. Left as it is if not set."))
        .with("addresses", texts("Addresses with the length of their network's prefix, such as `10.0.0.5/24` and `fd00::5/64`."))
        .with("addresses_exclusive", default("Whether further addresses of the link are a change, and are removed; true by default. Set it to false where others add some, as keepalived and kube-vip do: their addresses then stay, too, when the link changes. Addresses from DHCP and routers are never meant."))
        .with("gateway4", text("The router of all IPv4 that has no other route."))
        .with("gateway6", text("The router of all IPv6 that has no other route."))
        .with("dhcp4", default("Whether IPv4 addresses are asked for by DHCP; false by default."))
        .with("dhcp6", default("Whether IPv6 addresses are asked for by DHCPv6; false by default."))
        .with("accept_ra", flag("Whether IPv6 routers' advertisements are heeded. Left to systemd-networkd if not set, which does so unless the host forwards packets."))
        .with("routes", Attribute::nested(Nesting::List, attributes([
            ("destination", Attribute::required(Type::String).described("The network, such as `10.9.0.0/16`.")),
            ("gateway", text("The router; if not set, the network is on the link itself.")),
            ("metric", number("Of several routes the one with the smallest metric is taken.")),
            ("table", number("The number of the routing table; that of `main` if not set.")),
        ])).described("Further routes over the link. Routes of others, such as `host_route`, are left alone."))
        .with("dns", texts("Addresses of name servers for what is asked over the link."))
        .with("domains", texts("Domains to search names in; with `~` before it, one that is only asked of this link's name servers (`~.` for all)."))
        .with("mtu", number("How many bytes a packet may have. Left as it is if not set."))
        .with("required_for_online", flag("Whether the boot waits for the link where it waits for the network. True if not set."))
        .with("network_settings", text("Further lines for the `.network` file, with their sections, such as \"[Network]\\nLLMNR=no\\n\" (systemd.network(5)). Lines that someone adds to the file show here."))
        .with("netdev_settings", text("The same for the `.netdev` file of VLANs, bridges and bonds (systemd.netdev(5)). Their change makes the link anew."));
    guard::with_attribute(block)
}

fn attributes<const N: usize>(
    attributes: [(&str, Attribute); N],
) -> std::collections::BTreeMap<Str, Attribute> {
    attributes.into_iter().map(|(name, attribute)| (Str::from(name), attribute)).collect()
}

fn nested<const N: usize>(entries: [(&str, Attribute); N], description: &str) -> Attribute {
    Attribute::nested(Nesting::Single, attributes(entries)).described(description)
}

pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = guard::validate(config);
    diagnostics.extend(addresses::validate_link(config, "name"));
    let network = Network::of(config);
    let mut wrong = |name: &str, detail: String| {
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid network link", detail));
    };
    let set: Vec<&str> =
        ["vlan", "bridge", "bond"].into_iter().filter(|name| !config.is_unset(name)).collect();
    if let [first, second, ..] = set[..] {
        wrong(second, format!("A link is either a {first} or a {second}; only one can be set."));
    }
    kind(config, &network, &mut wrong);
    if config.flag("dhcp4").is_some() && matches!(network.name.as_str(), "all" | "default") {
        wrong("name", format!("{:?} is a name that the kernel keeps for itself.", network.name));
    }
    for name in ["match_mac_address", "mac_address"] {
        if let Some(text) = config.text(name).filter(|text| !is_card(text)) {
            wrong(
                name,
                format!("{text:?} is no hardware address of one card, such as \"52:54:00:12:34:56\"."),
            );
        }
    }
    if network.match_mac.is_some() && network.kind != Kind::Physical {
        let detail = "Only cards are found by their address; a VLAN, bridge or bond is made: set mac_address to give it one.";
        wrong("match_mac_address", detail.into());
    }
    given(config, &network, &mut wrong);
    gateways(config, &network, &mut wrong);
    for domain in config.texts("domains") {
        let name = domain.strip_prefix('~').unwrap_or(domain);
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || !name.chars().all(fits) {
            wrong("domains", format!("{domain:?} is no domain such as \"example.com\" or \"~example.com\"."));
        }
    }
    if let Some(mtu) = config.int("mtu") {
        let least = if network.addresses.iter().any(|text| text.contains(':')) { 1280 } else { 68 };
        if !(least..=65535).contains(&mtu) {
            let why = if least == 1280 { " (IPv6 needs 1280)" } else { "" };
            wrong("mtu", format!("{mtu} is not between {least} and 65535{why}."));
        }
    }
    further(config, &network, &mut wrong);
    diagnostics
}

fn kind(config: &Value, network: &Network, wrong: &mut impl FnMut(&str, String)) {
    let kind = network.kind.name();
    let mut seen: Vec<&String> = Vec::new();
    for member in network.kind.members() {
        if !is_link(member) {
            wrong(kind, format!("members: {member:?} is no name of a network link, such as \"eth1\"."));
        } else if *member == network.name {
            wrong(kind, format!("members: {member} cannot be a member of itself."));
        } else if seen.contains(&member) {
            wrong(kind, format!("members: {member} is named twice."));
        }
        seen.push(member);
    }
    match &network.kind {
        Kind::Vlan { id, parent } => {
            if let Some(id) = id.filter(|id| !(1..=4094).contains(id)) {
                wrong("vlan", format!("id: {id} is not between 1 and 4094."));
            }
            match parent {
                Some(parent) if !is_link(parent) => {
                    wrong(
                        "vlan",
                        format!("parent: {parent:?} is no name of a network link, such as \"eth0\"."),
                    );
                }
                Some(parent) if *parent == network.name => {
                    wrong("vlan", format!("parent: {parent} cannot be a VLAN of itself."));
                }
                _ => {}
            }
        }
        Kind::Bond(bond) => {
            let mode = bond.mode.as_deref();
            if let Some(mode) = mode.filter(|mode| !MODES.contains(mode)) {
                wrong("bond", format!("mode: {mode:?} is none of {}.", MODES.join(", ")));
            }
            let all_known = config.attr("bond").is_some_and(Value::is_wholly_known);
            if let Some(primary) = &bond.primary {
                if all_known && !bond.members.contains(primary) {
                    wrong("bond", format!("primary: {primary} is not one of the members."));
                }
                if mode.is_some_and(|mode| !WITH_PRIMARY.contains(&mode)) {
                    wrong("bond", format!("primary: only the modes {} have one.", WITH_PRIMARY.join(", ")));
                }
            }
            if let Some(miimon) = bond.miimon.filter(|miimon| !(0..=60_000).contains(miimon)) {
                wrong("bond", format!("miimon: {miimon} is not between 0 and 60000 milliseconds."));
            }
            if let Some(rate) = &bond.lacp_rate {
                if !["slow", "fast"].contains(&rate.as_str()) {
                    wrong("bond", format!("lacp_rate: {rate:?} is neither slow nor fast."));
                } else if mode.is_some_and(|mode| mode != "802.3ad") {
                    wrong("bond", "lacp_rate: only the mode 802.3ad speaks LACP.".into());
                }
            }
        }
        _ => {}
    }
}

/// Addresses of the link and of name servers.
fn given(config: &Value, network: &Network, wrong: &mut impl FnMut(&str, String)) {
    for text in config.texts("addresses") {
        match Prefix::parse(text).filter(|_| text.contains('/')) {
            None => wrong(
                "addresses",
                format!(
                    "{text:?} is no address with the length of its prefix, such as \"10.0.0.5/24\" or \"fd00::5/64\"."
                ),
            ),
            Some(prefix) if prefix.is_reserved() => wrong(
                "addresses",
                format!(
                    "{text:?} is the address of the network itself or of all in it: a host needs one between them."
                ),
            ),
            Some(_) => {}
        }
    }
    for (index, address) in network.addresses.iter().enumerate() {
        if network.addresses[..index].contains(address) {
            wrong("addresses", format!("{address} is named twice."));
        }
    }
    for text in config.texts("dns").into_iter().filter(|text| text.parse::<IpAddr>().is_err()) {
        wrong("dns", format!("{text:?} is no address of a name server."));
    }
}

fn gateways(config: &Value, network: &Network, wrong: &mut impl FnMut(&str, String)) {
    for (name, gateway) in [("gateway4", &network.gateway4), ("gateway6", &network.gateway6)] {
        let Some(gateway) = gateway else { continue };
        match gateway.parse::<IpAddr>() {
            Ok(address) if address.is_ipv4() == (name == "gateway4") => {
                if let Some(problem) = outside(config, network, address) {
                    wrong(name, problem);
                }
            }
            _ => wrong(name, format!("{gateway:?} is no IPv{} address.", &name[7..])),
        }
    }
    for (route, object) in network.routes.iter().zip(config.elements("routes")) {
        let text = object.text("destination").unwrap_or_default();
        let Some(destination) = Prefix::destination(text) else {
            if object.attr("destination").is_some_and(Value::is_known) {
                wrong(
                    "routes",
                    format!(
                        "{text:?} is no network such as \"10.9.0.0/16\": an address with zeros behind its prefix."
                    ),
                );
            }
            continue;
        };
        match route.gateway.as_deref().map(str::parse::<IpAddr>) {
            Some(Err(_)) => {
                wrong(
                    "routes",
                    format!("{:?} is no address of a router.", route.gateway.as_deref().unwrap_or_default()),
                );
            }
            Some(Ok(gateway)) if gateway.is_ipv4() != destination.address.is_ipv4() => {
                wrong("routes", format!("{gateway} is of another family than {destination}."));
            }
            Some(Ok(gateway)) => {
                if let Some(problem) = outside(config, network, gateway) {
                    wrong("routes", problem);
                }
            }
            None => {}
        }
        if route.metric.is_some_and(|metric| !(0..=i64::from(u32::MAX)).contains(&metric)) {
            wrong("routes", "A metric is between 0 and 4294967295.".into());
        }
        if route.table.is_some_and(|table| !(1..=i64::from(u32::MAX)).contains(&table)) {
            wrong("routes", "The number of a routing table is between 1 and 4294967295.".into());
        }
    }
}

/// Why a router cannot be reached over the link.
fn outside(config: &Value, network: &Network, gateway: IpAddr) -> Option<String> {
    let mut prefixes = network.addresses.iter().filter_map(|text| Prefix::parse(text));
    if prefixes.clone().any(|prefix| prefix.address == gateway) {
        return Some(format!("{gateway} is an address of the link itself."));
    }
    let dynamic = if gateway.is_ipv4() {
        config.flag("dhcp4") != Some(false) && !config.is_unset("dhcp4")
    } else {
        !config.is_unset("dhcp6") || config.flag("accept_ra") != Some(false) || is_link_local(gateway)
    };
    let known = config.attr("addresses").is_none_or(Value::is_wholly_known);
    let others: Vec<Prefix> = network
        .routes
        .iter()
        .filter(|route| route.gateway.is_none())
        .filter_map(|route| Prefix::destination(&route.destination))
        .collect();
    if dynamic
        || !known
        || prefixes.any(|prefix| prefix.contains(gateway))
        || others.iter().any(|net| net.contains(gateway))
    {
        return None;
    }
    let addresses =
        if network.addresses.is_empty() { "(none)".to_owned() } else { network.addresses.join(", ") };
    Some(format!("The router {gateway} is in none of the networks of the link's addresses: {addresses}."))
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

/// Lines for the files.
fn further(config: &Value, network: &Network, wrong: &mut impl FnMut(&str, String)) {
    for name in ["network_settings", "netdev_settings"] {
        let Some(text) = config.text(name) else { continue };
        if text.contains('\0') || text.contains('\r') {
            wrong(name, "A text for a file cannot hold the characters NUL and CR.".into());
        }
        let first =
            text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
        if first.is_some_and(|line| !line.starts_with('[')) {
            wrong(name, "The lines need a section before them, such as \"[Network]\".".into());
        }
    }
    let text = files::canonical(config.text("network_settings").unwrap_or_default());
    if files::parse_network("", &Kind::Physical, &text).settings != text {
        wrong("network_settings", "It sets what attributes of the resource are for: use these.".into());
    }
    if network.kind == Kind::Physical && !network.netdev_settings.is_empty() {
        wrong("netdev_settings", "A link that is there without groma has no .netdev file.".into());
    }
    if files::parse_netdev("", &network.kind, &network.netdev_settings).1 != network.netdev_settings {
        wrong("netdev_settings", "It sets what attributes of the resource are for: use these.".into());
    }
}

/// Whether a text is a hardware address that one card can have.
fn is_card(text: &str) -> bool {
    let bytes: Vec<Option<u8>> = text
        .split(':')
        .map(|part| if part.len() == 2 { u8::from_str_radix(part, 16).ok() } else { None })
        .collect();
    bytes.len() == 6
        && bytes.iter().all(Option::is_some)
        && bytes[0].is_some_and(|first| first & 1 == 0)
        && text != "00:00:00:00:00:00"
}
