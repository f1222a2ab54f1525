use std::sync::Arc;

use ::plan::Mode;
use lang::evaluate;
use value::Value;

use super::Fixture;
use super::fixture::{parse, render};
use crate::{ConsoleRequest, GraphKind, ImportRequest, MemoryRecorder, console_scope, graph_dot, validate};

#[tokio::test]
async fn import_takes_an_object_into_the_state() {
    let mut f = Fixture::new("resource \"test_thing\" \"old\" {\n name = \"x\"\n value = \"v\"\n}");
    f.converge().await;
    let mut g = Fixture::new("resource \"test_thing\" \"a\" {\n name = \"x\"\n value = \"v\"\n}");
    g.memory = f.memory.clone();
    let request = |g: &Fixture, address: &str, id: &str| ImportRequest {
        operation: g.operation(),
        state: g.state.clone(),
        address: parse(address),
        id: id.into(),
        recorder: Arc::new(MemoryRecorder::default()),
        unresolved: Vec::new(),
    };
    let (_, diagnostics) = crate::import(request(&g, "test_thing.b", "thing-x-1")).await;
    assert!(render(&diagnostics).contains("does not exist in the configuration"));
    let (_, diagnostics) = crate::import(request(&g, "test_thing.a", "nothing")).await;
    assert!(diagnostics.has_errors());
    let (state, diagnostics) = crate::import(request(&g, "test_thing.a", "thing-x-1")).await;
    assert!(!diagnostics.has_errors(), "{}", render(&diagnostics));
    g.state = state;
    g.expect_empty().await;
    let (_, diagnostics) = crate::import(request(&g, "test_thing.a", "thing-x-1")).await;
    assert!(render(&diagnostics).contains("Resource already managed"));
}

/// Of what the instances are made from, the state may have only a part so far.
#[tokio::test]
async fn import_takes_instances_whose_making_is_not_known_yet() {
    let mut f = Fixture::new("resource \"test_thing\" \"old\" {\n name = \"x\"\n}");
    f.converge().await;
    let mut g = Fixture::with_files(&[
        (
            "main.tf",
            r#"
            resource "test_thing" "net" {
              for_each = toset(["a", "b"])
              name     = each.key
            }
            resource "test_thing" "each" {
              for_each = test_thing.net
              name     = "x"
            }
            locals { n = length(test_thing.net) }
            resource "test_thing" "counted" {
              count = local.n
              name  = "x"
            }
            resource "test_thing" "fixed" {
              for_each = toset(["a"])
              name     = "x"
            }
            module "m" {
              source   = "./m"
              for_each = test_thing.net
            }
            "#,
        ),
        ("m/main.tf", "resource \"test_thing\" \"in\" {\n name = \"x\"\n}"),
    ]);
    g.target("test_thing.net[\"a\"]").apply().await;
    g.memory = f.memory.clone();
    for (address, taken) in [
        ("test_thing.each[\"b\"]", true),
        ("test_thing.each[0]", false),
        ("test_thing.each", false),
        ("test_thing.counted[1]", true),
        ("test_thing.fixed[\"b\"]", false),
        ("module.m[\"b\"].test_thing.in", true),
        ("module.m.test_thing.in", false),
        ("module.m[\"b\"].test_thing.in[0]", false),
    ] {
        let request = ImportRequest {
            operation: g.operation(),
            state: g.state.clone(),
            address: parse(address),
            id: "thing-x-1".into(),
            recorder: Arc::new(MemoryRecorder::default()),
            unresolved: Vec::new(),
        };
        let (state, diagnostics) = crate::import(request).await;
        assert_eq!(state.instance(&parse(address)).is_some(), taken, "{address}: {}", render(&diagnostics));
        let refused = render(&diagnostics).contains("Configuration for import target does not exist");
        assert_eq!(refused, !taken, "{address}: {}", render(&diagnostics));
    }
}

#[tokio::test]
async fn the_console_sees_the_state() {
    let mut f = Fixture::new(
        "variable \"v\" { default = 2 }\nlocals { l = var.v * 2 }\nresource \"test_thing\" \"a\" {\n count = 2\n value = \"v${count.index}\"\n}",
    );
    f.converge().await;
    let request = ConsoleRequest { operation: f.operation(), state: f.state.clone() };
    let (scope, diagnostics) = console_scope(request).await;
    assert!(diagnostics.is_empty(), "{}", render(&diagnostics));
    for (text, expected) in [
        ("local.l + 1", Value::number(5)),
        ("test_thing.a[1].value", Value::string("v1")),
        ("length(test_thing.a)", Value::number(2)),
    ] {
        let sources = diag::Sources::new();
        let (expr, _) = syntax::parse_expression(sources.add("console", text), text);
        let (value, diagnostics) = evaluate(&expr, &scope);
        assert_eq!(value, expected, "{text}: {}", render(&diagnostics));
    }
}

