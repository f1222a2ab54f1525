use state::{CheckKind, CheckStatus};

use super::Fixture;
use super::fixture::render;

#[tokio::test]
async fn conditions_stop_what_they_guard() {
    for (name, hcl, message) in [
        (
            "precondition",
            r#"
            variable "ok" { default = false }
            resource "test_thing" "a" {
              lifecycle {
                precondition {
                  condition     = var.ok
                  error_message = "Not ok."
                }
              }
            }
            "#,
            "Resource precondition failed: Not ok. [test_thing.a]",
        ),
        (
            "postcondition",
            r#"
            resource "test_thing" "a" {
              value = "x"
              lifecycle {
                postcondition {
                  condition     = self.value == "y"
                  error_message = "Value is ${self.value}."
                }
              }
            }
            "#,
            "Resource postcondition failed: Value is x. [test_thing.a]",
        ),
        (
            "validation",
            r#"
            variable "n" {
              default = 3
              validation {
                condition     = var.n < 3
                error_message = "Too many."
              }
            }
            "#,
            "Invalid value for variable: Too many.\n\nThis was checked by the validation rule at ",
        ),
        (
            "output",
            r#"
            variable "n" { default = 1 }
            output "o" {
              value = 1
              precondition {
                condition     = var.n > 2
                error_message = "No."
              }
            }
            "#,
            "Module output value precondition failed: No.",
        ),
    ] {
        let errors = Fixture::new(hcl).plan_errors().await;
        assert!(errors.contains(message), "{name}: {errors}");
    }
}

#[tokio::test]
async fn unknown_conditions_are_settled_while_applying() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" {
          lifecycle {
            postcondition {
              condition     = self.revision == 2
              error_message = "Revision ${self.revision}."
            }
          }
        }
        resource "test_thing" "b" { value = test_thing.a.id }
        "#,
    );
    let run = f.plan().await;
    assert_eq!(run.plan.checks[0].status, CheckStatus::Unknown);
    let errors = render(&f.apply_plan(run.plan).await);
    assert!(errors.contains("Resource postcondition failed: Revision 1."), "{errors}");
    assert_eq!(f.addresses(), ["test_thing.a"]);
}

#[tokio::test]
async fn failed_checks_are_warnings_and_are_stored() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" { value = "x" }
        check "c" {
          assert {
            condition     = test_thing.a.value == "y"
            error_message = "Value is ${test_thing.a.value}."
          }
        }
        "#,
    );
    let run = f.apply().await;
    assert!(run.text().contains("Warning: Check block assertion failed: Value is x."), "{}", run.text());
    let result = &f.state.check_results[0];
    assert_eq!((result.kind, result.status), (CheckKind::Check, CheckStatus::Fail));
    assert_eq!(result.objects[0].failure_messages, ["Value is x."]);
}

#[tokio::test]
async fn sensitive_messages_are_withheld() {
    let f = Fixture::new(
        r#"
        variable "s" {
          default   = "hunter2"
          sensitive = true
          validation {
            condition     = length(var.s) > 10
            error_message = "Bad: ${var.s}"
          }
        }
        "#,
    );
    let errors = f.plan_errors().await;
    assert!(!errors.contains("hunter2"), "{errors}");
    assert!(errors.contains("Error message refers to sensitive values"), "{errors}");
}
