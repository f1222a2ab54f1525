mod config;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema};
use provider_host::kit::{Context, Failure, Host, Resource, Result, duration};
use value::{Type, Value};

use super::packages;
use crate::unit::{
    File, Folder, Health, Names, borrow, bring, check_downloads, downloads, seen_of, spelled, take_away,
    wrong,
};

/// `eksd_container_runtime`.
pub struct Runtime;

const PLUGINS: &[&str] = &[
    "bridge",
    "bandwidth",
    "dhcp",
    "dummy",
    "firewall",
    "host-device",
    "host-local",
    "ipvlan",
    "loopback",
    "macvlan",
    "portmap",
    "ptp",
    "sbr",
    "static",
    "tap",
    "tuning",
    "vlan",
    "vrf",
];

const HEALTH: &str =
    "said=$(ctr --connect-timeout 5s version 2>&1) || { printf '%s\\n' \"$said\" | tail -n 1; exit 1; }";

#[async_trait]
impl Resource for Runtime {
    fn type_name(&self) -> &'static str {
        "eksd_container_runtime"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional(Type::String).described(description);
        let filled = |description: &str| Attribute::optional_computed(Type::String).described(description);
        let block = Block::default()
            .described(
                "containerd and runc of the host's distribution, set up for a node: `/etc/containerd/config.toml`, mirrors, and the CNI \
                 plugins of an EKS-D release. A change ends once containerd answers. Containers go on while it restarts.",
            )
            .with("packages", Attribute::optional_computed(Type::list(Type::String)).described("The packages of the distribution that bring it; `containerd` if not set."))
            .with("sandbox_image", Attribute::required(Type::String).described("The image that holds a pod's namespaces: the release's `pause`."))
            .with("cgroup_driver", filled("What makes cgroups, as in the kubelet: `systemd` (the default) or `cgroupfs`."))
            .with("restrict_oom_score_adj", Attribute::optional_computed(Type::Bool).described("Whether containers are not made less likely to be ended for want of memory than containerd itself is; `false` if not set. Needed where the host may not do that, as in most containers and some virtual machines."))
            .with("snapshotter", filled("How layers of images are put together; `overlayfs` if not set."))
            .with("mirrors", Attribute::optional(Type::map(Type::list(Type::String))).described("URLs that are asked before a registry, by its name: `{ \"public.ecr.aws\" = [\"https://mirror.example\"] }`. Written to `/etc/containerd/certs.d`."))
            .with("extra_config", text("More of the configuration file, in TOML: tables of their own."))
            .with("cni_version", text("The version of the CNI plugins, such as `v1.9.1-eks-1-34-21`. Without `cni_plugins` it must be in `/opt/eksd/cni-plugins/VERSION` already, as in an image of the machine."))
            .with("cni_plugins", downloads().described("The archive of the CNI plugins: `data.eksd_release.NAME.binaries[\"cni-plugins\"]`. They get into `/opt/cni/bin`. Plugins of others are left alone. If not set, none are brought."))
            .with("cni_config", text("The list of CNI plugins that pods are connected by, in JSON; left to others (Calico, Cilium) if not set."))
            .with("cni_config_path", filled("Where it is written; `/etc/cni/net.d/10-eksd.conflist` if not set."))
            .with("health_timeout", filled("How long it may take after a start until containerd answers; `2m` if not set."))
            .with("state", Attribute::computed(Type::String).described("`running`, or `stopped` or `failed` if something stopped it: the next apply starts it."))
            .with("containerd_version", Attribute::computed(Type::String).described("The version of the first package, as its package manager writes it."))
            .with("plugins_replaced", Attribute::computed(Type::Bool).described("Whether a CNI plugin is not the one that was installed: the next apply installs it again."))
            .with("restart_pending", Attribute::computed(Type::Bool).described("Whether something changed for which it was not restarted: the next apply does."))
            .with("out_of_place", Attribute::computed(Type::list(Type::String)).described("Files whose content, mode or owner is not as it should be, and links that lead elsewhere."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["packages"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("packages", Value::list(Type::String, vec![Value::string("containerd")])),
            ("cgroup_driver", Value::string("systemd")),
            ("restrict_oom_score_adj", Value::bool(false)),
            ("snapshotter", Value::string("overlayfs")),
            ("cni_config_path", Value::string("/etc/cni/net.d/10-eksd.conflist")),
            ("health_timeout", Value::string("2m")),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = check_downloads(config, "cni_plugins");
        diagnostics.extend(provider_host::kit::validate_path(config, "cni_config_path"));
        if let Some(text) =
            config.text("cgroup_driver").filter(|text| !["systemd", "cgroupfs"].contains(text))
        {
            diagnostics.push(wrong("cgroup_driver", format!("{text:?} is neither systemd nor cgroupfs.")));
        }
        if let Some(text) =
            config.text("health_timeout").filter(|text| duration(text).is_none_or(|time| time.is_zero()))
        {
            diagnostics
                .push(wrong("health_timeout", format!("{text:?} is no duration such as \"90s\" or \"5m\".")));
        }
        for name in ["sandbox_image", "snapshotter"] {
            if config.text(name).is_some_and(|text| text.is_empty() || text.contains(['"', '\\', '\n', ' ']))
            {
                diagnostics.push(wrong(name, "It is empty, or has spaces, quotes or line breaks in it."));
            }
        }
        if config.is_unset("cni_version") && !config.is_unset("cni_plugins") {
            diagnostics.push(wrong("cni_version", "It says what version cni_plugins is, and is not set."));
        }
        if let Some(text) = config.text("cni_config")
            && !serde_json::from_str::<serde_json::Value>(text)
                .is_ok_and(|json| json.get("plugins").is_some())
        {
            diagnostics.push(wrong(
                "cni_config",
                "It is no JSON of a list of CNI plugins (an object with \"plugins\").",
            ));
        }
        diagnostics.extend(config::validate_mirrors(config));
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.set("state", Value::string("running"));
        plan.set("plugins_replaced", Value::bool(false));
        plan.set("restart_pending", Value::bool(false));
        plan.set("out_of_place", Value::list(Type::String, Vec::new()));
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut known = current.clone();
        for (name, value) in self.defaults() {
            if known.is_unset(name) {
                known = known.with_attr(name, value);
            }
        }
        // After an import nobody has said whether there is one.
        let imported = current.is_unset("sandbox_image");
        if imported {
            known = known.with_attr("cni_config", Value::string(""));
        }
        let mut files = config::files(&known);
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        let (names, packages) = (names(), known.texts("packages"));
        let (seen, version) =
            tokio::join!(seen_of(&names, host, &paths), packages::installed(host, &packages));
        let (seen, Some(containerd)) = (seen?, version?) else { return Ok(Value::null(current.ty())) };
        let Some(text) = seen.text(config::CONFIG) else { return Ok(Value::null(current.ty())) };
        let mut object = config::seen(&known, &text);
        if imported {
            files.retain(|file| seen.text(&file.path).is_some());
            object = object.with_attr("cni_config", Value::null(Type::String));
        }
        for file in files.iter().filter(|file| file.path != config::CONFIG) {
            let found = seen.text(&file.path);
            if found.as_deref() != Some(&file.content) {
                object = (file.observe)(&object, found.as_deref());
            }
        }
        // Where none are wanted, those of an image are not ours to tell of.
        let version = seen.version.as_deref().filter(|_| imported || !current.is_unset("cni_version"));
        let cni = version.map_or(Value::null(Type::String), Value::string_nfc);
        let replaced = version.is_some() && seen.is_replaced(host, !known.is_unset("cni_plugins"));
        let places = files.iter().map(|file| (file.path.clone(), file.mode, file.owner.clone()));
        Ok(object
            .with_attr("cni_version", cni)
            .with_attr("containerd_version", containerd)
            .with_attr("plugins_replaced", Value::bool(replaced))
            .with_attr("restart_pending", Value::bool(seen.restart_pending))
            .with_attr("state", seen.state(host, Some("running")))
            .with_attr("out_of_place", seen.out_of_place(host, places)))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.update(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let names = names();
        packages::install(context, host, &planned.texts("packages")).await?;
        let version = planned.text("cni_version").unwrap_or_default();
        if !version.is_empty() {
            let plugins = planned.attr("cni_plugins").cloned().unwrap_or_else(Value::dynamic);
            let object = Value::object_of([("version", Value::string(version)), ("binary", plugins)]);
            bring(&names, context, host, &object).await?;
        }
        let old: Vec<File> = if prior.is_null() { Vec::new() } else { config::files(prior) };
        let none: &[Folder] = &[];
        borrow(&names, host, (&old, none), (&config::files(planned), none), version).await?;
        Health { command: HEALTH.into(), timeout: config::timeout(planned) }
            .settle(&names, context, host)
            .await?;
        let read = self.read(host, &planned.unknown_as_null()).await?;
        if read.is_null() {
            let detail = format!("On {}, containerd was gone right after it was set up.", host.name());
            return Err(Failure::new("Container runtime is gone", detail));
        }
        Ok(spelled_mirrors(&read, planned))
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let paths = config::files(prior).into_iter().map(|file| file.path).collect();
        take_away(&names(), host, paths).await?;
        packages::remove(context, host, &prior.texts("packages")).await
    }
}

fn names() -> Names {
    Names {
        component: "cni-plugins",
        unit: "containerd.service".into(),
        owns_unit: false,
        folder: "/opt/eksd/cni-plugins".into(),
        programs: PLUGINS,
        links: "/opt/cni/bin",
    }
}

fn spelled_mirrors(read: &Value, planned: &Value) -> Value {
    match (read.attr("mirrors"), planned.attr("mirrors")) {
        (Some(read_mirrors), Some(known)) => read.with_attr("mirrors", spelled(known, read_mirrors.clone())),
        _ => read.clone(),
    }
}
