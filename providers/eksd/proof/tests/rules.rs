//! A row a rule, and beside it the plan that just keeps it.

use super::quorum::QUORUM;
use super::sketch::plan;
use crate::proof::review;

/// Why the plan is as it is judged, the plan, and the step that is refused with words of the reason.
pub type Row = (&'static str, &'static str, Option<(&'static str, &'static str)>);

#[test]
fn rules_hold_and_their_near_misses_pass() {
    for (name, text, expected) in QUORUM.iter().chain(ROWS) {
        let review = review(&plan(text));
        let errors: Vec<_> = review.diagnostics.iter().filter(|finding| finding.is_error()).collect();
        match (expected, &errors[..]) {
            (None, []) => {}
            (Some((address, words)), [error]) => {
                assert_eq!(error.address.as_deref(), Some(*address), "{name}\n{error}");
                let said = format!("{}: {}", error.summary, error.detail);
                assert!(words.split('|').all(|word| said.contains(word)), "{name}: {words}\n{said}");
                assert!(review.steps.is_empty(), "{name}");
            }
            (expected, errors) => panic!("{name}: {expected:?}\n{errors:#?}"),
        }
    }
}

#[test]
fn a_restore_is_warned_of() {
    let findings = review(&plan("etcd cp1 3.5 > 3.5 restore_from=+/var/backup")).diagnostics;
    let summaries: Vec<_> = findings.iter().map(|finding| finding.summary.as_str()).collect();
    assert_eq!(summaries, ["etcd is restored from a snapshot"]);
}

const THREE: &str = "etcd cp1 = 3.5\netcd cp2 = 3.5\netcd cp3 = 3.5";

#[test]
fn even_numbers_of_members_are_warned_of() {
    for (text, warned) in [
        ("etcd cp4 - > 3.5\n", true),
        ("etcd cp4 - > 3.5\nthen etcd cp5 - > 3.5\n", false),
        ("kubelet w1 - > 34\n", false),
    ] {
        let findings = review(&plan(&format!("{text}{THREE}"))).diagnostics;
        assert_eq!(!findings.is_empty(), warned, "{text}: {findings:?}");
        for warning in &findings {
            assert!(!warning.is_error());
            assert_eq!(warning.summary, "Even number of etcd members");
            assert_eq!(warning.address.as_deref(), Some("eksd_etcd_member.n[\"cp4\"]"));
            assert!(
                warning.detail.contains("4 members, of which 3 must be well: it bears the loss of 1"),
                "{warning}"
            );
        }
    }
}

#[test]
fn authorities_that_change_in_one_apply_are_warned_of() {
    for (text, warned) in [
        // Trust both, sign by the new one, drop the old one: each by itself.
        (
            "kubeconfig a 1 > 1 certificate_authority=A certificate_authority=+?\ncertificate a = 1 ca_cert_pem=A",
            None,
        ),
        ("certificate a 1 > 1 ca_cert_pem=A ca_cert_pem=+B\nkubeconfig a = 1 certificate_authority=AB", None),
        (
            "kubeconfig a 1 > 1 certificate_authority=AB certificate_authority=+B\ncertificate a = 1 ca_cert_pem=B",
            None,
        ),
        // Two at once.
        (
            "certificate a 1 > 1 ca_cert_pem=A ca_cert_pem=+?\nkubeconfig a 1 > 1 certificate_authority=A certificate_authority=+?",
            Some("does not trust"),
        ),
        (
            "certificate a 1 > 1 ca_cert_pem=A ca_cert_pem=+B\nkubeconfig a 1 > 1 certificate_authority=AB certificate_authority=+B",
            Some("no longer trust"),
        ),
        // Of another authority.
        ("certificate a 1 > 1 ca_cert_pem=E ca_cert_pem=+?\nkubeconfig a = 1 certificate_authority=A", None),
        ("certificate a - > 1 ca_cert_pem=?\nkubeconfig a - > 1 certificate_authority=?", None),
    ] {
        let findings = review(&plan(text)).diagnostics;
        let said: Vec<String> =
            findings.iter().map(|finding| format!("{}: {}", finding.summary, finding.detail)).collect();
        assert_eq!(said.len(), usize::from(warned.is_some()), "{text}: {said:?}");
        if let Some(words) = warned {
            assert!(said[0].contains("Plan may break trust") && said[0].contains(words), "{said:?}");
        }
    }
}

