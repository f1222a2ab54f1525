//! Planning: refresh, compare, and say what would be done.

mod conditions;
mod data;
mod delete;
mod ephemeral;
mod finish;
mod generate;
mod handovers;
mod ignore;
mod import_targets;
mod imports;
mod instance;
mod notices;
mod orphans;
mod priors;
mod refresh;
mod relevant;
mod resource;
mod review;
mod triggers;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use addrs::{AbsResource, AbsResourceInstance, Name};
use diag::{Diagnostic, Diagnostics};
use futures::FutureExt;
use petgraph::stable_graph::NodeIndex;
use plan::{Mode, OutputChange, Plan, ResourceChange};
use state::State;
use state::journal::Started;

use crate::graph::{
    Closures, Graph, Purpose, Targeting, Vertex, apply_destroy_targets, apply_targets, config_graph,
    cycle_error, order, propagate_create_before_destroy, prune_for_destroy,
};
use crate::moves::{Moves, apply_moves};
use crate::program::{Program, ResourceId, Times};
use crate::session::{Expansions, Phase, Session, StoredModules};
use crate::validate::static_checks;
use crate::walk::{Outcome, Visit, walk};
use crate::{PlanRequest, Refresh};

pub(crate) use ignore::ignore_changes;
use imports::Imports;
use priors::Priors;
pub(crate) use resource::import_without_config;
use triggers::Triggered;

/// Compares configuration and state and says what would be done. The plan is partial (`errored`) when the
/// diagnostics hold errors; everything that does not depend on what failed is planned.
pub async fn plan(request: PlanRequest) -> (Plan, Diagnostics) {
    let mut diagnostics = static_checks(&request.operation);
    let mut previous = request.state.clone();
    if diagnostics.has_errors() {
        return (finish::empty(&request, previous), diagnostics);
    }
    let (moves, findings) = apply_moves(&mut previous, &request.operation.config, &request.targets);
    diagnostics.extend(findings);
    let times = Times { now: None, plan: Some(request.timestamp) };
    let (program, findings) = Program::build(&request.operation, &previous, times);
    diagnostics.extend(findings);
    let (imports, findings) = Imports::collect(&program, request.mode, request.generate_config);
    diagnostics.extend(findings);
    let (mut graph, findings) = config_graph(&program, Purpose::Plan, &imports.expressions);
    diagnostics.extend(findings);
    let Some(sequence) = order(&graph) else {
        diagnostics.extend(cycle_error(&graph, &program, &[]));
        return (finish::empty(&request, previous), diagnostics);
    };
    if diagnostics.has_errors() {
        return (finish::empty(&request, previous), diagnostics);
    }
    let closures = Closures::compute(&graph, &program, &sequence);
    let vertices = graph.vertices().map(|(index, vertex)| (vertex, index)).collect();
    let replaced_first = propagate_create_before_destroy(&graph, &program, &previous);
    let targeting = if request.mode == Mode::Destroy {
        prune_for_destroy(&mut graph, &program, &previous);
        apply_destroy_targets(&mut graph, &program, &closures, &previous, &request.targets)
    } else {
        apply_targets(&mut graph, &program, &closures, &request.targets)
    };
    if !targeting.is_everything() {
        diagnostics.push(targeting_warning());
    }
    let expansions = match request.mode {
        Mode::Destroy => Expansions::Stored(Box::new(StoredModules::of(&previous))),
        Mode::Normal | Mode::RefreshOnly => Expansions::Evaluated,
    };
    let session = Session::new(request.operation.clone(), program, Phase::Plan, expansions);
    let planning = Planning::new(
        request,
        session,
        previous,
        moves,
        imports,
        &graph,
        closures,
        vertices,
        replaced_first,
        targeting,
    );
    let walked = walk(
        &graph,
        &planning.session.operation.interrupt,
        usize::MAX,
        || planning.session.stop().boxed(),
        |index, vertex| planning.visit(index, vertex),
    )
    .await;
    diagnostics.extend(walked.diagnostics);
    diagnostics.extend(planning.session.ephemerals.close_all(&planning.session).await);
    let cut_short = planning.cut_short.load(Ordering::Acquire);
    if !walked.not_started.is_empty() || !walked.abandoned.is_empty() || cut_short {
        let left = walked.not_started.len() + walked.abandoned.len() + usize::from(cut_short);
        diagnostics.push(Diagnostic::error(
            "Operation interrupted",
            format!("Planning was interrupted before it was complete: {left} steps were not done. Nothing has been changed."),
        ));
    }
    planning.finish(diagnostics).await
}

