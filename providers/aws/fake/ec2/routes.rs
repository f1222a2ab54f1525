//! Route tables, routes and network ACLs.

use async_trait::async_trait;

use crate::api::*;
use crate::fake::{Fake, found};

#[async_trait]
impl RouteApi for Fake {
    async fn create_route_table(
        &self,
        vpc_id: &str,
        tags: &Tags,
        _client_token: &str,
    ) -> ApiResult<RouteTable> {
        self.act("CreateRouteTable", |world| {
            let id = world.new_table(vpc_id, tags.clone());
            found(world.tables.get(&id).cloned(), "InternalError")
        })
    }

    async fn delete_route_table(&self, route_table_id: &str) -> ApiResult<()> {
        self.act("DeleteRouteTable", |world| world.delete_table(route_table_id))
    }

    async fn describe_route_tables(&self, filters: &[Filter]) -> ApiResult<Vec<RouteTable>> {
        self.act("DescribeRouteTables", |world| Ok(world.tables(filters)))
    }

    async fn create_route(&self, route_table_id: &str, route: &RouteRequest) -> ApiResult<()> {
        self.act("CreateRoute", |world| world.put_route(route_table_id, route, false))
    }

    async fn replace_route(&self, route_table_id: &str, route: &RouteRequest) -> ApiResult<()> {
        self.act("ReplaceRoute", |world| world.put_route(route_table_id, route, true))
    }

    async fn delete_route(&self, route_table_id: &str, destination: &RouteDestination) -> ApiResult<()> {
        self.act("DeleteRoute", |world| world.delete_route(route_table_id, destination))
    }

    async fn associate_route_table(
        &self,
        route_table_id: &str,
        target: &AssociationTarget,
    ) -> ApiResult<String> {
        self.act("AssociateRouteTable", |world| world.associate_table(route_table_id, target))
    }

    async fn disassociate_route_table(&self, association_id: &str) -> ApiResult<()> {
        self.act("DisassociateRouteTable", |world| world.disassociate_table(association_id).map(|_| ()))
    }

    async fn replace_route_table_association(
        &self,
        association_id: &str,
        route_table_id: &str,
    ) -> ApiResult<String> {
        self.act("ReplaceRouteTableAssociation", |world| {
            let old = world.disassociate_table(association_id)?;
            let target = match (old.subnet_id, old.gateway_id) {
                (Some(id), _) => AssociationTarget::Subnet(id),
                (None, id) => AssociationTarget::Gateway(id.unwrap_or_default()),
            };
            world.associate_table(route_table_id, &target)
        })
    }

    async fn enable_vgw_route_propagation(&self, _route_table_id: &str, _gateway_id: &str) -> ApiResult<()> {
        self.refuse("EnableVgwRoutePropagation")
    }

    async fn disable_vgw_route_propagation(&self, _route_table_id: &str, _gateway_id: &str) -> ApiResult<()> {
        self.refuse("DisableVgwRoutePropagation")
    }

    async fn describe_network_acls(&self, _filters: &[Filter]) -> ApiResult<Vec<NetworkAcl>> {
        self.act("DescribeNetworkAcls", |world| Ok(world.network_acls()))
    }
}
