use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;

/// The providers at hand, by address. Clones share them.
#[derive(Clone, Default)]
pub struct Providers(Arc<BTreeMap<ProviderAddr, Arc<dyn Provider>>>);

impl Providers {
    pub fn new(providers: impl IntoIterator<Item = Arc<dyn Provider>>) -> Self {
        Self(Arc::new(providers.into_iter().map(|provider| (provider.address(), provider)).collect()))
    }

    pub fn get(&self, address: &ProviderAddr) -> Option<&Arc<dyn Provider>> {
        self.0.get(address)
    }

    /// All providers in address order.
    pub fn iter(&self) -> impl Iterator<Item = (&ProviderAddr, &Arc<dyn Provider>)> {
        self.0.iter()
    }
}

impl plan::json::Schemas for Providers {
    fn provider_schema(&self, provider: &ProviderAddr) -> Option<Arc<provider::ProviderSchema>> {
        self.get(provider).map(|provider| provider.schema())
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys().map(ToString::to_string)).finish()
    }
}
