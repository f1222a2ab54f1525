//! The provider block: decoded, checked, and completed from the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use diag::{Diagnostic, Diagnostics, PathStep};
use provider::{ConfigureRequest, Environment};
use value::{Path, PathStep as ValueStep, Value};

use crate::api::Tags;
use crate::object::Object;
use crate::regions;
use crate::tags::TagSettings;
use crate::timeouts::parse_duration;

/// What a connection is made from. Secrets never appear in its debug form.
#[derive(Clone)]
pub struct Settings {
    /// Provider block, then `AWS_REGION`, then `AWS_DEFAULT_REGION`; else the profile's decides.
    pub region: Option<String>,
    /// The region of STS where it is another one.
    pub sts_region: Option<String>,
    pub static_credentials: Option<StaticCredentials>,
    pub profile: Option<String>,
    pub shared_config_files: Vec<PathBuf>,
    pub shared_credentials_files: Vec<PathBuf>,
    pub assume_roles: Vec<AssumeRole>,
    pub web_identity: Option<WebIdentity>,
    /// Endpoint URLs by service, `ec2` and `sts`.
    pub endpoints: BTreeMap<String, String>,
    pub max_retries: Option<u32>,
    pub use_fips: bool,
    pub use_dualstack: bool,
    pub custom_ca_bundle: Option<PathBuf>,
    pub http_proxy: Option<String>,
    pub https_proxy: Option<String>,
    pub no_proxy: Option<String>,
    pub skip_credentials_validation: bool,
    pub skip_requesting_account_id: bool,
    pub skip_metadata_api_check: bool,
    pub skip_region_validation: bool,
    pub allowed_account_ids: Vec<String>,
    pub forbidden_account_ids: Vec<String>,
    pub metadata_endpoint: Option<String>,
    pub environment: Environment,
    pub version: String,
}

#[derive(Clone)]
pub struct StaticCredentials {
    pub access_key: String,
    pub secret_key: String,
    pub token: Option<String>,
    /// Where they come from, for messages: `provider block` or `environment`.
    pub source: &'static str,
}

#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    pub role_arn: String,
    pub session_name: Option<String>,
    pub external_id: Option<String>,
    pub duration: Option<Duration>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub tags: Tags,
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
}

