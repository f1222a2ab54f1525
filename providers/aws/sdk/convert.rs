//! Between the SDK's types and the provider's.
#![expect(clippy::ref_option, reason = "fields of the SDK's structures are handed over as they are")]

use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

/// The text of an enum or string, empty where there is none.
pub fn text<T: AsRef<str>>(value: &Option<T>) -> String {
    maybe(value).unwrap_or_default()
}

/// The text of an enum or string, if there is any.
pub fn maybe<T: AsRef<str>>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(|v| v.as_ref().to_owned()).filter(|v| !v.is_empty())
}

pub fn int(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX })
}

pub fn ints(n: Option<i64>) -> Option<i32> {
    n.map(int)
}

fn number(n: Option<i32>) -> Option<i64> {
    n.map(i64::from)
}

/// The items, or none where there are none.
pub fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

/// The items of a list that may be absent, converted.
pub fn list<A, B>(items: &Option<Vec<A>>, convert: impl Fn(&A) -> B) -> Vec<B> {
    items.iter().flatten().map(convert).collect()
}

pub fn filters(filters: &[Filter]) -> Option<Vec<sdk::Filter>> {
    let filter = |f: &Filter| sdk::Filter::builder().name(&f.name).set_values(Some(f.values.clone())).build();
    some(filters.iter().map(filter).collect())
}

pub fn tags(tags: &Option<Vec<sdk::Tag>>) -> Tags {
    tags.iter().flatten().map(|tag| (text(&tag.key), text(&tag.value))).collect()
}

pub fn sdk_tags(tags: &Tags) -> Vec<sdk::Tag> {
    tags.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).collect()
}

pub fn tag_specification(kind: sdk::ResourceType, tags: &Tags) -> Option<Vec<sdk::TagSpecification>> {
    (!tags.is_empty()).then(|| {
        vec![sdk::TagSpecification::builder().resource_type(kind).set_tags(Some(sdk_tags(tags))).build()]
    })
}

pub fn vpc(v: &sdk::Vpc) -> Vpc {
    Vpc {
        vpc_id: text(&v.vpc_id),
        owner_id: text(&v.owner_id),
        state: text(&v.state),
        cidr_block: text(&v.cidr_block),
        cidr_associations: list(&v.cidr_block_association_set, |a| CidrAssociation {
            association_id: text(&a.association_id),
            cidr_block: text(&a.cidr_block),
            state: a.cidr_block_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        }),
        ipv6_associations: list(&v.ipv6_cidr_block_association_set, vpc_ipv6),
        dhcp_options_id: text(&v.dhcp_options_id),
        instance_tenancy: text(&v.instance_tenancy),
        is_default: v.is_default.unwrap_or(false),
        tags: tags(&v.tags),
    }
}

pub fn vpc_ipv6(a: &sdk::VpcIpv6CidrBlockAssociation) -> Ipv6Association {
    Ipv6Association {
        association_id: text(&a.association_id),
        ipv6_cidr_block: text(&a.ipv6_cidr_block),
        state: a.ipv6_cidr_block_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        network_border_group: text(&a.network_border_group),
        ipv6_pool: text(&a.ipv6_pool),
    }
}

pub fn subnet_ipv6(a: &sdk::SubnetIpv6CidrBlockAssociation) -> Ipv6Association {
    Ipv6Association {
        association_id: text(&a.association_id),
        ipv6_cidr_block: text(&a.ipv6_cidr_block),
        state: a.ipv6_cidr_block_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        ..Ipv6Association::default()
    }
}

