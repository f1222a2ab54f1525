use super::all_files;
use crate::harness::{Sandbox, changed_fields, root};

/// The PKI of a control plane of any distribution, and its files on hosts.
#[test]
fn the_pki_and_the_files_of_a_control_plane_converge_and_go() {
    let sandbox = with_modules(
        r#"
        locals {
          nodes = { cp1 = { address = "10.20.0.11" }, cp2 = { address = "10.20.0.12" }, cp3 = { address = "10.20.0.13" } }
        }
        resource "host_machine" "node" {
          for_each  = local.nodes
          transport = "root"
          root      = "out/${each.key}"
        }
        module "pki" {
          source       = "./modules/cluster-pki"
          cluster_name = "demo"
          endpoint     = "api.demo.internal"
          nodes        = local.nodes
        }
        module "files" {
          source       = "./modules/control-plane-files"
          cluster_name = "demo"
          endpoint     = "api.demo.internal"
          nodes        = { for name, machine in host_machine.node : name => { host = machine.connection } }
          pki          = module.pki
        }
        output "kubeconfigs" {
          value = module.files.kubeconfigs
        }
        "#,
    );
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    let kubeconfigs = sandbox.groma(&["output", "-json", "kubeconfigs"]).json();
    assert_eq!(kubeconfigs["cp2"], "/etc/kubernetes/admin.conf");
    let before = sandbox.read("out/cp2/etc/kubernetes/admin.conf");
    sandbox.write("out/cp2/etc/kubernetes/admin.conf", "tampered with\n");
    let plan = sandbox.groma(&args).with_code(2, &args);
    assert!(plan.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{plan}");
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    assert_eq!(sandbox.read("out/cp2/etc/kubernetes/admin.conf"), before);
    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    assert_eq!(all_files(&sandbox, "out"), Vec::<String>::new());
}

/// A pool of workers beside a cluster, and another pool that knows of the first.
#[test]
fn pools_join_a_cluster_with_their_own_release_and_routes() {
    let sandbox = with_modules(POOLS);
    sandbox.copy(&root().join("examples/quickstart/releases"), "releases");
    let apply = sandbox.groma_ok(&["apply", "-auto-approve"]);
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);
    let (scheduler, kubelet) = (apply.rfind("create kube-scheduler "), apply.find("create kubelet "));
    assert!(scheduler.is_some() && scheduler < kubelet, "the control plane comes first: {apply}");

    let kubelet = sandbox.read("out/g2/etc/systemd/system/kubelet.service");
    for flag in ["--register-with-taints=example.org/gpu=yes:NoSchedule", "--node-ip=10.20.0.32"] {
        assert!(kubelet.contains(flag), "{flag}: {kubelet}");
    }
    assert!(sandbox.read("out/g1/etc/eksd/kubelet.yaml").contains("\"maxPods\": 20"));
    let kubeconfig = sandbox.read("out/g1/etc/eksd/kubelet.conf");
    assert!(
        kubeconfig.contains("https://127.0.0.1:7443") && kubeconfig.contains("system:node:g1"),
        "{kubeconfig}"
    );
    assert_eq!(sandbox.read("out/g1/etc/eksd/pki/ca.crt"), sandbox.read("out/cp1/etc/eksd/pki/ca.crt"));

    // Each node has a route to the pods of every other one, and none to its own.
    let names = ["cp1", "w1", "g1", "g2", "b1"];
    let numbers = [11, 21, 31, 32, 41];
    for name in names {
        let units: Vec<String> = all_files(&sandbox, &format!("out/{name}/etc/systemd/system"))
            .into_iter()
            .filter(|path| path.contains("groma-route") && !path.contains(".wants/"))
            .collect();
        let expected: Vec<String> = names
            .iter()
            .zip(numbers)
            .filter(|(other, _)| **other != name)
            .map(|(_, number)| {
                format!("out/{name}/etc/systemd/system/groma-route-10.244.{number}.0-24-main-0.service")
            })
            .collect();
        assert_eq!(units, expected, "{name}");
    }

    // Addresses that end alike would give two nodes the same pods.
    let refused = sandbox.groma(&["plan", "-var=b1=10.30.0.31"]);
    let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        refused.code == Some(1)
            && said.contains("Two nodes have one part of the pods' network")
            && said.contains("b1 has 10.244.31.0/24")
            && said.contains("g1 has 10.244.31.0/24"),
        "{said}"
    );

    // A pool is changed by itself.
    let args = ["plan", "-out=p", "-var=max_pods=30"];
    sandbox.groma_ok(&args);
    let fields = changed_fields(&sandbox.groma(&["show", "-json", "p"]).json());
    let kubelets = ["g1", "g2"].map(|name| format!("module.gpu.eksd_kubelet.this[\"{name}\"]: max_pods"));
    assert_eq!(fields, kubelets);
    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    assert_eq!(all_files(&sandbox, "out"), Vec::<String>::new());
}

