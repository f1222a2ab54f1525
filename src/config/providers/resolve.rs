use addrs::{AbsProviderConfig, ConfigResource, ModulePath, ProviderAddr};
use diag::{Diagnostic, Diagnostics};

use super::ProviderMap;
use crate::{Config, Module, ProviderKey, ResourceConfig};

pub(super) fn resolve(config: &Config) -> (ProviderMap, Diagnostics) {
    let mut map = ProviderMap::default();
    let mut diagnostics = Diagnostics::new();
    visit(&config.root, &[], &mut map, &mut diagnostics);
    (map, diagnostics)
}

/// Resolves a module and its children; `callers` are the modules on the way to it, outermost first.
fn visit(module: &Module, callers: &[&Module], map: &mut ProviderMap, diagnostics: &mut Diagnostics) {
    let chain: Vec<&Module> = callers.iter().copied().chain([module]).collect();
    for required in module.required_providers.values() {
        let constraints = map.constraints.entry(required.source.clone()).or_default();
        constraints.extend(required.version.clone());
        let aliases = required.aliases.iter().cloned();
        for key in aliases.chain([ProviderKey::default_of(required.name.clone())]) {
            local_name(&chain, key, map);
        }
    }
    for block in module.providers.values() {
        let constraints = map.constraints.entry(module.provider_source(&block.key.name)).or_default();
        constraints.extend(block.version.clone());
        local_name(&chain, block.key.clone(), map);
    }
    for passed in callers.last().into_iter().flat_map(|caller| passed_to(caller, module)) {
        local_name(&chain, passed.child.clone(), map);
    }
    for (address, resource) in &module.resources {
        let key = &resource.provider.key;
        map.constraints.entry(module.provider_source(&key.name)).or_default();
        match find(&chain, key) {
            Some(found) => {
                map.local_names.insert((module.path.clone(), key.clone()), found.clone());
                let address = ConfigResource { module: module.path.clone(), resource: address.clone() };
                map.resources.insert(address, found);
            }
            // What the caller fails to pass is reported at the call.
            None if is_expected(&chain, key) => {}
            None => diagnostics.push(undefined(module, resource)),
        }
    }
    for import in &module.imports {
        if let Some(reference) = &import.provider {
            local_name(&chain, reference.key.clone(), map);
        }
    }
    for child in module.children.values() {
        visit(child, &chain, map, diagnostics);
    }
}

fn local_name(chain: &[&Module], key: ProviderKey, map: &mut ProviderMap) {
    if let (Some(module), Some(found)) = (chain.last(), find(chain, &key)) {
        map.local_names.insert((module.path.clone(), key), found);
    }
}

fn passed_to<'a>(caller: &'a Module, child: &Module) -> impl Iterator<Item = &'a crate::PassedProvider> {
    let name = child.path.parent().map(|(_, name)| name.clone());
    let call = name.and_then(|name| caller.module_calls.get(&name));
    call.into_iter().flat_map(|call| &call.providers)
}

/// The configuration that a key means in the last module of a chain of callers. Without an alias there always is one.
fn find(chain: &[&Module], key: &ProviderKey) -> Option<AbsProviderConfig> {
    let mut chain = chain;
    let mut key = key.clone();
    loop {
        let (module, callers) = chain.split_last()?;
        let provider = module.provider_source(&key.name);
        let own = |path: &ModulePath| AbsProviderConfig {
            module: path.clone(),
            provider: provider.clone(),
            alias: key.alias.clone(),
        };
        let Some(caller) = callers.last() else {
            let declared = key.alias.is_none() || block(module, &key, &provider).is_some();
            return declared.then(|| own(&module.path));
        };
        if let Some(passed) =
            passed_to(caller, module).find(|passed| same(module, &passed.child, &key, &provider))
        {
            key = passed.parent.clone();
        } else if block(module, &key, &provider).is_some_and(|block| !block.is_empty()) {
            return Some(own(&module.path));
        } else if key.alias.is_some() {
            // An empty block in a child stands for one that the caller passes; without that it is its own.
            return block(module, &key, &provider).map(|_| own(&module.path));
        } else {
            key = ProviderKey::default_of(caller.provider_local_name(&provider));
            if caller.provider_source(&key.name) != provider {
                // No name of the caller means this provider: it has no block there, but perhaps further out.
                return Some(inherited(callers, &provider));
            }
        }
        chain = callers;
    }
}

/// The default configuration of a provider that comes down to the last of these modules.
fn inherited(chain: &[&Module], provider: &ProviderAddr) -> AbsProviderConfig {
    for (at, module) in chain.iter().enumerate().rev() {
        let key = ProviderKey::default_of(module.provider_local_name(provider));
        if module.provider_source(&key.name) == *provider
            && let Some(found) = chain.get(..=at).and_then(|chain| find(chain, &key))
        {
            return found;
        }
    }
    AbsProviderConfig { module: ModulePath::root(), provider: provider.clone(), alias: None }
}

/// The provider block of a module for a key, by its provider rather than by its local name.
fn block<'a>(
    module: &'a Module,
    key: &ProviderKey,
    provider: &ProviderAddr,
) -> Option<&'a crate::ProviderBlock> {
    let exact = module.providers.get(key);
    exact.or_else(|| module.providers.values().find(|block| same(module, &block.key, key, provider)))
}

/// True when both keys mean the same configuration of a provider in a module.
fn same(module: &Module, a: &ProviderKey, b: &ProviderKey, provider: &ProviderAddr) -> bool {
    a == b || (a.alias == b.alias && module.provider_source(&a.name) == *provider)
}

/// True when a child module declares that its caller passes the configuration.
fn is_expected(chain: &[&Module], key: &ProviderKey) -> bool {
    let Some((module, [.., caller])) = chain.split_last() else { return false };
    passed_to(caller, module).any(|passed| passed.child == *key)
        || module.required_providers.values().any(|required| required.aliases.contains(key))
}

fn undefined(module: &Module, resource: &ResourceConfig) -> Diagnostic {
    let key = &resource.provider.key;
    let declared: Vec<String> =
        module.providers.keys().filter(|other| other.name == key.name).map(ToString::to_string).collect();
    let known = if declared.is_empty() {
        String::new()
    } else {
        format!(" Configurations of this provider here: {}.", declared.join(", "))
    };
    let alias = key.alias.as_deref().unwrap_or_default();
    let way_out = if module.path.is_root() {
        format!("Add a provider \"{}\" block with alias = \"{alias}\", or use one that exists.", key.name)
    } else {
        format!(
            "Declare it under configuration_aliases in the required_providers entry of \"{}\", and pass a configuration \
             for it in the \"providers\" argument of the module block.",
            key.name
        )
    };
    let detail = format!(
        "The configuration of {} needs the provider configuration {key}, which {} does not have.{known} {way_out}",
        ConfigResource { module: module.path.clone(), resource: resource.resource.clone() },
        module.display_name()
    );
    Diagnostic::error("Provider configuration not present", detail)
        .at(resource.provider.span.unwrap_or(resource.span))
}
