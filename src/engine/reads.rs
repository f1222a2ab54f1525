//! Reading data sources and opening ephemeral resources, the same while planning and applying.

use addrs::{AbsResourceInstance, Name};
use config::ResourceConfig;
use diag::{Diagnostic, Diagnostics};
use provider::DataRequest;
use state::{CheckKind, CheckStatus};
use value::{Marks, Value};

use crate::compare::{BUG, Subject};
use crate::eval::{ModuleTable, Repetition, Verdict, mark_by_schema};
use crate::program::ResourceId;
use crate::session::Session;
use crate::{EphemeralOperation, HookObject};

impl Session {
    /// Reads a data source; the configuration is known and without marks.
    pub async fn read_data(
        &self,
        subject: &Subject<'_>,
        config: Value,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        let configured = self.configured(subject.info.provider)?;
        let hook = HookObject { address: subject.address, deposed: None, id: None };
        self.operation.hooks.data_read_start(&hook);
        let request = DataRequest { type_name: subject.type_name(), config: config.clone() };
        let provider = &subject.provider().address.provider;
        let answer = self.calls.make(provider, async move { configured.read_data(request).await }).await;
        let result = match answer {
            Ok(response) if !response.diagnostics.has_errors() => {
                check_data(subject, &config, &response.state)
                    .map_or_else(|| Ok((response.state, response.diagnostics)), |error| Err(error.into()))
            }
            Ok(response) => Err(response.diagnostics),
            Err(crash) => Err(crash.into()),
        };
        let error = result.as_ref().err().and_then(first_error);
        let id = result
            .as_ref()
            .ok()
            .and_then(|(value, _)| crate::eval::object_id(&mark_by_schema(subject.schema, value)));
        let hook = HookObject { address: subject.address, deposed: None, id };
        self.operation.hooks.data_read_end(&hook, error.as_deref());
        match result {
            Ok((value, findings)) => Ok((value, subject.placed(findings))),
            Err(errors) => Err(subject.placed(errors)),
        }
    }

    /// Opens an ephemeral resource: its value marked as such, or nothing while its configuration is unknown.
    pub async fn open_ephemeral(
        &self,
        subject: &Subject<'_>,
        block: &ResourceConfig,
        table: &ModuleTable,
        repetition: &Repetition,
    ) -> (Option<Value>, Diagnostics) {
        let mut diagnostics = self.preconditions(&block.lifecycle, subject.address, table, repetition);
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        let scope = self.surroundings.scope(table).with_repetition(repetition);
        let (config, findings) = lang::decode_block(&block.body, &subject.schema.schema.block, &scope);
        diagnostics.extend(findings.with_address(subject.address));
        if diagnostics.has_errors() || !config.is_wholly_known() {
            return (None, diagnostics);
        }
        let configured = match self.configured(subject.info.provider) {
            Ok(configured) => configured,
            Err(error) => {
                diagnostics.push(error);
                return (None, diagnostics);
            }
        };
        let hook = HookObject { address: subject.address, deposed: None, id: None };
        self.operation.hooks.ephemeral_start(&hook, EphemeralOperation::Open);
        let (call, ty, unmarked) =
            (std::sync::Arc::clone(&configured), subject.type_name(), config.unmark_deep());
        let provider = &subject.provider().address.provider;
        let answer = self.calls.make(provider, async move { call.open_ephemeral(ty, unmarked).await }).await;
        let value = match answer {
            Ok(response) => {
                let failed = response.diagnostics.has_errors();
                if !failed {
                    self.ephemerals.keep(self, subject.address, provider, &configured, &response);
                }
                diagnostics.extend(subject.placed(response.diagnostics));
                (!failed).then_some(response.result)
            }
            Err(crash) => {
                diagnostics.push(crash.address(subject.address));
                None
            }
        };
        let error = first_error(&diagnostics);
        self.operation.hooks.ephemeral_end(&hook, EphemeralOperation::Open, error.as_deref());
        let Some(value) = value else { return (None, diagnostics) };
        let value = mark_by_schema(subject.schema, &value).mark(Marks::EPHEMERAL);
        diagnostics.extend(self.postconditions(&block.lifecycle, subject.address, table, repetition, &value));
        (Some(value), diagnostics)
    }

    /// What is said where data of a check cannot be read: the check has failed, and nothing else.
    pub fn fail_check(
        &self,
        check: &Name,
        address: &AbsResourceInstance,
        errors: Diagnostics,
    ) -> Diagnostics {
        let failures = errors.iter().filter(|error| error.is_error()).map(ToString::to_string).collect();
        let name = format!("check.{check}");
        let verdict = Verdict { status: CheckStatus::Fail, failures };
        let (path, module) = (address.module.module(), &address.module);
        self.checks().record(CheckKind::Check, &path, &name, module, &name, verdict);
        errors.of_check()
    }

    /// Notes that the instances of a resource are known.
    pub fn expanded(&self, id: ResourceId) {
        let info = self.program().resource(id);
        let lifecycle = info.config.as_ref().map(|block| &block.lifecycle);
        if lifecycle.is_some_and(|l| !l.preconditions.is_empty() || !l.postconditions.is_empty()) {
            let name = info.address.resource.to_string();
            self.checks().expanded(CheckKind::Resource, &info.address.module, &name);
        }
    }

    pub fn record_check(&self, kind: CheckKind, address: &AbsResourceInstance, verdict: Verdict) {
        let config = address.config();
        let name = config.resource.to_string();
        let object = format!("{}{}", address.resource, address.key);
        self.checks().record(kind, &config.module, &name, &address.module, &object, verdict);
    }
}

fn check_data(subject: &Subject<'_>, config: &Value, value: &Value) -> Option<Diagnostic> {
    let provider = subject.provider().address.provider.for_display();
    let problem = if value.is_null() {
        "returned no object".to_owned()
    } else if !value.is_wholly_known() {
        "returned an object with unknown values".to_owned()
    } else {
        let differs = subject.schema.schema.block.attributes.keys().find(|name| {
            let set = config.attr(name).filter(|value| !value.is_null());
            let got = value.attr(name);
            set.is_some() && set != got && !subject.schema.schema.block.attributes[*name].computed
        })?;
        format!("returned a different value for the configured attribute \"{differs}\"")
    };
    Some(Diagnostic::error(
        "Provider produced invalid object",
        format!("Provider \"{provider}\" {problem} for {}.{BUG}", subject.address),
    ))
}

pub(crate) fn first_error(diagnostics: &Diagnostics) -> Option<String> {
    diagnostics.iter().find(|d| d.is_error()).map(|d| d.summary.clone())
}
