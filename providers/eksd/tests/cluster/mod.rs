//! The Kubernetes API through hosts, against a real API server.

mod bootstrap;
mod interrupt;
mod manifest;
mod node;
mod outage;
mod server;
mod vacating;
mod way;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use provider::conformance::{Bench, environment};
use provider::{Configured, DataRequest, Environment};
use value::Value;

use self::server::Server;
use super::support::{list, text};

/// One server for all: starting one takes as long as all that is tried.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_api_server_is_worked_on_through_hosts() {
    let Some(mut server) = Server::start() else { return };
    let running = server.configured().await;
    reached(&server, &running).await;
    manifest::objects_are_applied_seen_and_removed(&server, &running).await;
    manifest::drift_is_what_differs_in_our_fields(&server, &running).await;
    manifest::fields_of_others_are_left_to_them(&server, &running).await;
    manifest::roll_outs_and_removals_are_waited_for(&server, &running).await;
    node::nodes_are_changed_where_they_are_ours(&server, &running).await;
    node::draining_honours_disruption_budgets(&server, &running).await;
    vacating::nodes_are_emptied_and_given_back(&server).await;
    vacating::kubelets_give_their_node_back(&server, &running).await;
    bootstrap::tokens_let_nodes_ask_and_are_renewed(&server).await;
    interrupt::removals_end_with_an_interrupt(&server).await;
    manifest::a_server_that_restarts_is_waited_for(&mut server, &running).await;
    unreached(&mut server, &running).await;
}

/// What `data.eksd_cluster_health` answers.
async fn health(server: &Server, running: &Arc<dyn Configured>) -> Value {
    let provider = crate::provider();
    let schema = provider.schema();
    let block = &schema.data_source("eksd_cluster_health").expect("is offered").block;
    let config = block.coerce(&server.object([])).expect("fits the schema");
    let response = running.read_data(DataRequest { type_name: "eksd_cluster_health".into(), config }).await;
    assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
    response.state
}

async fn reached(server: &Server, running: &Arc<dyn Configured>) {
    use provider::simple::Access as _;
    let state = health(server, running).await;
    let [first, second] = state.elements("apiservers") else { panic!("{state:?}") };
    // The first host is a folder, from which nothing is reached: all goes through the second.
    assert_eq!((first.flag("ready"), second.flag("ready")), (Some(false), Some(true)), "{state:?}");
    assert!(
        first
            .text("message")
            .is_some_and(|text| text.contains("there is no") || text.contains("it is not there")),
        "{first:?}"
    );
    assert_eq!((state.flag("etcd_healthy"), state.flag("healthy")), (Some(true), Some(false)));
    assert!(state.text("version").is_some_and(|version| version.starts_with("v1.")), "{state:?}");
    assert!(state.elements("nodes").is_empty() && state.elements("pods_not_ready").is_empty());
}

async fn unreached(server: &mut Server, running: &Arc<dyn Configured>) {
    use provider::simple::Access as _;
    let node = outage::node(server, &server.configured().await).await;
    server.stop_etcd();
    // The server looks at etcd by itself, once in a while.
    let mut tries = 0;
    loop {
        let state = health(server, running).await;
        let second = state.elements("apiservers").get(1).expect("is there").clone();
        if second.texts("failing").iter().any(|check| check.starts_with("etcd")) {
            assert_eq!(
                (second.flag("ready"), state.flag("etcd_healthy")),
                (Some(false), Some(false)),
                "{state:?}"
            );
            break;
        }
        tries += 1;
        assert!(tries < 20, "{state:?}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    server.stop();
    let state = health(server, running).await;
    assert_eq!(
        (state.flag("healthy"), state.attr("version").is_some_and(Value::is_null)),
        (Some(false), true)
    );
    let message = state.elements("apiservers")[1].text("message").expect("says why").to_owned();
    assert!(message.contains("through this machine") && message.contains("Connection refused"), "{message}");
    outage::nodes_of_a_lost_quorum_are_given_up(server, &node).await;
}

/// A type of the provider at work.
fn bench(running: &Arc<dyn Configured>, type_name: &str) -> Bench {
    Bench::running(crate::provider(), Arc::clone(running), type_name)
}

/// An environment with the real time: servers and their certificates go by it.
#[expect(clippy::disallowed_methods, reason = "a real server's clock is the machine's")]
pub(super) fn now(folder: &std::path::Path) -> Environment {
    Environment { clock: Arc::new(SystemTime::now), ..environment(folder) }
}
