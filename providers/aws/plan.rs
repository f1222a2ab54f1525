//! What a change will result in: defaults, what only the change will tell, and what needs a replacement.

use diag::Diagnostics;
use provider::{Attribute, Block, NestedBlock, Nesting, PlanRequest, PlanResponse};
use value::{Entries, Path, Value};

use crate::object::{Object, is_zero};
use crate::resource::{Resource, Rules, Tagging};
use crate::tags::TagSettings;

/// A plan in the making, for [`Resource::adjust_plan`].
pub struct Planning<'a> {
    /// None for a creation.
    pub prior: Option<Object>,
    pub config: Object,
    pub planned: Object,
    pub replace: Vec<Path>,
    pub diagnostics: Diagnostics,
    pub tags: &'a TagSettings,
}

impl Planning<'_> {
    pub fn is_creation(&self) -> bool {
        self.prior.is_none()
    }

    /// Whether an attribute will differ from what it is. Everything differs in a creation.
    pub fn changes(&self, name: &str) -> bool {
        self.prior.as_ref().is_none_or(|prior| prior.get(name) != self.planned.get(name))
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.planned = self.planned.with(name, value);
    }

    /// Makes an attribute known only after the change, unless the configuration sets it.
    pub fn set_unknown(&mut self, name: &str) {
        let set =
            self.config.get(name).is_some_and(|v| !v.is_null() && v.items().is_none_or(|i| !i.is_empty()));
        if !set && let Some(ty) = self.planned.get(name).map(Value::ty) {
            self.set(name, Value::unknown(ty));
        }
    }

    pub fn keep_prior(&mut self, name: &str) {
        if let Some(value) = self.prior.as_ref().and_then(|prior| prior.get(name)).cloned() {
            self.set(name, value);
        }
    }

    pub fn require_replace(&mut self, name: &str) {
        let path = Path::from_attr(name);
        if !self.is_creation() && !self.replace.contains(&path) {
            self.replace.push(path);
        }
    }
}

/// Plans one change by the type's rules.
pub fn plan(
    resource: &dyn Resource,
    facts: &Block,
    request: PlanRequest,
    tags: &TagSettings,
) -> PlanResponse {
    if request.proposed.is_null() {
        return PlanResponse { private: request.private, ..PlanResponse::ok(request.proposed) };
    }
    let rules = resource.rules();
    let prior = (!request.prior.is_null()).then(|| Object::new(request.prior.clone()));
    let planned = plan_block(rules, "", facts, prior.as_ref().map(Object::value), &request.config);
    let mut planning = Planning {
        prior,
        config: Object::new(request.config),
        planned: Object::new(planned),
        replace: Vec::new(),
        diagnostics: Diagnostics::new(),
        tags,
    };
    if rules.tags != Tagging::None {
        plan_tags(&mut planning);
    }
    plan_replacement(rules, &mut planning);
    plan_recomputed(rules, &mut planning);
    resource.adjust_plan(&mut planning);
    PlanResponse {
        planned: planning.planned.into_value(),
        requires_replace: planning.replace,
        private: request.private,
        diagnostics: planning.diagnostics,
    }
}

fn plan_tags(planning: &mut Planning<'_>) {
    let own = planning.planned.get("tags").cloned().unwrap_or_else(Value::dynamic);
    let all = planning.tags.planned_all(&own);
    match planning.prior.as_ref().and_then(|prior| prior.get("tags_all")) {
        Some(prior) if crate::object::same(prior, &all) => planning.keep_prior("tags_all"),
        _ => planning.set("tags_all", all),
    }
}

fn plan_replacement(rules: &Rules, planning: &mut Planning<'_>) {
    let Some(prior) = planning.prior.clone() else { return };
    for path in rules.replace {
        let (name, inner) = path.split_once('.').map_or((*path, None), |(name, inner)| (name, Some(inner)));
        let (Some(before), Some(after)) = (prior.get(name), planning.planned.get(name)) else { continue };
        let Some(inner) = inner else {
            if before != after && !(rules.same)(path, before, after) {
                planning.replace.push(Path::from_attr(name));
            }
            continue;
        };
        let (before, after) = (before.items().unwrap_or_default(), after.items().unwrap_or_default());
        let changed = after.iter().enumerate().filter_map(|(i, after)| {
            let (before, after) = (before.get(i)?.attr(inner)?, after.attr(inner)?);
            let index = Value::number(i64::try_from(i).unwrap_or(i64::MAX));
            (before != after && !(rules.same)(path, before, after))
                .then(|| Path::from_attr(name).index(index).attr(inner))
        });
        planning.replace.extend(changed.collect::<Vec<_>>());
    }
}

