//! The files of a folder as one module: duplicates, override files.

use std::collections::BTreeMap;

use addrs::{Name, Resource};
use diag::{Diagnostic, Span};

use crate::cx::{Cx, insert_unique};
use crate::file::Declarations;
use crate::module_call::ModuleCallDraft;
use crate::output::OutputDraft;
use crate::resource::{self, ResourceDraft, block_type};
use crate::terraform_block::ProviderMeta;
use crate::variable::VariableDraft;
use crate::{
    Backend, Check, Import, Local, Module, Moved, ProviderBlock, ProviderKey, Removed, RequiredProvider,
    RequiredVersion,
};

/// A module on its way from files to [`Module`].
#[derive(Default)]
pub(crate) struct Assembly {
    required_versions: Vec<RequiredVersion>,
    required_providers: BTreeMap<Name, RequiredProvider>,
    required_providers_span: Option<Span>,
    provider_metas: BTreeMap<Name, ProviderMeta>,
    backend: Option<Backend>,
    backend_span: Option<Span>,
    cloud_span: Option<Span>,
    providers: BTreeMap<ProviderKey, ProviderBlock>,
    variables: BTreeMap<Name, VariableDraft>,
    locals: BTreeMap<Name, Local>,
    outputs: BTreeMap<Name, OutputDraft>,
    module_calls: BTreeMap<Name, ModuleCallDraft>,
    resources: BTreeMap<Resource, ResourceDraft>,
    moved: Vec<Moved>,
    imports: Vec<Import>,
    removed: Vec<Removed>,
    checks: BTreeMap<Name, Check>,
}

impl Assembly {
    /// Adds what a primary file declares; a name may be declared once.
    pub fn add(&mut self, file: Declarations, cx: &mut Cx<'_>) {
        self.required_versions.extend(file.required_versions);
        for block in file.required_providers {
            if let Some(earlier) = self.required_providers_span {
                let detail = format!(
                    "A module may have only one required providers configuration. The required providers were \
                     previously configured at {}.",
                    cx.place(earlier)
                );
                cx.push(
                    Diagnostic::error("Duplicate required providers configuration", detail).at(block.span),
                );
                continue;
            }
            self.required_providers_span = Some(block.span);
            self.required_providers = block.entries;
        }
        self.add_backends(file.backend, &file.backend_spans, &file.cloud_spans, cx);
        self.add_provider_metas(file.provider_metas, cx);
        for provider in file.providers {
            let key = provider.key.clone();
            let place = |old: &ProviderBlock, new: &ProviderBlock| duplicate_provider(old, new, cx);
            report(insert_unique(&mut self.providers, key, provider, place), cx);
        }
        for variable in file.variables {
            let place = |old: &VariableDraft, new: &VariableDraft| {
                Duplicate {
                    kind: "variable declaration",
                    article: "A variable",
                    name: &new.name,
                    verb: "declared",
                }
                .at(old.span, new.span, "Variable names must be unique within a module.", cx)
            };
            report(insert_unique(&mut self.variables, variable.name.clone(), variable, place), cx);
        }
        for local in file.locals {
            let place = |old: &Local, new: &Local| {
                Duplicate {
                    kind: "local value definition",
                    article: "A local value",
                    name: &new.name,
                    verb: "defined",
                }
                .at(
                    old.span,
                    new.span,
                    "Local value names must be unique within a module.",
                    cx,
                )
            };
            report(insert_unique(&mut self.locals, local.name.clone(), local, place), cx);
        }
        for output in file.outputs {
            let place = |old: &OutputDraft, new: &OutputDraft| {
                Duplicate {
                    kind: "output definition",
                    article: "An output",
                    name: &new.name,
                    verb: "defined",
                }
                .at(old.span, new.span, "Output names must be unique within a module.", cx)
            };
            report(insert_unique(&mut self.outputs, output.name.clone(), output, place), cx);
        }
        for call in file.module_calls {
            let place = |old: &ModuleCallDraft, new: &ModuleCallDraft| {
                Duplicate { kind: "module call", article: "A module call", name: &new.name, verb: "defined" }
                    .at(old.span, new.span, "Module calls must have unique names within a module.", cx)
            };
            report(insert_unique(&mut self.module_calls, call.name.clone(), call, place), cx);
        }
        for draft in file.resources {
            let place = |old: &ResourceDraft, new: &ResourceDraft| duplicate_resource(old, new, cx);
            report(insert_unique(&mut self.resources, draft.resource.clone(), draft, place), cx);
        }
        for check in file.checks {
            let place = |old: &Check, new: &Check| {
                let detail = format!(
                    "A check block named \"{}\" was already declared at {}. Check blocks must be unique within each \
                     module.",
                    new.name,
                    cx.place(old.span)
                );
                Diagnostic::error(format!("Duplicate check \"{}\" configuration", new.name), detail)
                    .at(new.span)
            };
            report(insert_unique(&mut self.checks, check.name.clone(), check, place), cx);
        }
        self.moved.extend(file.moved);
        self.imports.extend(file.imports);
        self.removed.extend(file.removed);
    }

