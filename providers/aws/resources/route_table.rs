//! `aws_route_table`, with its inline routes.

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;

use super::operation::operation_filter;
use super::routes::{self, DestinationNames};
use crate::api::{Route, RouteRequest, RouteTable as ApiTable};
use crate::client::{Client, Poll};
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::Observed;
use crate::resource::{Creation, Located, Resource, Rules, Tagging, ids, in_order};
use crate::{timeouts, validate};

pub struct RouteTable;

static RULES: Rules =
    Rules { replace: &["vpc_id"], tags: Tagging::TagsAndOperation, ..Rules::new("EC2 Route Table") };

const DESTINATIONS: DestinationNames = DestinationNames {
    ipv4: "cidr_block",
    ipv6: "ipv6_cidr_block",
    prefix_list: "destination_prefix_list_id",
};

const CREATE_LIMIT: Duration = Duration::from_mins(5);
const DELETE_LIMIT: Duration = Duration::from_mins(5);

#[async_trait]
impl Resource for RouteTable {
    fn type_name(&self) -> &'static str {
        "aws_route_table"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        for route in config.blocks("route") {
            let destinations = [DESTINATIONS.ipv4, DESTINATIONS.ipv6, DESTINATIONS.prefix_list];
            validate::exactly_one_of(&route, &destinations, diagnostics);
            validate::exactly_one_of(&route, routes::TARGETS, diagnostics);
            validate::ipv4_network(&route, DESTINATIONS.ipv4, 0..=32, diagnostics);
            validate::ipv6_network(&route, DESTINATIONS.ipv6, diagnostics);
        }
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let (vpc, tags) = (planned.text("vpc_id"), creation.tags(planned));
        let table = client.once(|ec2| ec2.create_route_table(&vpc, &tags, creation.token)).await?;
        Ok(planned.with_str("id", &table.route_table_id))
    }

    async fn complete(&self, client: &Client, created: &Object) -> Outcome<()> {
        let id = created.text("id");
        let limit = timeouts::limit(created, "create", CREATE_LIMIT);
        client
            .wait(&format!("EC2 Route Table ({id}) to become available"), limit, || async {
                let visible = !describe(client, std::slice::from_ref(&id)).await?.is_empty();
                Ok(if visible { Poll::Done(()) } else { Poll::Pending("not visible".into()) })
            })
            .await?;
        for gateway in created.strings("propagating_vgws") {
            client.call(|ec2| ec2.enable_vgw_route_propagation(&id, &gateway)).await?;
        }
        for route in created.blocks("route") {
            // The local route is there from the start; naming it only says where it leads.
            let request = routes::request(&route, &DESTINATIONS)?;
            if is_local(&route) {
                continue;
            }
            routes::create(client, &id, &request).await?;
        }
        Ok(())
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        let id = prior.text("id");
        update_propagation(client, &id, prior, planned).await?;
        if planned.is_set("route") {
            update_routes(client, &id, prior, planned).await?;
        }
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let id = prior.text("id");
        let limit = timeouts::limit(prior, "delete", DELETE_LIMIT);
        for table in describe(client, std::slice::from_ref(&id)).await? {
            for association in table.associations.iter().filter(|a| !a.main) {
                match client.call(|ec2| ec2.disassociate_route_table(&association.association_id)).await {
                    Err(failure) if failure.is_not_found() => {}
                    answer => answer?,
                }
            }
        }
        client.retry_codes(limit, &["DependencyViolation"], |ec2| ec2.delete_route_table(&id)).await?;
        client
            .wait(&format!("EC2 Route Table ({id}) to be deleted"), limit, || async {
                let gone = describe(client, std::slice::from_ref(&id)).await?.is_empty();
                Ok(if gone { Poll::Done(()) } else { Poll::Pending("deleting".into()) })
            })
            .await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let tables = describe(client, &ids(known)).await?;
        let local_wanted = |id: &str| {
            known
                .iter()
                .any(|object| object.str("id") == Some(id) && object.blocks("route").iter().any(is_local))
        };
        let observed = tables.iter().map(|table| {
            (table.route_table_id.clone(), observe(client, table, local_wanted(&table.route_table_id)))
        });
        Ok(in_order(known, |object| object.text("id"), observed.collect::<Vec<_>>()))
    }

    async fn locate(&self, client: &Client, planned: &Object, token: &str) -> Outcome<Located> {
        let filters = operation_filter(token);
        let tables = client.call(|ec2| ec2.describe_route_tables(&filters)).await?;
        if let Some(table) = tables.first() {
            return Ok(Located::Found(planned.with_str("id", &table.route_table_id)));
        }
        Ok(Located::Absent)
    }
}

