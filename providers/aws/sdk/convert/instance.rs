//! Instances, their network interfaces and their options.

use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{int, ints, list, maybe, number, some, tags, text};

pub fn network_interface(i: &sdk::NetworkInterface) -> NetworkInterface {
    NetworkInterface {
        network_interface_id: text(&i.network_interface_id),
        description: text(&i.description),
        status: text(&i.status),
        interface_type: text(&i.interface_type),
        requester_managed: i.requester_managed.unwrap_or(false),
        attachment_id: i.attachment.as_ref().and_then(|a| maybe(&a.attachment_id)),
        groups: list(&i.groups, |g| text(&g.group_id)),
    }
}

pub fn instance(i: &sdk::Instance, owner: &Option<String>) -> Instance {
    let enclave = i.enclave_options.as_ref().and_then(|e| e.enabled);
    Instance {
        instance_id: text(&i.instance_id),
        owner_id: text(owner),
        state: i.state.as_ref().map(|s| text(&s.name)).unwrap_or_default(),
        state_reason: i.state_reason.as_ref().map(|r| text(&r.message)).unwrap_or_default(),
        image_id: text(&i.image_id),
        instance_type: text(&i.instance_type),
        key_name: text(&i.key_name),
        client_token: text(&i.client_token),
        placement: i.placement.as_ref().map(placement).unwrap_or_default(),
        subnet_id: text(&i.subnet_id),
        vpc_id: text(&i.vpc_id),
        private_ip_address: text(&i.private_ip_address),
        public_ip_address: text(&i.public_ip_address),
        private_dns_name: text(&i.private_dns_name),
        public_dns_name: text(&i.public_dns_name),
        security_groups: list(&i.security_groups, |g| (text(&g.group_id), text(&g.group_name))),
        source_dest_check: i.source_dest_check.unwrap_or(true),
        ebs_optimized: i.ebs_optimized.unwrap_or(false),
        monitoring: i
            .monitoring
            .as_ref()
            .is_some_and(|m| matches!(text(&m.state).as_str(), "enabled" | "pending")),
        iam_instance_profile_arn: i.iam_instance_profile.as_ref().map(|p| text(&p.arn)).unwrap_or_default(),
        instance_lifecycle: text(&i.instance_lifecycle),
        spot_instance_request_id: text(&i.spot_instance_request_id),
        outpost_arn: text(&i.outpost_arn),
        hibernation: i.hibernation_options.as_ref().and_then(|h| h.configured).unwrap_or(false),
        enclave: enclave.unwrap_or(false),
        cpu_options: i.cpu_options.as_ref().map(cpu_options).unwrap_or_default(),
        metadata_options: i.metadata_options.as_ref().map(metadata_options),
        maintenance_auto_recovery: i.maintenance_options.as_ref().and_then(|m| maybe(&m.auto_recovery)),
        private_dns_name_options: i.private_dns_name_options.as_ref().map(|o| PrivateDnsNameOptions {
            hostname_type: maybe(&o.hostname_type),
            enable_resource_name_dns_a_record: o.enable_resource_name_dns_a_record,
            enable_resource_name_dns_aaaa_record: o.enable_resource_name_dns_aaaa_record,
        }),
        capacity_reservation: i.capacity_reservation_specification.as_ref().map(|c| {
            let target = c.capacity_reservation_target.as_ref();
            CapacityReservationSpecification {
                preference: maybe(&c.capacity_reservation_preference),
                reservation_id: target.and_then(|t| maybe(&t.capacity_reservation_id)),
                resource_group_arn: target.and_then(|t| maybe(&t.capacity_reservation_resource_group_arn)),
            }
        }),
        network_interfaces: list(&i.network_interfaces, instance_interface),
        root_device_name: text(&i.root_device_name),
        root_device_type: text(&i.root_device_type),
        block_devices: list(&i.block_device_mappings, |d| InstanceBlockDevice {
            device_name: text(&d.device_name),
            volume_id: d.ebs.as_ref().map(|e| text(&e.volume_id)).unwrap_or_default(),
            delete_on_termination: d.ebs.as_ref().and_then(|e| e.delete_on_termination).unwrap_or(false),
        }),
        tags: tags(&i.tags),
    }
}

fn placement(p: &sdk::Placement) -> Placement {
    Placement {
        availability_zone: maybe(&p.availability_zone),
        tenancy: maybe(&p.tenancy),
        group_name: maybe(&p.group_name),
        partition_number: number(p.partition_number),
        host_id: maybe(&p.host_id),
        host_resource_group_arn: maybe(&p.host_resource_group_arn),
    }
}

