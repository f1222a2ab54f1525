//! Providers that break the rules are told so by name, address and attribute.

use std::collections::BTreeSet;

use provider::memory::{Fault, Operation as Call};
use provider::{PlannedAction, RolloutStep};
use value::Value;

use super::Fixture;
use super::fixture::{parse, render};

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
async fn what_a_provider_says_of_the_rollout_is_in_the_plan() {
    let f = Fixture::new(r#"resource "test_thing" "a" { name = "a" }"#);
    let step = RolloutStep { text: "create a".into(), addresses: vec![parse("test_thing.a")] };
    f.memory.tell_rollout(vec![step.clone()]);
    let run = f.plan().await;
    assert_eq!(run.plan.rollouts.len(), 1);
    assert_eq!(run.plan.rollouts[0].steps, [step]);
    assert_eq!(run.plan.rollouts[0].provider.to_string(), run.change("test_thing.a").provider.to_string());
}

#[tokio::test]
async fn a_review_sees_what_is_not_targeted_as_the_state_has_it() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" {
          count = 3
          name  = "a${count.index}"
        }
        "#,
    );
    f.apply().await;
    f.set("resource \"test_thing\" \"a\" {\n count = 3\n name = \"a${count.index}\"\n value = \"new\"\n}");
    f.target("test_thing.a[1]");
    f.plan().await;
    let reviews = f.memory.reviews();
    let seen: Vec<_> = reviews[1].iter().map(|step| (step.address.to_string(), step.action)).collect();
    let stays = |at: usize| (format!("test_thing.a[{at}]"), PlannedAction::NoOp);
    assert_eq!(seen, [("test_thing.a[1]".into(), PlannedAction::Update), stays(0), stays(2)]);
    assert_eq!(reviews[1][1].before.attr_str("name").map(|name| name.as_str()), Some("a0"));
}

/// Of a hundred that come before each of a hundred, none is forgotten, and the lists stay short.
#[tokio::test]
async fn the_order_that_a_review_sees_is_exact_and_small() {
    let f = Fixture::new(
        r#"
        resource "test_thing" "first" {}
        resource "test_thing" "a" { count = 100 }
        resource "test_thing" "b" {
          count      = 100
          depends_on = [test_thing.a, test_thing.first]
        }
        "#,
    );
    f.plan().await;
    let reviews = f.memory.reviews();
    let steps = &reviews[0];
    let named: usize = steps.iter().map(|step| step.after_steps.len()).sum();
    assert!(named < 4 * steps.len(), "{named} names in {} steps", steps.len());
    let mut before: Vec<BTreeSet<usize>> = Vec::new();
    for step in steps {
        let all = step.after_steps.iter().flat_map(|at| before[*at].iter().copied().chain([*at])).collect();
        before.push(all);
    }
    let is = |at: usize, name: &str| {
        steps[at].action == PlannedAction::Create && *steps[at].address.resource.name == *name
    };
    for at in (0..steps.len()).filter(|at| is(*at, "b")) {
        let count = |name| before[at].iter().filter(|earlier| is(**earlier, name)).count();
        assert_eq!((count("first"), count("a"), count("b")), (1, 100, 0));
    }
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

#[tokio::test]
async fn what_was_read_with_a_warning_is_named_in_the_plan() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {\n count = 2\n name = \"a${count.index}\"\n}");
    f.converge().await;
    assert!(f.plan().await.plan.doubtful.is_empty());
    f.memory.fault(Call::Read, "a1", Fault::Warn("away".into()));
    let run = f.plan().await;
    assert!(!run.plan.is_applyable());
    let doubtful: Vec<String> = run.plan.doubtful.iter().map(ToString::to_string).collect();
    assert_eq!(doubtful, ["test_thing.a[1]"]);
}
