use config::Condition;
use diag::{Diagnostic, Diagnostics, ValueInPlay};
use lang::{Scope, ValueNotes, evaluate, values_in_play};
use state::CheckStatus;
use value::{Kind, Type, convert};

/// What a list of conditions came to.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub status: CheckStatus,
    pub failures: Vec<String>,
}

/// What kind of conditions they are: how messages call them and how bad a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conditions {
    Precondition,
    Postcondition,
    OutputPrecondition,
    Validation,
    Assertion,
}

impl Conditions {
    /// Evaluates all conditions; failures are in the diagnostics too, as warnings for the assertions of checks.
    pub fn evaluate(self, conditions: &[Condition], scope: &dyn Scope) -> (Verdict, Diagnostics) {
        let mut verdict = Verdict { status: CheckStatus::Pass, failures: Vec::new() };
        let mut diagnostics = Diagnostics::new();
        for condition in conditions {
            self.evaluate_one(condition, scope, &mut verdict, &mut diagnostics);
        }
        if self == Self::Assertion {
            diagnostics = diagnostics.of_check();
        }
        (verdict, diagnostics)
    }

    fn evaluate_one(
        self,
        condition: &Condition,
        scope: &dyn Scope,
        verdict: &mut Verdict,
        diagnostics: &mut Diagnostics,
    ) {
        let (value, findings) = evaluate(&condition.condition, scope);
        if findings.has_errors() {
            diagnostics.extend(findings);
            verdict.worsen(CheckStatus::Error);
            return;
        }
        diagnostics.extend(findings);
        let value = match convert(&value.unmark(), &Type::Bool) {
            Ok(value) => value,
            Err(error) => {
                diagnostics.push(
                    Diagnostic::error(
                        "Invalid condition result",
                        format!("Invalid condition result value: {error}."),
                    )
                    .at(condition.condition.span),
                );
                verdict.worsen(CheckStatus::Error);
                return;
            }
        };
        match value.kind() {
            Kind::Bool(true) => {}
            Kind::Unknown(..) => {
                if self == Self::Assertion {
                    diagnostics.push(
                        Diagnostic::warning(
                            "Check block assertion known after apply",
                            "The condition could not be evaluated at this time, a result will be known when this plan is applied.",
                        )
                        .at(condition.condition.span)
                        .values(in_play(condition, scope)),
                    );
                }
                verdict.worsen(CheckStatus::Unknown);
            }
            Kind::Null(_) => {
                diagnostics.push(
                    Diagnostic::error(
                        "Invalid condition result",
                        "Condition expression must return either true or false, not null.",
                    )
                    .at(condition.condition.span),
                );
                verdict.worsen(CheckStatus::Error);
            }
            _ => {
                let message = message(condition, scope, diagnostics);
                let failed = Diagnostic::error(self.failed(), message.clone());
                diagnostics.push(failed.at(condition.condition.span).values(in_play(condition, scope)));
                verdict.worsen(CheckStatus::Fail);
                verdict.failures.push(message);
            }
        }
    }

    fn failed(self) -> &'static str {
        match self {
            Self::Precondition => "Resource precondition failed",
            Self::Postcondition => "Resource postcondition failed",
            Self::OutputPrecondition => "Module output value precondition failed",
            Self::Validation => "Invalid value for variable",
            Self::Assertion => "Check block assertion failed",
        }
    }
}

impl Verdict {
    /// Error outweighs fail, fail outweighs unknown, unknown outweighs pass.
    fn worsen(&mut self, status: CheckStatus) {
        self.status = worse(self.status, status);
    }

    /// The two together, as pre- and postconditions of one instance.
    pub fn merge(&mut self, other: Self) {
        self.status = worse(self.status, other.status);
        self.failures.extend(other.failures);
    }
}

/// The worse of two results.
pub(crate) fn worse(a: CheckStatus, b: CheckStatus) -> CheckStatus {
    let rank = |status| match status {
        CheckStatus::Pass => 0,
        CheckStatus::Unknown => 1,
        CheckStatus::Fail => 2,
        CheckStatus::Error => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

fn in_play(condition: &Condition, scope: &dyn Scope) -> Vec<ValueInPlay> {
    values_in_play(&condition.condition, scope, ValueNotes::default())
}

/// What the author of a condition has to say about its failure.
fn message(condition: &Condition, scope: &dyn Scope, diagnostics: &mut Diagnostics) -> String {
    let (value, findings) = evaluate(&condition.error_message, scope);
    let failed = findings.has_errors();
    diagnostics.extend(findings);
    let unusable = "This check failed, but has an invalid error message as described in the other accompanying messages.";
    if failed {
        return unusable.to_owned();
    }
    let marks = value.deep_marks();
    if marks.is_sensitive() || marks.is_ephemeral() {
        let (kind, hint) = if marks.is_sensitive() {
            (
                "sensitive",
                "You can correct this by removing references to sensitive values, or by carefully using the nonsensitive() function if the expression will not reveal the sensitive data.",
            )
        } else {
            (
                "ephemeral",
                "You can correct this by removing references to ephemeral values, or by using the ephemeralasnull() function on the references to not reveal ephemeral data.",
            )
        };
        diagnostics.push(
            Diagnostic::warning(
                format!("Error message refers to {kind} values"),
                format!("The error expression used to explain this condition refers to {kind} values, so it will not be displayed in the resulting output.\n\n{hint}"),
            )
            .at(condition.error_message.span),
        );
        return if marks.is_sensitive() {
            "The error message included a sensitive value, so it will not be displayed.".to_owned()
        } else {
            unusable.to_owned()
        };
    }
    match convert(&value, &Type::String).ok().and_then(|text| text.as_str().cloned()) {
        Some(text) => text.trim().to_owned(),
        None if !value.is_known() => "The error message is not known yet.".to_owned(),
        None => unusable.to_owned(),
    }
}
