//! `aws_security_group`, with its inline rules.

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use value::Value;

use super::operation::unique;
use super::permissions::{self, Permission, Permissions};
use super::{naming, network_interfaces};
use crate::api::{
    CreateSecurityGroup, Direction, Filter, IpPermission, Peer, SecurityGroup as ApiGroup, Tags,
};
use crate::client::{Client, Poll};
use crate::failure::Outcome;
use crate::object::{Object, same};
use crate::observed::Observed;
use crate::plan::Planning;
use crate::resource::{Creation, Located, Preset, Resource, Rules, Tagging, ids, in_order};
use crate::{timeouts, validate};

pub struct SecurityGroup;

static RULES: Rules = Rules {
    replace: &["description", "name", "name_prefix", "vpc_id"],
    defaults: &[
        ("description", Preset::Text("Managed by Terraform")),
        ("revoke_rules_on_delete", Preset::Bool(false)),
    ],
    same: same_group,
    tags: Tagging::Tags,
    ..Rules::new("EC2 Security Group")
};

const NOT_FOUND: &[&str] =
    &["InvalidGroup.NotFound", "InvalidGroupId.NotFound", "InvalidSecurityGroupID.NotFound"];
const CREATE_LIMIT: Duration = Duration::from_mins(10);
const DELETE_LIMIT: Duration = Duration::from_mins(15);

const DIRECTIONS: [(&str, Direction); 2] = [("ingress", Direction::Ingress), ("egress", Direction::Egress)];

#[async_trait]
impl Resource for SecurityGroup {
    fn type_name(&self) -> &'static str {
        "aws_security_group"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        validate::conflicting(config, &["name", "name_prefix"], diagnostics);
        if config.str("name").is_some_and(|name| name.starts_with("sg-")) {
            let detail = "invalid value for name (cannot begin with sg-)".to_owned();
            validate::refuse(diagnostics, "name", detail);
        }
        for (name, _) in DIRECTIONS {
            for rule in config.blocks(name) {
                check_rule(name, &rule, diagnostics);
            }
        }
    }

    fn adjust_plan(&self, planning: &mut Planning<'_>) {
        naming::adjust_plan(planning, "name", "name_prefix");
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let request = CreateSecurityGroup {
            group_name: naming::name(planned, "name", "name_prefix", creation.token),
            description: planned.text("description"),
            vpc_id: planned.string("vpc_id"),
            tags: creation.tags(planned),
        };
        let id = client.once(|ec2| ec2.create_security_group(&request)).await?;
        Ok(planned.with_str("id", &id).with_str("name", &request.group_name))
    }

    async fn complete(&self, client: &Client, created: &Object) -> Outcome<()> {
        let id = created.text("id");
        let limit = timeouts::limit(created, "create", CREATE_LIMIT);
        client
            .wait(&format!("EC2 Security Group ({id}) to become visible"), limit, || async {
                let visible = !describe(client, std::slice::from_ref(&id)).await?.is_empty();
                Ok(if visible { Poll::Done(()) } else { Poll::Pending("not visible".into()) })
            })
            .await?;
        // AWS lets everything out of a new group; Terraform's meaning is that nothing is allowed that is not said.
        revoke_default_egress(client, &id).await?;
        for (name, direction) in DIRECTIONS {
            let wanted = permissions::of_rules(created, name, &id);
            authorize(client, &id, direction, &wanted).await?;
        }
        Ok(())
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        let id = prior.text("id");
        for (name, direction) in DIRECTIONS {
            let (before, after) =
                (permissions::of_rules(prior, name, &id), permissions::of_rules(planned, name, &id));
            if planned.is_set(name) && before != after {
                update_rules(client, &id, direction, &before, &after).await?;
            }
        }
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let id = prior.text("id");
        let limit = timeouts::limit(prior, "delete", DELETE_LIMIT);
        if prior.is_true("revoke_rules_on_delete") {
            revoke_everything(client, &id).await?;
        }
        network_interfaces::release(client, &Filter::new("group-id", [id.as_str()])).await?;
        client
            .retry_codes(limit, &["DependencyViolation", "InvalidGroup.InUse"], |ec2| {
                ec2.delete_security_group(&id)
            })
            .await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let groups = describe(client, &ids(known)).await?;
        let by_id = groups.iter().map(|group| (group.group_id.clone(), group));
        let found = in_order(known, |object| object.text("id"), by_id);
        Ok(known.iter().zip(found).map(|(object, group)| Some(observe(client, group?, object))).collect())
    }

    async fn locate(&self, client: &Client, planned: &Object, token: &str) -> Outcome<Located> {
        let name = naming::name(planned, "name", "name_prefix", token);
        let mut filters = vec![Filter::new("group-name", [name.as_str()])];
        filters.extend(planned.str("vpc_id").map(|vpc| Filter::new("vpc-id", [vpc])));
        let groups = client.call(|ec2| ec2.describe_security_groups(&filters)).await?;
        let found = groups
            .into_iter()
            .next()
            .map(|group| (planned.with_str("id", &group.group_id).with_str("name", &name), group.tags));
        Ok(unique(planned, found, &format!("a security group named {name}")))
    }

    /// The crash may have come before AWS's rule that lets everything out was removed, and where the configuration says
    /// nothing about outgoing traffic no plan would remove it.
    async fn make_safe(&self, client: &Client, created: &Object) -> Outcome<()> {
        let id = created.text("id");
        if permissions::of_rules(created, "egress", &id).contains_key(&allow_everything()) {
            return Ok(());
        }
        revoke_default_egress(client, &id).await
    }
}

