//! Internet gateways and route tables.

use super::{NetworkInterface, Subnet, Tags};

#[derive(Clone, Debug, Default)]
pub struct InternetGateway {
    pub internet_gateway_id: String,
    pub owner_id: String,
    /// VPC and state (`attaching`, `available`, `attached`, `detaching`, `detached`).
    pub attachments: Vec<(String, String)>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct RouteTable {
    pub route_table_id: String,
    pub vpc_id: String,
    pub owner_id: String,
    pub associations: Vec<RouteTableAssociation>,
    pub propagating_vgws: Vec<String>,
    pub routes: Vec<Route>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct RouteTableAssociation {
    pub association_id: String,
    pub route_table_id: String,
    pub subnet_id: Option<String>,
    pub gateway_id: Option<String>,
    pub main: bool,
    /// `associating`, `associated`, `disassociating`, `disassociated`, `failed`; empty where not told.
    pub state: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssociationTarget {
    Subnet(String),
    Gateway(String),
}

/// Where packets go to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteDestination {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
}

/// What takes the packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteTarget {
    CarrierGateway(String),
    CoreNetwork(String),
    EgressOnlyGateway(String),
    /// An internet gateway, a virtual private gateway, or `local`.
    Gateway(String),
    LocalGateway(String),
    NatGateway(String),
    NetworkInterface(String),
    TransitGateway(String),
    VpcEndpoint(String),
    VpcPeering(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRequest {
    pub destination: RouteDestination,
    pub target: RouteTarget,
}

#[derive(Clone, Debug, Default)]
pub struct Route {
    pub destination_cidr_block: String,
    pub destination_ipv6_cidr_block: String,
    pub destination_prefix_list_id: String,
    pub carrier_gateway_id: String,
    pub core_network_arn: String,
    pub egress_only_internet_gateway_id: String,
    pub gateway_id: String,
    pub instance_id: String,
    pub instance_owner_id: String,
    pub local_gateway_id: String,
    pub nat_gateway_id: String,
    pub network_interface_id: String,
    pub transit_gateway_id: String,
    pub vpc_peering_connection_id: String,
    /// `CreateRouteTable`, `CreateRoute`, `EnableVgwRoutePropagation`.
    pub origin: String,
    /// `active` or `blackhole`.
    pub state: String,
}
