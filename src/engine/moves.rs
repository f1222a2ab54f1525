//! `moved` blocks: addresses of the previous state are changed before anything else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use addrs::{
    AbsResource, AbsResourceInstance, ConfigResource, InstanceKey, ModuleInstance, ModulePath, ModuleStep,
    Target,
};
use config::{Config, Module, Moved};
use diag::{Diagnostic, Diagnostics};
use provider::Provider;
use state::{InstanceState, ObjectState, State};
use value::Value;

/// Where moved objects come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moves {
    previous: HashMap<AbsResourceInstance, Origin>,
    blocked: Vec<(AbsResourceInstance, AbsResourceInstance)>,
}

#[derive(Clone, Debug)]
struct Origin {
    address: AbsResourceInstance,
    provider: addrs::ProviderAddr,
}

impl Moves {
    /// Where the object of an instance was in the previous state, if somewhere else.
    pub fn previous(&self, address: &AbsResourceInstance) -> Option<AbsResourceInstance> {
        self.previous.get(address).map(|origin| origin.address.clone())
    }

    /// Lets the provider turn an object that was moved from another type into this one.
    pub fn take_over(
        &self,
        address: &AbsResourceInstance,
        provider: &dyn Provider,
        object: &Arc<ObjectState>,
    ) -> Option<Result<Value, Diagnostics>> {
        let origin = self.previous.get(address)?;
        if origin.address.resource.ty == address.resource.ty {
            return None;
        }
        Some(provider.move_state(
            &origin.provider,
            &origin.address.resource.ty,
            object.schema_version,
            &object.attributes,
            &address.resource.ty,
        ))
    }

    /// Objects that could not be moved as something else is in their way.
    pub fn warning(&self) -> Diagnostics {
        if self.blocked.is_empty() {
            return Diagnostics::new();
        }
        let list: String =
            self.blocked.iter().map(|(from, to)| format!("\n  - {from} could not move to {to}")).collect();
        Diagnostic::warning(
            "Unresolved resource instance address changes",
            format!(
                "groma tried to adjust resource instance addresses in the prior state based on change information recorded in the configuration, but some adjustments did not succeed due to existing objects already at the intended addresses:{list}\n\ngroma has planned to destroy these objects. If groma's proposed changes aren't appropriate, you must first resolve the conflicts using the \"groma state\" subcommands and then create a new plan."
            ),
        )
        .into()
    }
}

/// Moves what the blocks and the repetition arguments say; returns where things came from.
pub(crate) fn apply_moves(state: &mut State, config: &Config, targets: &[Target]) -> (Moves, Diagnostics) {
    let statements = Statements::collect(&config.root);
    let mut diagnostics = statements.check(config);
    let mut moves = Moves::default();
    if diagnostics.has_errors() {
        return (moves, diagnostics);
    }
    let mut moved: BTreeMap<
        AbsResourceInstance,
        (AbsResourceInstance, addrs::AbsProviderConfig, InstanceState),
    > = BTreeMap::new();
    let sources: Vec<AbsResourceInstance> = state.instances().map(|(address, ..)| address).collect();
    let occupied: BTreeSet<AbsResourceInstance> = sources.iter().cloned().collect();
    // Which of them stay, to know whether a place becomes free.
    let destinations: BTreeMap<AbsResourceInstance, AbsResourceInstance> = sources
        .iter()
        .filter_map(|from| {
            let to = statements.follow(from, config, &occupied);
            (to != *from).then(|| (from.clone(), to))
        })
        .collect();
    for (from, to) in &destinations {
        let taken = occupied.contains(to) && !destinations.contains_key(to);
        if taken || moved.contains_key(to) {
            moves.blocked.push((from.clone(), to.clone()));
            continue;
        }
        let Some((provider, instance)) = state.take_instance(from) else { continue };
        moved.insert(to.clone(), (from.clone(), provider, instance));
    }
    let mut outside = Vec::new();
    for (to, (from, mut provider, instance)) in moved {
        let config_resource = to.config();
        let origin_provider = provider.provider.clone();
        if let Some(configured) = config.providers.resources.get(&config_resource) {
            provider = configured.clone();
        }
        if !targets.is_empty() && !targets.iter().any(|target| target.contains(&to) || target.contains(&from))
        {
            outside.push(from.clone());
        }
        state.put_instance(&to, provider, instance);
        moves.previous.insert(to, Origin { address: from, provider: origin_provider });
    }
    if let Some(first) = outside.first() {
        diagnostics.push(Diagnostic::error(
            "Moved resource instances excluded by targeting",
            format!("Resource instances in your current state have moved to new addresses in the latest configuration. groma must include those resource instances while planning in order to ensure a correct result, but your -target=... options do not fully cover all of those resource instances, such as {first}.\n\nTo create a valid plan, either remove your -target=... options altogether or add the moved instances to them."),
        ));
    }
    (moves, diagnostics)
}

