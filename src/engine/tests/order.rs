use ::plan::Action;
use provider::memory::Operation as Call;

use super::Fixture;

/// hashicorp/terraform#26226: Terraform answers this change with a cycle.
#[tokio::test]
async fn shrinking_a_count_below_a_resource_that_is_created_first_has_an_order() {
    let config = |n: u32, v: &str, trigger: &str| {
        format!(
            r#"
            resource "test_thing" "a" {{
              count = {n}
              name  = "a${{count.index}}"
              value = "{v}"
            }}
            resource "test_thing" "b" {{
              name  = "b"
              value = test_thing.a[0].id
              lifecycle {{
                create_before_destroy = true
                {trigger}
              }}
            }}
            "#
        )
    };
    let mut f = Fixture::new(&config(2, "1", ""));
    f.converge().await;
    f.memory.clear_log();
    f.set(&config(1, "2", "replace_triggered_by = [test_thing.a]"));
    let run = f.converge().await;
    assert_eq!(run.change("test_thing.b").action, Action::CreateThenDelete);
    assert_eq!(run.change("test_thing.a[1]").action, Action::Delete);
    let log = f.memory.log();
    assert!(log.ended_before((Call::Create, "b"), (Call::Delete, "b")));
    assert!(log.ended_before((Call::Delete, "b"), (Call::Delete, "a1")));
}

#[tokio::test]
async fn creating_first_spreads_to_dependencies_and_is_stored() {
    let config = |zone: &str| {
        format!(
            r#"
            resource "test_thing" "a" {{
              name = "a"
              zone = "{zone}"
            }}
            locals {{ id = test_thing.a.id }}
            resource "test_thing" "b" {{
              name = "b"
              zone = local.id
              lifecycle {{ create_before_destroy = true }}
            }}
            "#
        )
    };
    let mut f = Fixture::new(&config("1"));
    f.converge().await;
    let stored = f.state.instance(&super::fixture::parse("test_thing.a")).and_then(|i| i.current.clone());
    assert!(stored.expect("stored").create_before_destroy);
    f.memory.clear_log();
    f.set(&config("2"));
    let run = f.converge().await;
    assert_eq!(run.change("test_thing.a").action, Action::CreateThenDelete);
    let log = f.memory.log();
    for (first, second) in [
        ((Call::Create, "a"), (Call::Create, "b")),
        ((Call::Create, "b"), (Call::Delete, "b")),
        ((Call::Delete, "b"), (Call::Delete, "a")),
    ] {
        assert!(log.ended_before(first, second), "{first:?} {second:?}");
    }
}

#[tokio::test]
async fn replacing_a_chain_destroys_backwards_and_creates_forwards() {
    let config = |zone: &str| {
        format!(
            r#"
            resource "test_thing" "a" {{
              name = "a"
              zone = "{zone}"
            }}
            resource "test_thing" "b" {{
              name = "b"
              zone = test_thing.a.id
            }}
            resource "test_thing" "c" {{
              name  = "c"
              value = test_thing.b.id
            }}
            "#
        )
    };
    let mut f = Fixture::new(&config("1"));
    f.converge().await;
    f.memory.clear_log();
    f.set(&config("2"));
    let run = f.converge().await;
    assert_eq!(
        run.actions(),
        ["test_thing.a delete-create", "test_thing.b delete-create", "test_thing.c update"]
    );
    let log = f.memory.log();
    for (first, second) in [
        ((Call::Delete, "b"), (Call::Delete, "a")),
        ((Call::Delete, "a"), (Call::Create, "a")),
        ((Call::Create, "a"), (Call::Create, "b")),
        ((Call::Create, "b"), (Call::Update, "c")),
    ] {
        assert!(log.ended_before(first, second), "{first:?} {second:?}");
    }
}

/// As in Terraform, which draws no such edge.
#[tokio::test]
async fn a_resource_may_name_itself_in_depends_on() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {\n count = 2\n depends_on = [test_thing.a]\n}");
    f.converge().await;
    assert_eq!(f.addresses(), ["test_thing.a[0]", "test_thing.a[1]"]);
    f.destroy().await;
}

#[tokio::test]
async fn what_depends_on_a_removed_resource_goes_first() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" { name = "a" }
        resource "test_thing" "b" {
          name       = "b"
          depends_on = [test_thing.a]
        }
        "#,
    );
    f.converge().await;
    f.set("");
    f.converge().await;
    assert!(f.memory.log().ended_before((Call::Delete, "b"), (Call::Delete, "a")));
}

#[tokio::test]
async fn a_module_dependency_holds_back_everything_inside() {
    let mut f = Fixture::with_files(&[
        (
            "main.tf",
            r#"
            resource "test_thing" "a" { name = "a" }
            module "m" {
              source     = "./m"
              depends_on = [test_thing.a]
            }
            resource "test_thing" "z" {
              name       = "z"
              depends_on = [module.m]
            }
            "#,
        ),
        ("m/main.tf", r#"resource "test_thing" "x" { name = "x" }"#),
    ]);
    f.converge().await;
    let log = f.memory.log();
    assert!(log.ended_before((Call::Create, "a"), (Call::Create, "x")));
    assert!(log.ended_before((Call::Create, "x"), (Call::Create, "z")));
}

#[tokio::test]
async fn records_are_durable_before_dependents_start() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" { name = "a" }
        resource "test_thing" "b" { value = test_thing.a.id }
        "#,
    );
    f.converge().await;
    let records = f.memory_recorder.records();
    let kinds: Vec<String> = records
        .iter()
        .map(|record| match record {
            state::journal::Record::Started(s) => format!("start {} {}", s.action, s.address),
            state::journal::Record::Finished { address, .. } => format!("end {address}"),
            _ => "other".into(),
        })
        .collect();
    assert_eq!(
        kinds,
        ["start create test_thing.a", "end test_thing.a", "start create test_thing.b", "end test_thing.b"]
    );
}

#[tokio::test]
async fn cycles_are_named() {
    let f = Fixture::new(
        r#"
        resource "test_thing" "a" { value = local.x }
        resource "test_thing" "b" { value = test_thing.a.id }
        locals { x = test_thing.b.id }
        "#,
    );
    let errors = f.plan_errors().await;
    for part in ["Cycle: ", "local.x", "test_thing.a", "test_thing.b"] {
        assert!(errors.contains(part), "{errors}");
    }
    let f = Fixture::new(r#"resource "test_thing" "a" { value = test_thing.a.id }"#);
    let errors = f.plan_errors().await;
    assert!(
        errors.contains("Self-referential block: Configuration for test_thing.a may not refer to itself."),
        "{errors}"
    );
}

/// What the state has stored of an object that did not change since may contradict what the configuration has become.
#[tokio::test]
async fn a_reference_that_was_turned_around_is_no_cycle() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" {
          name  = "a"
          value = test_thing.b.id
        }
        resource "test_thing" "b" { name = "b" }
        "#,
    );
    f.converge().await;
    f.set(
        r#"
        resource "test_thing" "a" {
          name  = "a"
          value = "thing-b-1"
        }
        resource "test_thing" "b" {
          name  = "b"
          value = test_thing.a.id
        }
        "#,
    );
    assert_eq!(f.converge().await.actions(), ["test_thing.b update"]);
    f.destroy().await;
    assert!(f.memory.log().ended_before((Call::Delete, "b"), (Call::Delete, "a")));
}
