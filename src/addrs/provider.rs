use std::fmt;
use std::str::FromStr;

use crate::{ModulePath, Name, ParseError};

/// A provider's full source address: `registry.terraform.io/hashicorp/aws`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderAddr {
    pub hostname: Name,
    pub namespace: Name,
    pub ty: Name,
}

/// One provider configuration (a `provider` block, or the implied empty one) of a module.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AbsProviderConfig {
    pub module: ModulePath,
    pub provider: ProviderAddr,
    pub alias: Option<Name>,
}

impl ProviderAddr {
    pub const DEFAULT_HOST: &'static str = "registry.terraform.io";

    pub fn new(hostname: impl Into<Name>, namespace: impl Into<Name>, ty: impl Into<Name>) -> Self {
        Self { hostname: hostname.into(), namespace: namespace.into(), ty: ty.into() }
    }

    /// `hashicorp/TYPE` on the default host.
    pub fn hashicorp(ty: impl Into<Name>) -> Self {
        Self::new(Self::DEFAULT_HOST, "hashicorp", ty)
    }

    /// `groma/TYPE` on the default host: a provider of our own.
    pub fn groma(ty: impl Into<Name>) -> Self {
        Self::new(Self::DEFAULT_HOST, "groma", ty)
    }

    /// Terraform's built-in provider, `terraform.io/builtin/terraform`.
    pub fn builtin_terraform() -> Self {
        Self::new("terraform.io", "builtin", "terraform")
    }

    /// The address a local name stands for when `required_providers` does not say: the built-in one
    /// for `terraform`, our own for the names that only we have, else `hashicorp/NAME`.
    pub fn implied(local_name: &str) -> Self {
        match local_name {
            "terraform" => Self::builtin_terraform(),
            "host" | "eksd" => Self::groma(local_name),
            _ => Self::hashicorp(local_name),
        }
    }

    /// As users write it: host and namespace left out where they are the defaults (`hashicorp/aws`).
    pub fn for_display(&self) -> String {
        if self.hostname == Self::DEFAULT_HOST {
            format!("{}/{}", self.namespace, self.ty)
        } else {
            self.to_string()
        }
    }
}

/// Reads `TYPE`, `NAMESPACE/TYPE` or `HOST/NAMESPACE/TYPE`, as `required_providers` sources are written.
impl FromStr for ProviderAddr {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = s.split('/').collect();
        let valid = |p: &&str| {
            !p.is_empty() && p.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
        };
        if parts.len() > 3 || !parts.iter().all(valid) {
            return Err(ParseError::new(
                s,
                "A provider source address is [HOSTNAME/][NAMESPACE/]TYPE, such as \"hashicorp/aws\".",
            ));
        }
        Ok(match parts[..] {
            [ty] => Self::hashicorp(ty.to_lowercase()),
            [namespace, ty] => Self::new(Self::DEFAULT_HOST, namespace.to_lowercase(), ty.to_lowercase()),
            [host, namespace, ty] => {
                Self::new(host.to_lowercase(), namespace.to_lowercase(), ty.to_lowercase())
            }
            _ => return Err(ParseError::new(s, "A provider source address must not be empty.")),
        })
    }
}

/// Reads the state file's form: `[module.x.]provider["host/ns/type"][.alias]`.
impl FromStr for AbsProviderConfig {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bad = || {
            ParseError::new(
                s,
                "A provider configuration is written [module.NAME.]provider[\"HOST/NAMESPACE/TYPE\"][.ALIAS].",
            )
        };
        let at = s.find("provider[\"").ok_or_else(bad)?;
        let mut module = ModulePath::root();
        let mut parts = s[..at].split('.').filter(|p| !p.is_empty());
        while let Some(word) = parts.next() {
            let name = parts.next().ok_or_else(bad)?;
            if word != "module" {
                return Err(bad());
            }
            module = module.child(name);
        }
        let rest = &s[at + "provider[\"".len()..];
        let (source, rest) = rest.split_once("\"]").ok_or_else(bad)?;
        let alias = match rest.strip_prefix('.') {
            Some(alias) if !alias.is_empty() => Some(Name::from(alias)),
            None if rest.is_empty() => None,
            _ => return Err(bad()),
        };
        Ok(Self { module, provider: source.parse()?, alias })
    }
}

impl fmt::Display for ProviderAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.hostname, self.namespace, self.ty)
    }
}

/// `provider["registry.terraform.io/hashicorp/aws"].alias`, with the module in front if not the root.
impl fmt::Display for AbsProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "provider[\"{}\"]", self.provider)?;
        if let Some(alias) = &self.alias {
            write!(f, ".{alias}")?;
        }
        Ok(())
    }
}
