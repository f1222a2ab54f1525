use provider::conformance::{Case, configured, environment, run};
use provider::{DataRequest, docs};
use value::{Type, Value};

fn triggers(value: Value) -> Value {
    Value::object_of([("triggers", Value::object_of([("a", value)]))])
}

#[tokio::test]
async fn conforms() {
    let cases = [
        Case::new("null_resource", Value::object_of::<&str>([]))
            .replace(triggers(Value::string("1")))
            .state_only(),
        Case::new("null_resource", triggers(Value::string("1")))
            .named("triggers")
            .replace(triggers(Value::string("2")))
            .state_only(),
        // A map of nulls is as good as no map: states written by old providers hold none.
        Case::new("null_resource", Value::object_of::<&str>([]))
            .named("triggers of null")
            .update(triggers(Value::null(Type::String)))
            .state_only(),
    ];
    let nothing = Value::object_of::<&str>([]);
    let report = run(crate::provider(), &nothing, environment("/".as_ref()), &cases).await;
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn the_data_source_gives_back_its_inputs() {
    let provider = crate::provider();
    let nothing = Value::object_of::<&str>([]);
    let running =
        configured(provider.as_ref(), &nothing, environment("/".as_ref())).await.expect("needs nothing");
    let schema = provider.schema();
    let block = &schema.data_source("null_data_source").expect("is offered").block;
    let config = block.coerce(&Value::object_of([("inputs", Value::object_of([("a", Value::string("1"))]))]));
    let config = config.expect("fits the schema");
    let response = running.read_data(DataRequest { type_name: "null_data_source".into(), config }).await;
    assert!(response.diagnostics.is_empty());
    assert_eq!(response.state.attr("outputs"), response.state.attr("inputs"));
    assert_eq!(response.state.attr_str("has_computed_default").map(|s| s.as_str()), Some("default"));
    assert!(response.state.is_wholly_known());
}

#[test]
fn the_reference_names_every_type() {
    let text = docs::reference_markdown(crate::provider().as_ref());
    assert!(text.contains("### resource `null_resource`"), "{text}");
    assert!(text.contains("| `triggers` | `map(string)` | optional |"), "{text}");
}
