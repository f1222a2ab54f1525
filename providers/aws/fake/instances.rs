//! Instances, volumes and key pairs of the fake, and its [`Ec2Api`].

use async_trait::async_trait;

use super::{Fake, OWNER, World, found, refused, tag_values};
use crate::api::*;

impl World {
    fn run(&mut self, r: &RunInstance) -> ApiResult<Instance> {
        if let Some(known) =
            self.instances.values().find(|i| i.client_token == r.client_token && i.state != "terminated")
        {
            return Ok(known.clone());
        }
        let interface = r.network_interfaces.first();
        let subnet = r.subnet_id.clone().or(interface.and_then(|i| i.subnet_id.clone())).unwrap_or_default();
        let vpc_id = found(self.subnets.get(&subnet), "InvalidSubnetID.NotFound")?.vpc_id.clone();
        let id = self.new_id("i");
        let groups = if r.security_group_ids.is_empty() {
            interface.map(|i| i.groups.clone()).unwrap_or_default()
        } else {
            r.security_group_ids.clone()
        };
        let public = interface.and_then(|i| i.associate_public_ip_address).unwrap_or(false);
        let mut metadata = r.metadata_options.clone().unwrap_or_default();
        metadata.http_endpoint.get_or_insert("enabled".into());
        metadata.http_tokens.get_or_insert("optional".into());
        metadata.http_put_response_hop_limit.get_or_insert(1);
        let instance = Instance {
            instance_id: id.clone(),
            owner_id: OWNER.into(),
            state: "pending".into(),
            image_id: r.image_id.clone().unwrap_or_default(),
            instance_type: r.instance_type.clone().unwrap_or_default(),
            key_name: r.key_name.clone().unwrap_or_default(),
            client_token: r.client_token.clone(),
            placement: Placement {
                availability_zone: Some("us-east-1a".into()),
                tenancy: r.placement.tenancy.clone().or(Some("default".into())),
                ..r.placement.clone()
            },
            subnet_id: subnet,
            vpc_id,
            private_ip_address: r.private_ip_address.clone().unwrap_or_else(|| "10.0.1.10".into()),
            public_ip_address: if public { "203.0.113.10".into() } else { String::new() },
            private_dns_name: "ip-10-0-1-10.ec2.internal".into(),
            security_groups: groups.iter().map(|g| (g.clone(), format!("name-of-{g}"))).collect(),
            source_dest_check: true,
            ebs_optimized: r.ebs_optimized.unwrap_or(false),
            monitoring: r.monitoring.unwrap_or(false),
            iam_instance_profile_arn: r
                .iam_instance_profile
                .as_ref()
                .map(|name| format!("arn:aws:iam::{OWNER}:instance-profile/{name}"))
                .unwrap_or_default(),
            hibernation: r.hibernation.unwrap_or(false),
            enclave: r.enclave.unwrap_or(false),
            cpu_options: CpuOptions { core_count: Some(1), threads_per_core: Some(2), amd_sev_snp: None },
            metadata_options: Some(metadata),
            maintenance_auto_recovery: Some("default".into()),
            private_dns_name_options: Some(PrivateDnsNameOptions {
                hostname_type: Some("ip-name".into()),
                enable_resource_name_dns_a_record: Some(false),
                enable_resource_name_dns_aaaa_record: Some(false),
            }),
            capacity_reservation: Some(CapacityReservationSpecification {
                preference: Some("open".into()),
                ..CapacityReservationSpecification::default()
            }),
            network_interfaces: vec![InstanceNetworkInterface {
                network_interface_id: self.new_id("eni"),
                primary_private_ip_address: "10.0.1.10".into(),
                source_dest_check: true,
                has_public_ip: public,
                ..InstanceNetworkInterface::default()
            }],
            root_device_name: "/dev/xvda".into(),
            root_device_type: "ebs".into(),
            block_devices: self.new_volumes(r),
            tags: r.tags.clone(),
            ..Instance::default()
        };
        let attribute = |value: Option<bool>| value.unwrap_or(false).to_string();
        let behaviour = r.instance_initiated_shutdown_behavior.clone().unwrap_or_else(|| "stop".into());
        let attributes = [
            (InstanceAttribute::DisableApiTermination, attribute(r.disable_api_termination)),
            (InstanceAttribute::DisableApiStop, attribute(r.disable_api_stop)),
            (InstanceAttribute::InstanceInitiatedShutdownBehavior, behaviour),
            (InstanceAttribute::UserData, r.user_data.clone().unwrap_or_default()),
        ];
        self.attributes.extend(attributes.map(|(name, value)| ((id.clone(), name), value)));
        self.instances.insert(id, instance.clone());
        Ok(instance)
    }

