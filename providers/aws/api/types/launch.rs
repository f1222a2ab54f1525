//! What an instance is launched with.

use super::Tags;

#[derive(Clone, Debug, Default)]
pub struct RunInstance {
    pub client_token: String,
    pub image_id: Option<String>,
    pub instance_type: Option<String>,
    pub key_name: Option<String>,
    pub subnet_id: Option<String>,
    pub security_group_ids: Vec<String>,
    pub security_groups: Vec<String>,
    pub private_ip_address: Option<String>,
    pub ipv6_address_count: Option<i64>,
    pub ipv6_addresses: Vec<String>,
    pub network_interfaces: Vec<NetworkInterfaceRequest>,
    /// Base64.
    pub user_data: Option<String>,
    pub iam_instance_profile: Option<String>,
    pub monitoring: Option<bool>,
    pub ebs_optimized: Option<bool>,
    pub disable_api_termination: Option<bool>,
    pub disable_api_stop: Option<bool>,
    pub enable_primary_ipv6: Option<bool>,
    pub instance_initiated_shutdown_behavior: Option<String>,
    pub hibernation: Option<bool>,
    pub enclave: Option<bool>,
    pub placement: Placement,
    pub cpu_options: Option<CpuOptions>,
    pub credit_specification: Option<String>,
    pub market: Option<MarketOptions>,
    pub launch_template: Option<LaunchTemplate>,
    pub metadata_options: Option<MetadataOptions>,
    pub maintenance_auto_recovery: Option<String>,
    pub private_dns_name_options: Option<PrivateDnsNameOptions>,
    pub capacity_reservation: Option<CapacityReservationSpecification>,
    pub block_devices: Vec<BlockDevice>,
    pub tags: Tags,
    pub volume_tags: Tags,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkInterfaceRequest {
    pub network_interface_id: Option<String>,
    pub device_index: i64,
    pub network_card_index: Option<i64>,
    pub delete_on_termination: Option<bool>,
    pub subnet_id: Option<String>,
    pub groups: Vec<String>,
    pub associate_public_ip_address: Option<bool>,
    pub private_ip_address: Option<String>,
    pub secondary_private_ip_addresses: Vec<String>,
    pub ipv6_address_count: Option<i64>,
    pub ipv6_addresses: Vec<String>,
    pub primary_ipv6: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    pub availability_zone: Option<String>,
    pub tenancy: Option<String>,
    pub group_name: Option<String>,
    pub partition_number: Option<i64>,
    pub host_id: Option<String>,
    pub host_resource_group_arn: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuOptions {
    pub core_count: Option<i64>,
    pub threads_per_core: Option<i64>,
    pub amd_sev_snp: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarketOptions {
    pub market_type: Option<String>,
    pub instance_interruption_behavior: Option<String>,
    pub max_price: Option<String>,
    pub spot_instance_type: Option<String>,
    /// RFC 3339.
    pub valid_until: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchTemplate {
    pub id: Option<String>,
    pub name: Option<String>,
    pub version: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataOptions {
    pub http_endpoint: Option<String>,
    pub http_protocol_ipv6: Option<String>,
    pub http_put_response_hop_limit: Option<i64>,
    pub http_tokens: Option<String>,
    pub instance_metadata_tags: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateDnsNameOptions {
    pub hostname_type: Option<String>,
    pub enable_resource_name_dns_a_record: Option<bool>,
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapacityReservationSpecification {
    pub preference: Option<String>,
    pub reservation_id: Option<String>,
    pub resource_group_arn: Option<String>,
}

/// A block device of a launch request or of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockDevice {
    pub device_name: String,
    pub virtual_name: Option<String>,
    pub no_device: bool,
    pub ebs: Option<EbsDevice>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EbsDevice {
    pub delete_on_termination: Option<bool>,
    pub encrypted: Option<bool>,
    pub iops: Option<i64>,
    pub kms_key_id: Option<String>,
    pub snapshot_id: Option<String>,
    pub throughput: Option<i64>,
    pub volume_size: Option<i64>,
    pub volume_type: Option<String>,
}
