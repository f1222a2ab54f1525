use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use provider::Environment;
use provider::conformance::Bench;
use provider::simple::Access as _;
use value::Value;

use super::server::Server;
use super::{now, text};
use crate::tests::support::differing;

pub(super) async fn tokens_let_nodes_ask_and_are_renewed(server: &Server) {
    let passed = Arc::new(AtomicU64::new(0));
    let real = now(server.path());
    let clock = {
        let (passed, real) = (Arc::clone(&passed), real.clone());
        move || real.now() + Duration::from_secs(passed.load(Ordering::Relaxed))
    };
    let environment = Environment { clock: Arc::new(clock), ..real };
    let bench = Bench::new(crate::provider(), "eksd_bootstrap", environment).await;
    let config =
        server.object([("server", text(server.url())), ("certificate_authority", text(server.authority()))]);
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    assert_eq!(bench.plan(&state, &config).await.1.planned, state, "a second plan is empty");

    // The foreign oracle: kubectl with the kubeconfig that kubelets get.
    let file = server.path().join("bootstrap.conf");
    fs::write(&file, state.text("bootstrap_kubeconfig").expect("is there")).expect("is written");
    let can = |verb: &str, what: &str| server.may(&file, verb, what);
    assert!(can("create", "certificatesigningrequests"), "who joins may ask for a certificate");
    assert!(
        can("create", "certificatesigningrequests/nodeclient.certificates.k8s.io")
            || can("create", "certificatesigningrequests.certificates.k8s.io/nodeclient")
    );
    assert!(!can("get", "secrets") && !can("create", "pods"), "and no more");

    passed.store(23 * 3600 + 60, Ordering::Relaxed);
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["ready_for_renewal"]);
    let renewed = bench.update(&seen, &config).await;
    assert_ne!(renewed.text("token_id"), state.text("token_id"));
    let secrets = server.kubectl(&["get", "secret", "-n", "kube-system", "-o=name"]);
    let named = |state: &Value| format!("bootstrap-token-{}", state.text("token_id").unwrap_or_default());
    assert!(secrets.contains(&named(&renewed)) && !secrets.contains(&named(&state)), "{secrets}");
    assert!(!can("create", "certificatesigningrequests"), "the old token is no more");
    // A token that is gone, and a role that was unbound.
    server.kubectl(&["delete", "secret", "-n", "kube-system", &named(&renewed)]);
    server.kubectl(&["delete", "clusterrolebinding", "groma:eksd:approve-renewals"]);
    let seen = bench.read(&renewed).await;
    assert_eq!(differing(&renewed, &seen), ["ready_for_renewal", "roles_bound"]);
    let again = bench.update(&seen, &config).await;
    assert_eq!(bench.read(&again).await, again);
    bench.delete(&again).await;
    assert!(bench.read(&again).await.is_null());
}

impl Server {
    /// Whether somebody may do something.
    fn may(&self, kubeconfig: &std::path::Path, verb: &str, what: &str) -> bool {
        let output = Command::new(self.kubectl_path())
            .arg(format!("--kubeconfig={}", kubeconfig.display()))
            .args(["auth", "can-i", verb, what])
            .output()
            .expect("kubectl starts");
        output.status.success()
    }
}
