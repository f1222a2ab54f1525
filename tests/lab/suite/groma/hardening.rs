//! The CIS benchmark for Kubernetes, by kube-bench, on the hosts of a cluster.

use std::path::{Path, PathBuf};
use std::process::Command;

use lab::{Lab, cluster};
use serde_json::Value;

use crate::support::{said, ssh};

/// What a host's checks of these targets say: all that failed, and that something passed at all.
pub fn failures(lab: &Lab, host: &str, targets: &str) -> Vec<String> {
    let to = lab.host(host).expect("is planned").root.join("root/kube-bench");
    for part in ["kube-bench", "cfg"] {
        copy(&kube_bench().join(part), &to);
    }
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/kube-bench/config.yaml"), &to.join("cfg"));
    // Some checks look into folders of kubeadm, whatever the configuration says: ours are shown to them there.
    let said = ssh(
        lab,
        host,
        &format!(
            "ln -sfn /etc/eksd /etc/kubernetes && cd /root/kube-bench && \
             ./kube-bench run --config-dir cfg --benchmark cis-1.10 --targets {targets} --json; rm /etc/kubernetes"
        ),
    );
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let totals = &said["Totals"];
    assert!(totals["total_pass"].as_i64() > Some(10), "{totals}");
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let results = list(&said, "Controls").into_iter().flat_map(|control| list(&control, "tests"));
    results
        .flat_map(|group| list(&group, "results"))
        .filter(|result| result["status"] == "FAIL")
        .map(|result| {
            let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}: {}", text("test_number"), text("test_desc"), text("actual_value"))
        })
        .collect()
}

fn kube_bench() -> PathBuf {
    let folder = cluster::kube_bench().expect("there is a cache folder");
    assert!(folder.join("kube-bench").exists(), "{} is not there: cargo xtask mirror", folder.display());
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("is writable");
    let made = Command::new("cp").arg("-r").arg(from).arg(to).output().expect("cp is there");
    assert!(made.status.success(), "{}", said(&made));
}
