//! The launch of an instance: `RunInstances`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::volumes;
use crate::api::{
    CapacityReservationSpecification, CpuOptions, DescribeImages, Filter, Instance, LaunchTemplate,
    MarketOptions, MetadataOptions, NetworkInterfaceRequest, Placement, PrivateDnsNameOptions, RunInstance,
};
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::resource::Creation;

/// How often a launch waits for an instance profile or another new thing to be known to EC2: about two minutes.
const ATTEMPTS: u32 = 18;

/// Starts the instance. A new instance profile or security group takes a while to be known to EC2.
pub async fn run(client: &Client, request: &RunInstance) -> Outcome<Instance> {
    let mut attempt = 0;
    loop {
        let failure = match client.once(|ec2| ec2.run_instances(request)).await {
            Ok(instance) => return Ok(instance),
            Err(failure) => failure,
        };
        let not_known_yet = failure.api().is_some_and(|error| {
            let profile = error.message.contains("Invalid IAM Instance Profile")
                || error.message.contains("has no associated IAM Roles");
            profile || matches!(error.code.as_str(), "InvalidGroup.NotFound" | "InvalidSubnetID.NotFound")
        });
        if !not_known_yet || attempt == ATTEMPTS {
            return Err(failure);
        }
        client.rest(attempt).await?;
        attempt += 1;
    }
}

/// Puts the image's root device in the place of [`volumes::ROOT`].
pub async fn name_root_device(client: &Client, request: &mut RunInstance) -> Outcome<()> {
    let Some(at) = request.block_devices.iter().position(|device| device.device_name == volumes::ROOT) else {
        return Ok(());
    };
    let image = request.image_id.clone().unwrap_or_default();
    let query = DescribeImages {
        filters: vec![Filter::new("image-id", [image.as_str()])],
        include_deprecated: true,
        ..DescribeImages::default()
    };
    let images = client.call(|ec2| ec2.describe_images(&query)).await?;
    let name = images.first().map(|image| image.root_device_name.clone()).filter(|name| !name.is_empty());
    let missing = || Failure::Other(format!("The image ({image}) has no root device for root_block_device."));
    let name = name.ok_or_else(missing)?;
    if let Some(device) = request.block_devices.get_mut(at) {
        device.device_name = name;
    }
    Ok(())
}

pub fn request(planned: &Object, creation: &Creation<'_>) -> Outcome<RunInstance> {
    let (interfaces, simple) = network(planned);
    let mut request = RunInstance {
        client_token: creation.token.to_owned(),
        image_id: planned.string("ami"),
        instance_type: planned.string("instance_type"),
        key_name: planned.string("key_name"),
        network_interfaces: interfaces,
        user_data: user_data(planned),
        iam_instance_profile: planned.string("iam_instance_profile"),
        monitoring: planned.bool("monitoring"),
        ebs_optimized: planned.bool("ebs_optimized"),
        disable_api_termination: planned.bool("disable_api_termination"),
        disable_api_stop: planned.bool("disable_api_stop"),
        instance_initiated_shutdown_behavior: planned.string("instance_initiated_shutdown_behavior"),
        hibernation: planned.bool("hibernation").filter(|on| *on),
        enclave: planned.block("enclave_options").and_then(|b| b.bool("enabled")),
        placement: placement(planned),
        cpu_options: cpu_options(planned),
        credit_specification: planned.block("credit_specification").and_then(|b| b.string("cpu_credits")),
        market: planned.block("instance_market_options").map(|b| market(&b)),
        launch_template: planned.block("launch_template").map(|b| LaunchTemplate {
            id: b.string("id"),
            name: b.string("name").filter(|_| b.str("id").is_none()),
            version: b.string("version"),
        }),
        metadata_options: planned.block("metadata_options").map(|b| metadata_options(&b)),
        maintenance_auto_recovery: planned
            .block("maintenance_options")
            .and_then(|b| b.string("auto_recovery")),
        private_dns_name_options: planned
            .block("private_dns_name_options")
            .map(|b| private_dns_name_options(&b)),
        capacity_reservation: planned
            .block("capacity_reservation_specification")
            .map(|b| capacity_reservation(&b)),
        block_devices: volumes::request(planned)?,
        tags: creation.tags(planned),
        volume_tags: planned.map("volume_tags"),
        ..RunInstance::default()
    };
    if simple {
        request.subnet_id = planned.string("subnet_id");
        request.security_group_ids = planned.strings("vpc_security_group_ids");
        request.security_groups = planned.strings("security_groups");
        request.private_ip_address = planned.string("private_ip");
        request.ipv6_address_count = planned.positive("ipv6_address_count");
        request.ipv6_addresses = planned.strings("ipv6_addresses");
        request.enable_primary_ipv6 = planned.bool("enable_primary_ipv6").filter(|on| *on);
    }
    Ok(request)
}

