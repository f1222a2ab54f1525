//! Where the API of a cluster is: attributes that all its objects have.

use std::time::Duration;

use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use provider_host::kit::{Connection, Failure, Host, Result, connection as parse, duration, validate_path};
use value::{Path, Type, Value};

/// Where the kubeconfig is, if not said.
pub(super) const KUBECONFIG: &str = "/etc/eksd/admin.conf";

/// Adds `hosts` and `kubeconfig`.
pub(super) fn with_attributes(block: Block) -> Block {
    block
        .with("hosts", Attribute::required(Type::list(Type::String)).described(
            "Hosts of the cluster, as connections: the API is spoken to through the first one that reaches it.",
        ))
        .with("kubeconfig", Attribute::optional_computed(Type::String).described(format!(
            "The path of a kubeconfig with a client's certificate on those hosts; `{KUBECONFIG}` if not set."
        )))
}

/// Adds how long something may take.
pub(super) fn with_timeout(block: Block, name: &str, default: &str, what: &str) -> Block {
    let description = format!("How long {what}, such as \"90s\"; \"{default}\" if not set.");
    block.with(name, Attribute::optional_computed(Type::String).described(description))
}

pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = validate_path(config, "kubeconfig");
    let known = config.attr("hosts").is_some_and(Value::is_wholly_known);
    if known && config.elements("hosts").is_empty() {
        let detail = "At least one host is needed to reach the API through.";
        diagnostics.push(attribute_error(&Path::from_attr("hosts"), "No host", detail));
    }
    for text in config.texts("hosts") {
        if let Err(failure) = parse("hosts", text) {
            diagnostics.push(failure.diagnostic());
        }
    }
    diagnostics
}

/// Checks what says how long something may take.
pub(super) fn validate_timeout(config: &Value, name: &str) -> Diagnostics {
    match config.text(name).filter(|text| duration(text).is_none()) {
        Some(text) => {
            let detail = format!("{text:?} is no duration, such as \"90s\", \"10m\" or \"1h30m\".");
            attribute_error(&Path::from_attr(name), "Invalid duration", detail).into()
        }
        None => Diagnostics::new(),
    }
}

/// The first host.
pub(super) fn connection(object: &Value) -> Result<Connection> {
    match object.texts("hosts").first() {
        Some(text) => parse("hosts", text),
        None => Err(Failure::attribute(
            "hosts",
            "No host",
            "At least one host is needed to reach the API through.",
        )),
    }
}

/// All hosts, of which the first one is at hand.
pub(super) fn hosts(first: &Host, object: &Value) -> Result<Vec<Host>> {
    let others = object.texts("hosts").into_iter().skip(1);
    let others = others.map(|text| parse("hosts", text).map(|connection| first.other(&connection)));
    std::iter::once(Ok(first.clone())).chain(others).collect()
}

/// All hosts, where the one at hand need not be among them.
pub(super) fn hosts_beside(host: &Host, object: &Value) -> Result<Vec<Host>> {
    let hosts = object.texts("hosts").into_iter();
    hosts.map(|text| parse("hosts", text).map(|connection| host.other(&connection))).collect()
}

/// Whether so many of the hosts are lost for good that there is no quorum of etcd among the others, if each has a member: then the
/// API cannot come back but from a snapshot.
pub(super) fn quorum_is_lost(hosts: &[Host]) -> bool {
    let left = hosts.iter().filter(|host| !host.is_lost()).count();
    left < hosts.len() / 2 + 1
}

/// How long something may take that has been checked.
pub(super) fn timeout(object: &Value, name: &str) -> Duration {
    object.text(name).and_then(duration).unwrap_or(DEFAULT_TIMEOUT)
}

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);
