//! What the modules of EKS-D make of their inputs, on folders that stand for hosts and in plans.

use serde_json::Value as Json;

use super::all_files;
use crate::harness::{Outcome, Sandbox, root};

/// Flags come through the module whether they have an attribute or not, once, and stay.
#[test]
fn flags_come_through_the_module() {
    let sandbox = cluster(
        r#"extra_args = {
    etcd           = { "quota-backend-bytes" = "8589934592" }
    kube-apiserver = { v = "4", "feature-gates" = "B=true,A=false", "etcd-prefix" = "/registry" }
    kubelet        = { v = "3" }
  }"#,
    );
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    unchanged(&sandbox);
    let unit = |name: &str| sandbox.read(&format!("out/cp1/etc/systemd/system/{name}.service"));
    for (name, flags) in [
        ("etcd", &["--quota-backend-bytes=8589934592"][..]),
        ("kube-apiserver", &["--v=4", "--feature-gates=A=false,B=true", "--etcd-prefix=/registry"]),
        ("kubelet", &["--v=3"]),
    ] {
        for flag in flags {
            assert_eq!(unit(name).matches(flag).count(), 1, "{flag}: {}", unit(name));
        }
    }
    for (given, why) in [
        (r#"etcd = { "quota-backend-bytes" = "8Gi" }"#, "\"8Gi\" is not a whole number"),
        (r#"etcd = { name = "x" }"#, "The flag --name follows from other attributes"),
        (
            r#"kube-apiserver = { "service-cluster-ip-range" = "10.0.0.0/16" }"#,
            "The flag --service-cluster-ip-range is the attribute service_cluster_ip_range, which is set, too",
        ),
    ] {
        sandbox.write("main.tf", config(&format!("extra_args = {{ {given} }}")));
        let refused = sandbox.groma(&["plan"]);
        assert!(refused.code == Some(1) && words(&refused.stderr).contains(why), "{why}: {}", refused.stderr);
    }
}

/// A load balancer before the API servers: its name is in their certificates, everything asks it, and nodes have none of their own.
#[test]
fn a_load_balancer_takes_the_place_of_those_on_the_nodes() {
    let sandbox = cluster("api_address = \"api.example.test:443\"");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    unchanged(&sandbox);
    for node in ["cp1", "w1"] {
        for name in ["kubelet", "kube-proxy"] {
            let config = sandbox.read(&format!("out/{node}/etc/eksd/{name}.conf"));
            assert!(config.contains("server: \"https://api.example.test:443\"\n"), "{config}");
        }
        assert!(!sandbox.path(&format!("out/{node}/etc/haproxy")).exists(), "there is no haproxy on {node}");
    }
    let state: Json = serde_json::from_str(&sandbox.read("terraform.tfstate")).expect("is JSON");
    let certificate = instance(&state, "eksd_certificate", "cp1/apiserver");
    let names = certificate["attributes"]["dns_names"].to_string();
    assert!(names.contains("\"api.example.test\""), "{names}");
    let unit = sandbox.read("out/cp1/etc/systemd/system/kube-apiserver.service");
    assert!(
        unit.contains("--shutdown-delay-duration=30s"),
        "as long as a load balancer needs to see it: {unit}"
    );
    assert_eq!(output(&sandbox, "api_servers"), serde_json::json!(["https://api.example.test:443"]));

    // An address is an address in certificates.
    sandbox.write("main.tf", config("api_address = \"10.20.0.5:6443\""));
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let state: Json = serde_json::from_str(&sandbox.read("terraform.tfstate")).expect("is JSON");
    let certificate = &instance(&state, "eksd_certificate", "cp1/apiserver")["attributes"];
    assert!(certificate["ip_addresses"].to_string().contains("\"10.20.0.5\""), "{certificate}");
    assert!(!certificate["dns_names"].to_string().contains("10.20.0.5"), "{certificate}");
}

#[test]
fn mirrors_of_registries_and_the_network_of_pods_are_on_every_node() {
    let sandbox = cluster(
        r#"registry_mirrors = { "public.ecr.aws" = ["https://mirror.example.test", "http://10.0.0.9:5000"] }
  masquerade       = { except = ["10.20.0.0/16"] }"#,
    );
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    unchanged(&sandbox);
    for (node, number) in [("cp1", 11), ("w1", 21)] {
        let hosts = sandbox.read(&format!("out/{node}/etc/containerd/certs.d/public.ecr.aws/hosts.toml"));
        let first = hosts.find("[host.\"https://mirror.example.test\"]");
        let second = hosts.find("[host.\"http://10.0.0.9:5000\"]");
        assert!(first.is_some() && first < second, "in the order that they are asked in: {hosts}");
        assert!(hosts.contains("server = \"https://public.ecr.aws\""), "{hosts}");
        let table = sandbox.read(&format!("out/{node}/etc/groma/nftables/eksd_pods.nft"));
        for rule in [
            "type nat hook postrouting priority srcnat; policy accept;",
            "ip daddr 10.244.0.0/16 return",
            "ip daddr 10.20.0.0/16 return",
            &format!("ip saddr 10.244.{number}.0/24 masquerade fully-random"),
        ] {
            assert!(table.contains(rule), "{rule}: {table}");
        }
    }
    for other in ["masquerade = { enabled = false }", "network = \"none\""] {
        sandbox.write("main.tf", config(other));
        sandbox.groma_ok(&["apply", "-auto-approve"]);
        assert!(!sandbox.path("out/w1/etc/groma/nftables/eksd_pods.nft").exists(), "{other}");
    }
}

/// A network of the user's choice comes before nodes are waited for, and groma's own one is not there.
#[test]
fn a_manifest_of_a_network_comes_before_the_nodes() {
    let sandbox = cluster("");
    let cni = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cni, namespace: kube-system}\n";
    sandbox.write("cni.yaml", cni);
    sandbox.write("main.tf", on_machines("network = \"none\"\n  cni_manifest = file(\"cni.yaml\")"));
    let text = sandbox.groma_ok(&["plan", "-out=p"]);
    let place = |step: &str| text.find(step).unwrap_or_else(|| panic!("{step}: {text}"));
    assert!(place("create kube-apiserver") < place("create manifest module.cluster.cni[0]"), "{text}");
    assert!(place("create manifest module.cluster.cni[0]") < place("create node cp1"), "{text}");
    let plan = sandbox.groma(&["show", "-json", "p"]).json();
    let manifest = planned(&plan, "module.cluster.eksd_manifest.cni[0]");
    assert!(manifest["yaml"] == cni && manifest["wait"] == false, "{manifest}");
    let runtime = planned(&plan, "module.cluster.module.workers.eksd_container_runtime.this[\"w1\"]");
    assert!(runtime["cni_config"].is_null() && runtime["cni_version"].is_string(), "{runtime}");
    assert!(!text.contains("host_route") && !text.contains("host_firewall"), "{text}");
}

