//! Suggestions for misspelt names.

/// ` Did you mean "name"?` for the first candidate that is at most two edits away, or nothing.
pub(crate) fn did_you_mean<S: AsRef<str>>(given: &str, candidates: impl IntoIterator<Item = S>) -> String {
    candidates
        .into_iter()
        .find(|candidate| strsim::levenshtein(given, candidate.as_ref()) < 3)
        .map_or_else(String::new, |candidate| format!(" Did you mean \"{}\"?", candidate.as_ref()))
}
