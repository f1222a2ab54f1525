use ::plan::Reason;
use provider::memory::Operation as Call;

use super::Fixture;

async fn moved(before: &str, after: &str) -> (Fixture, super::fixture::Run) {
    let mut f = Fixture::new(before);
    f.converge().await;
    f.memory.clear_log();
    f.set(after);
    let run = f.converge().await;
    (f, run)
}

#[tokio::test]
async fn objects_follow_moved_blocks() {
    for (name, before, after, from, to) in [
        (
            "renamed",
            "resource \"test_thing\" \"a\" {}",
            "resource \"test_thing\" \"b\" {}\nmoved {\n from = test_thing.a\n to = test_thing.b\n}",
            "test_thing.a",
            "test_thing.b",
        ),
        (
            "chain",
            "resource \"test_thing\" \"a\" {}",
            "resource \"test_thing\" \"c\" {}\nmoved {\n from = test_thing.a\n to = test_thing.b\n}\nmoved {\n from = test_thing.b\n to = test_thing.c\n}",
            "test_thing.a",
            "test_thing.c",
        ),
        (
            "count added",
            "resource \"test_thing\" \"a\" {}",
            "resource \"test_thing\" \"a\" { count = 1 }",
            "test_thing.a",
            "test_thing.a[0]",
        ),
        (
            "count taken away",
            "resource \"test_thing\" \"a\" { count = 1 }",
            "resource \"test_thing\" \"a\" {}",
            "test_thing.a[0]",
            "test_thing.a",
        ),
        (
            "to a key",
            "resource \"test_thing\" \"a\" {}",
            "resource \"test_thing\" \"a\" { for_each = toset([\"k\"]) }\nmoved {\n from = test_thing.a\n to = test_thing.a[\"k\"]\n}",
            "test_thing.a",
            "test_thing.a[\"k\"]",
        ),
    ] {
        let (f, run) = moved(before, after).await;
        assert!(run.actions().is_empty(), "{name}: {:?}", run.actions());
        assert_eq!(run.change(to).previous_address.as_ref().map(ToString::to_string).as_deref(), Some(from));
        assert_eq!(f.addresses(), [to], "{name}");
        assert_eq!(f.memory.log().count(Call::Create), 0, "{name}");
    }
}

#[tokio::test]
async fn objects_move_into_and_between_modules() {
    let module = ("m/main.tf", "resource \"test_thing\" \"x\" {}");
    let mut f = Fixture::with_files(&[("main.tf", "resource \"test_thing\" \"a\" {}"), module]);
    f.converge().await;
    f.set("module \"m\" { source = \"./m\" }\nmoved {\n from = test_thing.a\n to = module.m.test_thing.x\n}");
    assert!(f.converge().await.actions().is_empty());
    assert_eq!(f.addresses(), ["module.m.test_thing.x"]);
    f.set("module \"n\" {\n source = \"./m\"\n for_each = toset([\"k\"])\n}\nmoved {\n from = module.m\n to = module.n[\"k\"]\n}");
    assert!(f.converge().await.actions().is_empty());
    assert_eq!(f.addresses(), ["module.n[\"k\"].test_thing.x"]);
}

#[tokio::test]
async fn a_taken_place_is_a_warning() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {}\nresource \"test_thing\" \"b\" {}");
    f.converge().await;
    f.set("resource \"test_thing\" \"b\" {}\nmoved {\n from = test_thing.a\n to = test_thing.b\n}");
    let run = f.plan().await;
    assert!(run.text().contains("Unresolved resource instance address changes"), "{}", run.text());
    assert_eq!(run.actions(), ["test_thing.a delete"]);
}