#[tokio::test]
async fn validation_needs_no_values() {
    let valid = Fixture::with_files(&[
        (
            "main.tf",
            r#"
            variable "v" { type = string }
            module "m" {
              source   = "./m"
              for_each = toset(split(",", var.v))
              x        = each.key
            }
            resource "test_thing" "a" {
              count = length(var.v)
              value = module.m["k"].o
            }
            output "o" { value = test_thing.a[0].id }
            "#,
        ),
        (
            "m/main.tf",
            "variable \"x\" {}\nresource \"test_thing\" \"r\" { value = var.x }\noutput \"o\" { value = test_thing.r.id }",
        ),
    ]);
    let mut operation = valid.operation();
    operation.variables = config::Variables::default();
    let diagnostics = validate(&operation);
    assert!(diagnostics.is_empty(), "{}", render(&diagnostics));
    for (hcl, part) in [
        ("resource \"test_thing\" \"a\" { nope = 1 }", "Unsupported argument"),
        ("resource \"test_thing\" \"a\" { number = \"x\" }", "number"),
        ("resource \"test_thing\" \"a\" { value = test_thing.b.id }", "Reference to undeclared resource"),
        ("resource \"test_thing\" \"a\" { value = \"invalid\" }", "must not be"),
        (
            "resource \"test_thing\" \"a\" {}\noutput \"o\" { value = test_thing.a.nope }",
            "Unsupported attribute",
        ),
        ("locals {\n a = local.b\n b = local.a\n}", "Cycle: "),
        ("provider \"test\" { nope = 1 }\nresource \"test_thing\" \"a\" {}", "Unsupported argument"),
    ] {
        let f = Fixture::new(hcl);
        let text = render(&validate(&f.operation()));
        assert!(text.contains(part), "{hcl}: {text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("Error")).count(), 1, "{text}");
    }
}

/// As Terraform 1.11.4 prints it.
#[tokio::test]
async fn the_graph_of_resources_is_terraforms() {
    let f = Fixture::with_files(&[
        (
            "main.tf",
            r#"
            locals { l = test_thing.a.id }
            resource "test_thing" "a" {}
            resource "test_thing" "b" { value = local.l }
            resource "test_thing" "c" { items = [test_thing.b.id, test_thing.a.id] }
            module "m" {
              source = "./m"
              x      = test_thing.c.id
            }
            resource "test_thing" "d" { value = module.m.o }
            "#,
        ),
        (
            "m/main.tf",
            "variable \"x\" {}\nresource \"test_thing\" \"in\" { value = var.x }\noutput \"o\" { value = test_thing.in.id }",
        ),
    ]);
    let (text, diagnostics) = graph_dot(&f.operation(), &f.state, GraphKind::Resources);
    assert!(diagnostics.is_empty());
    assert_eq!(
        text,
        r#"digraph G {
  rankdir = "RL";
  node [shape = rect, fontname = "sans-serif"];
  "test_thing.a" [label="test_thing.a"];
  "test_thing.b" [label="test_thing.b"];
  "test_thing.c" [label="test_thing.c"];
  "test_thing.d" [label="test_thing.d"];
  subgraph "cluster_module.m" {
    label = "module.m"
    fontname = "sans-serif"
    "module.m.test_thing.in" [label="test_thing.in"];
  }
  "test_thing.b" -> "test_thing.a";
  "test_thing.c" -> "test_thing.b";
  "test_thing.d" -> "module.m.test_thing.in";
  "module.m.test_thing.in" -> "test_thing.c";
}
"#
    );
    let (text, _) = graph_dot(&f.operation(), &f.state, GraphKind::Plan);
    assert!(text.contains("\"[root] test_thing.b (expand)\" -> \"[root] local.l (expand)\""), "{text}");
}

#[tokio::test]
async fn destroying_does_not_ask_what_the_configuration_has_become() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" { count = 2 }");
    f.converge().await;
    f.set("variable \"n\" {}\nresource \"test_thing\" \"a\" { count = var.n }");
    f.mode = Mode::Destroy;
    f.var("n", "0");
    f.apply().await;
    assert!(f.state.is_empty());
}
