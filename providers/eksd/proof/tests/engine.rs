//! The proof over plans that the engine makes of a configuration: what modules have to write, and what happens if they do not.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use config::LoadOptions;
use diag::{Diagnostics, Sources};
use engine::{ApplyRequest, MemoryRecorder, Operation, PlanRequest, Providers};
use plan::{Mode, Plan};
use provider::memory::{Memory, Operation as Call};
use provider::{Attribute, Block, Environment, PlannedStep, Review};
use state::State;
use value::{Type, Value};

use crate::proof::review;

/// Components that are kept in memory, judged by the proof.
struct World {
    memory: Memory,
    state: State,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let block = || {
            let block = ["cluster", "node", "version"].into_iter().fold(Block::default(), |block, name| {
                block.with(name, Attribute::required(Type::String).described(name))
            });
            ["endpoints", "etcd_servers"].into_iter().fold(block, |block, name| {
                block.with(name, Attribute::optional(Type::String).described(name))
            })
        };
        let memory = Memory::at(addrs::ProviderAddr::groma("eksd"));
        let memory = TYPES.iter().fold(memory, |memory, name| memory.with_type(name, block()));
        memory.review_by(judged);
        Self {
            memory,
            state: State::new("lineage"),
            folder: tempfile::tempdir().expect("a folder can be made"),
        }
    }

    fn operation(&self, hcl: &str) -> Operation {
        let text = format!(
            "terraform {{\n required_providers {{\n eksd = {{ source = \"groma/eksd\" }}\n }}\n}}\n{hcl}"
        );
        std::fs::write(self.folder.path().join("main.tf"), text).expect("files can be written");
        let (config, diagnostics) =
            config::load(self.folder.path(), &Sources::new(), &LoadOptions::default());
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        let environment = Environment {
            variables: Arc::new(BTreeMap::new()),
            home: None,
            working_dir: Path::new(self.folder.path()).to_owned(),
            clock: Arc::new(|| SystemTime::UNIX_EPOCH),
        };
        Operation::new(Arc::new(config), Providers::new([self.memory.provider()]), environment)
    }

    async fn plan(&self, hcl: &str) -> (Plan, Diagnostics) {
        engine::plan(PlanRequest::new(self.operation(hcl), self.state.clone())).await
    }

    async fn refusal(&self, hcl: &str) -> String {
        let (plan, diagnostics) = self.plan(hcl).await;
        assert!(plan.errored && plan.rollouts.is_empty());
        diagnostics
            .iter()
            .filter(|finding| finding.is_error())
            .map(|e| format!("{e} {:?}\n", e.address))
            .collect()
    }

    /// Plans and applies; answers the rollout as the plan tells it.
    async fn apply(&mut self, hcl: &str) -> Vec<String> {
        let (plan, diagnostics) = self.plan(hcl).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        self.run(hcl, plan).await
    }

    async fn run(&mut self, hcl: &str, plan: Plan) -> Vec<String> {
        let told = plan
            .rollouts
            .iter()
            .flat_map(|rollout| rollout.steps.iter().map(|step| step.text.clone()))
            .collect();
        self.memory.clear_log();
        let request = ApplyRequest {
            operation: self.operation(hcl),
            plan,
            recorder: Arc::new(MemoryRecorder::default()),
            unresolved: Vec::new(),
        };
        let (state, diagnostics) = engine::apply(request).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        self.state = state;
        told
    }
}

/// What the proof says of steps without the number that the memory gives to each change: no component has one.
fn judged(steps: &[PlannedStep]) -> Review {
    let plain = |object: &Value| match object.is_null() {
        true => object.clone(),
        false => object.with_attr("revision", Value::null(Type::Number)),
    };
    let steps: Vec<PlannedStep> = steps
        .iter()
        .map(|step| PlannedStep { before: plain(&step.before), after: plain(&step.after), ..step.clone() })
        .collect();
    review(&steps)
}

