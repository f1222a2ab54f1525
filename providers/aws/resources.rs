//! The resource types.

use crate::resource::Resource;

mod instance;
mod internet_gateway;
mod key_pair;
mod naming;
mod network_interfaces;
pub mod operation;
mod permissions;
mod route;
mod route_table;
mod route_table_association;
mod routes;
mod security_group;
mod security_group_rule;
mod subnet;
mod vpc;

const RESOURCES: &[&dyn Resource] = &[
    &instance::Instance,
    &internet_gateway::InternetGateway,
    &key_pair::KeyPair,
    &route::Route,
    &route_table::RouteTable,
    &route_table_association::RouteTableAssociation,
    &security_group::SecurityGroup,
    &security_group_rule::EGRESS,
    &security_group_rule::INGRESS,
    &subnet::Subnet,
    &vpc::Vpc,
];

/// The resource type of a name.
pub fn find(type_name: &str) -> Option<&'static dyn Resource> {
    RESOURCES.iter().copied().find(|resource| resource.type_name() == type_name)
}
