//! Why an operation on an object failed, and how it is told.

use std::time::Duration;

use diag::Diagnostic;

use crate::api::{ApiError, ApiErrorKind};

/// Why an operation on an object failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Api(#[from] ApiError),
    /// A state that was waited for did not come in time.
    #[error("timeout while waiting for {what} (last state: '{last}', timeout: {})", show(*.limit))]
    Timeout { what: String, last: String, limit: Duration },
    /// The object went into a state from which the awaited one cannot be reached.
    #[error("unexpected state while waiting for {what}: {state}")]
    Unexpected { what: String, state: String },
    /// groma was asked to stop.
    #[error("interrupted while waiting for {what}")]
    Interrupted { what: String },
    /// The provider has no usable client.
    #[error("{}", .0.detail)]
    NotReady(Box<Diagnostic>),
    #[error("{0}")]
    Other(String),
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn is_not_found(&self) -> bool {
        self.api().is_some_and(ApiError::is_not_found)
    }

    pub fn has_code(&self, codes: &[&str]) -> bool {
        self.api().is_some_and(|e| codes.contains(&e.code.as_str()))
    }

    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Tells the failure with what was being done (`creating EC2 VPC`) and, where there is one, a way out.
    pub fn diagnostic(&self, doing: &str) -> Diagnostic {
        if let Self::NotReady(diagnostic) = self {
            return (**diagnostic).clone();
        }
        let mut detail = self.to_string();
        if let Some(advice) = self.advice() {
            detail.push_str("\n\n");
            detail.push_str(&advice);
        }
        Diagnostic::error(doing, detail)
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Api(error) => advice(error),
            Self::Timeout { .. } => Some(
                "The change may still complete on its own. Plan again to see the current state; a longer time can be \
                 set in the resource's timeouts block."
                    .into(),
            ),
            Self::Interrupted { .. } => {
                Some("The change may still complete on its own. Plan again to see the current state.".into())
            }
            _ => None,
        }
    }
}

/// What a person can do about an error of the service.
fn advice(error: &ApiError) -> Option<String> {
    let text = match error.code.as_str() {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "The security token has expired. Log in again (for example with \"aws sso login\") or renew the session \
             credentials; if they are fresh, check this machine's clock."
        }
        "AuthFailure" | "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            "AWS does not accept these credentials. Check the access key, the secret key and (for temporary \
             credentials) the session token, that the key is active, and that the region is enabled for the account."
        }
        "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" => {
            "The credentials are valid but lack a permission for this operation. An encoded authorization message can \
             be read with \"aws sts decode-authorization-message\"."
        }
        "OptInRequired" => "The region or service must be enabled for the account first.",
        code if code.ends_with("LimitExceeded") && !error.is_throttling() => {
            "A quota of the account is reached. Delete what is no longer needed or request an increase in Service \
             Quotas."
        }
        "DependencyViolation" => {
            "Something that groma does not manage still uses the object. Remove it, then apply again."
        }
        _ if error.is_throttling() => {
            "AWS kept throttling the calls of this account. Lower -parallelism, or raise max_retries of the provider."
        }
        _ => match error.kind {
            ApiErrorKind::Unsent => {
                "The endpoint could not be reached. Check the network, the proxy settings, the region and the \
                 endpoints block of the provider."
            }
            ApiErrorKind::AnswerLost => {
                "The connection broke before the answer arrived. Plan again to see whether the change was made."
            }
            ApiErrorKind::Credentials => return None,
            _ => return None,
        },
    };
    Some(text.to_owned())
}

/// A duration as Go prints it: `10m0s`, `1h30m0s`.
pub fn show(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}
