//! The rules of a security group as the inline `ingress` and `egress` say them, taken apart into single permissions:
//! one protocol and port range for one peer.

use std::collections::BTreeMap;

use value::{Type, Value};

use crate::api::{IpPermission, Peer};
use crate::object::Object;
use crate::observed::Observed;

/// One protocol and port range open for one peer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    pub protocol: String,
    pub from_port: i64,
    pub to_port: i64,
    pub peer: Peer,
}

/// Permissions with their descriptions (empty for none).
pub type Permissions = BTreeMap<Permission, String>;

/// The number of a protocol in the service's own spelling: `tcp`, `udp`, `icmp`, `icmpv6`, `-1`, or the number.
pub fn protocol(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "all" | "-1" => "-1".into(),
        "6" => "tcp".into(),
        "17" => "udp".into(),
        "1" => "icmp".into(),
        "58" => "icmpv6".into(),
        other => other.into(),
    }
}

/// The permissions that one configured rule (an `ingress` or `egress` object) stands for.
pub fn of_rule(rule: &Object, group_id: &str) -> Permissions {
    let protocol = protocol(rule.str("protocol").unwrap_or("-1"));
    let any = protocol == "-1";
    let port = |name| if any { 0 } else { rule.int(name).unwrap_or(0) };
    let (from_port, to_port) = (port("from_port"), port("to_port"));
    let own = rule.is_true("self").then(|| group(group_id));
    let groups = rule.strings("security_groups");
    let peers = rule
        .strings("cidr_blocks")
        .into_iter()
        .map(Peer::Ipv4)
        .chain(rule.strings("ipv6_cidr_blocks").into_iter().map(Peer::Ipv6))
        .chain(rule.strings("prefix_list_ids").into_iter().map(Peer::PrefixList))
        .chain(groups.iter().map(|text| group(text)))
        .chain(own);
    let description = rule.text("description");
    peers
        .map(|peer| {
            (Permission { protocol: protocol.clone(), from_port, to_port, peer }, description.clone())
        })
        .collect()
}

/// All permissions of a list of configured rules.
pub fn of_rules(object: &Object, name: &str, group_id: &str) -> Permissions {
    object.blocks(name).iter().flat_map(|rule| of_rule(rule, group_id)).collect()
}

/// The permissions the service tells.
pub fn of_service(permissions: &[IpPermission], owner: &str) -> Permissions {
    let mut all = Permissions::new();
    for permission in permissions {
        let any = permission.ip_protocol == "-1";
        let port = |port: Option<i64>| if any { 0 } else { port.unwrap_or(0) };
        for (peer, description) in &permission.peers {
            let peer = match peer {
                Peer::Group { group_id, user_id } if user_id.as_deref() == Some(owner) => {
                    Peer::Group { group_id: group_id.clone(), user_id: None }
                }
                other => other.clone(),
            };
            all.insert(
                Permission {
                    protocol: protocol(&permission.ip_protocol),
                    from_port: port(permission.from_port),
                    to_port: port(permission.to_port),
                    peer,
                },
                description.clone().unwrap_or_default(),
            );
        }
    }
    all
}

/// As the service wants them.
pub fn to_service(permissions: &Permissions) -> Vec<IpPermission> {
    let mut grouped: BTreeMap<(String, i64, i64), IpPermission> = BTreeMap::new();
    for (permission, description) in permissions {
        let key = (permission.protocol.clone(), permission.from_port, permission.to_port);
        let any = permission.protocol == "-1";
        let entry = grouped.entry(key).or_insert_with(|| IpPermission {
            ip_protocol: permission.protocol.clone(),
            from_port: (!any).then_some(permission.from_port),
            to_port: (!any).then_some(permission.to_port),
            peers: Vec::new(),
        });
        let description = Some(description.clone()).filter(|d| !d.is_empty());
        entry.peers.push((permission.peer.clone(), description));
    }
    grouped.into_values().collect()
}

/// The rules as state has them: those known before as far as they still hold, in their grouping and order, then what
/// is new, grouped by protocol, ports and description.
pub fn observe(mut present: Permissions, known: &[Object], group_id: &str) -> Vec<Observed> {
    let mut rules = Vec::new();
    for rule in known {
        let kept: Permissions = of_rule(rule, group_id)
            .into_iter()
            .filter(|(permission, description)| present.get(permission) == Some(description))
            .collect();
        for permission in kept.keys() {
            present.remove(permission);
        }
        if !kept.is_empty() {
            rules.push(narrowed(rule, &kept, group_id));
        }
    }
    let mut fresh: BTreeMap<(String, i64, i64, String), Vec<Peer>> = BTreeMap::new();
    for (permission, description) in present {
        let key = (permission.protocol, permission.from_port, permission.to_port, description);
        fresh.entry(key).or_default().push(permission.peer);
    }
    for ((protocol, from_port, to_port, description), peers) in fresh {
        let mut rule = Observed::default();
        rule.set("protocol", protocol);
        rule.set("from_port", from_port);
        rule.set("to_port", to_port);
        rule.set("description", text(description));
        set_peers(&mut rule, &peers, group_id);
        rules.push(rule);
    }
    rules
}

