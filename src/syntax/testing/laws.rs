use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};

use super::generate::{Forms, Generator};
use super::{FILE, shape};
use crate::{
    BodySchema, format, parse_expression, parse_file, parse_json_file, parse_template, parse_traversal,
};

/// Does everything there is to do with a text. What is wrong with it is told inside it.
pub(super) fn exercise(text: &str) -> Result<(), String> {
    let schema = BodySchema::new(&["!a", "foo"], &[("b", &["name"]), ("resource", &["type", "name"])]);
    let mut told = Vec::new();
    for (body, diagnostics) in [parse_file(FILE, text), parse_json_file(FILE, text)] {
        told.extend(diagnostics);
        let (content, rest, diagnostics) = body.partial_content(&schema);
        told.extend(diagnostics);
        for block in &content.blocks {
            told.extend(block.body.content(&schema).1);
        }
        let (attributes, diagnostics) = rest.just_attributes();
        told.extend(diagnostics);
        for attribute in attributes.iter().chain(&content.attributes) {
            told.extend(attribute.expr.unquoted().1);
            told.extend(attribute.expr.as_traversal().err().into_iter().flatten());
            let _ = (attribute.expr.as_keyword(), attribute.expr.traversals().len());
        }
    }
    told.extend(parse_expression(FILE, text).1);
    told.extend(parse_template(FILE, text).1);
    told.extend(parse_traversal(FILE, text).1);
    let _ = format(FILE, text);
    for diagnostic in told {
        let span = diagnostic.subject.ok_or_else(|| format!("{diagnostic} has no place"))?;
        if span.start > span.end || text.get(span.start as usize..span.end as usize).is_none() {
            return Err(format!("{diagnostic} is told at {span:?}, outside of {text:?}"));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed_to_something(text in any::<String>()) {
        prop_assert_eq!(exercise(&text), Ok(()));
    }

    #[test]
    fn any_sequence_of_tokens_is_parsed_to_something(
        tokens in vec(prop::sample::select(vec![
            "a", "b", "for", "in", "if", "null", "1", "1.5.2", "\"", "${", "%{", "~}", "}", "{", "(", ")", "[", "]",
            "=", "==", "=>", ":", "::", ",", ".", "...", "*", "?", "-", "!", "+", "&", "|", "~", "'", ";", "`", "\n",
            "\r\n", "\r", " ", "<<E\n", "<<-E\n", "\nE\n", "\\", "\\u12", "#", "//", "/*", "*/", "else", "endif",
            "endfor", "%%{", "$${", "$", "%", "é", "“", "\u{feff}", "\u{0}", "\u{1f600}", "true", "tru", "\"x\":",
        ]), 0..60),
    ) {
        prop_assert_eq!(exercise(&tokens.concat()), Ok(()));
    }

    #[test]
    fn a_changed_file_is_parsed_to_something(
        choices in vec(any::<u8>(), 0..200),
        changes in vec((any::<prop::sample::Index>(), 0..4_usize, prop::sample::select(vec!["", "\"", "}", "{", "${", "(", "\n", "EOT"])), 1..4),
    ) {
        let mut text = Generator::new(&choices, Forms::All).file();
        for (at, cut, insert) in changes {
            let boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let first = at.index(boundaries.len());
            let last = (first + cut).min(boundaries.len() - 1);
            text.replace_range(boundaries[first]..boundaries[last], insert);
        }
        prop_assert_eq!(exercise(&text), Ok(()));
    }

    /// Formatting changes white space and nothing else, and once is enough, but for `"${"${a}"}"`, which loses one
    /// pair of quotes each time.
    #[test]
    fn formatting_keeps_the_tree(choices in vec(any::<u8>(), 0..300)) {
        let text = Generator::new(&choices, Forms::All).file();
        let (body, diagnostics) = parse_file(FILE, &text);
        prop_assert!(diagnostics.is_empty(), "{}\n{:?}", text, diagnostics);
        let once = format(FILE, &text).expect("it parses");
        let (again, diagnostics) = parse_file(FILE, &once);
        prop_assert!(diagnostics.is_empty(), "{}\n{:?}", once, diagnostics);
        let (before, after) = (shape::body(&body), shape::body(&again));
        if before.contains("wrap(") {
            prop_assert_eq!(unwrapped(&before), unwrapped(&after));
        } else {
            prop_assert_eq!(before, after);
            prop_assert_eq!(format(FILE, &once).expect("it parses"), once);
        }
    }

    /// Parsing is the same wherever the lines end.
    #[test]
    fn line_endings_do_not_matter(choices in vec(any::<u8>(), 0..300)) {
        let text = Generator::new(&choices, Forms::All).file();
        let dos = text.replace('\n', "\r\n");
        let (body, dos_body) = (parse_file(FILE, &text).0, parse_file(FILE, &dos).0);
        prop_assert_eq!(shape::body(&body), shape::body(&dos_body).replace("\\r\\n", "\\n"));
    }

    #[test]
    fn quoted_text_is_read_back(text in any::<String>()) {
        let (expr, diagnostics) = parse_expression(FILE, &crate::quote(&text));
        prop_assert!(diagnostics.is_empty(), "{:?}", diagnostics);
        let read = expr.as_literal_string().cloned();
        prop_assert_eq!(read, Some(crate::normal::nfc(text.into())));
    }
}

/// Without the marks of what formatting takes away: single interpolations, and parentheses it puts instead.
fn unwrapped(shape: &str) -> String {
    shape.replace("wrap(", "(").replace("paren(", "(").replace(['(', ')'], "")
}
