//! Applying: the changes of a plan, in order, each recorded before anything that depends on it starts.

mod destroy;
mod finish;
mod graph;
mod order;
mod put;
mod record;
mod rollout;
mod settle;
mod unchanged;
mod values;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::plan::{Mode, Plan};
use addrs::{AbsResourceInstance, DeposedKey};
use diag::{Diagnostic, Diagnostics};
use futures::FutureExt;
use petgraph::stable_graph::NodeIndex;
use state::State;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use value::Value;

use crate::graph::{Step, Vertex};
use crate::interrupt::Urgency;
use crate::program::{Program, Times};
use crate::session::{Expansions, Phase, Session, StoredModules};
use crate::walk::{Outcome, Visit, walk};
use crate::{ApplyRequest, Operation, Recorder};

pub(crate) use graph::{ApplyGraph, apply_graph};
use rollout::Rollouts;
use settle::Creations;

/// Does what a plan says. The state is true however it ends: everything a provider answered went through the
/// recorder and is in it.
pub async fn apply(request: ApplyRequest) -> (State, Diagnostics) {
    let state = request.plan.prior_state.clone();
    if let Some(error) = refusal(&request) {
        return (state, error);
    }
    let operation = with_planned_variables(&request.operation, &request.plan);
    let times = Times { now: Some(operation.environment.now()), plan: Some(request.plan.timestamp) };
    let (program, mut diagnostics) = Program::build(&operation, &state, times);
    if diagnostics.has_errors() {
        return (state, diagnostics);
    }
    let built = apply_graph(&program, &request.plan);
    diagnostics.extend(built.diagnostics.clone());
    if diagnostics.has_errors() {
        return (state, diagnostics);
    }
    let expansions = match request.plan.mode {
        Mode::Destroy => Expansions::Stored(Box::new(StoredModules::of(&state))),
        Mode::Normal | Mode::RefreshOnly => Expansions::Evaluated,
    };
    let session = Session::new(operation, program, Phase::Apply, expansions);
    session.checks().expect(&request.plan.checks);
    let applying = Applying::new(session, request, state, &built);
    if let Err(errors) = applying.record_moves().await {
        diagnostics.extend(errors);
        return (applying.into_state(), diagnostics);
    }
    applying.tell_imports();
    let walked = walk(
        &built.graph,
        &applying.session.operation.interrupt,
        // Those that have a slot, and as many whose answer is being made durable.
        applying.session.operation.parallelism.get().saturating_mul(2),
        || applying.session.stop().boxed(),
        |index, vertex| applying.visit(index, vertex),
    )
    .await;
    applying.finish(&built.graph, walked, diagnostics).await
}

/// An apply in progress.
pub(crate) struct Applying {
    session: Session,
    plan: Plan,
    recorder: Arc<dyn Recorder>,
    state: Mutex<State>,
    /// Changes of current objects by instance.
    by_instance: HashMap<AbsResourceInstance, usize>,
    /// What instances are after their change.
    values: Mutex<HashMap<AbsResourceInstance, Value>>,
    /// Keys under which old objects wait for their destruction, by change.
    deposed: Mutex<HashMap<usize, DeposedKey>>,
    rollouts: Rollouts,
    created: Creations,
    dependencies: HashMap<crate::program::ResourceId, Arc<[addrs::ConfigResource]>>,
    /// Set when the recorder failed: nothing more may be started.
    halted: AtomicBool,
    slots: Arc<Semaphore>,
    /// Which changes have had a slot.
    begun: Vec<AtomicBool>,
}

/// The right to have one change under way, from before its start is recorded until its provider has answered. There are
/// as many as there may be calls, so that a crash leaves no more starts open than that.
pub(crate) type Slot = OwnedSemaphorePermit;

