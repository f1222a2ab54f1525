//! `aws_route_table_association`

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;

use crate::api::{AssociationTarget, Filter, RouteTable, RouteTableAssociation as ApiAssociation};
use crate::client::{Client, Poll};
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::observed::Observed;
use crate::resource::{Creation, Located, Resource, Rules};
use crate::{timeouts, validate};

pub struct RouteTableAssociation;

static RULES: Rules = Rules {
    replace: &["gateway_id", "subnet_id"],
    // The service gives an association moved to another table a new id.
    recompute: &[(&["route_table_id"], &["id"])],
    ..Rules::new("EC2 Route Table Association")
};

const NOT_FOUND: &[&str] = &["InvalidRouteTableID.NotFound", "InvalidSubnetID.NotFound"];
const LIMIT: Duration = Duration::from_mins(5);

#[async_trait]
impl Resource for RouteTableAssociation {
    fn type_name(&self) -> &'static str {
        "aws_route_table_association"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        validate::exactly_one_of(config, &["subnet_id", "gateway_id"], diagnostics);
    }

    async fn create(&self, client: &Client, planned: &Object, _creation: &Creation<'_>) -> Outcome<Object> {
        let table = planned.text("route_table_id");
        let target = target(planned)?;
        let mut attempt = 0;
        let id = loop {
            match client.once(|ec2| ec2.associate_route_table(&table, &target)).await {
                Err(failure) if failure.has_code(NOT_FOUND) && attempt < 20 => {
                    client.rest(attempt).await?;
                    attempt += 1;
                }
                answer => break answer?,
            }
        };
        Ok(planned.with_str("id", &id))
    }

    async fn complete(&self, client: &Client, created: &Object) -> Outcome<()> {
        wait_associated(client, &created.text("id"), timeouts::limit(created, "create", LIMIT)).await
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        if prior.str("route_table_id") == planned.str("route_table_id") {
            return Ok(planned.clone());
        }
        let (id, table) = (prior.text("id"), planned.text("route_table_id"));
        let id = match client.once(|ec2| ec2.replace_route_table_association(&id, &table)).await {
            // The answer of an earlier attempt was lost: it is where it should be, under its new id.
            Err(failure) if failure.has_code(&["InvalidAssociationID.NotFound"]) => {
                find_by_target(client, planned).await?.ok_or(failure)?.association_id
            }
            answer => answer?,
        };
        wait_associated(client, &id, timeouts::limit(planned, "update", LIMIT)).await?;
        Ok(planned.with_str("id", &id))
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let id = prior.text("id");
        client.call(|ec2| ec2.disassociate_route_table(&id)).await?;
        let limit = timeouts::limit(prior, "delete", LIMIT);
        client
            .wait(&format!("EC2 Route Table Association ({id}) to be deleted"), limit, || async {
                Ok(match find_by_id(client, &id).await? {
                    Some(association) if association.state != "disassociated" => {
                        Poll::Pending(association.state.clone())
                    }
                    _ => Poll::Done(()),
                })
            })
            .await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        // By the association's own id; imports know only the table and what is associated with it.
        let (with_id, without): (Vec<&Object>, Vec<&Object>) =
            known.iter().partition(|o| o.str("id").is_some());
        let by_id: Vec<String> = with_id.iter().map(|o| o.text("id")).collect();
        let by_table: Vec<String> = without.iter().map(|o| o.text("route_table_id")).collect();
        let mut tables =
            client.describe(BY_ID, &by_id, |ec2, filters| ec2.describe_route_tables(filters)).await?;
        tables.extend(
            client
                .describe("route-table-id", &by_table, |ec2, filters| ec2.describe_route_tables(filters))
                .await?,
        );
        Ok(known.iter().map(|object| find(&tables, object).map(observe)).collect())
    }

    async fn locate(&self, client: &Client, planned: &Object, _token: &str) -> Outcome<Located> {
        Ok(match find_by_target(client, planned).await? {
            Some(a) if planned.str("route_table_id") == Some(a.route_table_id.as_str()) => {
                Located::Found(planned.with_str("id", &a.association_id))
            }
            // What is associated with another table could not have been associated with this one.
            _ => Located::Absent,
        })
    }

    fn parse_import_id(&self, id: &str) -> Result<Vec<(&'static str, String)>, String> {
        let expected = || {
            "It must be SUBNETID/ROUTETABLEID or GATEWAYID/ROUTETABLEID, such as subnet-6777656e646f6c/rtb-656c65616e6f72."
                .to_owned()
        };
        let (target, table) = id.split_once('/').ok_or_else(expected)?;
        if target.is_empty() || !table.starts_with("rtb-") {
            return Err(expected());
        }
        let name = if target.starts_with("subnet-") { "subnet_id" } else { "gateway_id" };
        Ok(vec![(name, target.to_owned()), ("route_table_id", table.to_owned())])
    }
}

