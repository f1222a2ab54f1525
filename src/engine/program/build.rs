use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use addrs::{AbsProviderConfig, ConfigResource, Mode, ModulePath, Name};
use config::{Config, Module, ModuleCall};
use diag::{Diagnostic, Diagnostics, Span};
use lang::CallContext;
use provider::{ProviderSchema, Schema};
use state::State;
use value::Str;

use super::functions::provider_functions;
use super::{
    ModuleId, ModuleInfo, Named, Program, ProviderId, ProviderInfo, ResourceId, ResourceInfo, TypeSchema,
};
use crate::{Operation, Providers};

/// The times that functions may see.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// `timestamp()`; `None` while planning.
    pub now: Option<SystemTime>,
    pub plan: Option<SystemTime>,
}

/// A module that is not numbered yet, its parent, and the call that leads to it.
type Pending = (Arc<Module>, Option<ModuleId>, Option<Arc<ModuleCall>>);

struct Builder<'a> {
    operation: &'a Operation,
    times: Times,
    modules: Vec<ModuleInfo>,
    module_ids: HashMap<ModulePath, ModuleId>,
    resources: Vec<ResourceInfo>,
    resource_ids: HashMap<ConfigResource, ResourceId>,
    providers: Vec<ProviderInfo>,
    provider_ids: HashMap<AbsProviderConfig, ProviderId>,
    schemas: HashMap<(ProviderId, Mode, Name), Option<Arc<TypeSchema>>>,
    diagnostics: Diagnostics,
}

impl Program {
    /// Indexes the configuration and whatever else the state names.
    pub fn build(operation: &Operation, state: &State, times: Times) -> (Self, Diagnostics) {
        let config = Arc::clone(&operation.config);
        let mut builder = Builder {
            operation,
            times,
            modules: Vec::new(),
            module_ids: HashMap::new(),
            resources: Vec::new(),
            resource_ids: HashMap::new(),
            providers: Vec::new(),
            provider_ids: HashMap::new(),
            schemas: HashMap::new(),
            diagnostics: Diagnostics::new(),
        };
        builder.modules(&config);
        builder.config_providers();
        builder.config_resources(&config);
        builder.import_targets(&config);
        builder.state_resources(&config, state);
        let program = Self {
            config,
            modules: builder.modules,
            resources: builder.resources,
            providers: builder.providers,
            resource_ids: builder.resource_ids,
            provider_ids: builder.provider_ids,
        };
        (program, builder.diagnostics)
    }
}

