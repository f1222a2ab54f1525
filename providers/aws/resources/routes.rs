//! Routes, as `aws_route` and the inline routes of `aws_route_table` share them.

use crate::api::{Route, RouteDestination, RouteRequest, RouteTarget};
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::observed::Observed;

/// Attributes that name the target of a route. The network interface comes last: the service tells it also for
/// targets of other kinds.
pub const TARGETS: &[&str] = &[
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
    "network_interface_id",
];

/// Codes of a target that was created a moment ago and is not visible yet.
pub const TARGET_NOT_FOUND: &[&str] = &[
    "InvalidCarrierGatewayID.NotFound",
    "InvalidGatewayID.NotFound",
    "InvalidInternetGatewayID.NotFound",
    "InvalidNatGatewayID.NotFound",
    "InvalidNetworkInterfaceID.NotFound",
    "InvalidParameterException",
    "InvalidRouteTableID.NotFound",
    "InvalidTransitGatewayID.NotFound",
    "InvalidVpcEndpointId.NotFound",
    "InvalidVpcPeeringConnectionID.NotFound",
];

const VISIBILITY_LIMIT: std::time::Duration = std::time::Duration::from_mins(5);

/// The names of the three destination attributes, which differ between the two resource types.
pub struct DestinationNames {
    pub ipv4: &'static str,
    pub ipv6: &'static str,
    pub prefix_list: &'static str,
}

impl DestinationNames {
    pub fn read(&self, object: &Object) -> Option<RouteDestination> {
        let text = |name| object.string(name);
        text(self.ipv4)
            .map(RouteDestination::Ipv4)
            .or_else(|| text(self.ipv6).map(RouteDestination::Ipv6))
            .or_else(|| text(self.prefix_list).map(RouteDestination::PrefixList))
    }
}

/// The target of a route, by the first of [`TARGETS`] that is set.
pub fn target(object: &Object) -> Option<RouteTarget> {
    TARGETS.iter().find_map(|name| {
        let id = object.string(name)?;
        Some(match *name {
            "carrier_gateway_id" => RouteTarget::CarrierGateway(id),
            "core_network_arn" => RouteTarget::CoreNetwork(id),
            "egress_only_gateway_id" => RouteTarget::EgressOnlyGateway(id),
            "gateway_id" => RouteTarget::Gateway(id),
            "local_gateway_id" => RouteTarget::LocalGateway(id),
            "nat_gateway_id" => RouteTarget::NatGateway(id),
            "transit_gateway_id" => RouteTarget::TransitGateway(id),
            "vpc_endpoint_id" => RouteTarget::VpcEndpoint(id),
            "vpc_peering_connection_id" => RouteTarget::VpcPeering(id),
            _ => RouteTarget::NetworkInterface(id),
        })
    })
}

/// The request for a configured route.
pub fn request(object: &Object, names: &DestinationNames) -> Outcome<RouteRequest> {
    let missing = |what: &str| Failure::Other(format!("The route has no {what}."));
    let destination = names.read(object).ok_or_else(|| missing("destination"))?;
    let target = target(object).ok_or_else(|| missing("target"))?;
    Ok(RouteRequest { destination, target })
}

/// Creates a route, waiting for a target that is not visible yet.
pub async fn create(client: &Client, route_table_id: &str, request: &RouteRequest) -> Outcome<()> {
    let mut attempt = 0;
    let deadline_attempts = 30;
    loop {
        match client.once(|ec2| ec2.create_route(route_table_id, request)).await {
            Err(failure) if failure.has_code(TARGET_NOT_FOUND) && attempt < deadline_attempts => {
                client.rest(attempt).await?;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}

pub async fn replace(client: &Client, route_table_id: &str, request: &RouteRequest) -> Outcome<()> {
    client
        .retry_codes(VISIBILITY_LIMIT, TARGET_NOT_FOUND, |ec2| ec2.replace_route(route_table_id, request))
        .await
}

/// Deletes a route; one that is gone already is fine.
pub async fn delete(client: &Client, route_table_id: &str, destination: &RouteDestination) -> Outcome<()> {
    match client.call(|ec2| ec2.delete_route(route_table_id, destination)).await {
        Err(failure) if failure.has_code(&["InvalidRoute.NotFound"]) => Ok(()),
        answer => answer,
    }
}

pub fn destination(route: &Route) -> RouteDestination {
    if !route.destination_ipv6_cidr_block.is_empty() {
        RouteDestination::Ipv6(route.destination_ipv6_cidr_block.clone())
    } else if !route.destination_prefix_list_id.is_empty() {
        RouteDestination::PrefixList(route.destination_prefix_list_id.clone())
    } else {
        RouteDestination::Ipv4(route.destination_cidr_block.clone())
    }
}

/// Whether two destinations are one; IPv6 networks have several spellings.
pub fn same_destination(a: &RouteDestination, b: &RouteDestination) -> bool {
    match (a, b) {
        (RouteDestination::Ipv6(a), RouteDestination::Ipv6(b)) => crate::validate::same_network(
            &value::Value::string(a.as_str()),
            &value::Value::string(b.as_str()),
        ),
        _ => a == b,
    }
}

/// Sets what a route tells of its target.
pub fn observe_target(route: &Route, o: &mut Observed) {
    o.set("carrier_gateway_id", &route.carrier_gateway_id);
    o.set("core_network_arn", &route.core_network_arn);
    o.set("egress_only_gateway_id", &route.egress_only_internet_gateway_id);
    o.set("local_gateway_id", &route.local_gateway_id);
    o.set("nat_gateway_id", &route.nat_gateway_id);
    o.set("network_interface_id", &route.network_interface_id);
    o.set("transit_gateway_id", &route.transit_gateway_id);
    o.set("vpc_peering_connection_id", &route.vpc_peering_connection_id);
    // The service tells endpoints as gateways.
    let endpoint = route.gateway_id.starts_with("vpce-");
    o.set("gateway_id", if endpoint { "" } else { route.gateway_id.as_str() });
    o.set("vpc_endpoint_id", if endpoint { route.gateway_id.as_str() } else { "" });
}
