//! The Amazon EC2 operations the provider uses, by what they are about.

use async_trait::async_trait;

use super::ApiResult;
use super::types::*;

/// All of them.
pub trait Ec2Api:
    VpcApi + RouteApi + SecurityGroupApi + InterfaceApi + CommonApi + InstanceApi + InstanceOptionsApi
{
}

impl<T> Ec2Api for T where
    T: VpcApi + RouteApi + SecurityGroupApi + InterfaceApi + CommonApi + InstanceApi + InstanceOptionsApi
{
}

/// VPCs, subnets and internet gateways.
#[async_trait]
pub trait VpcApi: Send + Sync {
    async fn create_vpc(&self, request: &CreateVpc) -> ApiResult<Vpc>;
    async fn delete_vpc(&self, vpc_id: &str) -> ApiResult<()>;
    async fn describe_vpcs(&self, filters: &[Filter]) -> ApiResult<Vec<Vpc>>;
    async fn describe_vpc_attribute(&self, vpc_id: &str, attribute: VpcAttribute) -> ApiResult<bool>;
    async fn modify_vpc_attribute(&self, vpc_id: &str, attribute: VpcAttribute, value: bool)
    -> ApiResult<()>;
    /// Sets the instance tenancy to `default`, the only change the service allows.
    async fn modify_vpc_tenancy(&self, vpc_id: &str) -> ApiResult<()>;
    async fn associate_vpc_cidr_block(&self, request: &AssociateVpcIpv6) -> ApiResult<Ipv6Association>;
    async fn disassociate_vpc_cidr_block(&self, association_id: &str) -> ApiResult<()>;
    async fn create_subnet(&self, request: &CreateSubnet) -> ApiResult<Subnet>;
    async fn delete_subnet(&self, subnet_id: &str) -> ApiResult<()>;
    async fn describe_subnets(&self, filters: &[Filter]) -> ApiResult<Vec<Subnet>>;
    /// Changes one attribute; the service takes no more than one a call.
    async fn modify_subnet_attribute(&self, subnet_id: &str, change: &SubnetChange) -> ApiResult<()>;
    async fn associate_subnet_cidr_block(
        &self,
        subnet_id: &str,
        ipv6_cidr_block: &str,
    ) -> ApiResult<Ipv6Association>;
    async fn disassociate_subnet_cidr_block(&self, association_id: &str) -> ApiResult<()>;
    async fn create_internet_gateway(&self, tags: &Tags) -> ApiResult<InternetGateway>;
    async fn delete_internet_gateway(&self, internet_gateway_id: &str) -> ApiResult<()>;
    async fn attach_internet_gateway(&self, internet_gateway_id: &str, vpc_id: &str) -> ApiResult<()>;
    async fn detach_internet_gateway(&self, internet_gateway_id: &str, vpc_id: &str) -> ApiResult<()>;
    async fn describe_internet_gateways(&self, filters: &[Filter]) -> ApiResult<Vec<InternetGateway>>;
}

/// Route tables, routes and network ACLs.
#[async_trait]
pub trait RouteApi: Send + Sync {
    async fn create_route_table(
        &self,
        vpc_id: &str,
        tags: &Tags,
        client_token: &str,
    ) -> ApiResult<RouteTable>;
    async fn delete_route_table(&self, route_table_id: &str) -> ApiResult<()>;
    async fn describe_route_tables(&self, filters: &[Filter]) -> ApiResult<Vec<RouteTable>>;
    async fn create_route(&self, route_table_id: &str, route: &RouteRequest) -> ApiResult<()>;
    async fn replace_route(&self, route_table_id: &str, route: &RouteRequest) -> ApiResult<()>;
    async fn delete_route(&self, route_table_id: &str, destination: &RouteDestination) -> ApiResult<()>;
    async fn associate_route_table(
        &self,
        route_table_id: &str,
        target: &AssociationTarget,
    ) -> ApiResult<String>;
    async fn disassociate_route_table(&self, association_id: &str) -> ApiResult<()>;
    /// Answers the id of the association that takes the old one's place.
    async fn replace_route_table_association(
        &self,
        association_id: &str,
        route_table_id: &str,
    ) -> ApiResult<String>;
    async fn enable_vgw_route_propagation(&self, route_table_id: &str, gateway_id: &str) -> ApiResult<()>;
    async fn disable_vgw_route_propagation(&self, route_table_id: &str, gateway_id: &str) -> ApiResult<()>;
    async fn describe_network_acls(&self, filters: &[Filter]) -> ApiResult<Vec<NetworkAcl>>;
}

/// Security groups and their rules.
#[async_trait]
pub trait SecurityGroupApi: Send + Sync {
    /// Answers the group's id.
    async fn create_security_group(&self, request: &CreateSecurityGroup) -> ApiResult<String>;
    async fn delete_security_group(&self, group_id: &str) -> ApiResult<()>;
    async fn describe_security_groups(&self, filters: &[Filter]) -> ApiResult<Vec<SecurityGroup>>;
    async fn describe_security_group_rules(&self, filters: &[Filter]) -> ApiResult<Vec<SecurityGroupRule>>;
    async fn authorize_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
        tags: &Tags,
    ) -> ApiResult<Vec<SecurityGroupRule>>;
    async fn revoke_security_group(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()>;
    async fn revoke_security_group_rules(
        &self,
        group_id: &str,
        direction: Direction,
        rule_ids: &[String],
    ) -> ApiResult<()>;
    async fn modify_security_group_rule(
        &self,
        group_id: &str,
        rule_id: &str,
        rule: &SecurityGroupRuleChange,
    ) -> ApiResult<()>;
    async fn update_security_group_rule_descriptions(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[IpPermission],
    ) -> ApiResult<()>;
}

