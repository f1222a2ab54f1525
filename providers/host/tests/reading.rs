//! What is said of objects that cannot be read.

use std::sync::Arc;

use async_trait::async_trait;
use provider::conformance::{configured, environment};
use provider::simple::Access;
use provider::{Attribute, Block, Provider, ReadRequest, Schema};
use value::{Type, Value};

use super::support::{folder, object, root, text, texts};
use crate::failure::{Failure, Result};
use crate::provider::HostProvider;
use crate::resource::{Context, Resource};
use crate::session::Host;

/// An object that fails to be read as its name says.
struct Sick;

#[async_trait]
impl Resource for Sick {
    fn type_name(&self) -> &'static str {
        "sick"
    }

    fn schema(&self) -> Schema {
        Schema::new(0, Block::default().with("name", Attribute::required(Type::String)))
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    async fn read(&self, _host: &Host, current: &Value) -> Result<Value> {
        let name = current.text("name").unwrap_or_default();
        let mut failure = Failure::new("Sick", format!("The answer for {name} is no."));
        failure.of_host = name.contains("host");
        failure.may_wait = name.contains("wait");
        Err(failure)
    }

    async fn create(&self, _context: &Context, _host: &Host, planned: &Value) -> Result<Value> {
        Ok(planned.clone())
    }

    async fn delete(&self, _context: &Context, _host: &Host, _prior: &Value) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn only_what_is_the_hosts_trouble_is_said_once() {
    let folder = folder();
    let provider = HostProvider::new("sick", vec![Box::new(Sick)], Vec::new(), None);
    let schema = provider.schema();
    let running =
        configured(&provider, &object([]), environment(folder.path())).await.expect("needs nothing");
    let block = &schema.resource("sick").expect("is offered").block;
    let names = ["a", "b", "wait 1", "wait 2", "host 1", "host 2", "host, wait 1", "host, wait 2"];
    let requests = names.iter().map(|name| ReadRequest {
        type_name: "sick".into(),
        current: block
            .coerce(&object([("host", root(&folder.path().join("h"))), ("name", text(name))]))
            .expect("fits the schema"),
        private: Vec::new(),
    });
    let said = Arc::clone(&running).read(requests.collect()).await.into_iter().map(|response| {
        let kind = if response.diagnostics.has_errors() { "error" } else { "warning" };
        let said = texts(&response.diagnostics);
        if said.is_empty() { String::new() } else { format!("{kind}: {said}") }
    });
    for (name, said) in names.into_iter().zip(said) {
        let expected = match name {
            "host 2" | "host, wait 2" => "",
            name if name.contains("wait") => "warning",
            _ => "error",
        };
        assert!(said.starts_with(expected) && said.is_empty() == expected.is_empty(), "{name}: {said}");
        let counted = said.contains(
            "2 resources there could not be read, so nothing was planned. Mend this and plan again; or plan only for other \
             hosts, with -target=ADDRESS; or plan with what was last known, with -refresh=false. If the host will not come back, \
             put \"",
        ) && said.contains("into lost_hosts of the provider \"sick\"");
        assert_eq!(counted, name == "host 1", "{name}: {said}");
        assert!(said.is_empty() || said.contains(&format!("The answer for {name} is no.")), "{name}: {said}");
    }
}
