use diag::{Diagnostics, PathStep};
use value::{Path, Value, json};

use super::{Case, ImportId, Report};
use crate::compare::{conforms, same};
use crate::compatible::assert_compatible;
use crate::proposed::proposed_new;
use crate::requests::{
    ApplyRequest, ImportRequest, PlanRequest, PlanResponse, ReadRequest, RecoverRequest, RecoverResponse,
};
use crate::schema::{Block, Schema};
use crate::traits::{Configured, Provider};
use crate::validity::assert_plan_valid;

/// Creates, reads, updates, imports and deletes one object.
pub(super) async fn check(
    provider: &dyn Provider,
    configured: &dyn Configured,
    case: &Case,
    report: &mut Report,
) {
    let schema = provider.schema();
    let Some(schema) = schema.resource(&case.type_name) else {
        report.problems.push(format!("{}: there is no such resource type", case.name));
        return;
    };
    let mut run = Run { provider, configured, case, schema, report };
    run.bad_configurations();
    let Some(config) = run.coerced(&case.config) else { return };
    run.validates(&config);
    run.tolerates_unknowns(&config).await;
    run.recovers_nothing(&config).await;
    let Some(mut state) = run.create(&config).await else { return };
    run.settled("after creation", &state, &config).await;
    run.imports(&state).await;
    for (index, update) in case.updates.iter().enumerate() {
        let step = format!("update {}", index + 1);
        let Some(config) = run.coerced(&update.config) else { return };
        match run.change(&step, &state, &config, update.replaces).await {
            Some(new) => state = new,
            None => return,
        }
        run.settled(&step, &state, &config).await;
    }
    run.delete(&state).await;
}

/// All messages in one line.
pub(super) fn texts(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

struct Run<'a> {
    provider: &'a dyn Provider,
    configured: &'a dyn Configured,
    case: &'a Case,
    schema: &'a Schema,
    report: &'a mut Report,
}

