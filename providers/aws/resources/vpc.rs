//! `aws_vpc`

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use value::Value;

use super::operation::operation_filter;
use crate::api::{AssociateVpcIpv6, CreateVpc, Ipv6Association, Vpc as ApiVpc, VpcAttribute};
use crate::client::{Client, Poll};
use crate::failure::{Failure, Outcome};
use crate::object::{Object, same};
use crate::observed::Observed;
use crate::plan::Planning;
use crate::resource::{Creation, Located, Preset, Resource, Rules, Tagging, ids, in_order};
use crate::{api::Filter, validate};

pub struct Vpc;

static RULES: Rules = Rules {
    replace: &["cidr_block", "ipv4_ipam_pool_id", "ipv4_netmask_length"],
    defaults: &[
        ("assign_generated_ipv6_cidr_block", Preset::Bool(false)),
        ("enable_dns_support", Preset::Bool(true)),
        ("instance_tenancy", Preset::Text("default")),
    ],
    recompute: &[(
        IPV6_ATTRIBUTES,
        &["ipv6_association_id", "ipv6_cidr_block", "ipv6_cidr_block_network_border_group"],
    )],
    same: same_vpc,
    tags: Tagging::TagsAndOperation,
    ..Rules::new("EC2 VPC")
};

/// What decides on the IPv6 block.
const IPV6_ATTRIBUTES: &[&str] = &[
    "assign_generated_ipv6_cidr_block",
    "ipv6_cidr_block",
    "ipv6_cidr_block_network_border_group",
    "ipv6_ipam_pool_id",
    "ipv6_netmask_length",
];

const ATTRIBUTES: [(&str, VpcAttribute); 3] = [
    ("enable_dns_support", VpcAttribute::EnableDnsSupport),
    ("enable_dns_hostnames", VpcAttribute::EnableDnsHostnames),
    ("enable_network_address_usage_metrics", VpcAttribute::EnableNetworkAddressUsageMetrics),
];

const NOT_FOUND: &[&str] = &["InvalidVpcID.NotFound"];
const STATE_LIMIT: Duration = Duration::from_mins(10);
const DELETE_LIMIT: Duration = Duration::from_mins(5);

