//! `aws_subnet`

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use value::Value;

use super::network_interfaces;
use super::operation::unique;
use crate::api::{CreateSubnet, Filter, Ipv6Association, Subnet as ApiSubnet, SubnetChange};
use crate::client::{Client, Poll};
use crate::failure::{Failure, Outcome};
use crate::object::{Object, same};
use crate::observed::Observed;
use crate::plan::Planning;
use crate::resource::{Creation, Located, Preset, Resource, Rules, Tagging, ids, in_order};
use crate::{timeouts, validate};

pub struct Subnet;

static RULES: Rules = Rules {
    replace: &[
        "availability_zone",
        "availability_zone_id",
        "cidr_block",
        "ipv6_native",
        "outpost_arn",
        "vpc_id",
    ],
    defaults: &[
        ("assign_ipv6_address_on_creation", Preset::Bool(false)),
        ("enable_dns64", Preset::Bool(false)),
        ("enable_resource_name_dns_a_record_on_launch", Preset::Bool(false)),
        ("enable_resource_name_dns_aaaa_record_on_launch", Preset::Bool(false)),
        ("ipv6_native", Preset::Bool(false)),
        ("map_public_ip_on_launch", Preset::Bool(false)),
    ],
    recompute: &[(&["ipv6_cidr_block"], &["ipv6_cidr_block_association_id"])],
    same: same_subnet,
    tags: Tagging::Tags,
    ..Rules::new("EC2 Subnet")
};

const NOT_FOUND: &[&str] = &["InvalidSubnetID.NotFound"];
const LIMIT: Duration = Duration::from_mins(10);
const DELETE_LIMIT: Duration = Duration::from_mins(20);

#[async_trait]
impl Resource for Subnet {
    fn type_name(&self) -> &'static str {
        "aws_subnet"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        validate::ipv4_network(config, "cidr_block", 16..=28, diagnostics);
        validate::ipv6_network(config, "ipv6_cidr_block", diagnostics);
        validate::conflicting(config, &["availability_zone", "availability_zone_id"], diagnostics);
        validate::one_of(
            config,
            "private_dns_hostname_type_on_launch",
            &["ip-name", "resource-name"],
            diagnostics,
        );
    }

    fn adjust_plan(&self, planning: &mut Planning<'_>) {
        let goes = planning.changes("ipv6_cidr_block") && planning.config.str("ipv6_cidr_block").is_none();
        if !planning.is_creation() && goes && !planning.config.is_unknown("ipv6_cidr_block") {
            planning.set("ipv6_cidr_block_association_id", Value::string(""));
        }
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let request = CreateSubnet {
            vpc_id: planned.text("vpc_id"),
            cidr_block: planned.string("cidr_block"),
            ipv6_cidr_block: planned.string("ipv6_cidr_block"),
            ipv6_native: planned.is_true("ipv6_native"),
            availability_zone: planned.string("availability_zone"),
            availability_zone_id: planned.string("availability_zone_id"),
            outpost_arn: planned.string("outpost_arn"),
            tags: creation.tags(planned),
        };
        let subnet = client.once(|ec2| ec2.create_subnet(&request)).await?;
        Ok(planned.with_str("id", &subnet.subnet_id))
    }

    async fn complete(&self, client: &Client, created: &Object) -> Outcome<()> {
        let id = created.text("id");
        let limit = timeouts::limit(created, "create", LIMIT);
        client
            .wait(&format!("EC2 Subnet ({id}) to become available"), limit, || async {
                let subnets = describe(client, std::slice::from_ref(&id)).await?;
                Ok(match subnets.first() {
                    Some(subnet) if subnet.state == "available" => Poll::Done(()),
                    Some(subnet) => Poll::Pending(subnet.state.clone()),
                    None => Poll::Pending("not visible".into()),
                })
            })
            .await?;
        if created.str("ipv6_cidr_block").is_some() {
            wait_for_ipv6(client, &id).await?;
        }
        for change in changes(None, created) {
            client.call_when_visible(NOT_FOUND, |ec2| ec2.modify_subnet_attribute(&id, &change)).await?;
        }
        Ok(())
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        let id = prior.text("id");
        let (off, on): (Vec<_>, Vec<_>) = changes(Some(prior), planned)
            .into_iter()
            .partition(|change| matches!(change, SubnetChange::AssignIpv6AddressOnCreation(false)));
        // Addresses on creation need the IPv6 block: switched off before it goes, on after it came.
        for change in off {
            client.call(|ec2| ec2.modify_subnet_attribute(&id, &change)).await?;
        }
        if prior.str("ipv6_cidr_block") != planned.str("ipv6_cidr_block") {
            update_ipv6(client, &id, prior, planned).await?;
        }
        for change in on {
            client.call(|ec2| ec2.modify_subnet_attribute(&id, &change)).await?;
        }
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let id = prior.text("id");
        let limit = timeouts::limit(prior, "delete", DELETE_LIMIT);
        network_interfaces::release(client, &Filter::new("subnet-id", [id.as_str()])).await?;
        client.retry_codes(limit, &["DependencyViolation"], |ec2| ec2.delete_subnet(&id)).await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let subnets = describe(client, &ids(known)).await?;
        let observed = subnets.iter().map(|subnet| (subnet.subnet_id.clone(), observe(subnet)));
        Ok(in_order(known, |object| object.text("id"), observed))
    }

    async fn locate(&self, client: &Client, planned: &Object, _token: &str) -> Outcome<Located> {
        let cidr = match (planned.str("cidr_block"), planned.str("ipv6_cidr_block")) {
            (Some(cidr), _) => Filter::new("cidr-block", [cidr]),
            (None, Some(cidr)) => Filter::new("ipv6-cidr-block-association.ipv6-cidr-block", [cidr]),
            (None, None) => return Ok(Located::Absent),
        };
        let what = format!("a subnet {} in {}", cidr.values.join(""), planned.text("vpc_id"));
        let filters = [Filter::new("vpc-id", [planned.text("vpc_id")]), cidr];
        let subnets = client.call(|ec2| ec2.describe_subnets(&filters)).await?;
        let found = subnets.into_iter().next().map(|s| (planned.with_str("id", &s.subnet_id), s.tags));
        Ok(unique(planned, found, &what))
    }
}

