use value::{Marks, Value};

use super::Fixture;

#[tokio::test]
async fn instances_must_be_known() {
    for (hcl, summary, part) in [
        (
            "resource \"test_thing\" \"a\" {}\nresource \"test_thing\" \"b\" { count = test_thing.a.revision }",
            "Invalid count argument",
            "depends on resource attributes that cannot be determined until apply",
        ),
        (
            "resource \"test_thing\" \"a\" {}\nresource \"test_thing\" \"b\" { for_each = toset([test_thing.a.id]) }",
            "Invalid for_each argument",
            "set includes values derived from resource attributes",
        ),
        (
            "resource \"test_thing\" \"b\" { count = -1 }",
            "Invalid count argument",
            "greater than or equal to zero",
        ),
        ("resource \"test_thing\" \"b\" { count = null }", "Invalid count argument", "is null"),
        ("resource \"test_thing\" \"b\" { count = 1.5 }", "Invalid count argument", "whole number"),
        ("resource \"test_thing\" \"b\" { for_each = [\"a\"] }", "Invalid for_each argument", "type tuple"),
        (
            "resource \"test_thing\" \"b\" { for_each = toset([1]) }",
            "Invalid for_each argument",
            "set containing type number",
        ),
        (
            "variable \"s\" {\n default = [\"x\"]\n sensitive = true\n}\nresource \"test_thing\" \"b\" { for_each = toset(var.s) }",
            "Invalid for_each argument",
            "Sensitive values",
        ),
    ] {
        let errors = Fixture::new(hcl).plan_errors().await;
        assert!(errors.contains(summary) && errors.contains(part), "{hcl}: {errors}");
    }
}

#[tokio::test]
async fn map_keys_suffice_for_instances() {
    let mut f = Fixture::new(
        r#"
        resource "test_thing" "a" {}
        resource "test_thing" "b" {
          for_each = { k = test_thing.a.id }
          value    = each.value
        }
        "#,
    );
    f.converge().await;
}

#[tokio::test]
async fn wrong_references_are_named_with_what_may_be_meant() {
    for (hcl, parts) in [
        (
            "resource \"test_thing\" \"alpha\" {}\noutput \"x\" { value = test_thing.alhpa.id }",
            vec!["Reference to undeclared resource", "test_thing.alpha"],
        ),
        (
            "variable \"name\" { default = 1 }\noutput \"x\" { value = var.nmae }",
            vec!["Reference to undeclared input variable", "Did you mean \"name\"?"],
        ),
        ("output \"x\" { value = local.y }", vec!["Reference to undeclared local value"]),
        ("output \"x\" { value = module.y.z }", vec!["Reference to undeclared module", "the root module"]),
        (
            "resource \"test_thing\" \"a\" { value = count.index }",
            vec!["Reference to \"count\" in non-counted context"],
        ),
        (
            "resource \"test_thing\" \"a\" { value = each.key }",
            vec!["Reference to \"each\" in context without for_each"],
        ),
        ("resource \"test_thing\" \"a\" { value = self.id }", vec!["self"]),
        ("resource \"test_thing\" \"a\" { vlaue = 1 }", vec!["Unsupported argument", "value"]),
    ] {
        let errors = Fixture::new(hcl).plan_errors().await;
        for part in parts {
            assert!(errors.contains(part), "{hcl}: {errors}");
        }
    }
}

#[tokio::test]
async fn root_outputs_must_admit_that_they_are_sensitive() {
    let secret = "variable \"s\" {\n default = \"x\"\n sensitive = true\n}\n";
    let errors = Fixture::new(&format!("{secret}output \"o\" {{ value = var.s }}")).plan_errors().await;
    assert!(errors.contains("Output refers to sensitive values"), "{errors}");
    let mut f = Fixture::new(&format!("{secret}output \"o\" {{\n value = var.s\n sensitive = true\n}}"));
    f.converge().await;
    assert_eq!(f.output("o").map(Value::marks), Some(Marks::SENSITIVE));
}

#[tokio::test]
async fn outputs_come_and_go() {
    let mut f = Fixture::new("output \"a\" { value = 1 }\noutput \"n\" { value = null }");
    let run = f.converge().await;
    assert!(run.plan.is_applyable());
    assert_eq!(f.state.outputs.len(), 1);
    f.set("output \"b\" { value = [1, \"x\"] }");
    f.converge().await;
    assert_eq!(f.state.outputs.keys().collect::<Vec<_>>(), ["b"]);
}

#[tokio::test]
async fn paths_and_workspace_are_known() {
    let mut f = Fixture::with_files(&[
        (
            "main.tf",
            "module \"m\" { source = \"./m\" }\noutput \"x\" { value = \"${path.root} ${module.m.p} ${terraform.workspace}\" }",
        ),
        ("m/main.tf", "output \"p\" { value = path.module }"),
    ]);
    f.converge().await;
    let text = f.output("x").and_then(|v| v.as_str().cloned()).expect("a string");
    assert!(text.ends_with("m default"), "{text}");
}

#[tokio::test]
async fn nested_modules_expand() {
    let mut f = Fixture::with_files(&[
        (
            "main.tf",
            "module \"a\" {\n source = \"./a\"\n count = 2\n n = count.index\n}\noutput \"all\" { value = module.a[*].all }",
        ),
        (
            "a/main.tf",
            "variable \"n\" {}\nmodule \"b\" {\n source = \"./b\"\n for_each = toset([\"x\", \"y\"])\n t = \"${var.n}${each.key}\"\n}\noutput \"all\" { value = [for k, m in module.b : m.id] }",
        ),
        (
            "a/b/main.tf",
            "variable \"t\" {}\nresource \"test_thing\" \"r\" { name = var.t }\noutput \"id\" { value = test_thing.r.id }",
        ),
    ]);
    let run = f.converge().await;
    assert_eq!(run.actions().len(), 4);
    let all = f.output("all").expect("there");
    assert_eq!(all.items().map(<[Value]>::len), Some(2));
    f.destroy().await;
    assert!(f.state.is_empty());
}
