//! Route tables, routes and network ACLs.

use async_trait::async_trait;
use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{Ec2, pages, send};
use crate::convert::{self, filters, tag_specification};

/// Says in a request about a route where it leads to; the SDK has a type for each request.
macro_rules! destined {
    ($request:ident, $destination:expr) => {
        match $destination {
            RouteDestination::Ipv4(cidr) => $request.destination_cidr_block(cidr),
            RouteDestination::Ipv6(cidr) => $request.destination_ipv6_cidr_block(cidr),
            RouteDestination::PrefixList(id) => $request.destination_prefix_list_id(id),
        }
    };
}

/// Says in a request about a route what it goes through.
macro_rules! aimed {
    ($request:ident, $target:expr) => {
        match $target {
            RouteTarget::CarrierGateway(id) => $request.carrier_gateway_id(id),
            RouteTarget::CoreNetwork(arn) => $request.core_network_arn(arn),
            RouteTarget::EgressOnlyGateway(id) => $request.egress_only_internet_gateway_id(id),
            RouteTarget::Gateway(id) => $request.gateway_id(id),
            RouteTarget::LocalGateway(id) => $request.local_gateway_id(id),
            RouteTarget::NatGateway(id) => $request.nat_gateway_id(id),
            RouteTarget::NetworkInterface(id) => $request.network_interface_id(id),
            RouteTarget::TransitGateway(id) => $request.transit_gateway_id(id),
            RouteTarget::VpcEndpoint(id) => $request.vpc_endpoint_id(id),
            RouteTarget::VpcPeering(id) => $request.vpc_peering_connection_id(id),
        }
    };
}

#[async_trait]
impl RouteApi for Ec2 {
    async fn create_route_table(
        &self,
        vpc_id: &str,
        tags: &Tags,
        client_token: &str,
    ) -> ApiResult<RouteTable> {
        let specification = tag_specification(sdk::ResourceType::RouteTable, tags);
        let request = self
            .client
            .create_route_table()
            .vpc_id(vpc_id)
            .client_token(client_token)
            .set_tag_specifications(specification);
        let answer = send!(self, "CreateRouteTable", request)?;
        answer
            .route_table
            .as_ref()
            .map(convert::route_table)
            .ok_or_else(|| Self::incomplete("CreateRouteTable"))
    }

    async fn delete_route_table(&self, id: &str) -> ApiResult<()> {
        send!(self, "DeleteRouteTable", self.client.delete_route_table().route_table_id(id))?;
        Ok(())
    }

    async fn describe_route_tables(&self, wanted: &[Filter]) -> ApiResult<Vec<RouteTable>> {
        let request = self.client.describe_route_tables().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeRouteTables", request)?.iter().map(convert::route_table).collect())
    }

    async fn create_route(&self, route_table_id: &str, route: &RouteRequest) -> ApiResult<()> {
        let request = self.client.create_route().route_table_id(route_table_id);
        let request = destined!(request, &route.destination);
        let request = aimed!(request, &route.target);
        send!(self, "CreateRoute", request)?;
        Ok(())
    }

    async fn replace_route(&self, route_table_id: &str, route: &RouteRequest) -> ApiResult<()> {
        let request = self.client.replace_route().route_table_id(route_table_id);
        let request = destined!(request, &route.destination);
        let request = match &route.target {
            RouteTarget::Gateway(id) if id == "local" => request.local_target(true),
            target => aimed!(request, target),
        };
        send!(self, "ReplaceRoute", request)?;
        Ok(())
    }

    async fn delete_route(&self, route_table_id: &str, destination: &RouteDestination) -> ApiResult<()> {
        let request = self.client.delete_route().route_table_id(route_table_id);
        let request = destined!(request, destination);
        send!(self, "DeleteRoute", request)?;
        Ok(())
    }

    async fn associate_route_table(
        &self,
        route_table_id: &str,
        target: &AssociationTarget,
    ) -> ApiResult<String> {
        let request = self.client.associate_route_table().route_table_id(route_table_id);
        let request = match target {
            AssociationTarget::Subnet(id) => request.subnet_id(id),
            AssociationTarget::Gateway(id) => request.gateway_id(id),
        };
        let answer = send!(self, "AssociateRouteTable", request)?;
        answer.association_id.ok_or_else(|| Self::incomplete("AssociateRouteTable"))
    }

    async fn disassociate_route_table(&self, association_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DisassociateRouteTable",
            self.client.disassociate_route_table().association_id(association_id)
        )?;
        Ok(())
    }

    async fn replace_route_table_association(
        &self,
        association_id: &str,
        route_table_id: &str,
    ) -> ApiResult<String> {
        let request = self
            .client
            .replace_route_table_association()
            .association_id(association_id)
            .route_table_id(route_table_id);
        let answer = send!(self, "ReplaceRouteTableAssociation", request)?;
        answer.new_association_id.ok_or_else(|| Self::incomplete("ReplaceRouteTableAssociation"))
    }

    async fn enable_vgw_route_propagation(&self, route_table_id: &str, gateway_id: &str) -> ApiResult<()> {
        send!(
            self,
            "EnableVgwRoutePropagation",
            self.client.enable_vgw_route_propagation().route_table_id(route_table_id).gateway_id(gateway_id)
        )?;
        Ok(())
    }

    async fn disable_vgw_route_propagation(&self, route_table_id: &str, gateway_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DisableVgwRoutePropagation",
            self.client.disable_vgw_route_propagation().route_table_id(route_table_id).gateway_id(gateway_id)
        )?;
        Ok(())
    }

    async fn describe_network_acls(&self, wanted: &[Filter]) -> ApiResult<Vec<NetworkAcl>> {
        let request = self.client.describe_network_acls().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeNetworkAcls", request)?.iter().map(convert::network_acl).collect())
    }
}