/// A cluster in the order that the README asks for.
fn cluster(release: u32, nodes: &[&str], workers: &[&str]) -> String {
    let set = |names: &[&str]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let etcd = if release < 36 { "v3.5.21" } else { "v3.6.12" };
    let kubernetes = format!("v1.{release}.9-eks-1-{release}-21");
    let block = |kind: &str, nodes: &[&str], version: &str, after: &str, at_once: u32| {
        format!(
            "resource \"eksd_{kind}\" \"this\" {{\n for_each = toset([{}])\n name = \"{kind}-${{each.key}}\"\n cluster = \"prod\"\n node = each.key\n version = \"{version}\"\n depends_on = [{after}]\n lifecycle {{ max_parallel = {at_once} }}\n}}\n",
            set(nodes)
        )
    };
    [
        block("etcd_member", nodes, &format!("{etcd}-eks-1-{release}-21"), "", 1),
        block("kube_apiserver", nodes, &kubernetes, "eksd_etcd_member.this", 1),
        block("kube_controller_manager", nodes, &kubernetes, "eksd_kube_apiserver.this", 1),
        block("kube_scheduler", nodes, &kubernetes, "eksd_kube_apiserver.this", 1),
        block(
            "kubelet",
            workers,
            &kubernetes,
            "eksd_kube_controller_manager.this, eksd_kube_scheduler.this",
            2,
        ),
    ]
    .concat()
}

const CP: [&str; 3] = ["cp1", "cp2", "cp3"];

const WORKERS: [&str; 4] = ["w1", "w2", "w3", "w4"];

#[tokio::test]
async fn members_that_may_change_at_once_are_refused() {
    let members = |version: &str, lifecycle: &str| {
        format!(
            "resource \"eksd_etcd_member\" \"cp\" {{\n count = 3\n name = \"cp${{count.index}}\"\n cluster = \"prod\"\n node = \"cp${{count.index}}\"\n version = \"{version}-eks-1-34-21\"\n{lifecycle}\n}}"
        )
    };
    let mut world = World::new();
    let made = world.apply(&members("v3.5.21", "")).await;
    assert_eq!(made, ["create etcd v3.5.21-eks-1-34-21 on cp0, cp1, cp2 (then 3 members; quorum 2)"]);
    let refusal = world.refusal(&members("v3.5.22", "")).await;
    for words in [
        "both away at once 1 of 3 members stay, and the quorum is 2",
        "Let the instances of eksd_etcd_member.cp change one after another:\n\n  lifecycle {\n    max_parallel = 1\n  }",
        "eksd_etcd_member.cp[1]",
    ] {
        assert!(refusal.contains(words), "{words}\n{refusal}");
    }
    let told = world.apply(&members("v3.5.22", "lifecycle { max_parallel = 1 }")).await;
    assert_eq!(
        told,
        [
            "upgrade etcd on cp0 to v3.5.22-eks-1-34-21 (2 of 3 members stay; quorum 2)",
            "upgrade etcd on cp1 to v3.5.22-eks-1-34-21 (2 of 3 members stay; quorum 2)",
            "upgrade etcd on cp2 to v3.5.22-eks-1-34-21 (2 of 3 members stay; quorum 2)",
        ]
    );
    assert_eq!(world.memory.log().most_concurrent_changes(), 1);
}

