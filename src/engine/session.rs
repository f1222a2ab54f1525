//! What plan, apply, import and the console have in common: evaluating values, configuring providers, opening
//! ephemeral resources.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use addrs::{InstanceKey, ModuleInstance, Name};
use config::Variable;
use diag::{Diagnostic, Diagnostics};
use lang::{decode_block, evaluate};
use provider::{ConfigureRequest, Configured};
use state::{CheckKind, State};
use value::Value;

use crate::Operation;
use crate::calls::Calls;
use crate::checks::CheckLog;
use crate::ephemerals::Ephemerals;
use crate::eval::{
    Conditions, Expansion, IsRoot, ModuleTable, Surroundings, Tables, evaluate_output, evaluate_variable,
};
use crate::program::{ModuleId, Program, ProviderId};

/// One run over a configuration.
pub(crate) struct Session {
    pub operation: Operation,
    pub surroundings: Surroundings,
    pub calls: Calls,
    pub checks: Mutex<CheckLog>,
    pub ephemerals: Ephemerals,
    /// Where module instances come from.
    pub expansions: Expansions,
    configured: Vec<OnceLock<Arc<dyn Configured>>>,
}

/// Where the instances of module calls come from.
pub(crate) enum Expansions {
    /// `count` and `for_each`.
    Evaluated,
    /// The module instances that the state has: to destroy what is there, whatever the configuration now says.
    Stored(Box<StoredModules>),
}

/// Instances of child modules by the calling instance and the call.
#[derive(Default)]
pub(crate) struct StoredModules(BTreeSet<(ModuleInstance, Name, InstanceKey)>);

impl StoredModules {
    pub fn of(state: &State) -> Self {
        let mut found = BTreeSet::new();
        for address in state.resources.keys() {
            let mut at = address.module.clone();
            while let Some((parent, step)) = at.parent() {
                let new = found.insert((parent.clone(), step.name.clone(), step.key.clone()));
                if !new {
                    break;
                }
                at = parent;
            }
        }
        Self(found)
    }

    fn keys(&self, parent: &ModuleInstance, name: &Name) -> Vec<InstanceKey> {
        let from = (parent.clone(), name.clone(), InstanceKey::None);
        self.0
            .range(from..)
            .take_while(|(p, n, _)| p == parent && n == name)
            .map(|(_, _, key)| key.clone())
            .collect()
    }
}

impl Session {
    pub fn new(operation: Operation, program: Program, phase: Phase, expansions: Expansions) -> Self {
        let configured = program.providers.iter().map(|_| OnceLock::new()).collect();
        let tables = Tables::new(&program);
        let checks = CheckLog::of(&program);
        Self {
            surroundings: Surroundings {
                program,
                tables,
                dirs: operation.dirs.clone(),
                workspace: operation.workspace.clone(),
                applying: phase == Phase::Apply,
            },
            calls: Calls::new(operation.parallelism),
            checks: Mutex::new(checks),
            ephemerals: Ephemerals::default(),
            expansions,
            configured,
            operation,
        }
    }

    pub fn program(&self) -> &Program {
        &self.surroundings.program
    }

    pub fn tables(&self) -> &Tables {
        &self.surroundings.tables
    }

