//! `data "aws_vpc"`

use async_trait::async_trait;

use super::{DataSource, attribute_filters, filters, only};
use crate::api::{Filter, VpcAttribute};
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::Observed;

pub struct Vpc;

#[async_trait]
impl DataSource for Vpc {
    fn type_name(&self) -> &'static str {
        "aws_vpc"
    }

    fn noun(&self) -> &'static str {
        "EC2 VPC"
    }

    async fn read(&self, client: &Client, config: &Object) -> Outcome<Observed> {
        let names = [
            ("id", "vpc-id"),
            ("cidr_block", "cidr-block"),
            ("dhcp_options_id", "dhcp-options-id"),
            ("state", "state"),
        ];
        let mut wanted = attribute_filters(config, &names);
        if config.is_true("default") {
            wanted.push(Filter::new("is-default", ["true"]));
        }
        wanted.extend(filters(config));
        let vpc = only(client.call(|ec2| ec2.describe_vpcs(&wanted)).await?, self.noun())?;
        let id = &vpc.vpc_id;
        let main = [Filter::new("vpc-id", [id.as_str()]), Filter::new("association.main", ["true"])];
        let (support, hostnames, metrics, tables) = futures::join!(
            client.call(|ec2| ec2.describe_vpc_attribute(id, VpcAttribute::EnableDnsSupport)),
            client.call(|ec2| ec2.describe_vpc_attribute(id, VpcAttribute::EnableDnsHostnames)),
            client.call(|ec2| ec2.describe_vpc_attribute(id, VpcAttribute::EnableNetworkAddressUsageMetrics)),
            client.call(|ec2| ec2.describe_route_tables(&main)),
        );
        let mut o = Observed::tagged(&vpc.tags);
        o.set("id", id);
        o.set("arn", client.arn(&vpc.owner_id, &format!("vpc/{id}")));
        o.set("cidr_block", &vpc.cidr_block);
        o.set("default", vpc.is_default);
        o.set("dhcp_options_id", &vpc.dhcp_options_id);
        o.set("enable_dns_support", support?);
        o.set("enable_dns_hostnames", hostnames?);
        o.set("enable_network_address_usage_metrics", metrics?);
        o.set("instance_tenancy", &vpc.instance_tenancy);
        o.set("main_route_table_id", tables?.first().map(|table| table.route_table_id.clone()));
        o.set("owner_id", &vpc.owner_id);
        o.set("state", &vpc.state);
        let associations = vpc.cidr_associations.iter().map(|association| {
            let mut block = Observed::default();
            block.set("association_id", &association.association_id);
            block.set("cidr_block", &association.cidr_block);
            block.set("state", &association.state);
            block
        });
        o.set("cidr_block_associations", associations.collect::<Vec<_>>());
        let ipv6 = vpc.ipv6_associations.first();
        o.set("ipv6_association_id", ipv6.map(|a| a.association_id.clone()));
        o.set("ipv6_cidr_block", ipv6.map(|a| a.ipv6_cidr_block.clone()));
        Ok(o)
    }
}
