use async_trait::async_trait;
use provider::{Block, Schema};
use value::Value;

use crate::facts;
use crate::failure::Result;
use crate::resource::Data;
use crate::session::Host;

/// `data.host_facts`: what a machine is.
pub(crate) struct FactsData;

#[async_trait]
impl Data for FactsData {
    fn type_name(&self) -> &'static str {
        "host_facts"
    }

    fn schema(&self) -> Schema {
        let description = "What a host is: its operating system, kernel, processors, memory, addresses and disks. A \
                           `host_machine` says the same of itself.";
        Schema::new(0, facts::with_facts(Block::default().described(description)))
    }

    async fn read(&self, host: &Host, config: &Value) -> Result<Value> {
        facts::gather(host, config).await
    }
}
