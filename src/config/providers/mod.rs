//! Which provider configuration serves which resource.

mod check;
mod resolve;

use std::collections::BTreeMap;

use addrs::{AbsProviderConfig, ConfigResource, ModulePath, Name, ProviderAddr};
use diag::Diagnostics;

use crate::{Config, Module, ProviderKey};

/// Which provider configuration serves which resource, inheritance and `providers = {}` resolved.
#[derive(Clone, Debug, Default)]
pub struct ProviderMap {
    /// Every resource of the configuration.
    pub resources: BTreeMap<ConfigResource, AbsProviderConfig>,
    /// What a module's local provider names mean, for provider functions and for resources only in the state.
    pub local_names: BTreeMap<(ModulePath, ProviderKey), AbsProviderConfig>,
    /// Version constraints by provider, as written, from all modules.
    pub constraints: BTreeMap<ProviderAddr, Vec<String>>,
}

/// Resolves all provider references of a configuration.
pub(crate) fn resolve(config: &Config) -> (ProviderMap, Diagnostics) {
    let mut diagnostics = check::check(config);
    let (map, found) = resolve::resolve(config);
    diagnostics.extend(found);
    (map, diagnostics)
}

impl Module {
    /// The provider that a local name stands for in this module.
    pub fn provider_source(&self, local_name: &str) -> ProviderAddr {
        let required = self.required_providers.get(local_name);
        required.map_or_else(|| ProviderAddr::implied(local_name), |required| required.source.clone())
    }

    /// The local name of a provider in this module: as required, or as implied.
    pub fn provider_local_name(&self, source: &ProviderAddr) -> Name {
        let required = self.required_providers.values().find(|required| required.source == *source);
        required.map_or_else(|| source.ty.clone(), |required| required.name.clone())
    }
}
