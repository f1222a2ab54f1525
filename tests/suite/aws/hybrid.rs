use super::emulator;
use crate::harness::{Sandbox, changed_fields, root};

/// The example of a control plane in a rack and in EC2: planned for machines, and applied to folders with EC2 emulated.
#[test]
fn a_control_plane_over_two_sites_is_one_plan() {
    let Some(mut moto) = emulator("the hybrid example") else { return };
    let before = moto.counts();
    let sandbox = Sandbox::new();
    sandbox.copy(&root().join("modules"), "modules");
    sandbox.copy(&root().join("examples/hybrid"), "examples/hybrid");
    sandbox.copy(&root().join("examples/quickstart/releases"), "examples/hybrid/releases");
    sandbox.write(
        "examples/hybrid/terraform.tfvars",
        format!("emulator = \"{}\"\npublic_key = \"{KEY}\"\nrelease_source = \"releases\"\n", moto.url()),
    );
    sandbox.write(
        "examples/hybrid/cni.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cni, namespace: kube-system}\n",
    );
    let run = |args: &[&str]| {
        let mut all = vec!["-chdir=examples/hybrid"];
        all.extend(args);
        sandbox.groma(&all)
    };

    // For machines: all of it in one saved plan, with the steps in their order, and no machine is asked.
    let args = ["plan", "-out=hybrid.tfplan", "-var=cni_manifest=cni.yaml"];
    run(&args).success(&args);
    let args = ["show", "hybrid.tfplan"];
    let shown = run(&args).success(&args);
    for part in [
        "# aws_instance.cloud will be created",
        "# host_machine.cloud will be created",
        "# module.cluster.eksd_etcd_member.this[\"cloud1\"] will be created",
        // A machine fresh from its image gets what nodes need, and takes what the pods' tunnels send.
        "# module.baseline[\"cloud1\"].host_package.this[\"conntrack\"] will be created",
        "# module.baseline[\"cloud1\"].host_sysctl.this[\"net.ipv4.ip_forward\"] will be created",
        "# aws_vpc_security_group_ingress_rule.node[\"rack1/calico-vxlan\"] will be created",
        "create etcd v3.5.21-eks-1-34-21 on cloud1 (then 1 member; quorum 1)",
        "create manifest module.cluster.cni[0]",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let place = |step: &str| shown.find(step).unwrap_or_else(|| panic!("{step}: {shown}"));
    assert!(
        place("create etcd v3.5.21-eks-1-34-21 on rack2")
            < place("create kube-apiserver v1.34.9-eks-1-34-21 on cloud1"),
        "all members come first: {shown}"
    );

    // As folders: what EC2 answers is in what lies in the rack.
    let preview = "-var=preview=true";
    let args = ["apply", "-auto-approve", preview];
    run(&args).success(&args);
    let args = ["plan", "-detailed-exitcode", preview];
    run(&args).with_code(0, &args);
    let unit = sandbox.read("examples/hybrid/out/rack1/etc/systemd/system/kube-apiserver.service");
    let etcd = "--etcd-servers=https://10.42.0.10:2379,https://10.0.0.11:2379,https://10.0.0.12:2379";
    assert!(unit.contains(etcd), "{unit}");
    let endpoint = sandbox.read("examples/hybrid/out/cloud1/etc/haproxy/haproxy.cfg");
    assert!(endpoint.contains("10.0.0.12:6443"), "{endpoint}");

    // What somebody changes in EC2, and what on a machine, shows in the same plan.
    let state = run(&["show", "-json"]).json();
    let resources = state["values"]["root_module"]["resources"].as_array().expect("there are resources");
    let vpc = resources.iter().find(|resource| resource["address"] == "aws_vpc.main").expect("is there");
    moto.tag(vpc["values"]["id"].as_str().expect("has an id"), "Name", "somebody-elses");
    let scheduler = "examples/hybrid/out/rack2/etc/systemd/system/kube-scheduler.service";
    sandbox.write(scheduler, sandbox.read(scheduler).replace("--profiling=false", "--profiling=true"));
    let args = ["plan", "-out=p", preview];
    run(&args).success(&args);
    assert_eq!(
        changed_fields(&run(&["show", "-json", "p"]).json()),
        [
            "aws_vpc.main: tags.Name",
            "aws_vpc.main: tags_all.Name",
            "module.cluster.eksd_kube_scheduler.this[\"rack2\"]: profiling"
        ]
    );
    let args = ["destroy", "-auto-approve", preview];
    run(&args).success(&args);
    assert_eq!(moto.counts(), before, "something was left behind");
}

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIOVLmDFTZRFrdUDAWFcX3RAPnPTZ9hV7DxOQSPMqFxk admin";
