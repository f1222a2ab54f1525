//! A row a rule, and beside it the plan that just keeps it.

use super::sketch::plan;
use crate::proof::review;

/// Why the plan is as it is judged, the plan, and the step that is refused with words of the reason.
type Row = (&'static str, &'static str, Option<(&'static str, &'static str)>);

#[test]
fn rules_hold_and_their_near_misses_pass() {
    for (name, text, expected) in ROWS {
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
    // Quorum.
    (
        "members change one after another",
        "etcd cp1 3.5 > 3.6\nthen etcd cp2 3.5 > 3.6\nthen etcd cp3 3.5 > 3.6",
        None,
    ),
    (
        "two members change at once",
        "etcd cp1 3.5 > 3.6\nthen etcd cp2 3.5 > 3.6\netcd cp3 3.5 > 3.6",
        Some((
            "eksd_etcd_member.n[\"cp3\"]",
            "break etcd's quorum|on cp1 and cp3|both away at once 1 of 3 members stay, and the quorum is 2|max_parallel = 1",
        )),
    ),
    ("the first members come all at once", "etcd cp1 - > 3.5\netcd cp2 - > 3.5\netcd cp3 - > 3.5", None),
    (
        "two join at once",
        "etcd cp2 - > 3.5\netcd cp3 - > 3.5\netcd cp1 = 3.5",
        Some(("eksd_etcd_member.n[\"cp3\"]", "takes in one member at a time, and has 1 member now")),
    ),
    ("two join one after the other", "etcd cp2 - > 3.5\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5", None),
    (
        "three are replaced, each when the one before is back",
        "etcd cp1 3.5 > -\nthen etcd cp1 - > 3.5\nthen etcd cp2 3.5 > -\nthen etcd cp2 - > 3.5\netcd cp3 = 3.5",
        None,
    ),
    (
        "two of three are removed before the new ones come",
        "etcd cp1 3.5 > -\nthen etcd cp2 3.5 > -\nthen etcd cp1 - > 3.5\nthen etcd cp2 - > 3.5\netcd cp3 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp2\"]",
            "removes the member on cp2|has 2 members, of which 2 are well. Then 1 stay, and the quorum is 2|Add the new members first",
        )),
    ),
    (
        "two of three are replaced by new ones that come first",
        "etcd cp4 - > 3.5\nthen etcd cp5 - > 3.5\nthen etcd cp1 3.5 > -\nthen etcd cp2 3.5 > -\netcd cp3 = 3.5",
        None,
    ),
    (
        "three shrink to one, one after the other",
        "etcd cp2 3.5 > -\nthen etcd cp3 3.5 > -\nthen etcd cp1 3.5 > 3.6\nall apiserver cp1 34 > 35",
        None,
    ),
    (
        "three shrink to one at once",
        "etcd cp2 3.5 > -\netcd cp3 3.5 > -\netcd cp1 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp3\"]",
            "both away at once 1 of 3 members stay|max_parallel = 1|\"Rollout cannot be serial\"",
        )),
    ),
    (
        "three shrink to one that restarts in between",
        "etcd cp2 3.5 > -\nthen etcd cp1 3.5 > 3.6\nthen etcd cp3 3.5 > -",
        Some(("eksd_etcd_member.n[\"cp1\"]", "restarts the member on cp1|has 2 members")),
    ),
    (
        "two shrink to one that is stopped",
        "etcd cp2 3.5 > -\netcd cp1 = 3.5 state=stopped",
        Some(("eksd_etcd_member.n[\"cp2\"]", "removes the member on cp2|of which 1 is well")),
    ),
    (
        "a member of two learns of others without a restart",
        "etcd cp1 3.5 > 3.5 endpoints=+https://cp3:2379\nthen etcd cp2 3.5 > 3.5 endpoints=+https://cp3:2379\nthen etcd cp3 - > 3.5",
        None,
    ),
    (
        "members learn of others at once, while one restarts",
        "etcd cp1 3.5 > 3.5 endpoints=+https://cp4:2379\netcd cp2 3.5 > 3.5 endpoints=+https://cp4:2379\netcd cp3 3.5 > 3.6",
        None,
    ),
    (
        "a member of two changes a flag",
        "etcd cp1 3.5 > 3.5 log_level=+debug\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "With 2 members none may be missing")),
    ),
    ("the only member restarts", "etcd cp1 3.5 > 3.6", None),
    (
        "the only member is replaced",
        "etcd cp1 3.5 > -\nthen etcd cp1 - > 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "Its data would be lost")),
    ),
    (
        "one of two restarts",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "With 2 members none may be missing")),
    ),
    (
        "a member restarts while another one is stopped",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5\netcd cp3 = 3.5 state=stopped",
        Some((
            "eksd_etcd_member.n[\"cp1\"]",
            "has 3 members, of which 2 are well. Then 1 stay, and the quorum is 2|-target",
        )),
    ),
    (
        "the stopped member starts first",
        "etcd cp3 3.5 > 3.6 state=stopped\nthen etcd cp1 3.5 > 3.6\netcd cp2 = 3.5",
        None,
    ),
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
        "one of two members that was started already is only waited for",
        "etcd cp2 3.5 > 3.5 state=starting state=+running\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5",
        None,
    ),
    (
        "one of two members may not restart",
        "etcd cp2 3.5 > 3.5 restart_pending=true! restart_pending=+false!\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp2\"]",
            "restarts the member on cp2|With 2 members none may be missing",
        )),
    ),
    (
        "a member is started though quorum is lost",
        "etcd cp3 3.5 > 3.6 state=failed\netcd cp1 = 3.5\netcd cp2 = 3.5 state=failed",
        None,
    ),
    ("all is torn down", "etcd cp1 3.5 > -\netcd cp2 3.5 > -\napiserver cp1 34 > -\nkubelet cp1 = 34", None),
    (
        "all of etcd goes but an API server stays",
        "etcd cp1 3.5 > -\napiserver cp1 = 34",
        Some((
            "eksd_etcd_member.n[\"cp1\"]",
            "has 1 member, but the kube-apiserver on cp1 would stay|goes as a whole",
        )),
    ),
    (
        "a dead machine's name joins while etcd still has it",
        "etcd cp3 - > 3.5\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp3\"]",
            "still in etcd|cp3 (id idcp3, https://cp3:2380)|3 members, of which 2 must be well|replaces = \"idcp3\"",
        )),
    ),
    (
        "it joins after the dead one was removed",
        "etcd cp3 - > 3.5\netcd cp1 = 3.5 members=cp1,cp2,\netcd cp2 = 3.5",
        None,
    ),
    (
        "its removal is in the plan, by the one that takes its place",
        "etcd cp3 - > 3.5 replaces=idcp3\nthen etcd cp1 3.5 > 3.6 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        None,
    ),
    (
        "the removal of another one is in the plan",
        "etcd cp3 - > 3.5 replaces=idcp9\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp3\"]", "still in etcd|replaces is idcp9, which is not that one")),
    ),
    (
        "a machine of another name joins at the address of a dead one",
        "etcd cp4 - > 3.5 initial_advertise_peer_urls=https://cp3:2380,\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp4\"]", "still in etcd|replaces = \"idcp3\"")),
    ),
    (
        "a learner that nobody knows has no vote",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5 members=cp1,cp2,cp3,?gone,\netcd cp3 = 3.5",
        None,
    ),
    (
        "its removal is in the plan, by its own step",
        "etcd cp3 3.5 > -  members=cp1,cp2,cp3,\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        None,
    ),
    (
        "a member restarts while a dead one that nobody knows counts",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5 members=cp1,cp2,gone,",
        Some(("eksd_etcd_member.n[\"cp1\"]", "has 3 members, of which 2 are well")),
    ),
    (
        "quorum is lost, and a snapshot restored",
        "etcd cp1 3.5 > 3.5 restore_from=+/var/backup\netcd cp2 3.5 > -\netcd cp3 3.5 > -",
        None,
    ),
    (
        "quorum is lost, and one that was restored once is no reason",
        "etcd cp1 3.5 > 3.6 restore_from=/var/backup\netcd cp2 3.5 > -\netcd cp3 3.5 > -",
        Some(("eksd_etcd_member.n[\"cp2\"]", "break etcd's quorum")),
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
