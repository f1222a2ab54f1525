//! Security groups and their rules.

use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{ints, list, maybe, number, tags, text};

pub fn security_group(g: &sdk::SecurityGroup) -> SecurityGroup {
    SecurityGroup {
        group_id: text(&g.group_id),
        group_name: text(&g.group_name),
        description: text(&g.description),
        owner_id: text(&g.owner_id),
        vpc_id: text(&g.vpc_id),
        ingress: list(&g.ip_permissions, permission),
        egress: list(&g.ip_permissions_egress, permission),
        tags: tags(&g.tags),
    }
}

fn permission(p: &sdk::IpPermission) -> IpPermission {
    let ipv4 = list(&p.ip_ranges, |r| (Peer::Ipv4(text(&r.cidr_ip)), maybe(&r.description)));
    let ipv6 = list(&p.ipv6_ranges, |r| (Peer::Ipv6(text(&r.cidr_ipv6)), maybe(&r.description)));
    let lists =
        list(&p.prefix_list_ids, |r| (Peer::PrefixList(text(&r.prefix_list_id)), maybe(&r.description)));
    let groups = list(&p.user_id_group_pairs, |r| {
        (Peer::Group { group_id: text(&r.group_id), user_id: maybe(&r.user_id) }, maybe(&r.description))
    });
    IpPermission {
        ip_protocol: text(&p.ip_protocol),
        from_port: number(p.from_port),
        to_port: number(p.to_port),
        peers: [ipv4, ipv6, lists, groups].concat(),
    }
}

pub fn sdk_permission(p: &IpPermission) -> sdk::IpPermission {
    let mut builder = sdk::IpPermission::builder()
        .ip_protocol(&p.ip_protocol)
        .set_from_port(ints(p.from_port))
        .set_to_port(ints(p.to_port));
    for (peer, description) in &p.peers {
        let description = description.clone();
        builder = match peer {
            Peer::Ipv4(cidr) => {
                builder.ip_ranges(sdk::IpRange::builder().cidr_ip(cidr).set_description(description).build())
            }
            Peer::Ipv6(cidr) => builder
                .ipv6_ranges(sdk::Ipv6Range::builder().cidr_ipv6(cidr).set_description(description).build()),
            Peer::PrefixList(id) => builder.prefix_list_ids(
                sdk::PrefixListId::builder().prefix_list_id(id).set_description(description).build(),
            ),
            Peer::Group { group_id, user_id } => builder.user_id_group_pairs(
                sdk::UserIdGroupPair::builder()
                    .group_id(group_id)
                    .set_user_id(user_id.clone())
                    .set_description(description)
                    .build(),
            ),
        };
    }
    builder.build()
}

pub fn security_group_rule(r: &sdk::SecurityGroupRule) -> SecurityGroupRule {
    let group = r.referenced_group_info.as_ref();
    let peer = maybe(&r.cidr_ipv4)
        .map(Peer::Ipv4)
        .or_else(|| maybe(&r.cidr_ipv6).map(Peer::Ipv6))
        .or_else(|| maybe(&r.prefix_list_id).map(Peer::PrefixList))
        .or_else(|| group.map(|g| Peer::Group { group_id: text(&g.group_id), user_id: maybe(&g.user_id) }));
    SecurityGroupRule {
        rule_id: text(&r.security_group_rule_id),
        rule_arn: text(&r.security_group_rule_arn),
        group_id: text(&r.group_id),
        group_owner_id: text(&r.group_owner_id),
        is_egress: r.is_egress.unwrap_or(false),
        ip_protocol: text(&r.ip_protocol),
        from_port: number(r.from_port),
        to_port: number(r.to_port),
        peer,
        description: text(&r.description),
        tags: tags(&r.tags),
    }
}
