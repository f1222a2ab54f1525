//! `aws_vpc_security_group_ingress_rule` and `aws_vpc_security_group_egress_rule`

use async_trait::async_trait;
use diag::Diagnostics;
use value::Value;

use super::permissions;
use crate::api::{
    Direction, Filter, IpPermission, Peer, SecurityGroupRule as ApiRule, SecurityGroupRuleChange,
};
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::object::{Object, same};
use crate::observed::Observed;
use crate::resource::{Creation, Located, Resource, Rules, Tagging, ids, in_order};
use crate::validate;

/// A rule that is an object of its own.
pub struct SecurityGroupRule {
    type_name: &'static str,
    direction: Direction,
}

pub static INGRESS: SecurityGroupRule =
    SecurityGroupRule { type_name: "aws_vpc_security_group_ingress_rule", direction: Direction::Ingress };

pub static EGRESS: SecurityGroupRule =
    SecurityGroupRule { type_name: "aws_vpc_security_group_egress_rule", direction: Direction::Egress };

static RULES: Rules = Rules {
    replace: &["security_group_id"],
    same: same_rule,
    strict: true,
    tags: Tagging::Tags,
    ..Rules::new("VPC Security Group Rule")
};

const PEERS: &[&str] = &["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"];
const NOT_FOUND: &[&str] = &["InvalidGroup.NotFound", "InvalidGroupId.NotFound"];

#[async_trait]
impl Resource for SecurityGroupRule {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        validate::exactly_one_of(config, PEERS, diagnostics);
        validate::ipv4_network(config, "cidr_ipv4", 0..=32, diagnostics);
        validate::ipv6_network(config, "cidr_ipv6", diagnostics);
        for name in ["from_port", "to_port"] {
            if let Some(port) = config.int(name)
                && !(-1..=65_535).contains(&port)
            {
                let detail = format!("expected {name} to be in the range (-1 - 65535), got {port}");
                validate::refuse(diagnostics, name, detail);
            }
        }
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let group = planned.text("security_group_id");
        let (permissions, tags) = ([permission(planned)?], creation.tags(planned));
        let mut attempt = 0;
        let rules = loop {
            let authorized = client
                .once(|ec2| ec2.authorize_security_group(&group, self.direction, &permissions, &tags))
                .await;
            match authorized {
                Err(failure) if failure.has_code(NOT_FOUND) && attempt < 20 => {
                    client.rest(attempt).await?;
                    attempt += 1;
                }
                answer => break answer?,
            }
        };
        let missing = || Failure::Other("The answer names no rule.".into());
        let rule = rules.first().ok_or_else(missing)?;
        Ok(identified(planned, &rule.rule_id))
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        let attributes = ["description", "from_port", "ip_protocol", "to_port"];
        if attributes.iter().chain(PEERS).any(|name| prior.get(name) != planned.get(name)) {
            let permission = permission(planned)?;
            let (peer, description) = permission
                .peers
                .into_iter()
                .next()
                .ok_or_else(|| Failure::Other("The rule has no peer.".into()))?;
            let change = SecurityGroupRuleChange {
                ip_protocol: permission.ip_protocol,
                from_port: permission.from_port,
                to_port: permission.to_port,
                peer,
                description,
            };
            let (group, id) = (prior.text("security_group_id"), prior.text("id"));
            client.call(|ec2| ec2.modify_security_group_rule(&group, &id, &change)).await?;
        }
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let (group, ids) = (prior.text("security_group_id"), [prior.text("id")]);
        client.call(|ec2| ec2.revoke_security_group_rules(&group, self.direction, &ids)).await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let ids = ids(known);
        let rules = client
            .describe("security-group-rule-id", &ids, |ec2, filters| {
                ec2.describe_security_group_rules(filters)
            })
            .await?;
        let own = rules.iter().filter(|rule| rule.is_egress == (self.direction == Direction::Egress));
        let observed = own.map(|rule| (rule.rule_id.clone(), observe(client, rule)));
        Ok(in_order(known, |object| object.text("id"), observed.collect::<Vec<_>>()))
    }

    async fn locate(&self, client: &Client, planned: &Object, _token: &str) -> Outcome<Located> {
        let filters = [Filter::new("group-id", [planned.text("security_group_id")])];
        let rules = client.call(|ec2| ec2.describe_security_group_rules(&filters)).await?;
        let wanted = permission(planned)?;
        let wanted_peer = wanted.peers.first().map(|(peer, _)| peer);
        // The service allows one rule of a kind in a group.
        let found = rules.iter().find(|rule| {
            rule.is_egress == (self.direction == Direction::Egress)
                && permissions::protocol(&rule.ip_protocol) == wanted.ip_protocol
                && port(rule.from_port) == port(wanted.from_port)
                && port(rule.to_port) == port(wanted.to_port)
                && own_peer(rule).as_ref() == wanted_peer
        });
        Ok(match found {
            Some(rule) => Located::Found(identified(planned, &rule.rule_id)),
            None => Located::Absent,
        })
    }

    fn parse_import_id(&self, id: &str) -> Result<Vec<(&'static str, String)>, String> {
        if id.starts_with("sgr-") {
            Ok(vec![("id", id.to_owned())])
        } else {
            Err("It must be the id of a rule, such as sgr-02108b27edd666983.".into())
        }
    }
}

