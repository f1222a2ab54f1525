/// The outcome of one attempt at an API operation.
pub type ApiResult<T> = Result<T, ApiError>;

/// Why an API operation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation error {service}: {operation}, {kind}{}{}", request(.request_id.as_deref()), answer(.code, .message))]
pub struct ApiError {
    pub service: &'static str,
    /// `CreateVpc`
    pub operation: &'static str,
    pub kind: ApiErrorKind,
    /// The service's code, `InvalidVpcID.NotFound`; empty when it never answered.
    pub code: String,
    pub message: String,
    pub request_id: Option<String>,
}

/// How far an attempt came, which decides whether it may be repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiErrorKind {
    /// The service answered with an error.
    #[error("https response error StatusCode: {status}")]
    Service { status: u16 },
    /// No connection came about: certainly nothing was done.
    #[error("request send failed")]
    Unsent,
    /// The request was sent and no whole answer came back: it may have been carried out.
    #[error("no answer received")]
    AnswerLost,
    /// There are no usable credentials: nothing was sent.
    #[error("failed to sign request")]
    Credentials,
    /// The request could not be built.
    #[error("invalid request")]
    Request,
}

impl ApiError {
    /// The service asks to slow down. Nothing was done.
    pub fn is_throttling(&self) -> bool {
        matches!(
            self.code.as_str(),
            "RequestLimitExceeded"
                | "Throttling"
                | "ThrottlingException"
                | "ThrottledException"
                | "RequestThrottled"
                | "RequestThrottledException"
                | "TooManyRequestsException"
                | "EC2ThrottledException"
                | "BandwidthLimitExceeded"
                | "PriorRequestNotComplete"
                | "SlowDown"
        ) || matches!(self.kind, ApiErrorKind::Service { status: 429 })
    }

    /// A passing failure on the service's or the network's side; whether the request was carried out is open.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ApiErrorKind::Unsent | ApiErrorKind::AnswerLost => true,
            ApiErrorKind::Service { status } => {
                matches!(status, 500 | 502 | 503 | 504)
                    || matches!(
                        self.code.as_str(),
                        "InternalError"
                            | "InternalFailure"
                            | "Unavailable"
                            | "ServiceUnavailable"
                            | "RequestTimeout"
                    )
            }
            ApiErrorKind::Credentials | ApiErrorKind::Request => false,
        }
    }

    /// The request was certainly not carried out and may be repeated without harm.
    pub fn is_certainly_not_done(&self) -> bool {
        self.is_throttling() || self.kind == ApiErrorKind::Unsent
    }

    /// It is open whether the request was carried out.
    pub fn is_outcome_unknown(&self) -> bool {
        self.is_transient() && !self.is_certainly_not_done()
    }

    /// The object named does not exist (or is not visible yet).
    pub fn is_not_found(&self) -> bool {
        self.code.ends_with(".NotFound") || self.code.ends_with("NotFoundException")
    }
}

fn request(id: Option<&str>) -> String {
    id.map(|id| format!(", RequestID: {id}")).unwrap_or_default()
}

fn answer(code: &str, message: &str) -> String {
    match (code, message) {
        ("", "") => String::new(),
        ("", message) => format!(", {message}"),
        (code, message) => format!(", api error {code}: {message}"),
    }
}