pub fn subnet(s: &sdk::Subnet) -> Subnet {
    let names = s.private_dns_name_options_on_launch.as_ref();
    Subnet {
        subnet_id: text(&s.subnet_id),
        subnet_arn: text(&s.subnet_arn),
        vpc_id: text(&s.vpc_id),
        owner_id: text(&s.owner_id),
        state: text(&s.state),
        cidr_block: text(&s.cidr_block),
        ipv6_associations: list(&s.ipv6_cidr_block_association_set, subnet_ipv6),
        availability_zone: text(&s.availability_zone),
        availability_zone_id: text(&s.availability_zone_id),
        available_ip_address_count: number(s.available_ip_address_count).unwrap_or(0),
        assign_ipv6_address_on_creation: s.assign_ipv6_address_on_creation.unwrap_or(false),
        customer_owned_ipv4_pool: text(&s.customer_owned_ipv4_pool),
        default_for_az: s.default_for_az.unwrap_or(false),
        enable_dns64: s.enable_dns64.unwrap_or(false),
        enable_lni_at_device_index: number(s.enable_lni_at_device_index).unwrap_or(0),
        ipv6_native: s.ipv6_native.unwrap_or(false),
        map_customer_owned_ip_on_launch: s.map_customer_owned_ip_on_launch.unwrap_or(false),
        map_public_ip_on_launch: s.map_public_ip_on_launch.unwrap_or(false),
        outpost_arn: text(&s.outpost_arn),
        hostname_type: names.map(|n| text(&n.hostname_type)).unwrap_or_default(),
        resource_name_dns_a_record: names.and_then(|n| n.enable_resource_name_dns_a_record).unwrap_or(false),
        resource_name_dns_aaaa_record: names
            .and_then(|n| n.enable_resource_name_dns_aaaa_record)
            .unwrap_or(false),
        tags: tags(&s.tags),
    }
}

pub fn internet_gateway(g: &sdk::InternetGateway) -> InternetGateway {
    InternetGateway {
        internet_gateway_id: text(&g.internet_gateway_id),
        owner_id: text(&g.owner_id),
        attachments: list(&g.attachments, |a| (text(&a.vpc_id), text(&a.state))),
        tags: tags(&g.tags),
    }
}

pub fn route_table(t: &sdk::RouteTable) -> RouteTable {
    RouteTable {
        route_table_id: text(&t.route_table_id),
        vpc_id: text(&t.vpc_id),
        owner_id: text(&t.owner_id),
        associations: list(&t.associations, |a| RouteTableAssociation {
            association_id: text(&a.route_table_association_id),
            route_table_id: text(&a.route_table_id),
            subnet_id: maybe(&a.subnet_id),
            gateway_id: maybe(&a.gateway_id),
            main: a.main.unwrap_or(false),
            state: a.association_state.as_ref().map(|s| text(&s.state)).unwrap_or_default(),
        }),
        propagating_vgws: list(&t.propagating_vgws, |g| text(&g.gateway_id)),
        routes: list(&t.routes, route),
        tags: tags(&t.tags),
    }
}

fn route(r: &sdk::Route) -> Route {
    Route {
        destination_cidr_block: text(&r.destination_cidr_block),
        destination_ipv6_cidr_block: text(&r.destination_ipv6_cidr_block),
        destination_prefix_list_id: text(&r.destination_prefix_list_id),
        carrier_gateway_id: text(&r.carrier_gateway_id),
        core_network_arn: text(&r.core_network_arn),
        egress_only_internet_gateway_id: text(&r.egress_only_internet_gateway_id),
        gateway_id: text(&r.gateway_id),
        instance_id: text(&r.instance_id),
        instance_owner_id: text(&r.instance_owner_id),
        local_gateway_id: text(&r.local_gateway_id),
        nat_gateway_id: text(&r.nat_gateway_id),
        network_interface_id: text(&r.network_interface_id),
        transit_gateway_id: text(&r.transit_gateway_id),
        vpc_peering_connection_id: text(&r.vpc_peering_connection_id),
        origin: text(&r.origin),
        state: text(&r.state),
    }
}

pub fn network_acl(a: &sdk::NetworkAcl) -> NetworkAcl {
    NetworkAcl {
        network_acl_id: text(&a.network_acl_id),
        vpc_id: text(&a.vpc_id),
        is_default: a.is_default.unwrap_or(false),
    }
}

