//! What a link is to be, in one spelling for all that means the same.

use std::net::IpAddr;

use provider::simple::Access;
use value::{Type, Value};

use crate::addresses::Prefix;

/// The settings of one link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Network {
    pub name: String,
    pub kind: Kind,
    /// The hardware address of the link that gets the name.
    pub match_mac: Option<String>,
    pub mac: Option<String>,
    pub addresses: Vec<String>,
    /// The default gateway of IPv4.
    pub gateway4: Option<String>,
    pub gateway6: Option<String>,
    pub dhcp4: bool,
    pub dhcp6: bool,
    pub accept_ra: Option<bool>,
    pub routes: Vec<Route>,
    pub dns: Vec<String>,
    pub domains: Vec<String>,
    pub mtu: Option<i64>,
    pub required_for_online: Option<bool>,
    /// Lines of the files that no attribute stands for.
    pub settings: String,
    pub netdev_settings: String,
}

/// What makes the link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Others do: the hardware's driver, mostly.
    #[default]
    Physical,
    Vlan {
        id: Option<i64>,
        parent: Option<String>,
    },
    Bridge {
        members: Vec<String>,
        stp: Option<bool>,
    },
    Bond(Bond),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bond {
    pub members: Vec<String>,
    pub mode: Option<String>,
    pub primary: Option<String>,
    /// Milliseconds.
    pub miimon: Option<i64>,
    pub lacp_rate: Option<String>,
}

/// A route by the link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    pub destination: String,
    pub gateway: Option<String>,
    pub metric: Option<i64>,
    pub table: Option<i64>,
}

/// How often the links of a bond are looked at if that is not said: never, as the kernel has it, makes a bond useless.
pub(super) const MIIMON: i64 = 100;

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Vlan { .. } => "vlan",
            Self::Bridge { .. } => "bridge",
            Self::Bond(_) => "bond",
        }
    }

    pub(super) fn of(object: &Value) -> Self {
        let part = |name| object.attr(name).filter(|part| !part.is_null() && part.is_known());
        let owned = |part: &Value, name| part.text(name).map(str::to_owned);
        if let Some(vlan) = part("vlan") {
            return Self::Vlan { id: vlan.int("id"), parent: owned(vlan, "parent") };
        }
        if let Some(bridge) = part("bridge") {
            return Self::Bridge { members: texts(bridge, "members"), stp: bridge.flag("stp") };
        }
        match part("bond") {
            Some(bond) => Self::Bond(Bond {
                members: texts(bond, "members"),
                mode: owned(bond, "mode"),
                primary: owned(bond, "primary"),
                miimon: bond.int("miimon"),
                lacp_rate: owned(bond, "lacp_rate"),
            }),
            None => Self::Physical,
        }
    }

    pub(super) fn members(&self) -> &[String] {
        match self {
            Self::Bridge { members, .. } | Self::Bond(Bond { members, .. }) => members,
            _ => &[],
        }
    }

    pub(super) fn parent(&self) -> &str {
        match self {
            Self::Vlan { parent: Some(parent), .. } => parent,
            _ => "",
        }
    }

    /// Forgets a link that is not tied to it.
    pub(super) fn lose(&mut self, link: &str) {
        match self {
            Self::Vlan { parent, .. } if parent.as_deref() == Some(link) => *parent = None,
            Self::Bridge { members, .. } | Self::Bond(Bond { members, .. }) => {
                members.retain(|name| name != link);
            }
            _ => {}
        }
    }

    /// The attribute that says it, with its value.
    fn part(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Physical => None,
            Self::Vlan { id, parent } => {
                Some(("vlan", Value::object_of([("id", number(*id)), ("parent", text(parent.as_deref()))])))
            }
            Self::Bridge { members, stp } => {
                Some(("bridge", Value::object_of([("members", list(members)), ("stp", flag(*stp))])))
            }
            Self::Bond(bond) => Some((
                "bond",
                Value::object_of([
                    ("members", list(&bond.members)),
                    ("mode", text(bond.mode.as_deref())),
                    ("primary", text(bond.primary.as_deref())),
                    ("miimon", number(bond.miimon)),
                    ("lacp_rate", text(bond.lacp_rate.as_deref())),
                ]),
            )),
        }
    }
}