/// The blocks, found by what they move.
#[derive(Default)]
struct Statements<'a> {
    resources: HashMap<ConfigResource, Vec<&'a Moved>>,
    modules: HashMap<ModulePath, Vec<&'a Moved>>,
    count: usize,
    all: Vec<&'a Moved>,
}

impl<'a> Statements<'a> {
    fn collect(root: &'a Arc<Module>) -> Self {
        let mut statements = Self::default();
        let mut pending = vec![root];
        while let Some(module) = pending.pop() {
            for moved in &module.moved {
                statements.count += 1;
                statements.all.push(moved);
                let path = moved.module.steps().iter().cloned();
                match &moved.from {
                    Target::Module(from) => {
                        let full = ModulePath::new(path.chain(from.module().steps().iter().cloned()));
                        statements.modules.entry(full).or_default().push(moved);
                    }
                    Target::Resource(AbsResource { module: inner, resource })
                    | Target::Instance(AbsResourceInstance { module: inner, resource, .. }) => {
                        let full = ModulePath::new(path.chain(inner.module().steps().iter().cloned()));
                        let key = ConfigResource { module: full, resource: resource.clone() };
                        statements.resources.entry(key).or_default().push(moved);
                    }
                }
            }
            pending.extend(module.children.values());
        }
        statements
    }

    /// Cycles and blocks that move one thing to two places.
    fn check(&self, config: &Config) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut from_seen: HashMap<(ModulePath, &Target), &Moved> = HashMap::new();
        let mut to_seen: HashMap<(ModulePath, &Target), &Moved> = HashMap::new();
        for moved in &self.all {
            let from = (moved.module.clone(), &moved.from);
            let to = (moved.module.clone(), &moved.to);
            if from == to {
                diagnostics.push(
                    Diagnostic::error(
                        "Redundant move statement",
                        format!("This statement declares a move from {} to the same address, which is the same as not declaring this move at all.", moved.from),
                    )
                    .at(moved.span),
                );
            }
            if from_seen.insert(from, moved).is_some() {
                diagnostics.push(
                    Diagnostic::error(
                        "Ambiguous move statements",
                        format!("There is more than one moved block that says where {} went. Each one can move to only one destination.", moved.from),
                    )
                    .at(moved.span),
                );
            }
            if to_seen.insert(to, moved).is_some() {
                diagnostics.push(
                    Diagnostic::error(
                        "Ambiguous move statements",
                        format!("There is more than one moved block with {} as its destination. Each address can have moved from only one source.", moved.to),
                    )
                    .at(moved.span),
                );
            }
            let mut at = moved;
            for _ in 0..=self.count {
                match from_seen.get(&(at.module.clone(), &at.to)) {
                    Some(next) if std::ptr::eq(*next, *moved) => {
                        diagnostics.push(
                            Diagnostic::error(
                                "Cyclic dependency in move statements",
                                format!("The moved blocks lead from {} back to itself, so no object could come to rest.", moved.from),
                            )
                            .at(moved.span),
                        );
                        break;
                    }
                    Some(next) => at = next,
                    None => break,
                }
            }
        }
        let _ = config;
        diagnostics
    }

    /// Where an instance ends up, however many blocks it passes through.
    fn follow(
        &self,
        from: &AbsResourceInstance,
        config: &Config,
        occupied: &BTreeSet<AbsResourceInstance>,
    ) -> AbsResourceInstance {
        let mut at = from.clone();
        for _ in 0..=self.count {
            match self.step(&at) {
                Some(next) if next != at => at = next,
                _ => break,
            }
        }
        implied(&at, config).filter(|to| at != *from || !occupied.contains(to)).unwrap_or(at)
    }

    fn step(&self, at: &AbsResourceInstance) -> Option<AbsResourceInstance> {
        if let Some(statements) = self.resources.get(&at.config()) {
            for moved in statements {
                if let Some(to) = move_resource(moved, at) {
                    return Some(to);
                }
            }
        }
        let steps = at.module.steps();
        for depth in (1..=steps.len()).rev() {
            let path = ModulePath::new(steps[..depth].iter().map(|step| step.name.clone()));
            for moved in self.modules.get(&path).into_iter().flatten() {
                if let Some(module) = move_module(moved, &at.module) {
                    return Some(AbsResourceInstance { module, ..at.clone() });
                }
            }
        }
        None
    }
}