#[async_trait]
impl Resource for Vpc {
    fn type_name(&self) -> &'static str {
        "aws_vpc"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        validate::ipv4_network(config, "cidr_block", 16..=28, diagnostics);
        validate::ipv6_network(config, "ipv6_cidr_block", diagnostics);
        validate::one_of(config, "instance_tenancy", &["default", "dedicated"], diagnostics);
        validate::conflicting(config, &["cidr_block", "ipv4_netmask_length"], diagnostics);
        validate::conflicting(config, &["ipv6_cidr_block", "ipv6_netmask_length"], diagnostics);
        if config.is_true("assign_generated_ipv6_cidr_block") {
            validate::conflicting(
                config,
                &["assign_generated_ipv6_cidr_block", "ipv6_ipam_pool_id"],
                diagnostics,
            );
        }
        let given = |name: &str| validate::is_given(config, name) || config.is_unknown(name);
        if !given("cidr_block") && !given("ipv4_ipam_pool_id") {
            diagnostics.error(
                "Invalid combination of arguments",
                "one of `cidr_block,ipv4_ipam_pool_id` must be specified",
            );
        }
    }

    fn adjust_plan(&self, planning: &mut Planning<'_>) {
        let prior = planning.prior.as_ref().map(|prior| prior.text("instance_tenancy"));
        // The service lets a VPC go from dedicated to default only.
        if prior.as_deref() == Some("default") && planning.planned.str("instance_tenancy") != Some("default")
        {
            planning.require_replace("instance_tenancy");
        }
        let ipv6_goes = planning.changes("ipv6_association_id") && !wants_ipv6(&planning.config);
        if !planning.is_creation() && ipv6_goes {
            for name in ["ipv6_association_id", "ipv6_cidr_block", "ipv6_cidr_block_network_border_group"] {
                planning.set(name, Value::string(""));
            }
        }
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let request = CreateVpc {
            cidr_block: planned.string("cidr_block"),
            ipv4_ipam_pool_id: planned.string("ipv4_ipam_pool_id"),
            ipv4_netmask_length: planned.positive("ipv4_netmask_length"),
            amazon_provided_ipv6_cidr_block: planned.is_true("assign_generated_ipv6_cidr_block"),
            ipv6_cidr_block: planned.string("ipv6_cidr_block"),
            ipv6_ipam_pool_id: planned.string("ipv6_ipam_pool_id"),
            ipv6_netmask_length: planned.positive("ipv6_netmask_length"),
            ipv6_cidr_block_network_border_group: planned.string("ipv6_cidr_block_network_border_group"),
            instance_tenancy: planned.string("instance_tenancy"),
            tags: creation.tags(planned),
        };
        let vpc = client.once(|ec2| ec2.create_vpc(&request)).await?;
        Ok(planned.with_str("id", &vpc.vpc_id))
    }

    async fn complete(&self, client: &Client, created: &Object) -> Outcome<()> {
        let id = created.text("id");
        client
            .wait(&format!("EC2 VPC ({id}) to become available"), STATE_LIMIT, || is_available(client, &id))
            .await?;
        if wants_ipv6(created) {
            wait_for_ipv6(client, &id).await?;
        }
        for (name, attribute) in attribute_order(created) {
            // A new VPC has DNS support and nothing else.
            let initial = attribute == VpcAttribute::EnableDnsSupport;
            if let Some(value) = created.bool(name)
                && value != initial
            {
                client
                    .call_when_visible(NOT_FOUND, |ec2| ec2.modify_vpc_attribute(&id, attribute, value))
                    .await?;
            }
        }
        Ok(())
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        let id = prior.text("id");
        for (name, attribute) in attribute_order(planned) {
            if let Some(value) = planned.bool(name)
                && prior.is_true(name) != value
            {
                client.call(|ec2| ec2.modify_vpc_attribute(&id, attribute, value)).await?;
            }
        }
        if prior.str("instance_tenancy") == Some("dedicated")
            && planned.str("instance_tenancy") == Some("default")
        {
            client.call(|ec2| ec2.modify_vpc_tenancy(&id)).await?;
        }
        if IPV6_ATTRIBUTES.iter().any(|name| prior.get(name) != planned.get(name)) {
            update_ipv6(client, &id, prior, planned).await?;
        }
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let id = prior.text("id");
        client.retry_codes(DELETE_LIMIT, &["DependencyViolation"], |ec2| ec2.delete_vpc(&id)).await?;
        client
            .wait(&format!("EC2 VPC ({id}) to be deleted"), DELETE_LIMIT, || async {
                let gone = describe(client, std::slice::from_ref(&id)).await?.is_empty();
                Ok(if gone { Poll::Done(()) } else { Poll::Pending("deleting".into()) })
            })
            .await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let vpcs = describe(client, &ids(known)).await?;
        let found: Vec<String> = vpcs.iter().map(|vpc| vpc.vpc_id.clone()).collect();
        let companions = Companions::read(client, &found).await?;
        let mut observed = Vec::new();
        for (vpc, flags) in vpcs.iter().zip(read_attributes(client, &found).await) {
            observed.push((vpc.vpc_id.clone(), observe(client, vpc, &flags?, &companions)));
        }
        Ok(in_order(known, |object| object.text("id"), observed))
    }

    async fn locate(&self, client: &Client, planned: &Object, token: &str) -> Outcome<Located> {
        let filters = operation_filter(token);
        let vpcs = client.call(|ec2| ec2.describe_vpcs(&filters)).await?;
        if let Some(vpc) = vpcs.first() {
            return Ok(Located::Found(planned.with_str("id", &vpc.vpc_id)));
        }
        Ok(Located::Absent)
    }
}