/// Images of a registry are those of the release to the byte; those of its archives have the names that they are imported under.
#[test]
fn images_of_registries_are_named_by_their_digests() {
    let sandbox = cluster("");
    sandbox.write("main.tf", on_machines(r#"runtime_packages = ["containerd.io", "tini"]"#));
    let runtime_of = "module.cluster.module.workers.eksd_container_runtime.this[\"w1\"]";
    let images = |sandbox: &Sandbox| {
        sandbox.groma_ok(&["plan", "-out=p"]);
        let plan = sandbox.groma(&["show", "-json", "p"]).json();
        let pause = planned(&plan, runtime_of)["sandbox_image"].as_str().expect("is a text").to_owned();
        let dns = planned(&plan, "module.cluster.eksd_manifest.dns[0]")["yaml"]
            .as_str()
            .expect("is a text")
            .to_owned();
        let dns =
            dns.lines().find_map(|line| line.trim().strip_prefix("image: ")).expect("is there").to_owned();
        (pause, dns)
    };
    let (pause, dns) = images(&sandbox);
    assert!(!pause.contains('@') && !dns.contains('@'), "{pause} {dns}");
    let plan = sandbox.groma(&["show", "-json", "p"]).json();
    assert_eq!(planned(&plan, runtime_of)["packages"], serde_json::json!(["containerd.io", "tini"]));
    for package in ["containerd.io", "tini", "haproxy", "nftables"] {
        planned(&plan, &format!("module.cluster.module.workers.host_package.this[\"w1/{package}\"]"));
    }

    let without = on_machines("")
        .replace("= data.eksd_release.this", "= merge(data.eksd_release.this, { image_archives = {} })");
    sandbox.write("main.tf", without);
    let (pause, dns) = images(&sandbox);
    for (image, digest) in [
        (
            &pause,
            "pause:v1.34.9-eks-1-34-21@sha256:b8256d860c06fcf50ec9633b027054b92b66021225c2c3513d5c6044f0844d89",
        ),
        (&dns, "@sha256:44613a8c402809ccb1925f8d26635d4cec007d05644994cd008764fc65e947c0"),
    ] {
        assert!(image.ends_with(digest), "{image}");
    }

    // Out of a layout they need no registry, and have the names that they get there.
    let layout = on_machines("image_layout = \"images\"")
        .replace("= data.eksd_release.this", "= merge(data.eksd_release.this, { image_archives = {} })");
    sandbox.write("main.tf", layout);
    let (pause, dns) = images(&sandbox);
    assert!(!pause.contains('@') && !dns.contains('@'), "{pause} {dns}");
    let plan = sandbox.groma(&["show", "-json", "p"]).json();
    for (name, reference) in [("pause", &pause), ("coredns", &dns)] {
        let address = format!("module.cluster.module.workers.eksd_image.this[\"w1/{name}\"]");
        let image = planned(&plan, &address);
        assert!(image["layout"] == "images" && image["archive"].is_null(), "{image}");
        assert_eq!(image["reference"], reference.as_str());
    }
}

/// Who is to reach the API gets a kubeconfig of their own, and kubectl is where the administrator's is.
#[test]
fn operators_have_kubeconfigs_of_their_own() {
    let sandbox = cluster(
        r#"operators = {
    ada = { host = host_machine.node["w1"].connection, kubeconfig = "/root/ada.conf", groups = ["viewers"] }
  }"#,
    );
    std::fs::create_dir_all(sandbox.path("out/w1/root")).expect("can be made");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    unchanged(&sandbox);
    let config = sandbox.read("out/w1/root/ada.conf");
    for part in [
        "server: \"https://10.20.0.11:6443\"\n",
        "client-certificate-data: ",
        "client-key-data: ",
        "name: \"ada\"\n",
    ] {
        assert!(config.contains(part), "{part}: {config}");
    }
    assert_eq!(output(&sandbox, "api_servers"), serde_json::json!(["https://10.20.0.11:6443"]));
    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    assert_eq!(all_files(&sandbox, "out"), Vec::<String>::new());

    sandbox.write("main.tf", on_machines(""));
    sandbox.groma_ok(&["plan", "-out=p"]);
    let plan = sandbox.groma(&["show", "-json", "p"]).json();
    let kubectl = planned(&plan, "module.cluster.host_download.kubectl[\"cp1\"]");
    assert_eq!(kubectl["path"], "/usr/local/bin/kubectl");
}

/// A sandbox with a cluster of two folders; `more` goes into the module.
fn cluster(more: &str) -> Sandbox {
    let sandbox = Sandbox::with_config(&config(more));
    sandbox.copy(&root().join("modules"), "modules");
    sandbox.copy(&root().join("examples/quickstart/releases"), "releases");
    sandbox
}

fn config(more: &str) -> String {
    CLUSTER.replace("# MORE", more)
}

/// The same for machines, which only a plan can be made for.
fn on_machines(more: &str) -> String {
    config(more)
        .replace("install     = false\n  api_objects = false", "")
        .replace("  transport = \"root\"\n  root      = \"out/${each.key}\"", "  address = each.value")
}

fn unchanged(sandbox: &Sandbox) {
    let args = ["plan", "-detailed-exitcode"];
    let outcome: Outcome = sandbox.groma(&args);
    outcome.with_code(0, &args);
}

fn output(sandbox: &Sandbox, name: &str) -> Json {
    sandbox.groma(&["output", "-json", name]).json()
}

/// The instance of a key in a state.
fn instance<'a>(state: &'a Json, ty: &str, key: &str) -> &'a Json {
    let resources = state["resources"].as_array().expect("there are some");
    let mut instances = resources
        .iter()
        .filter(|resource| resource["type"] == ty)
        .flat_map(|resource| resource["instances"].as_array().expect("is a list"));
    instances.find(|instance| instance["index_key"] == key).unwrap_or_else(|| panic!("{ty} has no {key}"))
}

/// What a plan says of an address.
fn planned<'a>(plan: &'a Json, address: &str) -> &'a Json {
    let changes = plan["resource_changes"].as_array().expect("is a list");
    let change = changes.iter().find(|change| change["address"] == address);
    &change.unwrap_or_else(|| panic!("{address} is not planned"))["change"]["after"]
}

fn words(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

const CLUSTER: &str = r#"
data "eksd_release" "this" {
  channel = "1-34"
  number  = 21
  source  = "releases"
}
locals {
  addresses = { cp1 = "10.20.0.11", w1 = "10.20.0.21" }
  nodes     = { for name, address in local.addresses : name => { host = host_machine.node[name].connection, address = address } }
}
resource "host_machine" "node" {
  for_each = local.addresses
  transport = "root"
  root      = "out/${each.key}"
}
module "cluster" {
  source        = "./modules/eksd-cluster"
  name          = "inputs"
  release       = data.eksd_release.this
  control_plane = { cp1 = local.nodes.cp1 }
  workers       = { w1 = local.nodes.w1 }
  install     = false
  api_objects = false
  # MORE
}
output "api_servers" {
  value = module.cluster.api_servers
}
"#;