/// What hosts have in common before Kubernetes, on a host that is a folder: defaults, users with keys, and what is left.
#[test]
fn a_host_gets_its_baseline_and_people_keep_their_keys() {
    let config = [("KEY_A", 'a'), ("KEY_B", 'b'), ("KEY_C", 'c')]
        .iter()
        .fold(BASELINE.to_owned(), |config, (mark, letter)| config.replace(mark, &key(*letter)));
    let sandbox = with_modules(&config);
    for (path, content) in [
        ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
        ("etc/shadow", "root:*:19000:0:99999:7:::\n"),
        ("etc/group", "root:x:0:\nsudo:x:27:\nadm:x:4:\n"),
        ("etc/fstab", "/swap.img none swap sw 0 0\n"),
        ("etc/hosts", "127.0.0.1 localhost\n"),
        ("usr/share/zoneinfo/Etc/UTC", "UTC"),
        ("usr/lib/systemd/system/ssh.service", "[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n"),
        ("usr/lib/systemd/system/systemd-timesyncd.service", "[Install]\nWantedBy=sysinit.target\n"),
    ] {
        sandbox.write(&format!("out/{path}"), content);
    }
    let before: Vec<_> =
        all_files(&sandbox, "out").into_iter().map(|path| (sandbox.read(&path), path)).collect();
    sandbox.groma_ok(&["apply", "-auto-approve"]);
    let lines = |path: &str| {
        let mut lines: Vec<String> = sandbox.read(path).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    for name in ["overlay", "br_netfilter"] {
        assert_eq!(
            lines(&format!("out/etc/modules-load.d/groma-{name}.conf")),
            ["# Managed by groma.", name]
        );
    }
    let settings: Vec<String> =
        all_files(&sandbox, "out/etc/sysctl.d").iter().flat_map(|path| lines(path)).collect();
    for (name, value) in [
        ("net.bridge.bridge-nf-call-iptables", "1"),
        ("net.bridge.bridge-nf-call-ip6tables", "1"),
        ("net.ipv4.ip_forward", "1"),
        ("vm.panic_on_oom", "0"),
    ] {
        let set = settings.iter().any(|line| {
            line.split_once('=').is_some_and(|(n, v)| n.trim().replace('/', ".") == name && v.trim() == value)
        });
        assert!(set, "{name}: {settings:?}");
    }
    assert!(sandbox.read("out/etc/fstab").starts_with("# Kept off by groma: /swap.img"), "swap stays off");
    let packages = lines("out/var/lib/groma/packages");
    assert!(packages.contains(&"conntrack".to_owned()) && packages.contains(&"systemd-timesyncd".to_owned()));
    for link in ["sysinit.target.wants/systemd-timesyncd.service", "multi-user.target.wants/ssh.service"] {
        assert!(sandbox.path(&format!("out/etc/systemd/system/{link}")).is_symlink(), "{link}");
    }
    assert!(
        sandbox.read("out/etc/ssh/sshd_config.d/50-baseline.conf").contains("PasswordAuthentication no\n")
    );
    assert_eq!(sandbox.read("out/etc/sudoers.d/ops"), "ops ALL=(ALL) NOPASSWD:ALL\n");
    assert!(!sandbox.path("out/etc/sudoers.d/dev").exists());
    let groups = lines("out/etc/group");
    // Users are made beside each other.
    let both = ["adm:x:4:dev,ops", "adm:x:4:ops,dev"].map(str::to_owned);
    assert!(
        groups.contains(&"sudo:x:27:ops".to_owned()) && both.iter().any(|line| groups.contains(line)),
        "{groups:?}"
    );
    let keys = |user: &str| lines(&format!("out/home/{user}/.ssh/authorized_keys"));
    assert_eq!(keys("ops"), [key('a'), key('b')]);
    assert_eq!(keys("dev"), [key('c')]);
    let args = ["plan", "-detailed-exitcode"];
    sandbox.groma(&args).with_code(0, &args);

    // The second key takes the first one's number: it must not go with what had its own.
    let fewer = format!("-var=ops={}", serde_json::json!([key('b')]));
    sandbox.groma_ok(&["apply", "-auto-approve", &fewer]);
    assert_eq!(keys("ops"), [key('b')]);
    let args = ["plan", "-detailed-exitcode", &fewer];
    sandbox.groma(&args).with_code(0, &args);

    sandbox.groma_ok(&["destroy", "-auto-approve"]);
    let after: Vec<_> =
        all_files(&sandbox, "out").into_iter().map(|path| (sandbox.read(&path), path)).collect();
    assert_eq!(after, before, "as it was found");
}

/// A public key that is told by a letter.
fn key(letter: char) -> String {
    format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} {letter}@example.org", letter.to_string().repeat(43))
}

