//! The files of systemd-networkd: written from what a link is to be, and read back.

use std::fmt::Write as _;

use super::definition::{Bond, Kind, MIIMON, Network, Route, address, domain, network, prefix};

const FOLDER: &str = "/etc/systemd/network";

/// What stands for a link in the file that gives one its name.
pub(super) const NAMING: &str = "-";

/// A file, and the link that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub link: String,
    pub path: String,
    pub text: String,
}

/// A section of a file with its lines.
type Section = (String, Vec<(String, String)>);

/// All files of a link, but for the drop-in of a VLAN's parent that others manage.
pub(super) fn all(network: &Network) -> Vec<File> {
    let own = |kind: &str, text: String| File {
        link: network.name.clone(),
        path: format!("{FOLDER}/05-groma-{}.{kind}", network.name),
        text: format!("{}\n{text}", head(&network.name)),
    };
    let mut files = vec![own("network", text(&network_sections(network)))];
    if network.kind != Kind::Physical {
        files.push(own("netdev", text(&netdev_sections(network))));
    }
    if let Some(mac) = &network.match_mac {
        let text = format!("[Match]\nPermanentMACAddress={mac}\n\n[Link]\nName={}\n", network.name);
        files.push(File { link: NAMING.into(), ..own("link", text) });
    }
    for link in network.kind.members() {
        let lines = attachment(network, link);
        let base =
            format!("{}\n[Match]\nName={link}\n\n{}\nLinkLocalAddressing=no\n", head(&network.name), lines);
        let path = format!("{FOLDER}/06-groma-{link}.network");
        files.push(File { link: link.clone(), path, text: base });
        files.push(drop_in(network, link));
    }
    if !network.kind.parent().is_empty() {
        files.push(drop_in(network, network.kind.parent()));
    }
    files
}

/// The texts of the `.network` and the `.netdev` file.
pub(super) fn texts(network: &Network) -> (String, String) {
    let netdev = if network.kind == Kind::Physical { String::new() } else { text(&netdev_sections(network)) };
    (text(&network_sections(network)), netdev)
}

/// What ties another link to this one.
pub(super) fn drop_in(network: &Network, link: &str) -> File {
    File {
        link: link.to_owned(),
        path: format!("{FOLDER}/05-groma-{link}.network.d/groma-{}.conf", network.name),
        text: format!("{}\n{}\n", head(&network.name), attachment(network, link)),
    }
}

/// Reads a `.network` file into what it says; `name` is that of the link.
pub(super) fn parse_network(name: &str, kind: &Kind, text: &str) -> Network {
    let mut read = Network { name: name.to_owned(), kind: kind.clone(), ..Network::default() };
    let mut rest: Vec<Section> = Vec::new();
    for (section, lines) in sections(text) {
        let left = match section.as_str() {
            "Route" => match route(&lines) {
                Some(route) => {
                    read.routes.push(route);
                    continue;
                }
                None => lines,
            },
            _ => lines.into_iter().filter(|(key, value)| !take(&mut read, &section, key, value)).collect(),
        };
        if !left.is_empty() {
            rest.push((section, left));
        }
    }
    read.settings = self::text(&rest);
    read
}

/// Reads a `.netdev` file: what it makes, with the links that only their own files name from `known`.
pub(super) fn parse_netdev(name: &str, known: &Kind, text: &str) -> (Kind, String) {
    let mut kind = match known {
        Kind::Vlan { parent, .. } => Kind::Vlan { id: None, parent: parent.clone() },
        Kind::Bridge { members, .. } => Kind::Bridge { members: members.clone(), stp: None },
        Kind::Bond(Bond { members, primary, .. }) => {
            Kind::Bond(Bond { members: members.clone(), primary: primary.clone(), ..Bond::default() })
        }
        Kind::Physical => Kind::Physical,
    };
    let mut rest: Vec<Section> = Vec::new();
    for (section, lines) in sections(text) {
        let mut left = Vec::new();
        for (key, value) in lines {
            let taken = match (section.as_str(), key.as_str(), &mut kind) {
                ("NetDev", "Name", _) => value == name,
                ("NetDev", "Kind", kind) => value == kind.name(),
                ("VLAN", "Id", Kind::Vlan { id, .. }) => put(id, value.parse().ok()),
                ("Bridge", "STP", Kind::Bridge { stp, .. }) => put(stp, boolean(&value)),
                ("Bond", "Mode", Kind::Bond(bond)) => put(&mut bond.mode, Some(value.clone())),
                ("Bond", "MIIMonitorSec", Kind::Bond(bond)) => put(&mut bond.miimon, milliseconds(&value)),
                ("Bond", "LACPTransmitRate", Kind::Bond(bond)) => {
                    put(&mut bond.lacp_rate, Some(value.clone()))
                }
                _ => false,
            };
            if !taken {
                left.push((key, value));
            }
        }
        if !left.is_empty() {
            rest.push((section, left));
        }
    }
    // What is written for what is not said is as good as not said.
    if let (Kind::Bond(bond), Kind::Bond(Bond { miimon: None, .. })) = (&mut kind, known)
        && bond.miimon == Some(MIIMON)
    {
        bond.miimon = None;
    }
    (kind, self::text(&rest))
}

