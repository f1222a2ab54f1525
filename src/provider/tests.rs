//! Tables of what the rules for plans, results and stored objects say.

use diag::PathStep;
use value::{Entries, Marks, Path, Refinement, Type, Value};

use crate::{
    Attribute, Block, NestedBlock, Nesting, ProviderSchema, Schema, assert_compatible, assert_plan_valid,
    planned_data, proposed_new, read_state,
};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn null() -> Value {
    Value::null(Type::String)
}

fn unknown() -> Value {
    Value::unknown(Type::String)
}

/// Attributes of every role, and nested blocks of every kind with a configured and a computed attribute.
fn schema() -> Block {
    let item = || {
        Block::default()
            .with("name", Attribute::optional(Type::String))
            .with("id", Attribute::computed(Type::String))
            .with("both", Attribute::optional_computed(Type::String))
    };
    let nested = |nesting| {
        let attributes = [
            ("name".into(), Attribute::optional(Type::String)),
            ("id".into(), Attribute::optional_computed(Type::String)),
        ];
        Attribute::nested(nesting, attributes.into())
    };
    let mut optional_object = nested(Nesting::Single);
    optional_object.computed = true;
    let map = NestedBlock { nesting: Nesting::Map, ..NestedBlock::list(item()) };
    let group = NestedBlock { nesting: Nesting::Group, ..NestedBlock::list(item()) };
    Block::default()
        .with("set", Attribute::optional(Type::String))
        .with("made", Attribute::computed(Type::String))
        .with("both", Attribute::optional_computed(Type::String))
        .with("hidden", Attribute::optional(Type::String).sensitive())
        .with("sent", Attribute::optional(Type::String).write_only())
        .with("texts", Attribute::optional(Type::set(Type::String)))
        .with("object", optional_object)
        .with("objects", nested(Nesting::Set))
        .with_block("list", NestedBlock::list(item()))
        .with_block("bag", NestedBlock::set(item()))
        .with_block("single", NestedBlock::single(item()))
        .with_block("map", map)
        .with_block("group", group)
        .with_block("own", NestedBlock::list(item()).computed())
}

/// An object of the schema's shape.
fn shaped(value: Value) -> Value {
    schema().coerce(&value).expect("fits the schema")
}

fn item(name: &str, id: Value) -> Value {
    object([("name", text(name)), ("id", id)])
}

fn items(items: Vec<Value>) -> Value {
    Value::tuple(items)
}

