//! Checks of provider declarations between modules.

use std::collections::{BTreeMap, BTreeSet};

use addrs::{Name, ProviderAddr};
use diag::{Diagnostic, Diagnostics, Span};

use crate::{Config, Module, ModuleCall, PassedProvider, ProviderBlock, ProviderKey};

pub(super) fn check(config: &Config) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    check_module(&config.root, None, None, &mut diagnostics);
    diagnostics
}

/// Checks a module and its children. `repeated` is the argument of a call on the way here that forbids
/// provider configurations below it.
fn check_module(
    module: &Module,
    caller: Option<(&Module, &ModuleCall)>,
    repeated: Option<Span>,
    diagnostics: &mut Diagnostics,
) {
    check_duplicates(module, diagnostics);
    if let Some((parent, call)) = caller {
        check_own(module, call, repeated, diagnostics);
        check_passed(module, parent, call, diagnostics);
    }
    for call in module.module_calls.values() {
        let Some(child) = module.children.get(&call.name) else { continue };
        let repeated = call.repetition_span().or(repeated);
        check_module(child, Some((module, call)), repeated, diagnostics);
    }
}

/// One provider under two local names is nearly always a mistake.
fn check_duplicates(module: &Module, diagnostics: &mut Diagnostics) {
    let mut names: BTreeMap<&ProviderAddr, &Name> = BTreeMap::new();
    for required in module.required_providers.values() {
        if let Some(earlier) = names.insert(&required.source, &required.name) {
            let detail = format!(
                "Provider {} with the local name \"{}\" was previously required as \"{earlier}\". A provider can only be \
                 required once within required_providers.",
                required.source.for_display(),
                required.name
            );
            diagnostics.push(Diagnostic::warning("Duplicate required provider", detail).at(required.span));
        }
    }
    let mut reported = BTreeSet::new();
    for resource in module.resources.values().filter(|r| r.provider.span.is_none()) {
        let local = &resource.provider.key.name;
        if module.required_providers.contains_key(local) {
            continue;
        }
        let implied = ProviderAddr::implied(local);
        if let Some(required) = names.get(&implied).filter(|_| reported.insert(implied.clone())) {
            let detail = format!(
                "Provider \"{implied}\" was implicitly required via resource \"{}\", but listed in required_providers as \
                 \"{required}\". Either the local name in required_providers must match the resource name, or the \
                 \"{required}\" provider must be assigned within the resource block.",
                resource.resource
            );
            diagnostics.push(Diagnostic::warning("Duplicate required provider", detail).at(resource.span));
        }
    }
}

/// Checks the provider blocks that a child module has itself.
fn check_own(module: &Module, call: &ModuleCall, repeated: Option<Span>, diagnostics: &mut Diagnostics) {
    let mut empty: BTreeMap<&Name, Vec<&ProviderBlock>> = BTreeMap::new();
    let mut refused = false;
    for block in module.providers.values() {
        if block.is_empty() {
            empty.entry(&block.key.name).or_default().push(block);
        } else if let Some(span) = repeated.filter(|_| !refused) {
            refused = true;
            let detail = format!(
                "The module at {} is a legacy module which contains its own local provider configurations, and so calls \
                 to it may not use the count, for_each, or depends_on arguments.\n\nIf you also control the module \
                 \"{}\", consider updating this module to instead expect provider configurations to be passed by its \
                 caller.",
                module.path, call.source
            );
            let summary = "Module is incompatible with count, for_each, and depends_on";
            diagnostics.push(Diagnostic::error(summary, detail).at(span));
        }
    }
    for (name, blocks) in empty {
        diagnostics.push(redundant(module, name, &blocks));
    }
    for required in module.required_providers.values() {
        for alias in &required.aliases {
            let configured = module.providers.get(alias).is_some_and(|block| !block.is_empty());
            if !configured && !call.providers.iter().any(|passed| passed.child == *alias) {
                let detail = format!(
                    "The child module requires an additional configuration for provider {}, with the local name \
                     \"{alias}\".\n\nRefer to the module's documentation to understand the intended purpose of this \
                     additional provider configuration, and then add an entry for {alias} in the \"providers\" \
                     meta-argument in the module block to choose which provider configuration the module should use for \
                     that purpose.",
                    required.source.for_display()
                );
                let summary = "Missing required provider configuration";
                diagnostics.push(Diagnostic::error(summary, detail).at(call.span));
            }
        }
    }
}

/// Empty provider blocks in a child are what Terraform 0.12 wanted for configurations that the caller passes.
fn redundant(module: &Module, name: &Name, blocks: &[&ProviderBlock]) -> Diagnostic {
    let aliases: Vec<String> =
        blocks.iter().filter(|b| b.key.alias.is_some()).map(|b| format!("        {},\n", b.key)).collect();
    let aliases = if aliases.is_empty() {
        String::new()
    } else {
        format!("\n      configuration_aliases = [\n{}      ]", aliases.concat())
    };
    let detail = format!(
        "Earlier versions of Terraform used empty provider blocks (\"proxy provider configurations\") for child modules \
         to declare their need to be passed a provider configuration by their callers. That approach was ambiguous and \
         is now deprecated.\n\nIf you control this module, you can migrate to the new declaration syntax by removing all \
         of the empty provider \"{name}\" blocks and then adding or updating an entry like the following to the \
         required_providers block of {}:\n    {name} = {{\n      source = \"{}\"{aliases}\n    }}",
        module.path,
        module.provider_source(name).for_display()
    );
    let warning = Diagnostic::warning("Redundant empty provider block", detail);
    blocks.first().map_or(warning.clone(), |block| warning.at(block.span))
}

