use diag::{Diagnostics, Span};
use lang::attribute_span;
use syntax::Body;

/// Shows findings of a provider where the body says what they are about, or at its header.
pub(crate) fn located(mut findings: Diagnostics, body: &Body, header: Span) -> Diagnostics {
    for finding in findings.iter_mut().filter(|finding| finding.subject.is_none()) {
        finding.subject = attribute_span(body, &finding.attribute).or(Some(header));
    }
    findings
}
