//! [`Ec2Api`](provider_aws::api::Ec2Api) over the SDK: what its parts have in common.

mod common;
mod instances;
mod interfaces;
mod options;
mod routes;
mod security;
mod vpc;

use std::error::Error;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types as sdk;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use provider_aws::api::{ApiError, ApiErrorKind, ApiResult};

use crate::error::api_error;

pub struct Ec2 {
    client: aws_sdk_ec2::Client,
    endpoint: String,
}

impl Ec2 {
    pub fn new(client: aws_sdk_ec2::Client, endpoint: String) -> Self {
        Self { client, endpoint }
    }

    /// The answer, or the failure with the operation's name.
    fn told<T, E>(
        &self,
        operation: &'static str,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> ApiResult<T>
    where
        E: ProvideErrorMetadata + RequestId + Error + Send + Sync + 'static,
    {
        answer.map_err(|error| api_error("EC2", operation, &self.endpoint, error))
    }

    /// An answer without something that the service always tells.
    fn incomplete(operation: &'static str) -> ApiError {
        ApiError {
            service: "EC2",
            operation,
            kind: ApiErrorKind::AnswerLost,
            code: String::new(),
            message: "the answer does not name the object".into(),
            request_id: None,
        }
    }
}

fn flag(value: bool) -> sdk::AttributeBooleanValue {
    sdk::AttributeBooleanValue::builder().value(value).build()
}

fn attribute(value: &str) -> sdk::AttributeValue {
    sdk::AttributeValue::builder().value(value).build()
}

fn profile(name: &str) -> sdk::IamInstanceProfileSpecification {
    sdk::IamInstanceProfileSpecification::builder().name(name).build()
}

/// Sends a request and names its operation in a failure.
macro_rules! send {
    ($self:ident, $operation:expr, $request:expr) => {
        $self.told($operation, $request.send().await)
    };
}

/// Follows the pages of a description to the end.
macro_rules! pages {
    ($self:ident, $operation:literal, $request:expr) => {{
        let items: Result<Vec<_>, _> = $request.into_paginator().items().send().collect().await;
        $self.told($operation, items)
    }};
}

use {pages, send};