#[tokio::test]
async fn an_upgrade_rolls_as_the_plan_tells() {
    let mut world = World::new();
    world.apply(&cluster(35, &CP, &WORKERS)).await;
    let told = world.apply(&cluster(36, &CP, &WORKERS)).await;
    let expected = "
        upgrade etcd on cp1 to v3.6.12-eks-1-36-21 (2 of 3 members stay; quorum 2; kube-apiserver 3 of 3)
        upgrade etcd on cp2 to v3.6.12-eks-1-36-21 (2 of 3 members stay; quorum 2; kube-apiserver 3 of 3)
        upgrade etcd on cp3 to v3.6.12-eks-1-36-21 (2 of 3 members stay; quorum 2; kube-apiserver 3 of 3)
        upgrade kube-apiserver on cp1 to v1.36.9-eks-1-36-21 (2 of 3 API servers stay; etcd 3 of 3)
        upgrade kube-apiserver on cp2 to v1.36.9-eks-1-36-21 (2 of 3 API servers stay; etcd 3 of 3)
        upgrade kube-apiserver on cp3 to v1.36.9-eks-1-36-21 (2 of 3 API servers stay; etcd 3 of 3)
        upgrade kube-controller-manager on cp1 to v1.36.9-eks-1-36-21 (2 of 3 controller managers stay)
        upgrade kube-scheduler on cp1 to v1.36.9-eks-1-36-21 (2 of 3 schedulers stay)
        upgrade kube-controller-manager on cp2 to v1.36.9-eks-1-36-21 (2 of 3 controller managers stay)
        upgrade kube-scheduler on cp2 to v1.36.9-eks-1-36-21 (2 of 3 schedulers stay)
        upgrade kube-controller-manager on cp3 to v1.36.9-eks-1-36-21 (2 of 3 controller managers stay)
        upgrade kube-scheduler on cp3 to v1.36.9-eks-1-36-21 (2 of 3 schedulers stay)
        upgrade kubelet on w1, w2 to v1.36.9-eks-1-36-21 (2 of 4 kubelets stay)
        upgrade kubelet on w3, w4 to v1.36.9-eks-1-36-21 (2 of 4 kubelets stay)";
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(told, expected);
    let log = world.memory.log();
    assert!(log.ended_before((Call::Update, "etcd_member-cp3"), (Call::Update, "kube_apiserver-cp1")));
    assert!(log.ended_before((Call::Update, "kube_apiserver-cp3"), (Call::Update, "kubelet-w1")));
}

#[tokio::test]
async fn two_minors_at_once_and_the_way_back_are_refused() {
    let mut world = World::new();
    world.apply(&cluster(33, &CP, &WORKERS)).await;
    let refusal = world.refusal(&cluster(35, &CP, &WORKERS)).await;
    assert!(
        refusal.contains("channel 1-34 first") && refusal.contains("eksd_kube_apiserver.this[\\\"cp1\\\"]"),
        "{refusal}"
    );
    let refusal = world.refusal(&cluster(32, &CP, &WORKERS)).await;
    assert!(refusal.contains("There is no option to allow it"), "{refusal}");
}

/// A control plane whose members and API servers know all of them, as in the module.
fn acquainted(nodes: &[&str]) -> String {
    let all = nodes.join(",");
    let know = |hcl: &str, kind: &str, attribute: &str| {
        let block = format!("resource \"eksd_{kind}\" \"this\" {{\n");
        hcl.replace(&block, &format!("{block} {attribute} = \"{all}\"\n"))
    };
    know(&know(&cluster(34, nodes, &WORKERS), "etcd_member", "endpoints"), "kube_apiserver", "etcd_servers")
}

