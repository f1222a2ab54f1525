//! VPCs and their subnets.

use super::Tags;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VpcAttribute {
    EnableDnsSupport,
    EnableDnsHostnames,
    EnableNetworkAddressUsageMetrics,
}

#[derive(Clone, Debug, Default)]
pub struct CreateVpc {
    pub cidr_block: Option<String>,
    pub ipv4_ipam_pool_id: Option<String>,
    pub ipv4_netmask_length: Option<i64>,
    pub amazon_provided_ipv6_cidr_block: bool,
    pub ipv6_cidr_block: Option<String>,
    pub ipv6_ipam_pool_id: Option<String>,
    pub ipv6_netmask_length: Option<i64>,
    pub ipv6_cidr_block_network_border_group: Option<String>,
    pub instance_tenancy: Option<String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct AssociateVpcIpv6 {
    pub vpc_id: String,
    pub amazon_provided_ipv6_cidr_block: bool,
    pub ipv6_cidr_block: Option<String>,
    pub ipv6_ipam_pool_id: Option<String>,
    pub ipv6_netmask_length: Option<i64>,
    pub ipv6_cidr_block_network_border_group: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Vpc {
    pub vpc_id: String,
    pub owner_id: String,
    pub state: String,
    pub cidr_block: String,
    pub cidr_associations: Vec<CidrAssociation>,
    pub ipv6_associations: Vec<Ipv6Association>,
    pub dhcp_options_id: String,
    pub instance_tenancy: String,
    pub is_default: bool,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct CidrAssociation {
    pub association_id: String,
    pub cidr_block: String,
    pub state: String,
}

#[derive(Clone, Debug, Default)]
pub struct Ipv6Association {
    pub association_id: String,
    pub ipv6_cidr_block: String,
    /// `associating`, `associated`, `disassociating`, `disassociated`, `failed`.
    pub state: String,
    pub network_border_group: String,
    pub ipv6_pool: String,
}

#[derive(Clone, Debug, Default)]
pub struct CreateSubnet {
    pub vpc_id: String,
    pub cidr_block: Option<String>,
    pub ipv6_cidr_block: Option<String>,
    pub ipv6_native: bool,
    pub availability_zone: Option<String>,
    pub availability_zone_id: Option<String>,
    pub outpost_arn: Option<String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubnetChange {
    AssignIpv6AddressOnCreation(bool),
    MapPublicIpOnLaunch(bool),
    EnableDns64(bool),
    EnableResourceNameDnsARecordOnLaunch(bool),
    EnableResourceNameDnsAaaaRecordOnLaunch(bool),
    PrivateDnsHostnameTypeOnLaunch(String),
    EnableLniAtDeviceIndex(i64),
    DisableLniAtDeviceIndex,
    /// The two are set together.
    CustomerOwnedIp {
        map_on_launch: bool,
        pool: Option<String>,
    },
}

#[derive(Clone, Debug, Default)]
pub struct Subnet {
    pub subnet_id: String,
    pub subnet_arn: String,
    pub vpc_id: String,
    pub owner_id: String,
    pub state: String,
    pub cidr_block: String,
    pub ipv6_associations: Vec<Ipv6Association>,
    pub availability_zone: String,
    pub availability_zone_id: String,
    pub available_ip_address_count: i64,
    pub assign_ipv6_address_on_creation: bool,
    pub customer_owned_ipv4_pool: String,
    pub default_for_az: bool,
    pub enable_dns64: bool,
    pub enable_lni_at_device_index: i64,
    pub ipv6_native: bool,
    pub map_customer_owned_ip_on_launch: bool,
    pub map_public_ip_on_launch: bool,
    pub outpost_arn: String,
    /// `ip-name` or `resource-name`.
    pub hostname_type: String,
    pub resource_name_dns_a_record: bool,
    pub resource_name_dns_aaaa_record: bool,
    pub tags: Tags,
}
