use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use serde_json::{Map, Value as Json};
use value::{Path, Str, Type, Value};

use super::{Context, Outcome};
use crate::planning::{changed, unknown_where_null};
use crate::requests::{PlanRequest, PlanResponse, RecoverRequest, RecoverResponse};
use crate::schema::{Block, Schema};

/// A resource type of a [`super::Simple`] provider.
#[async_trait]
pub trait Resource: Send + Sync {
    fn type_name(&self) -> &'static str;

    fn schema(&self) -> Schema;

    /// Attributes and nested blocks whose change makes a new object.
    fn replaced_by(&self) -> &'static [&'static str] {
        &[]
    }

    /// Values of attributes that the configuration leaves null.
    fn defaults(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// Checks what the schema cannot say; unknowns are possible.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Adjusts the plan of a creation or an update, before replacement is decided.
    fn plan(&self, _context: &Context, _plan: &mut Plan) {}

    /// Makes the object and fills in what is unknown.
    async fn create(&self, context: &Context, planned: &Value, config: &Value) -> Outcome;

    /// The object as it is, null if it is gone. Objects that live in the state alone are as they were.
    async fn read(&self, _context: &Context, current: &Value) -> Outcome {
        Ok(current.clone())
    }

    /// Changes the object. The default has nothing to do but fill in nothing.
    async fn update(&self, _context: &Context, _prior: &Value, planned: &Value, _config: &Value) -> Outcome {
        Ok(planned.clone())
    }

    async fn delete(&self, _context: &Context, _prior: &Value) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(&self, _context: &Context, _id: &str) -> Outcome {
        Err(Diagnostic::error(
            "Resource Import Not Implemented",
            format!("Objects of type {} cannot be imported.", self.type_name()),
        )
        .into())
    }

    /// What became of a change whose answer was lost. An object that lives in the state alone does not exist without it.
    async fn recover(&self, _context: &Context, _request: &RecoverRequest) -> RecoverResponse {
        RecoverResponse::NotApplied
    }

    /// Rewrites attributes stored under an older schema version.
    fn upgrade(&self, _version: u64, _attributes: &mut Map<String, Json>) -> Result<(), String> {
        Ok(())
    }

    /// Attributes for an object of this type made from one of another type, if it can take that over.
    fn move_from(
        &self,
        _provider: &ProviderAddr,
        _type_name: &str,
        _attributes: &Map<String, Json>,
    ) -> Option<Map<String, Json>> {
        None
    }
}

/// A plan in the making.
pub struct Plan {
    /// Null for a creation.
    pub prior: Value,
    pub config: Value,
    pub planned: Value,
    /// Replacement that [`Resource::replaced_by`] does not say.
    pub requires_replace: Vec<Path>,
    pub diagnostics: Diagnostics,
}

impl Plan {
    pub fn is_creation(&self) -> bool {
        self.prior.is_null()
    }

    /// Plans a value for an attribute.
    pub fn set(&mut self, name: &str, value: Value) {
        self.planned = self.planned.with_attr(name, value);
    }

    /// Plans that only the change will tell an attribute.
    pub fn set_unknown(&mut self, name: &str) {
        let ty = self.planned.attr(name).map_or(Type::Dynamic, Value::ty);
        self.set(name, Value::unknown(ty));
    }

    /// True when any of these attributes changes; false for a creation.
    pub fn changes(&self, names: &[&str]) -> bool {
        !changed(&self.prior, &self.planned, names.iter().copied()).is_empty()
    }

    /// True when the configuration leaves an attribute null.
    pub fn is_unset(&self, name: &str) -> bool {
        self.config.attr(name).is_none_or(Value::is_null)
    }

