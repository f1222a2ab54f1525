use std::collections::HashMap;
use std::sync::Arc;

use addrs::{AbsResourceInstance, InstanceKey, ModuleInstance};
use diag::{Diagnostic, Diagnostics};
use provider::ReadRequest;
use state::journal::{Record, Started};
use state::{ObjectStatus, State};
use value::{Str, Value};

use crate::compare::Subject;
use crate::eval::{Expansion, encode_object};
use crate::graph::{
    Closures, Graph, Purpose, Vertex, config_graph, cycle_error, keep_needed_by, order, target_vertex,
};
use crate::planning::import_without_config;
use crate::program::{Program, ResourceId, ResourceInfo, Times};
use crate::reads::first_error;
use crate::session::{Expansions, Phase, Session};
use crate::stored::{Configure, evaluate_stored, no_dependencies};
use crate::{Operation, Recorder};

/// `groma import ADDR ID`.
#[derive(Clone)]
pub struct ImportRequest {
    pub operation: Operation,
    pub state: State,
    /// Must have a resource block in the configuration.
    pub address: AbsResourceInstance,
    pub id: Str,
    pub recorder: Arc<dyn Recorder>,
    /// Changes with unknown outcome: one of this address ends with the import.
    pub unresolved: Vec<Started>,
}

/// Takes existing objects into the state. The state is unchanged when the diagnostics hold errors.
pub async fn import(request: ImportRequest) -> (State, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let state = match take_over(&request, &mut diagnostics).await {
        Ok(state) => state,
        Err(errors) => {
            diagnostics.extend(errors);
            request.state.clone()
        }
    };
    (state, diagnostics)
}

async fn take_over(request: &ImportRequest, diagnostics: &mut Diagnostics) -> Result<State, Diagnostics> {
    let ImportRequest { operation, state, address, .. } = request;
    let now = operation.environment.now();
    let times = Times { now: Some(now), plan: Some(now) };
    let (program, findings) = Program::build(operation, state, times);
    diagnostics.extend(findings.into_result()?);
    let Some(id) = program
        .resource_id(&address.config())
        .filter(|id| program.resource(*id).config.is_some() && address.resource.mode == addrs::Mode::Managed)
    else {
        return Err(without_block(address).into());
    };
    if state.instance(address).is_some_and(|instance| instance.current.is_some()) {
        return Err(Diagnostic::error(
            "Resource already managed by groma",
            format!("groma is already managing a remote object for {address}. To import to this address you must first remove the existing object from the state."),
        )
        .into());
    }
    let (mut graph, findings) = config_graph(&program, Purpose::Static, &HashMap::new());
    diagnostics.extend(findings.into_result()?);
    let Some(sequence) = order(&graph) else { return Err(cycle_error(&graph, &program, &[])) };
    let closures = Closures::compute(&graph, &program, &sequence);
    let dependencies =
        graph.find(Vertex::Resource(id)).map_or_else(no_dependencies, |index| closures.addresses(index));
    let provider = program.resource(id).provider;
    let unclear = has_unclear_instances(&program, &graph, &closures, id);
    keep_needed_by(&mut graph, |vertex| {
        vertex == Vertex::Provider(provider) || vertex == Vertex::Resource(id)
    });
    let session = Session::new(operation.clone(), program, Phase::Plan, Expansions::Evaluated);
    let walked = evaluate_stored(&session, &graph, state, Configure::Yes).await;
    // Only the provider is needed: what the arguments of the resource refer to may not be there yet.
    match session.configured(provider) {
        Ok(_) => diagnostics.extend(walked.diagnostics.into_iter().filter(|found| !found.is_error())),
        Err(error) => {
            diagnostics.extend(walked.diagnostics.into_result()?);
            return Err(error.into());
        }
    }
    let info = session.program().resource(id);
    if !is_instance(&session, info, address, unclear) {
        return Err(import_without_config(address).into());
    }
    let Some(schema) = &info.schema else { return Ok(state.clone()) };
    let subject = Subject { session: &session, info, schema, address };
    let hooks = &session.operation.hooks;
    hooks.import_start(address, &request.id);
    let imported = session.import_object(&subject, &request.id).await;
    hooks.import_end(address, &request.id, imported.as_ref().err().and_then(first_error).as_deref());
    diagnostics.extend(session.ephemerals.close_all(&session).await);
    let (value, private) = imported?;
    let object = encode_object(schema, &value, &[], private, ObjectStatus::Ready, &dependencies, false)?;
    let object = Some(Arc::new(object));
    let config = subject.provider().address.clone();
    let token = request.unresolved.iter().find(|s| s.address == *address).map(|s| s.token.clone());
    let record = Record::Finished {
        token,
        address: address.clone(),
        deposed: None,
        provider: config.clone(),
        object: object.clone(),
    };
    request.recorder.finished(record).await?;
    let mut state = state.clone();
    state.set_current(address, &config, object);
    Ok(state)
}

