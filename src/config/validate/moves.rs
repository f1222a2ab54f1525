//! `moved` blocks: statements that contradict each other or the configuration.

use std::collections::{BTreeMap, BTreeSet};

use addrs::{InstanceKey, ModuleInstance, ModulePath, Resource, Target};
use diag::{Diagnostic, Diagnostics};

use crate::{Config, Moved, place};

pub(super) fn check(config: &Config) -> Diagnostics {
    let statements: Vec<Statement<'_>> =
        config.modules().flat_map(|module| &module.moved).map(Statement::new).collect();
    let mut diagnostics = Diagnostics::new();
    let mut by_from: BTreeMap<&str, &Statement<'_>> = BTreeMap::new();
    let mut by_to: BTreeMap<&str, &Statement<'_>> = BTreeMap::new();
    for statement in &statements {
        if statement.from == statement.to {
            diagnostics.push(redundant(statement));
            continue;
        }
        diagnostics.extend(other_mode(statement));
        let same_from = by_from.entry(&statement.from).or_insert(statement);
        if same_from.to != statement.to {
            diagnostics.push(ambiguous_from(statement, same_from, config));
        }
        let same_to = by_to.entry(&statement.to).or_insert(statement);
        if same_to.from != statement.from {
            diagnostics.push(ambiguous_to(statement, same_to, config));
        }
        diagnostics.extend(still_declared(statement, config));
    }
    diagnostics.extend(cycles(&statements, &by_from, config));
    diagnostics
}

/// A block with both ends seen from the root.
struct Statement<'a> {
    moved: &'a Moved,
    from: String,
    to: String,
}

impl<'a> Statement<'a> {
    fn new(moved: &'a Moved) -> Self {
        Self { moved, from: absolute(&moved.module, &moved.from), to: absolute(&moved.module, &moved.to) }
    }

    fn kind(&self) -> &'static str {
        match (&self.moved.from, self.is_of_instances()) {
            (Target::Module(_), false) => "module call",
            (Target::Module(_), true) => "module instance",
            (_, false) => "resource",
            (_, true) => "resource instance",
        }
    }

    /// An instance key at one end means that an address without one at the other end is an instance too.
    fn is_of_instances(&self) -> bool {
        [&self.moved.from, &self.moved.to].into_iter().any(|target| match target {
            Target::Instance(_) => true,
            Target::Resource(_) => false,
            Target::Module(module) => module.steps().last().is_some_and(|step| !step.key.is_none()),
        })
    }

    /// The ends as a chain of moves shows them: `[*]` where all instances are meant.
    fn pattern(&self, target: &Target) -> String {
        let mut text = String::new();
        for name in self.moved.module.steps() {
            text.push_str(&format!("module.{name}[*]."));
        }
        let all = if self.is_of_instances() { "" } else { "[*]" };
        text + &target.to_string() + all
    }
}

fn absolute(module: &ModulePath, target: &Target) -> String {
    if module.is_root() { target.to_string() } else { format!("{module}.{target}") }
}

fn redundant(statement: &Statement<'_>) -> Diagnostic {
    let detail = format!(
        "This statement declares a move from {} to the same address, which is the same as not declaring this move at all.",
        statement.from
    );
    Diagnostic::error("Redundant move statement", detail).at(statement.moved.span)
}

fn ambiguous_from(statement: &Statement<'_>, earlier: &Statement<'_>, config: &Config) -> Diagnostic {
    let kind = statement.kind();
    let detail = format!(
        "A statement at {} declared that {} moved to {}, but this statement instead declares that it moved to \
         {}.\n\nEach {kind} can move to only one destination {kind}.",
        place::start(&config.sources, earlier.moved.span),
        earlier.from,
        earlier.to,
        statement.to
    );
    Diagnostic::error("Ambiguous move statements", detail).at(statement.moved.span)
}

fn ambiguous_to(statement: &Statement<'_>, earlier: &Statement<'_>, config: &Config) -> Diagnostic {
    let kind = statement.kind();
    let detail = format!(
        "A statement at {} declared that {} moved to {}, but this statement instead declares that {} moved \
         there.\n\nEach {kind} can have moved from only one source {kind}.",
        place::start(&config.sources, earlier.moved.span),
        earlier.from,
        earlier.to,
        statement.from
    );
    Diagnostic::error("Ambiguous move statements", detail).at(statement.moved.span)
}