    /// Makes a change of a map of texts a replacement, except that a map or key of nulls is as good as none: old
    /// providers stored those so.
    pub fn replace_on_values(&mut self, name: &str) {
        let (Some(prior), Some(planned)) = (self.prior.attr(name), self.planned.attr(name)) else { return };
        let matters = match (prior.entries(), planned.entries()) {
            (None, Some(planned)) => planned.values().any(|value| !value.is_null()),
            (Some(prior), Some(planned)) => {
                let appears = |(key, value): (&Str, &Value)| match prior.get(key) {
                    Some(was) => was != value,
                    None => !value.is_null(),
                };
                planned.iter().any(appears) || prior.keys().any(|key| !planned.contains(key))
            }
            _ => prior != planned,
        };
        if matters {
            self.replace(name);
        }
    }

    /// Makes a change of this attribute a replacement.
    pub fn replace(&mut self, name: &str) {
        self.requires_replace.push(Path::from_attr(name));
    }
}

/// Plans one change of a resource.
pub(super) fn plan(
    resource: &dyn Resource,
    block: &Block,
    context: &Context,
    request: PlanRequest,
) -> PlanResponse {
    let rules = Rules { defaults: resource.defaults(), replaced_by: resource.replaced_by() };
    plan_change(block, &rules, request, |plan| resource.plan(context, plan))
}

/// What planning is the same for all by.
pub struct Rules {
    /// Values of attributes that the configuration leaves null.
    pub defaults: Vec<(&'static str, Value)>,
    /// Attributes and nested blocks whose change makes a new object.
    pub replaced_by: &'static [&'static str],
}

/// Plans one change: defaults, what only a creation will tell, then what `adjust` does, then what requires replacement.
pub fn plan_change(
    block: &Block,
    rules: &Rules,
    request: PlanRequest,
    adjust: impl FnOnce(&mut Plan),
) -> PlanResponse {
    if request.proposed.is_null() {
        return PlanResponse { private: request.private, ..PlanResponse::ok(request.proposed) };
    }
    let mut planned = request.proposed;
    for (name, default) in &rules.defaults {
        if request.config.attr(name).is_none_or(Value::is_null) {
            planned = planned.with_attr(name, default.clone());
        }
    }
    if request.prior.is_null() {
        planned = unknown_where_null(block, &planned);
    }
    let mut plan = Plan {
        prior: request.prior,
        config: request.config,
        planned,
        requires_replace: Vec::new(),
        diagnostics: Diagnostics::new(),
    };
    adjust(&mut plan);
    let mut requires_replace = replacements(block, &plan, rules.replaced_by);
    requires_replace.append(&mut plan.requires_replace);
    PlanResponse {
        planned: plan.planned,
        requires_replace,
        private: request.private,
        diagnostics: plan.diagnostics,
    }
}

fn replacements(block: &Block, plan: &Plan, names: &[&str]) -> Vec<Path> {
    let mut paths = Vec::new();
    for path in changed(&plan.prior, &plan.planned, names.iter().copied()) {
        let is_block =
            matches!(path.0.as_slice(), [value::PathStep::Attr(name)] if block.blocks.contains_key(name));
        match (is_block, path.get(&plan.prior), path.get(&plan.planned)) {
            (true, Some(prior), Some(planned)) => differences(prior, planned, &path, &mut paths),
            _ => paths.push(path),
        }
    }
    paths
}

/// Where two values of nested blocks differ, attribute by attribute if they have the same number of blocks.
fn differences(prior: &Value, planned: &Value, path: &Path, paths: &mut Vec<Path>) {
    let blocks = (prior.items(), planned.items());
    match blocks {
        (Some(a), Some(b)) if a.len() == b.len() && !matches!(prior.kind(), value::Kind::Set(_)) => {
            for (index, (prior, planned)) in a.iter().zip(b).enumerate() {
                let path = path.index(crate::validity::position(index));
                let names: Vec<Str> =
                    planned.entries().map(|e| e.keys().cloned().collect()).unwrap_or_default();
                for inner in changed(prior, planned, names.iter().map(Str::as_str)) {
                    paths.push(inner.0.into_iter().fold(path.clone(), |path, step| path.step(step)));
                }
            }
        }
        _ => paths.push(path.clone()),
    }
}
