//! What another resource of the plan has is not destroyed.

use ::plan::Reason;
use provider::memory::Operation as Call;
use provider::{PlannedStep, Review, handovers};
use value::Value;

use super::Fixture;
use super::fixture::{parse, render};

/// Things of the same zone are the same.
fn by_zone(steps: &[PlannedStep]) -> Review {
    let zone = |_: &PlannedStep, object: &Value| Some(object.attr_str("zone")?.to_string());
    Review { handovers: handovers(steps, zone), ..Review::default() }
}

fn thing(label: &str, zone: &str, more: &str) -> String {
    format!("resource \"test_thing\" \"{label}\" {{\n name = \"{label}\"\n zone = \"{zone}\"\n {more}\n}}\n")
}

fn numbered(zones: &str) -> String {
    format!(
        "locals {{\n zones = {zones}\n}}\n{}",
        "resource \"test_thing\" \"n\" {\n count = length(local.zones)\n name = local.zones[count.index]\n zone = local.zones[count.index]\n}"
    )
}

#[tokio::test]
async fn a_renamed_resource_destroys_nothing() {
    let mut f = Fixture::new(&thing("old", "z", ""));
    f.memory.review_by(by_zone);
    f.apply().await;
    f.memory.clear_log();
    f.set(&thing("new", "z", ""));
    let run = f.plan().await;
    assert_eq!(run.actions(), ["test_thing.new create", "test_thing.old forget"]);
    assert_eq!(run.reason("test_thing.old"), Reason::ForgetBecauseHandedOver);
    let text = render(&run.diagnostics);
    assert!(text.contains("test_thing.old goes to test_thing.new"), "{text}");
    assert!(!text.contains("no longer be managed"), "{text}");
    f.converge().await;
    assert!(f.memory.log().names(Call::Delete).is_empty());
    assert_eq!(f.addresses(), ["test_thing.new"]);
}

#[tokio::test]
async fn keys_that_shift_destroy_only_what_nobody_has() {
    let mut f = Fixture::new(&numbered(r#"["a", "b", "c"]"#));
    f.memory.review_by(by_zone);
    f.apply().await;
    f.memory.clear_log();
    f.set(&numbered(r#"["b", "c"]"#));
    let run = f.converge().await;
    let text = render(&run.diagnostics);
    assert!(text.contains("test_thing.n[1] goes to test_thing.n[0]"), "{text}");
    assert!(text.contains("test_thing.n[2] goes to test_thing.n[1]"), "{text}");
    assert_eq!(f.memory.log().names(Call::Delete), ["a"]);
    assert_eq!(f.attr("test_thing.n[0]", "zone"), "\"b\"");
    assert_eq!(f.attr("test_thing.n[1]", "zone"), "\"c\"");
}

/// A killed apply leaves two resources with one object: the one that goes then does not take it along.
#[tokio::test]
async fn what_two_resources_have_goes_with_the_last() {
    let mut f = Fixture::new(&(thing("a", "z", "") + &thing("b", "z", "")));
    f.memory.review_by(by_zone);
    f.apply().await;
    f.memory.clear_log();
    f.set(&thing("a", "z", ""));
    f.converge().await;
    assert!(f.memory.log().names(Call::Delete).is_empty());
    f.set("");
    f.converge().await;
    assert_eq!(f.memory.log().names(Call::Delete), ["a"]);
}

/// The new one is there before the old one goes, which would take it along.
#[tokio::test]
async fn an_object_made_again_first_is_not_destroyed_after() {
    for (more, deleted) in [("lifecycle {\n create_before_destroy = true\n }", 0), ("", 1)] {
        let mut f = Fixture::new(&thing("a", "z", more));
        f.memory.review_by(by_zone);
        f.apply().await;
        f.memory.clear_log();
        f.force_replace.push(parse("test_thing.a"));
        let run = f.plan().await;
        let diagnostics = f.apply_plan(run.plan).await;
        assert!(!diagnostics.has_errors(), "{}", render(&diagnostics));
        assert_eq!(f.memory.log().names(Call::Delete).len(), deleted);
        assert_eq!(f.memory.log().names(Call::Create), ["a"]);
        assert_eq!(f.addresses(), ["test_thing.a"]);
    }
}
