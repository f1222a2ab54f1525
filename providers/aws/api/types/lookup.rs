//! What is looked up and never changed: images, zones, the account.

use super::{BlockDevice, Filter, Tags};

#[derive(Clone, Debug, Default)]
pub struct DescribeImages {
    pub executable_users: Vec<String>,
    pub owners: Vec<String>,
    pub include_deprecated: bool,
    pub filters: Vec<Filter>,
}

#[derive(Clone, Debug, Default)]
pub struct Image {
    pub image_id: String,
    pub name: String,
    pub description: String,
    pub architecture: String,
    pub block_devices: Vec<BlockDevice>,
    pub boot_mode: String,
    pub creation_date: String,
    pub deprecation_time: String,
    pub ena_support: bool,
    pub hypervisor: String,
    pub image_location: String,
    pub image_owner_alias: String,
    pub image_type: String,
    pub imds_support: String,
    pub kernel_id: String,
    pub last_launched_time: String,
    pub owner_id: String,
    pub platform: String,
    pub platform_details: String,
    /// Ids and types.
    pub product_codes: Vec<(String, String)>,
    pub public: bool,
    pub ramdisk_id: String,
    pub root_device_name: String,
    pub root_device_type: String,
    pub sriov_net_support: String,
    pub state: String,
    /// Code and message.
    pub state_reason: Option<(String, String)>,
    pub tags: Tags,
    pub tpm_support: String,
    pub usage_operation: String,
    pub virtualization_type: String,
}

/// Which zones to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneScope {
    /// Those the account is opted in to.
    OptedIn,
    All,
}

#[derive(Clone, Debug, Default)]
pub struct AvailabilityZone {
    pub zone_name: String,
    pub zone_id: String,
    pub group_name: String,
    pub state: String,
}

#[derive(Clone, Debug, Default)]
pub struct CallerIdentity {
    pub account: String,
    pub arn: String,
    pub user_id: String,
}