/// The lines that `text` lacks of those that `wanted` has.
pub(super) fn missing(wanted: &str, text: &str) -> String {
    let there = sections(text);
    let has = |section: &str, line: &(String, String)| {
        there.iter().any(|(name, lines)| name == section && lines.contains(line))
    };
    let mut missing = String::new();
    for (section, lines) in sections(wanted) {
        for line in lines.iter().filter(|line| !has(&section, line)) {
            _ = write!(missing, "[{section}]\n{}=(missing: {})\n", line.0, line.1);
        }
    }
    missing
}

/// Further settings in one spelling: without comments and blank lines.
pub(super) fn canonical(settings: &str) -> String {
    text(&sections(settings))
}

fn head(name: &str) -> String {
    format!("# Kept by groma: host_network {name}")
}

fn attachment(network: &Network, link: &str) -> String {
    let name = &network.name;
    match &network.kind {
        Kind::Physical => "[Network]".into(),
        Kind::Vlan { .. } => format!("[Network]\nVLAN={name}"),
        Kind::Bridge { .. } => format!("[Network]\nBridge={name}"),
        Kind::Bond(bond) if bond.primary.as_deref() == Some(link) => {
            format!("[Network]\nBond={name}\nPrimarySlave=yes")
        }
        Kind::Bond(_) => format!("[Network]\nBond={name}"),
    }
}

fn network_sections(network: &Network) -> Vec<Section> {
    let yes = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
    let mut link = Vec::new();
    let mut lines = Vec::new();
    let add = |list: &mut Vec<(String, String)>, key: &str, value: Option<String>| {
        list.extend(value.map(|value| (key.to_owned(), value)));
    };
    add(&mut link, "MTUBytes", network.mtu.map(|mtu| mtu.to_string()));
    add(&mut link, "MACAddress", network.mac.clone());
    add(&mut link, "RequiredForOnline", network.required_for_online.map(yes));
    add(&mut lines, "DHCP", Some(dhcp(network).to_owned()));
    add(&mut lines, "IPv6AcceptRA", network.accept_ra.map(yes));
    for address in &network.addresses {
        add(&mut lines, "Address", Some(address.clone()));
    }
    add(&mut lines, "Gateway", network.gateway4.clone());
    add(&mut lines, "Gateway", network.gateway6.clone());
    for server in &network.dns {
        add(&mut lines, "DNS", Some(server.clone()));
    }
    let domains = network.domains.join(" ");
    add(&mut lines, "Domains", Some(domains).filter(|domains| !domains.is_empty()));
    add(&mut lines, "ConfigureWithoutCarrier", without_carrier(network));
    let mut sections = vec![("Match".to_owned(), vec![("Name".to_owned(), network.name.clone())])];
    if !link.is_empty() {
        sections.push(("Link".into(), link));
    }
    sections.push(("Network".into(), lines));
    for route in &network.routes {
        let mut lines = vec![("Destination".to_owned(), route.destination.clone())];
        add(&mut lines, "Gateway", route.gateway.clone());
        add(&mut lines, "Metric", route.metric.map(|metric| metric.to_string()));
        add(&mut lines, "Table", route.table.map(|table| table.to_string()));
        sections.push(("Route".into(), lines));
    }
    sections.extend(self::sections(&network.settings));
    sections
}

/// What is set by hand is there with or without a cable: else the first boot without one has a host that does not answer.
fn without_carrier(network: &Network) -> Option<String> {
    (!network.dhcp4 && !network.dhcp6).then(|| "yes".to_owned())
}

