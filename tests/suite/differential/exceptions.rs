use std::collections::BTreeMap;

use crate::harness::{Failures, fixture};

/// The cases of one kind that are known to differ, with the heading in `docs/differences.md` that says why.
#[derive(Debug)]
pub struct Exceptions(BTreeMap<String, String>);

impl Exceptions {
    /// Reads `exceptions.txt`: `KIND | HEADING | CASE`, one a line.
    pub fn of(kind: &str) -> Self {
        let path = fixture("differential/exceptions.txt");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let entries = lines.filter_map(|line| {
            let mut parts = line.splitn(3, " | ");
            let (Some(a), Some(heading), Some(case)) = (parts.next(), parts.next(), parts.next()) else {
                panic!("exceptions.txt: not \"KIND | HEADING | CASE\": {line}")
            };
            (a == kind).then(|| (case.to_owned(), heading.to_owned()))
        });
        Self(entries.collect())
    }

    /// Every exception has its reason in the documentation.
    pub fn check_documented(&self) {
        let path = crate::harness::root().join("docs").join("differences.md");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for (case, heading) in &self.0 {
            assert!(
                text.contains(&format!("\n## {heading}\n")),
                "{case}: docs/differences.md has no \"{heading}\""
            );
        }
    }

    /// Takes what differs: an error unless it is an exception; and an exception that does not differ is one as well.
    pub fn judge(&self, case: &str, difference: &str, failures: &Failures) {
        match (self.0.contains_key(case), difference.is_empty()) {
            (false, false) => failures.add(case, difference),
            (true, true) => failures.add(case, "is in exceptions.txt but no longer differs"),
            _ => {}
        }
    }
}
