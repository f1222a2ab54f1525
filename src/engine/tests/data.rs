use ::plan::{Action, Reason};
use provider::memory::Operation as Call;
use value::Value;

use super::Fixture;

#[tokio::test]
async fn known_data_is_read_while_planning() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {\n name = \"a\"\n value = \"v\"\n}");
    f.converge().await;
    f.set(
        "resource \"test_thing\" \"a\" {\n name = \"a\"\n value = \"v\"\n}\ndata \"test_thing\" \"d\" { id = test_thing.a.id }\noutput \"v\" { value = data.test_thing.d.value }",
    );
    let run = f.converge().await;
    assert!(run.actions().is_empty(), "{:?}", run.actions());
    assert_eq!(run.plan.outputs["v"].after, Value::string("v"));
    assert_eq!(f.addresses(), ["data.test_thing.d", "test_thing.a"]);
    let mut g = Fixture::new("");
    (g.memory, g.state) = (f.memory.clone(), f.state.clone());
    f.set("resource \"test_thing\" \"a\" {\n name = \"a\"\n value = \"v\"\n}");
    assert!(f.converge().await.actions().is_empty());
    assert_eq!(f.addresses(), ["test_thing.a"]);
    g.destroy().await;
    assert!(g.state.is_empty(), "data goes with the last object: {:?}", g.addresses());
}

#[tokio::test]
async fn unknown_data_is_read_while_applying() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" {
          name  = "a"
          value = "v"
        }
        data "test_thing" "d" { id = test_thing.a.id }
        resource "test_thing" "b" { value = data.test_thing.d.value }
        "#,
    );
    let run = f.converge().await;
    let read = run.change("data.test_thing.d");
    assert_eq!((read.action, read.reason), (Action::Read, Reason::ReadBecauseConfigUnknown));
    assert_eq!(f.attr("test_thing.b", "value"), "\"v\"");
    assert!(f.memory.log().ended_before((Call::Create, "a"), (Call::ReadData, "thing-a-1")));
}

#[tokio::test]
async fn data_that_depends_on_a_pending_change_waits_for_it() {
    let config = |value: &str| {
        format!(
            r#"
            resource "test_thing" "a" {{
              name  = "a"
              value = "{value}"
            }}
            data "test_thing" "d" {{
              id         = "thing-a-1"
              depends_on = [test_thing.a]
            }}
            output "v" {{ value = data.test_thing.d.value }}
            "#
        )
    };
    let mut f = Fixture::new(&config("1"));
    let run = f.converge().await;
    assert_eq!(run.reason("data.test_thing.d"), Reason::ReadBecauseDependencyPending);
    f.set(&config("2"));
    let run = f.converge().await;
    assert_eq!(run.reason("data.test_thing.d"), Reason::ReadBecauseDependencyPending);
    assert_eq!(f.output("v"), Some(&Value::string("2")));
}

#[tokio::test]
async fn modules_pass_their_dependencies_to_data() {
    let mut f = Fixture::with_files(&[
        (
            "main.tf",
            "resource \"test_thing\" \"a\" { name = \"a\" }\nmodule \"m\" {\n source = \"./m\"\n depends_on = [test_thing.a]\n}",
        ),
        ("m/main.tf", "data \"test_thing\" \"d\" { id = \"thing-a-1\" }"),
    ]);
    let run = f.converge().await;
    assert_eq!(run.reason("module.m.data.test_thing.d"), Reason::ReadBecauseDependencyPending);
}

#[tokio::test]
async fn data_of_a_check_only_warns() {
    let mut f = Fixture::new(
        r#"
        check "c" {
          data "test_thing" "d" { id = "nothing" }
          assert {
            condition     = data.test_thing.d.value == "x"
            error_message = "not x"
          }
        }
        "#,
    );
    let run = f.apply().await;
    assert!(run.plan.changes.iter().any(|c| c.reason == Reason::ReadBecauseCheckNested));
    assert!(run.text().contains("No such object"), "{}", run.text());
    // It is read again for ever, which is no reason to apply for ever.
    f.expect_empty().await;
    let run = f.apply().await;
    assert!(run.plan.changes.iter().any(|c| c.reason == Reason::ReadBecauseCheckNested));
    assert_eq!(f.state.check_results[0].status, state::CheckStatus::Fail);
}

/// What the check reads is read last, and what depends on its module does not wait for that.
#[tokio::test]
async fn a_module_with_data_of_a_check_may_be_depended_on() {
    let mut f = Fixture::with_files(&[
        (
            "main.tf",
            r#"
            module "m" { source = "./m" }
            resource "test_thing" "z" {
              name       = "z"
              depends_on = [module.m]
            }
            "#,
        ),
        (
            "m/main.tf",
            r#"
            resource "test_thing" "x" { name = "x" }
            check "c" {
              data "test_thing" "d" { id = "thing-z-2" }
              assert {
                condition     = data.test_thing.d.name == "z"
                error_message = "No z."
              }
            }
            "#,
        ),
    ]);
    f.apply().await;
    let log = f.memory.log();
    assert!(log.ended_before((Call::Create, "x"), (Call::Create, "z")));
    let made = log.events().iter().position(|event| event.operation == Call::Create && event.name == "z");
    let read = log.events().iter().rposition(|event| event.operation == Call::ReadData);
    assert!(made.is_some() && read > made, "{:?}", log.events());
}

#[tokio::test]
async fn provider_configuration_may_be_unknown() {
    let mut f = Fixture::new(
        r#"
        provider "test" { endpoint = "fixed" }
        provider "test" {
          alias    = "made"
          endpoint = test_thing.a.id
        }
        resource "test_thing" "a" { name = "a" }
        resource "test_thing" "b" {
          name     = "b"
          provider = test.made
        }
        "#,
    );
    f.converge().await;
    let endpoints: Vec<Value> =
        f.memory.configurations().iter().filter_map(|c| c.attr("endpoint").cloned()).collect();
    assert!(endpoints.contains(&Value::string("thing-a-1")), "{endpoints:?}");
    assert!(endpoints.iter().any(|value| !value.is_known()));
    f.destroy().await;
    assert!(f.state.is_empty());
    assert!(f.memory.log().ended_before((Call::Delete, "b"), (Call::Delete, "a")));
}

#[tokio::test]
async fn provider_functions_are_called() {
    let mut f = Fixture::new(
        r#"
        terraform {
          required_providers {
            test = { source = "hashicorp/test" }
          }
        }
        output "x" { value = provider::test::echo("hi") }
        "#,
    );
    f.converge().await;
    assert_eq!(f.output("x"), Some(&Value::string("hi")));
}
