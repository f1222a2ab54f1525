//! Providers that break the rules are told so by name, address and attribute.

use provider::memory::{Fault, Operation as Call};
use value::Value;

use super::Fixture;
use super::fixture::render;

fn wrong(attribute: &str) -> Fault {
    Fault::Wrong { attribute: attribute.into(), value: Value::string("wrong") }
}

#[tokio::test]
async fn an_invalid_plan_is_refused() {
    let f = Fixture::new(r#"resource "test_thing" "a" { value = "x" }"#);
    f.memory.fault(Call::Plan, "", wrong("value"));
    let errors = f.plan_errors().await;
    assert!(
        errors.contains("Provider produced invalid plan: Provider \"hashicorp/test\" planned an invalid value for test_thing.a.value"),
        "{errors}"
    );
}

#[tokio::test]
async fn a_result_unlike_the_plan_is_an_error_and_recorded() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { value = "x" }"#);
    f.memory.fault_once(Call::Create, "", wrong("value"));
    let errors = render(&f.apply_any().await);
    assert!(errors.contains("Provider produced inconsistent result after apply"), "{errors}");
    assert!(errors.contains("hashicorp/test") && errors.contains("test_thing.a.value"), "{errors}");
    assert_eq!(f.addresses(), ["test_thing.a (tainted)"]);
}

#[tokio::test]
async fn a_final_plan_unlike_the_first_is_an_error_before_anything_is_done() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { size = 3 }"#);
    let run = f.plan().await;
    f.memory.fault_once(Call::Plan, "", Fault::Replace("zone".into()));
    f.memory.fault_once(
        Call::Plan,
        "",
        Fault::Wrong { attribute: "revision".into(), value: Value::number(7) },
    );
    let diagnostics = f.apply_plan(run.plan).await;
    // A computed attribute may become known; that is no contradiction.
    let text = render(&diagnostics);
    assert!(!text.contains("inconsistent final plan"), "{text}");

    let mut f = Fixture::new(r#"resource "test_thing" "a" {}"#);
    f.memory.fault_once(
        Call::Plan,
        "",
        Fault::Wrong { attribute: "revision".into(), value: Value::number(7) },
    );
    let run = f.plan().await;
    f.memory.fault_once(
        Call::Plan,
        "",
        Fault::Wrong { attribute: "revision".into(), value: Value::number(8) },
    );
    let text = render(&f.apply_plan(run.plan).await);
    assert!(text.contains("Provider produced inconsistent final plan"), "{text}");
    assert!(f.memory.ids().is_empty());
}

#[tokio::test]
async fn nothing_in_answer_to_a_creation_is_an_error() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" {}"#);
    f.memory.fault_once(Call::Create, "", Fault::Null);
    let text = render(&f.apply_any().await);
    assert!(text.contains("Root object was present, but now absent"), "{text}");
}

#[tokio::test]
async fn validation_by_the_provider_is_heard() {
    let f = Fixture::new(r#"resource "test_thing" "a" { value = "invalid" }"#);
    assert!(f.plan_errors().await.contains("The value must not be \"invalid\". [test_thing.a]"));
}

#[tokio::test]
async fn a_refused_plan_is_an_error() {
    let f = Fixture::new(
        "resource \"test_thing\" \"a\" { name = \"a\" }\nresource \"test_thing\" \"b\" { value = test_thing.a.id }",
    );
    f.memory.refuse_plan("would break quorum");
    assert!(f.plan_errors().await.contains("would break quorum"));
    let reviews = f.memory.reviews();
    let steps = &reviews[0];
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0].address.to_string(), "test_thing.a");
    assert_eq!(steps[1].after_steps, [0]);
}

#[tokio::test]
async fn unknown_types_and_missing_providers_are_named() {
    let f = Fixture::new(r#"resource "test_thin" "a" {}"#);
    let errors = f.plan_errors().await;
    assert!(
        errors.contains("Invalid resource type") && errors.contains("Did you mean \"test_thing\"?"),
        "{errors}"
    );
    let f = Fixture::new(r#"resource "other_thing" "a" {}"#);
    assert!(f.plan_errors().await.contains("no provider hashicorp/other"));
}
