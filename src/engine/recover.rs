use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use addrs::{AbsResourceInstance, DeposedKey};
use diag::{Diagnostic, Diagnostics, Severity};
use provider::RecoverResponse;
use state::journal::{Record, Started};
use state::{ObjectState, ObjectStatus, ResourceState, State};
use value::{Str, Value, msgpack};

use crate::Operation;
use crate::eval::{encode_object, read_object};
use crate::graph::{Purpose, Vertex, config_graph, cycle_error, detach_stored, keep_needed_by, order};
use crate::program::{Program, Times, TypeSchema};
use crate::session::{Expansions, Phase, Session, StoredModules};
use crate::stored::{Configure, evaluate_stored};

/// Changes that an earlier run began and whose end is not in the journal.
#[derive(Clone)]
pub struct RecoverRequest {
    pub operation: Operation,
    /// With the finished records folded in.
    pub state: State,
    pub started: Vec<Started>,
}

/// What became of them.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// To be folded into the state; each ends the change whose token it carries.
    pub records: Vec<Record>,
    /// Nobody can tell yet: to be kept in the journal, and given to the next plan and apply, which refuse to touch
    /// these addresses until the object is imported or [`acknowledge`]d not to exist.
    pub unresolved: Vec<Started>,
}

/// Asks the providers what became of changes that were begun but not finished.
pub async fn recover(request: RecoverRequest) -> (Recovery, Diagnostics) {
    let mut recovery = Recovery::default();
    let mut diagnostics = Diagnostics::new();
    if request.started.is_empty() {
        return (recovery, diagnostics);
    }
    let session = match prepare(&request, &mut diagnostics).await {
        Ok(session) => session,
        Err(errors) => {
            diagnostics.extend(errors);
            recovery.unresolved = request.started;
            return (recovery, diagnostics);
        }
    };
    for started in request.started {
        match ask(&session, &request.state, &started).await {
            Ok(records) => recovery.records.extend(records),
            Err(findings) => {
                diagnostics.extend(findings);
                recovery.unresolved.push(started);
            }
        }
    }
    diagnostics.extend(session.ephemerals.close_all(&session).await);
    (recovery, diagnostics)
}

/// Configures the providers that are to be asked; values of resources are those of the state.
async fn prepare(request: &RecoverRequest, diagnostics: &mut Diagnostics) -> Result<Session, Diagnostics> {
    let operation = request.operation.clone();
    let now = operation.environment.now();
    let mut known = request.state.clone();
    for started in &request.started {
        // Also resources that only the journal names need a place.
        known.resources.entry(started.address.containing()).or_insert_with(|| {
            Arc::new(ResourceState { provider: started.provider.clone(), instances: BTreeMap::new() })
        });
    }
    let (program, findings) = Program::build(&operation, &known, Times { now: Some(now), plan: Some(now) });
    diagnostics.extend(findings.into_result()?);
    let (mut graph, findings) = config_graph(&program, Purpose::Static, &HashMap::new());
    diagnostics.extend(findings.into_result()?);
    if order(&graph).is_none() {
        return Err(cycle_error(&graph, &program, &[]));
    }
    let wanted: BTreeSet<Vertex> = request
        .started
        .iter()
        .filter_map(|started| program.resource_id(&started.address.config()))
        .map(|id| Vertex::Provider(program.resource(id).provider))
        .collect();
    detach_stored(&mut graph, &program);
    keep_needed_by(&mut graph, |vertex| wanted.contains(&vertex));
    let expansions = Expansions::Stored(Box::new(StoredModules::of(&request.state)));
    let session = Session::new(operation, program, Phase::Plan, expansions);
    let walked = evaluate_stored(&session, &graph, &request.state, Configure::Yes).await;
    diagnostics.extend(walked.diagnostics);
    Ok(session)
}

