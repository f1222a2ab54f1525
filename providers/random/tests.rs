use std::collections::BTreeSet;

use provider::conformance::{Case, configured, environment, run};
use provider::simple::Access;
use provider::{ApplyRequest, Configured, PlanRequest, proposed_new};
use value::{Str, Value};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn number(n: i64) -> Value {
    Value::number(n)
}

fn keepers(value: &str) -> Value {
    object([("a", text(value))])
}

fn cases() -> Vec<Case> {
    let input = || Value::tuple(vec![text("a"), text("b"), text("c")]);
    let password = |name: &str| {
        Case::new(name, object([("length", number(12))]))
            .update(object([
                ("length", number(12)),
                ("numeric", Value::bool(true)),
                ("min_lower", number(0)),
            ]))
            .replace(object([("length", number(12)), ("special", Value::bool(false))]))
            .replace(object([("length", number(12)), ("override_special", text("_"))]))
            .replace(object([("length", number(12)), ("keepers", keepers("1"))]))
            .refuses(object([]), "length")
            .refuses(object([("length", number(0))]), "length")
            .refuses(object([("length", number(1)), ("min_lower", number(2))]), "length")
            .refuses(
                object([
                    ("length", number(9)),
                    ("number", Value::bool(true)),
                    ("numeric", Value::bool(false)),
                ]),
                "number",
            )
            .refuses(
                object([
                    ("length", number(9)),
                    ("upper", Value::bool(false)),
                    ("lower", Value::bool(false)),
                    ("special", Value::bool(false)),
                    ("numeric", Value::bool(false)),
                ]),
                "lower",
            )
            .import_by("result", &["bcrypt_hash"])
            .state_only()
    };
    // An update that changes nothing is none: the suite wants a change, so the first update is left out.
    let without_first_update = |mut case: Case| {
        case.updates.remove(0);
        case
    };
    let uuid = |name: &str, ignore: &[&'static str]| {
        Case::new(name, object([]))
            .replace(object([("keepers", keepers("1"))]))
            .import_by("id", ignore)
            .state_only()
    };
    vec![
        Case::new("random_bytes", object([("length", number(16))]))
            .replace(object([("length", number(17))]))
            .import_by("base64", &[])
            .refuses(object([("length", number(0))]), "length")
            .state_only(),
        Case::new("random_id", object([("byte_length", number(8)), ("prefix", text("x,y"))]))
            .replace(object([("byte_length", number(4))]))
            .import_made(
                |state| {
                    format!(
                        "{},{}",
                        state.text("prefix").unwrap_or_default(),
                        state.text("id").unwrap_or_default()
                    )
                },
                &["keepers"],
            )
            .refuses(object([("byte_length", number(-1))]), "byte_length")
            .state_only(),
        Case::new("random_integer", object([("min", number(1)), ("max", number(6)), ("seed", text("s"))]))
            .replace(object([("min", number(1)), ("max", number(6))]))
            .import_made(|state| format!("{},1,6,s", state.text("id").unwrap_or_default()), &[])
            .refuses(object([("min", number(2)), ("max", number(1))]), "min")
            .state_only(),
        without_first_update(password("random_password")),
        without_first_update(password("random_string")),
        Case::new("random_pet", object([]))
            .replace(object([("length", number(4)), ("separator", text("_")), ("prefix", text("my"))]))
            .refuses(object([("length", number(0))]), "length")
            .state_only(),
        Case::new("random_shuffle", object([("input", input())]))
            .replace(object([("input", input()), ("result_count", number(7)), ("seed", text("s"))]))
            .refuses(object([("input", input()), ("result_count", number(-1))]), "result_count")
            .state_only(),
        uuid("random_uuid", &["keepers"]),
        uuid("random_uuid4", &[]),
        uuid("random_uuid7", &[]),
    ]
}

async fn running() -> std::sync::Arc<dyn Configured> {
    configured(crate::provider().as_ref(), &object([]), environment("/".as_ref()))
        .await
        .expect("needs nothing")
}

/// The object that a configuration creates.
async fn create(type_name: &str, config: Value) -> Value {
    let (provider, running) = (crate::provider(), running().await);
    let schema = provider.schema();
    let block = &schema.resource(type_name).expect("is offered").block;
    let config = block.coerce(&config).expect("fits the schema");
    let prior = Value::null(block.implied_type());
    let type_name = Str::from(type_name);
    let proposed = proposed_new(block, &prior, &config);
    let request = PlanRequest {
        type_name: type_name.clone(),
        prior: prior.clone(),
        proposed,
        config: config.clone(),
        private: Vec::new(),
    };
    let planned = running.plan(request).await.planned;
    let token = Str::from("00000000-0000-4000-8000-000000000000");
    let request = ApplyRequest { type_name, prior, planned, config, private: Vec::new(), token };
    let response = running.apply(request).await;
    assert!(response.diagnostics.is_empty(), "{:?}", response.diagnostics);
    response.state
}

