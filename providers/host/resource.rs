//! What a resource type and a data source of this provider are.

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Environment, Schema};
use tokio::sync::watch;
use value::{Type, Value};

use crate::connection::Connection;
use crate::failure::{Failure, Result};
use crate::session::{Host, Script};

/// What a resource may know besides its host.
pub struct Context {
    pub environment: Environment,
    pub stop: watch::Receiver<bool>,
}

impl Context {
    /// What comes of waiting, unless the user asks to stop before.
    pub async fn unless_stopped<T>(&self, waiting: impl Future<Output = T>) -> Option<T> {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            value = waiting => Some(value),
            Ok(_) = stop.wait_for(|stop| *stop) => None,
        }
    }

    /// Whether the user asked to stop: nothing is waited for any longer.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits for what runs on a host, but not longer than until the user asks to stop; says whether to go on.
    pub async fn pause(&self, time: std::time::Duration) -> bool {
        let mut stop = self.stop.clone();
        let going_on = tokio::select! {
            () = tokio::time::sleep(time) => !self.is_stopped(),
            _ = stop.wait_for(|stop| *stop) => false,
        };
        // `cargo xtask bench eksd` adds these up.
        tracing::debug!(seconds = time.as_secs_f64(), "paused");
        going_on
    }
}

/// A type of objects on hosts.
///
/// All operations are idempotent: after a lost connection they are run again from the start. Before the first change
/// of something that may have been there already, what was found is recorded on the host (`found_*` in
/// `scripts/lib.sh`), and `delete` restores it.
#[async_trait]
pub trait Resource: Send + Sync {
    fn type_name(&self) -> &'static str;

    /// The attributes, but for `host` and `id`, which [`complete`] adds.
    fn schema(&self) -> Schema;

    /// What tells objects of the type apart on one host, in the order of an import id (`HOST KEY [KEY...]`).
    /// Their change makes a new object.
    fn key(&self) -> &'static [&'static str];

    /// What an object is known by on its host, if that is known yet: by the key, where nothing else says that two are the same.
    fn identity(&self, object: &Value) -> Option<String> {
        let known = |name: &&str| object.attr(name).is_some_and(Value::is_wholly_known);
        self.key()
            .iter()
            .all(known)
            .then(|| self.key().iter().map(|name| key_text(object, name)).collect::<Vec<_>>().join(" "))
    }

    /// Attributes whose change makes a new object; the key is always among them.
    fn replaced_by(&self) -> &'static [&'static str] {
        self.key()
    }

    /// Attributes whose change means that a content was written, which others are told by `revision`; none if the type has no
    /// such content.
    fn revised_by(&self) -> &'static [&'static str] {
        &[]
    }

    /// Values of attributes that the configuration leaves null.
    fn defaults(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// Checks what the schema cannot say; unknowns are possible.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Adjusts the plan of a creation or an update.
    fn plan(&self, _context: &Context, _plan: &mut Plan) {}

    /// Whether `host` says where it is; if not, [`Resource::connection`] does.
    fn has_host(&self) -> bool {
        true
    }

    /// Whether its changes are made beside others on the host; one that takes the host away asks for it by [`Host::alone`].
    fn shares_host(&self) -> bool {
        true
    }

    /// Where an object is to be looked at before its change is planned: another way to it may lead to another one.
    fn looks_ahead(&self, _prior: &Value, _proposed: &Value) -> Option<Connection> {
        None
    }

    /// Adjusts the plan once more by what was seen there.
    fn foresee(&self, _seen: &Value, _plan: &mut Plan) {}

    /// Whether trouble of the host is trouble of all that is on it, which other changes there then do not wait for once more; not of
    /// what is only reached through a host, and as well through others.
    fn is_on_host(&self) -> bool {
        true
    }

    /// Whether an object is nothing but what the state says: there is nothing on a host to find again.
    fn state_only(&self) -> bool {
        false
    }

    /// What an interrupted change came to where [`Resource::state_only`]; none if it was not made.
    async fn recall(&self, _host: &Host, _prior: &Value, _planned: &Value) -> Result<Option<Value>> {
        Ok(None)
    }

    /// Whether reading tells what became of a change that was interrupted; if not, it is made again.
    fn tells(&self, _prior: &Value, _planned: &Value) -> bool {
        true
    }

    /// The host that an object is on.
    fn connection(&self, _context: &Context, object: &Value) -> Result<Connection> {
        connection("host", object.text("host").unwrap_or_default())
    }

    /// The object that an import id names, with only its key set, where that is not `HOST KEY [KEY...]`.
    fn named(&self, _block: &Block, _id: &str) -> Option<Result<Value>> {
        None
    }

    /// The object as it is, null if it is gone. `current` is what was known; after an import only its key is set, and
    /// all that can be read must be filled in.
    async fn read(&self, host: &Host, current: &Value) -> Result<Value>;

    /// Reads many objects on one host, in order.
    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        futures::future::join_all(current.iter().map(|current| self.read(host, current))).await
    }

    /// What is left of an object whose machine is gone for good: nothing, unless others know of it.
    fn left_of(&self, current: &Value) -> Value {
        Value::null(current.ty())
    }

    /// What a creation made that failed or whose answer was lost; null where what is there may not be of that creation.
    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        self.read(host, planned).await
    }

    /// Makes the object and answers it, with nothing unknown.
    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value>;

    async fn update(&self, context: &Context, host: &Host, _prior: &Value, planned: &Value) -> Result<Value> {
        self.create(context, host, planned).await
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()>;
}

