use value::Value;

use super::sketch::{object, plan, step};
use crate::proof::review;

fn told(text: &str) -> Vec<String> {
    let review = review(&plan(text));
    assert!(!review.diagnostics.has_errors(), "{:?}", review.diagnostics);
    review.steps.into_iter().map(|step| step.text).collect()
}

#[test]
fn an_upgrade_is_told_with_what_stays() {
    let text = "
        etcd cp1 3.5 > 3.6
        then etcd cp2 3.5 > 3.6
        then etcd cp3 3.5 > 3.6
        then apiserver cp1 33 > 34
        then apiserver cp2 33 > 34
        then apiserver cp3 33 > 34
        all kcm cp1 33 > 34
        then node w1 1 > 1 name=w1 unschedulable=+true! drain=+true!
        then kubelet w1 33 > 34
        all kubelet w2 33 > 34 drain=true!
        kubelet cp1 = 33
    ";
    let expected = [
        "upgrade etcd on cp1 to v3.6.21-eks-1-34-21 (2 of 3 members stay; quorum 2; kube-apiserver 3 of 3)",
        "upgrade etcd on cp2 to v3.6.21-eks-1-34-21 (2 of 3 members stay; quorum 2; kube-apiserver 3 of 3)",
        "upgrade etcd on cp3 to v3.6.21-eks-1-34-21 (2 of 3 members stay; quorum 2; kube-apiserver 3 of 3)",
        "upgrade kube-apiserver on cp1 to v1.34.9-eks-1-34-21 (2 of 3 API servers stay; etcd 3 of 3)",
        "upgrade kube-apiserver on cp2 to v1.34.9-eks-1-34-21 (2 of 3 API servers stay; etcd 3 of 3)",
        "upgrade kube-apiserver on cp3 to v1.34.9-eks-1-34-21 (2 of 3 API servers stay; etcd 3 of 3)",
        "upgrade kube-controller-manager on cp1 to v1.34.9-eks-1-34-21 (0 of 1 controller manager stay)",
        "drain node w1",
        "upgrade kubelet on w1 to v1.34.9-eks-1-34-21 (2 of 3 kubelets stay)",
        "upgrade kubelet on w2 to v1.34.9-eks-1-34-21 (2 of 3 kubelets stay; its pods move away first)",
    ];
    assert_eq!(told(text), expected);
}

#[test]
fn what_begins_together_is_one_step() {
    let text = "
        apiserver cp1 33 > 34
        then kubelet w1 33 > 34
        apiserver:x cp9 - > 33 cluster=dev
    ";
    assert_eq!(
        told(text),
        [
            "upgrade kube-apiserver of prod on cp1 to v1.34.9-eks-1-34-21 (0 of 1 API server stay)",
            "create kube-apiserver v1.33.9-eks-1-33-21 of dev on cp9 (then 1 API server)",
            "upgrade kubelet of prod on w1 to v1.34.9-eks-1-34-21 (0 of 1 kubelet stay)",
        ]
    );
    let text = "
        certificate a - > 34
        certificate b - > 34
        all etcd cp1 - > 3.5
        all etcd cp2 - > 3.5
        kubelet w1 33.1 > 33.1 state=failed
    ";
    let told = told(text);
    assert_eq!(told[0], "create certificate on a, b");
    assert!(
        told.contains(&"create etcd v3.5.21-eks-1-34-21 on cp2 (then 2 members; quorum 2)".to_owned()),
        "{told:?}"
    );
}

#[test]
fn a_learner_counts_once_it_is_promoted() {
    let told = told(
        "etcd cp3 3.5 > 3.5 is_learner=true! is_learner=+false!\nthen etcd cp1 3.5 > 3.6\netcd cp2 = 3.5",
    );
    assert_eq!(
        told,
        [
            "change etcd on cp3 (2 of 2 members stay; quorum 2)",
            "upgrade etcd on cp1 to v3.6.21-eks-1-34-21 (2 of 3 members stay; quorum 2)",
        ]
    );
}

#[test]
fn a_drain_that_patches_are_to_have_is_told() {
    let drain = Value::object_of([("for_patches", Value::bool(true))]);
    let kubelet =
        |version: &str| object("kubelet", "w1", version, &["drain=true!"]).with_attr("drain", drain.clone());
    let review = review(&[step("kubelet", "w1", kubelet("34.1"), kubelet("34.2"), Vec::new())]);
    assert_eq!(
        review.steps[0].text,
        "upgrade kubelet on w1 to v1.34.9-eks-1-34-2 (0 of 1 kubelet stay; its pods move away first)"
    );
}

#[test]
fn what_comes_again_counts_again() {
    let told = told("etcd cp1 3.5 > -\nthen etcd cp1 - > 3.5\nthen etcd cp2 3.5 > 3.6\netcd cp3 = 3.5");
    assert_eq!(told[2], "upgrade etcd on cp2 to v3.6.21-eks-1-34-21 (2 of 3 members stay; quorum 2)");
}

#[test]
fn many_nodes_are_not_all_named() {
    let text: String = (0..40).map(|n| format!("kubelet w{n} 33 > 34\n")).collect();
    let told = told(&text);
    assert_eq!(
        told,
        [
            "upgrade kubelet on w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10 and 29 other nodes to v1.34.9-eks-1-34-21 (0 of 40 kubelets stay)"
        ]
    );
}

#[test]
fn what_does_not_run_does_not_stay() {
    let told = told("apiserver cp2 34 > 35 state=failed\nthen apiserver cp1 34 > 35\napiserver cp3 = 35");
    assert_eq!(
        told,
        [
            "upgrade kube-apiserver on cp2 to v1.35.9-eks-1-35-21 (2 of 3 API servers stay)",
            "upgrade kube-apiserver on cp1 to v1.35.9-eks-1-35-21 (2 of 3 API servers stay)",
        ]
    );
}

/// A member that may restart at the same time as the API server on its node does not count as there.
#[test]
fn what_may_be_away_at_the_same_time_is_not_said_to_stay() {
    let told = told("etcd cp1 3.5 > 3.6\napiserver cp1 33 > 34\netcd cp2 = 3.5\netcd cp3 = 3.5");
    assert_eq!(
        told,
        [
            "upgrade etcd on cp1 to v3.6.21-eks-1-34-21 (2 of 3 members stay; quorum 2; kube-apiserver 0 of 1)",
            "upgrade kube-apiserver on cp1 to v1.34.9-eks-1-34-21 (0 of 1 API server stay; etcd 2 of 3)",
        ]
    );
}

#[test]
fn what_each_node_has_one_of_is_told_by_its_key() {
    let made = |kind: &str, key: &str| {
        let runtime = Value::object_of([("sandbox_image", Value::string("pause:1"))]);
        step(kind, key, Value::null(value::Type::Dynamic), runtime, Vec::new())
    };
    let review =
        review(&[made("container_runtime", "cp1"), made("container_runtime", "w1"), made("image", "w1")]);
    let told: Vec<&str> = review.steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(told, ["create container runtime on cp1, w1", "create image n[\"w1\"]"]);
}
