//! Network interfaces and their addresses.

use async_trait::async_trait;

use crate::api::*;
use crate::fake::{Fake, found};

#[async_trait]
impl InterfaceApi for Fake {
    async fn describe_network_interfaces(&self, filters: &[Filter]) -> ApiResult<Vec<NetworkInterface>> {
        self.act("DescribeNetworkInterfaces", |world| {
            let _ = filters;
            Ok(world.interfaces.values().cloned().collect())
        })
    }

    async fn detach_network_interface(&self, _attachment_id: &str) -> ApiResult<()> {
        self.refuse("DetachNetworkInterface")
    }

    async fn delete_network_interface(&self, network_interface_id: &str) -> ApiResult<()> {
        self.act("DeleteNetworkInterface", |world| {
            found(world.interfaces.remove(network_interface_id), "InvalidNetworkInterfaceID.NotFound")
                .map(|_| ())
        })
    }

    async fn modify_network_interface(
        &self,
        _network_interface_id: &str,
        _change: &NetworkInterfaceChange,
    ) -> ApiResult<()> {
        self.refuse("ModifyNetworkInterface")
    }

    async fn assign_private_ip_addresses(
        &self,
        _network_interface_id: &str,
        _addresses: &[String],
    ) -> ApiResult<()> {
        self.refuse("AssignPrivateIpAddresses")
    }

    async fn unassign_private_ip_addresses(
        &self,
        _network_interface_id: &str,
        _addresses: &[String],
    ) -> ApiResult<()> {
        self.refuse("UnassignPrivateIpAddresses")
    }

    async fn assign_ipv6_addresses(&self, _network_interface_id: &str, _count: i64) -> ApiResult<()> {
        self.refuse("AssignIpv6Addresses")
    }

    async fn unassign_ipv6_addresses(
        &self,
        _network_interface_id: &str,
        _addresses: &[String],
    ) -> ApiResult<()> {
        self.refuse("UnassignIpv6Addresses")
    }
}