impl Builder<'_> {
    /// Numbers the modules, parents first.
    fn modules(&mut self, config: &Config) {
        let mut pending: VecDeque<Pending> = [(Arc::clone(&config.root), None, None)].into();
        while let Some((module, parent, call)) = pending.pop_front() {
            let id = ModuleId(count(self.modules.len()));
            for (name, child) in &module.children {
                if let Some(call) = module.module_calls.get(name) {
                    pending.push_back((Arc::clone(child), Some(id), Some(Arc::new(call.clone()))));
                }
            }
            if let (Some(parent), Some((_, name))) = (parent, module.path.parent()) {
                self.modules[parent.0 as usize].children.insert(name.clone(), id);
            }
            self.module_ids.insert(module.path.clone(), id);
            let info = self.module_info(id, module, parent, call);
            self.modules.push(info);
        }
    }

    fn module_info(
        &mut self,
        id: ModuleId,
        module: Arc<Module>,
        parent: Option<ModuleId>,
        call: Option<Arc<ModuleCall>>,
    ) -> ModuleInfo {
        let arguments = call.as_ref().map_or_else(HashMap::new, |call| {
            let (attributes, diagnostics) = call.body.just_attributes();
            self.diagnostics.extend(diagnostics);
            attributes.into_iter().map(|a| (a.name.name, a.expr)).collect()
        });
        ModuleInfo {
            id,
            path: module.path.clone(),
            parent,
            call,
            arguments,
            variables: Named::new(module.variables.iter().map(|(n, v)| (n, Arc::new(v.clone())))),
            locals: Named::new(module.locals.iter().map(|(n, v)| (n, Arc::new(v.clone())))),
            outputs: Named::new(module.outputs.iter().map(|(n, v)| (n, Arc::new(v.clone())))),
            checks: Named::new(module.checks.iter().map(|(n, v)| (n, Arc::new(v.clone())))),
            children: HashMap::new(),
            resources: HashMap::new(),
            slots: 0,
            context: Arc::new(self.context(&module)),
            config: module,
        }
    }

    fn context(&self, module: &Module) -> CallContext {
        CallContext {
            base_dir: self.operation.environment.working_dir.clone(),
            home: self.operation.environment.home.clone(),
            now: self.times.now,
            plan_time: self.times.plan,
            provider_functions: Arc::new(provider_functions(self.operation, module)),
            in_template: false,
        }
    }

    /// Provider configurations that the configuration declares, used or not.
    fn config_providers(&mut self) {
        let config = Arc::clone(&self.operation.config);
        let mut named: BTreeMap<&AbsProviderConfig, &ConfigResource> = BTreeMap::new();
        for (resource, provider) in &config.providers.resources {
            named.entry(provider).or_insert(resource);
        }
        for (address, resource) in named {
            let module = self.module_ids.get(&resource.module).map(|id| &self.modules[id.0 as usize].config);
            let span = module.and_then(|module| Some(module.resources.get(&resource.resource)?.span));
            self.provider(address, Needed::InConfig(resource, span));
        }
    }

    fn config_resources(&mut self, config: &Config) {
        for at in 0..self.modules.len() {
            let module = Arc::clone(&self.modules[at].config);
            for (resource, block) in &module.resources {
                let address = ConfigResource { module: module.path.clone(), resource: resource.clone() };
                let Some(provider) = config.providers.resources.get(&address) else { continue };
                let provider = self.provider(provider, Needed::Otherwise);
                let schema = self.schema(provider, &address);
                if schema.is_none() {
                    self.unknown_type(provider, &address, block.span);
                }
                let slot = self.modules[at].slots;
                self.modules[at].slots += 1;
                let id = self.add(ResourceInfo {
                    address,
                    module: Some(self.modules[at].id),
                    config: Some(Arc::new(block.clone())),
                    slot,
                    provider,
                    schema,
                });
                self.modules[at].resources.insert(resource.clone(), id);
            }
        }
    }

    /// Resources that only import blocks name.
    fn import_targets(&mut self, config: &Config) {
        for address in config.root.imports.iter().map(|import| import.target.clone()) {
            if self.resource_ids.contains_key(&address) {
                continue;
            }
            let name = Name::from(address.resource.implied_provider());
            let key = config::ProviderKey { name: name.clone(), alias: None };
            let implied = AbsProviderConfig {
                module: ModulePath::root(),
                provider: addrs::ProviderAddr::implied(&name),
                alias: None,
            };
            let known = config.providers.local_names.get(&(ModulePath::root(), key));
            let provider = self.provider(known.unwrap_or(&implied), Needed::Otherwise);
            let schema = self.schema(provider, &address);
            let module = self.module_ids.get(&address.module).copied();
            self.add(ResourceInfo { address, module, config: None, slot: 0, provider, schema });
        }
    }

    /// Resources that only the state has.
    fn state_resources(&mut self, config: &Config, state: &State) {
        for (address, resource) in &state.resources {
            let address = address.config();
            if self.resource_ids.contains_key(&address) {
                continue;
            }
            let provider = config.providers.resources.get(&address).unwrap_or(&resource.provider);
            let provider = self.provider(provider, Needed::InState(&address));
            let schema = self.schema(provider, &address);
            let module = self.module_ids.get(&address.module).copied();
            self.add(ResourceInfo { address, module, config: None, slot: 0, provider, schema });
        }
    }

    fn add(&mut self, info: ResourceInfo) -> ResourceId {
        let id = ResourceId(count(self.resources.len()));
        self.resource_ids.insert(info.address.clone(), id);
        self.resources.push(info);
        id
    }

    fn provider(&mut self, address: &AbsProviderConfig, needed: Needed<'_>) -> ProviderId {
        if let Some(id) = self.provider_ids.get(address) {
            return *id;
        }
        let provider = self.operation.providers.get(&address.provider).cloned();
        if provider.is_none() {
            let missing = missing_provider(address, needed, &self.operation.providers);
            self.diagnostics.push(missing);
        }
        let module = self.module_ids.get(&address.module).copied();
        let block = module.and_then(|id| self.block(id, address));
        let id = ProviderId(count(self.providers.len()));
        self.provider_ids.insert(address.clone(), id);
        self.providers.push(ProviderInfo {
            address: address.clone(),
            schema: provider.as_ref().map(|provider| provider.schema()),
            provider,
            block,
            module,
            only_in_state: match needed {
                Needed::InState(resource) => Some(resource.clone()),
                Needed::InConfig(..) | Needed::Otherwise => None,
            },
        });
        id
    }

    fn block(&self, id: ModuleId, address: &AbsProviderConfig) -> Option<Arc<config::ProviderBlock>> {
        let module = &self.modules[id.0 as usize].config;
        let local_names = &self.operation.config.providers.local_names;
        module.providers.iter().find_map(|(key, block)| {
            let named = local_names.get(&(module.path.clone(), key.clone())).map_or_else(
                || {
                    module
                        .required_providers
                        .get(&key.name)
                        .map_or_else(|| addrs::ProviderAddr::implied(&key.name), |r| r.source.clone())
                        == address.provider
                        && key.alias == address.alias
                },
                |known| known == address,
            );
            named.then(|| Arc::new(block.clone()))
        })
    }

    fn schema(&mut self, provider: ProviderId, address: &ConfigResource) -> Option<Arc<TypeSchema>> {
        let key = (provider, address.resource.mode, address.resource.ty.clone());
        if let Some(schema) = self.schemas.get(&key) {
            return schema.clone();
        }
        let schema = self.providers[provider.0 as usize]
            .schema
            .as_ref()
            .and_then(|schema| types(schema, address.resource.mode).get(&address.resource.ty))
            .map(|schema| Arc::new(TypeSchema::new(schema)));
        self.schemas.insert(key, schema.clone());
        schema
    }

    fn unknown_type(&mut self, provider: ProviderId, address: &ConfigResource, span: diag::Span) {
        let info = &self.providers[provider.0 as usize];
        let Some(schema) = &info.schema else { return };
        let kind = match address.resource.mode {
            Mode::Managed => "resource type",
            Mode::Data => "data source",
            Mode::Ephemeral => "ephemeral resource type",
        };
        let ty = &address.resource.ty;
        let suggestion = nearest(ty, types(schema, address.resource.mode).keys().map(Str::as_str))
            .map(|near| format!(" Did you mean \"{near}\"?"))
            .unwrap_or_default();
        self.diagnostics.push(
            Diagnostic::error(
                format!("Invalid {kind}"),
                format!(
                    "The provider {} does not support {kind} \"{ty}\".{suggestion}",
                    info.address.provider.for_display()
                ),
            )
            .at(span)
            .address(address),
        );
    }
}

