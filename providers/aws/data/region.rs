//! `data "aws_region"`

use async_trait::async_trait;

use super::DataSource;
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::observed::Observed;
use crate::{provider_config, regions};

pub struct Region;

#[async_trait]
impl DataSource for Region {
    fn type_name(&self) -> &'static str {
        "aws_region"
    }

    fn noun(&self) -> &'static str {
        "AWS region"
    }

    async fn read(&self, client: &Client, config: &Object) -> Outcome<Observed> {
        let name = match (config.string("name"), config.str("endpoint")) {
            (Some(name), _) => name,
            (None, Some(endpoint)) => region_of(endpoint)?,
            (None, None) => client.region().to_owned(),
        };
        if !regions::is_known(&name) && name != client.region() {
            return Err(Failure::Other(provider_config::invalid_region(&name)));
        }
        let mut o = Observed::default();
        o.set("id", &name);
        o.set("name", &name);
        o.set("endpoint", endpoint(&name));
        o.set("description", regions::description(&name).unwrap_or_default());
        Ok(o)
    }
}

fn endpoint(region: &str) -> String {
    format!("ec2.{region}.{}", regions::partition(region).dns_suffix)
}

fn region_of(endpoint_host: &str) -> Outcome<String> {
    let region = endpoint_host.strip_prefix("ec2.").and_then(|rest| rest.split('.').next());
    region
        .filter(|region| endpoint(region) == endpoint_host)
        .map(str::to_owned)
        .ok_or_else(|| Failure::Other(format!("region not found for endpoint \"{endpoint_host}\"")))
}