const BY_ID: &str = "association.route-table-association-id";

fn target(object: &Object) -> Outcome<AssociationTarget> {
    match (object.string("subnet_id"), object.string("gateway_id")) {
        (Some(subnet), _) => Ok(AssociationTarget::Subnet(subnet)),
        (None, Some(gateway)) => Ok(AssociationTarget::Gateway(gateway)),
        (None, None) => Err(Failure::Other("Neither subnet_id nor gateway_id is set.".into())),
    }
}

async fn find_by_id(client: &Client, id: &str) -> Outcome<Option<ApiAssociation>> {
    let tables =
        client.describe(BY_ID, &[id.to_owned()], |ec2, filters| ec2.describe_route_tables(filters)).await?;
    Ok(tables.into_iter().flat_map(|t| t.associations).find(|a| a.association_id == id))
}

async fn find_by_target(client: &Client, object: &Object) -> Outcome<Option<ApiAssociation>> {
    let filters = [match target(object)? {
        AssociationTarget::Subnet(id) => Filter::new("association.subnet-id", [id]),
        AssociationTarget::Gateway(id) => Filter::new("association.gateway-id", [id]),
    }];
    let tables = client.call(|ec2| ec2.describe_route_tables(&filters)).await?;
    Ok(tables.into_iter().flat_map(|t| t.associations).find(|a| is_about(a, object)))
}

fn is_about(association: &ApiAssociation, object: &Object) -> bool {
    let subnet = object.str("subnet_id");
    let gateway = object.str("gateway_id");
    subnet.is_some() && association.subnet_id.as_deref() == subnet
        || gateway.is_some() && association.gateway_id.as_deref() == gateway
}

fn find<'a>(tables: &'a [RouteTable], object: &Object) -> Option<&'a ApiAssociation> {
    let mut associations = tables.iter().flat_map(|t| &t.associations);
    let found = match object.str("id") {
        Some(id) => associations.find(|a| a.association_id == id),
        None => associations
            .find(|a| Some(a.route_table_id.as_str()) == object.str("route_table_id") && is_about(a, object)),
    };
    found.filter(|a| !matches!(a.state.as_str(), "disassociated" | "disassociating"))
}

async fn wait_associated(client: &Client, id: &str, limit: Duration) -> Outcome<()> {
    let what = format!("EC2 Route Table Association ({id}) to be associated");
    client
        .wait(&what, limit, || async {
            match find_by_id(client, id).await? {
                Some(a) if a.state == "failed" => {
                    Err(Failure::Unexpected { what: what.clone(), state: a.state.clone() })
                }
                Some(a) if matches!(a.state.as_str(), "associated" | "") => Ok(Poll::Done(())),
                Some(a) => Ok(Poll::Pending(a.state)),
                None => Ok(Poll::Pending("not visible".into())),
            }
        })
        .await
}

fn observe(association: &ApiAssociation) -> Observed {
    let mut o = Observed::default();
    o.set("id", &association.association_id);
    o.set("route_table_id", &association.route_table_id);
    o.set("subnet_id", association.subnet_id.clone());
    o.set("gateway_id", association.gateway_id.clone());
    o
}
