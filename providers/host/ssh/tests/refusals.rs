//! What was refused is not tried again and again: servers lock accounts and bar addresses for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use provider::Configured;
use provider::conformance::{configured, environment};
use value::{Type, Value};

use super::passwords::{BOTH, Tried, Wants, door, tried};
use super::server::bare_settings;
use crate::connection::{Connection, Raise, Target};
use crate::session::{Host, HostError, Link, Script};
use crate::tests::support::{Bench, folder, object, text, texts};
use crate::transport::{Local, Process, Stream, Transport, TransportError};

/// A server that lets `ann` in with another password than the one that the provider has.
async fn closed_door(folder: &std::path::Path) -> (Target, Tried, Arc<dyn Configured>) {
    let (target, log) = door(Wants::Password, &BOTH).await;
    let config = object([("password", text("wrong")), ("host_key_checking", text("insecure"))]);
    let provider = crate::provider();
    let config = provider.schema().provider.block.coerce(&config).expect("fits the schema");
    let running = configured(provider.as_ref(), &config, environment(folder)).await;
    (target, log, running.expect("the settings are right"))
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_for_all_resources_of_a_host() {
    let folder = folder();
    let (target, log, running) = closed_door(folder.path()).await;
    let bench = Bench::running(Arc::clone(&running), "host_file");
    let host = Connection::ssh(target).to_string();
    let changes = (0..200).map(|i| {
        let config =
            object([("host", text(&host)), ("path", text(&format!("/srv/{i}"))), ("content", text("x"))]);
        let bench = &bench;
        async move { bench.change(&Value::null(Type::Dynamic), &config).await }
    });
    let responses: Vec<_> = futures::stream::iter(changes).buffered(10).collect().await;
    for response in &responses {
        let said = texts(&response.diagnostics);
        assert!(said.contains("Login refused") && said.contains("the password"), "{said}");
    }
    assert!(responses[100..].iter().all(|response| response.state.is_null()), "nothing was tried there");
    assert_eq!(tried(&log), ["password"]);
}

#[tokio::test]
async fn a_machine_that_may_know_us_later_is_not_asked_each_second() {
    let folder = folder();
    let (target, log, running) = closed_door(folder.path()).await;
    let bench = Bench::running(running, "host_machine");
    let config = object([
        ("address", text(&target.address)),
        ("port", Value::number(i64::from(target.port.expect("is set")))),
        ("user", text("ann")),
        ("wait_for_login", text("5s")),
    ]);
    let response = bench.change(&Value::null(Type::Dynamic), &config).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("Login refused") && response.state.is_null(), "{said}");
    let times = tried(&log).len();
    assert!((2..=4).contains(&times), "after 0, 1, 3 and 5 seconds, but {times} times");
    let again =
        bench.change(&Value::null(Type::Dynamic), &config.with_attr("wait_for_login", text("0s"))).await;
    assert!(again.diagnostics.has_errors() && tried(&log).is_empty(), "that is not worth another try");
}

/// A host whose sudo asks for a password that nobody gave.
struct Asking(Arc<AtomicU32>);

#[async_trait]
impl Transport for Asking {
    async fn open(&self, command: &str) -> Result<Process, TransportError> {
        assert!(command.starts_with("exec sudo -n"), "{command}");
        self.0.fetch_add(1, Ordering::Relaxed);
        Local::machine().open("echo 'sudo: a password is required' >&2; exit 1").await
    }

    async fn dial(&self, _address: &str, _port: u16) -> Result<Box<dyn Stream>, TransportError> {
        unreachable!("nothing is connected to")
    }

    async fn close(&self) {}
}

#[tokio::test]
async fn becoming_root_is_tried_once_unless_asked_for() {
    let folder = folder();
    let times = Arc::new(AtomicU32::new(0));
    let limits = bare_settings(folder.path()).limits;
    let name = ("h".to_owned(), String::new());
    let link = Link::new(name, Box::new(Asking(Arc::clone(&times))), (Raise::Sudo, None), limits);
    let host = Host::new(Arc::new(link), "local:".parse().expect("is a connection"));
    for _ in 0..20 {
        let result = tokio::time::timeout(Duration::from_secs(20), host.run(Script::change("true"))).await;
        let result = result.expect("is answered");
        assert!(matches!(result, Err(HostError::Transport(TransportError::Become(_)))), "{result:?}");
    }
    assert_eq!(times.load(Ordering::Relaxed), 1);
    assert!(host.refusal().await.is_some());
    host.forget_refusal().await;
    assert!(host.refusal().await.is_none() && host.run(Script::change("true")).await.is_err());
    assert_eq!(times.load(Ordering::Relaxed), 2);
}
