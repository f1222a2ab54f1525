//! VPCs, subnets and internet gateways.

use async_trait::async_trait;
use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{Ec2, flag, pages, send};
use crate::convert::{self, filters, int, ints, tag_specification};

#[async_trait]
impl VpcApi for Ec2 {
    async fn create_vpc(&self, r: &CreateVpc) -> ApiResult<Vpc> {
        let request = self
            .client
            .create_vpc()
            .set_cidr_block(r.cidr_block.clone())
            .set_ipv4_ipam_pool_id(r.ipv4_ipam_pool_id.clone())
            .set_ipv4_netmask_length(ints(r.ipv4_netmask_length))
            .set_amazon_provided_ipv6_cidr_block(r.amazon_provided_ipv6_cidr_block.then_some(true))
            .set_ipv6_cidr_block(r.ipv6_cidr_block.clone())
            .set_ipv6_ipam_pool_id(r.ipv6_ipam_pool_id.clone())
            .set_ipv6_netmask_length(ints(r.ipv6_netmask_length))
            .set_ipv6_cidr_block_network_border_group(r.ipv6_cidr_block_network_border_group.clone())
            .set_instance_tenancy(r.instance_tenancy.as_deref().map(Into::into))
            .set_tag_specifications(tag_specification(sdk::ResourceType::Vpc, &r.tags));
        let answer = send!(self, "CreateVpc", request)?;
        answer.vpc.as_ref().map(convert::vpc).ok_or_else(|| Self::incomplete("CreateVpc"))
    }

    async fn delete_vpc(&self, vpc_id: &str) -> ApiResult<()> {
        send!(self, "DeleteVpc", self.client.delete_vpc().vpc_id(vpc_id))?;
        Ok(())
    }

    async fn describe_vpcs(&self, wanted: &[Filter]) -> ApiResult<Vec<Vpc>> {
        let request = self.client.describe_vpcs().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeVpcs", request)?.iter().map(convert::vpc).collect())
    }

    async fn describe_vpc_attribute(&self, vpc_id: &str, name: VpcAttribute) -> ApiResult<bool> {
        let sdk_name = match name {
            VpcAttribute::EnableDnsSupport => sdk::VpcAttributeName::EnableDnsSupport,
            VpcAttribute::EnableDnsHostnames => sdk::VpcAttributeName::EnableDnsHostnames,
            VpcAttribute::EnableNetworkAddressUsageMetrics => {
                sdk::VpcAttributeName::EnableNetworkAddressUsageMetrics
            }
        };
        let request = self.client.describe_vpc_attribute().vpc_id(vpc_id).attribute(sdk_name);
        let answer = send!(self, "DescribeVpcAttribute", request)?;
        let value = match name {
            VpcAttribute::EnableDnsSupport => answer.enable_dns_support,
            VpcAttribute::EnableDnsHostnames => answer.enable_dns_hostnames,
            VpcAttribute::EnableNetworkAddressUsageMetrics => answer.enable_network_address_usage_metrics,
        };
        Ok(value.and_then(|v| v.value).unwrap_or(false))
    }

    async fn modify_vpc_attribute(&self, vpc_id: &str, name: VpcAttribute, value: bool) -> ApiResult<()> {
        let request = self.client.modify_vpc_attribute().vpc_id(vpc_id);
        let request = match name {
            VpcAttribute::EnableDnsSupport => request.enable_dns_support(flag(value)),
            VpcAttribute::EnableDnsHostnames => request.enable_dns_hostnames(flag(value)),
            VpcAttribute::EnableNetworkAddressUsageMetrics => {
                request.enable_network_address_usage_metrics(flag(value))
            }
        };
        send!(self, "ModifyVpcAttribute", request)?;
        Ok(())
    }

    async fn modify_vpc_tenancy(&self, vpc_id: &str) -> ApiResult<()> {
        send!(
            self,
            "ModifyVpcTenancy",
            self.client.modify_vpc_tenancy().vpc_id(vpc_id).instance_tenancy(sdk::VpcTenancy::Default)
        )?;
        Ok(())
    }

    async fn associate_vpc_cidr_block(&self, r: &AssociateVpcIpv6) -> ApiResult<Ipv6Association> {
        let request = self
            .client
            .associate_vpc_cidr_block()
            .vpc_id(&r.vpc_id)
            .set_amazon_provided_ipv6_cidr_block(r.amazon_provided_ipv6_cidr_block.then_some(true))
            .set_ipv6_cidr_block(r.ipv6_cidr_block.clone())
            .set_ipv6_ipam_pool_id(r.ipv6_ipam_pool_id.clone())
            .set_ipv6_netmask_length(ints(r.ipv6_netmask_length))
            .set_ipv6_cidr_block_network_border_group(r.ipv6_cidr_block_network_border_group.clone());
        let answer = send!(self, "AssociateVpcCidrBlock", request)?;
        let association = answer.ipv6_cidr_block_association.as_ref().map(convert::vpc_ipv6);
        association.ok_or_else(|| Self::incomplete("AssociateVpcCidrBlock"))
    }

