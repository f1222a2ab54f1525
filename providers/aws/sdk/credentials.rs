//! Where credentials come from, in hashicorp/aws's order: the provider block, the environment, the shared files, web
//! identity, containers, the instance's metadata; then the roles to assume, one after the other.
//!
//! The SDK's own default chain reads the process's environment; here everything comes from [`Settings`].

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_sdk_sts::config::Credentials;
use aws_sdk_sts::config::SharedCredentialsProvider;
use aws_sdk_sts::config::{ProvideCredentials, http};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use provider_aws::{AssumeRole, Settings, WebIdentity};