#[derive(Clone)]
pub struct WebIdentity {
    pub role_arn: String,
    pub session_name: Option<String>,
    pub duration: Option<Duration>,
    pub token: Option<String>,
    pub token_file: Option<PathBuf>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Completes a wholly known provider block from the environment.
    pub fn new(request: &ConfigureRequest) -> Self {
        let config = Object::new(request.config.clone());
        let env = &request.environment;
        let variable = |names: &[&str]| {
            names.iter().find_map(|name| env.variable(name).filter(|v| !v.is_empty())).map(str::to_owned)
        };
        let text = |name: &str, names: &[&str]| config.string(name).or_else(|| variable(names));
        let flag = |name: &str, names: &[&str]| {
            config
                .bool(name)
                .unwrap_or_else(|| variable(names).is_some_and(|v| v.eq_ignore_ascii_case("true")))
        };
        Self {
            region: text("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]),
            sts_region: config.string("sts_region"),
            static_credentials: static_credentials(&config, env),
            profile: text("profile", &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]),
            shared_config_files: files(&config, "shared_config_files", env, "AWS_CONFIG_FILE", "config"),
            shared_credentials_files: files(
                &config,
                "shared_credentials_files",
                env,
                "AWS_SHARED_CREDENTIALS_FILE",
                "credentials",
            ),
            assume_roles: config.blocks("assume_role").iter().filter_map(assume_role).collect(),
            web_identity: web_identity(&config, env),
            endpoints: endpoints(&config, env),
            max_retries: config
                .int("max_retries")
                .or_else(|| variable(&["AWS_MAX_ATTEMPTS"])?.parse::<i64>().ok().map(|n| n.saturating_sub(1)))
                .and_then(|n| u32::try_from(n).ok()),
            use_fips: flag("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"]),
            use_dualstack: flag("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"]),
            custom_ca_bundle: text("custom_ca_bundle", &["AWS_CA_BUNDLE"]).map(|path| expand(&path, env)),
            http_proxy: text("http_proxy", &["HTTP_PROXY", "http_proxy"]),
            https_proxy: text("https_proxy", &["HTTPS_PROXY", "https_proxy"]),
            no_proxy: text("no_proxy", &["NO_PROXY", "no_proxy"]),
            skip_credentials_validation: config.is_true("skip_credentials_validation"),
            skip_requesting_account_id: config.is_true("skip_requesting_account_id"),
            skip_metadata_api_check: match config.str("skip_metadata_api_check") {
                Some(text) => text == "true",
                None => {
                    env.variable("AWS_EC2_METADATA_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true"))
                }
            },
            skip_region_validation: config.is_true("skip_region_validation"),
            allowed_account_ids: config.strings("allowed_account_ids"),
            forbidden_account_ids: config.strings("forbidden_account_ids"),
            metadata_endpoint: text("ec2_metadata_service_endpoint", &["AWS_EC2_METADATA_SERVICE_ENDPOINT"]),
            environment: env.clone(),
            version: request.version.to_string(),
        }
    }

    /// Where credentials were looked for, for the message that none were found. Names only.
    pub fn credential_sources(&self) -> Vec<String> {
        let list =
            |paths: &[PathBuf]| paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ");
        let profile = self.profile.as_deref().unwrap_or("default");
        let mut sources = vec![
            "access_key and secret_key of the provider block".to_owned(),
            "the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
            format!("the profile \"{profile}\" in {}", list(&self.shared_credentials_files)),
            format!("the profile \"{profile}\" in {}", list(&self.shared_config_files)),
            "AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN".to_owned(),
            "the container credentials of ECS and EKS".to_owned(),
        ];
        sources.push(if self.skip_metadata_api_check {
            "not the EC2 instance metadata service, which is switched off".to_owned()
        } else {
            "the EC2 instance metadata service".to_owned()
        });
        sources
    }
}

/// The settings about tags: blocks, then `TF_AWS_DEFAULT_TAGS_*` and `TF_AWS_IGNORE_TAGS_*`.
pub fn tag_settings(config: &Value, environment: &Environment) -> TagSettings {
    const DEFAULT_PREFIX: &str = "TF_AWS_DEFAULT_TAGS_";
    let config = Object::new(config.clone());
    let list = |name: &str| -> Vec<String> {
        let text = environment.variable(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    };
    let ignored = config.blocks("ignore_tags");
    let union = |name: &str, variable: &str| {
        ignored.iter().flat_map(|block| block.strings(name)).chain(list(variable)).collect()
    };
    let blocks = config.get("default_tags");
    let known = blocks.is_none_or(Value::is_wholly_known);
    let mut defaults: Tags = environment
        .variables
        .iter()
        .filter_map(|(k, v)| Some((k.strip_prefix(DEFAULT_PREFIX)?.to_owned(), v.clone())))
        .collect();
    defaults.extend(config.blocks("default_tags").iter().flat_map(|block| block.map("tags")));
    TagSettings {
        defaults: known.then_some(defaults),
        ignored_keys: union("keys", "TF_AWS_IGNORE_TAGS_KEYS"),
        ignored_prefixes: union("key_prefixes", "TF_AWS_IGNORE_TAGS_KEY_PREFIXES"),
    }
}

/// The path of the first unknown value in a provider block that a connection needs.
pub fn first_unknown(config: &Value) -> Option<Path> {
    let entries = config.entries()?;
    entries
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "default_tags" | "ignore_tags"))
        .find_map(|(name, value)| unknown_path(value, &Path::from_attr(name.clone())))
}

