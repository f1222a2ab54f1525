use addrs::ProviderAddr;
use provider::conformance::{Case, configured, environment, run};
use provider::simple::Access;
use provider::{DataRequest, PlanRequest, proposed_new};
use value::{Type, Value, json};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

#[tokio::test]
async fn conforms() {
    let list = Value::tuple(vec![text("a"), Value::number(1)]);
    let cases = [
        Case::new("terraform_data", object([]))
            .update(object([("input", text("a"))]))
            .update(object([("input", list.clone())]))
            .update(object([]))
            .replace(object([("triggers_replace", list.clone())]))
            .replace(object([("triggers_replace", object([("a", list)]))]))
            .refuses(object([("id", text("mine"))]), "id")
            .state_only(),
        Case::new("terraform_data", object([])).named("imported").import_by("id", &[]).state_only(),
    ];
    let report = run(crate::provider(), &object([]), environment("/".as_ref()), &cases).await;
    assert!(report.is_ok(), "{report}");
}

/// Seen with `terraform plan`: the output is unknown of the input's type, and null without input.
#[tokio::test]
async fn the_output_is_unknown_only_where_there_is_input() {
    let provider = crate::provider();
    let running =
        configured(provider.as_ref(), &object([]), environment("/".as_ref())).await.expect("needs nothing");
    let schema = provider.schema();
    let block = &schema.resource("terraform_data").expect("is offered").block;
    for (config, output) in [
        (object([]), Value::null(Type::Dynamic)),
        (object([("input", text("a"))]), Value::unknown(Type::String)),
        (object([("input", Value::unknown(Type::Number))]), Value::unknown(Type::Number)),
        (object([("input", Value::dynamic())]), Value::dynamic()),
    ] {
        let config = block.coerce(&config).expect("fits the schema");
        let prior = Value::null(block.implied_type());
        let request = PlanRequest {
            type_name: "terraform_data".into(),
            proposed: proposed_new(block, &prior, &config),
            prior,
            config,
            private: Vec::new(),
        };
        assert_eq!(running.plan(request).await.planned.attr("output"), Some(&output));
    }
}