impl Run<'_> {
    fn block(&self) -> &Block {
        &self.schema.block
    }

    fn check(&mut self, step: &str, holds: bool, problem: impl FnOnce() -> String) -> bool {
        let name = &self.case.name;
        self.report.check(holds, || format!("{name}: {step}: {}", problem()))
    }

    fn fine(&mut self, step: &str, diagnostics: &Diagnostics) -> bool {
        self.check(step, !diagnostics.has_errors(), || texts(diagnostics))
    }

    fn none(&mut self, step: &str, problems: &[(Path, String)]) -> bool {
        self.check(step, problems.is_empty(), || {
            problems.iter().map(|(path, problem)| format!("{path}: {problem}")).collect::<Vec<_>>().join("; ")
        })
    }

    fn coerced(&mut self, config: &Value) -> Option<Value> {
        match self.block().coerce(config) {
            Ok(config) => Some(config),
            Err(error) => {
                self.check("configuration", false, || format!("{} {error}", error.path));
                None
            }
        }
    }

    fn validates(&mut self, config: &Value) {
        let diagnostics = self.provider.validate_resource(&self.case.type_name, config);
        self.fine("validate", &diagnostics);
    }

    fn bad_configurations(&mut self) {
        let case = self.case;
        for (index, bad) in case.bad.iter().enumerate() {
            let step = format!("bad configuration {}", index + 1);
            let Some(config) = self.coerced(&bad.config) else { continue };
            let diagnostics = self.provider.validate_resource(&case.type_name, &config);
            self.check(&step, diagnostics.has_errors(), || "was accepted".into());
            let places: Vec<&str> = diagnostics
                .iter()
                .filter(|d| d.is_error())
                .map(|d| match d.attribute.first() {
                    Some(PathStep::Attribute(name)) => name.as_str(),
                    _ => "",
                })
                .collect();
            self.check(&step, places.contains(&bad.attribute), || {
                format!("the error is about {places:?}, not about {:?}", bad.attribute)
            });
        }
    }

    /// Every attribute that is set may be unknown when planning, alone and together with all others.
    async fn tolerates_unknowns(&mut self, config: &Value) {
        let names: Vec<_> = self
            .block()
            .attributes
            .keys()
            .filter(|name| config.attr(name).is_some_and(|value| !value.is_null()))
            .cloned()
            .collect();
        let hide = |config: &Value, name: &str| match config.attr(name) {
            Some(value) => config.with_attr(name, Value::unknown(value.ty())),
            None => config.clone(),
        };
        let mut variants: Vec<(String, Value)> =
            names.iter().map(|name| (format!("plan with unknown {name}"), hide(config, name))).collect();
        let all = names.iter().fold(config.clone(), |config, name| hide(&config, name));
        variants.push(("plan with everything unknown".into(), all));
        for (step, config) in variants {
            let diagnostics = self.provider.validate_resource(&self.case.type_name, &config);
            self.fine(&step, &diagnostics);
            let prior = Value::null(self.block().implied_type());
            self.plan(&step, &prior, &config).await;
        }
    }

    async fn recovers_nothing(&mut self, config: &Value) {
        let prior = Value::null(self.block().implied_type());
        let Some(planned) = self.plan("plan before recovery", &prior, config).await else { return };
        let response = self
            .configured
            .recover(RecoverRequest {
                type_name: self.case.type_name.clone(),
                prior,
                planned: planned.planned,
                config: config.clone(),
                private: planned.private,
                token: "00000000-0000-4000-8000-000000000000".into(),
            })
            .await;
        let nothing = !matches!(response, RecoverResponse::Found { .. });
        self.check("recover", nothing, || "found an object that was never created".into());
    }

    /// A valid plan from `prior` to `config`.
    async fn plan(&mut self, step: &str, prior: &Value, config: &Value) -> Option<PlanResponse> {
        let request = || PlanRequest {
            type_name: self.case.type_name.clone(),
            prior: prior.clone(),
            proposed: if config.is_null() {
                config.clone()
            } else {
                proposed_new(self.block(), prior, config)
            },
            config: config.clone(),
            private: Vec::new(),
        };
        let (first, second) = (request(), request());
        let response = self.configured.plan(first).await;
        if !self.fine(step, &response.diagnostics) {
            return None;
        }
        let again = self.configured.plan(second).await;
        self.check(step, same(&again.planned, &response.planned), || "planning twice gives two plans".into());
        let ty = self.block().implied_type();
        self.check(step, conforms(&response.planned.ty(), &ty), || {
            format!("the planned object is of type {}, not {ty}", response.planned.ty())
        });
        let problems = assert_plan_valid(self.block(), prior, config, &response.planned);
        self.none(step, &problems);
        for path in &response.requires_replace {
            let differs = !prior.is_null() && path.get(prior) != path.get(&response.planned);
            self.check(step, differs, || format!("{path} requires replacement but does not change"));
        }
        Some(response)
    }

    async fn apply(
        &mut self,
        step: &str,
        prior: &Value,
        config: &Value,
        plan: PlanResponse,
    ) -> Option<Value> {
        let planned = plan.planned.clone();
        let response = self
            .configured
            .apply(ApplyRequest {
                type_name: self.case.type_name.clone(),
                prior: prior.clone(),
                planned: plan.planned,
                config: config.clone(),
                private: plan.private,
                token: "00000000-0000-4000-8000-000000000001".into(),
            })
            .await;
        if !self.fine(step, &response.diagnostics) {
            return None;
        }
        self.check(step, response.state.is_wholly_known(), || "the new state has unknown values".into());
        let problems = assert_compatible(self.block(), &planned, &response.state);
        self.none(step, &problems);
        Some(response.state)
    }

    async fn create(&mut self, config: &Value) -> Option<Value> {
        let prior = Value::null(self.block().implied_type());
        let plan = self.plan("plan of creation", &prior, config).await?;
        self.apply("creation", &prior, config, plan).await
    }

    /// Nothing is left to do: read gives the state, it survives storage, and planning again changes nothing.
    async fn settled(&mut self, step: &str, state: &Value, config: &Value) {
        let read = self.read(state).await;
        let differences = self.differences(state, &read, &[]);
        self.check(step, differences.is_empty(), || format!("read differs in {differences}"));
        self.survives_storage(step, state);
        let step = format!("plan {step}");
        if let Some(plan) = self.plan(&step, state, config).await {
            let differences = self.differences(state, &plan.planned, &[]);
            self.check(&step, differences.is_empty(), || format!("a change is planned of {differences}"));
            self.check(&step, plan.requires_replace.is_empty(), || "a replacement is planned".into());
        }
    }

    fn survives_storage(&mut self, step: &str, state: &Value) {
        let stored = match json::to_json(state, &self.block().implied_type()) {
            Ok(stored) => stored,
            Err(error) => {
                self.check(step, false, || format!("cannot be stored: {error}"));
                return;
            }
        };
        match self.provider.upgrade_state(&self.case.type_name, self.schema.version, &stored) {
            Ok(read) => {
                let differences = self.differences(state, &read, &[]);
                self.check(step, differences.is_empty(), || {
                    format!("reading it from a file changes {differences}")
                });
            }
            Err(diagnostics) => {
                self.fine(step, &diagnostics);
            }
        }
    }

    async fn imports(&mut self, state: &Value) {
        let Some(import) = &self.case.import else { return };
        let id = match &import.id {
            ImportId::Attribute(name) => state.attr_str(name).map(ToString::to_string).unwrap_or_default(),
            ImportId::Made(made) => made(state),
        };
        let request = ImportRequest { type_name: self.case.type_name.clone(), id: id.as_str().into() };
        let response = self.configured.import(request).await;
        if !self.fine("import", &response.diagnostics) {
            return;
        }
        let count = response.objects.len();
        self.check("import", count == 1, || format!("gave {count} objects"));
        if let Some(object) = response.objects.into_iter().next() {
            let read = self.read(&object.state).await;
            let differences = self.differences(state, &read, &import.ignore);
            self.check("import", differences.is_empty(), || {
                format!("the imported object differs in {differences}")
            });
        }
    }

    /// Updates in place, or plans the replacement, makes the new object and deletes the old one.
    async fn change(&mut self, step: &str, state: &Value, config: &Value, replaces: bool) -> Option<Value> {
        self.validates(config);
        let plan = self.plan(step, state, config).await?;
        let replacing = !plan.requires_replace.is_empty();
        self.check(step, replacing == replaces, || {
            let expected = if replaces { "a replacement" } else { "an update in place" };
            format!("expected {expected}, planned replacement by {:?}", plan.requires_replace)
        });
        let changes = !same(state, &plan.planned);
        self.check(step, changes || replacing, || "no change is planned".into());
        if !replacing {
            return self.apply(step, state, config, plan).await;
        }
        self.delete(state).await;
        self.create(config).await
    }

    async fn delete(&mut self, state: &Value) {
        let nothing = Value::null(self.block().implied_type());
        let plan = self.plan("plan of deletion", state, &nothing).await;
        let private = plan.map(|plan| plan.private).unwrap_or_default();
        let plan = PlanResponse { private, ..PlanResponse::ok(nothing.clone()) };
        let Some(left) = self.apply("deletion", state, &nothing, plan).await else { return };
        self.check("deletion", left.is_null(), || "an object is left".into());
        let read = self.read(state).await;
        let gone = read.is_null() || self.case.state_only;
        self.check("read after deletion", gone, || "the object is still there".into());
    }

    async fn read(&mut self, state: &Value) -> Value {
        let request = ReadRequest {
            type_name: self.case.type_name.clone(),
            current: state.clone(),
            private: Vec::new(),
        };
        let mut responses = self.configured.read(vec![request]).await;
        let count = responses.len();
        self.check("read", count == 1, || format!("one object was asked for, {count} answered"));
        match responses.pop() {
            Some(response) => {
                self.fine("read", &response.diagnostics);
                response.state
            }
            None => Value::null(state.ty()),
        }
    }

    /// The attributes in which two objects differ, with their values where these may be shown.
    fn differences(&self, a: &Value, b: &Value, ignore: &[&str]) -> String {
        if a.is_null() != b.is_null() {
            return "its existence".into();
        }
        let block = self.block();
        let names = block.attributes.keys().chain(block.blocks.keys());
        let differing = names.filter(|name| !ignore.contains(&name.as_str())).filter_map(|name| {
            let (a, b) = (a.attr(name), b.attr(name));
            let secret = block.attributes.get(name).is_some_and(|attribute| attribute.sensitive);
            match (a, b) {
                (Some(a), Some(b)) if same(a, b) => None,
                (Some(a), Some(b)) if !secret => Some(format!("{name} ({a:?} and {b:?})")),
                _ => Some(name.to_string()),
            }
        });
        differing.collect::<Vec<_>>().join(", ")
    }
}