async fn describe(client: &Client, ids: &[String]) -> Outcome<Vec<ApiTable>> {
    client.describe("route-table-id", ids, |ec2, filters| ec2.describe_route_tables(filters)).await
}

fn is_local(route: &Object) -> bool {
    route.str("gateway_id") == Some("local")
}

async fn update_propagation(client: &Client, id: &str, prior: &Object, planned: &Object) -> Outcome<()> {
    if !planned.is_set("propagating_vgws") {
        return Ok(());
    }
    let (before, after) = (prior.strings("propagating_vgws"), planned.strings("propagating_vgws"));
    for gateway in before.iter().filter(|g| !after.contains(g)) {
        client.call(|ec2| ec2.disable_vgw_route_propagation(id, gateway)).await?;
    }
    for gateway in after.iter().filter(|g| !before.contains(g)) {
        client.call(|ec2| ec2.enable_vgw_route_propagation(id, gateway)).await?;
    }
    Ok(())
}

async fn update_routes(client: &Client, id: &str, prior: &Object, planned: &Object) -> Outcome<()> {
    let requests = |object: &Object| -> Outcome<Vec<RouteRequest>> {
        object.blocks("route").iter().map(|route| routes::request(route, &DESTINATIONS)).collect()
    };
    let (before, after) = (requests(prior)?, requests(planned)?);
    let at = |list: &[RouteRequest], route: &RouteRequest| {
        list.iter().find(|r| routes::same_destination(&r.destination, &route.destination)).cloned()
    };
    for route in before.iter().filter(|route| at(&after, route).is_none()) {
        if route.target != crate::api::RouteTarget::Gateway("local".into()) {
            routes::delete(client, id, &route.destination).await?;
        }
    }
    for route in &after {
        match at(&before, route) {
            Some(before) if before.target == route.target => {}
            Some(_) => routes::replace(client, id, route).await?,
            None => routes::create(client, id, route).await?,
        }
    }
    Ok(())
}

fn observe(client: &Client, table: &ApiTable, local_wanted: bool) -> Observed {
    let mut o = Observed::tagged(&table.tags);
    o.set("id", &table.route_table_id);
    o.set("arn", client.arn(&table.owner_id, &format!("route-table/{}", table.route_table_id)));
    o.set("owner_id", &table.owner_id);
    o.set("vpc_id", &table.vpc_id);
    o.set("propagating_vgws", table.propagating_vgws.clone());
    let routes = table.routes.iter().filter(|route| is_inline(route, local_wanted));
    o.set("route", routes.map(observe_route).collect::<Vec<_>>());
    o
}

/// Whether a route belongs among the inline ones: not the VPC's own unless it is configured, not propagated, and not
/// one that a gateway endpoint put there.
fn is_inline(route: &Route, local_wanted: bool) -> bool {
    let of_endpoint = route.gateway_id.starts_with("vpce-") && !route.destination_prefix_list_id.is_empty();
    (route.gateway_id != "local" || local_wanted)
        && route.origin != "EnableVgwRoutePropagation"
        && !of_endpoint
}

fn observe_route(route: &Route) -> Observed {
    let mut o = Observed::default();
    routes::observe_target(route, &mut o);
    o.set(DESTINATIONS.ipv4, &route.destination_cidr_block);
    o.set(DESTINATIONS.ipv6, &route.destination_ipv6_cidr_block);
    o.set(DESTINATIONS.prefix_list, &route.destination_prefix_list_id);
    o
}
