use std::sync::LazyLock;

use regex::Regex;

use super::configurations::UUID;

/// A plan as people read it, without what differs from run to run and from program to program: names, ids, how prose is
/// wrapped, the order in which objects are read, how what to do next is put, and findings, whose summaries are compared apart.
pub fn plan_text(stdout: &str) -> String {
    let mut text = String::new();
    let (mut in_finding, mut in_prose) = (false, false);
    for line in stdout.lines() {
        // Documented as "Blanks at the ends of lines".
        let line = line.trim_end();
        in_finding = (in_finding || line.starts_with("Warning: ")) && !line.starts_with('─');
        if in_finding || line.starts_with(['╷', '│', '╵']) || PROGRESS.is_match(line) {
            continue;
        }
        let is_prose = line.starts_with(char::is_alphabetic);
        text.push_str(if is_prose && in_prose { " " } else { "\n" });
        text.push_str(line);
        in_prose = is_prose;
    }
    let text = NEXT_STEP.replace(&text, "\n<next: $1>");
    let text = UUID.replace_all(text.trim(), "<uuid>");
    let text = TIME.replace_all(&text, "<time>");
    // Documented as "What forces a replacement".
    let text = FORCES.replace_all(&text, "");
    // Documented as "Reasons of deletions in modules".
    let text = REASON.replace_all(&text, "(because $1 is not in configuration)");
    let text = NAME.replace_all(&text, "groma");
    BLANK_LINES.replace_all(&text, "\n\n").into_owned()
}

#[test]
fn the_text_of_a_plan_is_made_comparable_without_losing_what_it_says() {
    let theirs = "terraform_data.a: Refreshing state... [id=x]\n\nTerraform used the selected\nproviders.\n  + create\n\n╷\n│ Warning: w\n╵\n\
                  \n  # terraform_data.a must be replaced\n      ~ input = \"a\" -> \"b\"\n            \n\n─────\n\nNote: You didn't use the -out option\n";
    let ours = "\nGroma used the\nselected providers.\n  + create\n\n  # terraform_data.a must be replaced\n      ~ input = \"a\" -> \"b\" # forces replacement\n\
                \nWarning: w\n\n  on main.tf line 1:\n\n─────\n\nSaved the plan to: p\n";
    let expected = "groma used the selected providers.\n  + create\n\n  # terraform_data.a must be replaced\n      ~ input = \"a\" -> \"b\"";
    assert_eq!(plan_text(theirs), format!("{expected}\n\n<next: Note: You didn't use>"));
    assert_eq!(plan_text(ours), format!("{expected}\n\n<next: Saved the plan to:>"));
}

/// The rule and the hint below it.
static NEXT_STEP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?s)\n─+\n+(Saved the plan to:|Note: You didn't use).*").expect("the pattern is valid")
});

static PROGRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\S.*: (Refreshing state|Reading|Read complete|Still reading|Preparing import|Importing from|Import prepared|Opening|Closing)")
        .expect("the pattern is valid")
});

static REASON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\(because (?:module\.\S+\.)?([a-z_]+\.[a-z_]+) is not in configuration\)")
        .expect("the pattern is valid")
});

/// The two programs may look at the clock in different seconds.
static TIME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").expect("the pattern is valid"));

static FORCES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(" # forces replacement").expect("the pattern is valid"));

static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b([Tt]erraform|Groma)\b").expect("the pattern is valid"));

static BLANK_LINES: LazyLock<Regex> = LazyLock::new(|| Regex::new("\n{3,}").expect("the pattern is valid"));
