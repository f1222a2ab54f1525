use super::{FILE, told};
use crate::{Body, BodySchema, parse_file};

fn body(text: &str) -> Body {
    let (body, diagnostics) = parse_file(FILE, text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    body
}

fn schema() -> BodySchema {
    BodySchema::new(
        &["!ami", "count", "tags"],
        &[("resource", &["type", "name"]), ("provider", &["name"]), ("lifecycle", &[])],
    )
}

#[test]
fn what_the_schema_does_not_name_is_told_with_a_suggestion() {
    for (text, expected) in [
        ("ami = 1\n", ""),
        (
            "",
            "1:1-1:1 Missing required argument|The argument \"ami\" is required, but no definition was found.",
        ),
        (
            "ami = 1\ncoutn = 1\n",
            "2:1-2:6 Unsupported argument|An argument named \"coutn\" is not expected here. Did you mean \"count\"?",
        ),
        (
            "ami = 1\ncount = 1\ncoutn = 1\n",
            "3:1-3:6 Unsupported argument|An argument named \"coutn\" is not expected here.",
        ),
        (
            "ami = 1\nlifecycle = {}\n",
            "2:1-2:10 Unsupported argument|An argument named \"lifecycle\" is not expected here. Did you mean to define a block of type \"lifecycle\"?",
        ),
        (
            "ami = 1\nlifecycel {\n}\n",
            "2:1-2:10 Unsupported block type|Blocks of type \"lifecycel\" are not expected here. Did you mean \"lifecycle\"?",
        ),
        (
            "ami = 1\ntags {\n}\n",
            "2:1-2:5 Unsupported block type|Blocks of type \"tags\" are not expected here. Did you mean to define argument \"tags\"? If so, use the equals sign to assign it a value.",
        ),
        (
            "ami = 1\nxyz {\n}\n",
            "2:1-2:4 Unsupported block type|Blocks of type \"xyz\" are not expected here.",
        ),
        (
            "ami = 1\nresource \"a\" {\n}\n",
            "2:14-2:15 Missing name for resource|All resource blocks must have 2 labels (type, name).",
        ),
        (
            "ami = 1\nresource {\n}\n",
            "2:10-2:11 Missing type for resource|All resource blocks must have 2 labels (type, name).",
        ),
        (
            "ami = 1\nprovider \"a\" \"b\" {\n}\n",
            "2:14-2:17 Extraneous label for provider|Only 1 labels (name) are expected for provider blocks.",
        ),
        (
            "ami = 1\nlifecycle a {\n}\n",
            "2:11-2:12 Extraneous label for lifecycle|No labels are expected for lifecycle blocks.",
        ),
    ] {
        let (_, diagnostics) = body(text).content(&schema());
        let details = diagnostics.iter().map(|d| d.detail.as_str());
        let told: Vec<_> =
            told(text, &diagnostics).into_iter().zip(details).map(|(a, b)| format!("{a}|{b}")).collect();
        assert_eq!(told.join("\n"), expected, "{text}");
    }
}

#[test]
fn a_missing_argument_is_missing_at_the_brace() {
    let text = "lifecycle {\n}\n";
    let (content, _) = body(text).content(&BodySchema::new(&[], &[("lifecycle", &[])]));
    let (_, diagnostics) = content.blocks[0].body.content(&BodySchema::new(&["!a"], &[]));
    assert_eq!(told(text, &diagnostics), ["1:11-1:11 Missing required argument"]);
}

#[test]
fn partial_content_leaves_the_rest() {
    let text = "ami = 1\nfoo = 2\nprovider \"a\" {\n}\nbar {\n}\nprovider \"b\" {\n}\n";
    let (content, rest, diagnostics) = body(text).partial_content(&schema());
    assert!(diagnostics.is_empty());
    assert_eq!(content.attribute("ami").map(|a| a.name.name.as_str()), Some("ami"));
    assert!(content.attribute("foo").is_none());
    let labels: Vec<_> = content.blocks_of("provider").map(|b| b.labels[0].value.as_str()).collect();
    assert_eq!(labels, ["a", "b"]);
    let (content, diagnostics) = rest.content(&BodySchema::new(&["foo"], &[("bar", &[])]));
    assert!(diagnostics.is_empty());
    assert_eq!((content.attributes.len(), content.blocks.len()), (1, 1));
}

#[test]
fn just_attributes_has_no_use_for_blocks() {
    let text = "a = 1\nb {\n}\nc = 2\n";
    let (attributes, diagnostics) = body(text).just_attributes();
    assert_eq!(attributes.iter().map(|a| a.name.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(told(text, &diagnostics), ["2:1-2:2 Unexpected \"b\" block"]);
}

#[test]
fn many_attributes_are_still_told_apart() {
    let text: String = (0..1000).map(|n| format!("a{n} = {n}\n")).collect::<String>() + "a500 = 1\na1 = 2\n";
    let (parsed, diagnostics) = parse_file(FILE, &text);
    assert_eq!(
        told(&text, &diagnostics),
        ["1001:1-1001:5 Attribute redefined", "1002:1-1002:3 Attribute redefined"]
    );
    assert_eq!(parsed.just_attributes().0.len(), 1000);
}

#[test]
fn blocks_know_where_they_are() {
    let text = "resource \"a\" b { ami = 1 }\n";
    let Body::Native(native) = body(text) else { panic!("native") };
    let block = &native.blocks[0];
    let slice = |span: diag::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(slice(block.header), "resource \"a\" b");
    assert_eq!(slice(block.span), "resource \"a\" b { ami = 1 }");
    assert_eq!(slice(block.labels[0].span), "\"a\"");
    assert_eq!(slice(block.labels[1].span), "b");
    let Body::Native(inner) = &block.body else { panic!("native") };
    assert_eq!(slice(inner.span), " ami = 1 ");
    assert_eq!(slice(inner.end), "}");
    assert_eq!(slice(inner.attributes[0].span), "ami = 1");
}
