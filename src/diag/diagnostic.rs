use std::fmt;

use crate::Span;

/// How bad it is: an error fails the command, a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// One finding, with a short summary, a full explanation, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A short, constant phrase: `Invalid index`.
    pub summary: String,
    /// Full sentences for the reader: the cause, and a way out.
    pub detail: String,
    /// Address of the object being worked on, e.g. `module.a.aws_vpc.main[0]`.
    pub address: Option<String>,
    /// What the finding is about.
    pub subject: Option<Span>,
    /// A larger range that helps to read the subject (the block, the whole expression).
    pub context: Option<Span>,
    /// Attribute path inside the object, where a provider reports about a value without knowing its source.
    pub attribute: Vec<PathStep>,
    /// The function whose call is at fault, with its parameters: `lookup(inputMap, key, default...)`.
    pub calling: Option<String>,
    /// Values of the references in the failing expression, already redacted.
    pub values: Vec<ValueInPlay>,
    /// Said on behalf of a `check` block: an apply says it again, with what is known by then.
    pub of_check: bool,
}

/// One step of an attribute path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathStep {
    Attribute(String),
    Key(String),
    Index(usize),
}

/// A reference of a failing expression and what it was, e.g. `var.n` and `is 3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueInPlay {
    pub traversal: String,
    pub statement: String,
}

/// Findings in the order they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostic {
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Error, summary.into(), detail.into())
    }

    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Warning, summary.into(), detail.into())
    }

    fn new(severity: Severity, summary: String, detail: String) -> Self {
        Self {
            severity,
            summary,
            detail,
            address: None,
            subject: None,
            context: None,
            attribute: Vec::new(),
            calling: None,
            values: Vec::new(),
            of_check: false,
        }
    }

    /// Sets the subject.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.subject = Some(span);
        self
    }

    /// Sets the subject if one is known and none is set yet.
    #[must_use]
    pub fn or_at(mut self, span: Option<Span>) -> Self {
        self.subject = self.subject.or(span);
        self
    }

    #[must_use]
    pub fn context(mut self, span: Span) -> Self {
        self.context = Some(span);
        self
    }

    #[must_use]
    pub fn address(mut self, address: impl fmt::Display) -> Self {
        self.address = Some(address.to_string());
        self
    }

    #[must_use]
    pub fn attribute(mut self, path: impl IntoIterator<Item = PathStep>) -> Self {
        self.attribute = path.into_iter().collect();
        self
    }

    #[must_use]
    pub fn values(mut self, values: Vec<ValueInPlay>) -> Self {
        self.values = values;
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `SUMMARY: DETAIL`, for logs and assertion messages; users see the rendering of `src/cli`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() {
            f.write_str(&self.summary)
        } else {
            write!(f, "{}: {}", self.summary, self.detail)
        }
    }
}

impl Diagnostics {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn error(&mut self, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::error(summary, detail));
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.0.iter_mut()
    }

    /// Sets the address on every finding that has none.
    #[must_use]
    pub fn with_address(mut self, address: &impl fmt::Display) -> Self {
        for diagnostic in &mut self.0 {
            if diagnostic.address.is_none() {
                diagnostic.address = Some(address.to_string());
            }
        }
        self
    }

    /// What a `check` block has to say: it informs, and fails nothing.
    #[must_use]
    pub fn of_check(mut self) -> Self {
        for diagnostic in &mut self.0 {
            diagnostic.severity = Severity::Warning;
            diagnostic.of_check = true;
        }
        self
    }

    /// `Err` when an error is among the findings, else `Ok` with the warnings.
    pub fn into_result(self) -> Result<Self, Self> {
        if self.has_errors() { Err(self) } else { Ok(self) }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        self.0.extend(iter);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a mut Diagnostics {
    type Item = &'a mut Diagnostic;
    type IntoIter = std::slice::IterMut<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