    pub fn checks(&self) -> MutexGuard<'_, CheckLog> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn expand(&self, module: ModuleId) -> Diagnostics {
        let child = self.program().module(module);
        let Some((parent, call)) = child.parent.zip(child.call.as_ref()) else { return Diagnostics::new() };
        let mut diagnostics = Diagnostics::new();
        for table in self.tables().instances(parent) {
            let expansion = match &self.expansions {
                Expansions::Evaluated => {
                    let scope = self.surroundings.scope(&table);
                    match Expansion::evaluate(call.count.as_ref(), call.for_each.as_ref(), &scope) {
                        Ok((expansion, findings)) => {
                            diagnostics.extend(findings);
                            expansion
                        }
                        Err(errors) => {
                            diagnostics.extend(errors.with_address(&child.path));
                            continue;
                        }
                    }
                }
                Expansions::Stored(stored) => {
                    let keys = stored.keys(&table.address, &call.name);
                    Expansion::of_keys(&keys, call.count.is_some(), call.for_each.is_some())
                }
            };
            self.tables().expand(self.program(), &table, child, expansion);
        }
        diagnostics
    }

    pub fn variable(&self, module: ModuleId, at: u32) -> Diagnostics {
        let info = self.program().module(module);
        let variable = info.variables.get(at);
        if !variable.validations.is_empty() {
            self.checks().expanded(CheckKind::Variable, &info.path, &format!("var.{}", variable.name));
        }
        let mut diagnostics = Diagnostics::new();
        for table in self.tables().instances(module) {
            let given = self.operation.variables.values.get(&variable.name);
            let (value, findings) = evaluate_variable(&self.surroundings, info, variable, &table, given);
            let failed = findings.has_errors();
            diagnostics.extend(findings);
            let _ = table.variables[at as usize].set(value);
            if !failed && !variable.validations.is_empty() {
                let scope = self.surroundings.scope(&table);
                let (verdict, findings) = Conditions::Validation.evaluate(&variable.validations, &scope);
                diagnostics
                    .extend(findings.into_iter().map(|finding| self.about_variable(finding, variable)));
                let name = format!("var.{}", variable.name);
                self.checks().record(CheckKind::Variable, &info.path, &name, &table.address, &name, verdict);
            }
        }
        diagnostics
    }

    /// A failed validation is shown at the variable, and says where the rule is.
    fn about_variable(&self, mut finding: Diagnostic, variable: &Variable) -> Diagnostic {
        let place = finding.subject.filter(|_| finding.is_error());
        if let Some((file, start, end)) = place.and_then(|span| self.program().config.sources.locate(span)) {
            finding.detail = format!(
                "{}\n\nThis was checked by the validation rule at {}:{},{}-{}.",
                finding.detail, file.name, start.line, start.column, end.column
            );
            finding.subject = Some(variable.span);
        }
        finding
    }

    pub fn local(&self, module: ModuleId, at: u32) -> Diagnostics {
        let local = self.program().module(module).locals.get(at);
        let mut diagnostics = Diagnostics::new();
        for table in self.tables().instances(module) {
            let (value, findings) = evaluate(&local.expr, &self.surroundings.scope(&table));
            diagnostics.extend(findings);
            let _ = table.locals[at as usize].set(value);
        }
        diagnostics
    }

    pub fn output(&self, module: ModuleId, at: u32) -> Diagnostics {
        let info = self.program().module(module);
        let output = info.outputs.get(at);
        if !output.preconditions.is_empty() {
            self.checks().expanded(CheckKind::Output, &info.path, &format!("output.{}", output.name));
        }
        let is_root = if info.parent.is_none() { IsRoot::Yes } else { IsRoot::No };
        let mut diagnostics = Diagnostics::new();
        for table in self.tables().instances(module) {
            let scope = self.surroundings.scope(&table);
            if !output.preconditions.is_empty() {
                let (verdict, findings) =
                    Conditions::OutputPrecondition.evaluate(&output.preconditions, &scope);
                let failed = findings.has_errors();
                diagnostics.extend(findings);
                let name = format!("output.{}", output.name);
                self.checks().record(CheckKind::Output, &info.path, &name, &table.address, &name, verdict);
                if failed {
                    continue;
                }
            }
            let (value, findings) = evaluate_output(output, &scope, is_root);
            diagnostics.extend(findings);
            let _ = table.outputs[at as usize].set(value);
        }
        diagnostics
    }

    /// The assertions of a check block. They never fail the vertex.
    pub fn check(&self, module: ModuleId, at: u32) -> Diagnostics {
        let info = self.program().module(module);
        let check = info.checks.get(at);
        let mut diagnostics = Diagnostics::new();
        let name = format!("check.{}", check.name);
        self.checks().expanded(CheckKind::Check, &info.path, &name);
        for table in self.tables().instances(module) {
            // Where its data could not be read, that is what there is to say.
            if self.checks().has_failed(CheckKind::Check, &info.path, &name, &table.address, &name) {
                continue;
            }
            let scope = self.surroundings.scope(&table);
            let (verdict, findings) = Conditions::Assertion.evaluate(&check.asserts, &scope);
            diagnostics.extend(findings);
            self.checks().record(CheckKind::Check, &info.path, &name, &table.address, &name, verdict);
        }
        diagnostics
    }

    /// Evaluates the provider's block and configures it.
    pub async fn configure(&self, id: ProviderId) -> Diagnostics {
        let info = self.program().provider(id);
        let (Some(provider), Some(schema)) = (&info.provider, &info.schema) else {
            // Reported when the program was built.
            return Diagnostics::new();
        };
        let (config, mut diagnostics) = match self.provider_config(id) {
            Ok(decoded) => decoded,
            Err(error) => return error.into(),
        };
        diagnostics.extend(schema.provider.block.validate_config(&config));
        if diagnostics.has_errors() {
            return self.explain_missing_block(id, diagnostics).with_address(&info.address);
        }
        let config = config.unmark_deep();
        diagnostics.extend(provider.validate_provider(&config));
        if diagnostics.has_errors() {
            return diagnostics.with_address(&info.address);
        }
        let request = ConfigureRequest {
            config,
            environment: self.operation.environment.clone(),
            version: self.operation.version.clone(),
        };
        let call = Arc::clone(provider);
        match self.calls.make(&info.address.provider, async move { call.configure(request).await }).await {
            Ok((configured, findings)) => {
                diagnostics.extend(findings);
                if let Some(configured) = configured {
                    let _ = self.configured[id.0 as usize].set(configured);
                }
            }
            Err(crash) => diagnostics.push(crash),
        }
        diagnostics.with_address(&info.address)
    }

    fn provider_config(&self, id: ProviderId) -> Result<(Value, Diagnostics), Diagnostic> {
        let info = self.program().provider(id);
        let Some(schema) = &info.schema else { return Ok((Value::dynamic(), Diagnostics::new())) };
        match (&info.block, info.module) {
            (Some(block), Some(module)) => {
                let instances = self.tables().instances(module);
                let Some(table) = instances.first() else {
                    return Ok((schema.provider.block.empty_value(), Diagnostics::new()));
                };
                let scope = self.surroundings.scope(table);
                Ok(decode_block(&block.body, &schema.provider.block, &scope))
            }
            _ if info.address.alias.is_some()
                || (info.module.is_none() && !info.address.module.is_root()) =>
            {
                let resource =
                    info.only_in_state.as_ref().map_or_else(|| "a resource".to_owned(), ToString::to_string);
                Err(Diagnostic::error(
                    "Provider configuration not present",
                    format!(
                        "To work with {resource} (orphan) its original provider configuration at {} is required, but it has been removed. This occurs when a provider configuration is removed while objects created by that provider still exist in the state. Re-add the provider configuration to destroy {resource}, after which you can remove the provider configuration again.",
                        info.address
                    ),
                ))
            }
            _ => Ok((schema.provider.block.empty_value(), Diagnostics::new())),
        }
    }

    fn explain_missing_block(&self, id: ProviderId, diagnostics: Diagnostics) -> Diagnostics {
        let info = self.program().provider(id);
        if info.block.is_some() {
            return diagnostics;
        }
        let mut explained = Diagnostics::from(Diagnostic::error(
            "Invalid provider configuration",
            format!(
                "Provider \"{}\" requires explicit configuration. Add a provider block to the root module and configure the provider's required arguments as described in the provider documentation.",
                info.address.provider.for_display()
            ),
        ));
        explained.extend(diagnostics);
        explained
    }

    /// The configured provider; an error for the rare case that configuring gave none without saying why.
    pub fn configured(&self, id: ProviderId) -> Result<Arc<dyn Configured>, Diagnostic> {
        self.configured[id.0 as usize].get().cloned().ok_or_else(|| {
            Diagnostic::error(
                "Provider not configured",
                format!("The provider configuration {} is not usable.", self.program().provider(id).address),
            )
        })
    }

    /// Asks every configured provider to end its calls soon.
    pub async fn stop(&self) {
        self.operation.hooks.stopping();
        let providers: Vec<_> = self.configured.iter().filter_map(|slot| slot.get().cloned()).collect();
        futures::future::join_all(providers.iter().map(|provider| provider.stop())).await;
    }

    /// The table of an instance's module.
    pub fn table(&self, module: &ModuleInstance) -> Option<Arc<ModuleTable>> {
        self.tables().get(module)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Plan,
    Apply,
}
