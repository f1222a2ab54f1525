//! The convention by which providers say which attribute a diagnostic is about: [`diag::Diagnostic::attribute`].

use diag::{Diagnostic, PathStep as Step};
use value::{Kind, Path, PathStep};

/// An error about one attribute. Front ends find its place in the configuration by the path.
pub fn attribute_error(path: &Path, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error(summary, detail).attribute(diagnostic_path(path))
}

/// A path into a value as diagnostics hold it. It ends before an element of a set, which has no name.
pub fn diagnostic_path(path: &Path) -> Vec<Step> {
    path.0
        .iter()
        .map_while(|step| match step {
            PathStep::Attr(name) => Some(Step::Attribute(name.to_string())),
            PathStep::Index(key) => match key.kind() {
                Kind::String(key) => Some(Step::Key(key.to_string())),
                Kind::Number(n) => n.to_i64().and_then(|n| usize::try_from(n).ok()).map(Step::Index),
                _ => None,
            },
        })
        .collect()
}