    fn new_volumes(&mut self, r: &RunInstance) -> Vec<InstanceBlockDevice> {
        let root = BlockDevice {
            device_name: "/dev/xvda".into(),
            ebs: Some(EbsDevice::default()),
            ..BlockDevice::default()
        };
        let named = r.block_devices.iter().any(|d| d.device_name == root.device_name);
        let devices = r.block_devices.iter().cloned().chain((!named).then_some(root));
        let mut attached = Vec::new();
        for device in devices.filter(|d| d.ebs.is_some()).collect::<Vec<_>>() {
            let ebs = device.ebs.unwrap_or_default();
            let volume = Volume {
                volume_id: self.new_id("vol"),
                size: ebs.volume_size.unwrap_or(8),
                volume_type: ebs.volume_type.unwrap_or_else(|| "gp3".into()),
                iops: ebs.iops.or(Some(3000)),
                throughput: ebs.throughput.or(Some(125)),
                encrypted: ebs.encrypted.unwrap_or(false),
                kms_key_id: ebs.kms_key_id.unwrap_or_default(),
                state: "in-use".into(),
                tags: r.volume_tags.clone(),
                ..Volume::default()
            };
            attached.push(InstanceBlockDevice {
                device_name: device.device_name,
                volume_id: volume.volume_id.clone(),
                delete_on_termination: ebs.delete_on_termination.unwrap_or(true),
            });
            self.volumes.insert(volume.volume_id.clone(), volume);
        }
        attached
    }

    /// Instances move on by one state each time they are looked at.
    fn instances(&mut self, filters: &[Filter]) -> Vec<Instance> {
        for instance in self.instances.values_mut() {
            let next = match instance.state.as_str() {
                "pending" => "running",
                "stopping" => "stopped",
                "shutting-down" => "terminated",
                other => other,
            };
            instance.state = next.to_owned();
        }
        let all = self.instances.clone().into_iter().collect();
        self.described(all, filters, |instance, name| match name {
            "instance-id" => vec![instance.instance_id.clone()],
            "client-token" => vec![instance.client_token.clone()],
            name => tag_values(&instance.tags, name).unwrap_or_default(),
        })
    }

    fn instance(&mut self, id: &str) -> ApiResult<&mut Instance> {
        found(self.instances.get_mut(id), "InvalidInstanceID.NotFound")
    }

    fn modify_instance(&mut self, id: &str, change: &InstanceChange) -> ApiResult<()> {
        let state = self.instance(id)?.state.clone();
        let mut attribute = |name, value: String| {
            self.attributes.insert((id.to_owned(), name), value);
        };
        match change {
            InstanceChange::DisableApiTermination(on) => {
                attribute(InstanceAttribute::DisableApiTermination, on.to_string());
            }
            InstanceChange::DisableApiStop(on) => {
                attribute(InstanceAttribute::DisableApiStop, on.to_string());
            }
            InstanceChange::InstanceInitiatedShutdownBehavior(text) => {
                attribute(InstanceAttribute::InstanceInitiatedShutdownBehavior, text.clone());
            }
            InstanceChange::InstanceType(_) | InstanceChange::UserData(_) if state != "stopped" => {
                return Err(refused("IncorrectInstanceState"));
            }
            InstanceChange::InstanceType(text) => self.instance(id)?.instance_type.clone_from(text),
            InstanceChange::UserData(bytes) => {
                use base64::Engine;
                let text = base64::engine::general_purpose::STANDARD.encode(bytes);
                attribute(InstanceAttribute::UserData, text);
            }
            InstanceChange::Groups(groups) => {
                let groups = groups.iter().map(|g| (g.clone(), format!("name-of-{g}"))).collect();
                self.instance(id)?.security_groups = groups;
            }
            InstanceChange::SourceDestCheck(on) => {
                let instance = self.instance(id)?;
                instance.source_dest_check = *on;
                for interface in &mut instance.network_interfaces {
                    interface.source_dest_check = *on;
                }
            }
            InstanceChange::DeleteOnTermination { device_name, value } => {
                for device in &mut self.instance(id)?.block_devices {
                    if device.device_name == *device_name {
                        device.delete_on_termination = *value;
                    }
                }
            }
        }
        Ok(())
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
        self.act("DescribeVpcAttribute", |world| {
            let (_, attributes) = found(world.vpcs.get(vpc_id), "InvalidVpcID.NotFound")?;
            Ok(attributes.get(&attribute).copied().unwrap_or(false))
        })
    }