fn identified(planned: &Object, id: &str) -> Object {
    planned.with_str("id", id).with_str("security_group_rule_id", id)
}

/// -1 stands for no port, except where a protocol has types and codes, of which -1 means all.
fn port(port: Option<i64>) -> Option<i64> {
    port.filter(|port| *port >= 0)
}

fn permission(planned: &Object) -> Outcome<IpPermission> {
    let peer = planned
        .string("cidr_ipv4")
        .map(Peer::Ipv4)
        .or_else(|| planned.string("cidr_ipv6").map(Peer::Ipv6))
        .or_else(|| planned.string("prefix_list_id").map(Peer::PrefixList))
        .or_else(|| planned.str("referenced_security_group_id").map(permissions::group))
        .ok_or_else(|| Failure::Other("The rule has no peer.".into()))?;
    let ip_protocol = permissions::protocol(planned.str("ip_protocol").unwrap_or("-1"));
    let any = ip_protocol == "-1";
    Ok(IpPermission {
        ip_protocol,
        from_port: planned.int("from_port").filter(|_| !any),
        to_port: planned.int("to_port").filter(|_| !any),
        peers: vec![(peer, planned.string("description"))],
    })
}

/// The peer with the account left out where it is the group's own.
fn own_peer(rule: &ApiRule) -> Option<Peer> {
    match rule.peer.clone()? {
        Peer::Group { group_id, user_id: Some(user) } if user == rule.group_owner_id => {
            Some(Peer::Group { group_id, user_id: None })
        }
        peer => Some(peer),
    }
}

fn observe(client: &Client, rule: &ApiRule) -> Observed {
    let mut o = Observed::tagged(&rule.tags);
    o.set("id", &rule.rule_id);
    o.set("security_group_rule_id", &rule.rule_id);
    let made = || client.arn(&rule.group_owner_id, &format!("security-group-rule/{}", rule.rule_id));
    o.set("arn", if rule.rule_arn.is_empty() { made() } else { rule.rule_arn.clone() });
    o.set("security_group_id", &rule.group_id);
    o.set("description", &rule.description);
    o.set("ip_protocol", &rule.ip_protocol);
    let any = rule.ip_protocol == "-1";
    o.set("from_port", rule.from_port.filter(|_| !any));
    o.set("to_port", rule.to_port.filter(|_| !any));
    let peer = own_peer(rule);
    let of = |matches: fn(&Peer) -> bool| peer.as_ref().filter(|p| matches(p)).map(permissions::group_text);
    o.set("cidr_ipv4", of(|p| matches!(p, Peer::Ipv4(_))));
    o.set("cidr_ipv6", of(|p| matches!(p, Peer::Ipv6(_))));
    o.set("prefix_list_id", of(|p| matches!(p, Peer::PrefixList(_))));
    o.set("referenced_security_group_id", of(|p| matches!(p, Peer::Group { .. })));
    o
}

fn same_rule(attribute: &str, a: &Value, b: &Value) -> bool {
    let protocol = |v: &Value| v.as_str().map(|text| permissions::protocol(text));
    let ports = |v: &Value| v.as_i64().filter(|port| *port >= 0);
    match attribute {
        "ip_protocol" => protocol(a).is_some() && protocol(a) == protocol(b),
        "cidr_ipv6" => same(a, b) || validate::same_network(a, b),
        // No port is told as -1 for protocols without ports; port 0 is a port.
        "from_port" | "to_port" => a.is_known() && b.is_known() && ports(a) == ports(b),
        _ => same(a, b),
    }
}
