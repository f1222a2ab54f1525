//! Random configurations and failures: the order holds, the state is true, and a second apply converges.

use std::fmt::Write;

use proptest::prelude::*;
use provider::memory::{Fault, Operation as Call};

use super::Fixture;

/// A resource of a random configuration: which earlier ones it refers to, and how.
#[derive(Clone, Debug)]
struct Node {
    present: bool,
    zone: u8,
    value: u8,
    count: u8,
    first: bool,
    /// Of the earlier ones, by index modulo.
    needs: Vec<(usize, bool)>,
}

fn node() -> impl Strategy<Value = Node> {
    (
        prop::bool::weighted(0.85),
        0..2_u8,
        0..3_u8,
        0..3_u8,
        prop::bool::weighted(0.2),
        prop::collection::vec((0..100_usize, any::<bool>()), 0..3),
    )
        .prop_map(|(present, zone, value, count, first, needs)| Node {
            present,
            zone,
            value,
            count,
            first,
            needs,
        })
}

fn hcl(nodes: &[Node]) -> String {
    let mut text = String::new();
    for (at, node) in nodes.iter().enumerate().filter(|(_, node)| node.present) {
        let mut values = vec![format!("\"{}\"", node.value)];
        let mut zones = vec![format!("\"{}\"", node.zone)];
        for (needed, replaces) in &node.needs {
            let Some(other) = needed.checked_rem(at) else { continue };
            if nodes[other].present {
                let into = if *replaces { &mut zones } else { &mut values };
                into.push(format!("join(\",\", test_thing.n{other}[*].id)"));
            }
        }
        let _ = writeln!(
            text,
            "resource \"test_thing\" \"n{at}\" {{\n count = {}\n name = \"n{at}-${{count.index}}\"\n value = join(\":\", [{}])\n zone = join(\":\", [{}])\n lifecycle {{ create_before_destroy = {} }}\n}}",
            node.count,
            values.join(", "),
            zones.join(", "),
            node.first
        );
    }
    text
}

/// Every creation ended before those that refer to it started, in configuration order.
fn check_order(f: &Fixture, nodes: &[Node]) {
    let log = f.memory.log();
    for (at, node) in nodes.iter().enumerate().filter(|(_, node)| node.present) {
        for (needed, _) in &node.needs {
            let Some(other) = needed.checked_rem(at) else { continue };
            if !nodes[other].present {
                continue;
            }
            for i in 0..node.count {
                for j in 0..nodes[other].count {
                    let (dependent, dependency) = (format!("n{at}-{i}"), format!("n{other}-{j}"));
                    let created = log.names(Call::Create);
                    if created.iter().any(|n| *n == dependent) && created.iter().any(|n| *n == dependency) {
                        assert!(log.ended_before((Call::Create, &dependency), (Call::Create, &dependent)));
                    }
                }
            }
        }
    }
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built")
        .block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn changes_apply_in_order_and_converge(
        before in prop::collection::vec(node(), 1..7),
        after in prop::collection::vec(node(), 1..7),
    ) {
        block_on(async {
            let mut f = Fixture::new(&hcl(&before));
            f.converge().await;
            check_order(&f, &before);
            f.memory.clear_log();
            f.set(&hcl(&after));
            f.converge().await;
            check_order(&f, &after);
            let wanted: usize = after.iter().filter(|n| n.present).map(|n| usize::from(n.count)).sum();
            assert_eq!(f.memory.ids().len(), wanted);
            f.destroy().await;
            assert!(f.memory.ids().is_empty());
        });
    }

    #[test]
    fn after_failures_the_state_is_true_and_the_next_apply_converges(
        before in prop::collection::vec(node(), 1..6),
        after in prop::collection::vec(node(), 1..6),
        faults in prop::collection::vec((0..4_usize, 0..6_usize, 0..3_usize, any::<bool>()), 1..4),
    ) {
        block_on(async {
            let mut f = Fixture::new(&hcl(&before));
            f.converge().await;
            f.set(&hcl(&after));
            for (call, at, instance, partial) in faults {
                let call = [Call::Create, Call::Update, Call::Delete, Call::Create][call];
                let fault = if partial && call == Call::Create {
                    Fault::Partial("half".into())
                } else {
                    Fault::Fail("injected".into())
                };
                f.memory.fault(call, &format!("n{at}-{instance}"), fault);
            }
            let _ = f.apply_any().await;
            let mut stored = 0;
            for (_, _, instance) in f.state.instances() {
                stored += usize::from(instance.current.is_some()) + instance.deposed.len();
            }
            assert_eq!(stored, f.memory.ids().len(), "{:?} {:?}", f.addresses(), f.memory.ids());
            f.memory.clear_faults();
            f.converge().await;
            let wanted: usize = after.iter().filter(|n| n.present).map(|n| usize::from(n.count)).sum();
            assert_eq!(f.memory.ids().len(), wanted);
        });
    }
}