fn netdev_sections(network: &Network) -> Vec<Section> {
    let line = |key: &str, value: String| (key.to_owned(), value);
    let mut sections = vec![(
        "NetDev".to_owned(),
        vec![line("Name", network.name.clone()), line("Kind", network.kind.name().to_owned())],
    )];
    match &network.kind {
        Kind::Vlan { id: Some(id), .. } => sections.push(("VLAN".into(), vec![line("Id", id.to_string())])),
        Kind::Bridge { stp: Some(stp), .. } => {
            sections.push(("Bridge".into(), vec![line("STP", if *stp { "yes" } else { "no" }.into())]));
        }
        Kind::Bond(bond) => {
            let mut lines: Vec<_> = bond.mode.iter().map(|mode| line("Mode", mode.clone())).collect();
            lines.push(line("MIIMonitorSec", format!("{}ms", bond.miimon.unwrap_or(MIIMON))));
            lines.extend(bond.lacp_rate.iter().map(|rate| line("LACPTransmitRate", rate.clone())));
            sections.push(("Bond".into(), lines));
        }
        _ => {}
    }
    sections.extend(self::sections(&network.netdev_settings));
    sections
}

fn dhcp(network: &Network) -> &'static str {
    match (network.dhcp4, network.dhcp6) {
        (true, true) => "yes",
        (true, false) => "ipv4",
        (false, true) => "ipv6",
        (false, false) => "no",
    }
}

/// Takes one line in; false if there is no attribute for it.
fn take(read: &mut Network, section: &str, key: &str, value: &str) -> bool {
    match (section, key) {
        ("Match", "Name") => value == read.name,
        ("Link", "MTUBytes") => put(&mut read.mtu, value.parse().ok()),
        ("Link", "MACAddress") => put(&mut read.mac, Some(value.to_ascii_lowercase())),
        ("Link", "RequiredForOnline") => put(&mut read.required_for_online, boolean(value)),
        ("Network", "DHCP") => {
            let (four, six) = match value {
                "ipv4" => (true, false),
                "ipv6" => (false, true),
                other => match boolean(other) {
                    Some(both) => (both, both),
                    None => return false,
                },
            };
            (read.dhcp4, read.dhcp6) = (four, six);
            true
        }
        ("Network", "IPv6AcceptRA") => put(&mut read.accept_ra, boolean(value)),
        ("Network" | "Address", "Address") => {
            read.addresses.push(prefix(value));
            true
        }
        ("Network", "Gateway") if value.contains(':') => put(&mut read.gateway6, Some(address(value))),
        ("Network", "Gateway") if value.contains('.') => put(&mut read.gateway4, Some(address(value))),
        ("Network", "DNS") => {
            read.dns.extend(value.split_whitespace().map(address));
            true
        }
        ("Network", "Domains") => {
            read.domains.extend(value.split_whitespace().map(domain));
            true
        }
        ("Network", "ConfigureWithoutCarrier") => boolean(value) == Some(true),
        _ => false,
    }
}

/// A route, if its lines say nothing but what a route of ours has.
fn route(lines: &[(String, String)]) -> Option<Route> {
    let mut route = Route::default();
    for (key, value) in lines {
        let taken = match key.as_str() {
            "Destination" => {
                route.destination = network(value);
                true
            }
            "Gateway" => put(&mut route.gateway, Some(address(value))),
            "Metric" => put(&mut route.metric, value.parse().ok()),
            "Table" => put(&mut route.table, value.parse().ok()),
            _ => false,
        };
        if !taken {
            return None;
        }
    }
    (!route.destination.is_empty()).then_some(route)
}

/// Sets what is not set yet; false if there is no value, or one already.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    if place.is_some() || value.is_none() {
        return false;
    }
    *place = value;
    true
}

/// The sections of a file in order, without comments.
fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push((name.to_owned(), Vec::new()));
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if sections.is_empty() {
            sections.push((String::new(), Vec::new()));
        }
        if let Some((_, lines)) = sections.last_mut() {
            lines.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    sections
}

fn text(sections: &[Section]) -> String {
    let mut text = String::new();
    for (name, lines) in sections {
        if !text.is_empty() {
            text.push('\n');
        }
        _ = writeln!(text, "[{name}]");
        for (key, value) in lines {
            _ = writeln!(text, "{key}={value}");
        }
    }
    text
}

fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The milliseconds of a time span of systemd, as it is written for one.
fn milliseconds(value: &str) -> Option<i64> {
    match value.strip_suffix("ms") {
        Some(digits) => digits.trim().parse().ok(),
        None => value.trim_end_matches('s').trim().parse::<i64>().ok().map(|seconds| seconds * 1000),
    }
}
