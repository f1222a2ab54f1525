//! Who may reach what: network ACLs, security groups with their rules, key pairs.

use super::Tags;

#[derive(Clone, Debug, Default)]
pub struct NetworkAcl {
    pub network_acl_id: String,
    pub vpc_id: String,
    pub is_default: bool,
}

#[derive(Clone, Debug, Default)]
pub struct CreateSecurityGroup {
    pub group_name: String,
    pub description: String,
    pub vpc_id: Option<String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct SecurityGroup {
    pub group_id: String,
    pub group_name: String,
    pub description: String,
    pub owner_id: String,
    pub vpc_id: String,
    pub ingress: Vec<IpPermission>,
    pub egress: Vec<IpPermission>,
    pub tags: Tags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    Ingress,
    Egress,
}

/// Who a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
    /// A security group; with the owner's account where it is another's.
    Group {
        group_id: String,
        user_id: Option<String>,
    },
}

/// One protocol and port range with the peers it is open for, each with its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpPermission {
    pub ip_protocol: String,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub peers: Vec<(Peer, Option<String>)>,
}

#[derive(Clone, Debug, Default)]
pub struct SecurityGroupRule {
    pub rule_id: String,
    pub rule_arn: String,
    pub group_id: String,
    pub group_owner_id: String,
    pub is_egress: bool,
    pub ip_protocol: String,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub peer: Option<Peer>,
    pub description: String,
    pub tags: Tags,
}

#[derive(Clone, Debug)]
pub struct SecurityGroupRuleChange {
    pub ip_protocol: String,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub peer: Peer,
    pub description: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct KeyPair {
    pub key_pair_id: String,
    pub key_name: String,
    pub key_type: String,
    pub fingerprint: String,
    pub public_key: String,
    pub tags: Tags,
}
