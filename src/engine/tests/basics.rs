use ::plan::{Action, Reason};
use provider::memory::Operation as Call;
use value::Value;

use super::Fixture;

#[tokio::test]
async fn creates_then_has_nothing_to_do() {
    let mut f = Fixture::new(
        r#"
        variable "v" { default = "x" }
        locals { both = "${var.v}-${test_thing.a.id}" }
        resource "test_thing" "a" {
          name  = "a"
          value = var.v
        }
        resource "test_thing" "b" {
          name  = "b"
          value = local.both
        }
        output "id" { value = test_thing.b.value }
        "#,
    );
    let run = f.converge().await;
    assert_eq!(run.actions(), ["test_thing.a create", "test_thing.b create"]);
    assert!(!run.change("test_thing.b").after.attr("value").expect("there").is_known());
    assert_eq!(f.attr("test_thing.b", "value"), "\"x-thing-a-1\"");
    assert_eq!(f.output("id"), Some(&Value::string("x-thing-a-1")));
    let object = f.state.instance(&super::fixture::parse("test_thing.b")).expect("stored");
    let dependencies = &object.current.as_ref().expect("current").dependencies;
    assert_eq!(dependencies.iter().map(ToString::to_string).collect::<Vec<_>>(), ["test_thing.a"]);
}

#[tokio::test]
async fn updates_in_place() {
    let mut f = Fixture::new(r#"resource "test_thing" "a" { value = "1" }"#);
    f.converge().await;
    f.set(r#"resource "test_thing" "a" { value = "2" }"#);
    let run = f.converge().await;
    assert_eq!(run.actions(), ["test_thing.a update"]);
    assert_eq!(f.attr("test_thing.a", "revision"), "2");
}

#[tokio::test]
async fn replaces_in_both_orders() {
    for (lifecycle, action, order) in [
        ("", Action::DeleteThenCreate, (Call::Delete, Call::Create)),
        (
            "lifecycle { create_before_destroy = true }",
            Action::CreateThenDelete,
            (Call::Create, Call::Delete),
        ),
    ] {
        let config = |zone: &str| {
            format!(
                r#"resource "test_thing" "a" {{
 name = "a"
 zone = "{zone}"
 {lifecycle}
 }}"#
            )
        };
        let mut f = Fixture::new(&config("1"));
        f.converge().await;
        f.memory.clear_log();
        f.set(&config("2"));
        let run = f.converge().await;
        assert_eq!(run.change("test_thing.a").action, action);
        assert_eq!(run.reason("test_thing.a"), Reason::ReplaceBecauseCannotUpdate);
        assert!(f.memory.log().ended_before((order.0, "a"), (order.1, "a")));
        assert_eq!(f.memory.ids(), ["thing-a-2"]);
        assert_eq!(f.addresses(), ["test_thing.a"]);
    }
}

#[tokio::test]
async fn count_and_for_each_make_instances() {
    let mut f = Fixture::new(
        r#"
        variable "n" { default = 3 }
        resource "test_thing" "a" {
          count = var.n
          value = "v${count.index}"
        }
        resource "test_thing" "b" {
          for_each = { x = test_thing.a[0].id, y = test_thing.a[1].id }
          value    = "${each.key}-${each.value}"
        }
        output "all" { value = test_thing.a[*].value }
        output "y" { value = test_thing.b["y"].value }
        "#,
    );
    let run = f.converge().await;
    assert_eq!(run.actions().len(), 5);
    assert_eq!(
        f.output("all"),
        Some(&Value::tuple(vec![Value::string("v0"), Value::string("v1"), Value::string("v2")]))
    );
    assert!(f.attr("test_thing.b[\"y\"]", "value").starts_with("\"y-thing-"));
    f.var("n", "2");
    let run = f.converge().await;
    assert_eq!(run.actions(), ["test_thing.a[2] delete"]);
    assert_eq!(run.reason("test_thing.a[2]"), Reason::DeleteBecauseCountIndex);
}

#[tokio::test]
async fn modules_have_instances_variables_and_outputs() {
    let mut f = Fixture::with_files(&[
        (
            "main.tf",
            r#"
            module "m" {
              source   = "./m"
              for_each = toset(["a", "b"])
              text     = each.key
            }
            module "n" {
              source = "./m"
              count  = 2
              text   = module.m["a"].out
            }
            output "m" { value = module.m["b"].out }
            output "n" { value = module.n[*].out }
            "#,
        ),
        (
            "m/main.tf",
            r#"
            variable "text" { type = string }
            resource "test_thing" "x" { value = "<${var.text}>" }
            output "out" { value = test_thing.x.value }
            "#,
        ),
    ]);
    let run = f.converge().await;
    assert_eq!(
        run.actions(),
        [
            "module.m[\"a\"].test_thing.x create",
            "module.m[\"b\"].test_thing.x create",
            "module.n[0].test_thing.x create",
            "module.n[1].test_thing.x create",
        ]
    );
    assert_eq!(f.output("m"), Some(&Value::string("<b>")));
    assert_eq!(f.output("n"), Some(&Value::tuple(vec![Value::string("<<a>>"), Value::string("<<a>>")])));
}

#[tokio::test]
async fn destroys_in_reverse_order_and_leaves_nothing() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" { name = "a" }
        resource "test_thing" "b" {
          name  = "b"
          value = test_thing.a.id
        }
        output "x" { value = test_thing.b.id }
        "#,
    );
    f.converge().await;
    let run = f.destroy().await;
    assert_eq!(run.actions(), ["test_thing.a delete", "test_thing.b delete"]);
    assert!(f.memory.log().ended_before((Call::Delete, "b"), (Call::Delete, "a")));
    assert!(f.state.is_empty(), "{:?}", f.addresses());
    assert!(f.memory.ids().is_empty());
}

#[tokio::test]
async fn removed_blocks_are_destroyed() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {}\nresource \"test_thing\" \"b\" {}");
    f.converge().await;
    f.set("resource \"test_thing\" \"b\" {}");
    let run = f.converge().await;
    assert_eq!(run.actions(), ["test_thing.a delete"]);
    assert_eq!(run.reason("test_thing.a"), Reason::DeleteBecauseNoResourceConfig);
}
