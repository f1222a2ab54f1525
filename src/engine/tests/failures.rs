use ::plan::Reason;
use provider::memory::{Fault, Operation as Call};

use super::Fixture;
use super::fixture::render;

const THREE: &str = r#"
resource "test_thing" "a" { name = "a" }
resource "test_thing" "b" {
  name  = "b"
  value = test_thing.a.id
}
resource "test_thing" "c" { name = "c" }
"#;

#[tokio::test]
async fn a_failure_skips_dependents_and_nothing_else() {
    let mut f = Fixture::new(THREE);
    f.memory.fault(Call::Create, "a", Fault::Fail("no capacity".into()));
    let diagnostics = f.apply_any().await;
    assert_eq!(diagnostics.len(), 1, "{}", render(&diagnostics));
    assert!(render(&diagnostics).contains("no capacity [test_thing.a]"));
    assert_eq!(f.addresses(), ["test_thing.c"]);
    f.memory.clear_faults();
    f.converge().await;
    assert_eq!(f.addresses(), ["test_thing.a", "test_thing.b", "test_thing.c"]);
}

#[tokio::test]
async fn an_incomplete_creation_is_tainted_and_replaced() {
    let mut f = Fixture::new(THREE);
    f.memory.fault_once(Call::Create, "a", Fault::Partial("half".into()));
    assert!(f.apply_any().await.has_errors());
    assert_eq!(f.addresses(), ["test_thing.a (tainted)", "test_thing.c"]);
    let run = f.converge().await;
    assert_eq!(run.reason("test_thing.a"), Reason::ReplaceBecauseTainted);
    assert_eq!(run.actions(), ["test_thing.a delete-create", "test_thing.b create"]);
    assert_eq!(f.memory.ids(), ["thing-a-2", "thing-b-1", "thing-c-1"]);
}

#[tokio::test]
async fn a_failed_update_keeps_the_old_object() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { value = "1" }"#);
    f.converge().await;
    f.set(r#"resource "test_thing" "a" { value = "2" }"#);
    f.memory.fault_once(Call::Update, "", Fault::Fail("busy".into()));
    assert!(f.apply_any().await.has_errors());
    assert_eq!(f.attr("test_thing.a", "value"), "\"1\"");
    assert_eq!(f.addresses(), ["test_thing.a"]);
    f.converge().await;
}

#[tokio::test]
async fn a_failed_deletion_keeps_the_object_and_what_it_depends_on() {
    let mut f = Fixture::new(THREE);
    f.converge().await;
    f.set(r#"resource "test_thing" "c" { name = "c" }"#);
    f.memory.fault_once(Call::Delete, "b", Fault::Fail("in use".into()));
    assert!(f.apply_any().await.has_errors());
    assert_eq!(f.addresses(), ["test_thing.a", "test_thing.b", "test_thing.c"]);
    f.converge().await;
    assert_eq!(f.addresses(), ["test_thing.c"]);
}

fn first(zone: &str) -> String {
    format!(
        "resource \"test_thing\" \"a\" {{\n name = \"a\"\n zone = \"{zone}\"\n lifecycle {{ create_before_destroy = true }}\n}}"
    )
}

#[tokio::test]
async fn a_failed_creation_before_destruction_leaves_the_old_object_in_place() {
    let mut f = Fixture::new(&first("1"));
    f.converge().await;
    f.set(&first("2"));
    f.memory.fault_once(Call::Create, "a", Fault::Fail("no".into()));
    assert!(f.apply_any().await.has_errors());
    assert_eq!(f.addresses(), ["test_thing.a"]);
    assert_eq!(f.attr("test_thing.a", "zone"), "\"1\"");
    f.converge().await;
    assert_eq!(f.memory.ids(), ["thing-a-2"]);
}

#[tokio::test]
async fn an_old_object_that_could_not_be_destroyed_is_deposed_and_cleaned_up_later() {
    let mut f = Fixture::new(&first("1"));
    f.converge().await;
    f.set(&first("2"));
    f.memory.fault_once(Call::Delete, "a", Fault::Fail("in use".into()));
    assert!(f.apply_any().await.has_errors());
    assert_eq!(f.addresses(), ["test_thing.a", "test_thing.a (deposed)"]);
    assert_eq!(f.memory.ids(), ["thing-a-1", "thing-a-2"]);
    let run = f.converge().await;
    assert_eq!(run.actions(), ["test_thing.a (deposed) delete"]);
    assert_eq!(f.memory.ids(), ["thing-a-2"]);
    assert_eq!(f.addresses(), ["test_thing.a"]);
}

#[tokio::test]
async fn a_read_that_fails_is_an_error_of_that_object_alone() {
    let mut f = Fixture::new(THREE);
    f.converge().await;
    f.memory.fault(Call::Read, "a", Fault::Fail("timeout".into()));
    let run = f.plan_any().await;
    assert!(run.text().contains("timeout [test_thing.a]"), "{}", run.text());
    assert!(run.plan.errored);
    assert!(run.plan.changes.iter().any(|change| change.address.to_string() == "test_thing.c"));
}

#[tokio::test]
async fn an_errored_plan_is_not_applied() {
    let mut f = Fixture::new(THREE);
    f.memory.fault_once(Call::Plan, "c", Fault::Fail("bad".into()));
    let run = f.plan_any().await;
    let diagnostics = f.apply_plan(run.plan).await;
    assert!(render(&diagnostics).contains("Cannot apply incomplete plan"));
    assert!(f.memory.ids().is_empty());
}