/// Objects can move between types where the provider can convert them, but never between modes.
fn other_mode(statement: &Statement<'_>) -> Option<Diagnostic> {
    let from = resource(&statement.moved.from)?;
    let to = resource(&statement.moved.to)?;
    (from.mode != to.mode).then(|| {
        let detail = format!(
            "This statement declares a move from {} to {}, which is a resource of a different mode.",
            statement.from, statement.to
        );
        Diagnostic::error("Resource mode mismatch", detail).at(statement.moved.span)
    })
}

fn resource(target: &Target) -> Option<&Resource> {
    match target {
        Target::Module(_) => None,
        Target::Resource(resource) => Some(&resource.resource),
        Target::Instance(instance) => Some(&instance.resource),
    }
}

/// What has moved must not be declared at its old place any more, as far as that can be told without values.
fn still_declared(statement: &Statement<'_>, config: &Config) -> Option<Diagnostic> {
    let moved = statement.moved;
    let span = match &moved.from {
        Target::Module(module) => {
            let call = config.call(&config_path(&moved.module, module))?;
            let key = module.steps().last().map(|step| &step.key)?;
            let repeated = call.count.is_some() || call.for_each.is_some();
            declared(statement, key, repeated).then_some(call.span)?
        }
        from => {
            let module = config.module(&config_path(&moved.module, from.module()))?;
            let block = module.resources.get(resource(from)?)?;
            let key = match from {
                Target::Instance(instance) => instance.key.clone(),
                _ => InstanceKey::None,
            };
            let repeated = block.count.is_some() || block.for_each.is_some();
            declared(statement, &key, repeated).then_some(block.span)?
        }
    };
    let kind = statement.kind();
    let short = match kind {
        "module call" => "call",
        "resource" => "resource",
        _ => "instance",
    };
    let detail = format!(
        "This statement declares a move from {}, but that {kind} is still declared at {}.\n\nChange your configuration so \
         that this {short} will be declared as {} instead.",
        statement.from,
        place::start(&config.sources, span),
        statement.to
    );
    Some(Diagnostic::error("Moved object still exists", detail).at(moved.span))
}

/// Whether a declared block has what moved away: all of it, or certainly this instance.
fn declared(statement: &Statement<'_>, key: &InstanceKey, repeated: bool) -> bool {
    !statement.is_of_instances() || (key.is_none() && !repeated)
}

fn config_path(module: &ModulePath, inside: &ModuleInstance) -> ModulePath {
    ModulePath::new(module.steps().iter().cloned().chain(inside.steps().iter().map(|step| step.name.clone())))
}

/// Chains of moves that come back to where they began; each is reported once.
fn cycles(
    statements: &[Statement<'_>],
    by_from: &BTreeMap<&str, &Statement<'_>>,
    config: &Config,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for statement in statements {
        let mut chain: Vec<&Statement<'_>> = Vec::new();
        let mut at = by_from.get(statement.from.as_str()).copied();
        while let Some(next) = at.filter(|next| next.from != next.to) {
            if let Some(start) = chain.iter().position(|earlier| earlier.from == next.from) {
                found.extend(chain.get(start..).map(|cycle| cyclic(cycle, config)));
                break;
            }
            if done.contains(next.from.as_str()) {
                break;
            }
            chain.push(next);
            at = by_from.get(next.to.as_str()).copied();
        }
        done.extend(chain.iter().map(|statement| statement.from.as_str()));
    }
    found
}

fn cyclic(cycle: &[&Statement<'_>], config: &Config) -> Diagnostic {
    let lines = cycle.iter().map(|statement| {
        format!(
            "\n  - {}: {} \u{2192} {}",
            place::start(&config.sources, statement.moved.span),
            statement.pattern(&statement.moved.from),
            statement.pattern(&statement.moved.to)
        )
    });
    let detail = format!(
        "The following chained move statements form a cycle, and so there is no final location to move objects \
         to:{}\n\nA chain of move statements must end with an address that doesn't appear in any other statements, and \
         which typically also refers to an object still declared in the configuration.",
        lines.collect::<String>()
    );
    let diagnostic = Diagnostic::error("Cyclic dependency in move statements", detail);
    cycle.first().map_or(diagnostic.clone(), |statement| diagnostic.at(statement.moved.span))
}