#[tokio::test]
async fn two_nodes_go_one_after_the_other() {
    let mut world = World::new();
    world.apply(&acquainted(&CP)).await;
    let told = world.apply(&acquainted(&CP[..1])).await;
    let told: Vec<&str> = told
        .iter()
        .filter(|line| line.contains("etcd") || line.contains("API"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        told,
        [
            "remove kube-apiserver on cp3 (then 2 API servers; etcd 3 of 3)",
            "remove kube-apiserver on cp2 (then 1 API server; etcd 3 of 3)",
            "remove etcd on cp3 (then 2 members; quorum 2; kube-apiserver 1 of 1)",
            "remove etcd on cp2 (then 1 member; quorum 1; kube-apiserver 1 of 1)",
            "change etcd on cp1 (1 of 1 member stay; quorum 1; kube-apiserver 1 of 1)",
            "change kube-apiserver on cp1 (0 of 1 API server stay; etcd 1 of 1)",
        ]
    );
    // And back, by way of an even number.
    world.apply(&acquainted(&CP[..2])).await;
    world.apply(&acquainted(&CP)).await;
}

#[tokio::test]
async fn nodes_come_and_go() {
    let mut world = World::new();
    world.apply(&cluster(34, &CP[..1], &[])).await;
    world.apply(&cluster(34, &CP, &WORKERS)).await;
    let told = world.apply(&cluster(34, &["cp1", "cp2", "cp4"], &WORKERS[..3])).await;
    let of = |words: &str| {
        told.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {told:#?}"))
    };
    assert!(
        of("remove kube-apiserver on cp3") < of("remove etcd on cp3 (then 2 members; quorum 2"),
        "{told:#?}"
    );
    assert!(
        of("create etcd v3.5.21-eks-1-34-21 on cp4 (then 3 members")
            < of("create kube-apiserver v1.34.9-eks-1-34-21 on cp4")
    );
    of("remove kubelet on w4 (then 3 kubelets)");
}

/// What `-target` leaves out is there all the same.
#[tokio::test]
async fn a_part_of_the_plan_is_judged_with_the_rest() {
    let mut world = World::new();
    world.apply(&cluster(34, &CP, &WORKERS)).await;
    let next = cluster(35, &CP, &WORKERS);
    let mut request = PlanRequest::new(world.operation(&next), world.state.clone());
    request.targets = vec!["eksd_kube_apiserver.this".parse().expect("a target")];
    let (plan, diagnostics) = engine::plan(request).await;
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let told: Vec<&str> = plan.rollouts[0].steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(told.len(), 6, "{told:?}");
    // Kubelets are at 1.34 still: they hold API servers back in the end, and not earlier.
    for (release, refused) in [(35, false), (36, false), (37, false), (38, true)] {
        let hcl = cluster(release, &CP, &WORKERS);
        let mut request = PlanRequest::new(world.operation(&hcl), world.state.clone());
        request.targets =
            ["eksd_kube_apiserver.this", "eksd_kube_scheduler.this", "eksd_kube_controller_manager.this"]
                .map(|target| target.parse().expect("a target"))
                .to_vec();
        let (plan, diagnostics) = engine::plan(request).await;
        assert_eq!(diagnostics.has_errors(), refused, "{release}: {diagnostics:?}");
        if !refused {
            world.run(&hcl, plan).await;
        }
    }
}

#[tokio::test]
async fn a_cluster_can_be_torn_down_as_a_whole() {
    let mut world = World::new();
    let hcl = cluster(34, &CP, &WORKERS);
    world.apply(&hcl).await;
    let mut request = PlanRequest::new(world.operation(&hcl), world.state.clone());
    request.mode = Mode::Destroy;
    let (plan, diagnostics) = engine::plan(request).await;
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let told = world.run(&hcl, plan).await;
    assert!(told[0].starts_with("remove kubelet on w"), "{told:?}");
    assert!(world.memory.ids().is_empty());
    // As good as that is a configuration without it, but for the half of it.
    world.apply(&hcl).await;
    let without: String =
        hcl.split_inclusive("}\n}\n").filter(|block| !block.contains("etcd_member\" ")).collect();
    let without = without.replace("eksd_etcd_member.this", "");
    let refusal = world.refusal(&without).await;
    assert!(refusal.contains("which has 3 members, but the kube-apiserver on cp1 would stay"), "{refusal}");
    world.apply("").await;
    assert!(world.memory.ids().is_empty());
}

const TYPES: [&str; 5] = [
    "eksd_etcd_member",
    "eksd_kube_apiserver",
    "eksd_kube_controller_manager",
    "eksd_kube_scheduler",
    "eksd_kubelet",
];
