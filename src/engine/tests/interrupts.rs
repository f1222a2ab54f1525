use std::sync::Arc;
use std::time::Duration;

use provider::memory::{Fault, Operation as Call};
use tokio::sync::Notify;

use super::Fixture;
use super::fixture::render;

const CHAIN: &str = r#"
resource "test_thing" "a" { name = "a" }
resource "test_thing" "b" {
  count = 20
  name  = "b${count.index}"
  value = test_thing.a.id
}
"#;

#[tokio::test]
async fn the_first_interrupt_finishes_what_is_in_flight() {
    let mut f = Fixture::new(CHAIN);
    let gate = Arc::new(Notify::new());
    f.memory.fault(Call::Create, "a", Fault::Wait(gate));
    let (interrupt, memory) = (f.interrupt.clone(), f.memory.clone());
    tokio::spawn(async move {
        while memory.log().count(Call::Create) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Stopping the provider ends the wait.
        interrupt.raise();
    });
    let diagnostics = f.apply_any().await;
    assert!(f.memory.stopped());
    assert_eq!(f.addresses(), ["test_thing.a"]);
    let text = render(&diagnostics);
    assert_eq!(diagnostics.len(), 1, "{text}");
    assert!(text.contains("20 planned changes were not made: test_thing.b[0]"), "{text}");
    assert!(text.contains("and 15 more"), "{text}");
}

#[tokio::test]
async fn the_second_interrupt_waits_for_nothing() {
    let mut f = Fixture::new(CHAIN);
    f.memory.fault(Call::Create, "a", Fault::Hang);
    let (interrupt, memory) = (f.interrupt.clone(), f.memory.clone());
    tokio::spawn(async move {
        while memory.log().count(Call::Create) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        interrupt.raise();
        tokio::time::sleep(Duration::from_millis(5)).await;
        interrupt.raise();
    });
    let diagnostics = f.apply_any().await;
    let text = render(&diagnostics);
    assert!(text.contains("1 were under way and not waited for: test_thing.a"), "{text}");
    assert!(f.addresses().is_empty());
    let started = f
        .memory_recorder
        .records()
        .into_iter()
        .filter(|record| matches!(record, state::journal::Record::Started(_)))
        .count();
    assert_eq!(started, 1);
}

/// Of many changes that could begin at once no more are begun than there may be calls: neither a crash nor an interrupt
/// finds starts in the journal that nobody was asked about.
#[tokio::test]
async fn no_more_changes_are_begun_than_there_may_be_calls() {
    for (fault, made, raised) in [(Fault::Delay(Duration::from_millis(20)), 3, 1), (Fault::Hang, 0, 2)] {
        let mut f = Fixture::new("resource \"test_thing\" \"a\" { count = 100 }");
        f.parallelism = 3;
        f.memory.fault(Call::Create, "", fault);
        let (interrupt, memory) = (f.interrupt.clone(), f.memory.clone());
        tokio::spawn(async move {
            while memory.log().count(Call::Create) < 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            for _ in 0..raised {
                interrupt.raise();
            }
        });
        let text = render(&f.apply_any().await);
        let records = f.memory_recorder.records();
        let started = records.iter().filter(|record| matches!(record, state::journal::Record::Started(_)));
        assert_eq!((started.count(), f.memory.log().count(Call::Create), f.addresses().len()), (3, 3, made));
        assert!(text.contains("97 planned changes were not made"), "{text}");
    }
}

#[tokio::test]
async fn an_interrupted_plan_changes_nothing() {
    let f = Fixture::new(CHAIN);
    f.interrupt.raise();
    let errors = f.plan_errors().await;
    assert!(errors.contains("Operation interrupted"), "{errors}");
}

#[tokio::test]
async fn a_plan_of_many_instances_is_cut_short() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" { count = 100 }");
    f.parallelism = 2;
    f.memory.fault(Call::Plan, "", Fault::Delay(Duration::from_millis(5)));
    let (interrupt, memory) = (f.interrupt.clone(), f.memory.clone());
    tokio::spawn(async move {
        while memory.log().count(Call::Plan) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        interrupt.raise();
    });
    let errors = f.plan_errors().await;
    assert!(errors.contains("Operation interrupted"), "{errors}");
    assert!(f.memory.log().count(Call::Plan) < 50);
}
