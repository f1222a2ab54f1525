use value::Value;

use super::{Case, environment, run};
use crate::memory::{Fault, Memory, Operation};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn cases() -> Vec<Case> {
    let disk = |name: &str| object([("name", text(name))]);
    let rule = |port: i64| object([("port", Value::number(port))]);
    vec![
        Case::new("test_thing", object([("name", text("a")), ("value", text("1")), ("zone", text("x"))]))
            .update(object([("name", text("a")), ("value", text("2")), ("zone", text("x"))]))
            .replace(object([("name", text("a")), ("value", text("2")), ("zone", text("y"))]))
            .import_by("id", &[])
            .refuses(object([("name", text("a")), ("value", text("invalid"))]), "value")
            .refuses(object([("name", text("a")), ("id", text("mine"))]), "id"),
        Case::new(
            "test_thing",
            object([
                ("name", text("b")),
                ("disk", Value::tuple(vec![disk("one"), disk("two")])),
                ("rule", Value::tuple(vec![rule(80), rule(443)])),
                ("network", object([("cidr", text("10.0.0.0/8"))])),
                ("options", object([("mode", text("fast"))])),
                ("any", Value::tuple(vec![text("x"), Value::number(1)])),
            ]),
        )
        .named("blocks")
        .update(object([
            ("name", text("b")),
            ("disk", Value::tuple(vec![disk("one"), disk("two"), disk("three")])),
            ("rule", Value::tuple(vec![rule(80)])),
            ("options", object([("mode", text("slow"))])),
        ]))
        .import_by("id", &[]),
        Case::new("test_instance", object([("ami", text("debian"))]))
            .replace(object([("ami", text("arch"))]))
            .update(object([("ami", text("arch")), ("type", text("large"))])),
    ]
}

#[tokio::test]
async fn the_memory_provider_conforms() {
    let memory = Memory::new();
    let report = run(memory.provider(), &object([]), environment("/".as_ref()), &cases()).await;
    assert!(report.is_ok(), "{report}");
    assert!(report.checks > 200, "{report}");
    assert!(memory.ids().is_empty());
}

#[tokio::test]
async fn the_suite_finds_faults() {
    let wrong = |attribute: &str, value: Value| Fault::Wrong { attribute: attribute.into(), value };
    let table = [
        (
            "a plan that is not the configuration",
            Operation::Plan,
            wrong("value", text("other")),
            "does not match config",
        ),
        (
            "a result that is not the plan",
            Operation::Create,
            wrong("value", text("other")),
            "but now \"other\"",
        ),
        (
            "a result with unknowns",
            Operation::Create,
            wrong("id", Value::unknown(value::Type::String)),
            "unknown values",
        ),
        (
            "a read that forgets",
            Operation::Read,
            wrong("value", Value::null(value::Type::String)),
            "read differs in value",
        ),
        ("a read of nothing", Operation::Read, Fault::Null, "read differs in its existence"),
        ("a replacement of nothing", Operation::Plan, Fault::Replace("value".into()), "does not change"),
        ("a failing creation", Operation::Create, Fault::Fail("no room".into()), "no room"),
    ];
    for (name, operation, fault, expected) in table {
        let memory = Memory::new();
        memory.fault(operation, "", fault);
        let case = [Case::new("test_thing", object([("name", text("a")), ("value", text("1"))]))];
        let report = run(memory.provider(), &object([]), environment("/".as_ref()), &case).await;
        assert!(report.problems.iter().any(|problem| problem.contains(expected)), "{name}: {report}");
    }
}
