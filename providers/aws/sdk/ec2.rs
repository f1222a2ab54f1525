//! [`Ec2Api`] over the SDK.

use std::error::Error;

use async_trait::async_trait;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types as sdk;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{Blob, DateTime};
use provider_aws::api::*;

use crate::convert::{self, filters, int, ints, list, maybe, some, tag_specification, text};
use crate::error::api_error;

pub struct Ec2 {
    client: aws_sdk_ec2::Client,
    endpoint: String,
}

impl Ec2 {
    pub fn new(client: aws_sdk_ec2::Client, endpoint: String) -> Self {
        Self { client, endpoint }
    }

    /// The answer, or the failure with the operation's name.
    fn told<T, E>(
        &self,
        operation: &'static str,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> ApiResult<T>
    where
        E: ProvideErrorMetadata + RequestId + Error + Send + Sync + 'static,
    {
        answer.map_err(|error| api_error("EC2", operation, &self.endpoint, error))
    }

    /// An answer without something that the service always tells.
    fn incomplete(operation: &'static str) -> ApiError {
        ApiError {
            service: "EC2",
            operation,
            kind: ApiErrorKind::AnswerLost,
            code: String::new(),
            message: "the answer does not name the object".into(),
            request_id: None,
        }
    }
}

fn flag(value: bool) -> sdk::AttributeBooleanValue {
    sdk::AttributeBooleanValue::builder().value(value).build()
}

fn attribute(value: &str) -> sdk::AttributeValue {
    sdk::AttributeValue::builder().value(value).build()
}

fn profile(name: &str) -> sdk::IamInstanceProfileSpecification {
    sdk::IamInstanceProfileSpecification::builder().name(name).build()
}

/// Sends a request and names its operation in a failure.
macro_rules! send {
    ($self:ident, $operation:literal, $request:expr) => {
        $self.told($operation, $request.send().await)
    };
}

/// Follows the pages of a description to the end.
macro_rules! pages {
    ($self:ident, $operation:literal, $request:expr) => {{
        let items: Result<Vec<_>, _> = $request.into_paginator().items().send().collect().await;
        $self.told($operation, items)
    }};
}

#[async_trait]
impl Ec2Api for Ec2 {
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
        let request = match &route.destination {
            RouteDestination::Ipv4(cidr) => request.destination_cidr_block(cidr),
            RouteDestination::Ipv6(cidr) => request.destination_ipv6_cidr_block(cidr),
            RouteDestination::PrefixList(id) => request.destination_prefix_list_id(id),
        };
        let request = match &route.target {
            RouteTarget::CarrierGateway(id) => request.carrier_gateway_id(id),
            RouteTarget::CoreNetwork(arn) => request.core_network_arn(arn),
            RouteTarget::EgressOnlyGateway(id) => request.egress_only_internet_gateway_id(id),
            RouteTarget::Gateway(id) => request.gateway_id(id),
            RouteTarget::LocalGateway(id) => request.local_gateway_id(id),
            RouteTarget::NatGateway(id) => request.nat_gateway_id(id),
            RouteTarget::NetworkInterface(id) => request.network_interface_id(id),
            RouteTarget::TransitGateway(id) => request.transit_gateway_id(id),
            RouteTarget::VpcEndpoint(id) => request.vpc_endpoint_id(id),
            RouteTarget::VpcPeering(id) => request.vpc_peering_connection_id(id),
        };
        send!(self, "CreateRoute", request)?;
        Ok(())
    }

    async fn replace_route(&self, route_table_id: &str, route: &RouteRequest) -> ApiResult<()> {
        let request = self.client.replace_route().route_table_id(route_table_id);
        let request = match &route.destination {
            RouteDestination::Ipv4(cidr) => request.destination_cidr_block(cidr),
            RouteDestination::Ipv6(cidr) => request.destination_ipv6_cidr_block(cidr),
            RouteDestination::PrefixList(id) => request.destination_prefix_list_id(id),
        };
        let request = match &route.target {
            RouteTarget::CarrierGateway(id) => request.carrier_gateway_id(id),
            RouteTarget::CoreNetwork(arn) => request.core_network_arn(arn),
            RouteTarget::EgressOnlyGateway(id) => request.egress_only_internet_gateway_id(id),
            RouteTarget::Gateway(id) if id == "local" => request.local_target(true),
            RouteTarget::Gateway(id) => request.gateway_id(id),
            RouteTarget::LocalGateway(id) => request.local_gateway_id(id),
            RouteTarget::NatGateway(id) => request.nat_gateway_id(id),
            RouteTarget::NetworkInterface(id) => request.network_interface_id(id),
            RouteTarget::TransitGateway(id) => request.transit_gateway_id(id),
            RouteTarget::VpcEndpoint(id) => request.vpc_endpoint_id(id),
            RouteTarget::VpcPeering(id) => request.vpc_peering_connection_id(id),
        };
        send!(self, "ReplaceRoute", request)?;
        Ok(())
    }