/// Whether something was recorded of what was found: then a creation has begun to change it.
pub async fn is_recorded(host: &Host, type_name: &str, key: &str) -> Result<bool> {
    let script = Script::read(r#"if found_known "$type" "$key"; then echo yes; else echo no; fi"#)
        .var("type", type_name)
        .var("key", key);
    Ok(host.must(script, "look for records of what was found").await?.text() == "yes\n")
}

/// A data source that reads from a host.
#[async_trait]
pub trait Data: Send + Sync {
    fn type_name(&self) -> &'static str;

    /// The attributes, but for `host` and `id`.
    fn schema(&self) -> Schema;

    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Whether `host` says where it is read from; if not, [`Data::connection`] does.
    fn has_host(&self) -> bool {
        true
    }

    /// The host that is read from.
    fn connection(&self, config: &Value) -> Result<Connection> {
        connection("host", config.text("host").unwrap_or_default())
    }

    /// Reads with a wholly known configuration.
    async fn read(&self, host: &Host, config: &Value) -> Result<Value>;
}

/// The connection that an attribute holds as text.
pub fn connection(name: &'static str, text: &str) -> Result<Connection> {
    text.parse().map_err(|reason| {
        let detail = format!("The connection {text:?} cannot be read: {reason}.");
        Failure::attribute(name, "Invalid host", detail)
    })
}

/// The schema with `host` and `id`.
pub fn complete(mut schema: Schema, has_host: bool) -> Schema {
    if has_host {
        let host = Attribute::required(Type::String).described(
            "The host: `host_machine.NAME.connection`, or a connection such as `ssh://admin@10.0.0.5`, `local:` (this \
             machine) or `root:FOLDER` (a folder taken as a host's root file system).",
        );
        schema.block = schema.block.with("host", host);
    }
    let id = Attribute::computed(Type::String).described("What tells the object from others on its host.");
    schema.block = schema.block.with("id", id);
    schema
}

/// The id of an object: its key attributes; of what every host has one of, its type.
pub fn id_of(resource: &dyn Resource, object: &Value) -> String {
    if resource.key().is_empty() {
        return resource.type_name().to_owned();
    }
    resource.key().iter().map(|name| key_text(object, name)).collect::<Vec<_>>().join(" ")
}

fn key_text(object: &Value, name: &str) -> String {
    match (object.text(name), object.int(name)) {
        (None, Some(number)) => number.to_string(),
        // Files that are read whole end in a newline.
        (text, _) => text.unwrap_or_default().trim().to_owned(),
    }
}
