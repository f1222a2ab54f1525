use super::{FILE, shape, told};
use crate::{parse_expression, parse_file, parse_template, parse_traversal};

/// Wrong files, and what is said where: Terraform's summaries and places, but that the end of the file is an empty
/// place here, and that one unclosed string or directive is reported once.
const FILES: &[(&str, &[&str])] = &[
    ("a = 'x'\n", &["1:5-1:6 Invalid character", "1:5-1:6 Invalid expression"]),
    ("a = 1; b = 2\n", &["1:6-1:7 Invalid character", "1:6-1:7 Missing newline after argument"]),
    ("a = `x`\n", &["1:5-1:6 Invalid character", "1:5-1:6 Invalid expression"]),
    ("a = “x”\n", &["1:5-1:6 Invalid character", "1:7-1:8 Invalid character", "1:5-1:6 Invalid expression"]),
    ("a = 1 & 2\n", &["1:7-1:8 Unsupported operator", "1:7-1:8 Missing newline after argument"]),
    ("a = 1 ** 2\n", &["1:7-1:9 Unsupported operator", "1:7-1:9 Missing newline after argument"]),
    ("a = \\ \n", &["1:5-1:6 Invalid character", "1:5-1:6 Invalid expression"]),
    // Terraform sees a division.
    ("a = 1 /* x\n", &["1:7-1:9 Unterminated comment", "1:7-1:9 Missing newline after argument"]),
    // Strings. A string ends at its line, where Terraform's goes on to the next quote.
    ("a = \"x\nb = 2\n", &["1:7-2:1 Invalid multi-line string", "1:7-2:1 Unterminated template string"]),
    ("a = \"x\ny\"\nb = 2\n", &["1:7-2:1 Invalid multi-line string", "1:7-2:1 Unterminated template string"]),
    (
        "a = \"x${b\"\n",
        &["1:11-2:1 Invalid multi-line string", "1:7-1:9 Unclosed template interpolation sequence"],
    ),
    ("a = \"${b:c}\"\n", &["1:9-1:10 Extra characters after interpolation expression"]),
    ("a = \"${b c}\"\n", &["1:10-1:11 Extra characters after interpolation expression"]),
    ("a = \"${}\"\n", &["1:8-1:9 Invalid expression"]),
    (
        "a = \"\\x \\u12 \\UFFFFFFFF\"\n",
        &[
            "1:6-1:8 Invalid escape sequence",
            "1:9-1:13 Invalid escape sequence",
            "1:14-1:24 Invalid escape sequence",
        ],
    ),
    ("a = <<E\nx\nE", &["3:2-3:2 Unterminated template string"]),
    ("a = <<E\nx\n", &["3:1-3:1 Unterminated template string"]),
    ("a = <<E x\nE\n", &["1:5-1:6 Invalid expression", "2:1-2:2 Argument or block definition required"]),
    ("a = \"%{ fi x }\"\n", &["1:9-1:11 Invalid template control keyword"]),
    ("a = \"%{ }\"\n", &["1:9-1:10 Invalid template directive"]),
    ("a = \"%{ if x y }%{ endif }\"\n", &["1:14-1:15 Extra characters in if marker"]),
    ("a = \"%{ if x }\"\n", &["1:16-1:16 Unexpected end of template"]),
    ("a = \"%{ endif }\"\n", &["1:6-1:16 Unexpected endif directive"]),
    ("a = \"%{ for x y }%{ endfor }\"\n", &["1:15-1:16 Invalid 'for' directive"]),
    ("a = \"%{ for x in y }%{ else }%{ endfor }\"\n", &["1:21-1:30 Unexpected else directive"]),
    ("a = \"%{ if x }%{ else }%{ else }%{ endif }\"\n", &["1:24-1:33 Unexpected else directive"]),
    ("a = \"%{ if x }%{ endfor }\"\n", &["1:15-1:26 Unexpected endfor directive"]),
    // Numbers.
    ("a = 1.2.3\nb = 1..2\n", &["1:5-1:10 Invalid number literal", "2:5-2:9 Invalid number literal"]),
    ("a = 0x1f\n", &["1:6-1:9 Missing newline after argument"]),
    // Expressions.
    ("a =\n", &["1:4-2:1 Invalid expression"]),
    ("a =", &["1:4-1:4 Missing expression"]),
    ("a = 1 +\n", &["1:8-2:1 Invalid expression"]),
    ("a = (1\nb = 2\n", &["2:1-2:2 Unbalanced parentheses"]),
    ("a = [1 2]\n", &["1:8-1:9 Missing item separator"]),
    ("a = [1\n", &["1:5-1:6 Unterminated tuple constructor expression"]),
    ("a = { b = 1 c = 2 }\n", &["1:13-1:14 Missing attribute separator"]),
    ("a = { b 1 }\n", &["1:9-1:10 Missing key/value separator"]),
    ("a = { b c = 1 }\n", &["1:9-1:10 Missing key/value separator"]),
    ("a = { b, }\n", &["1:8-1:9 Missing attribute value"]),
    ("a = { b = 1\n", &["2:1-2:1 Missing expression"]),
    ("a = f(1 2)\n", &["1:9-1:10 Missing argument separator"]),
    ("a = f(1\n", &["1:5-1:7 Unterminated function call"]),
    ("a = f(b... c)\n", &["1:8-1:11 Missing closing parenthesis"]),
    ("a = x::1()\n", &["1:8-1:9 Missing function name"]),
    ("a = x::y\n", &["1:9-2:1 Missing open parenthesis"]),
    ("a = b.\n", &["1:7-2:1 Invalid attribute name"]),
    ("a = b.*.*\n", &["1:9-1:10 Nested splat expression not allowed"]),
    ("a = b[*\n", &["2:1-2:1 Missing close bracket on splat index"]),
    ("a = b[1\n", &["2:1-2:1 Missing close bracket on index"]),
    ("a = b.0.1\n", &["1:7-1:10 Invalid legacy index syntax"]),
    ("a = b ? c\n", &["1:10-2:1 Missing false expression in conditional"]),
    ("a = [for 1 in x : y]\n", &["1:10-1:11 Invalid 'for' expression"]),
    ("a = [for x y : y]\n", &["1:12-1:13 Invalid 'for' expression"]),
    ("a = [for x in y x]\n", &["1:17-1:18 Invalid 'for' expression"]),
    ("a = [for x in y : x => x]\n", &["1:19-1:20 Invalid 'for' expression"]),
    ("a = [for x in y : x...]\n", &["1:20-1:23 Invalid 'for' expression"]),
    ("a = {for x in y : x}\n", &["1:19-1:20 Invalid 'for' expression"]),
    ("a = {for x in y : x => x y}\n", &["1:26-1:27 Invalid 'for' expression"]),
    // Bodies.
    ("a = 1\na = 2\n", &["2:1-2:2 Attribute redefined"]),
    ("\"a\" = 1\n", &["1:1-1:2 Invalid argument name"]),
    ("a = 1, \n", &["1:6-1:7 Unexpected comma after argument"]),
    ("a = 1 b = 2\n", &["1:7-1:8 Missing newline after argument"]),
    ("a\n", &["1:1-1:2 Argument or block definition required"]),
    ("= 1\n", &["1:1-1:2 Argument or block definition required"]),
    ("}\na = 1\n", &["1:1-1:2 Argument or block definition required"]),
    ("a b = 1\n", &["1:5-1:6 Invalid block definition"]),
    ("a \"b\"\n{\n}\n", &["1:6-2:1 Invalid block definition"]),
    ("a \"b\" 1 {\n}\n", &["1:7-1:8 Invalid block definition"]),
    ("a \"${b}\" {\n}\n", &["1:4-1:6 Invalid string literal"]),
    ("a \"b {\n}\n", &["1:7-2:1 Invalid multi-line string", "1:7-2:1 Unterminated string literal"]),
    ("a {\n} b = 1\n", &["2:3-2:4 Missing newline after block definition"]),
    ("a { b = 1, c = 2 }\n", &["1:10-1:11 Invalid single-argument block definition"]),
    ("a { b = 1\n}\n", &["1:10-2:1 Invalid single-argument block definition"]),
    ("a { b = 1 c }\n", &["1:11-1:12 Invalid single-argument block definition"]),
    ("a { b {} }\n", &["1:5-1:8 Argument definition required"]),
    ("a { b\n}\n", &["1:5-1:6 Argument or block definition required"]),
    ("a { 1 }\n", &["1:5-1:6 Argument or block definition required"]),
    ("a {\n  b = 1\n", &["1:3-1:4 Unclosed configuration block"]),
    ("a { b = 1", &["1:3-1:4 Unclosed configuration block"]),
    ("a {\n b {\n}\n", &["1:3-1:4 Unclosed configuration block"]),
];