    fn add_backends(
        &mut self,
        backend: Option<Backend>,
        backend_spans: &[Span],
        cloud_spans: &[Span],
        cx: &mut Cx<'_>,
    ) {
        for span in backend_spans {
            if let Some(earlier) = self.backend_span {
                let detail = format!(
                    "A module may have only one backend configuration. The backend was previously configured at {}.",
                    cx.place(earlier)
                );
                cx.push(Diagnostic::error("Duplicate backend configuration", detail).at(*span));
            } else {
                self.backend_span = Some(*span);
            }
        }
        self.backend = self.backend.take().or(backend);
        self.cloud_span = self.cloud_span.or(cloud_spans.first().copied());
    }

    fn add_provider_metas(&mut self, metas: Vec<ProviderMeta>, cx: &mut Cx<'_>) {
        for meta in metas {
            let place = |old: &ProviderMeta, new: &ProviderMeta| {
                let detail = format!(
                    "A provider_meta block for provider \"{}\" was already declared at {}. Providers may only have one \
                     provider_meta block per module.",
                    new.provider,
                    cx.place(old.span)
                );
                Diagnostic::error("Duplicate provider_meta block", detail).at(new.span)
            };
            report(insert_unique(&mut self.provider_metas, meta.provider.clone(), meta, place), cx);
        }
    }

    /// Merges what an override file declares into what primary files have declared.
    pub fn override_with(&mut self, file: Declarations, cx: &mut Cx<'_>) {
        if !file.required_versions.is_empty() {
            self.required_versions = file.required_versions;
        }
        for block in file.required_providers {
            self.required_providers.extend(block.entries);
        }
        if file.backend.is_some() {
            self.backend = file.backend;
        }
        for provider in file.providers {
            match self.providers.get_mut(&provider.key) {
                Some(base) => base.merge(provider),
                // An override file may also configure a provider that has no block elsewhere.
                None => {
                    self.providers.insert(provider.key.clone(), provider);
                }
            }
        }
        for variable in file.variables {
            match self.variables.get_mut(&variable.name) {
                Some(base) => base.merge(variable),
                None => cx.push(
                    missing_base("base variable declaration", "variable", &variable.name)
                        .detail("An override file can only override a variable that was already declared in a primary \
                                 configuration file.")
                        .at(variable.span),
                ),
            }
        }
        for local in file.locals {
            match self.locals.get_mut(&local.name) {
                Some(base) => *base = local,
                None => cx.push(
                    missing_base("base local value definition", "local value", &local.name)
                        .detail("An override file can only override a local value that was already defined in a primary \
                                 configuration file.")
                        .at(local.span),
                ),
            }
        }
        for output in file.outputs {
            match self.outputs.get_mut(&output.name) {
                Some(base) => base.merge(output, cx),
                None => cx.push(
                    missing_base("base output definition", "output", &output.name)
                        .detail("An override file can only override an output that was already defined in a primary \
                                 configuration file.")
                        .at(output.span),
                ),
            }
        }
        for call in file.module_calls {
            match self.module_calls.get_mut(&call.name) {
                Some(base) => base.merge(call, cx),
                None => cx.push(
                    missing_base("module call", "module call", &call.name)
                        .detail(
                            "An override file can only override a module call that was defined in a primary \
                                 configuration file.",
                        )
                        .at(call.span),
                ),
            }
        }
        for draft in file.resources {
            match self.resources.get_mut(&draft.resource) {
                Some(base) => base.merge(draft, cx),
                None => cx.push(missing_resource(&draft)),
            }
        }
    }

