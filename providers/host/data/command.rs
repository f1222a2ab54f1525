use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use crate::commands::{self, Command};
use crate::failure::{Failure, Result};
use crate::resource::Data;
use crate::session::{Host, Script};

/// `data.host_command`: what a command says.
pub(crate) struct CommandData;

#[async_trait]
impl Data for CommandData {
    fn type_name(&self) -> &'static str {
        "host_command"
    }

    fn schema(&self) -> Schema {
        let command =
            Attribute::required(Type::String).described("The command, a text for the host's `/bin/sh`.");
        let block = Block::default()
            .described(
                "What a command on a host says. It is run each time a plan is made and again after a lost connection, so it must \
                 change nothing. Its text and its environment are not in the host's process list.",
            )
            .with("command", command);
        Schema::new(0, commands::with_outputs(commands::with_attributes(block), "the command"))
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        commands::validate(config, &["command"])
    }

    async fn read(&self, host: &Host, config: &Value) -> Result<Value> {
        if let Some(refusal) = commands::refusal(config) {
            return Err(Failure::attribute("host", refusal.summary, refusal.detail));
        }
        let command = Command::new("the command", config.text("command").unwrap_or_default(), config);
        Ok(command.must(host, Script::read).await?.onto(config))
    }
}