#[test]
fn what_is_not_known_is_said_of_new_clusters_and_refused_of_existing_ones() {
    let new = review(&plan("etcd cp1 - > ?\napiserver cp1 - > 34"));
    assert!(!new.diagnostics.has_errors(), "{:?}", new.diagnostics);
    let warning = new.diagnostics.iter().next().expect("it is warned of");
    assert_eq!(warning.summary, "Quorum and version skew cannot be proven");
    let other = "kubelet w9 = 34 cluster=other\n";
    let beside = review(&plan(&format!("etcd cp1 - > ?\n{other}")));
    assert!(!beside.diagnostics.has_errors(), "another cluster is not at stake: {:?}", beside.diagnostics);
    let unknown = review(&plan(&format!("etcd cp1 - > 3.5 cluster=?\n{other}")));
    assert!(unknown.diagnostics.has_errors(), "it may be that cluster");
}

#[test]
fn a_single_member_that_is_left_is_warned_of() {
    let findings = review(&plan("etcd cp2 3.5 > -\nthen etcd cp3 3.5 > -\netcd cp1 = 3.5")).diagnostics;
    let findings: Vec<_> = findings.iter().collect();
    let [warning] = &findings[..] else { panic!("{findings:?}") };
    assert!(!warning.is_error());
    assert_eq!(warning.summary, "A single etcd member bears no failure");
    assert!(warning.detail.contains("shrinks from 3 members to 1") && warning.detail.contains("it has 2"));
    assert!(review(&plan("etcd cp1 3.5 > 3.6")).diagnostics.is_empty(), "it was single before");
}

/// Each cluster has its own first step.
#[test]
fn clusters_are_judged_by_themselves() {
    let text = "etcd cp1 3.5 > 3.4 cluster=a\netcd cp1 3.5 > 3.6 cluster=b\netcd cp1 3.5 > 3.3 cluster=c";
    let findings = review(&plan(text)).diagnostics;
    let summaries: Vec<_> = findings.iter().map(|finding| finding.summary.as_str()).collect();
    assert_eq!(summaries, ["Plan would downgrade a component"; 2]);
}

