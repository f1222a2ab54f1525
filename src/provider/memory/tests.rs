use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use value::{Str, Value};

use super::*;
use crate::conformance::{configured, environment};
use crate::requests::{ApplyRequest, ApplyResponse, ReadRequest, RecoverRequest, RecoverResponse};
use crate::{docs, proposed_new, unknown_where_null};

async fn running(memory: &Memory) -> Arc<dyn Configured> {
    let nothing = Value::object_of::<&str>([]);
    configured(memory, &nothing, environment("/".as_ref())).await.expect("needs nothing")
}

/// The creation of a `test_thing` of a name.
fn creation(memory: &Memory, name: &str) -> ApplyRequest {
    let block = &memory.schema.resource("test_thing").expect("is offered").block;
    let config = block.coerce(&Value::object_of([("name", Value::string(name))])).expect("fits the schema");
    let prior = Value::null(block.implied_type());
    let planned = unknown_where_null(block, &proposed_new(block, &prior, &config));
    let token = Str::from(format!("token of {name}"));
    ApplyRequest { type_name: "test_thing".into(), prior, planned, config, private: Vec::new(), token }
}

fn recovery(request: ApplyRequest) -> RecoverRequest {
    let ApplyRequest { type_name, prior, planned, config, private, token } = request;
    RecoverRequest { type_name, prior, planned, config, private, token }
}

async fn create(memory: &Memory, name: &str) -> ApplyResponse {
    running(memory).await.apply(creation(memory, name)).await
}

#[tokio::test]
async fn ids_go_by_name_and_number() {
    let memory = Memory::new();
    for name in ["a", "b", "a"] {
        create(&memory, name).await;
    }
    assert_eq!(memory.ids(), ["thing-a-1", "thing-a-2", "thing-b-1"]);
    assert_eq!(memory.log().names(Operation::Create), ["a", "b", "a"]);
    assert!(memory.log().ended_before((Operation::Create, "a"), (Operation::Create, "b")));
}

#[tokio::test]
async fn faults_hit_whom_they_are_set_for_and_as_often() {
    let memory = Memory::new();
    memory.fault_once(Operation::Create, "b", Fault::Fail("no room".into()));
    memory.fault(Operation::Create, "c", Fault::Partial("half done".into()));
    assert!(!create(&memory, "a").await.diagnostics.has_errors());
    let failed = create(&memory, "b").await;
    assert!(failed.state.is_null() && failed.diagnostics.has_errors());
    assert!(!create(&memory, "b").await.diagnostics.has_errors());
    let partial = create(&memory, "c").await;
    assert!(partial.diagnostics.has_errors());
    assert_eq!(partial.state.attr_str("id").map(|id| id.as_str()), Some("thing-c-1"));
    assert!(partial.state.attr("revision").is_some_and(Value::is_null));
    assert!(memory.object("thing-c-1").is_some());
    memory.clear_faults();
    assert!(!create(&memory, "c").await.diagnostics.has_errors());
}

#[tokio::test]
async fn changes_behind_the_back_are_read() {
    let memory = Memory::new();
    let state = create(&memory, "a").await.state;
    let running = running(&memory).await;
    let read = async || {
        let request =
            ReadRequest { type_name: "test_thing".into(), current: state.clone(), private: Vec::new() };
        running.read(vec![request]).await.pop().map(|response| response.state)
    };
    assert_eq!(read().await.as_ref(), Some(&state));
    assert!(memory.drift("thing-a-1", "value", Value::string("by hand")));
    assert_eq!(read().await, Some(state.with_attr("value", Value::string("by hand"))));
    assert!(memory.vanish("thing-a-1") && !memory.vanish("thing-a-1"));
    assert!(read().await.is_some_and(|state| state.is_null()));
    assert_eq!(memory.log().read_batches(), [1, 1, 1]);
}

#[tokio::test]
async fn lost_answers_can_be_recovered() {
    let memory = Memory::new();
    memory.fault(Operation::Create, "lost", Fault::LoseAnswer);
    memory.fault(Operation::Create, "hung", Fault::Hang);
    let running = running(&memory).await;
    for name in ["lost", "hung"] {
        let answer = timeout(Duration::from_millis(20), running.apply(creation(&memory, name))).await;
        assert!(answer.is_err(), "{name} must not answer");
    }
    let found = running.recover(recovery(creation(&memory, "lost"))).await;
    assert!(
        matches!(found, RecoverResponse::Found { state, .. } if Some(&state) == memory.object("thing-lost-1").as_ref())
    );
    let none = running.recover(recovery(creation(&memory, "hung"))).await;
    assert!(matches!(none, RecoverResponse::NotApplied));
    memory.fault(Operation::Recover, "lost", Fault::CannotTell("a thing named lost".into()));
    let unknown = running.recover(recovery(creation(&memory, "lost"))).await;
    assert!(matches!(unknown, RecoverResponse::Unknown { look_for } if look_for == "a thing named lost"));
}

#[tokio::test]
async fn what_runs_at_once_is_counted_and_a_stop_ends_waits() {
    let memory = Memory::new();
    memory.fault(Operation::Create, "", Fault::Delay(Duration::from_hours(1)));
    let running = running(&memory).await;
    let all = ["a", "b", "c"].map(|name| running.apply(creation(&memory, name)));
    let [a, b, c] = all;
    let ((), a, b, c) = tokio::join!(
        async {
            while memory.log().count(Operation::Create) < 3 {
                tokio::task::yield_now().await;
            }
            running.stop().await;
        },
        a,
        b,
        c
    );
    assert!([a, b, c].iter().all(|response| !response.diagnostics.has_errors()), "they answer truthfully");
    assert_eq!(memory.log().most_concurrent_changes(), 3);
    assert_eq!(memory.log().most_concurrent(Operation::Create), 3);
    assert!(memory.stopped());
}

#[test]
fn the_reference_is_the_same_every_time() {
    let text = docs::reference_markdown(&Memory::new());
    assert_eq!(text, docs::reference_markdown(&Memory::new()));
    for expected in [
        "# Provider `test`\n\nSource address: `hashicorp/test`\n",
        "## Provider block\n",
        "### resource `test_thing`\n",
        "| `secret` | `string` | optional, sensitive | Never shown. |\n",
        "| `secret_wo` | `string` | optional, write-only | Never stored. |\n",
        "| `disk` | blocks, in order | optional | A nested block in a list. |\n",
        "#### `disk` block\n",
        "#### `options`\n",
        "### data `test_thing`\n",
        "### ephemeral `test_token`\n",
        "`provider::test::echo(value: any) -> any`\n",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}