/// The changes from a prior state, or from what a new subnet is, to what is planned.
fn changes(prior: Option<&Object>, planned: &Object) -> Vec<SubnetChange> {
    let flag = |name: &str, change: fn(bool) -> SubnetChange| {
        let value = planned.bool(name)?;
        (prior.is_some_and(|p| p.is_true(name)) != value).then(|| change(value))
    };
    let was = |name: &str| prior.map(|p| p.text(name)).unwrap_or_default();
    let mut changes: Vec<SubnetChange> = [
        flag("assign_ipv6_address_on_creation", SubnetChange::AssignIpv6AddressOnCreation),
        flag("map_public_ip_on_launch", SubnetChange::MapPublicIpOnLaunch),
        flag("enable_dns64", SubnetChange::EnableDns64),
        flag(
            "enable_resource_name_dns_a_record_on_launch",
            SubnetChange::EnableResourceNameDnsARecordOnLaunch,
        ),
        flag(
            "enable_resource_name_dns_aaaa_record_on_launch",
            SubnetChange::EnableResourceNameDnsAaaaRecordOnLaunch,
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(kind) = planned.string("private_dns_hostname_type_on_launch")
        && was("private_dns_hostname_type_on_launch") != kind
    {
        changes.push(SubnetChange::PrivateDnsHostnameTypeOnLaunch(kind));
    }
    let index = |object: Option<&Object>| object.and_then(|o| o.positive("enable_lni_at_device_index"));
    match (index(prior), index(Some(planned))) {
        (before, Some(after)) if before != Some(after) => {
            changes.push(SubnetChange::EnableLniAtDeviceIndex(after));
        }
        (Some(_), None) => changes.push(SubnetChange::DisableLniAtDeviceIndex),
        _ => {}
    }
    let pool = planned.text("customer_owned_ipv4_pool");
    let map = planned.is_true("map_customer_owned_ip_on_launch");
    if was("customer_owned_ipv4_pool") != pool
        || prior.is_some_and(|p| p.is_true("map_customer_owned_ip_on_launch")) != map
    {
        changes.push(SubnetChange::CustomerOwnedIp {
            map_on_launch: map,
            pool: Some(pool).filter(|p| !p.is_empty()),
        });
    }
    changes
}

async fn describe(client: &Client, ids: &[String]) -> Outcome<Vec<ApiSubnet>> {
    client.describe("subnet-id", ids, |ec2, filters| ec2.describe_subnets(filters)).await
}

fn ipv6_association(subnet: &ApiSubnet) -> Option<&Ipv6Association> {
    subnet.ipv6_associations.iter().rfind(|a| matches!(a.state.as_str(), "associated" | "associating" | ""))
}

async fn wait_for_ipv6(client: &Client, id: &str) -> Outcome<()> {
    let what = format!("the IPv6 CIDR block of EC2 Subnet ({id}) to be associated");
    client
        .wait(&what, LIMIT, || async {
            let subnets = describe(client, &[id.to_owned()]).await?;
            match subnets.first().and_then(|s| s.ipv6_associations.last()) {
                Some(a) if a.state == "failed" => {
                    Err(Failure::Unexpected { what: what.clone(), state: a.state.clone() })
                }
                Some(a) if matches!(a.state.as_str(), "associated" | "") => Ok(Poll::Done(())),
                Some(a) => Ok(Poll::Pending(a.state.clone())),
                None => Ok(Poll::Pending("not visible".into())),
            }
        })
        .await
}

async fn update_ipv6(client: &Client, id: &str, prior: &Object, planned: &Object) -> Outcome<()> {
    if let Some(association) = prior.string("ipv6_cidr_block_association_id") {
        client.call(|ec2| ec2.disassociate_subnet_cidr_block(&association)).await?;
        let what = format!("the IPv6 CIDR block of EC2 Subnet ({id}) to be disassociated");
        client
            .wait(&what, LIMIT, || async {
                let subnets = describe(client, &[id.to_owned()]).await?;
                let state = subnets
                    .first()
                    .and_then(|s| s.ipv6_associations.iter().find(|a| a.association_id == association))
                    .map_or("disassociated", |a| a.state.as_str());
                Ok(if state == "disassociated" { Poll::Done(()) } else { Poll::Pending(state.to_owned()) })
            })
            .await?;
    }
    if let Some(cidr) = planned.string("ipv6_cidr_block") {
        client.once(|ec2| ec2.associate_subnet_cidr_block(id, &cidr)).await?;
        wait_for_ipv6(client, id).await?;
    }
    Ok(())
}

fn observe(subnet: &ApiSubnet) -> Observed {
    let mut o = Observed::tagged(&subnet.tags);
    o.set("id", &subnet.subnet_id);
    o.set("arn", &subnet.subnet_arn);
    o.set("owner_id", &subnet.owner_id);
    o.set("vpc_id", &subnet.vpc_id);
    o.set("availability_zone", &subnet.availability_zone);
    o.set("availability_zone_id", &subnet.availability_zone_id);
    o.set("cidr_block", &subnet.cidr_block);
    o.set("assign_ipv6_address_on_creation", subnet.assign_ipv6_address_on_creation);
    o.set("customer_owned_ipv4_pool", &subnet.customer_owned_ipv4_pool);
    o.set("enable_dns64", subnet.enable_dns64);
    o.set("enable_lni_at_device_index", subnet.enable_lni_at_device_index);
    o.set("enable_resource_name_dns_a_record_on_launch", subnet.resource_name_dns_a_record);
    o.set("enable_resource_name_dns_aaaa_record_on_launch", subnet.resource_name_dns_aaaa_record);
    o.set("ipv6_native", subnet.ipv6_native);
    o.set("map_customer_owned_ip_on_launch", subnet.map_customer_owned_ip_on_launch);
    o.set("map_public_ip_on_launch", subnet.map_public_ip_on_launch);
    o.set("outpost_arn", &subnet.outpost_arn);
    o.set("private_dns_hostname_type_on_launch", &subnet.hostname_type);
    let ipv6 = ipv6_association(subnet);
    o.set("ipv6_cidr_block", ipv6.map(|a| a.ipv6_cidr_block.clone()));
    o.set("ipv6_cidr_block_association_id", ipv6.map(|a| a.association_id.clone()));
    o
}

fn same_subnet(attribute: &str, a: &Value, b: &Value) -> bool {
    same(a, b) || attribute == "ipv6_cidr_block" && validate::same_network(a, b)
}
