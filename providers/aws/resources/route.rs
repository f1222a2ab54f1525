//! `aws_route`

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use value::Value;

use super::routes::{self, DestinationNames, TARGETS};
use crate::api::{RouteDestination, RouteTable};
use crate::client::{Client, Poll};
use crate::failure::Outcome;
use crate::object::{Object, same};
use crate::observed::Observed;
use crate::plan::Planning;
use crate::resource::{Creation, Located, Resource, Rules};
use crate::{timeouts, validate};

pub struct Route;

static RULES: Rules = Rules {
    replace: &[
        "destination_cidr_block",
        "destination_ipv6_cidr_block",
        "destination_prefix_list_id",
        "route_table_id",
    ],
    recompute: &[(TARGETS, &["instance_id", "instance_owner_id", "network_interface_id", "state"])],
    same: same_route,
    ..Rules::new("EC2 Route")
};

const DESTINATIONS: DestinationNames = DestinationNames {
    ipv4: "destination_cidr_block",
    ipv6: "destination_ipv6_cidr_block",
    prefix_list: "destination_prefix_list_id",
};

const LIMIT: Duration = Duration::from_mins(5);

#[async_trait]
impl Resource for Route {
    fn type_name(&self) -> &'static str {
        "aws_route"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        let destinations = [DESTINATIONS.ipv4, DESTINATIONS.ipv6, DESTINATIONS.prefix_list];
        validate::exactly_one_of(config, &destinations, diagnostics);
        validate::exactly_one_of(config, TARGETS, diagnostics);
        validate::ipv4_network(config, DESTINATIONS.ipv4, 0..=32, diagnostics);
        validate::ipv6_network(config, DESTINATIONS.ipv6, diagnostics);
    }

    fn adjust_plan(&self, planning: &mut Planning<'_>) {
        // A network interface is computed where it is the target of another kind's making.
        if planning.is_creation() {
            planning.set_unknown("network_interface_id");
        }
    }

    async fn create(&self, client: &Client, planned: &Object, _creation: &Creation<'_>) -> Outcome<Object> {
        let request = routes::request(planned, &DESTINATIONS)?;
        let table = planned.text("route_table_id");
        routes::create(client, &table, &request).await?;
        Ok(planned.with_str("id", &route_id(&table, &request.destination)))
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        if TARGETS.iter().any(|name| planned.is_set(name) && prior.get(name) != planned.get(name)) {
            let request = routes::request(planned, &DESTINATIONS)?;
            routes::replace(client, &prior.text("route_table_id"), &request).await?;
        }
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let Some(destination) = DESTINATIONS.read(prior) else { return Ok(()) };
        let table = prior.text("route_table_id");
        routes::delete(client, &table, &destination).await?;
        let limit = timeouts::limit(prior, "delete", LIMIT);
        client
            .wait(&format!("EC2 Route ({}) to be deleted", prior.text("id")), limit, || async {
                let gone =
                    self.observe(client, std::slice::from_ref(prior)).await?.iter().all(Option::is_none);
                Ok(if gone { Poll::Done(()) } else { Poll::Pending("present".into()) })
            })
            .await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let ids: Vec<String> = known.iter().map(|object| object.text("route_table_id")).collect();
        let tables = client
            .describe("route-table-id", &ids, |ec2, filters| ec2.describe_route_tables(filters))
            .await?;
        Ok(known.iter().map(|object| find(&tables, object)).collect())
    }

    async fn locate(&self, client: &Client, planned: &Object, _token: &str) -> Outcome<Located> {
        let observed = self.observe(client, std::slice::from_ref(planned)).await?;
        let Some(observed) = observed.into_iter().next().flatten() else { return Ok(Located::Absent) };
        let found = planned.with_str("id", observed.text("id"));
        let as_planned =
            TARGETS.iter().all(|name| planned.str(name).is_none_or(|planned| planned == observed.text(name)));
        Ok(if as_planned {
            Located::Found(found)
        } else {
            Located::Unclear(format!(
                "{} has a route for this destination, to another target than planned. Import it ({}_{}) to have it \
                 changed, or delete it.",
                planned.text("route_table_id"),
                planned.text("route_table_id"),
                DESTINATIONS.read(planned).map(|d| text(&d)).unwrap_or_default(),
            ))
        })
    }

    fn parse_import_id(&self, id: &str) -> Result<Vec<(&'static str, String)>, String> {
        let expected =
            || "It must be ROUTETABLEID_DESTINATION, such as rtb-656c65616e6f72_0.0.0.0/0.".to_owned();
        let (table, destination) = id.split_once('_').ok_or_else(expected)?;
        if table.is_empty() || destination.is_empty() {
            return Err(expected());
        }
        let name = if destination.contains(':') {
            DESTINATIONS.ipv6
        } else if destination.contains('.') {
            DESTINATIONS.ipv4
        } else {
            DESTINATIONS.prefix_list
        };
        Ok(vec![("route_table_id", table.to_owned()), (name, destination.to_owned())])
    }
}

fn find(tables: &[RouteTable], object: &Object) -> Option<Observed> {
    let table =
        tables.iter().find(|table| Some(table.route_table_id.as_str()) == object.str("route_table_id"))?;
    let destination = DESTINATIONS.read(object)?;
    let route = table
        .routes
        .iter()
        .find(|route| routes::same_destination(&routes::destination(route), &destination))?;
    let mut o = Observed::default();
    routes::observe_target(route, &mut o);
    o.set("id", route_id(&table.route_table_id, &destination));
    o.set("route_table_id", &table.route_table_id);
    o.set(DESTINATIONS.ipv4, &route.destination_cidr_block);
    o.set(DESTINATIONS.ipv6, &route.destination_ipv6_cidr_block);
    o.set(DESTINATIONS.prefix_list, &route.destination_prefix_list_id);
    o.set("instance_id", &route.instance_id);
    o.set("instance_owner_id", &route.instance_owner_id);
    o.set("origin", &route.origin);
    o.set("state", &route.state);
    Some(o)
}

fn text(destination: &RouteDestination) -> String {
    let (RouteDestination::Ipv4(text) | RouteDestination::Ipv6(text) | RouteDestination::PrefixList(text)) =
        destination;
    text.clone()
}

/// The id hashicorp/aws makes up: `r-`, the table, and the CRC-32 of the destination.
fn route_id(route_table_id: &str, destination: &RouteDestination) -> String {
    format!("r-{route_table_id}{}", crc32(text(destination).as_bytes()))
}

/// CRC-32 (IEEE 802.3).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn same_route(attribute: &str, a: &Value, b: &Value) -> bool {
    same(a, b) || attribute == "destination_ipv6_cidr_block" && validate::same_network(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_hashicorp_aws() {
        let id = route_id("rtb-1", &RouteDestination::Ipv4("0.0.0.0/0".into()));
        assert_eq!(id, "r-rtb-11080289494");
        let id = route_id("rtb-1", &RouteDestination::Ipv6("::/0".into()));
        assert_eq!(id, "r-rtb-12750132062");
    }
}
