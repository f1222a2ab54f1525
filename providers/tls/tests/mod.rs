//! Tests against configurations, and against what `openssl` and `ssh-keygen` say of the results.

mod certificates;
mod keys;
mod server;

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use diag::Diagnostics;
use provider::conformance::{Case, configured, environment, run};
use provider::simple::Access;
use provider::{ApplyRequest, Configured, DataRequest, Environment, PlanRequest, PlanResponse, proposed_new};
use value::{Str, Value};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn texts(texts: &[&str]) -> Value {
    Value::tuple(texts.iter().map(|text| Value::string(*text)).collect())
}

/// 2024-05-06T07:08:09Z and so many hours.
fn after(hours: u64) -> Environment {
    let clock = move || SystemTime::UNIX_EPOCH + Duration::from_secs(1_714_979_289 + hours * 3600);
    Environment { clock: Arc::new(clock), ..environment("/".as_ref()) }
}

async fn running(environment: Environment) -> Arc<dyn Configured> {
    configured(crate::provider().as_ref(), &object([]), environment).await.expect("needs nothing")
}

/// Plans from a prior object (none: null) to a configuration.
async fn plan(
    environment: Environment,
    type_name: &str,
    prior: Option<&Value>,
    config: &Value,
) -> PlanResponse {
    let schema = crate::provider().schema();
    let block = &schema.resource(type_name).expect("is offered").block;
    let config = block.coerce(config).expect("fits the schema");
    let prior = prior.cloned().unwrap_or_else(|| Value::null(block.implied_type()));
    let proposed = proposed_new(block, &prior, &config);
    let request = PlanRequest { type_name: type_name.into(), prior, proposed, config, private: vec![] };
    running(environment).await.plan(request).await
}

/// What a configuration creates, with the diagnostics.
async fn try_create(type_name: &str, config: Value) -> (Value, Diagnostics) {
    let planned = plan(after(0), type_name, None, &config).await.planned;
    let schema = crate::provider().schema();
    let block = &schema.resource(type_name).expect("is offered").block;
    let request = ApplyRequest {
        type_name: type_name.into(),
        prior: Value::null(block.implied_type()),
        planned,
        config: block.coerce(&config).expect("fits the schema"),
        private: vec![],
        token: Str::from("00000000-0000-4000-8000-000000000000"),
    };
    let response = running(after(0)).await.apply(request).await;
    (response.state, response.diagnostics)
}

async fn create(type_name: &str, config: Value) -> Value {
    let (state, diagnostics) = try_create(type_name, config).await;
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    state
}

async fn key(algorithm: &str, curve: &str) -> Value {
    create("tls_private_key", object([("algorithm", text(algorithm)), ("ecdsa_curve", text(curve))])).await
}

async fn read_data(type_name: &str, config: Value) -> (Value, Diagnostics) {
    let schema = crate::provider().schema();
    let block = &schema.data_source(type_name).expect("is offered").block;
    let config = block.coerce(&config).expect("fits the schema");
    let response =
        running(after(0)).await.read_data(DataRequest { type_name: type_name.into(), config }).await;
    (response.state, response.diagnostics)
}

/// The output of a tool in a folder, which must succeed; `None`, with a note, where the tool is not installed.
fn tool(folder: &Path, line: &str) -> Option<String> {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    match Command::new(name).args(words).current_dir(folder).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{line}: {errors}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned() + &errors)
        }
        Err(_) => {
            let _ = writeln!(std::io::stderr(), "{name} is not installed: not compared with it");
            None
        }
    }
}

/// Writes a file that only its owner may read, as ssh-keygen wants keys.
fn write(folder: &Path, name: &str, content: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(folder.join(name))
        .expect("can be made");
    file.write_all(content.as_bytes()).expect("can be written");
}