    async fn delete_route(&self, route_table_id: &str, destination: &RouteDestination) -> ApiResult<()> {
        let request = self.client.delete_route().route_table_id(route_table_id);
        let request = match destination {
            RouteDestination::Ipv4(cidr) => request.destination_cidr_block(cidr),
            RouteDestination::Ipv6(cidr) => request.destination_ipv6_cidr_block(cidr),
            RouteDestination::PrefixList(id) => request.destination_prefix_list_id(id),
        };
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

    async fn create_security_group(&self, r: &CreateSecurityGroup) -> ApiResult<String> {
        let request = self
            .client
            .create_security_group()
            .group_name(&r.group_name)
            .description(&r.description)
            .set_vpc_id(r.vpc_id.clone())
            .set_tag_specifications(tag_specification(sdk::ResourceType::SecurityGroup, &r.tags));
        let answer = send!(self, "CreateSecurityGroup", request)?;
        answer.group_id.ok_or_else(|| Self::incomplete("CreateSecurityGroup"))
    }

    async fn delete_security_group(&self, group_id: &str) -> ApiResult<()> {
        send!(self, "DeleteSecurityGroup", self.client.delete_security_group().group_id(group_id))?;
        Ok(())
    }

    async fn describe_security_groups(&self, wanted: &[Filter]) -> ApiResult<Vec<SecurityGroup>> {
        let request = self.client.describe_security_groups().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeSecurityGroups", request)?.iter().map(convert::security_group).collect())
    }

    async fn describe_security_group_rules(&self, wanted: &[Filter]) -> ApiResult<Vec<SecurityGroupRule>> {
        let request = self.client.describe_security_group_rules().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeSecurityGroupRules", request)?
            .iter()
            .map(convert::security_group_rule)
            .collect())
    }

