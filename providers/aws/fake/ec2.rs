//! The operations of the fake, each noted and perhaps failed before it does anything.

use async_trait::async_trait;

use super::{Fake, World, found, refused};
use crate::api::*;

impl Fake {
    /// What the fake cannot do.
    fn refuse<T>(&self, operation: &'static str) -> ApiResult<T> {
        self.act(operation, |_: &mut World| Err(refused("UnsupportedOperation")))
    }

    fn change(
        &self,
        operation: &'static str,
        instance_id: &str,
        change: impl FnOnce(&mut Instance),
    ) -> ApiResult<()> {
        self.act(operation, |world| world.instance(instance_id).map(change))
    }
}

#[async_trait]
impl Ec2Api for Fake {
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

    async fn create_security_group(&self, request: &CreateSecurityGroup) -> ApiResult<String> {
        self.act("CreateSecurityGroup", |world| world.create_group(request))
    }

    async fn delete_security_group(&self, group_id: &str) -> ApiResult<()> {
        self.act("DeleteSecurityGroup", |world| world.delete_group(group_id))
    }

    async fn describe_security_groups(&self, filters: &[Filter]) -> ApiResult<Vec<SecurityGroup>> {
        self.act("DescribeSecurityGroups", |world| Ok(world.groups(filters)))
    }

    async fn describe_security_group_rules(&self, filters: &[Filter]) -> ApiResult<Vec<SecurityGroupRule>> {
        self.act("DescribeSecurityGroupRules", |world| Ok(world.rules(filters)))
    }