    async fn modify_vpc_attribute(
        &self,
        vpc_id: &str,
        attribute: VpcAttribute,
        value: bool,
    ) -> ApiResult<()> {
        self.act("ModifyVpcAttribute", |world| {
            let (_, attributes) = found(world.vpcs.get_mut(vpc_id), "InvalidVpcID.NotFound")?;
            attributes.insert(attribute, value);
            Ok(())
        })
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
        self.act("AssociateSubnetCidrBlock", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn disassociate_subnet_cidr_block(&self, _association_id: &str) -> ApiResult<()> {
        self.act("DisassociateSubnetCidrBlock", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
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
        self.act("EnableVgwRoutePropagation", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn disable_vgw_route_propagation(&self, _route_table_id: &str, _gateway_id: &str) -> ApiResult<()> {
        self.act("DisableVgwRoutePropagation", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn describe_network_acls(&self, _filters: &[Filter]) -> ApiResult<Vec<NetworkAcl>> {
        self.act("DescribeNetworkAcls", |world| {
            let vpcs = world.vpcs.keys().cloned();
            Ok(vpcs
                .map(|vpc_id| NetworkAcl {
                    network_acl_id: format!("acl-of-{vpc_id}"),
                    vpc_id,
                    is_default: true,
                })
                .collect())
        })
    }

    async fn create_security_group(&self, request: &CreateSecurityGroup) -> ApiResult<String> {
        self.act("CreateSecurityGroup", |world| {
            let vpc = request.vpc_id.clone().unwrap_or_default();
            if world.groups.values().any(|g| g.vpc_id == vpc && g.group_name == request.group_name) {
                return Err(refused("InvalidGroup.Duplicate"));
            }
            Ok(world.new_group(&vpc, &request.group_name, &request.description, request.tags.clone()))
        })
    }

    async fn delete_security_group(&self, group_id: &str) -> ApiResult<()> {
        self.act("DeleteSecurityGroup", |world| {
            found(world.groups.remove(group_id), "InvalidGroup.NotFound")?;
            world.rules.retain(|_, r| r.group_id != group_id);
            Ok(())
        })
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
        self.act("RevokeSecurityGroupRules", |world| {
            found(world.groups.get(group_id), "InvalidGroup.NotFound")?;
            for id in rule_ids {
                let rule = found(world.rules.remove(id), "InvalidSecurityGroupRuleId.NotFound")?;
                assert_eq!(rule.is_egress, direction == Direction::Egress);
            }
            Ok(())
        })
    }

    async fn modify_security_group_rule(
        &self,
        group_id: &str,
        rule_id: &str,
        rule: &SecurityGroupRuleChange,
    ) -> ApiResult<()> {
        self.act("ModifySecurityGroupRule", |world| {
            let r = found(world.rules.get_mut(rule_id), "InvalidSecurityGroupRuleId.NotFound")?;
            assert_eq!(r.group_id, group_id);
            r.ip_protocol.clone_from(&rule.ip_protocol);
            r.from_port = rule.from_port.or(Some(-1));
            r.to_port = rule.to_port.or(Some(-1));
            r.peer = Some(rule.peer.clone());
            r.description = rule.description.clone().unwrap_or_default();
            Ok(())
        })
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
        self.act("DetachNetworkInterface", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
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
        self.act("ModifyNetworkInterface", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn assign_private_ip_addresses(
        &self,
        _network_interface_id: &str,
        _addresses: &[String],
    ) -> ApiResult<()> {
        self.act("AssignPrivateIpAddresses", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn unassign_private_ip_addresses(
        &self,
        _network_interface_id: &str,
        _addresses: &[String],
    ) -> ApiResult<()> {
        self.act("UnassignPrivateIpAddresses", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn assign_ipv6_addresses(&self, _network_interface_id: &str, _count: i64) -> ApiResult<()> {
        self.act("AssignIpv6Addresses", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn unassign_ipv6_addresses(
        &self,
        _network_interface_id: &str,
        _addresses: &[String],
    ) -> ApiResult<()> {
        self.act("UnassignIpv6Addresses", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn import_key_pair(&self, key_name: &str, public_key: &str, tags: &Tags) -> ApiResult<KeyPair> {
        self.act("ImportKeyPair", |world| {
            if world.keys.contains_key(key_name) {
                return Err(refused("InvalidKeyPair.Duplicate"));
            }
            let pair = KeyPair {
                key_pair_id: world.new_id("key"),
                key_name: key_name.to_owned(),
                key_type: "ed25519".into(),
                fingerprint: "aa:bb".into(),
                public_key: format!(
                    "{} {key_name}",
                    public_key.split(' ').take(2).collect::<Vec<_>>().join(" ")
                ),
                tags: tags.clone(),
            };
            world.keys.insert(key_name.to_owned(), pair.clone());
            Ok(pair)
        })
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
        self.act("TerminateInstances", |world| {
            if world
                .attributes
                .get(&(instance_id.to_owned(), InstanceAttribute::DisableApiTermination))
                .is_some_and(|v| v == "true")
            {
                return Err(refused("OperationNotPermitted"));
            }
            world.instance(instance_id)?.state = "shutting-down".into();
            Ok(())
        })
    }

    async fn start_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.act("StartInstances", |world| {
            world.instance(instance_id)?.state = "pending".into();
            Ok(())
        })
    }

    async fn stop_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.act("StopInstances", |world| {
            world.instance(instance_id)?.state = "stopping".into();
            Ok(())
        })
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
        self.act("MonitorInstances", |world| {
            world.instance(instance_id)?.monitoring = true;
            Ok(())
        })
    }

    async fn unmonitor_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.act("UnmonitorInstances", |world| {
            world.instance(instance_id)?.monitoring = false;
            Ok(())
        })
    }

    async fn modify_instance_metadata_options(
        &self,
        instance_id: &str,
        options: &MetadataOptions,
    ) -> ApiResult<()> {
        self.act("ModifyInstanceMetadataOptions", |world| {
            world.instance(instance_id)?.metadata_options = Some(options.clone());
            Ok(())
        })
    }

    async fn modify_instance_maintenance_options(
        &self,
        instance_id: &str,
        auto_recovery: &str,
    ) -> ApiResult<()> {
        self.act("ModifyInstanceMaintenanceOptions", |world| {
            world.instance(instance_id)?.maintenance_auto_recovery = Some(auto_recovery.to_owned());
            Ok(())
        })
    }

    async fn modify_private_dns_name_options(
        &self,
        instance_id: &str,
        options: &PrivateDnsNameOptions,
    ) -> ApiResult<()> {
        self.act("ModifyPrivateDnsNameOptions", |world| {
            world.instance(instance_id)?.private_dns_name_options = Some(options.clone());
            Ok(())
        })
    }

    async fn modify_instance_capacity_reservation_attributes(
        &self,
        instance_id: &str,
        specification: &CapacityReservationSpecification,
    ) -> ApiResult<()> {
        self.act("ModifyInstanceCapacityReservationAttributes", |world| {
            world.instance(instance_id)?.capacity_reservation = Some(specification.clone());
            Ok(())
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
        self.act("ModifyInstanceCreditSpecification", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn describe_iam_instance_profile_associations(
        &self,
        _instance_id: &str,
    ) -> ApiResult<Vec<IamProfileAssociation>> {
        self.act("DescribeIamInstanceProfileAssociations", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn associate_iam_instance_profile(&self, _instance_id: &str, _name: &str) -> ApiResult<()> {
        self.act("AssociateIamInstanceProfile", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn replace_iam_instance_profile_association(
        &self,
        _association_id: &str,
        _name: &str,
    ) -> ApiResult<()> {
        self.act("ReplaceIamInstanceProfileAssociation", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn disassociate_iam_instance_profile(&self, _association_id: &str) -> ApiResult<()> {
        self.act("DisassociateIamInstanceProfile", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn get_password_data(&self, _instance_id: &str) -> ApiResult<String> {
        self.act("GetPasswordData", |world| {
            let _ = world;
            Err(refused("UnsupportedOperation"))
        })
    }

    async fn describe_volumes(&self, filters: &[Filter]) -> ApiResult<Vec<Volume>> {
        self.act("DescribeVolumes", |world| {
            let all = world.volumes.clone().into_iter().collect();
            Ok(world.described(all, filters, |volume, _| vec![volume.volume_id.clone()]))
        })
    }

    async fn modify_volume(&self, volume_id: &str, change: &VolumeChange) -> ApiResult<()> {
        self.act("ModifyVolume", |world| {
            let volume = found(world.volumes.get_mut(volume_id), "InvalidVolume.NotFound")?;
            volume.size = change.size.unwrap_or(volume.size);
            if let Some(kind) = &change.volume_type {
                volume.volume_type.clone_from(kind);
            }
            volume.iops = change.iops.or(volume.iops);
            volume.throughput = change.throughput.or(volume.throughput);
            Ok(())
        })
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
        self.act("DescribeImages", |world| {
            let _ = (world, request);
            Ok(vec![Image {
                image_id: "ami-1".into(),
                root_device_name: "/dev/xvda".into(),
                creation_date: "2024-01-01T00:00:00.000Z".into(),
                name: "debian-12".into(),
                ..Image::default()
            }])
        })
    }

    async fn describe_availability_zones(
        &self,
        filters: &[Filter],
        all_zones: ZoneScope,
    ) -> ApiResult<Vec<AvailabilityZone>> {
        self.act("DescribeAvailabilityZones", |world| {
            let _ = (world, filters, all_zones);
            Ok(["us-east-1b", "us-east-1a"]
                .map(|name| AvailabilityZone {
                    zone_name: name.into(),
                    zone_id: name.replace("us-east-", "use1-az"),
                    group_name: "us-east-1".into(),
                    state: "available".into(),
                })
                .to_vec())
        })
    }
}
