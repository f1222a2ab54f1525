use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::DataRequest;
use provider::conformance::{Case, configured, environment, run};
use provider::simple::Access;
use value::Value;

use crate::render::is_boundary;

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn part(content: &str) -> Value {
    object([("content", text(content))])
}

fn parts(contents: &[&str]) -> Value {
    Value::tuple(contents.iter().map(|content| part(content)).collect())
}

#[tokio::test]
async fn conforms() {
    let plain = |contents: &[&str]| {
        object([
            ("part", parts(contents)),
            ("gzip", Value::bool(false)),
            ("base64_encode", Value::bool(false)),
        ])
    };
    let two_lines = object([("content", text("a")), ("filename", text("a\nb"))]);
    let case = Case::new("cloudinit_config", object([("part", parts(&["a"]))]))
        .replace(plain(&["a"]))
        .replace(plain(&["a", "b"]))
        .replace(object([("part", parts(&["a"])), ("boundary", text("X"))]))
        .refuses(object([]), "part")
        .refuses(object([("part", parts(&[""]))]), "part")
        .refuses(object([("part", Value::tuple(vec![two_lines]))]), "part")
        .refuses(object([("part", parts(&["a"])), ("base64_encode", Value::bool(false))]), "base64_encode")
        .refuses(object([("part", parts(&["a"])), ("boundary", text("ü"))]), "boundary")
        .state_only();
    let report = run(crate::provider(), &object([]), environment("/".as_ref()), &[case]).await;
    assert!(report.is_ok(), "{report}");
}

async fn read(config: Value) -> Value {
    let provider = crate::provider();
    let running =
        configured(provider.as_ref(), &object([]), environment("/".as_ref())).await.expect("needs nothing");
    let schema = provider.schema();
    let block = &schema.data_source("cloudinit_config").expect("is offered").block;
    let config = block.coerce(&config).expect("fits the schema");
    let response = running.read_data(DataRequest { type_name: "cloudinit_config".into(), config }).await;
    assert!(response.diagnostics.is_empty(), "{:?}", response.diagnostics);
    response.state
}

/// The documents are those in the tests of `HashiCorp`'s provider.
#[tokio::test]
async fn documents_are_rendered_as_by_go() {
    let full = object([
        ("content", text("foo1")),
        ("content_type", text("text/x-shellscript")),
        ("filename", text("f1")),
        ("merge_type", text("m1")),
    ]);
    let config = |part: Value, boundary: &str| {
        object([
            ("part", Value::tuple(vec![part, self::part("baz")])),
            ("gzip", Value::bool(false)),
            ("base64_encode", Value::bool(false)),
            ("boundary", text(boundary)),
        ])
    };
    let state = read(config(full, "//")).await;
    assert_eq!(
        state.text("rendered"),
        Some(
            "Content-Type: multipart/mixed; boundary=\"//\"\nMIME-Version: 1.0\r\n\r\n--//\r\n\
             Content-Disposition: attachment; filename=\"f1\"\r\nContent-Transfer-Encoding: 7bit\r\n\
             Content-Type: text/x-shellscript\r\nMime-Version: 1.0\r\nX-Merge-Type: m1\r\n\r\nfoo1\r\n--//\r\n\
             Content-Transfer-Encoding: 7bit\r\nContent-Type: text/plain\r\nMime-Version: 1.0\r\n\r\nbaz\r\n--//--\r\n"
        )
    );
    assert_eq!(state.elements("part")[1].text("content_type"), Some("text/plain"));
    assert_eq!(state.text("id").map(|id| id.parse::<u32>().is_ok()), Some(true));
}

#[tokio::test]
async fn documents_are_compressed_and_encoded_unless_told_otherwise() {
    let plain = read(object([
        ("part", parts(&["a"])),
        ("gzip", Value::bool(false)),
        ("base64_encode", Value::bool(false)),
    ]))
    .await;
    let encoded = read(object([("part", parts(&["a"])), ("gzip", Value::bool(false))])).await;
    let compressed = read(object([("part", parts(&["a"]))])).await;
    assert_eq!((compressed.flag("gzip"), compressed.text("boundary")), (Some(true), Some("MIMEBOUNDARY")));
    let decode =
        |state: &Value| STANDARD.decode(state.text("rendered").unwrap_or_default()).expect("is base64");
    assert_eq!(Some(decode(&encoded).as_slice()), plain.text("rendered").map(str::as_bytes));
    let bytes = decode(&compressed);
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], "the header is Go's");
    let mut document = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut document).expect("is gzip");
    assert_eq!(Some(document.as_str()), plain.text("rendered"));
}

#[test]
fn boundaries_are_checked() {
    for (boundary, good) in
        [("a", true), ("//", true), ("a b", true), ("", false), ("a ", false), ("a\"", false)]
    {
        assert_eq!(is_boundary(boundary), good, "{boundary}");
    }
    assert!(is_boundary(&"x".repeat(70)) && !is_boundary(&"x".repeat(71)));
}