fn cpu_options(c: &sdk::CpuOptions) -> CpuOptions {
    CpuOptions {
        core_count: number(c.core_count),
        threads_per_core: number(c.threads_per_core),
        amd_sev_snp: maybe(&c.amd_sev_snp),
    }
}

fn metadata_options(m: &sdk::InstanceMetadataOptionsResponse) -> MetadataOptions {
    MetadataOptions {
        http_endpoint: maybe(&m.http_endpoint),
        http_protocol_ipv6: maybe(&m.http_protocol_ipv6),
        http_put_response_hop_limit: number(m.http_put_response_hop_limit),
        http_tokens: maybe(&m.http_tokens),
        instance_metadata_tags: maybe(&m.instance_metadata_tags),
    }
}

fn instance_interface(i: &sdk::InstanceNetworkInterface) -> InstanceNetworkInterface {
    let attachment = i.attachment.as_ref();
    let secondary = i.private_ip_addresses.iter().flatten().filter(|a| a.primary == Some(false));
    InstanceNetworkInterface {
        network_interface_id: text(&i.network_interface_id),
        device_index: attachment.and_then(|a| number(a.device_index)).unwrap_or(0),
        network_card_index: attachment.and_then(|a| number(a.network_card_index)).unwrap_or(0),
        delete_on_termination: attachment.and_then(|a| a.delete_on_termination).unwrap_or(false),
        primary_private_ip_address: text(&i.private_ip_address),
        secondary_private_ip_addresses: secondary.map(|a| text(&a.private_ip_address)).collect(),
        ipv6_addresses: list(&i.ipv6_addresses, |a| text(&a.ipv6_address)),
        primary_ipv6: i.ipv6_addresses.iter().flatten().any(|a| a.is_primary_ipv6 == Some(true)),
        source_dest_check: i.source_dest_check.unwrap_or(true),
        has_public_ip: i.association.as_ref().is_some_and(|a| a.public_ip.is_some()),
    }
}

pub fn sdk_interface(i: &NetworkInterfaceRequest) -> sdk::InstanceNetworkInterfaceSpecification {
    let mut builder = sdk::InstanceNetworkInterfaceSpecification::builder()
        .device_index(int(i.device_index))
        .set_network_interface_id(i.network_interface_id.clone())
        .set_network_card_index(ints(i.network_card_index))
        .set_delete_on_termination(i.delete_on_termination)
        .set_subnet_id(i.subnet_id.clone())
        .set_groups(some(i.groups.clone()))
        .set_associate_public_ip_address(i.associate_public_ip_address)
        .set_ipv6_address_count(ints(i.ipv6_address_count))
        .set_ipv6_addresses(some(i.ipv6_addresses.iter().map(|a| ipv6_address(a)).collect()))
        .set_primary_ipv6(i.primary_ipv6);
    if i.secondary_private_ip_addresses.is_empty() {
        return builder.set_private_ip_address(i.private_ip_address.clone()).build();
    }
    let address = |text: &String, primary| {
        sdk::PrivateIpAddressSpecification::builder().private_ip_address(text).primary(primary).build()
    };
    if let Some(text) = &i.private_ip_address {
        builder = builder.private_ip_addresses(address(text, true));
    }
    for text in &i.secondary_private_ip_addresses {
        builder = builder.private_ip_addresses(address(text, false));
    }
    builder.build()
}

pub fn ipv6_address(text: &str) -> sdk::InstanceIpv6Address {
    sdk::InstanceIpv6Address::builder().ipv6_address(text).build()
}

pub fn sdk_placement(p: &Placement) -> Option<sdk::Placement> {
    (*p != Placement::default()).then(|| {
        sdk::Placement::builder()
            .set_availability_zone(p.availability_zone.clone())
            .set_tenancy(p.tenancy.as_deref().map(Into::into))
            .set_group_name(p.group_name.clone())
            .set_partition_number(ints(p.partition_number))
            .set_host_id(p.host_id.clone())
            .set_host_resource_group_arn(p.host_resource_group_arn.clone())
            .build()
    })
}

pub fn sdk_capacity_reservation(
    c: &CapacityReservationSpecification,
) -> sdk::CapacityReservationSpecification {
    let targeted = c.reservation_id.is_some() || c.resource_group_arn.is_some();
    let target = sdk::CapacityReservationTarget::builder()
        .set_capacity_reservation_id(c.reservation_id.clone())
        .set_capacity_reservation_resource_group_arn(c.resource_group_arn.clone())
        .build();
    sdk::CapacityReservationSpecification::builder()
        .set_capacity_reservation_preference(c.preference.as_deref().filter(|_| !targeted).map(Into::into))
        .set_capacity_reservation_target(targeted.then_some(target))
        .build()
}