#[test]
fn proposals_merge_configuration_and_prior_state() {
    let table = [
        ("nothing", object([]), object([]), object([])),
        (
            "configuration wins",
            object([("set", text("old"))]),
            object([("set", text("new"))]),
            object([("set", text("new"))]),
        ),
        ("what is not computed is taken away", object([("set", text("old"))]), object([]), object([])),
        (
            "what is computed is kept",
            object([("made", text("x"))]),
            object([]),
            object([("made", text("x"))]),
        ),
        (
            "optional and computed: kept, or configured",
            object([("both", text("x")), ("made", text("y"))]),
            object([("both", text("z"))]),
            object([("both", text("z")), ("made", text("y"))]),
        ),
        ("write-only is never proposed", object([]), object([("sent", text("x"))]), object([])),
        (
            "lists by index",
            object([("list", items(vec![item("a", text("1")), item("b", text("2"))]))]),
            object([("list", items(vec![item("c", null()), item("b", null()), item("d", null())]))]),
            object([("list", items(vec![item("c", text("1")), item("b", text("2")), item("d", null())]))]),
        ),
        (
            "sets by what is configured",
            object([("bag", items(vec![item("a", text("1")), item("b", text("2"))]))]),
            object([("bag", items(vec![item("b", null()), item("c", null())]))]),
            object([("bag", items(vec![item("b", text("2")), item("c", null())]))]),
        ),
        (
            "maps by key",
            object([("map", object([("x", item("a", text("1"))), ("y", item("b", text("2")))]))]),
            object([("map", object([("y", item("c", null())), ("z", item("d", null()))]))]),
            object([("map", object([("y", item("c", text("2"))), ("z", item("d", null()))]))]),
        ),
        (
            "a single block, and its absence",
            object([("single", item("a", text("1"))), ("group", item("g", text("2")))]),
            object([("group", object([]))]),
            object([("group", object([("id", text("2"))]))]),
        ),
        (
            "computed blocks are kept where none is configured",
            object([("own", items(vec![item("a", text("1"))])), ("list", items(vec![item("a", text("1"))]))]),
            object([]),
            object([("own", items(vec![item("a", text("1"))]))]),
        ),
        (
            "a nested attribute that was all computed is kept",
            object([("object", object([("id", text("1"))]))]),
            object([]),
            object([("object", object([("id", text("1"))]))]),
        ),
        (
            "a nested attribute that was configured is taken away",
            object([("object", item("a", text("1")))]),
            object([]),
            object([]),
        ),
        (
            "inside nested attributes as outside",
            object([("object", item("a", text("1")))]),
            object([("object", object([("name", text("b"))]))]),
            object([("object", item("b", text("1")))]),
        ),
        (
            "sets of objects by what is configured",
            object([("objects", items(vec![item("a", text("1")), item("b", text("2"))]))]),
            object([("objects", items(vec![object([("name", text("b"))]), object([("name", text("c"))])]))]),
            object([("objects", items(vec![item("b", text("2")), object([("name", text("c"))])]))]),
        ),
        (
            "unknown stays unknown",
            object([("both", text("x"))]),
            object([("both", unknown())]),
            object([("both", unknown())]),
        ),
    ];
    for (name, prior, config, expected) in table {
        assert_eq!(proposed_new(&schema(), &shaped(prior), &shaped(config)), shaped(expected), "{name}");
    }
}

#[test]
fn proposals_of_creations_and_unknown_blocks() {
    let nothing = Value::null(schema().implied_type());
    let config = shaped(object([("set", text("a")), ("list", items(vec![item("a", null())]))]));
    assert_eq!(proposed_new(&schema(), &nothing, &config), config);
    assert_eq!(proposed_new(&schema(), &nothing, &nothing), nothing);
    // A dynamic block over something unknown.
    let list = schema().blocks.get("list").expect("is there").implied_type();
    let config = config.with_attr("list", Value::unknown(list));
    let prior = shaped(object([("list", items(vec![item("a", text("1"))]))]));
    assert_eq!(proposed_new(&schema(), &prior, &config).attr("list"), config.attr("list"));
    // Marks of the configuration stay with its values.
    let marked = config.with_attr("set", text("a").mark(Marks::SENSITIVE));
    assert!(proposed_new(&schema(), &prior, &marked).attr("set").is_some_and(Value::is_sensitive));
}

