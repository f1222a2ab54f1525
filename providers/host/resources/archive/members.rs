//! Choosing members of archives by names with `*` and `?`.

/// Whether a text can name members.
pub(super) fn is_valid(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c == '\\';
    !text.is_empty()
        && !text.starts_with('/')
        && !text.contains(odd)
        && text.split('/').all(|part| part != "..")
}

/// The regular expression of awk for the names that a text chooses: itself, or what is in it.
pub(super) fn pattern(text: &str) -> String {
    let mut pattern = String::from(r"^(\./)?");
    let text = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => pattern.push_str(".*"),
            '*' => pattern.push_str("[^/]*"),
            '?' => pattern.push_str("[^/]"),
            '^' | '[' | ']' => pattern.extend(['\\', c]),
            c if c.is_ascii_punctuation() && c != '/' && c != '-' && c != '_' => {
                pattern.extend(['[', c, ']']);
            }
            c => pattern.push(c),
        }
    }
    pattern.push_str("(/.*)?$");
    pattern
}