impl Network {
    pub(super) fn of(object: &Value) -> Self {
        let owned = |name| object.text(name).map(str::to_owned);
        let lower = |name| object.text(name).map(str::to_ascii_lowercase);
        Self {
            name: owned("name").unwrap_or_default(),
            kind: Kind::of(object),
            match_mac: lower("match_mac_address"),
            mac: lower("mac_address"),
            addresses: object.texts("addresses").into_iter().map(prefix).collect(),
            gateway4: object.text("gateway4").map(address),
            gateway6: object.text("gateway6").map(address),
            dhcp4: object.flag("dhcp4").unwrap_or(false),
            dhcp6: object.flag("dhcp6").unwrap_or(false),
            accept_ra: object.flag("accept_ra"),
            routes: object.elements("routes").iter().map(Route::of).collect(),
            dns: object.texts("dns").into_iter().map(address).collect(),
            domains: object.texts("domains").into_iter().map(domain).collect(),
            mtu: object.int("mtu"),
            required_for_online: object.flag("required_for_online"),
            settings: super::files::canonical(object.text("network_settings").unwrap_or_default()),
            netdev_settings: super::files::canonical(object.text("netdev_settings").unwrap_or_default()),
        }
    }

    /// `object` with what is other than `known`, which is what the object says: its spelling stays where it means the same.
    pub(super) fn shown(&self, object: &Value, known: &Self) -> Value {
        let mut shown = object.with_attr("kind", Value::string(self.kind.name()));
        let mut set = |differs: bool, name: &str, value: Value| {
            if differs {
                shown = shown.with_attr(name, value);
            }
        };
        set(self.match_mac != known.match_mac, "match_mac_address", text(self.match_mac.as_deref()));
        set(self.mac != known.mac, "mac_address", text(self.mac.as_deref()));
        set(self.addresses != known.addresses, "addresses", list(&self.addresses));
        set(self.gateway4 != known.gateway4, "gateway4", text(self.gateway4.as_deref()));
        set(self.gateway6 != known.gateway6, "gateway6", text(self.gateway6.as_deref()));
        set(self.dhcp4 != known.dhcp4 || object.is_unset("dhcp4"), "dhcp4", Value::bool(self.dhcp4));
        set(self.dhcp6 != known.dhcp6 || object.is_unset("dhcp6"), "dhcp6", Value::bool(self.dhcp6));
        set(self.accept_ra != known.accept_ra, "accept_ra", flag(self.accept_ra));
        let routes = self.routes.iter().map(Route::value).collect();
        set(self.routes != known.routes, "routes", Value::list(Route::ty(), routes));
        set(self.dns != known.dns, "dns", list(&self.dns));
        set(self.domains != known.domains, "domains", list(&self.domains));
        set(self.mtu != known.mtu, "mtu", number(self.mtu));
        set(
            self.required_for_online != known.required_for_online,
            "required_for_online",
            flag(self.required_for_online),
        );
        for (name, ours, theirs) in [
            ("network_settings", &self.settings, &known.settings),
            ("netdev_settings", &self.netdev_settings, &known.netdev_settings),
        ] {
            set(ours != theirs, name, text(Some(ours.as_str()).filter(|text| !text.is_empty())));
        }
        if self.kind != known.kind
            && let Some((name, value)) = self.kind.part()
        {
            set(true, name, value);
        }
        shown
    }
}

impl Route {
    fn of(object: &Value) -> Self {
        Self {
            destination: object.text("destination").map(network).unwrap_or_default(),
            gateway: object.text("gateway").map(address),
            metric: object.int("metric"),
            table: object.int("table"),
        }
    }

    pub(super) fn is_ipv6(&self) -> bool {
        self.destination.contains(':')
    }

    fn value(&self) -> Value {
        Value::object_of([
            ("destination", text(Some(&self.destination))),
            ("gateway", text(self.gateway.as_deref())),
            ("metric", number(self.metric)),
            ("table", number(self.table)),
        ])
    }

    fn ty() -> Type {
        Self::default().value().ty()
    }
}

/// An address as all programs print it.
pub(super) fn address(text: &str) -> String {
    text.parse::<IpAddr>().map_or_else(|_| text.to_owned(), |address| address.to_string())
}

/// An address with its prefix as all programs print it.
pub(super) fn prefix(text: &str) -> String {
    Prefix::parse(text).map_or_else(|| text.to_owned(), |prefix| prefix.to_string())
}

/// The destination of a route as groma writes it.
pub(super) fn network(text: &str) -> String {
    Prefix::destination(text).map_or_else(|| text.to_owned(), |prefix| prefix.to_string())
}

pub(super) fn domain(text: &str) -> String {
    if text == "." || text == "~." { text.to_owned() } else { text.trim_end_matches('.').to_lowercase() }
}

fn texts(object: &Value, name: &str) -> Vec<String> {
    object.texts(name).into_iter().map(str::to_owned).collect()
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::null(Type::String), Value::string_nfc)
}

fn list(texts: &[String]) -> Value {
    Value::list(Type::String, texts.iter().map(|item| text(Some(item))).collect())
}

fn number(number: Option<i64>) -> Value {
    number.map_or(Value::null(Type::Number), Value::number)
}

fn flag(flag: Option<bool>) -> Value {
    flag.map_or(Value::null(Type::Bool), Value::bool)
}