#[tokio::test]
async fn removed_blocks_forget_or_destroy() {
    for (destroy, action, left) in [("false", "test_thing.a forget", 1), ("true", "test_thing.a delete", 0)] {
        let mut f = Fixture::new("resource \"test_thing\" \"a\" {}");
        f.converge().await;
        f.set(&format!("removed {{\n from = test_thing.a\n lifecycle {{ destroy = {destroy} }}\n}}"));
        let run = f.converge().await;
        assert_eq!(run.actions(), [action]);
        assert_eq!(f.memory.ids().len(), left);
        assert!(f.addresses().is_empty());
    }
}

#[tokio::test]
async fn a_move_to_nowhere_destroys_and_says_so() {
    let mut f = Fixture::new("resource \"test_thing\" \"a\" {}");
    f.converge().await;
    f.set("moved {\n from = test_thing.a\n to = test_thing.b\n}");
    let run = f.converge().await;
    assert_eq!(run.reason("test_thing.b"), Reason::DeleteBecauseNoMoveTarget);
}

#[tokio::test]
async fn import_blocks_take_objects_over() {
    let mut f = Fixture::new("resource \"test_thing\" \"old\" {\n name = \"x\"\n value = \"v\"\n}");
    f.converge().await;
    let mut g = Fixture::new(
        r#"
        locals { ids = { k = "thing-x-1" } }
        resource "test_thing" "a" {
          for_each = local.ids
          name     = "x"
          value    = "v"
        }
        import {
          for_each = local.ids
          to       = test_thing.a[each.key]
          id       = each.value
        }
        "#,
    );
    g.memory = f.memory.clone();
    let run = g.converge().await;
    assert!(run.actions().is_empty(), "{:?}", run.actions());
    let importing = run.change("test_thing.a[\"k\"]").importing.clone().expect("imported");
    assert_eq!(importing.id.as_deref(), Some("thing-x-1"));
    assert_eq!(g.addresses(), ["test_thing.a[\"k\"]"]);
    assert_eq!(g.memory.log().count(Call::Create), 1);
    assert_eq!(g.memory_recorder.records().len(), 1, "an import is durable before anything else");
}

#[tokio::test]
async fn imports_that_cannot_be_are_errors() {
    for (hcl, message) in [
        (
            "import {\n to = test_thing.a\n id = \"x\"\n}\nresource \"test_thing\" \"a\" {}",
            "Cannot import non-existent remote object",
        ),
        ("import {\n to = test_thing.b\n id = \"x\"\n}", "Configuration for import target does not exist"),
        (
            "import {\n to = test_thing.a\n id = test_thing.b.id\n}\nresource \"test_thing\" \"a\" {}\nresource \"test_thing\" \"b\" {}",
            "Invalid import id argument",
        ),
        (
            "import {\n to = test_thing.a[3]\n id = \"x\"\n}\nresource \"test_thing\" \"a\" { count = 1 }",
            "Configuration for import target does not exist",
        ),
    ] {
        let f = Fixture::new(hcl);
        let errors = f.plan_errors().await;
        assert!(errors.contains(message), "{errors}");
    }
}

#[tokio::test]
async fn configuration_is_generated_for_imports_without_a_block() {
    let mut f = Fixture::new(
        "resource \"test_thing\" \"old\" {\n name = \"x\"\n tags = { a = \"1\" }\n disk { name = \"d\" }\n}",
    );
    f.converge().await;
    let mut g = Fixture::new("import {\n to = test_thing.new\n id = \"thing-x-1\"\n}");
    g.memory = f.memory.clone();
    g.generate_config = crate::GenerateConfig::Generate;
    let run = g.plan().await;
    let text = run.change("test_thing.new").generated_config.clone().expect("generated");
    assert!(
        text.starts_with("# __generated__ by groma from \"thing-x-1\"\nresource \"test_thing\" \"new\" {"),
        "{text}"
    );
    g.generate_config = crate::GenerateConfig::Refuse;
    g.set(&format!("{text}\nimport {{\n to = test_thing.new\n id = \"thing-x-1\"\n}}"));
    let run = g.converge().await;
    assert!(run.actions().is_empty(), "{text} {:?}", run.actions());
}