#[test]
fn wrong_files_are_told_so() {
    for (text, expected) in FILES {
        let (_, diagnostics) = parse_file(FILE, text);
        let told = told(text, &diagnostics);
        assert_eq!(told, *expected, "{text}");
    }
}

/// Files with an error in the middle, the errors, and what is kept around them.
const RECOVERY: &[(&str, &str, &str)] = &[
    ("a = ]\nb = 1\n", "1:5-1:6 Invalid expression", "b = 1"),
    (
        "a = (\nb = 1\n}\nc = 1\n",
        "2:3-2:4 Unbalanced parentheses; 3:1-3:2 Argument or block definition required",
        "b = 1; c = 1",
    ),
    (
        "x {\n  a = [1, 2\n  b = 2\n}\ny {\n  c = 3\n}\n",
        "3:3-3:4 Missing item separator",
        "x { b = 2 }; y { c = 3 }",
    ),
    (
        "x {\n  a = {\n    b = 1\n  c = 2\n}\ny {\n  c = 3\n}\n",
        "1:3-1:4 Unclosed configuration block",
        "x { a = {b=1, c=2}; y { c = 3 } }",
    ),
    (
        "x {\n  a = \"b\n  c = 2\n}\ny {\n}\n",
        "2:9-3:1 Invalid multi-line string; 2:9-3:1 Unterminated template string",
        "x { c = 2 }; y {  }",
    ),
    ("x { a = ] }\ny { b = 1 }\n", "1:9-1:10 Invalid expression", "y { b = 1 }"),
    ("a = 1 +\nb = 2 *\nc = 3\n", "1:8-2:1 Invalid expression; 2:8-3:1 Invalid expression", "c = 3"),
    (
        "x {\n a =\n}\ny {\n b =\n}\nz {\n c = 1\n}\n",
        "2:5-3:1 Invalid expression; 5:5-6:1 Invalid expression",
        "x {  }; y {  }; z { c = 1 }",
    ),
    (
        "a = f(\"x\ny = 1\n",
        "1:9-2:1 Invalid multi-line string; 1:9-2:1 Unterminated template string",
        "y = 1",
    ),
    (
        "x \"a {\n  b = 1\n  c {\n  }\n}\ny {\n}\n",
        "1:7-2:1 Invalid multi-line string; 1:7-2:1 Unterminated string literal",
        "y {  }",
    ),
];