/// AWS's own first rule of a group: everything may go out.
fn allow_everything() -> Permission {
    Permission { protocol: "-1".into(), from_port: 0, to_port: 0, peer: Peer::Ipv4("0.0.0.0/0".into()) }
}

fn check_rule(name: &str, rule: &Object, diagnostics: &mut Diagnostics) {
    let peers = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"];
    let given = peers.iter().any(|peer| validate::is_given(rule, peer) || rule.is_unknown(peer))
        || peers.iter().any(|peer| rule.get(peer).is_some_and(|v| !v.is_wholly_known()))
        || rule.is_true("self")
        || rule.is_unknown("self");
    if !given {
        diagnostics.error(
            "Invalid rule of a security group",
            format!(
                "An {name} rule needs at least one of cidr_blocks, ipv6_cidr_blocks, prefix_list_ids, security_groups \
                 or self."
            ),
        );
    }
    let any = rule.str("protocol").is_some_and(|text| permissions::protocol(text) == "-1");
    if any && (rule.int("from_port").unwrap_or(0) != 0 || rule.int("to_port").unwrap_or(0) != 0) {
        diagnostics.error(
            "Invalid rule of a security group",
            "from_port and to_port must both be 0 to use the 'ALL' \"-1\" protocol!",
        );
    }
}

async fn describe(client: &Client, ids: &[String]) -> Outcome<Vec<ApiGroup>> {
    client.describe("group-id", ids, |ec2, filters| ec2.describe_security_groups(filters)).await
}

async fn revoke_default_egress(client: &Client, id: &str) -> Outcome<()> {
    let everyone = [Peer::Ipv4("0.0.0.0/0".into()), Peer::Ipv6("::/0".into())];
    for peer in everyone {
        let permission =
            IpPermission { ip_protocol: "-1".into(), peers: vec![(peer, None)], ..IpPermission::default() };
        let permissions = [permission];
        let revoked = client.call(|ec2| ec2.revoke_security_group(id, Direction::Egress, &permissions)).await;
        match revoked {
            // There is an IPv6 rule only where the VPC had an IPv6 block.
            Err(failure)
                if failure.has_code(&["InvalidPermission.NotFound", "InvalidPermission.Malformed"]) => {}
            answer => answer?,
        }
    }
    Ok(())
}

