//! Instances as they are, with their volumes and network interfaces.

use super::{
    CapacityReservationSpecification, CpuOptions, MetadataOptions, Placement, PrivateDnsNameOptions, Tags,
};

#[derive(Clone, Debug, Default)]
pub struct NetworkInterface {
    pub network_interface_id: String,
    pub description: String,
    /// `available`, `in-use`, ...
    pub status: String,
    pub interface_type: String,
    pub requester_managed: bool,
    pub attachment_id: Option<String>,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkInterfaceChange {
    Groups(Vec<String>),
    SourceDestCheck(bool),
}

#[derive(Clone, Debug, Default)]
pub struct Instance {
    pub instance_id: String,
    pub owner_id: String,
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping`, `stopped`.
    pub state: String,
    /// Why it came to that state, where the service says so.
    pub state_reason: String,
    pub image_id: String,
    pub instance_type: String,
    pub key_name: String,
    pub client_token: String,
    pub placement: Placement,
    pub subnet_id: String,
    pub vpc_id: String,
    pub private_ip_address: String,
    pub public_ip_address: String,
    pub private_dns_name: String,
    pub public_dns_name: String,
    /// Ids and names.
    pub security_groups: Vec<(String, String)>,
    pub source_dest_check: bool,
    pub ebs_optimized: bool,
    pub monitoring: bool,
    pub iam_instance_profile_arn: String,
    pub instance_lifecycle: String,
    pub spot_instance_request_id: String,
    pub outpost_arn: String,
    pub hibernation: bool,
    pub enclave: bool,
    pub cpu_options: CpuOptions,
    pub metadata_options: Option<MetadataOptions>,
    pub maintenance_auto_recovery: Option<String>,
    pub private_dns_name_options: Option<PrivateDnsNameOptions>,
    pub capacity_reservation: Option<CapacityReservationSpecification>,
    pub network_interfaces: Vec<InstanceNetworkInterface>,
    pub root_device_name: String,
    pub root_device_type: String,
    pub block_devices: Vec<InstanceBlockDevice>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct InstanceNetworkInterface {
    pub network_interface_id: String,
    pub device_index: i64,
    pub network_card_index: i64,
    pub delete_on_termination: bool,
    pub primary_private_ip_address: String,
    pub secondary_private_ip_addresses: Vec<String>,
    pub ipv6_addresses: Vec<String>,
    pub primary_ipv6: bool,
    pub source_dest_check: bool,
    pub has_public_ip: bool,
}

#[derive(Clone, Debug, Default)]
pub struct InstanceBlockDevice {
    pub device_name: String,
    pub volume_id: String,
    pub delete_on_termination: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstanceAttribute {
    DisableApiTermination,
    DisableApiStop,
    InstanceInitiatedShutdownBehavior,
    UserData,
}

#[derive(Clone, PartialEq, Eq)]
pub enum InstanceChange {
    DisableApiTermination(bool),
    DisableApiStop(bool),
    InstanceInitiatedShutdownBehavior(String),
    InstanceType(String),
    /// The bytes themselves, not base64.
    UserData(Vec<u8>),
    Groups(Vec<String>),
    SourceDestCheck(bool),
    DeleteOnTermination {
        device_name: String,
        value: bool,
    },
}

/// Names the change; user data may hold secrets.
impl std::fmt::Debug for InstanceChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DisableApiTermination(_) => "DisableApiTermination",
            Self::DisableApiStop(_) => "DisableApiStop",
            Self::InstanceInitiatedShutdownBehavior(_) => "InstanceInitiatedShutdownBehavior",
            Self::InstanceType(_) => "InstanceType",
            Self::UserData(_) => "UserData",
            Self::Groups(_) => "Groups",
            Self::SourceDestCheck(_) => "SourceDestCheck",
            Self::DeleteOnTermination { .. } => "DeleteOnTermination",
        })
    }
}

#[derive(Clone, Debug, Default)]
pub struct IamProfileAssociation {
    pub association_id: String,
    pub arn: String,
    pub state: String,
}

#[derive(Clone, Debug, Default)]
pub struct Volume {
    pub volume_id: String,
    pub size: i64,
    pub volume_type: String,
    pub iops: Option<i64>,
    pub throughput: Option<i64>,
    pub encrypted: bool,
    pub kms_key_id: String,
    pub snapshot_id: String,
    pub state: String,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeChange {
    pub size: Option<i64>,
    pub volume_type: Option<String>,
    pub iops: Option<i64>,
    pub throughput: Option<i64>,
}
