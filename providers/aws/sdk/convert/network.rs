//! VPCs, subnets, gateways, route tables and network ACLs.

use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{list, maybe, number, tags, text};

pub fn vpc(v: &sdk::Vpc) -> Vpc {
    Vpc {
        vpc_id: text(&v.vpc_id),
        owner_id: text(&v.owner_id),
        state: text(&v.state),
        cidr_block: text(&v.cidr_block),
        cidr_associations: list(&v.cidr_block_association_set, |a| CidrAssociation {
            association_id: text(&a.association_id),
            cidr_block: text(&a.cidr_block),
            state: a.cidr_block_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        }),
        ipv6_associations: list(&v.ipv6_cidr_block_association_set, vpc_ipv6),
        dhcp_options_id: text(&v.dhcp_options_id),
        instance_tenancy: text(&v.instance_tenancy),
        is_default: v.is_default.unwrap_or(false),
        tags: tags(&v.tags),
    }
}

pub fn vpc_ipv6(a: &sdk::VpcIpv6CidrBlockAssociation) -> Ipv6Association {
    Ipv6Association {
        association_id: text(&a.association_id),
        ipv6_cidr_block: text(&a.ipv6_cidr_block),
        state: a.ipv6_cidr_block_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        network_border_group: text(&a.network_border_group),
        ipv6_pool: text(&a.ipv6_pool),
    }
}

pub fn subnet_ipv6(a: &sdk::SubnetIpv6CidrBlockAssociation) -> Ipv6Association {
    Ipv6Association {
        association_id: text(&a.association_id),
        ipv6_cidr_block: text(&a.ipv6_cidr_block),
        state: a.ipv6_cidr_block_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        ..Ipv6Association::default()
    }
}

pub fn subnet(s: &sdk::Subnet) -> Subnet {
    let names = s.private_dns_name_options_on_launch.as_ref();
    Subnet {
        subnet_id: text(&s.subnet_id),
        subnet_arn: text(&s.subnet_arn),
        vpc_id: text(&s.vpc_id),
        owner_id: text(&s.owner_id),
        state: text(&s.state),
        cidr_block: text(&s.cidr_block),
        ipv6_associations: list(&s.ipv6_cidr_block_association_set, subnet_ipv6),
        availability_zone: text(&s.availability_zone),
        availability_zone_id: text(&s.availability_zone_id),
        available_ip_address_count: number(s.available_ip_address_count).unwrap_or(0),
        assign_ipv6_address_on_creation: s.assign_ipv6_address_on_creation.unwrap_or(false),
        customer_owned_ipv4_pool: text(&s.customer_owned_ipv4_pool),
        default_for_az: s.default_for_az.unwrap_or(false),
        enable_dns64: s.enable_dns64.unwrap_or(false),
        enable_lni_at_device_index: number(s.enable_lni_at_device_index).unwrap_or(0),
        ipv6_native: s.ipv6_native.unwrap_or(false),
        map_customer_owned_ip_on_launch: s.map_customer_owned_ip_on_launch.unwrap_or(false),
        map_public_ip_on_launch: s.map_public_ip_on_launch.unwrap_or(false),
        outpost_arn: text(&s.outpost_arn),
        hostname_type: names.map(|n| text(&n.hostname_type)).unwrap_or_default(),
        resource_name_dns_a_record: names.and_then(|n| n.enable_resource_name_dns_a_record).unwrap_or(false),
        resource_name_dns_aaaa_record: names
            .and_then(|n| n.enable_resource_name_dns_aaaa_record)
            .unwrap_or(false),
        tags: tags(&s.tags),
    }
}

pub fn internet_gateway(g: &sdk::InternetGateway) -> InternetGateway {
    InternetGateway {
        internet_gateway_id: text(&g.internet_gateway_id),
        owner_id: text(&g.owner_id),
        attachments: list(&g.attachments, |a| (text(&a.vpc_id), text(&a.state))),
        tags: tags(&g.tags),
    }
}

pub fn route_table(t: &sdk::RouteTable) -> RouteTable {
    RouteTable {
        route_table_id: text(&t.route_table_id),
        vpc_id: text(&t.vpc_id),
        owner_id: text(&t.owner_id),
        associations: list(&t.associations, |a| RouteTableAssociation {
            association_id: text(&a.route_table_association_id),
            route_table_id: text(&a.route_table_id),
            subnet_id: maybe(&a.subnet_id),
            gateway_id: maybe(&a.gateway_id),
            main: a.main.unwrap_or(false),
            state: a.association_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        }),
        propagating_vgws: list(&t.propagating_vgws, |g| text(&g.gateway_id)),
        routes: list(&t.routes, route),
        tags: tags(&t.tags),
    }
}

fn route(r: &sdk::Route) -> Route {
    Route {
        destination_cidr_block: text(&r.destination_cidr_block),
        destination_ipv6_cidr_block: text(&r.destination_ipv6_cidr_block),
        destination_prefix_list_id: text(&r.destination_prefix_list_id),
        carrier_gateway_id: text(&r.carrier_gateway_id),
        core_network_arn: text(&r.core_network_arn),
        egress_only_internet_gateway_id: text(&r.egress_only_internet_gateway_id),
        gateway_id: text(&r.gateway_id),
        instance_id: text(&r.instance_id),
        instance_owner_id: text(&r.instance_owner_id),
        local_gateway_id: text(&r.local_gateway_id),
        nat_gateway_id: text(&r.nat_gateway_id),
        network_interface_id: text(&r.network_interface_id),
        transit_gateway_id: text(&r.transit_gateway_id),
        vpc_peering_connection_id: text(&r.vpc_peering_connection_id),
        origin: text(&r.origin),
        state: text(&r.state),
    }
}

pub fn network_acl(a: &sdk::NetworkAcl) -> NetworkAcl {
    NetworkAcl {
        network_acl_id: text(&a.network_acl_id),
        vpc_id: text(&a.vpc_id),
        is_default: a.is_default.unwrap_or(false),
    }
}
