//! `data "aws_availability_zones"`

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{DataSource, filters};
use crate::api::{Filter, ZoneScope};
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::Observed;

pub struct AvailabilityZones;

#[async_trait]
impl DataSource for AvailabilityZones {
    fn type_name(&self) -> &'static str {
        "aws_availability_zones"
    }

    fn noun(&self) -> &'static str {
        "EC2 Availability Zones"
    }

    async fn read(&self, client: &Client, config: &Object) -> Outcome<Observed> {
        let mut wanted: Vec<Filter> =
            config.str("state").map(|state| Filter::new("state", [state])).into_iter().collect();
        wanted.extend(filters(config));
        let scope =
            if config.is_true("all_availability_zones") { ZoneScope::All } else { ZoneScope::OptedIn };
        let mut zones = client.call(|ec2| ec2.describe_availability_zones(&wanted, scope)).await?;
        let (names, ids) = (config.strings("exclude_names"), config.strings("exclude_zone_ids"));
        zones.retain(|zone| !names.contains(&zone.zone_name) && !ids.contains(&zone.zone_id));
        zones.sort_by(|a, b| a.zone_name.cmp(&b.zone_name));
        let groups: BTreeSet<String> =
            zones.iter().map(|zone| zone.group_name.clone()).filter(|name| !name.is_empty()).collect();
        let mut o = Observed::default();
        o.set("id", client.region());
        o.set("group_names", groups.into_iter().collect::<Vec<_>>());
        o.set("names", zones.iter().map(|zone| zone.zone_name.clone()).collect::<Vec<_>>());
        o.set("zone_ids", zones.iter().map(|zone| zone.zone_id.clone()).collect::<Vec<_>>());
        Ok(o)
    }
}