/// Hostnames need DNS support: switch support on first, and off last.
fn attribute_order(planned: &Object) -> Vec<(&'static str, VpcAttribute)> {
    let mut order = ATTRIBUTES.to_vec();
    if planned.bool("enable_dns_support") == Some(false) {
        order.swap(0, 1);
    }
    order
}

fn wants_ipv6(object: &Object) -> bool {
    object.is_true("assign_generated_ipv6_cidr_block")
        || object.str("ipv6_cidr_block").is_some()
        || object.str("ipv6_ipam_pool_id").is_some()
        || object.is_unknown("ipv6_ipam_pool_id")
}

async fn describe(client: &Client, ids: &[String]) -> Outcome<Vec<ApiVpc>> {
    client.describe("vpc-id", ids, |ec2, filters| ec2.describe_vpcs(filters)).await
}

async fn is_available(client: &Client, id: &str) -> Outcome<Poll<()>> {
    let vpcs = describe(client, &[id.to_owned()]).await?;
    Ok(match vpcs.first() {
        Some(vpc) if vpc.state == "available" => Poll::Done(()),
        Some(vpc) => Poll::Pending(vpc.state.clone()),
        None => Poll::Pending("not visible".into()),
    })
}

/// The IPv6 block in use, if any.
fn ipv6_association(vpc: &ApiVpc) -> Option<&Ipv6Association> {
    vpc.ipv6_associations.iter().rfind(|a| matches!(a.state.as_str(), "associated" | "associating" | ""))
}

