//! The data sources.

use async_trait::async_trait;
use diag::Diagnostics;

use crate::api::Filter;
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::observed::Observed;

mod ami;
mod availability_zones;
mod caller_identity;
mod partition;
mod region;
mod subnet;
mod vpc;

/// A data source type.
#[async_trait]
pub trait DataSource: Send + Sync {
    fn type_name(&self) -> &'static str;

    /// What it reads, for messages: `EC2 VPCs`.
    fn noun(&self) -> &'static str;

    fn validate(&self, _config: &Object, _diagnostics: &mut Diagnostics) {}

    async fn read(&self, client: &Client, config: &Object) -> Outcome<Observed>;
}

const SOURCES: &[&dyn DataSource] = &[
    &ami::Ami,
    &availability_zones::AvailabilityZones,
    &caller_identity::CallerIdentity,
    &partition::Partition,
    &region::Region,
    &subnet::Subnet,
    &vpc::Vpc,
];

/// The data source type of a name.
pub fn find(type_name: &str) -> Option<&'static dyn DataSource> {
    SOURCES.iter().copied().find(|source| source.type_name() == type_name)
}

/// The `filter` blocks, and filters for `tags`.
fn filters(config: &Object) -> Vec<Filter> {
    let blocks =
        config.blocks("filter").into_iter().map(|b| Filter::new(b.text("name"), b.strings("values")));
    let tags = config.map("tags").into_iter().map(|(key, value)| Filter::new(format!("tag:{key}"), [value]));
    blocks.chain(tags).collect()
}

/// A filter for each attribute that is set.
fn attribute_filters(config: &Object, names: &[(&str, &str)]) -> Vec<Filter> {
    names
        .iter()
        .filter_map(|(attribute, filter)| Some(Filter::new(*filter, [config.str(attribute)?])))
        .collect()
}

/// The one object that a query must find.
fn only<T>(found: Vec<T>, noun: &str) -> Outcome<T> {
    let count = found.len();
    match (count, found.into_iter().next()) {
        (1, Some(object)) => Ok(object),
        (0, _) | (_, None) => Err(Failure::Other(format!("no matching {noun} found"))),
        _ => Err(Failure::Other(format!(
            "multiple {noun}s matched; use additional constraints to reduce matches to a single {noun}"
        ))),
    }
}