/// What an addon is made of is checked before anything is asked of a cluster.
#[test]
fn an_addon_reads_texts_files_and_templates() {
    let sandbox = with_modules(ADDON);
    sandbox.write(
        "class.yaml",
        "kind: StorageClass\napiVersion: storage.k8s.io/v1\nmetadata: {name: fast}\nprovisioner: none\n",
    );
    sandbox.write(
        "map.tftpl",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {domain: ${domain}, replicas: \"${replicas}\"}\n",
    );
    sandbox.groma_ok(&["plan", "-out=p"]);
    let plan = sandbox.groma(&["show", "-json", "p"]).json();
    let objects = &plan["planned_values"]["outputs"]["objects"]["value"];
    assert_eq!(objects["10-space"], serde_json::json!(["v1 Namespace shop shop"]), "{objects}");
    assert_eq!(
        objects["20-class"],
        serde_json::json!(["storage.k8s.io/v1 StorageClass shop fast"]),
        "{objects}"
    );
    assert_eq!(objects["30-map"], serde_json::json!(["v1 ConfigMap shop settings"]), "{objects}");
    let text = plan.to_string();
    assert!(text.contains("domain: example.org, replicas: \\\"3\\\""), "{text}");
    let refused = sandbox.groma(&["plan", "-var=both=true"]);
    let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(refused.code == Some(1) && said.contains("exactly one of yaml, file and template"), "{said}");
}

/// A sandbox with the modules and a configuration that uses them.
fn with_modules(config: &str) -> Sandbox {
    let sandbox = Sandbox::with_config(config);
    sandbox.copy(&root().join("modules"), "modules");
    sandbox
}

const BASELINE: &str = r#"
variable "ops" {
  type    = list(string)
  default = ["KEY_A", "KEY_B"]
}
resource "host_machine" "node" {
  transport = "root"
  root      = "out"
}
module "baseline" {
  source   = "./modules/host-baseline"
  host     = host_machine.node.connection
  hostname = "n1"
  users = {
    ops = { authorized_keys = var.ops, groups = ["sudo", "adm"], sudo = true, remove_home = true }
    dev = { authorized_keys = ["KEY_C"], groups = ["adm"], remove_home = true }
  }
}
"#;

const POOLS: &str = r#"
variable "max_pods" {
  type    = number
  default = 20
}
variable "b1" {
  default = "10.20.0.41"
}
data "eksd_release" "this" {
  channel = "1-34"
  number  = 21
  source  = "releases"
}
locals {
  addresses = { cp1 = "10.20.0.11", w1 = "10.20.0.21", g1 = "10.20.0.31", g2 = "10.20.0.32", b1 = var.b1 }
  nodes     = { for name, address in local.addresses : name => { host = host_machine.node[name].connection, address = address } }
}
resource "host_machine" "node" {
  for_each  = local.addresses
  transport = "root"
  root      = "out/${each.key}"
}
module "cluster" {
  source        = "./modules/eksd-cluster"
  name          = "pools"
  release       = data.eksd_release.this
  control_plane = { cp1 = local.nodes.cp1 }
  workers       = { w1 = local.nodes.w1 }
  install       = false
  api_objects   = false
}
module "gpu" {
  source      = "./modules/eksd-node-pool"
  cluster     = module.cluster.join
  release     = data.eksd_release.this
  nodes       = { g1 = local.nodes.g1, g2 = local.nodes.g2 }
  labels      = { "example.org/pool" = "gpu" }
  taints      = [{ key = "example.org/gpu", value = "yes", effect = "NoSchedule" }]
  max_pods    = var.max_pods
  install     = false
  api_objects = false
}
module "big" {
  source      = "./modules/eksd-node-pool"
  cluster     = module.cluster.join
  release     = data.eksd_release.this
  nodes       = { b1 = local.nodes.b1 }
  peers       = module.gpu.nodes
  install     = false
  api_objects = false
}
"#;

const ADDON: &str = r#"
variable "both" {
  type    = bool
  default = false
}
module "shop" {
  source    = "./modules/eksd-addon"
  hosts     = ["ssh://root@127.0.0.1:1"]
  namespace = "shop"
  variables = { domain = "example.org", replicas = 1 }
  manifests = {
    "10-space" = { yaml = yamlencode({ apiVersion = "v1", kind = "Namespace", metadata = { name = "shop" } }) }
    "20-class" = { file = "class.yaml", yaml = var.both ? "a: b" : null }
    "30-map"   = { template = "map.tftpl", variables = { name = "settings", replicas = 3 } }
  }
}
output "objects" {
  value = module.shop.objects
}
"#;
