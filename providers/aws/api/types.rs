//! Requests and answers: only the fields the provider uses, named as the service names them.

use std::collections::BTreeMap;

/// Tag keys and values.
pub type Tags = BTreeMap<String, String>;

/// A filter of a `Describe` operation: any of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub name: String,
    pub values: Vec<String>,
}

impl Filter {
    pub fn new<V: Into<String>>(name: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self { name: name.into(), values: values.into_iter().map(Into::into).collect() }
    }
}

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

#[derive(Clone, Debug, Default)]
pub struct InternetGateway {
    pub internet_gateway_id: String,
    pub owner_id: String,
    /// VPC and state (`attaching`, `available`, `attached`, `detaching`, `detached`).
    pub attachments: Vec<(String, String)>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct RouteTable {
    pub route_table_id: String,
    pub vpc_id: String,
    pub owner_id: String,
    pub associations: Vec<RouteTableAssociation>,
    pub propagating_vgws: Vec<String>,
    pub routes: Vec<Route>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct RouteTableAssociation {
    pub association_id: String,
    pub route_table_id: String,
    pub subnet_id: Option<String>,
    pub gateway_id: Option<String>,
    pub main: bool,
    /// `associating`, `associated`, `disassociating`, `disassociated`, `failed`; empty where not told.
    pub state: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssociationTarget {
    Subnet(String),
    Gateway(String),
}

/// Where packets go to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteDestination {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
}

/// What takes the packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteTarget {
    CarrierGateway(String),
    CoreNetwork(String),
    EgressOnlyGateway(String),
    /// An internet gateway, a virtual private gateway, or `local`.
    Gateway(String),
    LocalGateway(String),
    NatGateway(String),
    NetworkInterface(String),
    TransitGateway(String),
    VpcEndpoint(String),
    VpcPeering(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRequest {
    pub destination: RouteDestination,
    pub target: RouteTarget,
}

#[derive(Clone, Debug, Default)]
pub struct Route {
    pub destination_cidr_block: String,
    pub destination_ipv6_cidr_block: String,
    pub destination_prefix_list_id: String,
    pub carrier_gateway_id: String,
    pub core_network_arn: String,
    pub egress_only_internet_gateway_id: String,
    pub gateway_id: String,
    pub instance_id: String,
    pub instance_owner_id: String,
    pub local_gateway_id: String,
    pub nat_gateway_id: String,
    pub network_interface_id: String,
    pub transit_gateway_id: String,
    pub vpc_peering_connection_id: String,
    /// `CreateRouteTable`, `CreateRoute`, `EnableVgwRoutePropagation`.
    pub origin: String,
    /// `active` or `blackhole`.
    pub state: String,
}

#[derive(Clone, Debug, Default)]
pub struct NetworkAcl {
    pub network_acl_id: String,
    pub vpc_id: String,
    pub is_default: bool,
}

#[derive(Clone, Debug, Default)]
pub struct CreateSecurityGroup {
    pub group_name: String,
    pub description: String,
    pub vpc_id: Option<String>,
    pub tags: Tags,
}

#[derive(Clone, Debug, Default)]
pub struct SecurityGroup {
    pub group_id: String,
    pub group_name: String,
    pub description: String,
    pub owner_id: String,
    pub vpc_id: String,
    pub ingress: Vec<IpPermission>,
    pub egress: Vec<IpPermission>,
    pub tags: Tags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    Ingress,
    Egress,
}

/// Who a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
    /// A security group; with the owner's account where it is another's.
    Group {
        group_id: String,
        user_id: Option<String>,
    },
}

/// One protocol and port range with the peers it is open for, each with its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpPermission {
    pub ip_protocol: String,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub peers: Vec<(Peer, Option<String>)>,
}

#[derive(Clone, Debug, Default)]
pub struct SecurityGroupRule {
    pub rule_id: String,
    pub rule_arn: String,
    pub group_id: String,
    pub group_owner_id: String,
    pub is_egress: bool,
    pub ip_protocol: String,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub peer: Option<Peer>,
    pub description: String,
    pub tags: Tags,
}

#[derive(Clone, Debug)]
pub struct SecurityGroupRuleChange {
    pub ip_protocol: String,
    pub from_port: Option<i64>,
    pub to_port: Option<i64>,
    pub peer: Peer,
    pub description: Option<String>,
}

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
pub struct KeyPair {
    pub key_pair_id: String,
    pub key_name: String,
    pub key_type: String,
    pub fingerprint: String,
    pub public_key: String,
    pub tags: Tags,
}

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
