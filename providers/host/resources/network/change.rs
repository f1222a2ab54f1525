//! Changing a link, under the eyes of the host itself.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use value::Value;

use super::definition::{Bond, Kind, Network};
use super::{SCRIPT, files};
use crate::connection::Target;
use crate::guard::{self, Change};
use provider::simple::Access;

/// Gives the link these settings; `prior` is null where it has none of ours.
pub(super) fn make(prior: &Value, planned: &Value, elsewhere: Vec<Target>) -> Change {
    let network = Network::of(planned);
    let was = (!prior.is_null()).then(|| Network::of(prior));
    let (text, netdev) = files::texts(&network);
    Change {
        doing: format!("set up the link {}", network.name),
        script: SCRIPT.to_owned(),
        variables: variables(Some(&network), was.as_ref(), planned),
        tried: if network.kind == Kind::Physical { text } else { format!("{text}\n{netdev}") },
        timeout: guard::timeout(planned),
        elsewhere,
    }
}

/// Takes the settings away.
pub(super) fn remove(prior: &Value, elsewhere: Vec<Target>) -> Change {
    let was = Network::of(prior);
    Change {
        doing: format!("remove the settings of the link {}", was.name),
        script: SCRIPT.to_owned(),
        variables: variables(None, Some(&was), prior),
        tried: String::new(),
        timeout: guard::timeout(prior),
        elsewhere,
    }
}

/// What the scripts take, for a link that is to be as `network` says and was as `prior`.
pub(super) fn variables(
    network: Option<&Network>,
    prior: Option<&Network>,
    object: &Value,
) -> Vec<(&'static str, String)> {
    let none = Network::default();
    let (to, from) = (network.unwrap_or(&none), prior.unwrap_or(&none));
    let any = network.or(prior).unwrap_or(&none);
    let leave: Vec<&str> = from
        .kind
        .members()
        .iter()
        .filter(|member| !to.kind.members().contains(member))
        .map(String::as_str)
        .collect();
    let parent = any.kind.parent();
    let keep = object.flag("addresses_exclusive") == Some(false);
    vec![
        ("name", any.name.clone()),
        ("kind", any.kind.name().to_owned()),
        ("wanted", network.map(wanted).unwrap_or_default()),
        ("parent", parent.to_owned()),
        ("parent_text", if parent.is_empty() { String::new() } else { files::drop_in(any, parent).text }),
        ("members", to.kind.members().join(" ")),
        ("leave", leave.join(" ")),
        ("rename", to.match_mac.clone().unwrap_or_default()),
        ("reset", if needs_new_link(to, from) { "1".into() } else { String::new() }),
        ("tune", tune(&to.kind)),
        ("want", network.map(want).unwrap_or_default()),
        ("keep", if keep { "1".into() } else { String::new() }),
        ("had", from.addresses.join(" ")),
    ]
}

fn wanted(network: &Network) -> String {
    let files = files::all(network).into_iter();
    let lines = files.map(|file| format!("{} {} {}", file.link, file.path, STANDARD.encode(file.text)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether the kernel cannot change the link into what it is to be.
fn needs_new_link(to: &Network, from: &Network) -> bool {
    let settings = to.netdev_settings != from.netdev_settings;
    match (&to.kind, &from.kind) {
        (Kind::Vlan { .. }, Kind::Vlan { .. }) => settings || to.kind != from.kind,
        (Kind::Bond(to), Kind::Bond(from)) => {
            let made = |bond: &Bond| (bond.mode.clone(), bond.miimon, bond.lacp_rate.clone());
            settings || made(to) != made(from)
        }
        (Kind::Bridge { .. }, Kind::Bridge { .. }) => settings,
        _ => false,
    }
}

/// What `ip link set ... type KIND` changes in place.
fn tune(kind: &Kind) -> String {
    match kind {
        Kind::Bridge { stp: Some(stp), .. } => format!("stp_state {}", i32::from(*stp)),
        Kind::Bond(Bond { primary: Some(primary), .. }) => format!("primary {primary}"),
        _ => String::new(),
    }
}

/// What the link must have before the change counts as made: see `network_lacks`.
fn want(network: &Network) -> String {
    let name = &network.name;
    let mut want = format!("link {name}\n");
    let mut add = |what: &str, rest: String| _ = writeln!(want, "{what} {name} {rest}");
    match &network.kind {
        Kind::Physical => {}
        Kind::Vlan { id, .. } => add("detail", format!("vlan protocol 802.1Q id {}", id.unwrap_or_default())),
        Kind::Bridge { stp, .. } => {
            add("detail", "bridge forward_delay".into());
            if let Some(stp) = stp {
                add("detail", format!("stp_state {}", i32::from(*stp)));
            }
        }
        Kind::Bond(bond) => {
            add("detail", format!("bond mode {}", bond.mode.as_deref().unwrap_or("balance-rr")));
        }
    }
    if let Some(mtu) = network.mtu {
        add("link", format!("mtu {mtu}"));
    }
    if let Some(mac) = &network.mac {
        add("link", format!("link/ether {mac}"));
    }
    for address in &network.addresses {
        add("address", address.clone());
    }
    if network.dhcp4 || network.dhcp6 {
        add("dhcp", String::new());
    }
    for (gateway, family) in [(&network.gateway4, "-4"), (&network.gateway6, "-6")] {
        if let Some(gateway) = gateway {
            add("route", format!("{family} default via {gateway}"));
        }
    }
    for route in &network.routes {
        let family = if route.is_ipv6() { "-6" } else { "-4" };
        let table = route.table.map_or("main".to_owned(), |table| table.to_string());
        let gateway = route.gateway.as_ref().map(|gateway| format!(" via {gateway}")).unwrap_or_default();
        let metric = route.metric.map(|metric| format!(" metric {metric}")).unwrap_or_default();
        add("route", format!("{family} table {table} exact {}{gateway}{metric}", route.destination));
    }
    for member in network.kind.members() {
        _ = writeln!(want, "link {member} master {name}");
    }
    want
}
