//! Where credentials come from, in hashicorp/aws's order: the provider block, the environment, the shared files, web
//! identity, containers, the instance's metadata; then the roles to assume, one after the other.
//!
//! The SDK's own default chain reads the process's environment; here everything comes from [`Settings`].

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;

use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use provider_aws::{AssumeRole, Settings, WebIdentity};

/// The name of a session where none is configured.
const SESSION_NAME: &str = "groma";

/// The credentials the settings lead to. `base` is the configuration for the calls that assuming roles needs.
pub fn resolve(settings: &Settings, files: &EnvConfigFiles, base: &SdkConfig) -> SharedCredentialsProvider {
    let mut credentials = own(settings, files, base);
    for role in &settings.assume_roles {
        let config = base.to_builder().credentials_provider(credentials).build();
        credentials = SharedCredentialsProvider::new(AssumedRole {
            sts: sts_client(settings, &config),
            role: role.clone(),
        });
    }
    credentials
}

/// An STS client for a configuration, at the endpoint and in the region the settings say.
pub fn sts_client(settings: &Settings, config: &SdkConfig) -> aws_sdk_sts::Client {
    let mut builder = aws_sdk_sts::config::Builder::from(config);
    if let Some(url) = settings.endpoints.get("sts") {
        builder = builder.endpoint_url(url);
    }
    if let Some(region) = &settings.sts_region {
        builder = builder.region(aws_types::region::Region::new(region.clone()));
    }
    aws_sdk_sts::Client::from_conf(builder.build())
}

/// The credentials before any role is assumed.
fn own(settings: &Settings, files: &EnvConfigFiles, base: &SdkConfig) -> SharedCredentialsProvider {
    if let Some(own) = &settings.static_credentials {
        let (access, secret) = (own.access_key.clone(), own.secret_key.clone());
        return SharedCredentialsProvider::new(Credentials::new(
            access,
            secret,
            own.token.clone(),
            None,
            own.source,
        ));
    }
    let mut config = ProviderConfig::without_region().with_region(base.region().cloned());
    if let Some(client) = base.http_client() {
        config = config.with_http_client(client);
    }
    let mut profile =
        ProfileFileCredentialsProvider::builder().configure(&config).profile_files(files.clone());
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
    }
    let web_identity = settings
        .web_identity
        .as_ref()
        .map(|identity| AssumedWebIdentity { sts: sts_client(settings, base), identity: identity.clone() });
    // An identity in the provider block goes before the profile; one of the environment after it.
    let mut chain = CredentialsProviderChain::first_try("Profile", profile.build());
    if let Some(web_identity) = web_identity {
        chain = chain.or_else("WebIdentityToken", web_identity);
    }
    let variable = |name: &str| settings.environment.variable(name).is_some_and(|value| !value.is_empty());
    if variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
        chain = chain.or_else("EcsContainer", EcsCredentialsProvider::builder().configure(&config).build());
    }
    if !settings.skip_metadata_api_check {
        let mut client = aws_config::imds::Client::builder().configure(&config);
        if let Some(endpoint) = &settings.metadata_endpoint
            && let Ok(configured) = client.endpoint(endpoint)
        {
            client = configured;
        } else {
            client = aws_config::imds::Client::builder().configure(&config);
        }
        let provider =
            ImdsCredentialsProvider::builder().configure(&config).imds_client(client.build()).build();
        chain = chain.or_else("Ec2InstanceMetadata", provider);
    }
    SharedCredentialsProvider::new(chain)
}

/// Credentials of a role, got with other credentials.
#[derive(Debug)]
struct AssumedRole {
    sts: aws_sdk_sts::Client,
    role: AssumeRole,
}

impl AssumedRole {
    async fn load(&self) -> Result<Credentials, CredentialsError> {
        let role = &self.role;
        let answer = self
            .sts
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration.map(seconds))
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .set_tags(some(role.tags.iter().filter_map(|(k, v)| Tag::builder().key(k).value(v).build().ok())))
            .set_transitive_tag_keys(some(role.transitive_tag_keys.iter().cloned()))
            .set_source_identity(role.source_identity.clone())
            .send()
            .await
            .map_err(|error| refused(&role.role_arn, error))?;
        credentials(answer.credentials, "AssumeRole")
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }
}

/// Credentials of a role, got with a token of an identity provider.
struct AssumedWebIdentity {
    sts: aws_sdk_sts::Client,
    identity: WebIdentity,
}

impl std::fmt::Debug for AssumedWebIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AssumedWebIdentity")
            .field("role_arn", &self.identity.role_arn)
            .finish_non_exhaustive()
    }
}

impl AssumedWebIdentity {
    async fn load(&self) -> Result<Credentials, CredentialsError> {
        let identity = &self.identity;
        let token = match (&identity.token, &identity.token_file) {
            (Some(token), _) => token.clone(),
            (None, Some(path)) => tokio::fs::read_to_string(path).await.map_err(|error| {
                CredentialsError::provider_error(format!(
                    "cannot read the token file {}: {error}",
                    path.display()
                ))
            })?,
            (None, None) => return Err(CredentialsError::not_loaded("no web identity token is configured")),
        };
        let answer = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&identity.role_arn)
            .role_session_name(identity.session_name.as_deref().unwrap_or(SESSION_NAME))
            .web_identity_token(token.trim())
            .set_duration_seconds(identity.duration.map(seconds))
            .set_policy(identity.policy.clone())
            .set_policy_arns(policies(&identity.policy_arns))
            .send()
            .await
            .map_err(|error| refused(&identity.role_arn, error))?;
        credentials(answer.credentials, "WebIdentityToken")
    }
}

impl ProvideCredentials for AssumedWebIdentity {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }
}

fn refused<E: std::error::Error + Send + Sync + 'static>(role: &str, error: E) -> CredentialsError {
    let mut text = format!("cannot assume the IAM role {role}: {error}");
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    CredentialsError::provider_error(text)
}

fn credentials(
    answer: Option<aws_sdk_sts::types::Credentials>,
    source: &'static str,
) -> Result<Credentials, CredentialsError> {
    let answer = answer.ok_or_else(|| CredentialsError::unhandled("STS answered without credentials"))?;
    let expiry = std::time::SystemTime::try_from(answer.expiration).ok();
    Ok(Credentials::new(
        answer.access_key_id,
        answer.secret_access_key,
        Some(answer.session_token),
        expiry,
        source,
    ))
}

fn policies(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    some(arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()))
}

fn seconds(duration: std::time::Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

/// The items, or none where there are none: the service takes no empty lists.
fn some<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.collect();
    (!items.is_empty()).then_some(items)
}
