use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// Replaces what differs from run to run and from machine to machine by its name in angle brackets.
pub fn normalise(text: &str, folder: &Path) -> String {
    let mut text = text.replace(&folder.display().to_string(), "<dir>");
    for (pattern, name) in &*PATTERNS {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    text
}

static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|UTC|[+-]\d\d:?\d\d))+", "<time>"),
        (r"(?m)^(\s+Who: +).*$", "${1}<user>"),
        (r"\bgroma v\d+\.\d+\.\d+(-[a-z0-9.]+)?", "groma v<version>"),
        (r"\bafter \d+(m\d+)?s\b", "after <n>s"),
        (r"\b\d+(m\d+)?s elapsed\b", "<n>s elapsed"),
    ]
    .into_iter()
    .map(|(pattern, name)| (Regex::new(pattern).expect("the patterns are valid"), name))
    .collect()
});
