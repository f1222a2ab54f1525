//! The table of expressions. `expressions.txt` holds the answers of Terraform 1.11.4, `differences.txt` the answers
//! that are deliberately others, each with its reason.

use diag::FileId;
use value::format::{console, type_expression};

use super::TestScope;
use crate::evaluate::{console_type_argument, evaluate};

const SAME: &str = include_str!("expressions.txt");
const OTHER: &str = include_str!("differences.txt");

/// Rows of a table: `> ` and the expression, then what the console prints, or `! SUMMARY: DETAIL` for each error.
fn rows(text: &str) -> Vec<(&str, String)> {
    text.split("\n> ")
        .map(|row| row.trim_start_matches("> "))
        .filter(|row| !row.starts_with('#'))
        .filter_map(|row| row.split_once('\n'))
        .map(|(expr, answer)| {
            let lines: Vec<&str> = answer.lines().take_while(|line| !line.starts_with("# ")).collect();
            (expr, lines.join("\n").trim_end().to_owned())
        })
        .collect()
}

fn answer(text: &str, scope: &TestScope) -> String {
    let (expr, found) = syntax::parse_expression(FileId(0), text);
    let (value, is_type, found) = if found.has_errors() {
        (None, false, found)
    } else {
        let (value, found) = evaluate(console_type_argument(&expr).unwrap_or(&expr), scope);
        (Some(value), console_type_argument(&expr).is_some(), found)
    };
    if found.has_errors() {
        let lines: Vec<String> = found.iter().map(|d| format!("! {}: {}", d.summary, d.detail)).collect();
        return lines.join("\n");
    }
    match value {
        Some(value) if is_type => type_expression(&value.ty()),
        Some(value) => console(&value, 0),
        None => String::new(),
    }
}

/// Errors regardless of how their lines are broken.
fn normal(answer: &str) -> String {
    if !answer.starts_with("! ") {
        return answer.to_owned();
    }
    let errors: Vec<String> =
        answer.split("\n! ").map(|error| error.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    errors.join("\n! ")
}

fn check(table: &str) {
    let scope = TestScope::new();
    let mut wrong = String::new();
    let rows = rows(table);
    assert!(!rows.is_empty());
    for (expr, expected) in &rows {
        let answer = answer(expr, &scope);
        if normal(&answer) != normal(expected) {
            wrong.push_str(&format!("> {expr}\n--- expected\n{expected}\n--- got\n{answer}\n\n"));
        }
    }
    let count = wrong.matches("--- got").count();
    assert!(wrong.is_empty(), "{count} of {} rows differ:\n{wrong}", rows.len());
}

#[test]
fn expressions_are_answered_as_terraform_does() {
    check(SAME);
}

#[test]
fn deliberate_differences_are_as_described() {
    check(OTHER);
}