#[test]
fn a_null_resource_can_become_a_terraform_data() {
    let provider = crate::provider();
    let null = ProviderAddr::hashicorp("null");
    let moved =
        |attributes: &str| provider.move_state(&null, "null_resource", 0, attributes, "terraform_data");
    let object = moved(r#"{"id":"42","triggers":{"a":"1"}}"#).expect("can be moved");
    assert_eq!(object.text("id"), Some("42"));
    assert_eq!(object.attr("triggers_replace"), Some(&Value::object_of([("a", text("1"))])));
    let object = moved(r#"{"id":"42","triggers":null}"#).expect("can be moved");
    assert!(object.is_unset("triggers_replace"));
    assert!(provider.move_state(&null, "null_thing", 0, "{}", "terraform_data").is_err());
}

#[test]
fn values_are_encoded_as_terraform_does() {
    let encode = |function: &str, json: &str| {
        let value = json::from_plain_json(json).expect("is JSON");
        provider()
            .call_function(function, &[value])
            .map(|text| text.as_str().cloned().unwrap_or_default().to_string())
    };
    // The results are those of `terraform console` 1.11.4.
    for (json, expected) in [
        ("null", "null"),
        (r#"[{"a":1},{"b":2}]"#, "[{\n  a = 1\n  }, {\n  b = 2\n}]"),
        (
            r#"[1,[2,{"a":1,"bcd":{"e":1,"ff":2},"g":[{"h":1}]}]]"#,
            "[1, [2, {\n  a = 1\n  bcd = {\n    e  = 1\n    ff = 2\n  }\n  g = [{\n    h = 1\n  }]\n}]]",
        ),
        (
            r#"{"a":1,"${x}":1,"for":1,"1a":1,"a-b":1}"#,
            "{\n  \"$${x}\" = 1\n  \"1a\"    = 1\n  a       = 1\n  a-b     = 1\n  for     = 1\n}",
        ),
        (r#""\u0001\u00e9\u2028😀\r\u0007""#, r#""\u0001é\u2028😀\r\u0007""#),
        (r#""a\nb\n""#, r#""a\nb\n""#),
        ("[0.1,-5,12345678901234567890123]", "[0.1, -5, 12345678901234567890123]"),
    ] {
        assert_eq!(encode("encode_expr", json).as_deref(), Ok(expected), "{json}");
    }
    for (json, expected) in [
        (
            r#"{"x":{"a":1,"bbb":2},"y":[[{"a":1}]],"z":["x",{"a":[],"b":{}}]}"#,
            "x = {\n  a   = 1\n  bbb = 2\n}\ny = [[{\n  a = 1\n}]]\nz = [\"x\", {\n  a = []\n  b = {}\n}]\n",
        ),
        (r#"{"ab":1,"bc":"é\t\\","zz":null}"#, "ab = 1\nbc = \"é\\t\\\\\"\nzz = null\n"),
        ("{}", ""),
    ] {
        assert_eq!(encode("encode_tfvars", json).as_deref(), Ok(expected), "{json}");
    }
    for (json, message) in [
        (
            r#""a""#,
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names",
        ),
        (
            r#"{"a b":1}"#,
            "invalid variable name \"a b\": must be a valid identifier, per Terraform's rules for input variable declarations",
        ),
    ] {
        assert_eq!(
            encode("encode_tfvars", json).map_err(|error| error.message),
            Err(message.into()),
            "{json}"
        );
    }
}

#[test]
fn tfvars_are_decoded_without_references() {
    let decode = |text: &str| provider().call_function("decode_tfvars", &[Value::string(text)]);
    for (bad, message) in [
        (
            "a = b\n",
            "invalid expression for variable \"a\": <decode_tfvars argument>:1,5-6: Variables not allowed; Variables may \
             not be used here.",
        ),
        (
            "a = upper(1)\n",
            "invalid expression for variable \"a\": <decode_tfvars argument>:1,5-13: Function calls not allowed; \
             Functions may not be called here.",
        ),
        (
            "a {\n}\n",
            "invalid tfvars content: <decode_tfvars argument>:1,1-2: Unexpected \"a\" block; Blocks are not allowed here.",
        ),
    ] {
        assert_eq!(decode(bad).map_err(|error| error.message), Err(message.into()), "{bad}");
    }
    let decoded = decode("a = 1 + 2\nb = \"x-${1+1}\"\nc = [for x in [1,2] : x*2]\nd = true ? 1 : 2\n");
    let expected = object([
        ("a", Value::number(3)),
        ("b", text("x-2")),
        ("c", Value::tuple(vec![Value::number(2), Value::number(4)])),
        ("d", Value::number(1)),
    ]);
    assert_eq!(decoded, Ok(expected));
    assert!(decode("a = \n").is_err_and(|error| error.message.starts_with("invalid tfvars syntax: ")));
}

#[tokio::test]
async fn remote_state_gives_the_outputs() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let state = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{
        "ids":{"value":["a","b"],"type":["list","string"]},
        "big":{"value":12345678901234567890123,"type":"number"},
        "secret":{"value":"s","type":"string","sensitive":true}},"resources":[],"check_results":null}"#;
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("is in the folder"))
            .and_then(|()| std::fs::write(path, text))
    };
    write("a/terraform.tfstate", state).expect("can be written");
    write("terraform.tfstate.d/blue/terraform.tfstate", r#"{"version":4,"outputs":{}}"#)
        .expect("can be written");
    write("old.tfstate", r#"{"version":3}"#).expect("can be written");

    let provider = crate::provider();
    let running =
        configured(provider.as_ref(), &object([]), environment(folder.path())).await.expect("needs nothing");
    let schema = provider.schema();
    let block = &schema.data_source("terraform_remote_state").expect("is offered").block;
    let read = async |config: Value| {
        let config = block.coerce(&config).expect("fits the schema");
        running.read_data(DataRequest { type_name: "terraform_remote_state".into(), config }).await
    };
    let path = |path: &str| object([("path", text(path))]);
    let local = ("backend", text("local"));

    let response = read(object([local.clone(), ("config", path("a/terraform.tfstate"))])).await;
    assert!(response.diagnostics.is_empty());
    let outputs = response.state.attr("outputs").expect("is an attribute");
    assert_eq!(outputs.attr("ids"), Some(&Value::list(Type::String, vec![text("a"), text("b")])));
    assert_eq!(outputs.attr("big").map(|big| format!("{big:?}")).as_deref(), Some("12345678901234567890123"));

    let defaults = object([("ids", Value::number(1))]);
    let response = read(object([local.clone(), ("workspace", text("blue")), ("defaults", defaults)])).await;
    assert_eq!(response.state.attr("outputs"), Some(&object([("ids", Value::number(1))])));

    for (config, summary) in [
        (object([local.clone()]), "Unable to find remote state"),
        (object([local.clone(), ("config", path("old.tfstate"))]), "Error loading state"),
    ] {
        let diagnostics = read(config).await.diagnostics;
        assert_eq!(diagnostics.iter().map(|d| d.summary.as_str()).collect::<Vec<_>>(), [summary]);
    }
    let config = block.coerce(&object([("backend", text("s3"))])).expect("fits the schema");
    assert!(provider.validate_data("terraform_remote_state", &config).has_errors());
}

fn provider() -> std::sync::Arc<dyn provider::Provider> {
    crate::provider()
}