#[test]
fn data_to_be_read_later_is_unknown_where_it_is_computed() {
    let config = shaped(object([("both", text("x")), ("list", items(vec![item("a", null())]))]));
    let planned = planned_data(&schema(), &config);
    assert_eq!(planned.attr("made"), Some(&unknown()));
    assert_eq!(planned.attr("both"), Some(&text("x")));
    assert_eq!(planned.attr("set"), Some(&null()));
    let element =
        planned.attr("list").and_then(Value::items).and_then(<[_]>::first).expect("one is configured");
    assert_eq!((element.attr("name"), element.attr("id")), (Some(&text("a")), Some(&unknown())));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn plans_may_fill_in_only_what_is_computed() {
    let list = |id: Value| object([("list", items(vec![item("a", id)]))]);
    let table = [
        ("as configured", object([]), object([("set", text("a"))]), object([("set", text("a"))]), vec![]),
        (
            "as it was, for an equivalent",
            object([("set", text("A"))]),
            object([("set", text("a"))]),
            object([("set", text("A"))]),
            vec![],
        ),
        (
            "computed, and a default",
            object([]),
            object([]),
            object([("made", unknown()), ("both", text("default"))]),
            vec![],
        ),
        (
            "something else than configured",
            object([]),
            object([("set", text("a"))]),
            object([("set", text("b"))]),
            vec![(".set", "planned value \"b\" does not match config value \"a\"")],
        ),
        (
            "something else than configured or before",
            object([("set", text("c"))]),
            object([("both", text("a")), ("set", text("a"))]),
            object([("both", text("b")), ("set", text("b"))]),
            vec![
                (".both", "planned value \"b\" does not match config value \"a\""),
                (".set", "planned value \"b\" does not match config value \"a\" nor prior value \"c\""),
            ],
        ),
        (
            "a default where there can be none",
            object([]),
            object([]),
            object([("set", text("x"))]),
            vec![(".set", "planned value \"x\" for a non-computed attribute")],
        ),
        (
            "secrets are not shown",
            object([("hidden", text("c"))]),
            object([("hidden", text("a"))]),
            object([("hidden", text("b"))]),
            vec![(".hidden", "sensitive planned value does not match config value nor prior value")],
        ),
        (
            "write-only",
            object([]),
            object([("sent", text("a"))]),
            object([("sent", text("a"))]),
            vec![(".sent", "planned value for a write-only attribute must be null")],
        ),
        ("a computed attribute of a block", object([]), list(null()), list(unknown()), vec![]),
        (
            "a block too many",
            object([]),
            object([]),
            list(null()),
            vec![(".list", "block count in plan (1) disagrees with count in config (0)")],
        ),
        (
            "a block under another key",
            object([]),
            object([("map", object([("x", item("a", null()))]))]),
            object([("map", object([("y", item("a", null()))]))]),
            vec![
                (".map", "block key \"y\" from plan is not present in config"),
                (".map", "block key \"x\" from config is not present in plan"),
            ],
        ),
        (
            "a block that is not configured",
            object([]),
            object([]),
            object([("single", item("a", null()))]),
            vec![(".single", "planned for existence but config wants absence")],
        ),
        (
            "computed blocks",
            object([]),
            object([]),
            object([("own", items(vec![item("a", text("1"))]))]),
            vec![],
        ),
        (
            "inside a nested attribute",
            object([]),
            object([("object", object([("name", text("a"))]))]),
            object([("object", item("b", text("1")))]),
            vec![(".object.name", "planned value \"b\" does not match config value \"a\"")],
        ),
        (
            "sets are trusted",
            object([]),
            object([("bag", items(vec![item("a", null())]))]),
            object([("bag", items(vec![item("b", text("1"))]))]),
            vec![],
        ),
    ];
    for (name, prior, config, planned, expected) in table {
        let problems = assert_plan_valid(&schema(), &shaped(prior), &shaped(config), &shaped(planned));
        assert_eq!(in_text(&problems), owned(&expected), "{name}");
    }
    let (nothing, something) = (Value::null(schema().implied_type()), shaped(object([])));
    assert_eq!(assert_plan_valid(&schema(), &nothing, &something, &nothing).len(), 1);
    assert_eq!(assert_plan_valid(&schema(), &something, &nothing, &something).len(), 1);
    assert!(assert_plan_valid(&schema(), &something, &nothing, &nothing).is_empty());
    // Refinements of unknown values and marks do not matter.
    let refined = something.with_attr("set", Value::refined(Type::String, Refinement::not_null()));
    let marked = something.with_attr("set", unknown().mark(Marks::SENSITIVE));
    assert!(assert_plan_valid(&schema(), &nothing, &marked, &refined).is_empty());
}

#[test]
fn results_complete_what_was_planned() {
    let list = |id: Value| object([("list", items(vec![item("a", id)]))]);
    let set = |texts: Vec<Value>| object([("texts", Value::set(Type::String, texts))]);
    let table = [
        ("as planned", object([("set", text("a"))]), object([("set", text("a"))]), vec![]),
        ("unknown may be anything", object([("made", unknown())]), object([("made", null())]), vec![]),
        (
            "something else",
            object([("set", text("a"))]),
            object([("set", text("b"))]),
            vec![(".set", "was \"a\", but now \"b\"")],
        ),
        ("null", object([("set", text("a"))]), object([]), vec![(".set", "was \"a\", but now null")]),
        ("not null", object([]), object([("set", text("a"))]), vec![(".set", "was null, but now \"a\"")]),
        (
            "still unknown",
            object([("set", text("a"))]),
            object([("set", unknown())]),
            vec![(".set", "was known, but now unknown")],
        ),
        (
            "secrets are not shown",
            object([("hidden", text("a"))]),
            object([("hidden", text("b"))]),
            vec![(".hidden", "inconsistent values for sensitive attribute")],
        ),
        ("inside blocks", list(unknown()), list(text("1")), vec![]),
        ("blocks gone", list(null()), object([]), vec![(".list", "block count changed from 1 to 0")]),
        (
            "inside blocks, else",
            list(text("1")),
            list(text("2")),
            vec![(".list[0].id", "was \"1\", but now \"2\"")],
        ),
        (
            "unknown elements that turn out equal",
            set(vec![unknown(), text("a")]),
            set(vec![text("a")]),
            vec![],
        ),
        (
            "another element",
            set(vec![text("a")]),
            set(vec![text("b")]),
            vec![
                (".texts", "planned set element \"a\" does not correlate with any element in actual"),
                (".texts", "actual set element \"b\" does not correlate with any element in plan"),
            ],
        ),
        (
            "more elements",
            set(vec![unknown()]),
            set(vec![text("a"), text("b")]),
            vec![(".texts", "length changed from 1 to 2")],
        ),
        (
            "keys of maps",
            object([("map", object([("x", item("a", null()))]))]),
            object([("map", object([("y", item("a", null()))]))]),
            vec![(".map", "block key \"x\" has vanished"), (".map", "new block key \"y\" has appeared")],
        ),
    ];
    for (name, planned, actual, expected) in table {
        let problems = assert_compatible(&schema(), &shaped(planned), &shaped(actual));
        assert_eq!(in_text(&problems), owned(&expected), "{name}");
    }
    let (nothing, something) = (Value::null(schema().implied_type()), shaped(object([])));
    let problems = assert_compatible(&schema(), &something, &nothing);
    assert_eq!(in_text(&problems), owned(&[("", "root object was present, but now absent")]));
    assert_eq!(assert_compatible(&schema(), &nothing, &something).len(), 1);
    // What was known of the unknown value must hold.
    let prefix = Refinement { prefix: Some("ami-".into()), not_null: true, ..Refinement::default() };
    let planned = something.with_attr("made", Value::refined(Type::String, prefix));
    for (actual, fits) in [(text("ami-1"), true), (text("1"), false), (null(), false)] {
        let problems = assert_compatible(&schema(), &planned, &something.with_attr("made", actual));
        assert_eq!(problems.is_empty(), fits);
    }
}

#[test]
fn stored_objects_are_read_by_the_current_schema() {
    let mut provider = ProviderSchema::default();
    let objects = Type::list(Type::object([("a", Type::String), ("b", Type::Number)]));
    let block = schema()
        .with("objects_of_type", Attribute::optional(objects))
        .with("any", Attribute::optional(Type::Dynamic));
    provider.resources.insert("test".into(), Schema::new(2, block.clone()));
    let stored = r#"{"set":"x","gone":{"a":1},"list":[{"name":"a","old":true}],"bag":null,"single":{"id":"1"},
        "objects_of_type":[{"a":"1","old":2}],"any":{"value":[1.5],"type":["tuple",["number"]]}}"#;
    let state = read_state(&provider, "test", 2, stored).expect("can be read");
    assert_eq!(state.ty().to_string().matches("old").count(), 0);
    assert_eq!(state.attr_str("set").map(|s| s.as_str()), Some("x"));
    let path = |path: Path| path.get(&state).cloned();
    assert_eq!(path(Path::from_attr("list").index(Value::number(0)).attr("name")), Some(text("a")));
    assert_eq!(path(Path::from_attr("single").attr("id")), Some(text("1")));
    assert_eq!(
        path(Path::from_attr("objects_of_type").index(Value::number(0)).attr("b")),
        Some(Value::null(Type::Number))
    );
    assert!(state.attr("bag").and_then(Value::items).is_some_and(<[_]>::is_empty));
    assert!(state.attr("map").and_then(Value::entries).is_some_and(Entries::is_empty));
    assert_eq!(
        path(Path::from_attr("any").index(Value::number(0))).map(|n| format!("{n:?}")).as_deref(),
        Some("1.5")
    );
    for (name, type_name, version, stored, summary) in [
        ("newer", "test", 3, "{}", "Resource instance managed by newer provider version"),
        ("unknown type", "other", 0, "{}", "Failed to decode resource from state"),
        ("no JSON", "test", 2, "{", "Failed to decode resource from state"),
        ("wrong type", "test", 2, r#"{"set":{"a":1}}"#, "Failed to decode resource from state"),
        ("no object", "test", 2, "[1]", "Failed to decode resource from state"),
    ] {
        let diagnostics = read_state(&provider, type_name, version, stored).expect_err(name);
        assert_eq!(diagnostics.iter().map(|d| d.summary.as_str()).collect::<Vec<_>>(), [summary], "{name}");
    }
}

#[test]
fn configurations_are_checked_with_places() {
    let rule = Block::default().with("port", Attribute::required(Type::Number));
    let block = Block::default()
        .with("name", Attribute::required(Type::String))
        .with("id", Attribute::computed(Type::String))
        .with_block("rule", NestedBlock::list(rule).items(1, 2));
    let port = |port: i64| object([("port", Value::number(port))]);
    let found = |config: Value| -> Vec<(String, Vec<PathStep>)> {
        let config = block.coerce(&config).expect("fits the schema");
        block.validate_config(&config).into_iter().map(|d| (d.summary, d.attribute)).collect()
    };
    let at = |name: &str| vec![PathStep::Attribute(name.into())];
    assert_eq!(found(object([("name", text("a")), ("rule", items(vec![port(1)]))])), []);
    assert_eq!(
        found(object([("name", unknown()), ("rule", items(vec![object([("port", unknown())])]))])),
        []
    );
    assert_eq!(
        found(object([("id", text("x"))])),
        [
            ("Value for unconfigurable attribute".to_owned(), at("id")),
            ("Missing required argument".to_owned(), at("name")),
            ("Insufficient rule blocks".to_owned(), at("rule")),
        ]
    );
    let place =
        vec![PathStep::Attribute("rule".into()), PathStep::Index(1), PathStep::Attribute("port".into())];
    assert_eq!(
        found(object([("name", text("a")), ("rule", items(vec![port(1), object([]), port(3)]))])),
        [("Too many rule blocks".to_owned(), at("rule")), ("Missing required argument".to_owned(), place)]
    );
    let error = block.coerce(&object([("nmae", text("a"))])).expect_err("there is no such attribute");
    assert_eq!(
        (error.path.to_string().as_str(), error.message.as_str()),
        (".nmae", "unsupported attribute \"nmae\"")
    );
    let wrong =
        block.coerce(&object([("rule", items(vec![object([("port", text("x"))])]))])).expect_err("no number");
    assert_eq!(wrong.path.to_string(), ".rule[0].port");
}

fn in_text(problems: &[(Path, String)]) -> Vec<(String, String)> {
    problems.iter().map(|(path, problem)| (path.to_string(), problem.clone())).collect()
}

fn owned(problems: &[(&str, &str)]) -> Vec<(String, String)> {
    problems.iter().map(|(path, problem)| ((*path).to_owned(), (*problem).to_owned())).collect()
}
