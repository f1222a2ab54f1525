//! containerd's configuration, written and read back.

use std::fmt::Write as _;
use std::time::Duration;

use diag::Diagnostics;
use provider::simple::Access;
use provider_host::kit::duration;
use value::{Entries, Str, Type, Value};

use crate::unit::{File, wrong};

pub(super) const CONFIG: &str = "/etc/containerd/config.toml";

/// The folder of what is said of registries.
const HOSTS: &str = "/etc/containerd/certs.d";

/// What stands before what is given besides.
const MORE: &str = "\n# What is given besides.\n";

/// All files, the configuration first.
pub(super) fn files(object: &Value) -> Vec<File> {
    let file = |path: String, mode, content, observe| File {
        path,
        mode,
        owner: "root:root".into(),
        content,
        observe,
    };
    let mut files = vec![file(CONFIG.into(), "0600", config(object), |object, _| object.clone())];
    for (registry, urls) in mirrors(object) {
        files.push(file(hosts_path(&registry), "0644", hosts(&registry, &urls), |object, text| {
            let text = text.unwrap_or_default();
            let server = value_of(text, "server").unwrap_or_default();
            let registry = server.trim_start_matches("https://").to_owned();
            let urls = text.lines().filter_map(|line| line.strip_prefix("[host.\"")?.strip_suffix("\"]"));
            let urls = Value::list(Type::String, urls.map(Value::string_nfc).collect());
            let known = object.attr("mirrors").and_then(Value::entries).cloned().unwrap_or_default();
            // Which one is gone cannot be told from nothing.
            let entries: Entries = if registry.is_empty() {
                Entries::new()
            } else {
                let others = known
                    .iter()
                    .filter(|(name, _)| **name != registry)
                    .map(|(name, urls)| (name.clone(), urls.clone()));
                others.chain([(Str::from(registry.as_str()), urls)]).collect()
            };
            object.with_attr("mirrors", Value::map(Type::list(Type::String), entries))
        }));
    }
    if let (Some(text), Some(path)) = (object.text("cni_config"), object.text("cni_config_path")) {
        files.push(file(path.to_owned(), "0600", text.to_owned(), |object, text| {
            object.with_attr("cni_config", text.map_or(Value::null(Type::String), Value::string_nfc))
        }));
    }
    files
}

/// Version 2 is read by containerd 1 and 2.
fn config(object: &Value) -> String {
    let text = |name: &str| object.text(name).unwrap_or_default();
    let systemd = text("cgroup_driver") == "systemd";
    let restrict = object.flag("restrict_oom_score_adj").unwrap_or(false);
    let mut config = format!(
        r#"# Written by groma: what is changed here by hand shows in the next plan.
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{}"
  restrict_oom_score_adj = {restrict}

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "{}"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = {systemd}

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "{HOSTS}"
"#,
        text("sandbox_image"),
        text("snapshotter"),
    );
    if let Some(more) = object.text("extra_config").filter(|more| !more.is_empty()) {
        let _ = write!(config, "{MORE}{more}");
    }
    config
}

/// The object as its configuration says; what is in it otherwise shows in `extra_config`.
pub(super) fn seen(object: &Value, text: &str) -> Value {
    if config(object) == text {
        return object.clone();
    }
    let found = |name: &str, key: &str| match value_of(text, key) {
        Some(value) => Value::string_nfc(&value),
        None => object.attr(name).cloned().unwrap_or_else(|| Value::null(Type::String)),
    };
    let driver = match value_of(text, "SystemdCgroup").as_deref() {
        Some("true") => Value::string("systemd"),
        Some("false") => Value::string("cgroupfs"),
        _ => Value::null(Type::String),
    };
    let restrict = match value_of(text, "restrict_oom_score_adj").as_deref() {
        Some("true") => Value::bool(true),
        _ => Value::bool(false),
    };
    let more = text.split_once(MORE).map_or("", |(_, more)| more);
    let more = if more.is_empty() { Value::null(Type::String) } else { Value::string_nfc(more) };
    let seen = object
        .with_attr("sandbox_image", found("sandbox_image", "sandbox_image"))
        .with_attr("snapshotter", found("snapshotter", "snapshotter"))
        .with_attr("cgroup_driver", driver)
        .with_attr("restrict_oom_score_adj", restrict)
        .with_attr("extra_config", more);
    if config(&seen) == text {
        return seen;
    }
    seen.with_attr("extra_config", Value::string_nfc(text))
}

pub(super) fn timeout(object: &Value) -> Duration {
    object.text("health_timeout").and_then(duration).unwrap_or(Duration::from_mins(2))
}

pub(super) fn validate_mirrors(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (registry, urls) in mirrors(config) {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:_".contains(c);
        if registry.is_empty() || registry.starts_with('.') || !registry.chars().all(plain) {
            diagnostics.push(wrong(
                "mirrors",
                format!("{registry:?} is no name of a registry, such as \"public.ecr.aws\"."),
            ));
        }
        let fine = |url: &str| {
            (url.starts_with("https://") || url.starts_with("http://"))
                && !url.contains(['"', '\\', ' ', '\n'])
        };
        if let Some(url) = urls.iter().find(|url| !fine(url)) {
            diagnostics
                .push(wrong("mirrors", format!("{url:?} is no URL such as \"https://mirror.example\".")));
        }
    }
    diagnostics
}

fn mirrors(object: &Value) -> Vec<(String, Vec<String>)> {
    let entries = object.attr("mirrors").and_then(Value::entries).into_iter().flat_map(Entries::iter);
    entries
        .map(|(registry, urls)| {
            let urls = urls.items().unwrap_or_default().iter().filter_map(Value::as_str).map(Str::to_string);
            (registry.to_string(), urls.collect())
        })
        .collect()
}

fn hosts_path(registry: &str) -> String {
    format!("{HOSTS}/{registry}/hosts.toml")
}

fn hosts(registry: &str, urls: &[String]) -> String {
    let mut text = format!("server = \"https://{registry}\"\n");
    for url in urls {
        let _ = write!(text, "\n[host.\"{url}\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
    }
    text
}

/// The value of the first line `KEY = VALUE`, without quotes.
fn value_of(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (name, value) = line.trim().split_once('=')?;
        (name.trim() == key).then(|| value.trim().trim_matches('"').to_owned())
    })
}
