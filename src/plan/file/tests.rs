use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use provider::RolloutStep;
use state::State;
use value::{Marks, Path, Refinement, Type, Value};

use super::{PlanFile, PlanFileError, is_plan_file, read, write};
use crate::{Action, Importing, Mode, OutputChange, Plan, Reason, ResourceChange, Rollout};

fn sample() -> PlanFile {
    let after = Value::object_of([
        ("id", Value::refined(Type::String, Refinement::not_null())),
        ("input", Value::string("hunter2").mark(Marks::SENSITIVE)),
        ("any", Value::dynamic()),
        ("none", Value::null(Type::Dynamic)),
        ("list", Value::list(Type::Number, vec![Value::number(1), Value::unknown(Type::Number)])),
    ]);
    let change = ResourceChange {
        address: "module.a[\"k\"].t.n[0]".parse().expect("valid"),
        previous_address: Some("t.n".parse().expect("valid")),
        deposed: None,
        provider: "provider[\"registry.terraform.io/hashicorp/t\"]".parse().expect("valid"),
        action: Action::CreateThenDelete,
        reason: Reason::ReplaceByTriggers,
        before: Value::null(after.ty()),
        after,
        private: vec![1, 2, 3],
        required_replace: vec![Path::from_attr("list").index(Value::number(0))],
        importing: Some(Importing { id: None }),
        generated_config: None,
        create_before_destroy: true,
    };
    let output = OutputChange {
        name: "o".into(),
        action: Action::Create,
        before: Value::null(Type::Dynamic),
        after: Value::dynamic(),
        sensitive: false,
    };
    let plan = Plan {
        mode: Mode::Normal,
        changes: vec![change],
        drift: Vec::new(),
        outputs: BTreeMap::from([("o".into(), output)]),
        previous_state: State::new("l"),
        prior_state: State::new("l"),
        variables: BTreeMap::from([("v".into(), Value::string("x").mark(Marks::SENSITIVE))]),
        ephemeral_variables: vec!["e".into()],
        targets: vec!["module.a".parse().expect("valid")],
        force_replace: vec!["t.n".parse().expect("valid")],
        checks: Vec::new(),
        relevant_attributes: Vec::new(),
        timestamp: SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 5),
        errored: false,
        rollouts: vec![Rollout {
            provider: "provider[\"registry.terraform.io/groma/eksd\"]".parse().expect("valid"),
            steps: vec![RolloutStep {
                text: "upgrade kubelet on w1".into(),
                addresses: vec!["t.n[\"a\"]".parse().expect("valid")],
            }],
        }],
        doubtful: vec!["t.n[1]".parse().expect("valid")],
    };
    PlanFile {
        plan,
        config: BTreeMap::from([("main.tf".into(), "a = 1".into())]),
        lock: None,
        workspace: "blue".into(),
    }
}

#[test]
fn a_saved_plan_comes_back_whole() {
    let file = sample();
    let bytes = write(&file, "0.1.0").expect("can be encoded");
    assert!(is_plan_file(&bytes));
    let back = read(&bytes, "0.1.0").expect("just written");
    assert_eq!(format!("{back:?}"), format!("{file:?}"));
    // Debug hides sensitive content, so compare what matters for apply as well.
    assert_eq!(back.plan.changes[0].after, file.plan.changes[0].after);
    assert_eq!(back.plan.variables, file.plan.variables);
    assert_eq!(back.config, file.config);
}

#[test]
fn other_files_are_refused() {
    let bytes = write(&sample(), "0.1.0").expect("can be encoded");
    assert!(matches!(read(&bytes, "0.2.0"), Err(PlanFileError::Version(v)) if v == "0.1.0"));
    assert!(matches!(read(b"{}", "0.1.0"), Err(PlanFileError::NotAPlan(_))));
    for cut in [10, bytes.len() / 2, bytes.len() - 1] {
        assert!(read(&bytes[..cut], "0.1.0").is_err());
    }
}

/// Every byte counts: a damaged file is refused or read, and never a panic.
#[test]
fn damaged_files_are_refused_or_read() {
    let bytes = write(&sample(), "0.1.0").expect("can be encoded");
    for at in 0..bytes.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= mask;
            let _ = read(&damaged, "0.1.0");
        }
        assert!(read(&bytes[..at], "0.1.0").is_err(), "cut at {at}");
    }
}
