//! What the kernel and systemd-resolved have of a link, read from what `ip -j` and `resolvectl` print.

use serde_json::Value as Json;

use super::definition::{Bond, Kind, MIIMON, Network, Route, address, domain};
use crate::session::Fields;

/// The state of all links of a host, and more of one of them.
#[derive(Debug, Default)]
pub(super) struct Live {
    links: Vec<Json>,
    routes: Vec<Json>,
    /// The address that a DHCP server gave.
    lease: Option<String>,
    dns: Option<Vec<String>>,
    domains: Option<Vec<String>>,
}

/// Whose state is compared with what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that groma would set, as after an import nothing is known.
    All,
    /// Addresses that were not asked for count as a change.
    Exclusive,
    /// They do not.
    Listed,
}

impl Live {
    pub(super) fn parse(fields: &Fields) -> Self {
        let json = |text: &str| serde_json::from_str::<Vec<Json>>(text).unwrap_or_default();
        let words = |name| {
            fields.get(name).map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        };
        Self {
            links: fields.get("links").map(json).unwrap_or_default(),
            routes: fields.all("routes").flat_map(json).collect(),
            lease: fields.text("lease").map(str::to_owned),
            dns: words("dns").map(|words| words.iter().map(|word| address(word)).collect()),
            domains: words("domains").map(|words| words.iter().map(|word| domain(word)).collect()),
        }
    }

    pub(super) fn link(&self, name: &str) -> Option<&Json> {
        self.links.iter().find(|link| text(link, "ifname") == Some(name))
    }

    /// What makes the link.
    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        let link = self.link(name)?;
        let data = &link["linkinfo"]["info_data"];
        Some(match kind_name(link) {
            Some("vlan") => {
                Kind::Vlan { id: data["id"].as_i64(), parent: text(link, "link").map(str::to_owned) }
            }
            Some("bridge") => Kind::Bridge {
                members: self.members(name).map(|(name, _)| name).collect(),
                stp: data["stp_state"].as_i64().map(|state| state != 0),
            },
            Some("bond") => Kind::Bond(Bond {
                members: self.members(name).map(|(name, _)| name).collect(),
                mode: text(data, "mode").map(str::to_owned),
                primary: text(data, "primary").map(str::to_owned),
                miimon: data["miimon"].as_i64(),
                lacp_rate: text(data, "ad_lacp_rate").map(str::to_owned),
            }),
            _ => Kind::Physical,
        })
    }

    /// The links in a bridge or bond, and of what kind each is.
    fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (String, Option<&'a str>)> {
        let members = self.links.iter().filter(move |link| text(link, "master") == Some(name));
        members.filter_map(|link| Some((text(link, "ifname")?.to_owned(), kind_name(link))))
    }

    /// `wanted` as it really is: what is there of it, and what is there instead.
    pub(super) fn seen(&self, wanted: &Network, scope: Scope) -> Network {
        let mut seen = wanted.clone();
        let Some(link) = self.link(&wanted.name) else { return seen };
        let all = scope == Scope::All;
        let mtu = link["mtu"].as_i64();
        if wanted.mtu.is_some() || (all && mtu != Some(1500)) {
            seen.mtu = mtu;
        }
        if wanted.mac.is_some() {
            seen.mac = text(link, "address").map(str::to_ascii_lowercase);
        }
        seen.addresses = listed(&wanted.addresses, &self.addresses(link, wanted), scope != Scope::Listed);
        seen.gateway4 = self.gateway(wanted.gateway4.as_deref(), '.', all);
        seen.gateway6 = self.gateway(wanted.gateway6.as_deref(), ':', all);
        seen.routes = wanted.routes.iter().filter_map(|route| self.route(route)).collect();
        if all {
            let static_routes = self.routes.iter().filter(|route| is_static(route));
            seen.routes = static_routes.map(as_route).filter(|route| !is_default(route)).collect();
        }
        seen.dns = settings(&wanted.dns, self.dns.as_ref(), all);
        seen.domains = settings(&wanted.domains, self.domains.as_ref(), all);
        if let Some(kind) = self.kind(&wanted.name) {
            seen.kind = self.compared(&wanted.kind, kind, &wanted.name, all);
        }
        seen
    }

    /// The addresses of a link that neither a server nor a router gave.
    fn addresses(&self, link: &Json, wanted: &Network) -> Vec<String> {
        let addresses = link["addr_info"].as_array().map(Vec::as_slice).unwrap_or_default();
        let addresses = addresses.iter().filter_map(|info| {
            let flag = |name: &str| info[name].as_bool().unwrap_or(false);
            let local = text(info, "local")?;
            let shown = format!("{local}/{}", info["prefixlen"].as_i64()?);
            let given = flag("dynamic") || self.lease.as_deref() == Some(local);
            let known = wanted.addresses.contains(&shown);
            let scoped = matches!(text(info, "scope"), Some("link" | "host"));
            (!flag("dadfailed") && (known || !(given || scoped))).then_some(shown)
        });
        addresses.collect()
    }

    /// The gateway of a family: the known one if it is in use, else the one that is.
    fn gateway(&self, wanted: Option<&str>, family: char, all: bool) -> Option<String> {
        if wanted.is_none() && !all {
            return None;
        }
        let routes = self.routes.iter().filter(|route| is_static(route)).map(as_route);
        let gateways: Vec<String> = routes
            .filter(is_default)
            .filter_map(|route| route.gateway)
            .filter(|g| g.contains(family))
            .collect();
        match wanted {
            Some(wanted) if gateways.iter().any(|gateway| gateway == wanted) => Some(wanted.to_owned()),
            _ => gateways.into_iter().next(),
        }
    }

    /// A route as it is, none if there is none to its destination.
    fn route(&self, wanted: &Route) -> Option<Route> {
        let metric = |route: &Route| route.metric.unwrap_or(if route.is_ipv6() { 1024 } else { 0 });
        let table = |route: &Route| route.table.unwrap_or(MAIN);
        let mut same = self.routes.iter().map(as_route).filter(|route| {
            route.destination == wanted.destination
                && metric(route) == metric(wanted)
                && table(route) == table(wanted)
        });
        let first = same.next()?;
        let gateway =
            match first.gateway == wanted.gateway || same.any(|route| route.gateway == wanted.gateway) {
                true => wanted.gateway.clone(),
                false => first.gateway,
            };
        Some(Route { gateway, ..wanted.clone() })
    }

    /// What makes the link, as far as it was asked for.
    fn compared(&self, wanted: &Kind, is: Kind, name: &str, all: bool) -> Kind {
        match (wanted, is) {
            (Kind::Bridge { members, stp }, Kind::Bridge { stp: is, .. }) => {
                // Machines and containers plug themselves into bridges: that is what these are for.
                let ours = |kind: Option<&str>| all || matches!(kind, None | Some("vlan" | "bond"));
                let there: Vec<_> =
                    self.members(name).filter(|(m, kind)| members.contains(m) || ours(*kind)).collect();
                let there: Vec<String> = there.into_iter().map(|(name, _)| name).collect();
                let is = if all { is.filter(|stp| *stp) } else { stp.and(is) };
                Kind::Bridge { members: listed(members, &there, true), stp: is }
            }
            (Kind::Bond(wanted), Kind::Bond(is)) => {
                let asked = |wanted: bool, is: Option<String>| is.filter(|_| wanted);
                let fast = is.lacp_rate.as_deref() == Some("fast");
                Kind::Bond(Bond {
                    members: listed(&wanted.members, &is.members, true),
                    mode: asked(all || wanted.mode.is_some(), is.mode),
                    primary: asked(all || wanted.primary.is_some(), is.primary),
                    miimon: is.miimon.filter(|is| wanted.miimon.is_some() || *is != MIIMON),
                    lacp_rate: asked(wanted.lacp_rate.is_some() || (all && fast), is.lacp_rate),
                })
            }
            (_, is) => is,
        }
    }
}