    pub fn finish(self, cx: &mut Cx<'_>) -> Module {
        Module {
            variables: self.variables.into_iter().map(|(name, draft)| (name, draft.finish(cx))).collect(),
            locals: self.locals,
            outputs: self.outputs.into_iter().map(|(name, draft)| (name, draft.finish())).collect(),
            resources: self.resources.into_iter().map(|(key, draft)| (key, draft.finish())).collect(),
            module_calls: self.module_calls.into_iter().map(|(name, draft)| (name, draft.finish())).collect(),
            providers: self.providers,
            required_providers: self.required_providers,
            required_versions: self.required_versions,
            backend: self.backend,
            moved: self.moved,
            imports: self.imports,
            removed: self.removed,
            checks: self.checks,
            ..Module::default()
        }
    }
}

fn report(result: Result<(), Diagnostic>, cx: &mut Cx<'_>) {
    if let Err(duplicate) = result {
        cx.push(duplicate);
    }
}

/// The words of a message about a second declaration.
struct Duplicate<'a> {
    kind: &'a str,
    article: &'a str,
    name: &'a str,
    verb: &'a str,
}

impl Duplicate<'_> {
    fn at(&self, old: Span, new: Span, rule: &str, cx: &Cx<'_>) -> Diagnostic {
        let Self { kind, article, name, verb } = self;
        let detail = format!("{article} named \"{name}\" was already {verb} at {}. {rule}", cx.place(old));
        Diagnostic::error(format!("Duplicate {kind}"), detail).at(new)
    }
}

fn duplicate_provider(old: &ProviderBlock, new: &ProviderBlock, cx: &Cx<'_>) -> Diagnostic {
    let place = cx.place(old.span);
    let name = &new.key.name;
    let detail = match &new.key.alias {
        None => format!(
            "A default (non-aliased) provider configuration for \"{name}\" was already given at {place}. If multiple \
             configurations are required, set the \"alias\" argument for alternative configurations."
        ),
        Some(alias) => format!(
            "A provider configuration for \"{name}\" with alias \"{alias}\" was already given at {place}. Each \
             configuration for the same provider must have a distinct alias."
        ),
    };
    Diagnostic::error("Duplicate provider configuration", detail).at(new.span)
}

fn duplicate_resource(old: &ResourceDraft, new: &ResourceDraft, cx: &Cx<'_>) -> Diagnostic {
    let Resource { mode, ty, name } = &new.resource;
    let summary = format!("Duplicate {} \"{ty}\" configuration", block_type(*mode));
    let detail = format!(
        "A {ty} {} named \"{name}\" was already declared at {}. Resource names must be unique per type in each module.",
        resource::kind(*mode),
        cx.place(old.span)
    );
    Diagnostic::error(summary, detail).at(new.span)
}

fn missing_resource(draft: &ResourceDraft) -> Diagnostic {
    let Resource { mode, ty, name } = &draft.resource;
    let detail = format!(
        "There is no {ty} {} named \"{name}\". An override file can only override a {} block defined in a primary \
         configuration file.",
        resource::kind(*mode),
        block_type(*mode)
    );
    Diagnostic::error(format!("Missing {} to override", resource::kind(*mode)), detail).at(draft.span)
}

/// The summary of a message about an override of nothing, and the first half of its detail.
struct MissingBase {
    summary: String,
    detail: String,
}

fn missing_base(what: &str, kind: &str, name: &str) -> MissingBase {
    MissingBase {
        summary: format!("Missing {what} to override"),
        detail: format!("There is no {kind} named \"{name}\"."),
    }
}

impl MissingBase {
    fn detail(self, rule: &str) -> Diagnostic {
        Diagnostic::error(self.summary, format!("{} {rule}", self.detail))
    }
}
