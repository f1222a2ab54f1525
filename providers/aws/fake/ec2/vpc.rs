//! VPCs, subnets and internet gateways.

use async_trait::async_trait;

use crate::api::*;
use crate::fake::{Fake, found};

#[async_trait]
impl VpcApi for Fake {
    async fn create_vpc(&self, request: &CreateVpc) -> ApiResult<Vpc> {
        self.act("CreateVpc", |world| world.create_vpc(request))
    }

    async fn delete_vpc(&self, vpc_id: &str) -> ApiResult<()> {
        self.act("DeleteVpc", |world| world.delete_vpc(vpc_id))
    }

    async fn describe_vpcs(&self, filters: &[Filter]) -> ApiResult<Vec<Vpc>> {
        self.act("DescribeVpcs", |world| Ok(world.vpcs(filters)))
    }

    async fn describe_vpc_attribute(&self, vpc_id: &str, attribute: VpcAttribute) -> ApiResult<bool> {
        self.act("DescribeVpcAttribute", |world| world.vpc_attribute(vpc_id, attribute))
    }

    async fn modify_vpc_attribute(
        &self,
        vpc_id: &str,
        attribute: VpcAttribute,
        value: bool,
    ) -> ApiResult<()> {
        self.act("ModifyVpcAttribute", |world| world.modify_vpc(vpc_id, attribute, value))
    }

    async fn modify_vpc_tenancy(&self, vpc_id: &str) -> ApiResult<()> {
        self.act("ModifyVpcTenancy", |world| {
            found(world.vpcs.get_mut(vpc_id), "InvalidVpcID.NotFound")?.0.instance_tenancy = "default".into();
            Ok(())
        })
    }

    async fn associate_vpc_cidr_block(&self, request: &AssociateVpcIpv6) -> ApiResult<Ipv6Association> {
        self.act("AssociateVpcCidrBlock", |world| world.associate_vpc_ipv6(request))
    }

    async fn disassociate_vpc_cidr_block(&self, association_id: &str) -> ApiResult<()> {
        self.act("DisassociateVpcCidrBlock", |world| world.disassociate_vpc(association_id))
    }

    async fn create_subnet(&self, request: &CreateSubnet) -> ApiResult<Subnet> {
        self.act("CreateSubnet", |world| world.create_subnet(request))
    }

    async fn delete_subnet(&self, subnet_id: &str) -> ApiResult<()> {
        self.act("DeleteSubnet", |world| world.delete_subnet(subnet_id))
    }

    async fn describe_subnets(&self, filters: &[Filter]) -> ApiResult<Vec<Subnet>> {
        self.act("DescribeSubnets", |world| Ok(world.subnets(filters)))
    }

    async fn modify_subnet_attribute(&self, subnet_id: &str, change: &SubnetChange) -> ApiResult<()> {
        self.act("ModifySubnetAttribute", |world| world.modify_subnet(subnet_id, change))
    }

    async fn associate_subnet_cidr_block(
        &self,
        _subnet_id: &str,
        _ipv6_cidr_block: &str,
    ) -> ApiResult<Ipv6Association> {
        self.refuse("AssociateSubnetCidrBlock")
    }

    async fn disassociate_subnet_cidr_block(&self, _association_id: &str) -> ApiResult<()> {
        self.refuse("DisassociateSubnetCidrBlock")
    }

    async fn create_internet_gateway(&self, tags: &Tags) -> ApiResult<InternetGateway> {
        self.act("CreateInternetGateway", |world| Ok(world.create_gateway(tags)))
    }

    async fn delete_internet_gateway(&self, internet_gateway_id: &str) -> ApiResult<()> {
        self.act("DeleteInternetGateway", |world| world.delete_gateway(internet_gateway_id))
    }

    async fn attach_internet_gateway(&self, internet_gateway_id: &str, vpc_id: &str) -> ApiResult<()> {
        self.act("AttachInternetGateway", |world| world.attach(internet_gateway_id, vpc_id))
    }

    async fn detach_internet_gateway(&self, internet_gateway_id: &str, vpc_id: &str) -> ApiResult<()> {
        self.act("DetachInternetGateway", |world| world.detach(internet_gateway_id, vpc_id))
    }

    async fn describe_internet_gateways(&self, filters: &[Filter]) -> ApiResult<Vec<InternetGateway>> {
        self.act("DescribeInternetGateways", |world| Ok(world.gateways(filters)))
    }
}