/// A plan in the making.
pub(crate) struct Planning {
    request: PlanRequest,
    session: Session,
    /// After moves, before refresh.
    previous: State,
    moves: Moves,
    imports: Imports,
    closures: Closures,
    /// Where vertices are, for the closures.
    vertices: HashMap<Vertex, NodeIndex>,
    replaced_first: HashSet<ResourceId>,
    targeting: Targeting,
    /// Which resources the state has, by resource.
    stored: HashMap<ResourceId, Vec<AbsResource>>,
    force_replace: HashSet<AbsResourceInstance>,
    /// What `removed` blocks leave alone.
    forgotten: Vec<config::RemovedTarget>,
    unresolved: HashMap<AbsResourceInstance, Started>,
    priors: Vec<OnceLock<Priors>>,
    /// Resources that have changes planned: data that depends on them explicitly is read later.
    pending: Vec<AtomicBool>,
    /// Changes of resources that a `replace_triggered_by` names.
    triggered: Triggered,
    /// Resources whose vertex is in the graph.
    in_graph: HashSet<ResourceId>,
    /// Set when an interrupt came while the instances of a resource were being planned.
    cut_short: AtomicBool,
    results: Mutex<Results>,
}

/// What the walk has found so far.
#[derive(Default)]
struct Results {
    changes: Vec<ResourceChange>,
    /// Data of checks, which an apply reads again if it changes anything.
    read_again: Vec<ResourceChange>,
    drift: Vec<ResourceChange>,
    outputs: BTreeMap<Name, OutputChange>,
    /// Objects whose reading ended with warnings.
    doubtful: Vec<AbsResourceInstance>,
    /// How objects of the prior state differ from the previous one's.
    updates: Vec<priors::StateUpdate>,
}

impl Planning {
    #[expect(clippy::too_many_arguments, reason = "each part is computed by a step of its own")]
    fn new(
        request: PlanRequest,
        session: Session,
        previous: State,
        moves: Moves,
        imports: Imports,
        graph: &Graph,
        closures: Closures,
        vertices: HashMap<Vertex, NodeIndex>,
        replaced_first: HashSet<ResourceId>,
        targeting: Targeting,
    ) -> Self {
        let program = session.program();
        let mut stored: HashMap<ResourceId, Vec<AbsResource>> = HashMap::new();
        for address in previous.resources.keys() {
            if let Some(id) = program.resource_id(&address.config()) {
                stored.entry(id).or_default().push(address.clone());
            }
        }
        Self {
            forgotten: orphans::forgotten(&program.config),
            force_replace: request.force_replace.iter().cloned().collect(),
            unresolved: request.unresolved.iter().map(|s| (s.address.clone(), s.clone())).collect(),
            priors: program.resources.iter().map(|_| OnceLock::new()).collect(),
            pending: program.resources.iter().map(|_| AtomicBool::new(false)).collect(),
            triggered: Triggered::new(program),
            in_graph: graph
                .vertices()
                .filter_map(|(_, vertex)| match vertex {
                    Vertex::Resource(id) => Some(id),
                    _ => None,
                })
                .collect(),
            cut_short: AtomicBool::new(false),
            results: Mutex::default(),
            request,
            session,
            previous,
            moves,
            imports,
            closures,
            vertices,
            replaced_first,
            targeting,
            stored,
        }
    }

    fn visit(&self, index: NodeIndex, vertex: Vertex) -> Visit<'_> {
        let session = &self.session;
        match vertex {
            Vertex::Expand(module) => session.expand(module).into(),
            Vertex::Variable(module, at) => session.variable(module, at).into(),
            Vertex::Local(module, at) => session.local(module, at).into(),
            Vertex::Output(module, at) => self.output(module, at).into(),
            Vertex::Check(module, at) => session.check(module, at).into(),
            Vertex::Provider(id) => Visit::wait(session.configure(id).map(Outcome::from)),
            Vertex::Refresh(id) => Visit::wait(self.refresh(id).map(Outcome::from)),
            Vertex::Resource(id) => Visit::wait(self.resource(index, id)),
            Vertex::Outputs(_)
            | Vertex::Close(_)
            | Vertex::Open(_)
            | Vertex::Change(..)
            | Vertex::DestroyGate(_)
            | Vertex::Destroyed(_)
            | Vertex::Changed => Visit::Done(Outcome::ok()),
        }
    }

    fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn program(&self) -> &Program {
        self.session.program()
    }

    fn mark_pending(&self, id: ResourceId) {
        self.pending[id.0 as usize].store(true, Ordering::Release);
    }

    fn is_pending(&self, id: ResourceId) -> bool {
        self.pending[id.0 as usize].load(Ordering::Acquire)
    }

    fn reads(&self) -> bool {
        self.request.refresh == Refresh::Read
    }
}

fn targeting_warning() -> Diagnostic {
    Diagnostic::warning(
        "Resource targeting is in effect",
        "You are creating a plan with the -target option, which means that the result of this plan may not represent all of the changes requested by the current configuration.\n\nThe -target option is not for routine use, and is provided only for exceptional situations such as recovering from errors or mistakes, or when groma specifically suggests to use it as part of an error message.",
    )
}