async fn authorize(client: &Client, id: &str, direction: Direction, wanted: &Permissions) -> Outcome<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let permissions = permissions::to_service(wanted);
    let tags = Tags::new();
    let authorized = client
        .call_when_visible(NOT_FOUND, |ec2| ec2.authorize_security_group(id, direction, &permissions, &tags))
        .await;
    match authorized {
        // A repeat after a lost answer.
        Err(failure) if failure.has_code(&["InvalidPermission.Duplicate"]) => {
            authorize_one_by_one(client, id, direction, wanted).await
        }
        answer => answer.map(|_| ()),
    }
}

async fn authorize_one_by_one(
    client: &Client,
    id: &str,
    direction: Direction,
    wanted: &Permissions,
) -> Outcome<()> {
    let tags = Tags::new();
    for (permission, description) in wanted {
        let one = Permissions::from([(permission.clone(), description.clone())]);
        let permissions = permissions::to_service(&one);
        match client.call(|ec2| ec2.authorize_security_group(id, direction, &permissions, &tags)).await {
            Err(failure) if failure.has_code(&["InvalidPermission.Duplicate"]) => {}
            answer => {
                answer?;
            }
        }
    }
    Ok(())
}

async fn update_rules(
    client: &Client,
    id: &str,
    direction: Direction,
    before: &Permissions,
    after: &Permissions,
) -> Outcome<()> {
    let only = |these: &Permissions, test: &dyn Fn(&Permission, &String) -> bool| -> Permissions {
        these.iter().filter(|(p, d)| test(p, d)).map(|(p, d)| (p.clone(), d.clone())).collect()
    };
    let removed = only(before, &|p, _| !after.contains_key(p));
    let added = only(after, &|p, _| !before.contains_key(p));
    let described = only(after, &|p, d| before.get(p).is_some_and(|old| old != d));
    if !removed.is_empty() {
        let permissions = permissions::to_service(&removed);
        match client.call(|ec2| ec2.revoke_security_group(id, direction, &permissions)).await {
            Err(failure) if failure.has_code(&["InvalidPermission.NotFound"]) => {}
            answer => answer?,
        }
    }
    authorize(client, id, direction, &added).await?;
    if !described.is_empty() {
        let permissions = permissions::to_service(&described);
        client.call(|ec2| ec2.update_security_group_rule_descriptions(id, direction, &permissions)).await?;
    }
    Ok(())
}

/// Removes all rules, so that groups that refer to each other can be deleted.
async fn revoke_everything(client: &Client, id: &str) -> Outcome<()> {
    let filters = [Filter::new("group-id", [id])];
    let rules = client.call(|ec2| ec2.describe_security_group_rules(&filters)).await?;
    for (_, direction) in DIRECTIONS {
        let of_direction =
            |rule: &&crate::api::SecurityGroupRule| rule.is_egress == (direction == Direction::Egress);
        let ids: Vec<String> = rules.iter().filter(of_direction).map(|rule| rule.rule_id.clone()).collect();
        if !ids.is_empty() {
            client.call(|ec2| ec2.revoke_security_group_rules(id, direction, &ids)).await?;
        }
    }
    Ok(())
}

fn observe(client: &Client, group: &ApiGroup, known: &Object) -> Observed {
    let mut o = Observed::tagged(&group.tags);
    o.set("id", &group.group_id);
    o.set("arn", client.arn(&group.owner_id, &format!("security-group/{}", group.group_id)));
    o.set("name", &group.group_name);
    o.set("description", &group.description);
    o.set("owner_id", &group.owner_id);
    o.set("vpc_id", &group.vpc_id);
    for (name, service) in [("ingress", &group.ingress), ("egress", &group.egress)] {
        let present = permissions::of_service(service, &group.owner_id);
        o.set(name, permissions::observe(present, &known.blocks(name), &group.group_id));
    }
    o
}

fn same_group(attribute: &str, a: &Value, b: &Value) -> bool {
    same(a, b) || matches!(attribute, "ingress" | "egress") && permissions::same_rules(a, b)
}