fn unknown_path(value: &Value, path: &Path) -> Option<Path> {
    if value.is_wholly_known() {
        return None;
    }
    if let Some(entries) = value.entries() {
        return entries.iter().find_map(|(name, value)| unknown_path(value, &path.attr(name.clone())));
    }
    if let Some(items) = value.items() {
        return items.iter().enumerate().find_map(|(i, item)| {
            let index = Value::number(i64::try_from(i).unwrap_or(i64::MAX));
            unknown_path(item, &path.step(ValueStep::Index(index)))
        });
    }
    Some(path.clone())
}

/// Checks what can be checked without connecting; unknowns are let pass.
pub fn validate(config: &Value) -> Diagnostics {
    let config = Object::new(config.clone());
    let mut diagnostics = Diagnostics::new();
    let mut refuse = |attribute: &str, summary: &str, detail: String| {
        diagnostics
            .push(Diagnostic::error(summary, detail).attribute([PathStep::Attribute(attribute.to_owned())]));
    };
    let skip = config.is_true("skip_region_validation") || config.is_unknown("skip_region_validation");
    if let Some(region) = config.str("region")
        && !skip
        && !regions::is_known(region)
    {
        refuse("region", "Invalid AWS Region", invalid_region(region));
    }
    for role in config.blocks("assume_role") {
        if !role.is_unknown("role_arn") && role.str("role_arn").is_none() {
            refuse(
                "assume_role",
                "Cannot assume IAM Role",
                "IAM Role ARN not set: an assume_role block needs role_arn.".to_owned(),
            );
        }
        check_session_duration(&role, &mut refuse);
    }
    for name in ["max_retries"] {
        if config.int(name).is_some_and(|n| n < 0) {
            refuse(name, "Invalid provider configuration", format!("{name} must not be negative."));
        }
    }
    if let Some(mode) = config.str("retry_mode")
        && !matches!(mode, "standard" | "adaptive")
    {
        refuse(
            "retry_mode",
            "Invalid provider configuration",
            format!("expected retry_mode to be one of [\"standard\" \"adaptive\"], got {mode}"),
        );
    }
    if config.is_true("insecure") {
        refuse(
            "insecure",
            "Unsupported provider setting",
            "groma always checks the server's certificate. Give the authority's certificate in custom_ca_bundle \
             instead."
                .to_owned(),
        );
    }
    let both = |a: &str, b: &str| !config.strings(a).is_empty() && !config.strings(b).is_empty();
    if both("allowed_account_ids", "forbidden_account_ids") {
        refuse(
            "allowed_account_ids",
            "Invalid provider configuration",
            "Only one of \"allowed_account_ids\" and \"forbidden_account_ids\" can be given.".to_owned(),
        );
    }
    diagnostics
}

pub fn invalid_region(region: &str) -> String {
    let hint =
        regions::suggestion(region).map(|known| format!(" Did you mean \"{known}\"?")).unwrap_or_default();
    format!(
        "\"{region}\" is not a known AWS region.{hint} For a region newer than this version of groma, set \
         skip_region_validation = true."
    )
}

fn check_session_duration(role: &Object, refuse: &mut impl FnMut(&str, &str, String)) {
    let Some(text) = role.str("duration") else { return };
    let valid = |d: &Duration| (900..=43_200).contains(&d.as_secs());
    if parse_duration(text).as_ref().is_none_or(|x| !valid(x)) {
        refuse(
            "assume_role",
            "Invalid session duration",
            format!(
                "duration \"{text}\" must be between 15 minutes (15m) and 12 hours (12h), such as \"1h\"."
            ),
        );
    }
}