/// Checks what a call passes under `providers`.
fn check_passed(module: &Module, parent: &Module, call: &ModuleCall, diagnostics: &mut Diagnostics) {
    for passed in &call.providers {
        if module.providers.get(&passed.child).is_some_and(|block| !block.is_empty()) {
            let detail = format!(
                "The configuration of {} has its own local configuration for {}, and so it cannot accept an overridden \
                 configuration provided by {}.",
                module.path,
                passed.child,
                parent.display_name()
            );
            let summary = "Cannot override provider configuration";
            diagnostics.push(Diagnostic::error(summary, detail).at(passed.parent_span));
        }
        let expected = module.provider_source(&passed.child.name);
        let given = parent.provider_source(&passed.parent.name);
        if !is_declared(module, &passed.child) {
            diagnostics.push(undeclared_in_child(module, passed, &expected));
        }
        if expected != given {
            let detail = format!(
                "The local name \"{}\" in {} represents provider \"{}\", but \"{}\" in {} represents \"{}\".\n\nEach \
                 provider has its own distinct configuration schema and provider types, so this module's \"{}\" can be \
                 assigned only a configuration for {}, which is not required by {}.",
                passed.parent,
                parent.display_name(),
                given.for_display(),
                passed.child,
                module.path,
                expected.for_display(),
                passed.child,
                expected.for_display(),
                module.path
            );
            diagnostics.push(Diagnostic::error("Provider type mismatch", detail).at(passed.parent_span));
        }
        check_parent(parent, passed, &given, diagnostics);
    }
}

fn is_declared(module: &Module, key: &ProviderKey) -> bool {
    let builtin = key.alias.is_none() && is_builtin(&module.provider_source(&key.name));
    let required = module.required_providers.get(&key.name);
    let as_required = required.is_some_and(|r| key.alias.is_none() || r.aliases.contains(key));
    builtin || as_required || module.providers.contains_key(key)
}

fn is_builtin(provider: &ProviderAddr) -> bool {
    *provider == ProviderAddr::builtin_terraform()
}

fn undeclared_in_child(module: &Module, passed: &PassedProvider, expected: &ProviderAddr) -> Diagnostic {
    let child = &passed.child;
    let source = expected.for_display();
    if child.alias.is_some() && module.required_providers.contains_key(&child.name) {
        let detail = format!(
            "There is no declaration of the provider configuration {child} in {}.\n\nIf you also control the child \
             module, add {child} to configuration_aliases in its required_providers entry \"{}\".",
            module.path, child.name
        );
        return Diagnostic::error("Reference to undefined provider", detail).at(passed.child_span);
    }
    let detail = format!(
        "There is no explicit declaration for local provider name \"{child}\" in {}, so you are assumed to mean to pass a \
         configuration for \"{source}\".\n\nIf you also control the child module, add a required_providers entry named \
         \"{}\" with the source address \"{source}\".",
        module.path, child.name
    );
    Diagnostic::warning("Reference to undefined provider", detail).at(passed.child_span)
}

/// Checks that the caller has what it passes.
fn check_parent(
    parent: &Module,
    passed: &PassedProvider,
    given: &ProviderAddr,
    diagnostics: &mut Diagnostics,
) {
    let key = &passed.parent;
    let has_block = parent.providers.contains_key(key);
    let required = parent.required_providers.get(&key.name);
    if has_block || required.is_some_and(|r| key.alias.is_none() || r.aliases.contains(key)) {
        return;
    }
    if key.alias.is_some() {
        let near = parent.providers.keys().map(ToString::to_string).collect::<Vec<_>>();
        let hint = crate::suggest::sentence(&key.to_string(), near.iter().map(String::as_str));
        let detail = format!(
            "There is no provider configuration {key} in {} to pass to {}.{hint} Add a provider \"{}\" block with \
             alias = \"{}\" there, or pass one that exists.",
            parent.display_name(),
            passed.child,
            key.name,
            key.alias.as_deref().unwrap_or_default()
        );
        diagnostics.push(Diagnostic::error("Reference to undefined provider", detail).at(passed.parent_span));
    } else if !is_builtin(given) {
        let source = given.for_display();
        let detail = format!(
            "There is no explicit declaration for local provider name \"{key}\" in {}, so you are assumed to mean to pass \
             a configuration for provider \"{source}\".\n\nTo clarify your intent and silence this warning, add to {} a \
             required_providers entry named \"{key}\" with source = \"{source}\", or a different source address if \
             appropriate.",
            parent.display_name(),
            parent.display_name()
        );
        diagnostics
            .push(Diagnostic::warning("Reference to undefined provider", detail).at(passed.parent_span));
    }
}