    async fn authorize_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
        tags: &Tags,
    ) -> ApiResult<Vec<SecurityGroupRule>> {
        match direction {
            Direction::Ingress => {
                let request = self
                    .client
                    .authorize_security_group_ingress()
                    .group_id(group_id)
                    .set_ip_permissions(some(permissions.iter().map(convert::sdk_permission).collect()))
                    .set_tag_specifications(tag_specification(sdk::ResourceType::SecurityGroupRule, tags));
                let answer = send!(self, "AuthorizeSecurityGroupIngress", request)?;
                Ok(list(&answer.security_group_rules, convert::security_group_rule))
            }
            Direction::Egress => {
                let request = self
                    .client
                    .authorize_security_group_egress()
                    .group_id(group_id)
                    .set_ip_permissions(some(permissions.iter().map(convert::sdk_permission).collect()))
                    .set_tag_specifications(tag_specification(sdk::ResourceType::SecurityGroupRule, tags));
                let answer = send!(self, "AuthorizeSecurityGroupEgress", request)?;
                Ok(list(&answer.security_group_rules, convert::security_group_rule))
            }
        }
    }

    async fn revoke_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        match direction {
            Direction::Ingress => {
                let request = self
                    .client
                    .revoke_security_group_ingress()
                    .group_id(group_id)
                    .set_ip_permissions(some(permissions.iter().map(convert::sdk_permission).collect()));
                send!(self, "RevokeSecurityGroupIngress", request)?;
                Ok(())
            }
            Direction::Egress => {
                let request = self
                    .client
                    .revoke_security_group_egress()
                    .group_id(group_id)
                    .set_ip_permissions(some(permissions.iter().map(convert::sdk_permission).collect()));
                send!(self, "RevokeSecurityGroupEgress", request)?;
                Ok(())
            }
        }
    }

    async fn revoke_security_group_rules(
        &self,
        group_id: &str,
        direction: Direction,
        rule_ids: &[String],
    ) -> ApiResult<()> {
        match direction {
            Direction::Ingress => {
                let request = self
                    .client
                    .revoke_security_group_ingress()
                    .group_id(group_id)
                    .set_security_group_rule_ids(some(rule_ids.to_vec()));
                send!(self, "RevokeSecurityGroupIngress", request)?;
                Ok(())
            }
            Direction::Egress => {
                let request = self
                    .client
                    .revoke_security_group_egress()
                    .group_id(group_id)
                    .set_security_group_rule_ids(some(rule_ids.to_vec()));
                send!(self, "RevokeSecurityGroupEgress", request)?;
                Ok(())
            }
        }
    }

    async fn modify_security_group_rule(
        &self,
        group_id: &str,
        rule_id: &str,
        rule: &SecurityGroupRuleChange,
    ) -> ApiResult<()> {
        let change = sdk::SecurityGroupRuleRequest::builder()
            .ip_protocol(&rule.ip_protocol)
            .set_from_port(ints(rule.from_port))
            .set_to_port(ints(rule.to_port))
            .set_description(rule.description.clone());
        let change = match &rule.peer {
            Peer::Ipv4(cidr) => change.cidr_ipv4(cidr),
            Peer::Ipv6(cidr) => change.cidr_ipv6(cidr),
            Peer::PrefixList(id) => change.prefix_list_id(id),
            Peer::Group { group_id, .. } => change.referenced_group_id(group_id),
        };
        let update = sdk::SecurityGroupRuleUpdate::builder()
            .security_group_rule_id(rule_id)
            .security_group_rule(change.build())
            .build();
        let request =
            self.client.modify_security_group_rules().group_id(group_id).security_group_rules(update);
        send!(self, "ModifySecurityGroupRules", request)?;
        Ok(())
    }

    async fn update_security_group_rule_descriptions(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        match direction {
            Direction::Ingress => {
                let request = self
                    .client
                    .update_security_group_rule_descriptions_ingress()
                    .group_id(group_id)
                    .set_ip_permissions(some(permissions.iter().map(convert::sdk_permission).collect()));
                send!(self, "UpdateSecurityGroupRuleDescriptionsIngress", request)?;
                Ok(())
            }
            Direction::Egress => {
                let request = self
                    .client
                    .update_security_group_rule_descriptions_egress()
                    .group_id(group_id)
                    .set_ip_permissions(some(permissions.iter().map(convert::sdk_permission).collect()));
                send!(self, "UpdateSecurityGroupRuleDescriptionsEgress", request)?;
                Ok(())
            }
        }
    }

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

    async fn import_key_pair(&self, key_name: &str, public_key: &str, tags: &Tags) -> ApiResult<KeyPair> {
        let request = self
            .client
            .import_key_pair()
            .key_name(key_name)
            .public_key_material(Blob::new(public_key))
            .set_tag_specifications(tag_specification(sdk::ResourceType::KeyPair, tags));
        let answer = send!(self, "ImportKeyPair", request)?;
        Ok(KeyPair {
            key_pair_id: text(&answer.key_pair_id),
            key_name: text(&answer.key_name),
            fingerprint: text(&answer.key_fingerprint),
            tags: tags.clone(),
            ..KeyPair::default()
        })
    }

    async fn delete_key_pair(&self, key_name: &str) -> ApiResult<()> {
        send!(self, "DeleteKeyPair", self.client.delete_key_pair().key_name(key_name))?;
        Ok(())
    }

    async fn describe_key_pairs(&self, wanted: &[Filter]) -> ApiResult<Vec<KeyPair>> {
        let request = self.client.describe_key_pairs().set_filters(filters(wanted)).include_public_key(true);
        let answer = send!(self, "DescribeKeyPairs", request)?;
        Ok(list(&answer.key_pairs, convert::key_pair))
    }

    async fn run_instances(&self, r: &RunInstance) -> ApiResult<Instance> {
        let monitoring =
            r.monitoring.map(|on| sdk::RunInstancesMonitoringEnabled::builder().enabled(on).build());
        let hibernation =
            r.hibernation.map(|on| sdk::HibernationOptionsRequest::builder().configured(on).build());
        let enclave = r.enclave.map(|on| sdk::EnclaveOptionsRequest::builder().enabled(on).build());
        let credits = r
            .credit_specification
            .as_ref()
            .map(|credits| sdk::CreditSpecificationRequest::builder().cpu_credits(credits).build());
        let template = r.launch_template.as_ref().map(|t| {
            sdk::LaunchTemplateSpecification::builder()
                .set_launch_template_id(t.id.clone())
                .set_launch_template_name(t.name.clone())
                .set_version(t.version.clone())
                .build()
        });
        let names = r.private_dns_name_options.as_ref().map(|o| {
            sdk::PrivateDnsNameOptionsRequest::builder()
                .set_hostname_type(o.hostname_type.as_deref().map(Into::into))
                .set_enable_resource_name_dns_a_record(o.enable_resource_name_dns_a_record)
                .set_enable_resource_name_dns_aaaa_record(o.enable_resource_name_dns_aaaa_record)
                .build()
        });
        let maintenance = r.maintenance_auto_recovery.as_deref().map(|recovery| {
            sdk::InstanceMaintenanceOptionsRequest::builder().auto_recovery(recovery.into()).build()
        });
        let cpu = r.cpu_options.as_ref().map(|c| {
            sdk::CpuOptionsRequest::builder()
                .set_core_count(ints(c.core_count))
                .set_threads_per_core(ints(c.threads_per_core))
                .set_amd_sev_snp(c.amd_sev_snp.as_deref().map(Into::into))
                .build()
        });
        let mut tags = tag_specification(sdk::ResourceType::Instance, &r.tags).unwrap_or_default();
        tags.extend(tag_specification(sdk::ResourceType::Volume, &r.volume_tags).unwrap_or_default());
        let request = self
            .client
            .run_instances()
            .min_count(1)
            .max_count(1)
            .client_token(&r.client_token)
            .set_image_id(r.image_id.clone())
            .set_instance_type(r.instance_type.as_deref().map(Into::into))
            .set_key_name(r.key_name.clone())
            .set_subnet_id(r.subnet_id.clone())
            .set_security_group_ids(some(r.security_group_ids.clone()))
            .set_security_groups(some(r.security_groups.clone()))
            .set_private_ip_address(r.private_ip_address.clone())
            .set_ipv6_address_count(ints(r.ipv6_address_count))
            .set_ipv6_addresses(some(r.ipv6_addresses.iter().map(|a| convert::ipv6_address(a)).collect()))
            .set_network_interfaces(some(r.network_interfaces.iter().map(convert::sdk_interface).collect()))
            .set_user_data(r.user_data.clone())
            .set_iam_instance_profile(r.iam_instance_profile.as_deref().map(profile))
            .set_monitoring(monitoring)
            .set_ebs_optimized(r.ebs_optimized)
            .set_disable_api_termination(r.disable_api_termination)
            .set_disable_api_stop(r.disable_api_stop)
            .set_enable_primary_ipv6(r.enable_primary_ipv6)
            .set_instance_initiated_shutdown_behavior(
                r.instance_initiated_shutdown_behavior.as_deref().map(Into::into),
            )
            .set_hibernation_options(hibernation)
            .set_enclave_options(enclave)
            .set_placement(convert::sdk_placement(&r.placement))
            .set_cpu_options(cpu)
            .set_credit_specification(credits)
            .set_instance_market_options(r.market.as_ref().map(market))
            .set_launch_template(template)
            .set_metadata_options(r.metadata_options.as_ref().map(metadata))
            .set_maintenance_options(maintenance)
            .set_private_dns_name_options(names)
            .set_capacity_reservation_specification(
                r.capacity_reservation.as_ref().map(convert::sdk_capacity_reservation),
            )
            .set_block_device_mappings(some(r.block_devices.iter().map(convert::sdk_block_device).collect()))
            .set_tag_specifications(some(tags));
        let answer = send!(self, "RunInstances", request)?;
        let instance =
            answer.instances.iter().flatten().next().map(|i| convert::instance(i, &answer.owner_id));
        instance.ok_or_else(|| Self::incomplete("RunInstances"))
    }

    async fn terminate_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "TerminateInstances", self.client.terminate_instances().instance_ids(id))?;
        Ok(())
    }

    async fn start_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "StartInstances", self.client.start_instances().instance_ids(id))?;
        Ok(())
    }

    async fn stop_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "StopInstances", self.client.stop_instances().instance_ids(id))?;
        Ok(())
    }

    async fn describe_instances(&self, wanted: &[Filter]) -> ApiResult<Vec<Instance>> {
        let request = self.client.describe_instances().set_filters(filters(wanted));
        let pages: Result<Vec<_>, _> = request.into_paginator().send().collect().await;
        let pages = self.told("DescribeInstances", pages)?;
        let reservations = pages.iter().flat_map(|page| page.reservations());
        Ok(reservations
            .flat_map(|r| r.instances().iter().map(|i| convert::instance(i, &r.owner_id)))
            .collect())
    }

    async fn describe_instance_attribute(
        &self,
        id: &str,
        name: InstanceAttribute,
    ) -> ApiResult<Option<String>> {
        let sdk_name = match name {
            InstanceAttribute::DisableApiTermination => sdk::InstanceAttributeName::DisableApiTermination,
            InstanceAttribute::DisableApiStop => sdk::InstanceAttributeName::DisableApiStop,
            InstanceAttribute::InstanceInitiatedShutdownBehavior => {
                sdk::InstanceAttributeName::InstanceInitiatedShutdownBehavior
            }
            InstanceAttribute::UserData => sdk::InstanceAttributeName::UserData,
        };
        let request = self.client.describe_instance_attribute().instance_id(id).attribute(sdk_name);
        let answer = send!(self, "DescribeInstanceAttribute", request)?;
        let shown = |value: Option<sdk::AttributeBooleanValue>| Some(value?.value?.to_string());
        Ok(match name {
            InstanceAttribute::DisableApiTermination => shown(answer.disable_api_termination),
            InstanceAttribute::DisableApiStop => shown(answer.disable_api_stop),
            InstanceAttribute::InstanceInitiatedShutdownBehavior => {
                answer.instance_initiated_shutdown_behavior.and_then(|v| v.value)
            }
            InstanceAttribute::UserData => answer.user_data.and_then(|v| v.value),
        })
    }

    async fn modify_instance_attribute(&self, id: &str, change: &InstanceChange) -> ApiResult<()> {
        let request = self.client.modify_instance_attribute().instance_id(id);
        let request = match change {
            InstanceChange::DisableApiTermination(on) => request.disable_api_termination(flag(*on)),
            InstanceChange::DisableApiStop(on) => request.disable_api_stop(flag(*on)),
            InstanceChange::InstanceInitiatedShutdownBehavior(text) => {
                request.instance_initiated_shutdown_behavior(attribute(text))
            }
            InstanceChange::InstanceType(text) => request.instance_type(attribute(text)),
            InstanceChange::UserData(bytes) => request
                .user_data(sdk::SecureBlobAttributeValue::builder().value(Blob::new(bytes.clone())).build()),
            InstanceChange::Groups(groups) => request.set_groups(Some(groups.clone())),
            InstanceChange::SourceDestCheck(on) => request.source_dest_check(flag(*on)),
            InstanceChange::DeleteOnTermination { device_name, value } => {
                let ebs =
                    sdk::EbsInstanceBlockDeviceSpecification::builder().delete_on_termination(*value).build();
                let mapping =
                    sdk::InstanceBlockDeviceMappingSpecification::builder().device_name(device_name).ebs(ebs);
                request.block_device_mappings(mapping.build())
            }
        };
        send!(self, "ModifyInstanceAttribute", request)?;
        Ok(())
    }

    async fn monitor_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "MonitorInstances", self.client.monitor_instances().instance_ids(id))?;
        Ok(())
    }

    async fn unmonitor_instances(&self, id: &str) -> ApiResult<()> {
        send!(self, "UnmonitorInstances", self.client.unmonitor_instances().instance_ids(id))?;
        Ok(())
    }

    async fn modify_instance_metadata_options(&self, id: &str, o: &MetadataOptions) -> ApiResult<()> {
        let request = self
            .client
            .modify_instance_metadata_options()
            .instance_id(id)
            .set_http_endpoint(o.http_endpoint.as_deref().map(Into::into))
            .set_http_protocol_ipv6(o.http_protocol_ipv6.as_deref().map(Into::into))
            .set_http_put_response_hop_limit(ints(o.http_put_response_hop_limit))
            .set_http_tokens(o.http_tokens.as_deref().map(Into::into))
            .set_instance_metadata_tags(o.instance_metadata_tags.as_deref().map(Into::into));
        send!(self, "ModifyInstanceMetadataOptions", request)?;
        Ok(())
    }

    async fn modify_instance_maintenance_options(&self, id: &str, auto_recovery: &str) -> ApiResult<()> {
        send!(
            self,
            "ModifyInstanceMaintenanceOptions",
            self.client
                .modify_instance_maintenance_options()
                .instance_id(id)
                .auto_recovery(auto_recovery.into())
        )?;
        Ok(())
    }

    async fn modify_private_dns_name_options(&self, id: &str, o: &PrivateDnsNameOptions) -> ApiResult<()> {
        let request = self
            .client
            .modify_private_dns_name_options()
            .instance_id(id)
            .set_private_dns_hostname_type(o.hostname_type.as_deref().map(Into::into))
            .set_enable_resource_name_dns_a_record(o.enable_resource_name_dns_a_record)
            .set_enable_resource_name_dns_aaaa_record(o.enable_resource_name_dns_aaaa_record);
        send!(self, "ModifyPrivateDnsNameOptions", request)?;
        Ok(())
    }

    async fn modify_instance_capacity_reservation_attributes(
        &self,
        id: &str,
        specification: &CapacityReservationSpecification,
    ) -> ApiResult<()> {
        send!(
            self,
            "ModifyInstanceCapacityReservationAttributes",
            self.client
                .modify_instance_capacity_reservation_attributes()
                .instance_id(id)
                .capacity_reservation_specification(convert::sdk_capacity_reservation(specification))
        )?;
        Ok(())
    }

    async fn describe_instance_credit_specifications(
        &self,
        ids: &[String],
    ) -> ApiResult<Vec<(String, String)>> {
        let request =
            self.client.describe_instance_credit_specifications().set_instance_ids(some(ids.to_vec()));
        let credits = pages!(self, "DescribeInstanceCreditSpecifications", request)?;
        Ok(credits.iter().map(|c| (text(&c.instance_id), text(&c.cpu_credits))).collect())
    }

    async fn modify_instance_credit_specification(&self, id: &str, cpu_credits: &str) -> ApiResult<()> {
        let change = sdk::InstanceCreditSpecificationRequest::builder()
            .instance_id(id)
            .cpu_credits(cpu_credits)
            .build();
        let request =
            self.client.modify_instance_credit_specification().instance_credit_specifications(change);
        send!(self, "ModifyInstanceCreditSpecification", request)?;
        Ok(())
    }

    async fn describe_iam_instance_profile_associations(
        &self,
        id: &str,
    ) -> ApiResult<Vec<IamProfileAssociation>> {
        let wanted = [Filter::new("instance-id", [id])];
        let request = self.client.describe_iam_instance_profile_associations().set_filters(filters(&wanted));
        let found = pages!(self, "DescribeIamInstanceProfileAssociations", request)?;
        Ok(found
            .iter()
            .map(|a| IamProfileAssociation {
                association_id: text(&a.association_id),
                arn: a.iam_instance_profile.as_ref().map(|p| text(&p.arn)).unwrap_or_default(),
                state: text(&a.state),
            })
            .collect())
    }

    async fn associate_iam_instance_profile(&self, id: &str, name: &str) -> ApiResult<()> {
        send!(
            self,
            "AssociateIamInstanceProfile",
            self.client.associate_iam_instance_profile().instance_id(id).iam_instance_profile(profile(name))
        )?;
        Ok(())
    }

    async fn replace_iam_instance_profile_association(
        &self,
        association_id: &str,
        name: &str,
    ) -> ApiResult<()> {
        send!(
            self,
            "ReplaceIamInstanceProfileAssociation",
            self.client
                .replace_iam_instance_profile_association()
                .association_id(association_id)
                .iam_instance_profile(profile(name))
        )?;
        Ok(())
    }

    async fn disassociate_iam_instance_profile(&self, association_id: &str) -> ApiResult<()> {
        send!(
            self,
            "DisassociateIamInstanceProfile",
            self.client.disassociate_iam_instance_profile().association_id(association_id)
        )?;
        Ok(())
    }

    async fn get_password_data(&self, id: &str) -> ApiResult<String> {
        let answer = send!(self, "GetPasswordData", self.client.get_password_data().instance_id(id))?;
        Ok(answer.password_data.unwrap_or_default())
    }

    async fn describe_volumes(&self, wanted: &[Filter]) -> ApiResult<Vec<Volume>> {
        let request = self.client.describe_volumes().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeVolumes", request)?.iter().map(convert::volume).collect())
    }

    async fn modify_volume(&self, id: &str, change: &VolumeChange) -> ApiResult<()> {
        let request = self
            .client
            .modify_volume()
            .volume_id(id)
            .set_size(ints(change.size))
            .set_volume_type(change.volume_type.as_deref().map(Into::into))
            .set_iops(ints(change.iops))
            .set_throughput(ints(change.throughput));
        send!(self, "ModifyVolume", request)?;
        Ok(())
    }

    async fn describe_volume_modification(&self, id: &str) -> ApiResult<Option<String>> {
        let wanted = [Filter::new("volume-id", [id])];
        let request = self.client.describe_volumes_modifications().set_filters(filters(&wanted));
        let found = pages!(self, "DescribeVolumesModifications", request)?;
        Ok(found
            .iter()
            .find(|m| m.volume_id.as_deref() == Some(id))
            .and_then(|m| maybe(&m.modification_state)))
    }

    async fn create_tags(&self, ids: &[String], tags: &Tags) -> ApiResult<()> {
        send!(
            self,
            "CreateTags",
            self.client
                .create_tags()
                .set_resources(Some(ids.to_vec()))
                .set_tags(Some(convert::sdk_tags(tags)))
        )?;
        Ok(())
    }

    async fn delete_tags(&self, ids: &[String], keys: &[String]) -> ApiResult<()> {
        // By key alone: whatever the value has become.
        let tags = keys.iter().map(|key| sdk::Tag::builder().key(key).build()).collect();
        let request = self.client.delete_tags().set_resources(Some(ids.to_vec())).set_tags(Some(tags));
        send!(self, "DeleteTags", request)?;
        Ok(())
    }

    async fn describe_images(&self, r: &DescribeImages) -> ApiResult<Vec<Image>> {
        let request = self
            .client
            .describe_images()
            .set_executable_users(some(r.executable_users.clone()))
            .set_owners(some(r.owners.clone()))
            .set_include_deprecated(r.include_deprecated.then_some(true))
            .set_filters(filters(&r.filters));
        Ok(pages!(self, "DescribeImages", request)?.iter().map(convert::image).collect())
    }

    async fn describe_availability_zones(
        &self,
        wanted: &[Filter],
        scope: ZoneScope,
    ) -> ApiResult<Vec<AvailabilityZone>> {
        let request = self
            .client
            .describe_availability_zones()
            .set_filters(filters(wanted))
            .set_all_availability_zones((scope == ZoneScope::All).then_some(true));
        let answer = send!(self, "DescribeAvailabilityZones", request)?;
        Ok(list(&answer.availability_zones, convert::availability_zone))
    }
}

