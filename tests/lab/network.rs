//! A lab's networks: two bridges in a namespace of their own, so that this machine's firewall has no part in them.
//!
//! The outer bridge has a link to this machine, the inner one has not.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::sh;
use crate::lab::Lock;
use crate::plan::Reach;
use crate::record::Record;
use crate::{paths, teardown};

/// One interface of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// What the host calls it.
    pub inside: &'static str,
    /// The other end, in the namespace of the bridges.
    pub outside: String,
    pub bridge: &'static str,
    pub address: Ipv4Addr,
}

/// A host's interfaces.
pub fn ports(host: &str, reach: Reach, network: u8, index: usize) -> Vec<Port> {
    let outer = Port {
        inside: "eth0",
        outside: format!("o-{host}"),
        bridge: OUTER,
        address: address(network, OUTER, index),
    };
    let inner = Port {
        inside: "eth0",
        outside: format!("i-{host}"),
        bridge: INNER,
        address: address(network, INNER, index),
    };
    match reach {
        Reach::Direct => vec![outer],
        Reach::Behind => vec![inner],
        Reach::Bastion => vec![outer, Port { inside: "eth1", ..inner }],
    }
}

/// The same last number in both networks; the first ten are not for hosts.
fn address(network: u8, bridge: &str, index: usize) -> Ipv4Addr {
    let last = u8::try_from(index + FIRST_HOST).expect("a plan has at most 200 hosts");
    Ipv4Addr::new(10, 222, network * 2 + u8::from(bridge == INNER), last)
}

/// A hardware address that stays when the host boots again, as a real one does: others remember it.
fn hardware(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:67:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// This machine's address in a lab's outer network.
pub fn gateway(network: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 222, network * 2, 1)
}

/// This machine's interface into a lab. A name of an interface has 15 letters, so it cannot hold the lab's.
pub fn link(network: u8) -> String {
    format!("groma-lab{network}")
}

/// A pair of networks that no lab and no route of this machine uses. Hold the lock on [`paths::RUN`] meanwhile.
pub(crate) fn free() -> Result<u8> {
    let mut taken = used();
    taken.extend(routes()?.iter().map(|address| address.octets()[2] / 2));
    (0..=127).find(|network| !taken.contains(network)).context("all 128 networks in 10.222.0.0/16 are in use")
}

/// Makes the bridges and this machine's link to the outer one.
pub(crate) fn create(lab: &str, network: u8) -> Result<()> {
    let switch = paths::switch(lab);
    let link = link(network);
    sh(&format!("ip netns add {switch}"))?;
    for key in ["all", "default"] {
        sh(&format!("ip netns exec {switch} sysctl -qw net.ipv6.conf.{key}.disable_ipv6=1"))?;
    }
    for bridge in [OUTER, INNER] {
        sh(&format!("ip -n {switch} link add {bridge} type bridge"))?;
        sh(&format!("ip -n {switch} link set {bridge} up"))?;
    }
    sh(&format!("ip link add {link} type veth peer name machine netns {switch}"))?;
    sh(&format!("ip -n {switch} link set machine master {OUTER} up"))?;
    let _ = fs::write(format!("/proc/sys/net/ipv6/conf/{link}/disable_ipv6"), "1");
    sh(&format!("ip addr add {}/24 dev {link}", gateway(network)))?;
    sh(&format!("ip link set {link} up"))?;
    // What is behind the bastion shall not be asked for anywhere else either.
    sh(&format!("ip route replace unreachable {}", behind(network)))?;
    Ok(())
}

/// Removes what this machine still has of networks that no lab uses.
pub(crate) fn sweep() -> Result<()> {
    let _lock = Lock::take("")?;
    let used: BTreeSet<u8> = used();
    for route in routes()? {
        let network = route.octets()[2] / 2;
        if !used.contains(&network) {
            let _ = sh(&format!("ip route del unreachable {}", behind(network)));
        }
    }
    for name in links()? {
        if !used.iter().any(|&network| link(network) == name) {
            // Mostly gone by itself with its other end, but not at once.
            let _ = sh(&format!("ip link del {name}"));
        }
    }
    Ok(())
}

/// The network behind a lab's bastion.
fn behind(network: u8) -> String {
    format!("10.222.{}.0/24", network * 2 + 1)
}

fn used() -> BTreeSet<u8> {
    teardown::labs().iter().filter_map(|lab| Record::load(lab).ok()).map(|record| record.network).collect()
}

/// The destinations of this machine's routes that lie where labs' networks do.
fn routes() -> Result<Vec<Ipv4Addr>> {
    let routes: Value = serde_json::from_str(&sh("ip -json -4 route show table all")?)?;
    let destinations = routes.as_array().into_iter().flatten().filter_map(|route| {
        let address = route["dst"].as_str().unwrap_or_default().split('/').next().unwrap_or_default();
        address.parse::<Ipv4Addr>().ok()
    });
    Ok(destinations.filter(|address| address.octets()[..2] == [10, 222]).collect())
}

/// The commands that take a host's namespace and interfaces away, for its boot script: a host without power answers
/// nobody, while its namespace still would.
pub(crate) fn removing(lab: &str, host: &str, ports: &[Port]) -> String {
    let switch = paths::switch(lab);
    let mut lines = vec![format!("ip netns del {} 2>/dev/null", paths::unit(lab, host))];
    // Gone with the namespace, but not at once.
    lines.extend(ports.iter().map(|port| format!("ip -n {switch} link del {} 2>/dev/null", port.outside)));
    lines.join("\n")
}

/// The commands that make a host's namespace and interfaces, for its boot script.
pub(crate) fn making(lab: &str, host: &str, ports: &[Port]) -> String {
    let switch = paths::switch(lab);
    let namespace = paths::unit(lab, host);
    let mut lines = vec![format!("ip netns add {namespace}"), format!("ip -n {namespace} link set lo up")];
    for Port { inside, outside, bridge, address } in ports {
        lines.push(format!(
            "ip link add {outside} netns {switch} type veth peer name {inside} address {} netns {namespace}",
            hardware(*address)
        ));
        lines.push(format!("ip -n {switch} link set {outside} master {bridge} up"));
        lines.push(format!("ip -n {namespace} addr add {address}/24 brd + dev {inside}"));
        lines.push(format!("ip -n {namespace} link set {inside} up"));
    }
    lines.join("\n")
}

/// The names of all labs' network namespaces.
pub(crate) fn namespaces() -> Result<Vec<String>> {
    let list = sh("ip netns list")?;
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(|name| paths::lab_of(name).is_some()).map(str::to_owned).collect())
}

/// This machine's links into labs.
pub(crate) fn links() -> Result<Vec<String>> {
    let links: Value = serde_json::from_str(&sh("ip -json link show")?)?;
    let Some(links) = links.as_array() else { bail!("ip printed no list of links") };
    let names = links.iter().filter_map(|link| link["ifname"].as_str());
    Ok(names.filter(|name| name.starts_with("groma-lab")).map(str::to_owned).collect())
}

pub(crate) const OUTER: &str = "outer";
pub(crate) const INNER: &str = "inner";
const FIRST_HOST: usize = 11;
