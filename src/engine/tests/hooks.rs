use std::sync::{Arc, Mutex, PoisonError};

use ::plan::{Action, Reason};
use addrs::AbsResourceInstance;
use provider::memory::{Fault, Operation as Call};
use value::Value;

use super::Fixture;
use super::fixture::word;
use crate::{HookObject, Hooks};

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn say(&self, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn id(object: &HookObject<'_>) -> String {
    object.id.as_ref().map(|(_, id)| format!(" {id}")).unwrap_or_default()
}

impl Hooks for Heard {
    fn refresh_start(&self, object: &HookObject<'_>) {
        self.say(format!("refresh {}{}", object.address, id(object)));
    }

    fn refresh_end(&self, object: &HookObject<'_>, before: &Value, after: &Value) {
        self.say(format!("refreshed {} {}", object.address, before == after));
    }

    fn plan_end(&self, object: &HookObject<'_>, action: Action, _reason: Reason) {
        self.say(format!("planned {} {}", object.address, word(action)));
    }

    fn apply_start(&self, object: &HookObject<'_>, action: Action) {
        self.say(format!("start {} {}{}", word(action), object.address, id(object)));
    }

    fn apply_end(&self, object: &HookObject<'_>, action: Action, error: Option<&str>) {
        let error = error.map(|error| format!(": {error}")).unwrap_or_default();
        self.say(format!("end {} {}{}{error}", word(action), object.address, id(object)));
    }

    fn import_start(&self, address: &AbsResourceInstance, id: &str) {
        self.say(format!("import {address} {id}"));
    }
}

#[tokio::test]
async fn what_happens_is_told() {
    let heard = Arc::new(Heard::default());
    let mut f = Fixture::new("resource \"test_thing\" \"a\" { name = \"a\" }");
    f.hooks = Some(heard.clone());
    f.apply().await;
    assert_eq!(
        heard.take(),
        ["planned test_thing.a create", "start create test_thing.a", "end create test_thing.a thing-a-1"]
    );
    f.set("resource \"test_thing\" \"a\" {\n name = \"a\"\n zone = \"z\"\n}");
    f.memory.fault_once(Call::Create, "a", Fault::Fail("no".into()));
    f.apply_any().await;
    assert_eq!(
        heard.take(),
        [
            "refresh test_thing.a thing-a-1",
            "refreshed test_thing.a true",
            "planned test_thing.a delete-create",
            "start delete test_thing.a thing-a-1",
            "end delete test_thing.a thing-a-1",
            "start create test_thing.a",
            "end create test_thing.a: Injected failure",
        ]
    );
}

#[tokio::test]
async fn no_more_calls_run_at_once_than_asked_for() {
    for parallelism in [1, 3] {
        let mut f = Fixture::new(
            "resource \"test_thing\" \"a\" { count = 12 }\nresource \"test_instance\" \"b\" { count = 12 }",
        );
        f.parallelism = parallelism;
        f.memory.fault(Call::Create, "", Fault::Delay(std::time::Duration::from_millis(1)));
        f.memory.fault(Call::Plan, "", Fault::Delay(std::time::Duration::from_millis(1)));
        f.apply().await;
        let log = f.memory.log();
        assert_eq!(log.most_concurrent(Call::Create), parallelism);
        assert_eq!(log.most_concurrent(Call::Plan), parallelism);
    }
}
