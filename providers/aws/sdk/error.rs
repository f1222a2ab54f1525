//! SDK errors as the provider's.

use std::error::Error;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use provider_aws::api::{ApiError, ApiErrorKind};

/// Tells a failure of one attempt: `service` and `operation` as AWS names them, `endpoint` as far as it is known.
pub fn api_error<E>(
    service: &'static str,
    operation: &'static str,
    endpoint: &str,
    error: SdkError<E, HttpResponse>,
) -> ApiError
where
    E: ProvideErrorMetadata + RequestId + Error + Send + Sync + 'static,
{
    if let SdkError::ServiceError(answer) = &error {
        let (cause, raw) = (answer.err(), answer.raw());
        return ApiError {
            service,
            operation,
            kind: ApiErrorKind::Service { status: raw.status().as_u16() },
            code: cause.code().unwrap_or_default().to_owned(),
            message: cause.message().unwrap_or_default().to_owned(),
            request_id: cause.request_id().map(str::to_owned),
        };
    }
    let causes = causes(&error);
    let kind = kind(&error, &causes);
    let reason = causes.join(": ");
    let message = match kind {
        ApiErrorKind::Credentials | ApiErrorKind::Request => reason,
        _ => format!("{endpoint}: {reason}"),
    };
    ApiError { service, operation, kind, code: String::new(), message, request_id: None }
}

/// How far the attempt came. The SDK tells a failed connection from a broken one only in its text.
fn kind<E>(error: &SdkError<E, HttpResponse>, causes: &[String]) -> ApiErrorKind {
    let mentions = |words: &[&str]| causes.iter().any(|cause| words.iter().any(|word| cause.contains(word)));
    match error {
        SdkError::ConstructionFailure(_) if !mentions(&["redential", "identity"]) => ApiErrorKind::Request,
        SdkError::ConstructionFailure(_) => ApiErrorKind::Credentials,
        SdkError::DispatchFailure(_) if mentions(&["redential", "identity"]) => ApiErrorKind::Credentials,
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)
            if mentions(&[
                "connect error",
                "connect timeout",
                "dns error",
                "onnection refused",
                "(Connect)",
            ]) =>
        {
            ApiErrorKind::Unsent
        }
        _ => ApiErrorKind::AnswerLost,
    }
}

/// The messages from the outermost cause to the innermost, each once.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let message = error.to_string();
        if !messages.iter().any(|known| known.contains(&message)) {
            messages.push(message);
        }
        next = error.source();
    }
    messages
}
