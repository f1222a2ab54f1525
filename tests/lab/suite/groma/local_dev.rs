//! examples/local-dev as it stands: a whole cluster on one host. Then a pool of workers joins it, and an addon runs there.

use std::path::Path;

use lab::{Lab, Purpose};

use super::cluster::{LIKE_A_CONTAINER, address};
use super::site::site;
use super::work::Work;
use crate::support::{plan, ssh, timed, up};

#[test]
fn the_example_of_a_cluster_on_one_machine_is_applied_extended_and_destroyed() {
    let Some(site) = site(&[("1-34", 21)]) else { return };
    let hosts = plan("dev").purpose(Purpose::Kubernetes).packages(&["haproxy"]);
    let lab = up(&hosts.direct("dev").direct("w1"));
    let work = Work::of_example(&lab, "local-dev");
    work.write("terraform.tfvars", &variables(&lab, &site));
    let (_, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("apply took {took:?}");
    work.must(&["plan", "-detailed-exitcode"]);

    let kubectl =
        |arguments: &str| ssh(&lab, "dev", &format!("kubectl --kubeconfig /etc/eksd/admin.conf {arguments}"));
    let ready = || {
        let nodes = kubectl("get nodes");
        println!("{nodes}");
        nodes.lines().filter(|line| line.contains(" Ready ")).count()
    };
    assert_eq!(ready(), 1);
    let pods = kubectl("-n kube-system get pods --no-headers");
    assert_eq!(pods.lines().filter(|line| line.contains("1/1")).count(), 1, "{pods}");
    // kubernetes.default.svc.cluster.local is 10.96.0.1, says the cluster's DNS at the address of its Service.
    let answer = ssh(&lab, "dev", QUERY);
    assert!(answer.contains("0a 60 00 01"), "{answer}");

    // A worker joins by the module of pools, and what runs in the cluster comes in order.
    work.write("more.tf", &more(&lab));
    work.write("page.yaml.tftpl", PAGE);
    work.run(&["init"]);
    let (text, took) = timed(|| work.must(&["apply", "-auto-approve"]));
    println!("the worker and the addon took {took:?}");
    assert!(text.contains("create kubelet v1.34.9-eks-1-34-21 on w1 (then 2 kubelets)"), "{text}");
    work.must(&["plan", "-detailed-exitcode"]);
    assert_eq!(ready(), 2);
    let taints = kubectl("get node w1 -o jsonpath={.spec.taints[*].key}");
    assert_eq!(taints, "example.org/only");
    let placed = kubectl("-n shop get pods -o jsonpath={.items[*].spec.nodeName}");
    assert_eq!(placed, "w1 w1", "the pods that tolerate the taint run there");
    kubectl(r#"-n shop patch configmap settings -p '{"data":{"a":"c"}}'"#);
    let text = work.must(&["plan"]);
    assert!(text.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{text}");
    // An entry that goes takes its objects with it; a node that goes is drained.
    work.write("more.tf", &more(&lab).replace("\"20-settings\"", "# \"20-settings\""));
    work.must(&["apply", "-auto-approve"]);
    assert_eq!(kubectl("-n shop get configmap settings --ignore-not-found"), "");

    let (_, took) = timed(|| work.must(&["destroy", "-auto-approve"]));
    println!("destroy took {took:?}");
    for node in ["dev", "w1"] {
        ssh(&lab, node, "! test -e /etc/eksd && ! test -e /opt/eksd && ! systemctl cat kubelet 2>/dev/null");
    }
}

/// Asks the cluster's DNS over UDP with nothing but bash and dd, which sends it in one piece. A lab's hosts have no default
/// route, as machines have, so that nothing leads to Services.
const QUERY: &str = r#"ip route replace 10.96.0.0/16 dev cni0
bash -c 'exec 3<>/dev/udp/10.96.0.10/53
printf "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x0akubernetes\x07default\x03svc\x07cluster\x05local\x00\x00\x01\x00\x01" | dd bs=512 iflag=fullblock 2>/dev/null >&3
timeout 10 dd bs=512 count=1 <&3 2>/dev/null | od -An -v -tx1 | tr -d \\n'
ip route del 10.96.0.0/16 dev cni0"#;

const PAGE: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: { name: page }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: page } }
  template:
    metadata: { labels: { app: page } }
    spec:
      nodeSelector: { "example.org/pool": extra }
      tolerations: [{ key: example.org/only, operator: Exists }]
      containers: [{ name: page, image: "${image}" }]
"#;

fn variables(lab: &Lab, site: &Path) -> String {
    let record = lab.record();
    format!(
        r#"
address        = "{address}"
release_source = "{site}"
ssh = {{
  private_key_file = "{key}"
  known_hosts_file = "{known}"
}}
machine = {{
  packages       = ["conntrack", "iptables"]
  kernel_modules = ["overlay"]
  sysctls        = {{ "net.ipv4.ip_forward" = "1" }}
}}
cluster = {{
{LIKE_A_CONTAINER}}}
"#,
        address = address(lab, "dev"),
        site = site.display(),
        key = record.private_key.display(),
        known = record.known_hosts.display(),
    )
}

/// A pool of one worker, and an addon.
fn more(lab: &Lab) -> String {
    format!(
        r#"
resource "host_machine" "w1" {{
  address = "{address}"
}}
module "pool" {{
  source                 = "../../modules/eksd-node-pool"
  cluster                = module.cluster.join
  release                = data.eksd_release.this
  nodes                  = {{ w1 = {{ host = host_machine.w1.connection, address = host_machine.w1.address }} }}
  labels                 = {{ "example.org/pool" = "extra" }}
  taints                 = [{{ key = "example.org/only", effect = "NoSchedule" }}]
  cgroup_driver          = var.cluster.cgroup_driver
  conntrack              = var.cluster.conntrack
  restrict_oom_score_adj = var.cluster.restrict_oom_score_adj
  eviction_hard          = var.cluster.eviction_hard
  fail_swap_on           = false
}}
module "addon" {{
  source     = "../../modules/eksd-addon"
  hosts      = module.cluster.api_hosts
  kubeconfig = module.cluster.kubeconfig
  namespace  = "shop"
  variables  = {{ image = data.eksd_release.this.images["pause"].uri }}
  manifests = {{
    "10-space"    = {{ yaml = yamlencode({{ apiVersion = "v1", kind = "Namespace", metadata = {{ name = "shop" }} }}) }}
    "20-settings" = {{ yaml = yamlencode({{ apiVersion = "v1", kind = "ConfigMap", metadata = {{ name = "settings" }}, data = {{ a = "b" }} }}) }}
    "30-page"     = {{ template = "page.yaml.tftpl", variables = {{ replicas = 2 }} }}
  }}
  depends_on = [module.pool]
}}
"#,
        address = address(lab, "w1"),
    )
}