    async fn disassociate_vpc_cidr_block(&self, association_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DisassociateVpcCidrBlock",
            self.client.disassociate_vpc_cidr_block().association_id(association_id)
        )?;
        Ok(())
    }

    async fn create_subnet(&self, r: &CreateSubnet) -> ApiResult<Subnet> {
        let request = self
            .client
            .create_subnet()
            .vpc_id(&r.vpc_id)
            .set_cidr_block(r.cidr_block.clone())
            .set_ipv6_cidr_block(r.ipv6_cidr_block.clone())
            .set_ipv6_native(r.ipv6_native.then_some(true))
            .set_availability_zone(r.availability_zone.clone())
            .set_availability_zone_id(r.availability_zone_id.clone())
            .set_outpost_arn(r.outpost_arn.clone())
            .set_tag_specifications(tag_specification(sdk::ResourceType::Subnet, &r.tags));
        let answer = send!(self, "CreateSubnet", request)?;
        answer.subnet.as_ref().map(convert::subnet).ok_or_else(|| Self::incomplete("CreateSubnet"))
    }

    async fn delete_subnet(&self, subnet_id: &str) -> ApiResult<()> {
        send!(self, "DeleteSubnet", self.client.delete_subnet().subnet_id(subnet_id))?;
        Ok(())
    }

    async fn describe_subnets(&self, wanted: &[Filter]) -> ApiResult<Vec<Subnet>> {
        let request = self.client.describe_subnets().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeSubnets", request)?.iter().map(convert::subnet).collect())
    }

    async fn modify_subnet_attribute(&self, subnet_id: &str, change: &SubnetChange) -> ApiResult<()> {
        let request = self.client.modify_subnet_attribute().subnet_id(subnet_id);
        let request = match change {
            SubnetChange::AssignIpv6AddressOnCreation(on) => {
                request.assign_ipv6_address_on_creation(flag(*on))
            }
            SubnetChange::MapPublicIpOnLaunch(on) => request.map_public_ip_on_launch(flag(*on)),
            SubnetChange::EnableDns64(on) => request.enable_dns64(flag(*on)),
            SubnetChange::EnableResourceNameDnsARecordOnLaunch(on) => {
                request.enable_resource_name_dns_a_record_on_launch(flag(*on))
            }
            SubnetChange::EnableResourceNameDnsAaaaRecordOnLaunch(on) => {
                request.enable_resource_name_dns_aaaa_record_on_launch(flag(*on))
            }
            SubnetChange::PrivateDnsHostnameTypeOnLaunch(kind) => {
                request.private_dns_hostname_type_on_launch(kind.as_str().into())
            }
            SubnetChange::EnableLniAtDeviceIndex(index) => request.enable_lni_at_device_index(int(*index)),
            SubnetChange::DisableLniAtDeviceIndex => request.disable_lni_at_device_index(flag(true)),
            SubnetChange::CustomerOwnedIp { map_on_launch, pool } => request
                .map_customer_owned_ip_on_launch(flag(*map_on_launch))
                .set_customer_owned_ipv4_pool(pool.clone()),
        };
        send!(self, "ModifySubnetAttribute", request)?;
        Ok(())
    }

    async fn associate_subnet_cidr_block(
        &self,
        subnet_id: &str,
        ipv6_cidr_block: &str,
    ) -> ApiResult<Ipv6Association> {
        let request =
            self.client.associate_subnet_cidr_block().subnet_id(subnet_id).ipv6_cidr_block(ipv6_cidr_block);
        let answer = send!(self, "AssociateSubnetCidrBlock", request)?;
        let association = answer.ipv6_cidr_block_association.as_ref().map(convert::subnet_ipv6);
        association.ok_or_else(|| Self::incomplete("AssociateSubnetCidrBlock"))
    }

    async fn disassociate_subnet_cidr_block(&self, association_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DisassociateSubnetCidrBlock",
            self.client.disassociate_subnet_cidr_block().association_id(association_id)
        )?;
        Ok(())
    }

    async fn create_internet_gateway(&self, tags: &Tags) -> ApiResult<InternetGateway> {
        let specification = tag_specification(sdk::ResourceType::InternetGateway, tags);
        let request = self.client.create_internet_gateway().set_tag_specifications(specification);
        let answer = send!(self, "CreateInternetGateway", request)?;
        let gateway = answer.internet_gateway.as_ref().map(convert::internet_gateway);
        gateway.ok_or_else(|| Self::incomplete("CreateInternetGateway"))
    }

    async fn delete_internet_gateway(&self, id: &str) -> ApiResult<()> {
        send!(self, "DeleteInternetGateway", self.client.delete_internet_gateway().internet_gateway_id(id))?;
        Ok(())
    }

    async fn attach_internet_gateway(&self, id: &str, vpc_id: &str) -> ApiResult<()> {
        send!(
            self,
            "AttachInternetGateway",
            self.client.attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc_id)
        )?;
        Ok(())
    }

    async fn detach_internet_gateway(&self, id: &str, vpc_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DetachInternetGateway",
            self.client.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc_id)
        )?;
        Ok(())
    }

    async fn describe_internet_gateways(&self, wanted: &[Filter]) -> ApiResult<Vec<InternetGateway>> {
        let request = self.client.describe_internet_gateways().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeInternetGateways", request)?.iter().map(convert::internet_gateway).collect())
    }
}