fn static_credentials(config: &Object, env: &Environment) -> Option<StaticCredentials> {
    let pair = |access: Option<&str>, secret: Option<&str>, token: Option<&str>, source| {
        Some(StaticCredentials {
            access_key: access.filter(|s| !s.is_empty())?.to_owned(),
            secret_key: secret.filter(|s| !s.is_empty())?.to_owned(),
            token: token.filter(|s| !s.is_empty()).map(str::to_owned),
            source,
        })
    };
    let own = pair(config.str("access_key"), config.str("secret_key"), config.str("token"), "provider block");
    // A profile in the provider block goes before keys in the environment, as in hashicorp/aws.
    let from_environment = || {
        if config.str("profile").is_some() {
            return None;
        }
        pair(
            env.variable("AWS_ACCESS_KEY_ID").or_else(|| env.variable("AWS_ACCESS_KEY")),
            env.variable("AWS_SECRET_ACCESS_KEY").or_else(|| env.variable("AWS_SECRET_KEY")),
            env.variable("AWS_SESSION_TOKEN"),
            "environment",
        )
    };
    own.or_else(from_environment)
}

/// The shared files: of the provider block, of the environment, or the usual one in the home folder.
fn files(config: &Object, attribute: &str, env: &Environment, variable: &str, usual: &str) -> Vec<PathBuf> {
    let own = config.strings(attribute);
    if !own.is_empty() {
        return own.iter().map(|path| expand(path, env)).collect();
    }
    if let Some(path) = env.variable(variable).filter(|v| !v.is_empty()) {
        return vec![expand(path, env)];
    }
    env.home.iter().map(|home| home.join(".aws").join(usual)).collect()
}

fn expand(path: &str, env: &Environment) -> PathBuf {
    match (path.strip_prefix("~/"), &env.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => env.working_dir.join(path),
    }
}

fn assume_role(block: &Object) -> Option<AssumeRole> {
    Some(AssumeRole {
        role_arn: block.string("role_arn")?,
        session_name: block.string("session_name"),
        external_id: block.string("external_id"),
        duration: block.str("duration").and_then(parse_duration),
        policy: block.string("policy"),
        policy_arns: block.strings("policy_arns"),
        tags: block.map("tags"),
        transitive_tag_keys: block.strings("transitive_tag_keys"),
        source_identity: block.string("source_identity"),
    })
}

fn web_identity(config: &Object, env: &Environment) -> Option<WebIdentity> {
    let variable = |name: &str| env.variable(name).filter(|v| !v.is_empty()).map(str::to_owned);
    let block = config.block("assume_role_with_web_identity");
    let text = |name: &str| block.as_ref().and_then(|b| b.string(name));
    let role_arn = text("role_arn").or_else(|| variable("AWS_ROLE_ARN"))?;
    let token = text("web_identity_token");
    let token_file = text("web_identity_token_file").or_else(|| variable("AWS_WEB_IDENTITY_TOKEN_FILE"));
    if token.is_none() && token_file.is_none() {
        return None;
    }
    Some(WebIdentity {
        role_arn,
        session_name: text("session_name").or_else(|| variable("AWS_ROLE_SESSION_NAME")),
        duration: text("duration").as_deref().and_then(parse_duration),
        token,
        token_file: token_file.map(|path| expand(&path, env)),
        policy: text("policy"),
        policy_arns: block.as_ref().map(|b| b.strings("policy_arns")).unwrap_or_default(),
    })
}

fn endpoints(config: &Object, env: &Environment) -> BTreeMap<String, String> {
    let blocks = config.blocks("endpoints");
    let disabled = env.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|v| v == "true");
    let from_environment = |service: &str| {
        let own = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
        let variable = env.variable(&own).or_else(|| env.variable("AWS_ENDPOINT_URL"))?;
        (!disabled && !variable.is_empty()).then(|| variable.to_owned())
    };
    ["ec2", "sts"]
        .into_iter()
        .filter_map(|service| {
            let own = blocks.iter().find_map(|block| block.string(service));
            Some((service.to_owned(), own.or_else(|| from_environment(service))?))
        })
        .collect()
}
