//! What the provider needs of AWS: traits with plain typed requests and answers of our own, so that the logic
//! builds and is tested without the AWS SDK. `groma-provider-aws-sdk` implements them over the SDK.
//!
//! One method is one API operation and one attempt: retries, waits and batching are the callers' ([`crate::client`]).
//! `describe_*` methods follow pages to the end. Where several ids are asked for, callers use filters rather than id
//! lists, because an id that does not exist fails a whole call.

mod ec2;
mod error;
mod types;

use async_trait::async_trait;

pub use ec2::*;
pub use error::{ApiError, ApiErrorKind, ApiResult};
pub use types::*;

/// The AWS Security Token Service operations the provider uses.
#[async_trait]
pub trait StsApi: Send + Sync {
    async fn get_caller_identity(&self) -> ApiResult<CallerIdentity>;
}
