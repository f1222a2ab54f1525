use super::support::{CURRENT, OLD, REAL};
use crate::releases::manifest::Release;
use crate::releases::outputs::{Files, binaries, image_archives};

fn names(files: &Files<'_>) -> Vec<String> {
    let pairs = files.iter().map(|(name, archs)| {
        let archs: Vec<&str> = archs.keys().copied().collect();
        format!("{name} {}", archs.join(","))
    });
    pairs.collect()
}

#[test]
fn programs_for_linux_are_found_by_their_names() {
    let both =
        |names: &[&str]| -> Vec<String> { names.iter().map(|name| format!("{name} amd64,arm64")).collect() };
    for text in [OLD, REAL] {
        let release = Release::parse(text).expect("is real");
        let wanted = both(&[
            "aws-iam-authenticator",
            "cni-plugins",
            "etcd",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-proxy",
            "kube-scheduler",
            "kubeadm",
            "kubectl",
            "kubelet",
        ]);
        assert_eq!(names(&binaries(&release)), wanted);
        let images = both(&["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"]);
        assert_eq!(names(&image_archives(&release)), images);
    }
    let release = Release::parse(CURRENT).expect("is fine");
    let found = binaries(&release);
    let wanted =
        ["aws-iam-authenticator amd64", "cni-plugins amd64", "etcd amd64", "kubeadm amd64", "kubelet amd64"];
    assert_eq!(names(&found), wanted);
    assert_eq!(found["etcd"]["amd64"].name, "etcd-linux-amd64-v3.5.21.tar.gz");
}

#[test]
fn a_component_of_its_own_name_counts_more() {
    let asset = |uri: &str| {
        format!(
            "    assets:\n    - {{name: bin/linux/amd64/kube-proxy, os: linux, arch: [amd64], archive: {{uri: {uri}}}}}\n"
        )
    };
    let components = [
        format!("  - name: kube-proxy\n{}", asset("own")),
        format!("  - name: kubernetes\n{}", asset("old")),
    ];
    for order in [[0, 1], [1, 0]] {
        let listed: String = order.iter().map(|index| components[*index].as_str()).collect();
        let text = format!(
            "apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: Release\nspec: {{channel: 1-34, number: 21}}\nstatus:\n  components:\n{listed}"
        );
        let release = Release::parse(&text).expect("is fine");
        assert_eq!(binaries(&release)["kube-proxy"]["amd64"].uri, "own");
    }
}
