mod change;
mod definition;
mod files;
mod live;
mod moves;
mod review;
mod schema;
mod seen;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::Schema;
use provider::simple::Plan;
use value::Value;

use self::definition::{Kind, Network};
use crate::failure::{Failure, Result};
use crate::guard;
use crate::resource::{Context, Resource};
use crate::session::Host;

pub(crate) use review::review;

/// `host_network`: a network link under systemd-networkd.
pub(crate) struct HostNetwork;

const SCRIPT: &str = concat!(include_str!("../scripts/networkd.sh"), include_str!("network/network.sh"));

const LOOK: &str = include_str!("network/look.sh");

#[async_trait]
impl Resource for HostNetwork {
    fn type_name(&self) -> &'static str {
        "host_network"
    }

    fn schema(&self) -> Schema {
        Schema::new(0, schema::block())
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["name", "kind"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("addresses_exclusive", Value::bool(true)),
            ("dhcp4", Value::bool(false)),
            ("dhcp6", Value::bool(false)),
            guard::default(),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        schema::validate(config)
    }

    /// The kind follows from what is set.
    fn plan(&self, _context: &Context, plan: &mut Plan) {
        let known = |name: &&str| plan.config.attr(name).is_none_or(Value::is_known);
        if ["vlan", "bridge", "bond"].iter().all(known) {
            plan.set("kind", Value::string(Kind::of(&plan.config).name()));
        } else {
            plan.set_unknown("kind");
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let _untried = host.untried().await;
        seen::read(host, current).await
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        put(host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        if Network::of(prior) == Network::of(planned) {
            return Ok(planned.clone());
        }
        put(host, prior, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let elsewhere =
            moves::elsewhere(host, prior, &Value::null(prior.ty())).await.map_err(Failure::untouched)?;
        guard::make(host, &change::remove(prior, elsewhere)).await
    }
}

async fn put(host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
    let elsewhere = moves::elsewhere(host, prior, planned).await.map_err(Failure::untouched)?;
    guard::make(host, &change::make(prior, planned, elsewhere)).await?;
    Ok(planned.with_attr("kind", Value::string(Kind::of(planned).name())))
}
