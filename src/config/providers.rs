use std::collections::BTreeMap;

use addrs::{AbsProviderConfig, ConfigResource, ModulePath, ProviderAddr};

use crate::ProviderKey;

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