/// The records that end a change, or why nobody can tell.
async fn ask(session: &Session, state: &State, started: &Started) -> Result<Vec<Record>, Diagnostics> {
    let program = session.program();
    let info = program.resource_id(&started.address.config()).map(|id| program.resource(id));
    let Some((info, schema)) = info.and_then(|info| Some((info, info.schema.as_ref()?))) else {
        return Err(refusal(started).into());
    };
    let decode =
        |bytes: &[u8]| msgpack::decode(bytes, &schema.ty).map_err(|_| Diagnostics::from(refusal(started)));
    let stored = stored_object(state, started);
    let null = Value::null(schema.ty.clone());
    let prior = match (&stored, &program.provider(info.provider).provider) {
        (Some(object), Some(provider)) if started.action != "create" => {
            read_object(provider.as_ref(), &started.address.resource, object)?
        }
        _ => null,
    };
    let request = provider::RecoverRequest {
        type_name: Str::from(started.address.resource.ty.as_str()),
        prior,
        planned: decode(&started.planned)?,
        config: decode(&started.config)?,
        private: started.private.clone(),
        token: Str::from(started.token.as_str()),
    };
    let configured = session.configured(info.provider)?;
    let provider = &program.provider(info.provider).address.provider;
    let answer = session.calls.make(provider, async move { configured.recover(request).await }).await?;
    match answer {
        RecoverResponse::Found { state: found, private } => {
            found_records(started, stored, schema, &found, private)
        }
        RecoverResponse::NotApplied => Ok(vec![ending(started, stored)]),
        RecoverResponse::Unknown { look_for } => {
            let mut finding = refusal(started);
            finding.severity = Severity::Warning;
            finding.detail = format!("{}\n\nWhat to look for: {look_for}", finding.detail);
            Err(finding.into())
        }
        RecoverResponse::Failed(errors) => Err(errors
            .into_iter()
            .chain([refusal(started)])
            .collect::<Diagnostics>()
            .with_address(&started.address)),
    }
}

fn found_records(
    started: &Started,
    stored: Option<Arc<ObjectState>>,
    schema: &TypeSchema,
    found: &Value,
    private: Vec<u8>,
) -> Result<Vec<Record>, Diagnostics> {
    if found.is_null() {
        return Ok(vec![ending(started, None)]);
    }
    let object = encode_object(
        schema,
        found,
        &[],
        private,
        ObjectStatus::Ready,
        &started.dependencies,
        started.create_before_destroy,
    )?;
    let mut records = Vec::new();
    if started.action == "create" && stored.is_some() {
        // The old object was to be destroyed after this creation: it waits for that again.
        let key = started.token.chars().filter(char::is_ascii_hexdigit).take(8).collect();
        records.push(Record::Deposed {
            address: started.address.clone(),
            provider: started.provider.clone(),
            key: DeposedKey(key),
        });
    }
    records.push(ending(started, Some(Arc::new(object))));
    Ok(records)
}

fn stored_object(state: &State, started: &Started) -> Option<Arc<ObjectState>> {
    let instance = state.instance(&started.address)?;
    match &started.deposed {
        Some(key) => instance.deposed.get(key).cloned(),
        None => instance.current.clone(),
    }
}

fn ending(started: &Started, object: Option<Arc<ObjectState>>) -> Record {
    Record::Finished {
        token: Some(started.token.clone()),
        address: started.address.clone(),
        deposed: started.deposed.clone(),
        provider: started.provider.clone(),
        object,
    }
}

/// A person's word that an unresolved change did not happen: the record that ends it and leaves the state as it is.
pub fn acknowledge(
    state: &State,
    unresolved: &[Started],
    address: &AbsResourceInstance,
) -> Result<Vec<Record>, Diagnostic> {
    let records: Vec<Record> = unresolved
        .iter()
        .filter(|started| started.address == *address)
        .map(|started| ending(started, stored_object(state, started)))
        .collect();
    if records.is_empty() {
        let known: Vec<String> = unresolved.iter().map(|started| started.address.to_string()).collect();
        let hint = if known.is_empty() {
            "There is no change with unknown outcome.".to_owned()
        } else {
            format!("Changes with unknown outcome: {}.", known.join(", "))
        };
        return Err(Diagnostic::error(
            "No unresolved change",
            format!("No earlier change of {address} has an unknown outcome. {hint}"),
        ));
    }
    Ok(records)
}

/// Why an address with an unresolved change is not touched.
pub(crate) fn refusal(started: &Started) -> Diagnostic {
    Diagnostic::error(
        "Earlier change with unknown outcome",
        format!(
            "An earlier run asked to {} {} and ended before the answer came, and it is not known whether that happened. To plan it now could make a second one.\n\nLook whether the object exists. If it does, take it over with \"groma import {} ID\"; if it does not, say so with \"groma state resolve {}\".",
            started.action, started.address, started.address, started.address
        ),
    )
    .address(&started.address)
}