#[tokio::test]
async fn conforms() {
    let report = run(crate::provider(), &object([]), environment("/".as_ref()), &cases()).await;
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn texts_are_made_of_what_was_asked_for() {
    let off = Value::bool(false);
    let state = create(
        "random_password",
        object([
            ("length", number(200)),
            ("upper", off.clone()),
            ("number", off),
            ("override_special", text("é_")),
            ("min_special", number(100)),
        ]),
    )
    .await;
    let result = state.text("result").expect("is a text");
    assert_eq!(result.chars().count(), 200);
    assert!(result.chars().all(|c| c.is_ascii_lowercase() || c == 'é' || c == '_'));
    assert!(result.chars().filter(|c| !c.is_ascii_lowercase()).count() >= 100);
    assert_eq!(state.flag("numeric"), Some(false));
    let hash = state.text("bcrypt_hash").expect("is a text");
    assert!(hash.starts_with("$2a$10$"), "the version and cost are those of Go");
    assert!(bcrypt::verify(&result.as_bytes()[..72], hash).expect("is a hash"));
}

#[tokio::test]
async fn forms_of_an_id_agree() {
    let state = create("random_id", object([("byte_length", number(4)), ("prefix", text("p-"))])).await;
    let hex = state.text("hex").and_then(|hex| hex.strip_prefix("p-")).expect("has the prefix");
    let dec = state.text("dec").and_then(|dec| dec.strip_prefix("p-")).expect("has the prefix");
    assert_eq!(u32::from_str_radix(hex, 16).ok(), dec.parse::<u32>().ok());
    assert_eq!(state.text("b64_url"), Some(format!("p-{}", state.text("id").unwrap_or_default()).as_str()));
    assert_eq!(state.text("b64_std").map(str::len), Some(10));
}

#[tokio::test]
async fn a_seed_gives_the_same_again() {
    let input = || Value::tuple(["a", "b", "c", "d", "e"].map(Value::string).to_vec());
    let shuffled = || object([("input", input()), ("seed", text("seed")), ("result_count", number(8))]);
    let first = create("random_shuffle", shuffled()).await;
    assert_eq!(first.attr("result"), create("random_shuffle", shuffled()).await.attr("result"));
    let texts = first.texts("result");
    assert_eq!(texts.len(), 8);
    assert_eq!(
        texts.iter().take(5).collect::<BTreeSet<_>>().len(),
        5,
        "none comes twice before all have come"
    );
    let config = || object([("min", number(0)), ("max", number(i64::MAX)), ("seed", text("x"))]);
    let number = create("random_integer", config()).await;
    assert_eq!(number.attr("result"), create("random_integer", config()).await.attr("result"));
}

#[test]
fn old_states_are_brought_to_the_current_version() {
    let provider = crate::provider();
    // As random 3.1 left it after an import: nulls, no hash, no `numeric`.
    let stored = r#"{"id":"none","keepers":null,"length":null,"lower":null,"min_lower":null,"min_numeric":null,
        "min_special":null,"min_upper":null,"number":false,"override_special":null,"result":"secret!","special":null,
        "upper":null}"#;
    let state = provider.upgrade_state("random_password", 0, stored).expect("can be upgraded");
    assert_eq!((state.int("length"), state.int("min_upper")), (Some(7), Some(0)));
    assert_eq!(
        (state.flag("upper"), state.flag("number"), state.flag("numeric")),
        (Some(true), Some(false), Some(false))
    );
    let hash = state.text("bcrypt_hash").expect("is a text").to_owned();
    assert!(bcrypt::verify("secret!", &hash).expect("is a hash"));
    // A right hash stays, a wrong one is made anew.
    let stored =
        |hash: &str| format!(r#"{{"id":"none","length":7,"result":"secret!","bcrypt_hash":"{hash}"}}"#);
    let kept = provider.upgrade_state("random_password", 2, &stored(&hash)).expect("can be upgraded");
    assert_eq!(kept.text("bcrypt_hash"), Some(hash.as_str()));
    let wrong = bcrypt::hash("other", 4).expect("can be hashed");
    let renewed = provider.upgrade_state("random_password", 2, &stored(&wrong)).expect("can be upgraded");
    assert_ne!(renewed.text("bcrypt_hash"), Some(wrong.as_str()));
    let stored = r#"{"id":"abc","length":3,"result":"abc","number":true}"#;
    let state = provider.upgrade_state("random_string", 1, stored).expect("can be upgraded");
    assert_eq!(state.flag("numeric"), Some(true));
    assert!(provider.upgrade_state("random_string", 3, stored).is_err());
}

#[tokio::test]
async fn an_ephemeral_password_is_made_and_not_stored() {
    let (provider, running) = (crate::provider(), running().await);
    let schema = provider.schema();
    let block = &schema.ephemerals.get("random_password").expect("is offered").block;
    let config = block.coerce(&object([("length", number(20))])).expect("fits the schema");
    let response = running.open_ephemeral("random_password".into(), config).await;
    assert!(response.diagnostics.is_empty());
    assert_eq!(response.result.text("result").map(str::len), Some(20));
    assert!(response.result.is_wholly_known());
    assert!(response.private.is_empty());
}

#[tokio::test]
async fn names_have_as_many_words_as_asked_for() {
    for words in [1, 2, 5] {
        let state = create("random_pet", object([("length", number(words)), ("separator", text("."))])).await;
        assert_eq!(state.text("id").map(|name| name.split('.').count()), usize::try_from(words).ok());
    }
    let lists = [crate::words::ADVERBS, crate::words::ADJECTIVES, crate::words::NAMES];
    for list in lists {
        assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len(), "no word comes twice");
        assert!(list.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase())));
    }
}