impl TypeSchema {
    fn new(schema: &Schema) -> Self {
        Self {
            ty: schema.block.implied_type(),
            holds_sensitive: schema.block.holds_sensitive(),
            schema: schema.clone(),
        }
    }
}

/// The name nearest to a misspelt one, if any is near.
pub(crate) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, _)| *distance <= 3 && *distance < given.chars().count())
        .min()
        .map(|(_, name)| name)
}

fn types(schema: &ProviderSchema, mode: Mode) -> &BTreeMap<Str, Schema> {
    match mode {
        Mode::Managed => &schema.resources,
        Mode::Data => &schema.data_sources,
        Mode::Ephemeral => &schema.ephemerals,
    }
}

/// What a provider is needed for.
#[derive(Clone, Copy)]
enum Needed<'a> {
    /// By a resource block, which lies there.
    InConfig(&'a ConfigResource, Option<Span>),
    /// By an object that only the state has.
    InState(&'a ConfigResource),
    Otherwise,
}

fn missing_provider(address: &AbsProviderConfig, needed: Needed<'_>, known: &Providers) -> Diagnostic {
    let display = address.provider.for_display();
    let (why, span) = match needed {
        Needed::InConfig(resource, span) => (format!(", which {resource} needs."), span),
        Needed::InState(resource) => (
            format!(
                ". {resource} is in the state and was created by it; without the provider it can neither be read nor destroyed."
            ),
            None,
        ),
        Needed::Otherwise => (".".to_owned(), None),
    };
    let names = known.iter().map(|(address, _)| address.for_display());
    let near =
        names.map(|name| (strsim::levenshtein(&display, &name), name)).filter(|(edits, _)| *edits < 3).min();
    let hint = near.map(|(_, name)| format!(" Did you mean {name}?")).unwrap_or_default();
    Diagnostic::error(
        "Missing required provider",
        format!(
            "This build has no provider {display}{why}{hint} Run \"groma providers\" to see what the configuration requires."
        ),
    )
    .or_at(span)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