#[test]
fn an_error_hides_nothing_after_its_item() {
    for (text, errors, kept) in RECOVERY {
        let (body, diagnostics) = parse_file(FILE, text);
        assert_eq!(told(text, &diagnostics).join("; "), *errors, "{text}");
        assert_eq!(shape::body(&body), *kept, "{text}");
    }
}

#[test]
fn expressions_end_where_the_text_ends() {
    for (text, expected) in [
        ("", "1:1-1:1 Missing expression"),
        ("1 2", "1:3-1:4 Extra characters after expression"),
        ("a = 1", "1:3-1:4 Extra characters after expression"),
        ("[1", "1:1-1:2 Unterminated tuple constructor expression"),
    ] {
        let (_, diagnostics) = parse_expression(FILE, text);
        assert_eq!(told(text, &diagnostics), [expected], "{text}");
    }
}

#[test]
fn wrong_templates_are_told_so() {
    for (text, expected) in [
        ("${", "1:3-1:3 Missing expression"),
        ("${a", "1:1-1:3 Unclosed template interpolation sequence"),
        ("%{ if a }", "1:10-1:10 Unexpected end of template"),
        ("${a}\n%{ endif }", "2:1-2:11 Unexpected endif directive"),
    ] {
        let (_, diagnostics) = parse_template(FILE, text);
        assert_eq!(told(text, &diagnostics), [expected], "{text}");
    }
}

#[test]
fn absolute_traversals_are_literal() {
    for text in ["a", "aws_vpc.main", "a.b[0].c[\"k\\n\"]", "module.x[\"a b\"].y.z", "a.0.b"] {
        let (traversal, diagnostics) = parse_traversal(FILE, text);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let shown = traversal.expect("no errors").to_string();
        assert_eq!(shown.replace("[0]", ".0"), text.replace("[0]", ".0"));
    }
    for (text, expected) in [
        ("", "1:1-1:1 Variable name required"),
        ("1", "1:1-1:2 Variable name required"),
        ("a.", "1:3-1:3 Attribute name required"),
        ("a[*]", "1:3-1:4 Attribute name required"),
        ("a.*", "1:3-1:4 Attribute name required"),
        ("a[b]", "1:3-1:4 Index value required"),
        ("a[0", "1:4-1:4 Unclosed index brackets"),
        ("a[\"${b}\"]", "1:4-1:6 Invalid string literal"),
        ("a + b", "1:3-1:4 Invalid character"),
    ] {
        let (_, diagnostics) = parse_traversal(FILE, text);
        assert_eq!(told(text, &diagnostics), [expected], "{text}");
    }
}

#[test]
fn messages_name_the_way_out() {
    for (text, part) in [
        ("a = \"%{ fi x }\"\n", "Did you mean \"if\"?"),
        ("a = b.0.1\n", "like [0][1]"),
        ("a = 1\na = 2\n", "already set at line 1, column 1"),
        ("a = \"${b:c}\"\n", "\"$${\""),
        ("a { b {} }\n", "place it on a line of its own"),
        ("a = \"\\q\"\n", "The symbol \"q\" is not a valid escape sequence selector."),
    ] {
        let (_, diagnostics) = parse_file(FILE, text);
        let detail = &diagnostics.iter().next().expect("an error").detail;
        assert!(detail.contains(part), "{text}: {detail}");
    }
}