    async fn authorize_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
        tags: &Tags,
    ) -> ApiResult<Vec<SecurityGroupRule>> {
        self.act("AuthorizeSecurityGroup", |world| world.authorize(group_id, direction, permissions, tags))
    }

    async fn revoke_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        self.act("RevokeSecurityGroup", |world| world.revoke(group_id, direction, permissions))
    }

    async fn revoke_security_group_rules(
        &self,
        group_id: &str,
        direction: Direction,
        rule_ids: &[String],
    ) -> ApiResult<()> {
        self.act("RevokeSecurityGroupRules", |world| world.revoke_rules(group_id, direction, rule_ids))
    }

    async fn modify_security_group_rule(
        &self,
        group_id: &str,
        rule_id: &str,
        rule: &SecurityGroupRuleChange,
    ) -> ApiResult<()> {
        self.act("ModifySecurityGroupRule", |world| world.modify_rule(group_id, rule_id, rule))
    }

    async fn update_security_group_rule_descriptions(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()> {
        self.act("UpdateSecurityGroupRuleDescriptions", |world| {
            world.describe_rules(group_id, direction, permissions)
        })
    }

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

    async fn import_key_pair(&self, key_name: &str, public_key: &str, tags: &Tags) -> ApiResult<KeyPair> {
        self.act("ImportKeyPair", |world| world.import_key(key_name, public_key, tags))
    }

    async fn delete_key_pair(&self, key_name: &str) -> ApiResult<()> {
        self.act("DeleteKeyPair", |world| {
            world.keys.remove(key_name);
            Ok(())
        })
    }

    async fn describe_key_pairs(&self, filters: &[Filter]) -> ApiResult<Vec<KeyPair>> {
        self.act("DescribeKeyPairs", |world| {
            let all = world.keys.clone().into_iter().collect();
            Ok(world.described(all, filters, |key, _| vec![key.key_name.clone()]))
        })
    }

    async fn run_instances(&self, request: &RunInstance) -> ApiResult<Instance> {
        self.act("RunInstances", |world| world.run(request))
    }

    async fn terminate_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.act("TerminateInstances", |world| world.terminate(instance_id))
    }

    async fn start_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("StartInstances", instance_id, |instance| instance.state = "pending".into())
    }

    async fn stop_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("StopInstances", instance_id, |instance| instance.state = "stopping".into())
    }

    async fn describe_instances(&self, filters: &[Filter]) -> ApiResult<Vec<Instance>> {
        self.act("DescribeInstances", |world| Ok(world.instances(filters)))
    }

    async fn describe_instance_attribute(
        &self,
        instance_id: &str,
        attribute: InstanceAttribute,
    ) -> ApiResult<Option<String>> {
        self.act("DescribeInstanceAttribute", |world| {
            world.instance(instance_id)?;
            Ok(world.attributes.get(&(instance_id.to_owned(), attribute)).cloned().filter(|v| !v.is_empty()))
        })
    }

    async fn modify_instance_attribute(&self, instance_id: &str, change: &InstanceChange) -> ApiResult<()> {
        self.act("ModifyInstanceAttribute", |world| world.modify_instance(instance_id, change))
    }

    async fn monitor_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("MonitorInstances", instance_id, |instance| instance.monitoring = true)
    }

    async fn unmonitor_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("UnmonitorInstances", instance_id, |instance| instance.monitoring = false)
    }

    async fn modify_instance_metadata_options(
        &self,
        instance_id: &str,
        options: &MetadataOptions,
    ) -> ApiResult<()> {
        self.change("ModifyInstanceMetadataOptions", instance_id, |instance| {
            instance.metadata_options = Some(options.clone())
        })
    }

    async fn modify_instance_maintenance_options(
        &self,
        instance_id: &str,
        auto_recovery: &str,
    ) -> ApiResult<()> {
        self.change("ModifyInstanceMaintenanceOptions", instance_id, |instance| {
            instance.maintenance_auto_recovery = Some(auto_recovery.to_owned())
        })
    }

    async fn modify_private_dns_name_options(
        &self,
        instance_id: &str,
        options: &PrivateDnsNameOptions,
    ) -> ApiResult<()> {
        self.change("ModifyPrivateDnsNameOptions", instance_id, |instance| {
            instance.private_dns_name_options = Some(options.clone())
        })
    }

    async fn modify_instance_capacity_reservation_attributes(
        &self,
        instance_id: &str,
        specification: &CapacityReservationSpecification,
    ) -> ApiResult<()> {
        self.change("ModifyInstanceCapacityReservationAttributes", instance_id, |instance| {
            instance.capacity_reservation = Some(specification.clone())
        })
    }

    async fn describe_instance_credit_specifications(
        &self,
        instance_ids: &[String],
    ) -> ApiResult<Vec<(String, String)>> {
        self.act("DescribeInstanceCreditSpecifications", |world| {
            let _ = world;
            Ok(instance_ids.iter().map(|id| (id.clone(), "unlimited".to_owned())).collect())
        })
    }

    async fn modify_instance_credit_specification(
        &self,
        _instance_id: &str,
        _cpu_credits: &str,
    ) -> ApiResult<()> {
        self.refuse("ModifyInstanceCreditSpecification")
    }

    async fn describe_iam_instance_profile_associations(
        &self,
        _instance_id: &str,
    ) -> ApiResult<Vec<IamProfileAssociation>> {
        self.refuse("DescribeIamInstanceProfileAssociations")
    }

    async fn associate_iam_instance_profile(&self, _instance_id: &str, _name: &str) -> ApiResult<()> {
        self.refuse("AssociateIamInstanceProfile")
    }

    async fn replace_iam_instance_profile_association(
        &self,
        _association_id: &str,
        _name: &str,
    ) -> ApiResult<()> {
        self.refuse("ReplaceIamInstanceProfileAssociation")
    }

    async fn disassociate_iam_instance_profile(&self, _association_id: &str) -> ApiResult<()> {
        self.refuse("DisassociateIamInstanceProfile")
    }

    async fn get_password_data(&self, _instance_id: &str) -> ApiResult<String> {
        self.refuse("GetPasswordData")
    }

    async fn describe_volumes(&self, filters: &[Filter]) -> ApiResult<Vec<Volume>> {
        self.act("DescribeVolumes", |world| {
            let all = world.volumes.clone().into_iter().collect();
            Ok(world.described(all, filters, |volume, _| vec![volume.volume_id.clone()]))
        })
    }

    async fn modify_volume(&self, volume_id: &str, change: &VolumeChange) -> ApiResult<()> {
        self.act("ModifyVolume", |world| world.modify_volume(volume_id, change))
    }

    async fn describe_volume_modification(&self, volume_id: &str) -> ApiResult<Option<String>> {
        self.act("DescribeVolumeModification", |world| {
            found(world.volumes.get(volume_id), "InvalidVolume.NotFound")?;
            Ok(Some("optimizing".into()))
        })
    }

    async fn create_tags(&self, ids: &[String], tags: &Tags) -> ApiResult<()> {
        self.act("CreateTags", |world| {
            for id in ids {
                found(world.tags_of(id), "InvalidID.NotFound")?.extend(tags.clone());
            }
            Ok(())
        })
    }

    async fn delete_tags(&self, ids: &[String], keys: &[String]) -> ApiResult<()> {
        self.act("DeleteTags", |world| {
            for id in ids {
                found(world.tags_of(id), "InvalidID.NotFound")?.retain(|key, _| !keys.contains(key));
            }
            Ok(())
        })
    }

    async fn describe_images(&self, request: &DescribeImages) -> ApiResult<Vec<Image>> {
        self.act("DescribeImages", |world| Ok(world.images(request)))
    }

    async fn describe_availability_zones(
        &self,
        filters: &[Filter],
        all_zones: ZoneScope,
    ) -> ApiResult<Vec<AvailabilityZone>> {
        self.act("DescribeAvailabilityZones", |world| Ok(world.zones(filters, all_zones)))
    }
}