impl Applying {
    fn new(session: Session, request: ApplyRequest, state: State, built: &ApplyGraph) -> Self {
        let by_instance = request
            .plan
            .changes
            .iter()
            .enumerate()
            .filter(|(_, change)| change.deposed.is_none())
            .map(|(at, change)| (change.address.clone(), at))
            .collect();
        Self {
            rollouts: Rollouts::new(session.program(), &request.plan),
            slots: Arc::new(Semaphore::new(session.operation.parallelism.get())),
            begun: request.plan.changes.iter().map(|_| AtomicBool::new(false)).collect(),
            session,
            plan: request.plan,
            recorder: request.recorder,
            state: Mutex::new(state),
            by_instance,
            values: Mutex::default(),
            deposed: Mutex::default(),
            created: Creations::default(),
            dependencies: built.dependencies.clone(),
            halted: AtomicBool::new(false),
        }
    }

    /// Imported objects are in the state with the plan; whoever listens hears of them now.
    fn tell_imports(&self) {
        for change in &self.plan.changes {
            if let Some(id) = change.importing.as_ref().and_then(|importing| importing.id.as_ref()) {
                self.session.operation.hooks.import_applied(&change.address, id);
            }
        }
    }

    fn visit(&self, _index: NodeIndex, vertex: Vertex) -> Visit<'_> {
        let session = &self.session;
        match vertex {
            Vertex::Expand(module) => session.expand(module).into(),
            Vertex::Variable(module, at) => session.variable(module, at).into(),
            Vertex::Local(module, at) => session.local(module, at).into(),
            Vertex::Output(module, at) => self.output(module, at),
            Vertex::Check(module, at) => session.check(module, at).into(),
            Vertex::Provider(id) => Visit::wait(session.configure(id).map(Outcome::from)),
            Vertex::Open(id) => self.open(id).into(),
            Vertex::Resource(id) => self.close(id),
            Vertex::Change(at, step) => self.change(at as usize, step),
            Vertex::Outputs(_)
            | Vertex::Close(_)
            | Vertex::Refresh(_)
            | Vertex::DestroyGate(_)
            | Vertex::Destroyed(_)
            | Vertex::Changed => Visit::Done(Outcome::ok()),
        }
    }

    fn change(&self, at: usize, step: Step) -> Visit<'_> {
        if self.halted.load(Ordering::Acquire) || self.rollouts.stops(at, step, self.plan.changes[at].action)
        {
            return Visit::Done(Outcome::silent_failure());
        }
        Visit::wait(async move {
            // The semaphore is never closed, so a slot always comes.
            let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else { return Outcome::left() };
            if self.session.operation.interrupt.urgency() >= Urgency::Graceful {
                return Outcome::left();
            }
            if self.halted.load(Ordering::Acquire) {
                return Outcome::silent_failure();
            }
            self.begun[at].store(true, Ordering::Release);
            let outcome: Outcome = match step {
                Step::Put => self.put(at, slot).await.into(),
                Step::Destroy => self.destroy(at, slot).await.into(),
                Step::Forget => self.forget(at).await.into(),
            };
            if outcome.failed {
                self.rollouts.fail(at);
            }
            outcome
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn values(&self) -> MutexGuard<'_, HashMap<AbsResourceInstance, Value>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn program(&self) -> &Program {
        self.session.program()
    }

    fn into_state(self) -> State {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is said to whoever wants to apply a plan whose making failed.
pub fn incomplete_plan() -> Diagnostic {
    Diagnostic::error(
        "Cannot apply incomplete plan",
        "Groma encountered an error when generating this plan, so it cannot be applied. Make a new plan once that error is dealt with.",
    )
}

fn refusal(request: &ApplyRequest) -> Option<Diagnostics> {
    if request.plan.errored {
        return Some(incomplete_plan().into());
    }
    let changed = |started: &&state::journal::Started| {
        request.plan.changes.iter().any(|change| change.address == started.address)
    };
    let refusals: Diagnostics =
        request.unresolved.iter().filter(changed).map(crate::recover::refusal).collect();
    (!refusals.is_empty()).then_some(refusals)
}

/// The plan's values, and ephemeral ones as they were given again.
fn with_planned_variables(operation: &Operation, plan: &Plan) -> Operation {
    let mut operation = operation.clone();
    for (name, value) in &plan.variables {
        operation.variables.values.insert(name.clone(), value.clone());
    }
    operation
}
