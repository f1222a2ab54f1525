//! The CLI configuration file: `~/.terraformrc`, or what `TF_CLI_CONFIG_FILE` names.
//!
//! Groma's providers are built in and it never calls home, so nothing in the file changes what it does; but a
//! mistake in it is said here as Terraform would, and where a provider is missing the user learns that mirrors are
//! not looked at.

use std::io;
use std::path::PathBuf;

use diag::{Diagnostic, Diagnostics};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::cli::settings::{CLI_CONFIG_FILE, Process};

/// What the file may hold. Unknown settings are left to whoever knows them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CliConfig {
    #[serde(rename = "disable_checkpoint")]
    _disable_checkpoint: Option<bool>,
    #[serde(rename = "plugin_cache_dir")]
    _plugin_cache_dir: Option<String>,
    provider_installation: Option<IgnoredAny>,
}

impl CliConfig {
    /// Reads the file, if there is one.
    pub fn load(process: &Process) -> (Self, Diagnostics) {
        let Some((path, named)) = path(process) else { return (Self::default(), Diagnostics::new()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => match hcl::from_str(&text) {
                Ok(config) => (config, Diagnostics::new()),
                Err(error) => (Self::default(), invalid(&path, &error.to_string()).into()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
                (Self::default(), Diagnostics::new())
            }
            Err(error) => (Self::default(), unreadable(&path, &error).into()),
        }
    }

    /// True when it says where providers are to be looked for.
    pub fn has_provider_installation(&self) -> bool {
        self.provider_installation.is_some()
    }
}

/// The file, and whether the user named it.
fn path(process: &Process) -> Option<(PathBuf, bool)> {
    match process.variable(CLI_CONFIG_FILE) {
        Some(path) => Some((path.into(), true)),
        None => Some((process.home.as_ref()?.join(".terraformrc"), false)),
    }
}

fn invalid(path: &std::path::Path, reason: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid CLI configuration",
        format!("The CLI configuration file {} cannot be read: {}", path.display(), reason.trim_end()),
    )
}

fn unreadable(path: &std::path::Path, error: &io::Error) -> Diagnostic {
    Diagnostic::warning(
        "Unable to open CLI configuration file",
        format!("The CLI configuration file at {} cannot be opened: {error}.", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::CliConfig;

    #[test]
    fn terraforms_settings_are_understood() {
        let text = r#"
            plugin_cache_dir   = "$HOME/.terraform.d/plugin-cache"
            disable_checkpoint = true
            credentials "app.example.com" {
              token = "secret"
            }
            provider_installation {
              filesystem_mirror {
                path    = "/opt/plugins"
                include = ["registry.terraform.io/*/*"]
              }
              direct {}
            }
        "#;
        let config: CliConfig = hcl::from_str(text).expect("it is what Terraform reads");
        assert!(config.has_provider_installation());
        assert!(!hcl::from_str::<CliConfig>("").expect("empty is fine").has_provider_installation());
        assert!(hcl::from_str::<CliConfig>("disable_checkpoint = ").is_err());
    }
}