/// The interfaces of a launch, and whether the plain parameters (subnet, groups, address) are used instead. What those
/// cannot say, a public address or secondary addresses, is said in an interface.
fn network(planned: &Object) -> (Vec<NetworkInterfaceRequest>, bool) {
    let given = planned.blocks("network_interface");
    if !given.is_empty() {
        let interface = |block: &Object| NetworkInterfaceRequest {
            network_interface_id: block.string("network_interface_id"),
            device_index: block.int("device_index").unwrap_or(0),
            network_card_index: block.int("network_card_index"),
            delete_on_termination: block.bool("delete_on_termination"),
            ..NetworkInterfaceRequest::default()
        };
        return (given.iter().map(interface).collect(), false);
    }
    let secondary = planned.strings("secondary_private_ips");
    if planned.bool("associate_public_ip_address").is_none() && secondary.is_empty() {
        return (Vec::new(), true);
    }
    let groups = match planned.strings("vpc_security_group_ids") {
        groups if groups.is_empty() => planned.strings("security_groups"),
        groups => groups,
    };
    let interface = NetworkInterfaceRequest {
        device_index: 0,
        subnet_id: planned.string("subnet_id"),
        groups,
        associate_public_ip_address: planned.bool("associate_public_ip_address"),
        private_ip_address: planned.string("private_ip"),
        secondary_private_ip_addresses: secondary,
        ipv6_address_count: planned.positive("ipv6_address_count"),
        ipv6_addresses: planned.strings("ipv6_addresses"),
        primary_ipv6: planned.bool("enable_primary_ipv6").filter(|on| *on),
        ..NetworkInterfaceRequest::default()
    };
    (vec![interface], false)
}

/// The user data in base64, as the service takes it.
fn user_data(planned: &Object) -> Option<String> {
    planned
        .string("user_data_base64")
        .or_else(|| Some(STANDARD.encode(user_data_bytes(planned.str("user_data")?))))
}

/// The bytes of `user_data`: decoded where it is base64 already, as hashicorp/aws does.
pub fn user_data_bytes(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
}

fn placement(planned: &Object) -> Placement {
    Placement {
        availability_zone: planned.string("availability_zone"),
        tenancy: planned.string("tenancy"),
        group_name: planned.string("placement_group"),
        partition_number: planned.positive("placement_partition_number"),
        host_id: planned.string("host_id"),
        host_resource_group_arn: planned.string("host_resource_group_arn"),
    }
}

fn cpu_options(planned: &Object) -> Option<CpuOptions> {
    if let Some(block) = planned.block("cpu_options") {
        return Some(CpuOptions {
            core_count: block.positive("core_count"),
            threads_per_core: block.positive("threads_per_core"),
            amd_sev_snp: block.string("amd_sev_snp"),
        });
    }
    let core_count = planned.positive("cpu_core_count")?;
    let threads_per_core = planned.positive("cpu_threads_per_core").or(Some(2));
    Some(CpuOptions { core_count: Some(core_count), threads_per_core, amd_sev_snp: None })
}

fn market(block: &Object) -> MarketOptions {
    let spot = block.block("spot_options");
    let text = |name: &str| spot.as_ref().and_then(|spot| spot.string(name));
    MarketOptions {
        market_type: block.string("market_type"),
        instance_interruption_behavior: text("instance_interruption_behavior"),
        max_price: text("max_price"),
        spot_instance_type: text("spot_instance_type"),
        valid_until: text("valid_until"),
    }
}

pub fn metadata_options(block: &Object) -> MetadataOptions {
    MetadataOptions {
        http_endpoint: block.string("http_endpoint"),
        http_protocol_ipv6: block.string("http_protocol_ipv6"),
        http_put_response_hop_limit: block.positive("http_put_response_hop_limit"),
        http_tokens: block.string("http_tokens"),
        instance_metadata_tags: block.string("instance_metadata_tags"),
    }
}

pub fn private_dns_name_options(block: &Object) -> PrivateDnsNameOptions {
    PrivateDnsNameOptions {
        hostname_type: block.string("hostname_type"),
        enable_resource_name_dns_a_record: block.bool("enable_resource_name_dns_a_record"),
        enable_resource_name_dns_aaaa_record: block.bool("enable_resource_name_dns_aaaa_record"),
    }
}

pub fn capacity_reservation(block: &Object) -> CapacityReservationSpecification {
    let target = block.block("capacity_reservation_target");
    let text = |name: &str| target.as_ref().and_then(|target| target.string(name));
    CapacityReservationSpecification {
        preference: block.string("capacity_reservation_preference"),
        reservation_id: text("capacity_reservation_id"),
        resource_group_arn: text("capacity_reservation_resource_group_arn"),
    }
}
