//! `data "aws_subnet"`

use async_trait::async_trait;

use super::{DataSource, attribute_filters, filters, only};
use crate::api::Filter;
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::Observed;

pub struct Subnet;

#[async_trait]
impl DataSource for Subnet {
    fn type_name(&self) -> &'static str {
        "aws_subnet"
    }

    fn noun(&self) -> &'static str {
        "EC2 Subnet"
    }

    async fn read(&self, client: &Client, config: &Object) -> Outcome<Observed> {
        let names = [
            ("id", "subnet-id"),
            ("availability_zone", "availability-zone"),
            ("availability_zone_id", "availability-zone-id"),
            ("cidr_block", "cidr-block"),
            ("ipv6_cidr_block", "ipv6-cidr-block-association.ipv6-cidr-block"),
            ("state", "state"),
            ("vpc_id", "vpc-id"),
        ];
        let mut wanted = attribute_filters(config, &names);
        if config.is_true("default_for_az") {
            wanted.push(Filter::new("default-for-az", ["true"]));
        }
        wanted.extend(filters(config));
        let subnet = only(client.call(|ec2| ec2.describe_subnets(&wanted)).await?, self.noun())?;
        let mut o = Observed::tagged(&subnet.tags);
        o.set("id", &subnet.subnet_id);
        o.set("arn", &subnet.subnet_arn);
        o.set("assign_ipv6_address_on_creation", subnet.assign_ipv6_address_on_creation);
        o.set("availability_zone", &subnet.availability_zone);
        o.set("availability_zone_id", &subnet.availability_zone_id);
        o.set("available_ip_address_count", subnet.available_ip_address_count);
        o.set("cidr_block", &subnet.cidr_block);
        o.set("customer_owned_ipv4_pool", &subnet.customer_owned_ipv4_pool);
        o.set("default_for_az", subnet.default_for_az);
        o.set("enable_dns64", subnet.enable_dns64);
        o.set("enable_lni_at_device_index", subnet.enable_lni_at_device_index);
        o.set("enable_resource_name_dns_a_record_on_launch", subnet.resource_name_dns_a_record);
        o.set("enable_resource_name_dns_aaaa_record_on_launch", subnet.resource_name_dns_aaaa_record);
        o.set("ipv6_native", subnet.ipv6_native);
        o.set("map_customer_owned_ip_on_launch", subnet.map_customer_owned_ip_on_launch);
        o.set("map_public_ip_on_launch", subnet.map_public_ip_on_launch);
        o.set("outpost_arn", &subnet.outpost_arn);
        o.set("owner_id", &subnet.owner_id);
        o.set("private_dns_hostname_type_on_launch", &subnet.hostname_type);
        o.set("state", &subnet.state);
        o.set("vpc_id", &subnet.vpc_id);
        let associated = |state: &str| matches!(state, "associated" | "");
        let ipv6 = subnet.ipv6_associations.iter().find(|a| associated(&a.state));
        o.set("ipv6_cidr_block", ipv6.map(|a| a.ipv6_cidr_block.clone()));
        o.set("ipv6_cidr_block_association_id", ipv6.map(|a| a.association_id.clone()));
        Ok(o)
    }
}
