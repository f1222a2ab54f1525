use ::plan::{Action, Mode, Reason};
use provider::memory::Operation as Call;
use value::Value;

use super::Fixture;
use super::fixture::parse;

#[tokio::test]
async fn a_change_behind_its_back_is_found_and_undone() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { value = "mine" }"#);
    f.converge().await;
    let id = f.memory.ids()[0].clone();
    assert!(f.memory.drift(&id, "value", Value::string("theirs")));
    let run = f.plan().await;
    assert_eq!(run.plan.drift.len(), 1);
    assert_eq!(run.plan.drift[0].after.attr("value"), Some(&Value::string("theirs")));
    assert_eq!(run.actions(), ["test_thing.a update"]);
    f.converge().await;
    assert_eq!(f.memory.object(&id).and_then(|o| o.attr("value").cloned()), Some(Value::string("mine")));
}

#[tokio::test]
async fn an_object_that_is_gone_is_created_again() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { name = "a" }"#);
    f.converge().await;
    assert!(f.memory.vanish("thing-a-1"));
    let run = f.converge().await;
    assert_eq!(run.actions(), ["test_thing.a create"]);
    assert_eq!(run.plan.drift[0].action, Action::Delete);
}

#[tokio::test]
async fn without_refresh_nothing_is_read() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { value = "mine" }"#);
    f.converge().await;
    let id = f.memory.ids()[0].clone();
    f.memory.drift(&id, "value", Value::string("theirs"));
    f.memory.clear_log();
    f.refresh = crate::Refresh::Skip;
    f.expect_empty().await;
    assert_eq!(f.memory.log().count(Call::Read), 0);
}

#[tokio::test]
async fn refresh_only_takes_what_is_there_into_the_state() {
    let mut f = Fixture::new(
        "resource \"test_thing\" \"a\" { value = \"mine\" }\noutput \"v\" { value = test_thing.a.value }",
    );
    f.converge().await;
    let id = f.memory.ids()[0].clone();
    f.memory.drift(&id, "value", Value::string("theirs"));
    f.mode = Mode::RefreshOnly;
    let run = f.apply().await;
    assert!(run.actions().is_empty());
    assert!(run.plan.is_applyable());
    assert_eq!(f.attr("test_thing.a", "value"), "\"theirs\"");
    assert_eq!(f.output("v"), Some(&Value::string("theirs")));
}

#[tokio::test]
async fn objects_of_one_provider_are_read_in_one_call() {
    let mut f = Fixture::new(
        "resource \"test_thing\" \"a\" { count = 20 }\nresource \"test_instance\" \"b\" { count = 5 }",
    );
    f.apply().await;
    f.memory.clear_log();
    f.expect_empty().await;
    assert_eq!(f.memory.log().read_batches(), [25]);
}

#[tokio::test]
async fn replacement_can_be_asked_for() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { count = 2 }"#);
    f.converge().await;
    f.force_replace.push(parse("test_thing.a[1]"));
    let run = f.plan().await;
    assert_eq!(run.actions(), ["test_thing.a[1] delete-create"]);
    assert_eq!(run.reason("test_thing.a[1]"), Reason::ReplaceByRequest);
}

#[tokio::test]
async fn changes_of_others_can_trigger_replacement() {
    let config = |value: &str, trigger: &str| {
        format!(
            r#"
            resource "test_thing" "a" {{
              name  = "a"
              value = "{value}"
            }}
            resource "test_thing" "b" {{
              name = "b"
              lifecycle {{ replace_triggered_by = [{trigger}] }}
            }}
            "#
        )
    };
    for (trigger, fires) in [
        ("test_thing.a", true),
        ("test_thing.a.value", true),
        ("test_thing.a.name", false),
        ("test_thing.a.revision", true),
    ] {
        let mut f = Fixture::new(&config("1", trigger));
        f.converge().await;
        f.set(&config("2", trigger));
        let run = f.converge().await;
        let action = run.change("test_thing.b").action;
        assert_eq!(action == Action::DeleteThenCreate, fires, "{trigger}");
        if fires {
            assert_eq!(run.reason("test_thing.b"), Reason::ReplaceByTriggers);
        }
    }
}

#[tokio::test]
async fn protected_instances_are_not_destroyed() {
    let config = |zone: &str| {
        format!(
            "resource \"test_thing\" \"a\" {{\n zone = \"{zone}\"\n lifecycle {{ prevent_destroy = true }}\n}}"
        )
    };
    let mut f = Fixture::new(&config("1"));
    f.converge().await;
    f.set(&config("2"));
    let errors = f.plan_errors().await;
    assert!(
        errors.contains(
            "Instance cannot be destroyed: Resource test_thing.a has lifecycle.prevent_destroy set"
        ),
        "{errors}"
    );
    f.mode = Mode::Destroy;
    assert!(f.plan_errors().await.contains("Instance cannot be destroyed"));
    f.mode = Mode::Normal;
    f.set("");
    assert_eq!(f.converge().await.actions(), ["test_thing.a delete"]);
}

