use std::collections::BTreeMap;

use addrs::{ModulePath, ProviderAddr};

use super::ProviderConfigJson;
use super::expressions::ExpressionsJson;
use crate::validate::Schemas;
use crate::version::canonical;
use crate::{Config, Module, ProviderKey};

type Providers = BTreeMap<String, ProviderConfigJson>;

/// All provider configurations by key, those of children that are their parents' included.
pub(super) fn configurations(config: &Config, schemas: &Schemas<'_>) -> Providers {
    let mut providers = Providers::new();
    visit(&config.root, &mut providers, schemas);
    providers
}

/// The key of a module's provider configuration.
pub(super) fn key(module: &ModulePath, provider: &ProviderKey) -> String {
    if module.is_root() { provider.to_string() } else { format!("{module}:{provider}") }
}

/// The key under which a configuration is shown: where it comes from.
pub(super) fn shown_key(key: &str, providers: &Providers) -> String {
    providers.get(key).and_then(|provider| provider.parent.clone()).unwrap_or_else(|| key.to_owned())
}

fn visit(module: &Module, providers: &mut Providers, schemas: &Schemas<'_>) {
    let requirements = requirements(module);
    let entry = |provider: &ProviderKey, source: &ProviderAddr| ProviderConfigJson {
        name: provider.name.to_string(),
        full_name: source.to_string(),
        alias: None,
        version_constraint: requirements.get(source).map(|list| canonical(list)).unwrap_or_default(),
        module_address: module.path.to_string(),
        expressions: ExpressionsJson::default(),
        parent: None,
    };
    for block in module.providers.values() {
        let source = module.provider_source(&block.key.name);
        let schema = schemas(&source);
        let mut provider = entry(&block.key, &source);
        provider.alias = block.key.alias.as_ref().map(ToString::to_string);
        provider.expressions =
            schema.map(|s| ExpressionsJson::new(&block.body, &s.provider.block)).unwrap_or_default();
        providers.entry(key(&module.path, &block.key)).or_insert(provider);
    }
    for required in module.required_providers.values() {
        for alias in &required.aliases {
            providers.entry(key(&module.path, alias)).or_insert_with(|| entry(alias, &required.source));
        }
        implied(module, &required.name, &required.source, &entry, providers);
    }
    for source in requirements.keys() {
        implied(module, &source.ty, source, &entry, providers);
    }
    for (name, child) in &module.children {
        let passed = module.module_calls.get(name).into_iter().flat_map(|call| &call.providers);
        for passed in passed {
            let full_name = module.provider_source(&passed.parent.name).to_string();
            let parent = origin(&key(&module.path, &passed.parent), &full_name, providers);
            let provider = ProviderConfigJson {
                name: passed.child.to_string(),
                full_name,
                alias: None,
                version_constraint: String::new(),
                module_address: String::new(),
                expressions: ExpressionsJson::default(),
                parent,
            };
            providers.insert(key(&child.path, &passed.child), provider);
        }
        visit(child, providers, schemas);
    }
}

/// A configuration without a block: in a child module the parent's of the same name, if that has one.
fn implied(
    module: &Module,
    name: &str,
    source: &ProviderAddr,
    entry: &dyn Fn(&ProviderKey, &ProviderAddr) -> ProviderConfigJson,
    providers: &mut Providers,
) {
    let provider_key = ProviderKey::default_of(name);
    let own = key(&module.path, &provider_key);
    if providers.contains_key(&own) {
        return;
    }
    let mut provider = entry(&provider_key, source);
    if let Some((parent, _)) = module.path.parent() {
        provider.parent = origin(&key(&parent, &provider_key), &provider.full_name, providers);
    }
    providers.insert(own, provider);
}

/// The configuration that a key leads to, if it is one of this provider.
fn origin(key: &str, full_name: &str, providers: &Providers) -> Option<String> {
    let provider = providers.get(key).filter(|provider| provider.full_name == full_name)?;
    let further = provider.parent.as_ref().filter(|parent| {
        providers.get(parent.as_str()).is_some_and(|provider| provider.full_name == full_name)
    });
    // A parent's own parent has been followed when it was entered.
    Some(further.cloned().unwrap_or_else(|| key.to_owned()))
}

/// The version constraints of every provider that a module itself needs.
fn requirements(module: &Module) -> BTreeMap<ProviderAddr, Vec<String>> {
    let mut requirements: BTreeMap<ProviderAddr, Vec<String>> = BTreeMap::new();
    for required in module.required_providers.values() {
        requirements.entry(required.source.clone()).or_default().extend(required.version.clone());
    }
    for block in module.providers.values() {
        let source = module.provider_source(&block.key.name);
        requirements.entry(source).or_default().extend(block.version.clone());
    }
    for resource in module.resources.values() {
        requirements.entry(module.provider_source(&resource.provider.key.name)).or_default();
    }
    requirements
}
