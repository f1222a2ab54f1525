//! `data "aws_partition"`

use async_trait::async_trait;

use super::DataSource;
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::Observed;
use crate::regions;

pub struct Partition;

#[async_trait]
impl DataSource for Partition {
    fn type_name(&self) -> &'static str {
        "aws_partition"
    }

    fn noun(&self) -> &'static str {
        "AWS partition"
    }

    async fn read(&self, client: &Client, _config: &Object) -> Outcome<Observed> {
        let partition = regions::partition(client.region());
        let mut o = Observed::default();
        o.set("id", partition.id);
        o.set("partition", partition.id);
        o.set("dns_suffix", partition.dns_suffix);
        o.set("reverse_dns_prefix", partition.reverse_dns_prefix());
        Ok(o)
    }
}