/// Network interfaces and their addresses.
#[async_trait]
pub trait InterfaceApi: Send + Sync {
    async fn describe_network_interfaces(&self, filters: &[Filter]) -> ApiResult<Vec<NetworkInterface>>;
    async fn detach_network_interface(&self, attachment_id: &str) -> ApiResult<()>;
    async fn delete_network_interface(&self, network_interface_id: &str) -> ApiResult<()>;
    async fn modify_network_interface(
        &self,
        network_interface_id: &str,
        change: &NetworkInterfaceChange,
    ) -> ApiResult<()>;
    async fn assign_private_ip_addresses(
        &self,
        network_interface_id: &str,
        addresses: &[String],
    ) -> ApiResult<()>;
    async fn unassign_private_ip_addresses(
        &self,
        network_interface_id: &str,
        addresses: &[String],
    ) -> ApiResult<()>;
    async fn assign_ipv6_addresses(&self, network_interface_id: &str, count: i64) -> ApiResult<()>;
    async fn unassign_ipv6_addresses(
        &self,
        network_interface_id: &str,
        addresses: &[String],
    ) -> ApiResult<()>;
}

/// What instances share: key pairs, volumes, tags, images and zones.
#[async_trait]
pub trait CommonApi: Send + Sync {
    async fn import_key_pair(&self, key_name: &str, public_key: &str, tags: &Tags) -> ApiResult<KeyPair>;
    async fn delete_key_pair(&self, key_name: &str) -> ApiResult<()>;
    async fn describe_key_pairs(&self, filters: &[Filter]) -> ApiResult<Vec<KeyPair>>;
    async fn describe_volumes(&self, filters: &[Filter]) -> ApiResult<Vec<Volume>>;
    async fn modify_volume(&self, volume_id: &str, change: &VolumeChange) -> ApiResult<()>;
    /// The modification state of a volume: `modifying`, `optimizing`, `completed`, `failed`; none if never modified.
    async fn describe_volume_modification(&self, volume_id: &str) -> ApiResult<Option<String>>;
    async fn create_tags(&self, ids: &[String], tags: &Tags) -> ApiResult<()>;
    async fn delete_tags(&self, ids: &[String], keys: &[String]) -> ApiResult<()>;
    async fn describe_images(&self, request: &DescribeImages) -> ApiResult<Vec<Image>>;
    async fn describe_availability_zones(
        &self,
        filters: &[Filter],
        all_zones: ZoneScope,
    ) -> ApiResult<Vec<AvailabilityZone>>;
}

/// Instances, from launch to termination.
#[async_trait]
pub trait InstanceApi: Send + Sync {
    async fn run_instances(&self, request: &RunInstance) -> ApiResult<Instance>;
    async fn terminate_instances(&self, instance_id: &str) -> ApiResult<()>;
    async fn start_instances(&self, instance_id: &str) -> ApiResult<()>;
    async fn stop_instances(&self, instance_id: &str) -> ApiResult<()>;
    async fn describe_instances(&self, filters: &[Filter]) -> ApiResult<Vec<Instance>>;
    /// The attribute as text: booleans as `true` or `false`, user data in base64.
    async fn describe_instance_attribute(
        &self,
        instance_id: &str,
        attribute: InstanceAttribute,
    ) -> ApiResult<Option<String>>;
    /// Changes one attribute; the service takes no more than one a call.
    async fn modify_instance_attribute(&self, instance_id: &str, change: &InstanceChange) -> ApiResult<()>;
    async fn monitor_instances(&self, instance_id: &str) -> ApiResult<()>;
    async fn unmonitor_instances(&self, instance_id: &str) -> ApiResult<()>;
    /// Base64 of the password encrypted with the key pair; empty while it is not ready.
    async fn get_password_data(&self, instance_id: &str) -> ApiResult<String>;
}

/// What can be changed on an instance while it runs, beside its attributes.
#[async_trait]
pub trait InstanceOptionsApi: Send + Sync {
    async fn modify_instance_metadata_options(
        &self,
        instance_id: &str,
        options: &MetadataOptions,
    ) -> ApiResult<()>;
    async fn modify_instance_maintenance_options(
        &self,
        instance_id: &str,
        auto_recovery: &str,
    ) -> ApiResult<()>;
    async fn modify_private_dns_name_options(
        &self,
        instance_id: &str,
        options: &PrivateDnsNameOptions,
    ) -> ApiResult<()>;
    async fn modify_instance_capacity_reservation_attributes(
        &self,
        instance_id: &str,
        specification: &CapacityReservationSpecification,
    ) -> ApiResult<()>;
    /// Instance id and `standard` or `unlimited`, for burstable instances only.
    async fn describe_instance_credit_specifications(
        &self,
        instance_ids: &[String],
    ) -> ApiResult<Vec<(String, String)>>;
    async fn modify_instance_credit_specification(
        &self,
        instance_id: &str,
        cpu_credits: &str,
    ) -> ApiResult<()>;
    async fn describe_iam_instance_profile_associations(
        &self,
        instance_id: &str,
    ) -> ApiResult<Vec<IamProfileAssociation>>;
    async fn associate_iam_instance_profile(&self, instance_id: &str, name: &str) -> ApiResult<()>;
    async fn replace_iam_instance_profile_association(
        &self,
        association_id: &str,
        name: &str,
    ) -> ApiResult<()>;
    async fn disassociate_iam_instance_profile(&self, association_id: &str) -> ApiResult<()>;
}