pub fn security_group(g: &sdk::SecurityGroup) -> SecurityGroup {
    SecurityGroup {
        group_id: text(&g.group_id),
        group_name: text(&g.group_name),
        description: text(&g.description),
        owner_id: text(&g.owner_id),
        vpc_id: text(&g.vpc_id),
        ingress: list(&g.ip_permissions, permission),
        egress: list(&g.ip_permissions_egress, permission),
        tags: tags(&g.tags),
    }
}

fn permission(p: &sdk::IpPermission) -> IpPermission {
    let ipv4 = list(&p.ip_ranges, |r| (Peer::Ipv4(text(&r.cidr_ip)), maybe(&r.description)));
    let ipv6 = list(&p.ipv6_ranges, |r| (Peer::Ipv6(text(&r.cidr_ipv6)), maybe(&r.description)));
    let lists =
        list(&p.prefix_list_ids, |r| (Peer::PrefixList(text(&r.prefix_list_id)), maybe(&r.description)));
    let groups = list(&p.user_id_group_pairs, |r| {
        (Peer::Group { group_id: text(&r.group_id), user_id: maybe(&r.user_id) }, maybe(&r.description))
    });
    IpPermission {
        ip_protocol: text(&p.ip_protocol),
        from_port: number(p.from_port),
        to_port: number(p.to_port),
        peers: [ipv4, ipv6, lists, groups].concat(),
    }
}

pub fn sdk_permission(p: &IpPermission) -> sdk::IpPermission {
    let mut builder = sdk::IpPermission::builder()
        .ip_protocol(&p.ip_protocol)
        .set_from_port(ints(p.from_port))
        .set_to_port(ints(p.to_port));
    for (peer, description) in &p.peers {
        let description = description.clone();
        builder = match peer {
            Peer::Ipv4(cidr) => {
                builder.ip_ranges(sdk::IpRange::builder().cidr_ip(cidr).set_description(description).build())
            }
            Peer::Ipv6(cidr) => builder
                .ipv6_ranges(sdk::Ipv6Range::builder().cidr_ipv6(cidr).set_description(description).build()),
            Peer::PrefixList(id) => builder.prefix_list_ids(
                sdk::PrefixListId::builder().prefix_list_id(id).set_description(description).build(),
            ),
            Peer::Group { group_id, user_id } => builder.user_id_group_pairs(
                sdk::UserIdGroupPair::builder()
                    .group_id(group_id)
                    .set_user_id(user_id.clone())
                    .set_description(description)
                    .build(),
            ),
        };
    }
    builder.build()
}

pub fn security_group_rule(r: &sdk::SecurityGroupRule) -> SecurityGroupRule {
    let group = r.referenced_group_info.as_ref();
    let peer = maybe(&r.cidr_ipv4)
        .map(Peer::Ipv4)
        .or_else(|| maybe(&r.cidr_ipv6).map(Peer::Ipv6))
        .or_else(|| maybe(&r.prefix_list_id).map(Peer::PrefixList))
        .or_else(|| group.map(|g| Peer::Group { group_id: text(&g.group_id), user_id: maybe(&g.user_id) }));
    SecurityGroupRule {
        rule_id: text(&r.security_group_rule_id),
        rule_arn: text(&r.security_group_rule_arn),
        group_id: text(&r.group_id),
        group_owner_id: text(&r.group_owner_id),
        is_egress: r.is_egress.unwrap_or(false),
        ip_protocol: text(&r.ip_protocol),
        from_port: number(r.from_port),
        to_port: number(r.to_port),
        peer,
        description: text(&r.description),
        tags: tags(&r.tags),
    }
}

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