fn plan_recomputed(rules: &Rules, planning: &mut Planning<'_>) {
    if planning.is_creation() {
        return;
    }
    for (triggers, attributes) in rules.recompute {
        if triggers.iter().any(|name| planning.changes(name)) {
            for name in *attributes {
                planning.set_unknown(name);
            }
        }
    }
}

fn plan_block(rules: &Rules, prefix: &str, facts: &Block, prior: Option<&Value>, config: &Value) -> Value {
    if !config.is_known() {
        return config.clone();
    }
    let mut entries = Entries::new();
    for (name, attribute) in &facts.attributes {
        let path = join(prefix, name);
        let config = config.attr(name).cloned().unwrap_or_else(|| Value::null(attribute.ty.clone()));
        let prior = prior.and_then(|prior| prior.attr(name));
        entries.insert(name.clone(), plan_attribute(rules, &path, attribute, prior, config));
    }
    for (name, nested) in &facts.blocks {
        let config = config.attr(name).cloned().unwrap_or_else(|| nested.empty_value());
        let prior = prior.and_then(|prior| prior.attr(name));
        entries.insert(name.clone(), plan_nested(rules, &join(prefix, name), nested, prior, config));
    }
    Value::object(entries)
}

fn plan_attribute(
    rules: &Rules,
    path: &str,
    attribute: &Attribute,
    prior: Option<&Value>,
    config: Value,
) -> Value {
    if !config.is_null() {
        return match prior {
            Some(prior) if !prior.is_null() && (rules.same)(path, prior, &config) => prior.clone(),
            _ => config,
        };
    }
    let preset = rules.defaults.iter().find(|(name, _)| *name == path).map(|(_, preset)| preset.to_value());
    match (prior, preset) {
        (Some(prior), Some(preset)) if (rules.same)(path, prior, &preset) => prior.clone(),
        (_, Some(preset)) => preset,
        (Some(prior), None) if attribute.computed || !rules.strict && is_zero(prior) => prior.clone(),
        (None, None) if attribute.computed => Value::unknown(attribute.ty.clone()),
        _ => config,
    }
}

fn plan_nested(
    rules: &Rules,
    path: &str,
    nested: &NestedBlock,
    prior: Option<&Value>,
    config: Value,
) -> Value {
    let Some(items) = config.items() else { return config };
    if items.is_empty() {
        return match prior {
            Some(prior) if nested.computed => prior.clone(),
            None if nested.computed => Value::unknown(nested.implied_type()),
            _ => config,
        };
    }
    let priors = prior.and_then(Value::items).unwrap_or_default();
    let element = nested.block.implied_type();
    let plan = |item: &Value, prior: Option<&Value>| plan_block(rules, path, &nested.block, prior, item);
    match nested.nesting {
        Nesting::Set => {
            let planned =
                items.iter().map(|item| plan(item, counterpart(rules, path, item, priors))).collect();
            Value::set(element, planned)
        }
        _ => Value::list(
            element,
            items.iter().enumerate().map(|(i, item)| plan(item, priors.get(i))).collect(),
        ),
    }
}

/// The prior item that says everything a configured item of a set says.
fn counterpart<'a>(rules: &Rules, path: &str, item: &Value, priors: &'a [Value]) -> Option<&'a Value> {
    let fits = |prior: &&Value| {
        item.entries().is_some_and(|entries| {
            entries.iter().all(|(name, value)| {
                let unset = value.is_null()
                    || value.items().is_some_and(<[Value]>::is_empty)
                    || name.starts_with("tags");
                unset || prior.attr(name).is_some_and(|prior| (rules.same)(&join(path, name), prior, value))
            })
        })
    };
    priors.iter().find(fits)
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
