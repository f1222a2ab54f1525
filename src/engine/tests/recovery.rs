use std::sync::Arc;

use diag::{Diagnostic, Diagnostics};
use state::journal::{Record, Started};

use provider::memory::{Fault, Operation as Call};

use super::Fixture;
use super::fixture::{parse, render};
use crate::{Recorder, RecoverRequest, Recovery, acknowledge, recover};

/// A fixture whose one creation ended without an answer.
async fn abandoned(fault: Fault) -> (Fixture, Vec<Started>) {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {\n name = \"a\"\n value = \"v\"\n}");
    f.memory.fault(Call::Create, "a", fault);
    let interrupt = f.interrupt.clone();
    let memory = f.memory.clone();
    tokio::spawn(async move {
        while memory.log().count(Call::Create) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        interrupt.raise();
        interrupt.raise();
    });
    assert!(f.apply_any().await.has_errors());
    f.interrupt = crate::Interrupt::new();
    f.memory.clear_faults();
    let started = f
        .memory_recorder
        .records()
        .into_iter()
        .filter_map(|record| match record {
            Record::Started(started) => Some(started),
            _ => None,
        })
        .collect();
    (f, started)
}

async fn ask(f: &Fixture, started: Vec<Started>) -> (Recovery, String) {
    let request = RecoverRequest { operation: f.operation(), state: f.state.clone(), started };
    let (recovery, diagnostics) = recover(request).await;
    (recovery, render(&diagnostics))
}

fn fold(f: &mut Fixture, records: Vec<Record>) {
    for record in records {
        if let Record::Finished { address, provider, object, deposed: None, .. } = record {
            f.state.set_current(&address, &provider, object);
        }
    }
}

#[tokio::test]
async fn an_object_that_was_created_is_adopted() {
    let (mut f, started) = abandoned(Fault::LoseAnswer).await;
    assert_eq!(f.memory.ids(), ["thing-a-1"]);
    let (recovery, text) = ask(&f, started).await;
    assert_eq!(text, "");
    assert!(recovery.unresolved.is_empty());
    fold(&mut f, recovery.records);
    assert_eq!(f.addresses(), ["test_thing.a"]);
    f.expect_empty().await;
}

#[tokio::test]
async fn what_did_not_happen_is_done_again() {
    let (mut f, started) = abandoned(Fault::Hang).await;
    let (recovery, _) = ask(&f, started).await;
    assert!(recovery.unresolved.is_empty());
    fold(&mut f, recovery.records);
    assert!(f.addresses().is_empty());
    f.converge().await;
    assert_eq!(f.memory.ids(), ["thing-a-1"]);
}

#[tokio::test]
async fn what_nobody_can_tell_blocks_the_address_until_somebody_does() {
    let (mut f, started) = abandoned(Fault::LoseAnswer).await;
    f.memory.fault(Call::Recover, "a", Fault::CannotTell("a thing named a".into()));
    let (recovery, text) = ask(&f, started).await;
    assert!(text.contains("a thing named a") && text.contains("groma import test_thing.a ID"), "{text}");
    assert_eq!(recovery.unresolved.len(), 1);
    f.unresolved = recovery.unresolved.clone();
    let errors = f.plan_errors().await;
    assert!(errors.contains("Earlier change with unknown outcome"), "{errors}");
    assert!(acknowledge(&f.state, &f.unresolved, &parse("test_thing.b")).is_err());
    let records = acknowledge(&f.state, &f.unresolved, &parse("test_thing.a")).expect("known");
    assert!(matches!(&records[..], [Record::Finished { object: None, token: Some(_), .. }]));
    f.unresolved.clear();
    f.converge().await;
}

/// Refuses to record the end of one object's creation.
struct FullDisk(&'static str);

#[async_trait::async_trait]
impl Recorder for FullDisk {
    async fn started(&self, _started: Started) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn finished(&self, record: Record) -> Result<(), Diagnostics> {
        match record {
            Record::Finished { address, .. } if address.to_string() == self.0 => {
                Err(Diagnostic::error("Disk full", "no space left").into())
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn only_creations_that_are_on_disk_are_settled() {
    let one = |name: &str, value: &str| {
        format!("resource \"test_thing\" \"{name}\" {{\n name = \"{name}\"\n value = {value}\n}}\n")
    };
    let mut f = Fixture::new(&[one("a", "\"1\""), one("b", "test_thing.a.id")].concat());
    f.recorder = Arc::new(FullDisk("test_thing.b"));
    assert!(f.apply_any().await.has_errors());
    assert_eq!(f.memory.log().names(Call::Create), ["a", "b"]);
    assert_eq!(f.memory.log().names(Call::Settle), ["a"]);
    f.recorder = f.memory_recorder.clone();
    f.memory.clear_log();
    f.set(&[one("a", "\"2\""), one("c", "test_thing.a.id")].concat());
    f.apply().await;
    assert_eq!(f.memory.log().names(Call::Settle), ["c"], "what is updated or destroyed is not");
    let last = f.memory.log().events().last().map(|event| event.operation);
    assert_eq!(last, Some(Call::Settle));
}

#[tokio::test]
async fn a_failure_to_settle_is_a_warning() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" { name = \"a\" }");
    f.memory.fault(Call::Settle, "a", Fault::Fail("not allowed".into()));
    let diagnostics = f.apply_any().await;
    assert_eq!(render(&diagnostics), "Warning: Injected failure: not allowed\n");
    f.expect_empty().await;
}
