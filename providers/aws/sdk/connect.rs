//! Makes clients from the provider's settings.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::profile::ProfileFileRegionProvider;

use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector as HttpConnector, proxy::ProxyConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::Region;
use diag::{Diagnostic, Diagnostics};
use provider_aws::retry::{RealTimer, RetryPolicy};
use provider_aws::{Client, Connector, Settings};

use crate::credentials;
use crate::ec2::Ec2;
use crate::sts::Sts;

/// Connects by the AWS SDK.
pub struct SdkConnector;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// For one attempt, from connecting to the whole answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);

#[async_trait]
impl Connector for SdkConnector {
    async fn connect(&self, settings: &Settings) -> Result<Client, Diagnostics> {
        let http = http_client(settings).await?;
        let files = profile_files(settings);
        let region = region(settings, &files).await?;
        let base = base_config(settings, http, &region);
        let credentials = credentials::resolve(settings, &files, &base);
        let config = base.to_builder().credentials_provider(credentials).build();
        let ec2 = Ec2::new(ec2_client(settings, &config), endpoint(settings, "ec2", &region));
        let sts_region = settings.sts_region.as_deref().unwrap_or(&region);
        let sts = Sts::new(
            credentials::sts_client(settings, &config),
            endpoint(settings, "sts", sts_region),
            settings,
        );
        let default = RetryPolicy::default();
        let policy =
            RetryPolicy { max_retries: settings.max_retries.unwrap_or(default.max_retries), ..default };
        let client =
            Client::new(Arc::new(ec2), Arc::new(sts), region, policy, Arc::new(RealTimer::default()));
        Ok(if settings.skip_requesting_account_id { client.without_account() } else { client })
    }
}

fn base_config(settings: &Settings, http: SharedHttpClient, region: &str) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dualstack)
        .build()
}

fn ec2_client(settings: &Settings, config: &SdkConfig) -> aws_sdk_ec2::Client {
    let mut builder = aws_sdk_ec2::config::Builder::from(config);
    if let Some(url) = settings.endpoints.get("ec2") {
        builder = builder.endpoint_url(url);
    }
    aws_sdk_ec2::Client::from_conf(builder.build())
}

/// Where a service is, for messages.
fn endpoint(settings: &Settings, service: &str, region: &str) -> String {
    let own = settings.endpoints.get(service).cloned();
    own.unwrap_or_else(|| format!("https://{service}.{region}.amazonaws.com"))
}

fn profile_files(settings: &Settings) -> EnvConfigFiles {
    let mut files = EnvConfigFiles::builder();
    for path in settings.shared_config_files.iter().filter(|path| path.exists()) {
        files = files.with_file(EnvConfigFileKind::Config, path);
    }
    for path in settings.shared_credentials_files.iter().filter(|path| path.exists()) {
        files = files.with_file(EnvConfigFileKind::Credentials, path);
    }
    // Without any file there is still a set of files: an empty one.
    files.with_contents(EnvConfigFileKind::Config, "").build()
}

/// The region of the settings, or of the profile.
async fn region(settings: &Settings, files: &EnvConfigFiles) -> Result<String, Diagnostics> {
    let region = match &settings.region {
        Some(region) => Some(region.clone()),
        None => profile_region(settings, files).await,
    };
    let Some(region) = region else {
        return Err(Diagnostic::error(
            "Invalid provider configuration",
            "Missing region configuration: set region in the provider block, AWS_REGION in the environment, or a \
             region in the profile of the shared configuration files.",
        )
        .into());
    };
    if !settings.skip_region_validation && !provider_aws::is_known_region(&region) {
        return Err(Diagnostic::error("Invalid AWS Region", provider_aws::invalid_region(&region)).into());
    }
    Ok(region)
}

async fn profile_region(settings: &Settings, files: &EnvConfigFiles) -> Option<String> {
    use aws_config::meta::region::ProvideRegion;
    let mut provider = ProfileFileRegionProvider::builder()
        .configure(&ProviderConfig::without_region())
        .profile_files(files.clone());
    if let Some(name) = &settings.profile {
        provider = provider.profile_name(name);
    }
    provider.build().region().await.map(|region| region.to_string())
}

/// An HTTP client with the authorities and the proxy of the settings.
async fn http_client(settings: &Settings) -> Result<SharedHttpClient, Diagnostics> {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    let context = match &settings.custom_ca_bundle {
        Some(path) => Some(trusting(path).await?),
        None => None,
    };
    let proxy = proxy(settings)?;
    Ok(Builder::new().build_with_connector_fn(move |connector_settings, components| {
        let mut builder = HttpConnector::builder().tls_provider(provider.clone()).proxy_config(proxy.clone());
        if let Some(context) = &context {
            builder = builder.tls_context(context.clone());
        }
        if let Some(connector_settings) = connector_settings {
            builder.set_connector_settings(Some(connector_settings.clone()));
        }
        if let Some(components) = components {
            builder.set_sleep_impl(components.sleep_impl());
        }
        builder.build()
    }))
}

async fn trusting(path: &std::path::Path) -> Result<TlsContext, Diagnostics> {
    let refuse = |reason: String| {
        let detail = format!("custom_ca_bundle {} cannot be used: {reason}", path.display());
        Diagnostics::from(Diagnostic::error("Invalid provider configuration", detail))
    };
    let bytes = tokio::fs::read(path).await.map_err(|error| refuse(error.to_string()))?;
    let store = TrustStore::empty().with_pem_certificate(bytes);
    TlsContext::builder().with_trust_store(store).build().map_err(|error| refuse(error.to_string()))
}

/// The proxy of the settings; that of the process's environment is never looked at.
fn proxy(settings: &Settings) -> Result<ProxyConfig, Diagnostics> {
    let refuse = |error: &dyn std::error::Error| {
        Diagnostics::from(Diagnostic::error(
            "Invalid provider configuration",
            format!("Invalid proxy: {error}"),
        ))
    };
    let proxy = match (&settings.http_proxy, &settings.https_proxy) {
        (Some(http), Some(https)) if http == https => ProxyConfig::all(http.as_str()),
        (_, Some(https)) => ProxyConfig::https(https.as_str()),
        (Some(http), None) => ProxyConfig::http(http.as_str()),
        (None, None) => return Ok(ProxyConfig::disabled()),
    };
    let proxy = proxy.map_err(|error| refuse(&error))?;
    Ok(match &settings.no_proxy {
        Some(rules) => proxy.no_proxy(rules),
        None => proxy,
    })
}
