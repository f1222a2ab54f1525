//! What names may look like.

use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Label, is_identifier};

/// The rule, as every message about a bad name ends.
pub(crate) const RULE: &str = "A name must start with a letter or underscore and may contain only letters, \
                               digits, underscores, and dashes.";

/// Reports a label that is no identifier under a summary such as `Invalid variable name`.
pub(crate) fn check(label: &Label, summary: &str, diagnostics: &mut Diagnostics) {
    if !is_identifier(&label.value) {
        diagnostics.push(Diagnostic::error(summary, RULE).at(label.span));
    }
}

/// Checks a local name of a provider: `None` when fine, else what is wrong with it.
pub(crate) fn provider_name_problem(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let problem = provider_part_problem(&lower);
    match problem {
        Some(problem) => Some(format!("{name} is an invalid provider local name: {problem}")),
        None if lower != name => Some(format!(
            "Provider names must be normalized. Replace \"{name}\" with \"{lower}\" to fix this error."
        )),
        None => None,
    }
}

/// What is wrong with one part of a provider's source address.
pub(crate) fn provider_part_problem(part: &str) -> Option<&'static str> {
    let valid = |c: char| c.is_alphanumeric() || c == '-';
    if part.is_empty() {
        Some("must have at least one character")
    } else if !part.chars().all(valid) || part.starts_with('-') || part.ends_with('-') {
        Some("must contain only letters, digits, and dashes, and may not use leading or trailing dashes")
    } else if part.contains("--") {
        Some("cannot use multiple consecutive dashes")
    } else {
        None
    }
}

/// Reports a provider's local name that is not as it must be.
pub(crate) fn check_provider_name(name: &str, span: Span, diagnostics: &mut Diagnostics) {
    if let Some(problem) = provider_name_problem(name) {
        diagnostics.push(Diagnostic::error("Invalid provider local name", problem).at(span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_names_are_normalised_and_without_underscores() {
        for (name, problem) in [
            ("aws", None),
            ("ter_ra", Some("must contain only letters")),
            ("Terra", Some("Replace \"Terra\" with \"terra\"")),
            ("te--rra", Some("consecutive dashes")),
            ("-x", Some("leading or trailing")),
        ] {
            let found = provider_name_problem(name);
            match problem {
                None => assert_eq!(found, None),
                Some(part) => assert!(found.is_some_and(|f| f.contains(part)), "{name}"),
            }
        }
    }
}