/// A known rule with only those of its peers that are still there, in the order it had them.
fn narrowed(rule: &Object, kept: &Permissions, group_id: &str) -> Observed {
    let is_kept = |peer: &Peer| kept.keys().any(|permission| permission.peer == *peer);
    let strings = |name: &str, peer: fn(String) -> Peer| -> Vec<String> {
        rule.strings(name).into_iter().filter(|text| is_kept(&peer(text.clone()))).collect()
    };
    let mut o = Observed::default();
    o.set("protocol", rule.text("protocol"));
    o.set("from_port", rule.int("from_port"));
    o.set("to_port", rule.int("to_port"));
    o.set("description", text(rule.text("description")));
    o.set("cidr_blocks", strings("cidr_blocks", Peer::Ipv4));
    o.set("ipv6_cidr_blocks", strings("ipv6_cidr_blocks", Peer::Ipv6));
    o.set("prefix_list_ids", strings("prefix_list_ids", Peer::PrefixList));
    o.set("security_groups", strings("security_groups", |text| group(&text)));
    o.set("self", rule.is_true("self") && is_kept(&group(group_id)));
    o
}

fn set_peers(rule: &mut Observed, peers: &[Peer], group_id: &str) {
    let (mut ipv4, mut ipv6, mut lists, mut groups) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut own = false;
    for peer in peers {
        match peer {
            Peer::Ipv4(cidr) => ipv4.push(cidr.clone()),
            Peer::Ipv6(cidr) => ipv6.push(cidr.clone()),
            Peer::PrefixList(id) => lists.push(id.clone()),
            Peer::Group { group_id: id, user_id: None } if id == group_id => own = true,
            peer @ Peer::Group { .. } => groups.push(group_text(peer)),
        }
    }
    rule.set("cidr_blocks", ipv4);
    rule.set("ipv6_cidr_blocks", ipv6);
    rule.set("prefix_list_ids", lists);
    rule.set("security_groups", groups);
    rule.set("self", own);
}

/// A group as configurations name it: its id, with the account in front where it is another's (`123456789012/sg-1`).
pub fn group(text: &str) -> Peer {
    match text.split_once('/') {
        Some((user, id)) => Peer::Group { group_id: id.to_owned(), user_id: Some(user.to_owned()) },
        None => Peer::Group { group_id: text.to_owned(), user_id: None },
    }
}

pub fn group_text(peer: &Peer) -> String {
    match peer {
        Peer::Group { group_id, user_id: Some(user) } => format!("{user}/{group_id}"),
        Peer::Group { group_id, user_id: None } => group_id.clone(),
        Peer::Ipv4(text) | Peer::Ipv6(text) | Peer::PrefixList(text) => text.clone(),
    }
}

/// The legacy type system has `""` where there is no description.
fn text(text: String) -> crate::observed::Seen {
    crate::observed::Seen::Text(Some(text))
}

/// Whether two sets of rules allow the same, however grouped: an order of rules or lists means nothing.
pub fn same_rules(a: &Value, b: &Value) -> bool {
    if !a.is_wholly_known() || !b.is_wholly_known() {
        return false;
    }
    let parts = |v: &Value| -> Permissions {
        v.items()
            .unwrap_or_default()
            .iter()
            .flat_map(|rule| of_rule(&Object::new(rule.clone()), ""))
            .collect()
    };
    let is_rules = |v: &Value| matches!(v.ty(), Type::Set(_) | Type::List(_));
    is_rules(a) && is_rules(b) && parts(a) == parts(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(cidrs: &[&str], port: i64, description: &str) -> Object {
        let cidrs = cidrs.iter().map(|c| Value::string(*c)).collect();
        Object::new(Value::object_of([
            ("protocol", Value::string("tcp")),
            ("from_port", Value::number(port)),
            ("to_port", Value::number(port)),
            ("description", Value::string(description)),
            ("cidr_blocks", Value::list(Type::String, cidrs)),
            ("self", Value::bool(false)),
        ]))
    }

    #[test]
    fn known_rules_keep_their_grouping() {
        let known = [rule(&["10.0.0.0/8", "192.168.0.0/16"], 22, ""), rule(&["10.1.0.0/16"], 22, "")];
        let mut present: Permissions = known.iter().flat_map(|rule| of_rule(rule, "sg-1")).collect();
        let gone =
            present.keys().find(|p| p.peer == Peer::Ipv4("192.168.0.0/16".into())).cloned().expect("there");
        present.remove(&gone);
        present.extend(of_rule(&rule(&["0.0.0.0/0"], 443, "web"), "sg-1"));
        let rules = observe(present, &known, "sg-1");
        let cidrs: Vec<_> = rules.iter().map(|rule| rule.get("cidr_blocks").cloned()).collect();
        let expected = [["10.0.0.0/8"], ["10.1.0.0/16"], ["0.0.0.0/0"]];
        assert_eq!(
            cidrs,
            expected.map(|c| Some(crate::observed::Seen::Strings(c.map(str::to_owned).to_vec())))
        );
        assert_eq!(rules[2].text("description"), "web");
    }

    #[test]
    fn permissions_survive_the_way_to_the_service_and_back() {
        let rules = [rule(&["10.0.0.0/8", "192.168.0.0/16"], 22, "ssh"), rule(&["10.0.0.0/8"], 80, "")];
        let permissions: Permissions = rules.iter().flat_map(|rule| of_rule(rule, "sg-1")).collect();
        let sent = to_service(&permissions);
        assert_eq!(sent.len(), 2);
        assert_eq!(of_service(&sent, "1"), permissions);
    }

    #[test]
    fn protocols_have_one_spelling() {
        for (text, expected) in [("TCP", "tcp"), ("6", "tcp"), ("all", "-1"), ("-1", "-1"), ("50", "50")] {
            assert_eq!(protocol(text), expected);
        }
    }
}