#[tokio::test]
async fn ignored_changes_are_not_acted_on() {
    let config = |value: &str, key: &str, ignore: &str| {
        format!(
            "resource \"test_thing\" \"a\" {{\n value = \"{value}\"\n tags = {{ keep = \"x\", key = \"{key}\" }}\n lifecycle {{ ignore_changes = {ignore} }}\n}}"
        )
    };
    for (ignore, expected) in [
        ("[value, tags[\"key\"]]", vec![]),
        ("[tags]", vec!["test_thing.a update"]),
        ("all", vec![]),
        ("[value]", vec!["test_thing.a update"]),
    ] {
        let mut f = Fixture::new(&config("1", "1", ignore));
        f.converge().await;
        f.set(&config("2", "2", ignore));
        let run = f.converge().await;
        assert_eq!(run.actions(), expected, "{ignore}");
    }
}

#[tokio::test]
async fn orphans_say_why() {
    let mut f = Fixture::with_files(&[
        (
            "main.tf",
            r#"
            resource "test_thing" "counted" { count = 2 }
            resource "test_thing" "keyed" { for_each = toset(["a", "b"]) }
            resource "test_thing" "single" {}
            module "m" {
              source = "./m"
              count  = 2
            }
            "#,
        ),
        ("m/main.tf", r#"resource "test_thing" "x" {}"#),
    ]);
    f.converge().await;
    f.set(
        r#"
        resource "test_thing" "counted" { count = 1 }
        resource "test_thing" "keyed" { for_each = toset(["a"]) }
        resource "test_thing" "single" { for_each = toset(["s"]) }
        module "m" {
          source = "./m"
          count  = 1
        }
        "#,
    );
    let run = f.converge().await;
    for (address, reason) in [
        ("test_thing.counted[1]", Reason::DeleteBecauseCountIndex),
        ("test_thing.keyed[\"b\"]", Reason::DeleteBecauseEachKey),
        ("test_thing.single", Reason::DeleteBecauseWrongRepetition),
        ("module.m[1].test_thing.x", Reason::DeleteBecauseNoModule),
    ] {
        assert_eq!(run.reason(address), reason, "{address}");
        assert_eq!(run.change(address).action, Action::Delete);
    }
    f.set("");
    let run = f.converge().await;
    assert_eq!(run.reason("test_thing.counted[0]"), Reason::DeleteBecauseNoResourceConfig);
    assert_eq!(run.reason("module.m[0].test_thing.x"), Reason::DeleteBecauseNoResourceConfig);
    assert!(f.memory.ids().is_empty());
}

#[tokio::test]
async fn write_only_values_reach_the_provider_and_nothing_else() {
    let mut f = Fixture::new(
        r#"
        ephemeral "test_token" "t" { name = "t" }
        resource "test_thing" "a" {
          secret_wo         = ephemeral.test_token.t.token
          secret_wo_version = 1
        }
        "#,
    );
    f.converge().await;
    assert_eq!(f.attr("test_thing.a", "secret_wo"), "null");
    assert!(!format!("{:?}", f.memory_recorder.records()).contains("token-t"));
    let log = f.memory.log();
    assert_eq!(log.count(Call::Open), log.count(Call::Close));
    assert!(log.count(Call::Open) >= 2);
}

#[tokio::test]
async fn ephemeral_values_may_not_be_stored() {
    let f = Fixture::new(
        r#"
        ephemeral "test_token" "t" {}
        resource "test_thing" "a" { value = ephemeral.test_token.t.token }
        "#,
    );
    assert!(f.plan_errors().await.contains("Invalid use of ephemeral value"));
}

#[tokio::test]
async fn sensitive_marks_stay_with_values() {
    let mut f = Fixture::new(
        r#"
        variable "s" {
          default   = "hunter2"
          sensitive = true
        }
        resource "test_thing" "a" {
          value  = var.s
          secret = "own"
        }
        resource "test_thing" "b" { value = test_thing.a.secret }
        "#,
    );
    let run = f.converge().await;
    assert!(run.change("test_thing.a").after.attr("value").expect("there").is_sensitive());
    assert!(run.change("test_thing.a").after.attr("secret").expect("there").is_sensitive());
    assert!(run.change("test_thing.b").after.attr("value").expect("there").is_sensitive());
    let stored = f.state.instance(&parse("test_thing.a")).and_then(|i| i.current.clone()).expect("stored");
    assert_eq!(stored.sensitive.len(), 1, "the schema's own marks are not stored");
    f.set(
        "variable \"s\" { default = \"hunter2\" }\nresource \"test_thing\" \"a\" {\n value = var.s\n secret = \"own\"\n}\nresource \"test_thing\" \"b\" { value = test_thing.a.secret }",
    );
    assert_eq!(f.converge().await.actions(), ["test_thing.a update"], "only the mark changes");
}
