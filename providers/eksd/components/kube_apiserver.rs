mod dropping;
mod encryption;
mod settings;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Nesting};
use provider_host::kit::{Context, Host, Result, validate_path};
use value::{Str, Type, Value};

use super::secure;
use crate::unit::{Component, File, Folder, Setting, is_folder, make, wrong};

/// `eksd_kube_apiserver`.
pub struct Apiserver;

/// Who changed what: writes with what was written, but for secrets and tokens; no reads of the cluster's own components.
const AUDIT_POLICY: &str = include_str!("kube_apiserver/audit-policy.yaml");

/// Who has no credentials may see whether it is well, and nothing else: load balancers ask that.
const AUTHENTICATION: &str = include_str!("kube_apiserver/authentication.yaml");

/// Where the keys of secrets are, if nothing else is said.
const ENCRYPTION: &str = "/etc/eksd/encryption.yaml";

#[async_trait]
impl Component for Apiserver {
    fn name(&self) -> &'static str {
        "kube-apiserver"
    }

    fn type_name(&self) -> &'static str {
        "eksd_kube_apiserver"
    }

    fn description(&self) -> &'static str {
        "The Kubernetes API server of a control-plane node, as a systemd unit. A change ends once its `/readyz` says ok. Without \
         credentials only `/livez`, `/readyz` and `/healthz` are answered, for load balancers. Secrets are encrypted in etcd with \
         `encryption_keys`: to rotate them, add a new key at the end and apply, then move it to the front and apply, write all \
         secrets again, and take the old one out: the plan is refused if an API server would write with a key that another one does not \
         have, and the change if something in etcd is still encrypted with a key that goes (as far as etcdctl is on the host). All API servers of a cluster need the same keys, so they are \
         in the state, as sensitive values, and in a file of mode 0600."
    }

    fn programs(&self) -> &'static [&'static str] {
        &["kube-apiserver"]
    }

    fn settings(&self) -> &'static [Setting] {
        settings::SETTINGS
    }

    fn extend(&self, block: Block) -> Block {
        let text = |description: &str| Attribute::optional_computed(Type::String).described(description);
        let key = [
            ("name", Attribute::required(Type::String).described("The key's name.")),
            (
                "secret",
                Attribute::required(Type::String)
                    .sensitive()
                    .described("32 random bytes in base64: `random_bytes.NAME.base64`."),
            ),
        ];
        let keys = Attribute::nested(
            Nesting::List,
            key.into_iter().map(|(name, key)| (Str::from(name), key)).collect(),
        );
        block
            .with("audit_policy", text("The audit policy, written to `audit_policy_file`. If not set, writes are recorded with what was written, but for secrets and tokens, and reads of nodes and controllers not at all."))
            .with("authentication_configuration", text("The AuthenticationConfiguration, written to `authentication_config`. If not set, only the paths of health checks are answered without credentials."))
            .with("encryption_keys", keys.described("The keys that secrets are encrypted with in etcd: the first one for what is written, all for what is read. Needed unless `encryption_provider_config` names a file of your own, or is empty: then secrets are not encrypted.").sensitive())
            .with("encrypted_resources", Attribute::optional_computed(Type::list(Type::String)).described("What is encrypted; `secrets` if not set."))
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("audit_policy", Value::string(AUDIT_POLICY)),
            ("authentication_configuration", Value::string(AUTHENTICATION)),
            ("encrypted_resources", Value::list(Type::String, vec![Value::string("secrets")])),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = encryption::validate(config);
        for name in ["audit_policy_file", "authentication_config", "encryption_provider_config"] {
            if config.text(name).is_some_and(|path| !path.is_empty()) {
                diagnostics.extend(validate_path(config, name));
            }
        }
        if !config.is_unset("anonymous_auth") && config.text("authentication_config") != Some("") {
            diagnostics.push(wrong(
                "anonymous_auth",
                "The apiserver takes it only without an AuthenticationConfiguration, which already lets in nobody without \
                 credentials but for health checks: leave it out, or set authentication_config = \"\".",
            ));
        }
        diagnostics
    }

    fn options(&self, _object: &Value) -> Vec<(&'static str, &'static str, String)> {
        let mut options = secure::confined();
        options.push(("Service", "TimeoutStopSec", "90s".into()));
        options
    }

    fn files(&self, object: &Value) -> Vec<File> {
        let file = |path: &str, content: String, observe| File {
            path: object.text(path).unwrap_or_default().to_owned(),
            mode: "0600",
            owner: "root:root".into(),
            content,
            observe,
        };
        let text = |name: &str| object.text(name).unwrap_or_default().to_owned();
        let mut files = vec![
            file("audit_policy_file", text("audit_policy"), |object, text| {
                seen(object, "audit_policy", text)
            }),
            file("authentication_config", text("authentication_configuration"), |object, text| {
                seen(object, "authentication_configuration", text)
            }),
        ];
        // Without keys the file is somebody else's.
        if !object.is_unset("encryption_keys") {
            files.push(file("encryption_provider_config", encryption::render(object), encryption::seen));
        } else if object.is_unset("version") && object.text("encryption_provider_config") == Some(ENCRYPTION)
        {
            // An import knows nothing yet, and the file may be one of ours.
            files.push(file("encryption_provider_config", String::new(), encryption::adopted));
        }
        files
    }

    fn folders(&self, object: &Value) -> Vec<Folder> {
        let log = object.text("audit_log_path").and_then(|path| path.rsplit_once('/'));
        let folder = log.filter(|(folder, _)| folder.matches('/').count() > 1);
        let folder =
            folder.map(|(path, _)| Folder { path: path.into(), mode: "0700", owner: "root:root".into() });
        folder.into_iter().collect()
    }

    fn health(&self, object: &Value) -> String {
        let text = |name: &str| object.text(name).unwrap_or_default();
        let certificate = (text("kubelet_client_certificate"), text("kubelet_client_key"));
        secure::ask(object.int("secure_port").unwrap_or(6443), "/readyz", Some(certificate))
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        if !is_folder(host) {
            dropping::check(host, prior, planned).await?;
        }
        make(self, context, host, prior, planned).await
    }
}

fn seen(object: &Value, name: &str, text: Option<&str>) -> Value {
    object.with_attr(name, text.map_or(Value::null(Type::String), Value::string_nfc))
}
