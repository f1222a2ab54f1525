//! Network interfaces and their addresses.

use async_trait::async_trait;
use provider_aws::api::*;

use super::{Ec2, flag, pages, send};
use crate::convert::{self, filters, int};

#[async_trait]
impl InterfaceApi for Ec2 {
    async fn describe_network_interfaces(&self, wanted: &[Filter]) -> ApiResult<Vec<NetworkInterface>> {
        let request = self.client.describe_network_interfaces().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeNetworkInterfaces", request)?
            .iter()
            .map(convert::network_interface)
            .collect())
    }

    async fn detach_network_interface(&self, attachment_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DetachNetworkInterface",
            self.client.detach_network_interface().attachment_id(attachment_id)
        )?;
        Ok(())
    }

    async fn delete_network_interface(&self, id: &str) -> ApiResult<()> {
        send!(
            self,
            "DeleteNetworkInterface",
            self.client.delete_network_interface().network_interface_id(id)
        )?;
        Ok(())
    }

    async fn modify_network_interface(&self, id: &str, change: &NetworkInterfaceChange) -> ApiResult<()> {
        let request = self.client.modify_network_interface_attribute().network_interface_id(id);
        let request = match change {
            NetworkInterfaceChange::Groups(groups) => request.set_groups(Some(groups.clone())),
            NetworkInterfaceChange::SourceDestCheck(on) => request.source_dest_check(flag(*on)),
        };
        send!(self, "ModifyNetworkInterfaceAttribute", request)?;
        Ok(())
    }

    async fn assign_private_ip_addresses(&self, id: &str, addresses: &[String]) -> ApiResult<()> {
        send!(
            self,
            "AssignPrivateIpAddresses",
            self.client
                .assign_private_ip_addresses()
                .network_interface_id(id)
                .set_private_ip_addresses(Some(addresses.to_vec()))
        )?;
        Ok(())
    }

    async fn unassign_private_ip_addresses(&self, id: &str, addresses: &[String]) -> ApiResult<()> {
        send!(
            self,
            "UnassignPrivateIpAddresses",
            self.client
                .unassign_private_ip_addresses()
                .network_interface_id(id)
                .set_private_ip_addresses(Some(addresses.to_vec()))
        )?;
        Ok(())
    }

    async fn assign_ipv6_addresses(&self, id: &str, count: i64) -> ApiResult<()> {
        send!(
            self,
            "AssignIpv6Addresses",
            self.client.assign_ipv6_addresses().network_interface_id(id).ipv6_address_count(int(count))
        )?;
        Ok(())
    }

    async fn unassign_ipv6_addresses(&self, id: &str, addresses: &[String]) -> ApiResult<()> {
        send!(
            self,
            "UnassignIpv6Addresses",
            self.client
                .unassign_ipv6_addresses()
                .network_interface_id(id)
                .set_ipv6_addresses(Some(addresses.to_vec()))
        )?;
        Ok(())
    }
}