fn metadata(o: &MetadataOptions) -> sdk::InstanceMetadataOptionsRequest {
    sdk::InstanceMetadataOptionsRequest::builder()
        .set_http_endpoint(o.http_endpoint.as_deref().map(Into::into))
        .set_http_protocol_ipv6(o.http_protocol_ipv6.as_deref().map(Into::into))
        .set_http_put_response_hop_limit(ints(o.http_put_response_hop_limit))
        .set_http_tokens(o.http_tokens.as_deref().map(Into::into))
        .set_instance_metadata_tags(o.instance_metadata_tags.as_deref().map(Into::into))
        .build()
}

fn market(m: &MarketOptions) -> sdk::InstanceMarketOptionsRequest {
    let valid_until =
        m.valid_until.as_deref().and_then(|text| DateTime::from_str(text, Format::DateTime).ok());
    let spot = sdk::SpotMarketOptions::builder()
        .set_instance_interruption_behavior(m.instance_interruption_behavior.as_deref().map(Into::into))
        .set_max_price(m.max_price.clone())
        .set_spot_instance_type(m.spot_instance_type.as_deref().map(Into::into))
        .set_valid_until(valid_until)
        .build();
    sdk::InstanceMarketOptionsRequest::builder()
        .set_market_type(m.market_type.as_deref().map(Into::into))
        .spot_options(spot)
        .build()
}