/// A resource whose `count` came or went: no key and `[0]` are the same.
fn implied(at: &AbsResourceInstance, config: &Config) -> Option<AbsResourceInstance> {
    let module = config.module(&at.module.module())?;
    let block = module.resources.get(&at.resource)?;
    match (&at.key, block.count.is_some(), block.for_each.is_some()) {
        (InstanceKey::None, true, _) => Some(AbsResourceInstance { key: InstanceKey::Int(0), ..at.clone() }),
        (InstanceKey::Int(0), false, false) => {
            Some(AbsResourceInstance { key: InstanceKey::None, ..at.clone() })
        }
        _ => None,
    }
}

/// The module steps of an instance that lie in the module of the block, and whatever is relative to it.
fn relative<'a>(moved: &Moved, module: &'a ModuleInstance) -> Option<(&'a [ModuleStep], &'a [ModuleStep])> {
    let depth = moved.module.steps().len();
    let steps = module.steps();
    (steps.len() >= depth && steps[..depth].iter().map(|step| &step.name).eq(moved.module.steps()))
        .then(|| steps.split_at(depth))
}

fn same_steps(pattern: &[ModuleStep], steps: &[ModuleStep]) -> bool {
    pattern.len() == steps.len() && pattern.iter().zip(steps).all(|(p, s)| p.name == s.name && p.key == s.key)
}

fn move_resource(moved: &Moved, at: &AbsResourceInstance) -> Option<AbsResourceInstance> {
    let (outer, inner) = relative(moved, &at.module)?;
    let (from_module, from_resource, from_key) = parts(&moved.from)?;
    let (to_module, to_resource, to_key) = parts(&moved.to)?;
    if !same_steps(from_module.steps(), inner)
        || *from_resource != at.resource
        || from_key.is_some_and(|key| *key != at.key)
    {
        return None;
    }
    let key = match (from_key, to_key) {
        (_, Some(key)) => key.clone(),
        // An instance that becomes the resource without key.
        (Some(_), None) => InstanceKey::None,
        (None, None) => at.key.clone(),
    };
    // `a` -> `a["x"]` moves the one without a key only.
    if from_key.is_none() && to_key.is_some() && !at.key.is_none() {
        return None;
    }
    Some(AbsResourceInstance {
        module: ModuleInstance::new(outer.iter().chain(to_module.steps()).cloned()),
        resource: to_resource.clone(),
        key,
    })
}

fn parts(target: &Target) -> Option<(&ModuleInstance, &addrs::Resource, Option<&InstanceKey>)> {
    match target {
        Target::Module(_) => None,
        Target::Resource(r) => Some((&r.module, &r.resource, None)),
        Target::Instance(i) => Some((&i.module, &i.resource, Some(&i.key))),
    }
}

fn move_module(moved: &Moved, module: &ModuleInstance) -> Option<ModuleInstance> {
    let (outer, inner) = relative(moved, module)?;
    let (Target::Module(from), Target::Module(to)) = (&moved.from, &moved.to) else { return None };
    let (from, to) = (from.steps(), to.steps());
    let (head, tail) = inner.split_at_checked(from.len())?;
    let ((from_last, from_rest), (to_last, to_rest)) = from.split_last().zip(to.split_last())?;
    let (at_last, at_rest) = head.split_last()?;
    if !same_steps(from_rest, at_rest) || from_last.name != at_last.name {
        return None;
    }
    // `module.a` -> `module.b` moves all instances with their keys; with a key it moves just that one.
    let key = match (&from_last.key, &to_last.key) {
        (InstanceKey::None, InstanceKey::None) => at_last.key.clone(),
        (from, to) if *from == at_last.key => to.clone(),
        _ => return None,
    };
    let last = ModuleStep { name: to_last.name.clone(), key };
    Some(ModuleInstance::new(outer.iter().chain(to_rest).chain([&last]).chain(tail).cloned()))
}
