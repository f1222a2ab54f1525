//! [`StsApi`] over the SDK.

use async_trait::async_trait;
use provider_aws::Settings;
use provider_aws::api::{ApiErrorKind, ApiResult, CallerIdentity, StsApi};

use crate::error::api_error;

pub struct Sts {
    client: aws_sdk_sts::Client,
    endpoint: String,
    /// Where credentials are looked for, told when there are none.
    sources: Vec<String>,
}

impl Sts {
    pub fn new(client: aws_sdk_sts::Client, endpoint: String, settings: &Settings) -> Self {
        Self { client, endpoint, sources: settings.credential_sources() }
    }
}

#[async_trait]
impl StsApi for Sts {
    async fn get_caller_identity(&self) -> ApiResult<CallerIdentity> {
        let answer = self.client.get_caller_identity().send().await.map_err(|error| {
            let mut error = api_error("STS", "GetCallerIdentity", &self.endpoint, error);
            if error.kind == ApiErrorKind::Credentials {
                error.message.push_str("\n\nNo valid credential sources found. Looked for:");
                for source in &self.sources {
                    error.message.push_str("\n  - ");
                    error.message.push_str(source);
                }
            }
            error
        })?;
        Ok(CallerIdentity {
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
            user_id: answer.user_id.unwrap_or_default(),
        })
    }
}
