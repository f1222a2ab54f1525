use diag::Diagnostics;
use provider::attribute_error;
use value::Path;

/// What is wrong with a release, which attribute is to blame, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    attribute: &'static str,
    summary: &'static str,
    detail: String,
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(attribute: &'static str, summary: &'static str, detail: impl Into<String>) -> Self {
        Self { attribute, summary, detail: detail.into() }
    }
}

impl From<Failure> for Diagnostics {
    fn from(failure: Failure) -> Self {
        attribute_error(&Path::from_attr(failure.attribute), failure.summary, failure.detail).into()
    }
}
