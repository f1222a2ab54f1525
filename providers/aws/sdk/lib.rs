//! Adapts the AWS SDK to the API trait of `provider-aws`.
pub use aws_sdk_ec2::Client;
