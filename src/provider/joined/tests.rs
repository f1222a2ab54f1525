use std::sync::Arc;

use addrs::ProviderAddr;
use async_trait::async_trait;
use value::{Type, Value};

use super::Joined;
use crate::conformance::{self, Case, configured, environment};
use crate::memory::{Memory, Operation};
use crate::requests::{ApplyRequest, DataRequest, ReadRequest};
use crate::schema::{Attribute, Block, Schema};
use crate::simple::{Context, Data, Outcome, Resource, Simple, with};
use crate::traits::Provider;
use crate::{proposed_new, unknown_where_null};

/// A resource that lives in the state alone and says what its part was configured with.
struct Note;

#[async_trait]
impl Resource for Note {
    fn type_name(&self) -> &'static str {
        "test_note"
    }

    fn schema(&self) -> Schema {
        let text = |attribute: Attribute| attribute.described("Any text.");
        let block = Block::default()
            .described("A text.")
            .with("text", text(Attribute::required(Type::String)))
            .with("signed", text(Attribute::computed(Type::String)));
        Schema::new(0, block)
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let author = context.config.attr_str("author").cloned().unwrap_or_default();
        Ok(with(planned, [("signed", Value::string(author))]))
    }
}

#[async_trait]
impl Data for Note {
    fn type_name(&self) -> &'static str {
        "test_note"
    }

    fn schema(&self) -> Schema {
        let text = Attribute::computed(Type::String).described("Any text.");
        Schema::new(0, Block::default().described("A text.").with("text", text))
    }

    async fn read(&self, _context: &Context, config: &Value) -> Outcome {
        Ok(with(config, [("text", Value::string("noted"))]))
    }
}

fn joined(memory: &Memory) -> Joined {
    let author = Attribute::optional(Type::String).described("Who signs.");
    let notes = Simple::builder(ProviderAddr::groma("notes"))
        .block(Block::default().with("author", author))
        .resource(Note)
        .data(Note)
        .build();
    Joined::new(ProviderAddr::groma("both"), vec![memory.provider(), notes])
}

/// The creation of an object with one attribute set.
fn creation(provider: &Joined, type_name: &str, name: &str, text: &str) -> ApplyRequest {
    let schema = provider.schema();
    let block = &schema.resource(type_name).expect("is offered").block;
    let config = block.coerce(&Value::object_of([(name, Value::string(text))])).expect("fits the schema");
    let prior = Value::null(block.implied_type());
    let planned = unknown_where_null(block, &proposed_new(block, &prior, &config));
    let token = format!("token of {text}").into();
    ApplyRequest { type_name: type_name.into(), prior, planned, config, private: Vec::new(), token }
}

#[tokio::test]
async fn the_parts_types_behave_as_they_do_alone() {
    let memory = Memory::new();
    let thing =
        |value: &str| Value::object_of([("name", Value::string("a")), ("value", Value::string(value))]);
    let note = |text: &str| Value::object_of([("text", Value::string(text))]);
    let cases = [
        Case::new("test_thing", thing("one")).update(thing("two")).refuses(thing("invalid"), "value"),
        Case::new("test_note", note("one")).update(note("two")).state_only(),
    ];
    let nothing = Value::object_of::<&str>([]);
    let report =
        conformance::run(Arc::new(joined(&memory)), &nothing, environment("/".as_ref()), &cases).await;
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn each_part_gets_its_share_of_the_block() {
    let memory = Memory::new();
    let provider = joined(&memory);
    let schema = provider.schema();
    let names: Vec<&str> = schema.provider.block.attributes.keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["author", "endpoint", "token"]);
    let config = Value::object_of([("author", Value::string("me")), ("endpoint", Value::string("here"))]);
    let running = configured(&provider, &config, environment("/".as_ref())).await.expect("is fine");
    let note = running.apply(creation(&provider, "test_note", "text", "a")).await.state;
    assert_eq!(note.attr_str("signed").map(|text| text.as_str()), Some("me"));
}

#[tokio::test]
async fn reads_go_to_their_parts_at_once_and_come_back_in_order() {
    let memory = Memory::new();
    let provider = joined(&memory);
    let nothing = Value::object_of::<&str>([]);
    let running = configured(&provider, &nothing, environment("/".as_ref())).await.expect("is fine");
    let mut states = Vec::new();
    for (type_name, name, text) in [
        ("test_thing", "name", "a"),
        ("test_note", "text", "b"),
        ("test_thing", "name", "c"),
        ("test_note", "text", "d"),
    ] {
        let request = creation(&provider, type_name, name, text);
        states.push((type_name, running.apply(request).await.state));
    }
    let mut requests: Vec<ReadRequest> = states
        .iter()
        .map(|(type_name, state)| ReadRequest {
            type_name: (*type_name).into(),
            current: state.clone(),
            private: Vec::new(),
        })
        .collect();
    let stranger = Value::object_of([("x", Value::string("y"))]);
    requests.insert(
        1,
        ReadRequest { type_name: "test_other".into(), current: stranger.clone(), private: vec![7] },
    );
    let answers = running.read(requests).await;
    let found: Vec<&Value> = answers.iter().map(|answer| &answer.state).collect();
    let wanted = [&states[0].1, &stranger, &states[1].1, &states[2].1, &states[3].1];
    assert_eq!(found, wanted);
    assert!(answers[1].diagnostics.has_errors() && answers[1].private == [7]);
    assert_eq!(memory.log().read_batches(), [2]);
    assert_eq!(memory.log().names(Operation::Create), ["a", "c"]);
}

#[tokio::test]
async fn data_functions_and_reviews_find_their_part() {
    let memory = Memory::new();
    let provider = joined(&memory);
    let nothing = Value::object_of::<&str>([]);
    let running = configured(&provider, &nothing, environment("/".as_ref())).await.expect("is fine");
    let schema = provider.schema();
    let config = schema.data_source("test_note").expect("is offered").block.empty_value();
    let answer = running.read_data(DataRequest { type_name: "test_note".into(), config }).await;
    assert_eq!(answer.state.attr_str("text").map(|text| text.as_str()), Some("noted"));
    let unknown = DataRequest { type_name: "test_other".into(), config: nothing };
    assert!(running.read_data(unknown).await.diagnostics.has_errors());
    let echo = provider.call_function("echo", &[Value::string("again")]);
    assert_eq!(echo, Ok(Value::string("again")));
    memory.refuse_plan("not today");
    assert!(running.review_plan(&[]).await.diagnostics.has_errors());
    assert_eq!(memory.reviews().len(), 1);
    running.stop().await;
    assert!(memory.stopped());
    let missing = provider.call_function("none", &[]).expect_err("is offered by neither");
    assert!(missing.message.contains("none"));
}