pub fn key_pair(k: &sdk::KeyPairInfo) -> KeyPair {
    KeyPair {
        key_pair_id: text(&k.key_pair_id),
        key_name: text(&k.key_name),
        key_type: text(&k.key_type),
        fingerprint: text(&k.key_fingerprint),
        public_key: text(&k.public_key),
        tags: tags(&k.tags),
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

pub fn volume(v: &sdk::Volume) -> Volume {
    Volume {
        volume_id: text(&v.volume_id),
        size: number(v.size).unwrap_or(0),
        volume_type: text(&v.volume_type),
        iops: number(v.iops),
        throughput: number(v.throughput),
        encrypted: v.encrypted.unwrap_or(false),
        kms_key_id: text(&v.kms_key_id),
        snapshot_id: text(&v.snapshot_id),
        state: text(&v.state),
        tags: tags(&v.tags),
    }
}

pub fn image(i: &sdk::Image) -> Image {
    Image {
        image_id: text(&i.image_id),
        name: text(&i.name),
        description: text(&i.description),
        architecture: text(&i.architecture),
        block_devices: list(&i.block_device_mappings, block_device),
        boot_mode: text(&i.boot_mode),
        creation_date: text(&i.creation_date),
        deprecation_time: text(&i.deprecation_time),
        ena_support: i.ena_support.unwrap_or(false),
        hypervisor: text(&i.hypervisor),
        image_location: text(&i.image_location),
        image_owner_alias: text(&i.image_owner_alias),
        image_type: text(&i.image_type),
        imds_support: text(&i.imds_support),
        kernel_id: text(&i.kernel_id),
        last_launched_time: text(&i.last_launched_time),
        owner_id: text(&i.owner_id),
        platform: text(&i.platform),
        platform_details: text(&i.platform_details),
        product_codes: list(&i.product_codes, |c| (text(&c.product_code_id), text(&c.product_code_type))),
        public: i.public.unwrap_or(false),
        ramdisk_id: text(&i.ramdisk_id),
        root_device_name: text(&i.root_device_name),
        root_device_type: text(&i.root_device_type),
        sriov_net_support: text(&i.sriov_net_support),
        state: text(&i.state),
        state_reason: i.state_reason.as_ref().map(|r| (text(&r.code), text(&r.message))),
        tags: tags(&i.tags),
        tpm_support: text(&i.tpm_support),
        usage_operation: text(&i.usage_operation),
        virtualization_type: text(&i.virtualization_type),
    }
}

fn block_device(d: &sdk::BlockDeviceMapping) -> BlockDevice {
    BlockDevice {
        device_name: text(&d.device_name),
        virtual_name: maybe(&d.virtual_name),
        no_device: d.no_device.is_some(),
        ebs: d.ebs.as_ref().map(|e| EbsDevice {
            delete_on_termination: e.delete_on_termination,
            encrypted: e.encrypted,
            iops: number(e.iops),
            kms_key_id: maybe(&e.kms_key_id),
            snapshot_id: maybe(&e.snapshot_id),
            throughput: number(e.throughput),
            volume_size: number(e.volume_size),
            volume_type: maybe(&e.volume_type),
        }),
    }
}

pub fn sdk_block_device(d: &BlockDevice) -> sdk::BlockDeviceMapping {
    let ebs = d.ebs.as_ref().map(|e| {
        sdk::EbsBlockDevice::builder()
            .set_delete_on_termination(e.delete_on_termination)
            .set_encrypted(e.encrypted)
            .set_iops(ints(e.iops))
            .set_kms_key_id(e.kms_key_id.clone())
            .set_snapshot_id(e.snapshot_id.clone())
            .set_throughput(ints(e.throughput))
            .set_volume_size(ints(e.volume_size))
            .set_volume_type(e.volume_type.as_deref().map(Into::into))
            .build()
    });
    sdk::BlockDeviceMapping::builder()
        .device_name(&d.device_name)
        .set_virtual_name(d.virtual_name.clone())
        .set_no_device(d.no_device.then(String::new))
        .set_ebs(ebs)
        .build()
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

pub fn availability_zone(z: &sdk::AvailabilityZone) -> AvailabilityZone {
    AvailabilityZone {
        zone_name: text(&z.zone_name),
        zone_id: text(&z.zone_id),
        group_name: text(&z.group_name),
        state: text(&z.state),
    }
}
