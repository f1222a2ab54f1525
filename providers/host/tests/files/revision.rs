//! What others are told by when a content was written.

use std::fs;

use provider::simple::Access;
use value::Value;

use crate::tests::support::{Bench, folder, object, root, text};

/// The revision is known, and what it is.
fn revision(object: &Value) -> String {
    object.text("revision").expect("is known").to_owned()
}

fn is_unknown(object: &Value) -> bool {
    object.attr("revision").is_some_and(|revision| !revision.is_known())
}

#[tokio::test]
async fn a_revision_tells_of_each_writing() {
    let folder = folder();
    let file = folder.path().join("h/etc/a");
    let bench = Bench::new("host_file", folder.path()).await;
    let config = |name: &str, content: &str| {
        object([("host", root(&folder.path().join("h"))), ("path", text("/etc/a")), (name, text(content))])
    };
    for name in ["content", "sensitive_content", "content_base64"] {
        let (one, two) = (config(name, "b25l"), config(name, "dHdv"));
        let state = bench.create(one.clone()).await;
        let first = revision(&state);
        assert_eq!(bench.read(&state).await, state, "{name}: it stays");
        let moded = one.with_attr("mode", text("0600"));
        assert!(
            !is_unknown(&bench.plan(&state, &moded).await.1.planned),
            "{name}: others need not know of modes"
        );
        let state = bench.update(&state, &moded).await;
        assert_eq!(revision(&state), first, "{name}");

        fs::write(&file, "drifted").expect("can be written");
        let seen = bench.read(&state).await;
        assert_eq!(bench.read(&seen).await, seen, "{name}: what is known stays known");
        assert!(
            is_unknown(&bench.plan(&seen, &moded).await.1.planned),
            "{name}: who depends on it is planned, too"
        );
        let state = bench.update(&seen, &moded).await;
        let put_back = revision(&state);
        assert!(![&first, &revision(&seen)].contains(&&put_back), "{name}");

        let state = bench.update(&state, &two).await;
        assert_ne!(revision(&state), put_back, "{name}: another content");
        bench.delete(&state).await;
    }
}

#[tokio::test]
async fn a_writing_whose_answer_was_lost_is_one_too() {
    let folder = folder();
    let bench = Bench::new("host_file", folder.path()).await;
    let config = |content: &str| {
        object([
            ("host", root(&folder.path().join("h"))),
            ("path", text("/etc/a")),
            ("content", text(content)),
        ])
    };
    let old = bench.create(config("old")).await;
    let new = bench.update(&old, &config("new")).await;
    // The state still says what was there before.
    let seen = bench.read(&old).await;
    assert_eq!(seen.text("content"), Some("new"));
    assert_ne!(revision(&seen), revision(&old));
    let (_, plan) = bench.plan(&seen, &config("new")).await;
    assert_eq!(plan.planned, seen, "nothing is left to write");
    bench.delete(&new).await;
}

#[tokio::test]
async fn a_content_that_turns_out_to_be_the_same_is_no_writing() {
    let folder = folder();
    let bench = Bench::new("host_file", folder.path()).await;
    let config = object([
        ("host", root(&folder.path().join("h"))),
        ("path", text("/etc/a")),
        ("content", text("one")),
    ]);
    let state = bench.create(config.clone()).await;
    let later = config.with_attr("content", Value::unknown(value::Type::String));
    let (_, plan) = bench.plan(&state, &later).await;
    assert!(is_unknown(&plan.planned), "it may be another one");
    let known = plan.planned.with_attr("content", text("one"));
    let same = bench.apply_plan(&state, known).await;
    assert!(!same.diagnostics.has_errors(), "{:?}", same.diagnostics);
    assert_eq!(same.state, state);
}