const ROWS: &[Row] = &[
    // Keys of secrets.
    (
        "a key is known to all API servers before one writes with it",
        "apiserver cp1 34 > 34 encryption_keys=a, encryption_keys=+b,a,\nthen apiserver cp2 34 > 34 encryption_keys=a, encryption_keys=+b,a,",
        Some((
            "eksd_kube_apiserver.n[\"cp1\"]",
            "kube-apiserver on cp1 encrypts with the key \"b\"|the one on cp2 does not have it|three applies",
        )),
    ),
    (
        "a key comes behind the others",
        "apiserver cp1 34 > 34 encryption_keys=a, encryption_keys=+a,?b,\nthen apiserver cp2 34 > 34 encryption_keys=a, encryption_keys=+a,?b,",
        None,
    ),
    (
        "a key that all know comes in front",
        "apiserver cp1 34 > 34 encryption_keys=a,b, encryption_keys=+b,a,\nthen apiserver cp2 34 > 34 encryption_keys=a,b, encryption_keys=+b,a,",
        None,
    ),
    (
        "a key goes while another API server writes with it",
        "apiserver cp2 34 > 34 encryption_keys=a,b, encryption_keys=+b,\nthen apiserver cp1 34 > 34 encryption_keys=a,b, encryption_keys=+b,",
        Some((
            "eksd_kube_apiserver.n[\"cp2\"]",
            "kube-apiserver on cp1 encrypts with the key \"a\"|the one on cp2",
        )),
    ),
    (
        "a single API server may do both at once",
        "apiserver cp1 34 > 34 encryption_keys=a, encryption_keys=+b,a,",
        None,
    ),
    (
        "what was changed by hand on one host is put back",
        "apiserver cp1 34 > 34 encryption_keys=x, encryption_keys=+a,\napiserver cp2 = 34 encryption_keys=a,",
        None,
    ),
    (
        "an API server joins with the others' key",
        "apiserver cp2 - > 34 encryption_keys=b,\napiserver cp1 = 34 encryption_keys=a,",
        Some(("eksd_kube_apiserver.n[\"cp2\"]", "does not have it")),
    ),
    (
        "a secret that is made in the apply is not the one of that name",
        "apiserver cp1 34 > 34 encryption_keys=a, encryption_keys=+?a,\nthen apiserver cp2 34 > 34 encryption_keys=a, encryption_keys=+?a,",
        Some((
            "eksd_kube_apiserver.n[\"cp1\"]",
            "encrypts with the key \"a\"|the one on cp2 has another secret under that name",
        )),
    ),
    (
        "a secret that is made in the apply is one for all",
        "apiserver cp1 - > 34 encryption_keys=?a,\nthen apiserver cp2 - > 34 encryption_keys=?a,",
        None,
    ),
    // Versions of one component.
    ("an API server goes one minor up", "apiserver cp1 33 > 34", None),
    (
        "an API server skips a minor",
        "apiserver cp1 33 > 35",
        Some((
            "eksd_kube_apiserver.n[\"cp1\"]",
            "skip a minor version|is at v1.33.9-eks-1-33-21 and would become v1.35.9-eks-1-35-21|channel 1-34 first",
        )),
    ),
    (
        "an API server skips a minor by replacement",
        "apiserver cp1 33 > -\nthen apiserver cp1 - > 35\napiserver cp2 = 34",
        Some(("eksd_kube_apiserver.n[\"cp1\"]", "skip a minor version")),
    ),
    ("a kubelet may skip one", "kubelet w1 31 > 34\napiserver cp1 = 34", None),
    ("a new release number of the same version", "apiserver cp1 34.21 > 34.22", None),
    (
        "an older release number of the same version",
        "apiserver cp1 34.22 > 34.21",
        Some(("eksd_kube_apiserver.n[\"cp1\"]", "downgrade|There is no option to allow it|snapshot")),
    ),
    ("a kubelet goes down", "kubelet w1 34 > 33", Some(("eksd_kubelet.n[\"w1\"]", "downgrade"))),
    (
        "a scheduler goes down by replacement",
        "scheduler cp1 34 > -\nthen scheduler cp1 - > 33",
        Some(("eksd_kube_scheduler.n[\"cp1\"]", "downgrade")),
    ),
    ("etcd goes down a patch", "etcd cp1 3.5.22 > 3.5.21", Some(("eksd_etcd_member.n[\"cp1\"]", "older"))),
    ("etcd skips a minor", "etcd cp1 3.4 > 3.6", Some(("eksd_etcd_member.n[\"cp1\"]", "etcd 3.5 first"))),
    // Versions of two.
    ("API servers one apart", "apiserver cp1 33 > 34\napiserver cp2 = 33\napiserver cp3 = 34", None),
    (
        "API servers two apart",
        "apiserver cp1 33 > 34\napiserver cp2 = 32",
        Some(("eksd_kube_apiserver.n[\"cp1\"]", "version skew|Upgrade the kube-apiserver on cp2 first")),
    ),
    (
        "API servers two apart for a moment, as nothing orders them",
        "apiserver cp1 33 > 34\napiserver:b cp2 32 > 33",
        Some((
            "eksd_kube_apiserver.n[\"cp1\"]",
            "nothing makes eksd_kube_apiserver.n wait for it|depends_on = [eksd_kube_apiserver.b]",
        )),
    ),
    (
        "API servers two apart for a moment, one after the other",
        "apiserver cp1 33 > 34\nthen apiserver:b cp2 32 > 33",
        Some((
            "eksd_kube_apiserver.n[\"cp1\"]",
            "version skew|Turn their order round|depends_on = [eksd_kube_apiserver.b]",
        )),
    ),
    ("a controller manager after its API servers", "apiserver cp1 33 > 34\nthen kcm cp1 33 > 34", None),
    (
        "a controller manager beside its API server",
        "apiserver cp1 33 > 34\nkcm cp1 33 > 34",
        Some((
            "eksd_kube_controller_manager.n[\"cp1\"]",
            "may be at v1.34.9-eks-1-34-21 while the kube-apiserver on cp1 is at v1.33.9-eks-1-33-21|depends_on = [eksd_kube_apiserver.n]",
        )),
    ),
    (
        "a scheduler before the last of two API servers",
        "apiserver cp1 33 > 34\nthen scheduler cp1 33 > 34\nthen apiserver cp2 33 > 34",
        Some(("eksd_kube_scheduler.n[\"cp1\"]", "must not be newer than any API server")),
    ),
    ("a controller manager left one behind", "apiserver cp1 33 > 34\nkcm cp1 = 33", None),
    (
        "a controller manager left two behind",
        "apiserver cp1 33 > 34\nkcm cp1 = 32",
        Some(("eksd_kube_apiserver.n[\"cp1\"]", "1 minor version older")),
    ),
    ("kubelets last", "apiserver cp1 33 > 34\nthen kubelet w1 33 > 34\nall kubelet w2 33 > 34", None),
    (
        "a kubelet first",
        "kubelet w1 33 > 34\nthen apiserver cp1 33 > 34",
        Some(("eksd_kubelet.n[\"w1\"]", "must not be newer|depends_on = [eksd_kube_apiserver.n]")),
    ),
    (
        "a kubelet newer than an API server that stays",
        "kubelet w1 - > 34\napiserver cp1 = 33",
        Some((
            "eksd_kubelet.n[\"w1\"]",
            "Upgrade the kube-apiserver on cp1 first, apply that, and then go on",
        )),
    ),
    ("a kubelet three behind", "apiserver cp1 33 > 34\nkubelet w1 = 31", None),
    (
        "a kubelet four behind",
        "apiserver cp1 33 > 34\nkubelet w1 = 30",
        Some(("eksd_kube_apiserver.n[\"cp1\"]", "3 minor versions older|Upgrade the kubelet on w1 first")),
    ),
    ("what is four behind already may come closer", "kubelet w1 30 > 31\napiserver cp1 = 34", None),
    (
        "a controller manager that would have to skip one with its API server",
        "apiserver cp1 34 > 35\nthen kcm cp1 33 > 35",
        Some((
            "eksd_kube_apiserver.n[\"cp1\"]",
            "Upgrade the kube-controller-manager on cp1 first, up to the version that the API servers have now",
        )),
    ),
    (
        "what is too far behind must not fall back more",
        "apiserver cp1 34 > 35\nkubelet w1 = 30",
        Some(("eksd_kube_apiserver.n[\"cp1\"]", "version skew")),
    ),
    ("a kubelet of 1.24 two behind", "apiserver cp1 25 > 26\nkubelet w1 = 24", None),
    (
        "a kubelet of 1.24 three behind",
        "apiserver cp1 26 > 27\nkubelet w1 = 24",
        Some(("eksd_kube_apiserver.n[\"cp1\"]", "2 minor versions older")),
    ),
    (
        "a kube-proxy newer than the API server",
        "proxy w1 33 > 34\napiserver cp1 = 33",
        Some(("eksd_kube_proxy.n[\"w1\"]", "skew")),
    ),
    ("a kube-proxy three from its kubelet, API server elsewhere", "proxy w1 33 > 34\nkubelet w1 = 31", None),
    (
        "a kube-proxy four from its kubelet, API server elsewhere",
        "proxy w1 33 > 35\nkubelet w1 = 31",
        Some(("eksd_kube_proxy.n[\"w1\"]", "They may be 3 minor versions apart")),
    ),
    ("etcd's members one minor apart", "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5\netcd cp3 = 3.5", None),
    (
        "etcd's members two minors apart",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.4\netcd cp3 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "Members of etcd may be one minor version apart")),
    ),
    // One node at a time.
    // The rest of a control-plane node, one kind at a time.
    (
        "controller managers at the same time",
        "kcm cp1 34.1 > 34.2\nkcm cp2 34.1 > 34.2\nall kcm cp3 34.1 > 34.2\napiserver cp1 = 34\napiserver cp2 = 34\napiserver cp3 = 34",
        Some((
            "eksd_kube_controller_manager.n[\"cp2\"]",
            "Plan would change two control-plane nodes at once: Nothing keeps the kube-controller-manager on cp1 and the \
             kube-controller-manager on cp2 from being away at the same time. The cluster prod has 3 API servers and 0 members of \
             etcd.\n\nControl-plane nodes are changed one after another, each once the one before it is well again, so that one that \
             does not come back is the only one.\n\nLet the instances of eksd_kube_controller_manager.n change one after another:\n\n  \
             lifecycle {\n    max_parallel = 1\n  }",
        )),
    ),
    (
        "schedulers at the same time",
        "scheduler cp1 34.1 > 34.2\nscheduler cp2 34.1 > 34.2\napiserver cp1 = 34\napiserver cp2 = 34",
        Some(("eksd_kube_scheduler.n[\"cp2\"]", "the kube-scheduler on cp1 and the kube-scheduler on cp2")),
    ),
    (
        "kubelets of control-plane nodes at the same time, which would all be drained",
        "kubelet cp1 33 > 34\nkubelet cp2 33 > 34\nkubelet w1 33 > 34\napiserver cp1 = 34\napiserver cp2 = 34",
        Some(("eksd_kubelet.n[\"cp2\"]", "the kubelet on cp1 and the kubelet on cp2|max_parallel = 1")),
    ),
    (
        "all of it one after the other",
        "kcm cp1 33 > 34\nthen kcm cp2 33 > 34\nthen scheduler cp1 33 > 34\nthen scheduler cp2 33 > 34\nthen kubelet cp1 33 > 34\nthen kubelet cp2 33 > 34\nthen kubelet w1 33 > 34\napiserver cp1 = 34\napiserver cp2 = 34",
        None,
    ),
    (
        "a controller manager and a scheduler on another node",
        "kcm cp1 33 > 34\nscheduler cp2 33 > 34\napiserver cp1 = 34\napiserver cp2 = 34",
        None,
    ),
    ("workers at the same time", "kubelet w1 33 > 34\nkubelet w2 33 > 34\napiserver cp1 = 34", None),
    (
        "a first creation",
        "apiserver cp1 - > 34\napiserver cp2 - > 34\nkcm cp1 - > 34\nkcm cp2 - > 34\nkubelet cp1 - > 34\nkubelet cp2 - > 34",
        None,
    ),
    (
        "two that go for good",
        "kcm cp2 34 > -\nkcm cp3 34 > -\napiserver cp1 = 34\napiserver cp2 = 34\napiserver cp3 = 34\nkcm cp1 = 34",
        None,
    ),
    (
        "controller managers replaced at the same time",
        "kcm cp1 34 > -\nkcm cp2 34 > -\nall kcm cp1 - > 34\nall kcm cp2 - > 34\napiserver cp1 = 34\napiserver cp2 = 34",
        Some(("eksd_kube_controller_manager.n[\"cp2\"]", "two control-plane nodes at once")),
    ),
    ("API servers one after the other", "apiserver cp1 34.1 > 34.2\nthen apiserver cp2 34.1 > 34.2", None),
    (
        "two API servers at once",
        "apiserver cp1 34.1 > 34.2\napiserver cp2 34.1 > 34.2\napiserver cp3 = 34.1",
        Some((
            "eksd_kube_apiserver.n[\"cp2\"]",
            "two control-plane nodes at once|kube-apiserver on cp1 and the kube-apiserver on cp2|3 API servers|max_parallel = 1",
        )),
    ),
    ("a new API server beside one that restarts", "apiserver cp1 34.1 > 34.2\napiserver cp2 - > 34.2", None),
    (
        "two API servers replaced, the second removed before the first is back",
        "apiserver cp1 34 > -\nthen apiserver cp2 34 > -\nthen apiserver cp1 - > 34\nthen apiserver cp2 - > 34",
        Some(("eksd_kube_apiserver.n[\"cp2\"]", "away at the same time")),
    ),
    (
        "etcd on one node, the API server on another",
        "etcd cp1 3.5 > 3.6\napiserver cp2 33 > 34\netcd cp2 = 3.5\netcd cp3 = 3.5",
        Some((
            "eksd_kube_apiserver.n[\"cp2\"]",
            "the etcd on cp1 and the kube-apiserver on cp2|depends_on = [eksd_etcd_member.n]",
        )),
    ),
    (
        "etcd and the API server on one node",
        "etcd cp1 3.5 > 3.6\napiserver cp1 33 > 34\netcd cp2 = 3.5\netcd cp3 = 3.5",
        None,
    ),
    ("schedulers on two nodes", "scheduler cp1 33 > 34\nscheduler cp2 33 > 34", None),
    // Kubelets and their pods.
    ("a kubelet's node is not in the plan", "apiserver cp1 = 34\nkubelet w1 33 > 34", None),
    (
        "a kubelet's node has its pods",
        "apiserver cp1 = 34\nkubelet w1 33 > 34\nnode:w w1 = 1 name=w1",
        Some((
            "eksd_kubelet.n[\"w1\"]",
            "pods of the node w1|eksd_node.w[\"w1\"] neither is|unschedulable = true",
        )),
    ),
    ("a patch needs no drain", "apiserver cp1 = 34\nkubelet w1 34.1 > 34.2\nnode:w w1 = 1 name=w1", None),
    (
        "the node is drained already",
        "apiserver cp1 = 34\nkubelet w1 33 > 34\nnode w1 = 1 name=w1 unschedulable=true! drain=true!",
        None,
    ),
    (
        "the node is drained before",
        "apiserver cp1 = 34\nnode w1 - > 1 name=w1 unschedulable=true! drain=true!\nthen kubelet w1 33 > 34",
        None,
    ),
    (
        "the node is drained at the same time",
        "apiserver cp1 = 34\nnode w1 - > 1 name=w1 unschedulable=true! drain=true!\nkubelet w1 33 > 34",
        Some(("eksd_kubelet.n[\"w1\"]", "under its pods")),
    ),
    (
        "a node of that name in another cluster",
        "apiserver cp1 = 34\nkubelet w1 33 > 34\nnode w1 = 1 name=w1 cluster=other",
        None,
    ),
    (
        "a node of that name that does not say whose it is",
        "apiserver cp1 = 34\nkubelet w1 33 > 34\nnode w1 = 1 name=w1 cluster=?",
        Some(("eksd_kubelet.n[\"w1\"]", "under its pods")),
    ),
    ("a kubelet that drains its node itself", "kubelet w1 33 > 34 drain=true!\nnode w1 = 1 name=w1", None),
    (
        "a kubelet that drains its node itself is replaced by a newer one",
        "kubelet w1 33 > - drain=true!\nthen kubelet w1 - > 34 drain=true!\nnode w1 = 1 name=w1",
        Some(("eksd_kubelet.n[\"w1\"]", "another minor version|Do one after the other|without -replace")),
    ),
    (
        "a kubelet is replaced by one of its version",
        "kubelet w1 34.1 > - drain=true!\nthen kubelet w1 - > 34.2 drain=true!\nnode w1 = 1 name=w1",
        None,
    ),
    (
        "a kubelet is replaced by a newer one on a node that is drained and removed before",
        "node w1 1 > - name=w1 drain=true!\nthen kubelet w1 33 > -\nall kubelet w1 - > 34\nall node w1 - > 1 name=w1 drain=true!",
        None,
    ),
    (
        "a kubelet that drains its node itself is upgraded and stopped",
        "kubelet w1 33 > 34 drain=true! state=running state=+stopped\nnode w1 = 1 name=w1",
        Some(("eksd_kubelet.n[\"w1\"]", "another minor version|stop it in the next apply")),
    ),
    // One resource a component.
    (
        "a renamed resource",
        "apiserver:old cp1 34 > -\napiserver:new cp1 - > 34",
        Some(("eksd_kube_apiserver.new[\"cp1\"]", "moved {|from = eksd_kube_apiserver.old[\"cp1\"]")),
    ),
    (
        "a renamed resource, the old one first",
        "apiserver:old cp1 34 > -\nthen apiserver:new cp1 - > 34",
        None,
    ),
    (
        "two resources for one component",
        "apiserver:b cp1 - > 34\napiserver:a cp1 = 34",
        Some(("eksd_kube_apiserver.b[\"cp1\"]", "Two resources for one component")),
    ),
    (
        "a new one before the old one is destroyed",
        "kubelet w1 - > 34\nthen kubelet w1 34 > -",
        Some(("eksd_kubelet.n[\"w1\"]", "create_before_destroy")),
    ),
    // What is not known.
    (
        "a version that is not known yet",
        "apiserver cp1 33 > ?",
        Some((
            "eksd_kube_apiserver.n[\"cp1\"]",
            "cannot be proven safe|The version of the kube-apiserver on cp1",
        )),
    ),
    (
        "a node that is not known yet",
        "kubelet ? - > 34\napiserver cp1 = 34",
        Some(("eksd_kubelet.n[\"?\"]", "The node of the kubelet")),
    ),
    ("a version that was not known", "apiserver cp1 ? > 34", None),
];
