//! Instances and volumes of the fake.

use super::{OWNER, World, found, refused, tag_values};
use crate::api::*;

impl World {
    pub fn run(&mut self, r: &RunInstance) -> ApiResult<Instance> {
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
    pub fn instances(&mut self, filters: &[Filter]) -> Vec<Instance> {
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

    pub fn instance(&mut self, id: &str) -> ApiResult<&mut Instance> {
        found(self.instances.get_mut(id), "InvalidInstanceID.NotFound")
    }

    pub fn modify_instance(&mut self, id: &str, change: &InstanceChange) -> ApiResult<()> {
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

    pub fn terminate(&mut self, instance_id: &str) -> ApiResult<()> {
        if self
            .attributes
            .get(&(instance_id.to_owned(), InstanceAttribute::DisableApiTermination))
            .is_some_and(|v| v == "true")
        {
            return Err(refused("OperationNotPermitted"));
        }
        self.instance(instance_id)?.state = "shutting-down".into();
        Ok(())
    }

    pub fn modify_volume(&mut self, volume_id: &str, change: &VolumeChange) -> ApiResult<()> {
        let volume = found(self.volumes.get_mut(volume_id), "InvalidVolume.NotFound")?;
        volume.size = change.size.unwrap_or(volume.size);
        if let Some(kind) = &change.volume_type {
            volume.volume_type.clone_from(kind);
        }
        volume.iops = change.iops.or(volume.iops);
        volume.throughput = change.throughput.or(volume.throughput);
        Ok(())
    }
}