async fn wait_for_ipv6(client: &Client, id: &str) -> Outcome<()> {
    let what = format!("the IPv6 CIDR block of EC2 VPC ({id}) to be associated");
    client
        .wait(&what, STATE_LIMIT, || async {
            let vpcs = describe(client, &[id.to_owned()]).await?;
            let association = vpcs.first().and_then(|vpc| vpc.ipv6_associations.last());
            match association {
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
    if let Some(association) = prior.string("ipv6_association_id") {
        client.call(|ec2| ec2.disassociate_vpc_cidr_block(&association)).await?;
        let what = format!("the IPv6 CIDR block of EC2 VPC ({id}) to be disassociated");
        client
            .wait(&what, STATE_LIMIT, || async {
                let vpcs = describe(client, &[id.to_owned()]).await?;
                let state = vpcs
                    .first()
                    .and_then(|vpc| vpc.ipv6_associations.iter().find(|a| a.association_id == association))
                    .map_or("disassociated", |a| a.state.as_str());
                Ok(if state == "disassociated" { Poll::Done(()) } else { Poll::Pending(state.to_owned()) })
            })
            .await?;
    }
    if wants_ipv6(planned) {
        let request = AssociateVpcIpv6 {
            vpc_id: id.to_owned(),
            amazon_provided_ipv6_cidr_block: planned.is_true("assign_generated_ipv6_cidr_block"),
            ipv6_cidr_block: planned.string("ipv6_cidr_block"),
            ipv6_ipam_pool_id: planned.string("ipv6_ipam_pool_id"),
            ipv6_netmask_length: planned.positive("ipv6_netmask_length"),
            ipv6_cidr_block_network_border_group: planned.string("ipv6_cidr_block_network_border_group"),
        };
        client.once(|ec2| ec2.associate_vpc_cidr_block(&request)).await?;
        wait_for_ipv6(client, id).await?;
    }
    Ok(())
}

/// The values of [`ATTRIBUTES`]; the service tells them one VPC and one attribute at a time.
async fn read_attributes(client: &Client, ids: &[String]) -> Vec<Outcome<Vec<bool>>> {
    let mut reads = Vec::new();
    for id in ids {
        for (_, attribute) in ATTRIBUTES {
            reads.push(
                client.call_when_visible(NOT_FOUND, move |ec2| ec2.describe_vpc_attribute(id, attribute)),
            );
        }
    }
    let mut flags = client.each(reads).await.into_iter();
    ids.iter().map(|_| flags.by_ref().take(ATTRIBUTES.len()).collect()).collect()
}

/// What comes into being with a VPC, by VPC id.
struct Companions {
    network_acls: Vec<(String, String)>,
    route_tables: Vec<(String, String)>,
    security_groups: Vec<(String, String)>,
}

impl Companions {
    async fn read(client: &Client, vpc_ids: &[String]) -> Outcome<Self> {
        let acls = client.describe("vpc-id", vpc_ids, |ec2, filters| {
            let filters = [filters, &[Filter::new("default", ["true"])]].concat();
            Box::pin(async move { ec2.describe_network_acls(&filters).await })
        });
        let tables = client.describe("vpc-id", vpc_ids, |ec2, filters| {
            let filters = [filters, &[Filter::new("association.main", ["true"])]].concat();
            Box::pin(async move { ec2.describe_route_tables(&filters).await })
        });
        let groups = client.describe("vpc-id", vpc_ids, |ec2, filters| {
            let filters = [filters, &[Filter::new("group-name", ["default"])]].concat();
            Box::pin(async move { ec2.describe_security_groups(&filters).await })
        });
        let (acls, tables, groups) = futures::join!(acls, tables, groups);
        Ok(Self {
            network_acls: acls?.into_iter().map(|a| (a.vpc_id, a.network_acl_id)).collect(),
            route_tables: tables?.into_iter().map(|t| (t.vpc_id, t.route_table_id)).collect(),
            security_groups: groups?.into_iter().map(|g| (g.vpc_id, g.group_id)).collect(),
        })
    }
}

fn of_vpc(pairs: &[(String, String)], vpc_id: &str) -> String {
    pairs.iter().find(|(vpc, _)| vpc == vpc_id).map(|(_, id)| id.clone()).unwrap_or_default()
}

fn observe(client: &Client, vpc: &ApiVpc, flags: &[bool], companions: &Companions) -> Observed {
    let mut o = Observed::tagged(&vpc.tags);
    o.set("id", &vpc.vpc_id);
    o.set("arn", client.arn(&vpc.owner_id, &format!("vpc/{}", vpc.vpc_id)));
    o.set("owner_id", &vpc.owner_id);
    o.set("cidr_block", &vpc.cidr_block);
    o.set("dhcp_options_id", &vpc.dhcp_options_id);
    o.set("instance_tenancy", &vpc.instance_tenancy);
    for ((name, _), flag) in ATTRIBUTES.iter().zip(flags) {
        o.set(name, *flag);
    }
    o.set("default_network_acl_id", of_vpc(&companions.network_acls, &vpc.vpc_id));
    let main_table = of_vpc(&companions.route_tables, &vpc.vpc_id);
    o.set("default_route_table_id", &main_table);
    o.set("main_route_table_id", &main_table);
    o.set("default_security_group_id", of_vpc(&companions.security_groups, &vpc.vpc_id));
    match ipv6_association(vpc) {
        Some(association) => {
            o.set("ipv6_association_id", &association.association_id);
            o.set("ipv6_cidr_block", &association.ipv6_cidr_block);
            o.set("ipv6_cidr_block_network_border_group", &association.network_border_group);
            if association.ipv6_pool == "Amazon" {
                o.set("assign_generated_ipv6_cidr_block", true);
            } else if association.ipv6_pool.starts_with("ipam-pool-") {
                o.set("assign_generated_ipv6_cidr_block", false);
                o.set("ipv6_ipam_pool_id", &association.ipv6_pool);
            }
        }
        None => {
            o.set("assign_generated_ipv6_cidr_block", false);
            o.set("ipv6_association_id", "");
            o.set("ipv6_cidr_block", "");
            o.set("ipv6_cidr_block_network_border_group", "");
        }
    }
    o
}

fn same_vpc(attribute: &str, a: &Value, b: &Value) -> bool {
    same(a, b) || attribute == "ipv6_cidr_block" && validate::same_network(a, b)
}
