//! What planning and applying an instance have in common: its configuration, and the provider's answer to it.

use std::sync::Arc;

use addrs::AbsResourceInstance;
use config::ResourceConfig;
use diag::{Diagnostic, Diagnostics};
use lang::decode_block;
use provider::{PlanRequest, PlanResponse, assert_plan_valid, proposed_new};
use value::{Path, Str, Value};

use crate::eval::{ModuleTable, Repetition, ephemeral_outside_write_only};
use crate::program::{ProviderInfo, ResourceInfo, TypeSchema};
use crate::session::Session;

/// One resource instance and what surrounds it.
pub(crate) struct Subject<'a> {
    pub session: &'a Session,
    pub info: &'a ResourceInfo,
    pub schema: &'a TypeSchema,
    pub address: &'a AbsResourceInstance,
}

impl Subject<'_> {
    pub fn provider(&self) -> &ProviderInfo {
        self.session.program().provider(self.info.provider)
    }

    /// Decodes and checks the block; the value keeps its marks.
    pub fn config(
        &self,
        block: &ResourceConfig,
        table: &ModuleTable,
        repetition: &Repetition,
    ) -> (Option<Value>, Diagnostics) {
        let scope = self.session.surroundings.scope(table).with_repetition(repetition);
        let (config, mut diagnostics) = decode_block(&block.body, &self.schema.schema.block, &scope);
        if diagnostics.has_errors() {
            return (None, diagnostics.with_address(self.address));
        }
        if let Some(path) = ephemeral_outside_write_only(&self.schema.schema.block, &config) {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid use of ephemeral value",
                    "Ephemeral values are not valid for this argument, because it is not a write-only attribute and must be persisted between groma operations.",
                )
                .at(block.span)
                .attribute(provider::diagnostic_path(&path)),
            );
        }
        diagnostics.extend(self.validate(&config.unmark_deep()));
        let usable = !diagnostics.has_errors();
        (usable.then_some(config), diagnostics.with_address(self.address))
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let Some(provider) = &self.provider().provider else { return Diagnostics::new() };
        let ty = &self.address.resource.ty;
        match self.info.mode() {
            addrs::Mode::Managed => provider.validate_resource(ty, config),
            addrs::Mode::Data => provider.validate_data(ty, config),
            addrs::Mode::Ephemeral => Diagnostics::new(),
        }
    }

    /// Asks the provider what a change to this configuration would result in, and checks the answer. All values
    /// without marks; `prior` is null for a creation.
    pub async fn plan(
        &self,
        prior: &Value,
        config: &Value,
        private: &[u8],
    ) -> Result<PlanResponse, Diagnostics> {
        let block = &self.schema.schema.block;
        let request = PlanRequest {
            type_name: self.type_name(),
            prior: prior.clone(),
            proposed: proposed_new(block, prior, config),
            config: config.clone(),
            private: private.to_vec(),
        };
        let response = self.ask(request).await?;
        let problems = assert_plan_valid(block, prior, config, &response.planned);
        if !problems.is_empty() {
            return Err(self.contradictions(
                "Provider produced invalid plan",
                "planned an invalid value for",
                problems,
            ));
        }
        Ok(response)
    }

    /// Asks the provider about a destruction.
    pub async fn plan_destroy(&self, prior: &Value, private: &[u8]) -> Result<PlanResponse, Diagnostics> {
        let null = Value::null(self.schema.ty.clone());
        let request = PlanRequest {
            type_name: self.type_name(),
            prior: prior.clone(),
            proposed: null.clone(),
            config: null,
            private: private.to_vec(),
        };
        let response = self.ask(request).await?;
        if !response.planned.is_null() {
            return Err(Diagnostic::error(
                "Provider produced invalid plan",
                format!(
                    "Provider \"{}\" planned a non-null destroy value for {}.{BUG}",
                    self.provider().address.provider.for_display(),
                    self.address
                ),
            )
            .address(self.address)
            .into());
        }
        Ok(response)
    }

    async fn ask(&self, request: PlanRequest) -> Result<PlanResponse, Diagnostics> {
        let configured = self.session.configured(self.info.provider)?;
        let provider = &self.provider().address.provider;
        let mut response =
            self.session.calls.make(provider, async move { configured.plan(request).await }).await?;
        response.diagnostics = std::mem::take(&mut response.diagnostics).with_address(self.address);
        if response.diagnostics.has_errors() {
            return Err(response.diagnostics);
        }
        Ok(response)
    }

    /// Findings about the object, with its address; what concerns it as a whole is shown at its block.
    pub fn placed(&self, mut findings: Diagnostics) -> Diagnostics {
        let block = self.info.config.as_ref().map(|block| block.span);
        for finding in findings.iter_mut().filter(|finding| finding.attribute.is_empty()) {
            finding.subject = finding.subject.or(block);
        }
        findings.with_address(self.address)
    }

    pub fn type_name(&self) -> Str {
        Str::from(self.address.resource.ty.as_str())
    }

    /// Errors for an answer that does not fit: each names provider, address and attribute.
    pub fn contradictions(&self, summary: &str, did: &str, problems: Vec<(Path, String)>) -> Diagnostics {
        let provider = self.provider().address.provider.for_display();
        problems
            .into_iter()
            .map(|(path, problem)| {
                Diagnostic::error(
                    summary,
                    format!("Provider \"{provider}\" {did} {}{path}: {problem}.{BUG}", self.address),
                )
                .address(self.address)
                .attribute(provider::diagnostic_path(&path))
            })
            .collect()
    }
}

/// The schema and the block of a resource that is being worked on; both are there once a program built without errors.
pub(crate) fn parts(info: &ResourceInfo) -> Option<(&Arc<TypeSchema>, &Arc<ResourceConfig>)> {
    info.schema.as_ref().zip(info.config.as_ref())
}

pub(crate) const BUG: &str =
    "\n\nThis is a bug in the provider, which should be reported in the provider's own issue tracker.";
