//! Puts the AWS SDK behind the API traits of `groma-provider-aws`.
//!
//! One method is one attempt: the SDK's own retries are off, because those of the provider know more (whether a call may
//! be repeated, when to stop). The environment comes from the settings, never from the process.

mod connect;
mod convert;
mod credentials;
mod ec2;
mod error;
mod sts;

use std::sync::Arc;

/// The provider `hashicorp/aws` over the AWS SDK.
pub fn provider() -> Arc<dyn provider::Provider> {
    Arc::new(provider_aws::AwsProvider::new(Arc::new(connect::SdkConnector)))
}