/// Whether what the instances of a resource are made from, its own or those of the modules it is in, are objects: the state may
/// have only some of them so far.
fn has_unclear_instances(program: &Program, graph: &Graph, closures: &Closures, id: ResourceId) -> bool {
    let info = program.resource(id);
    let mut targets = Vec::new();
    let mut at = info.module;
    if let (Some(module), Some(block)) = (at, &info.config) {
        for expr in block.count.iter().chain(&block.for_each) {
            let _ = program.module(module).expression_targets(program, expr, &mut targets);
        }
    }
    while let Some(module) = at.map(|id| program.module(id)) {
        if let Some((parent, call)) = module.parent.zip(module.call.as_ref()) {
            for expr in call.count.iter().chain(&call.for_each) {
                let _ = program.module(parent).expression_targets(program, expr, &mut targets);
            }
        }
        at = module.parent;
    }
    targets.into_iter().any(|target| match target_vertex(target) {
        Vertex::Resource(_) => true,
        vertex => graph.find(vertex).is_some_and(|index| !closures.of(index).is_empty()),
    })
}

/// Whether the configuration has the instance; where that cannot be told yet, whether it could have it.
fn is_instance(session: &Session, info: &ResourceInfo, address: &AbsResourceInstance, unclear: bool) -> bool {
    let Some(block) = &info.config else { return false };
    let possible = || {
        let (program, count, for_each) = (session.program(), block.count.is_some(), block.for_each.is_some());
        has_form(&address.key, count, for_each) && is_possible_module(program, &address.module)
    };
    if unclear {
        return possible();
    }
    let Some(table) = session.table(&address.module) else { return false };
    let scope = session.surroundings.scope(&table);
    match Expansion::evaluate(block.count.as_ref(), block.for_each.as_ref(), &scope) {
        Ok((expansion, _)) => expansion.contains(&address.key),
        Err(_) => possible(),
    }
}

fn is_possible_module(program: &Program, module: &ModuleInstance) -> bool {
    let mut at = &program.modules[0];
    module.steps().iter().all(|step| {
        let Some(child) = at.children.get(&step.name) else { return false };
        at = program.module(*child);
        at.call
            .as_ref()
            .is_some_and(|call| has_form(&step.key, call.count.is_some(), call.for_each.is_some()))
    })
}

/// Whether a key is one of what has `count`, `for_each` or neither.
fn has_form(key: &InstanceKey, count: bool, for_each: bool) -> bool {
    match key {
        InstanceKey::None => !count && !for_each,
        InstanceKey::Int(_) => count,
        InstanceKey::String(_) => for_each,
    }
}

fn without_block(address: &AbsResourceInstance) -> Diagnostic {
    let module = if address.module.is_root() {
        "the root module".to_owned()
    } else {
        format!("the module {}", address.module)
    };
    Diagnostic::error(
        format!("resource address \"{address}\" does not exist in the configuration."),
        format!(
            "Before importing this resource, please create its configuration in {module}. For example:\n\nresource \"{}\" \"{}\" {{\n  # (resource arguments)\n}}",
            address.resource.ty, address.resource.name
        ),
    )
}

impl Session {
    /// Asks the provider for an existing object, and reads it.
    pub(crate) async fn import_object(
        &self,
        subject: &Subject<'_>,
        id: &str,
    ) -> Result<(Value, Vec<u8>), Diagnostics> {
        let result = self.ask_for_import(subject, id).await;
        result.map_err(|errors| errors.with_address(subject.address))
    }

    async fn ask_for_import(&self, subject: &Subject<'_>, id: &str) -> Result<(Value, Vec<u8>), Diagnostics> {
        let configured = self.configured(subject.info.provider)?;
        let provider = &subject.provider().address.provider;
        let request = provider::ImportRequest { type_name: subject.type_name(), id: Str::from(id) };
        let call = Arc::clone(&configured);
        let response = self.calls.make(provider, async move { call.import(request).await }).await?;
        if response.diagnostics.has_errors() {
            return Err(response.diagnostics);
        }
        let wanted = subject.type_name();
        let Some(object) = response.objects.into_iter().find(|object| object.type_name == wanted) else {
            return Err(not_found(subject, id));
        };
        let request = ReadRequest { type_name: wanted, current: object.state, private: object.private };
        let mut answers =
            self.calls.make(provider, async move { configured.read(vec![request]).await }).await?;
        let Some(answer) = answers.pop() else { return Err(not_found(subject, id)) };
        if answer.diagnostics.has_errors() {
            return Err(answer.diagnostics);
        }
        if answer.state.is_null() {
            return Err(not_found(subject, id));
        }
        Ok((answer.state, answer.private))
    }
}

fn not_found(subject: &Subject<'_>, id: &str) -> Diagnostics {
    Diagnostic::error(
        "Cannot import non-existent remote object",
        format!(
            "While attempting to import an existing object to \"{}\", the provider detected that no object exists with the given id. Only pre-existing objects can be imported; check that the id \"{id}\" is correct and that it is associated with the provider's configured region or endpoint, or use \"groma apply\" to create a new remote object for this resource.",
            subject.address
        ),
    )
    .into()
}
