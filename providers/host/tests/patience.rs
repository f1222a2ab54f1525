//! Whose trouble a host's is.

use async_trait::async_trait;
use provider::conformance::{configured, environment};
use provider::simple::Access;
use provider::{ApplyRequest, Attribute, Block, Provider, Schema};
use value::{Type, Value};

use super::support::{folder, object, root, text, texts};
use crate::failure::{Failure, Result};
use crate::provider::HostProvider;
use crate::resource::{Context, Resource};
use crate::session::Host;

/// An object on a host, or one that is only reached through it; it fails as its name says.
struct Made {
    type_name: &'static str,
    is_on_host: bool,
}

#[async_trait]
impl Resource for Made {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> Schema {
        Schema::new(0, Block::default().with("name", Attribute::required(Type::String)))
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn is_on_host(&self) -> bool {
        self.is_on_host
    }

    async fn read(&self, _host: &Host, current: &Value) -> Result<Value> {
        Ok(current.clone())
    }

    async fn create(&self, _context: &Context, _host: &Host, planned: &Value) -> Result<Value> {
        if planned.text("name") != Some("away") {
            return Ok(planned.clone());
        }
        let mut failure = Failure::new("Away", "It does not answer.");
        (failure.of_host, failure.transient) = (true, true);
        Err(failure)
    }

    async fn delete(&self, _context: &Context, _host: &Host, _prior: &Value) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn trouble_of_what_is_reached_through_a_host_is_not_the_hosts_and_the_reverse() {
    let folder = folder();
    let resources: Vec<Box<dyn Resource>> = vec![
        Box::new(Made { type_name: "on", is_on_host: true }),
        Box::new(Made { type_name: "through", is_on_host: false }),
    ];
    let provider = HostProvider::new("made", resources, Vec::new(), None);
    let schema = provider.schema();
    let running =
        configured(&provider, &object([]), environment(folder.path())).await.expect("needs nothing");
    // Who was told to stop tries nothing again.
    running.stop().await;
    let create = async |type_name: &str, name: &str| {
        let block = &schema.resource(type_name).expect("is offered").block;
        let planned = object([("host", root(&folder.path().join("h"))), ("name", text(name))]);
        let planned = block.coerce(&planned).expect("fits the schema");
        let request = ApplyRequest {
            type_name: type_name.into(),
            prior: Value::null(planned.ty()),
            config: planned.clone(),
            planned,
            private: Vec::new(),
            token: "t".into(),
        };
        texts(&running.apply(request).await.diagnostics)
    };
    assert!(create("through", "away").await.contains("It does not answer"));
    assert_eq!(create("on", "a").await, "", "the host itself answers");
    assert!(create("on", "away").await.contains("It does not answer"));
    assert!(create("on", "b").await.contains("It does not answer"), "the host was given up a moment ago");
    assert_eq!(create("through", "b").await, "", "there are other ways");
    assert!(
        create("on", "c").await.contains("It does not answer"),
        "that it was reached says nothing of the host"
    );
}