#[tokio::test]
async fn conforms() {
    let key = key("ECDSA", "P256").await;
    let other = self::key("ED25519", "P256").await;
    let pem = |key: &Value| key.attr("private_key_pem").cloned().expect("is an attribute");
    let subject = |name: &str| Value::tuple(vec![object([("common_name", text(name))])]);
    let ca = create(
        "tls_self_signed_cert",
        object([
            ("private_key_pem", pem(&key)),
            ("validity_period_hours", Value::number(24)),
            ("allowed_uses", texts(&["cert_signing"])),
            ("is_ca_certificate", Value::bool(true)),
            ("subject", subject("ca")),
        ]),
    )
    .await;
    let request =
        create("tls_cert_request", object([("private_key_pem", pem(&key)), ("subject", subject("a"))])).await;
    let request = request.attr("cert_request_pem").cloned().expect("is an attribute");
    let self_signed = |hours: i64, early: i64, extra: (&str, Value)| {
        object([
            ("private_key_pem", pem(&key)),
            ("validity_period_hours", Value::number(hours)),
            ("early_renewal_hours", Value::number(early)),
            ("allowed_uses", texts(&["server_auth"])),
            ("subject", subject("a")),
            extra,
        ])
    };
    let none = || ("dns_names", texts(&["a.example"]));
    let locally = |uses: &[&str], early: i64| {
        object([
            ("ca_cert_pem", ca.attr("cert_pem").cloned().expect("is an attribute")),
            ("ca_private_key_pem", pem(&key)),
            ("cert_request_pem", request.clone()),
            ("validity_period_hours", Value::number(10)),
            ("early_renewal_hours", Value::number(early)),
            ("allowed_uses", texts(uses)),
        ])
    };
    let cases = [
        Case::new("tls_private_key", object([("algorithm", text("ECDSA"))]))
            .replace(object([("algorithm", text("ECDSA")), ("ecdsa_curve", text("P384"))]))
            .replace(object([("algorithm", text("ED25519")), ("openssh_comment", text("me@here"))]))
            .refuses(object([("algorithm", text("DSA"))]), "algorithm")
            .refuses(object([("algorithm", text("ECDSA")), ("ecdsa_curve", text("P1"))]), "ecdsa_curve")
            .refuses(object([("algorithm", text("RSA")), ("rsa_bits", Value::number(512))]), "rsa_bits")
            .state_only(),
        Case::new("tls_cert_request", object([("private_key_pem", pem(&key)), ("subject", subject("a"))]))
            .replace(object([("private_key_pem", pem(&key)), ("subject", subject("b"))]))
            .replace(object([("private_key_pem", pem(&other)), ("subject", subject("b"))]))
            .replace(object([("private_key_pem", pem(&other)), ("dns_names", texts(&["a"]))]))
            .refuses(object([]), "private_key_pem")
            .refuses(
                object([("private_key_pem", text("")), ("ip_addresses", texts(&["1.2.3"]))]),
                "ip_addresses",
            )
            .refuses(
                object([("private_key_pem", text("")), ("subject", Value::tuple(vec![object([]); 2]))]),
                "subject",
            )
            .state_only(),
        Case::new("tls_self_signed_cert", self_signed(24, 0, none()))
            .update(self_signed(24, 1, none()))
            .replace(self_signed(25, 1, none()))
            .replace(self_signed(25, 1, ("is_ca_certificate", Value::bool(true))))
            .refuses(self_signed(-1, 0, none()), "validity_period_hours")
            .refuses(self_signed(1, 0, ("allowed_uses", texts(&["everything"]))), "allowed_uses")
            .refuses(self_signed(1, 0, ("uris", texts(&["ü"]))), "uris")
            .state_only(),
        Case::new("tls_locally_signed_cert", locally(&["server_auth"], 0))
            .update(locally(&["server_auth"], 2))
            .replace(locally(&["client_auth"], 2))
            .refuses(object([]), "ca_cert_pem")
            .state_only(),
    ];
    let report = run(crate::provider(), &object([]), after(0), &cases).await;
    assert!(report.is_ok(), "{report}");
}
