use std::fmt::Write as _;
use std::sync::Mutex;

use similar::{ChangeTag, TextDiff};

/// What failed, collected so that one run shows everything.
#[derive(Debug, Default)]
pub struct Failures(Mutex<Vec<(String, String)>>);

impl Failures {
    pub fn add(&self, name: impl Into<String>, what: impl Into<String>) {
        self.0.lock().expect("no test panics while it holds the lock").push((name.into(), what.into()));
    }

    /// Fails the test if anything failed.
    pub fn check(self, of: usize) {
        let mut failures = self.0.into_inner().expect("no test panics while it holds the lock");
        failures.sort();
        let mut text = String::new();
        for (name, what) in &failures {
            let _ = write!(text, "\n---- {name}\n{what}\n");
        }
        assert!(failures.is_empty(), "{} of {of} failed{text}", failures.len());
    }
}

/// The lines that differ, with a little context; empty if none does.
pub fn difference(expected: &str, actual: &str) -> String {
    if expected == actual {
        return String::new();
    }
    let diff = TextDiff::from_lines(expected, actual);
    let mut out = String::new();
    for group in diff.grouped_ops(2) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let _ = writeln!(out, "{sign}{}", change.value().trim_end_matches('\n'));
        }
        out.push_str("...\n");
    }
    out
}