/// The number of the table `main`.
const MAIN: i64 = 254;

/// Those of `wanted` that are there, in its order, and perhaps the others that are.
fn listed(wanted: &[String], there: &[String], others: bool) -> Vec<String> {
    let mut list: Vec<String> = wanted.iter().filter(|item| there.contains(item)).cloned().collect();
    list.extend(there.iter().filter(|item| others && !wanted.contains(item)).cloned());
    list
}

/// Servers and domains: routers and DHCP servers may add some, so only what is missing counts, and then all is shown.
fn settings(wanted: &[String], there: Option<&Vec<String>>, all: bool) -> Vec<String> {
    match there {
        Some(there) if !all && !wanted.is_empty() && !wanted.iter().all(|item| there.contains(item)) => {
            there.clone()
        }
        _ => wanted.to_vec(),
    }
}

fn text<'a>(json: &'a Json, name: &str) -> Option<&'a str> {
    json.get(name)?.as_str()
}

fn kind_name(link: &Json) -> Option<&str> {
    text(&link["linkinfo"], "info_kind")
}

/// Whether a route was set by hand or by a file.
fn is_static(route: &Json) -> bool {
    matches!(text(route, "protocol"), Some("static" | "boot") | None)
        && matches!(text(route, "type"), None | Some("unicast"))
}

fn is_default(route: &Route) -> bool {
    matches!(route.destination.as_str(), "0.0.0.0/0" | "::/0")
}

/// A route of `ip -j`, without what the kernel adds by itself.
fn as_route(route: &Json) -> Route {
    let gateway = text(route, "gateway").or_else(|| text(&route["via"], "host")).map(address);
    let family6 =
        route.get("pref").is_some() || gateway.as_deref().is_some_and(|gateway| gateway.contains(':'));
    let destination = match text(route, "dst").unwrap_or_default() {
        "default" if family6 => "::/0".to_owned(),
        other => super::definition::network(other),
    };
    let table = text(route, "table").and_then(|table| match table {
        "main" => None,
        "default" => Some(253),
        "local" => Some(255),
        number => number.parse().ok(),
    });
    let metric = route["metric"].as_i64().filter(|metric| *metric != if family6 { 1024 } else { 0 });
    Route { destination, gateway, metric, table }
}

#[cfg(test)]
#[path = "live/tests.rs"]
mod tests;
