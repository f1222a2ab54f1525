use super::FILE;
use crate::format;

/// Cases as `=== name`, the input, `---`, and what `terraform fmt` makes of it; each text is followed by a newline
/// that is not part of it.
const CASES: &str = include_str!("fmt.golden");

#[test]
fn formatting_is_terraforms() {
    let mut count = 0;
    for case in CASES.split("=== ").skip(1) {
        let (name, texts) = case.split_once('\n').expect("a name");
        let (input, output) = texts.split_once("\n---\n").expect("an input and an output");
        let output = output.strip_suffix('\n').expect("a newline at the end");
        assert_eq!(format(FILE, input).as_deref(), Ok(output), "{name}");
        // Terraform takes one pair of nested quotes at a time.
        if !name.ends_with("of a string") {
            assert_eq!(format(FILE, output).as_deref(), Ok(output), "{name}: formatted again");
        }
        count += 1;
    }
    assert!(count > 60, "{count} cases");
}

#[test]
fn line_breaks_of_two_characters_stay() {
    let text = "a = 1\r\nbb {\r\nc = <<E\r\nx\r\nE\r\n}\r\n# d\r\n";
    let formatted = "a = 1\r\nbb {\r\n  c = <<E\r\nx\r\nE\r\n}\r\n# d\r\n";
    assert_eq!(format(FILE, text).as_deref(), Ok(formatted));
}

/// Here `terraform fmt` loses text, `false` and the first part of the label, or leaves an expression broken over lines.
#[test]
fn nothing_written_is_lost() {
    assert_eq!(format(FILE, "a = \"${ // b\nc}\"\n").as_deref(), Ok("a = ( // b\nc)\n"));
    assert_eq!(format(FILE, "a = b[false].c\n").as_deref(), Ok("a = b[false].c\n"));
    assert_eq!(format(FILE, "a \"%\\u0061\" {}\n").as_deref(), Ok("a \"%a\" {}\n"));
}

#[test]
fn text_with_errors_is_not_touched() {
    let errors = format(FILE, "a = ]\n").expect_err("it does not parse");
    assert_eq!(super::told("a = ]\n", &errors), ["1:5-1:6 Invalid expression"]);
}
