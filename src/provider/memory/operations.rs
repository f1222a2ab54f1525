use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use value::{Kind, Path, PathStep, Str, Type, Value};

use super::faults::add_diagnostics;
use super::schema::{DEFAULT_SIZE, REPLACING};
use super::{Fault, Inner, Memory, Object, Operation, Shared};
use crate::planning::{changed, fill_unknown, unknown_where_null, with_nulls};
use crate::requests::{
    ApplyRequest, ApplyResponse, DataRequest, DataResponse, EphemeralResponse, ImportRequest, ImportResponse,
    ImportedObject, PlanRequest, PlanResponse, Private, ReadRequest, ReadResponse, RecoverRequest,
    RecoverResponse, Settled,
};
use crate::review::{PlannedStep, Review};
use crate::schema::Block;
use crate::traits::Configured;

#[async_trait]
impl Configured for Memory {
    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse> {
        self.lock().log.batch(requests.len());
        let mut responses = Vec::with_capacity(requests.len());
        for request in requests {
            responses.push(self.read_one(request).await);
        }
        responses
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        let name = name_of(&request.proposed, &request.prior);
        let faults = self.lock().begin(Operation::Plan, &request.type_name, &name);
        wait(&self.shared, &faults).await;
        let mut response = match self.block(&request.type_name) {
            Some(block) => plan(block, &request),
            None => PlanResponse::ok(request.proposed.clone()),
        };
        response.private = request.private;
        for fault in &faults {
            add_diagnostics(fault, &mut response.diagnostics);
            response.planned = altered(fault, response.planned);
            if let Fault::Replace(attribute) = fault {
                response.requires_replace.push(Path::from_attr(attribute.clone()));
            }
        }
        self.lock().end(Operation::Plan, &request.type_name, &name);
        response
    }

    async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        let operation = match (request.prior.is_null(), request.planned.is_null()) {
            (true, _) => Operation::Create,
            (false, true) => Operation::Delete,
            (false, false) => Operation::Update,
        };
        let name = name_of(&request.planned, &request.prior);
        let faults = self.lock().begin(operation, &request.type_name, &name);
        wait(&self.shared, &faults).await;
        let response = self.change(&request, operation, &name, &faults).await;
        self.lock().end(operation, &request.type_name, &name);
        response
    }

    async fn recover(&self, request: RecoverRequest) -> RecoverResponse {
        let name = name_of(&request.planned, &request.prior);
        let faults = self.lock().begin(Operation::Recover, &request.type_name, &name);
        wait(&self.shared, &faults).await;
        self.lock().end(Operation::Recover, &request.type_name, &name);
        for fault in &faults {
            match fault {
                Fault::CannotTell(look_for) => {
                    return RecoverResponse::Unknown { look_for: look_for.clone() };
                }
                Fault::Fail(message) => {
                    return RecoverResponse::Failed(
                        Diagnostic::error("Injected failure", message.clone()).into(),
                    );
                }
                _ => {}
            }
        }
        match self.lock().outcomes.get(&request.token) {
            Some(state) => RecoverResponse::Found { state: state.clone(), private: request.private },
            None => RecoverResponse::NotApplied,
        }
    }

    async fn settled(&self, created: Vec<Settled>) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for object in created {
            let name = name_of(&object.state, &object.state);
            let faults = self.lock().begin(Operation::Settle, &object.type_name, &name);
            for fault in &faults {
                add_diagnostics(fault, &mut diagnostics);
            }
            self.lock().end(Operation::Settle, &object.type_name, &name);
        }
        diagnostics
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        let faults = self.lock().begin(Operation::Import, &request.type_name, &request.id);
        wait(&self.shared, &faults).await;
        self.lock().end(Operation::Import, &request.type_name, &request.id);
        let mut diagnostics = Diagnostics::new();
        for fault in &faults {
            add_diagnostics(fault, &mut diagnostics);
        }
        let found = self.lock().objects.get(&request.id).cloned();
        let objects = match found {
            Some(object) if object.type_name == request.type_name && !diagnostics.has_errors() => {
                vec![ImportedObject {
                    type_name: request.type_name,
                    state: object.value,
                    private: Vec::new(),
                }]
            }
            _ => Vec::new(),
        };
        if objects.is_empty() && diagnostics.is_empty() {
            diagnostics.error(
                "Cannot import non-existent remote object",
                format!("There is no object {}.", request.id),
            );
        }
        ImportResponse { objects, diagnostics }
    }

    async fn read_data(&self, request: DataRequest) -> DataResponse {
        let id = request.config.attr_str("id").cloned().unwrap_or_default();
        let faults = self.lock().begin(Operation::ReadData, &request.type_name, &id);
        wait(&self.shared, &faults).await;
        self.lock().end(Operation::ReadData, &request.type_name, &id);
        let mut diagnostics = Diagnostics::new();
        let mut state = request.config.clone();
        match self.object(&id) {
            Some(object) => {
                for name in ["name", "value", "secret"] {
                    let value = object.attr(name).cloned().unwrap_or_else(|| Value::null(Type::String));
                    state = state.with_attr(name, value);
                }
            }
            None => diagnostics.error("No such object", format!("There is no object {id}.")),
        }
        for fault in &faults {
            add_diagnostics(fault, &mut diagnostics);
            state = altered(fault, state);
        }
        DataResponse { state, diagnostics }
    }

    async fn open_ephemeral(&self, type_name: Str, config: Value) -> EphemeralResponse {
        let name = name_of(&config, &config);
        let faults = self.lock().begin(Operation::Open, &type_name, &name);
        wait(&self.shared, &faults).await;
        let token = self.lock().next_id("token", &name);
        self.lock().end(Operation::Open, &type_name, &name);
        let result = config.with_attr("token", Value::string(token));
        ephemeral(result, name.as_bytes().to_vec(), &faults)
    }

    async fn renew_ephemeral(&self, type_name: Str, private: Private) -> EphemeralResponse {
        let name = String::from_utf8_lossy(&private).into_owned();
        let faults = self.lock().begin(Operation::Renew, &type_name, &name);
        wait(&self.shared, &faults).await;
        self.lock().end(Operation::Renew, &type_name, &name);
        ephemeral(Value::dynamic(), private, &faults)
    }

    async fn close_ephemeral(&self, type_name: Str, private: Private) -> Diagnostics {
        let name = String::from_utf8_lossy(&private).into_owned();
        let faults = self.lock().begin(Operation::Close, &type_name, &name);
        wait(&self.shared, &faults).await;
        self.lock().end(Operation::Close, &type_name, &name);
        ephemeral(Value::dynamic(), private, &faults).diagnostics
    }

    async fn review_plan(&self, steps: &[PlannedStep]) -> Review {
        let mut inner = self.lock();
        inner.log.begin(Operation::Review, "", "");
        inner.log.end(Operation::Review, "", "");
        inner.reviews.push(steps.to_vec());
        let refusal =
            inner.refusal.iter().map(|message| Diagnostic::error("Plan refused", message.clone())).collect();
        if let Some(review) = inner.review {
            return review(steps);
        }
        Review { diagnostics: refusal, steps: inner.rollout.clone(), ..Review::default() }
    }

    async fn stop(&self) {
        let mut inner = self.lock();
        inner.log.begin(Operation::Stop, "", "");
        inner.log.end(Operation::Stop, "", "");
        inner.stopped = true;
        drop(inner);
        self.shared.stop.notify_waiters();
    }
}

impl Memory {
    async fn read_one(&self, request: ReadRequest) -> ReadResponse {
        let name = name_of(&request.current, &request.current);
        let faults = self.lock().begin(Operation::Read, &request.type_name, &name);
        wait(&self.shared, &faults).await;
        let id = request.current.attr_str("id").cloned().unwrap_or_default();
        let found = self.object(&id).unwrap_or_else(|| Value::null(request.current.ty()));
        let mut response = ReadResponse::ok(found, request.private);
        for fault in &faults {
            add_diagnostics(fault, &mut response.diagnostics);
            response.state = altered(fault, response.state);
        }
        if response.diagnostics.has_errors() {
            response.state = request.current;
        }
        self.lock().end(Operation::Read, &request.type_name, &name);
        response
    }

    async fn change(
        &self,
        request: &ApplyRequest,
        operation: Operation,
        name: &str,
        faults: &[Fault],
    ) -> ApplyResponse {
        let mut diagnostics = Diagnostics::new();
        for fault in faults {
            add_diagnostics(fault, &mut diagnostics);
        }
        let private = request.private.clone();
        if faults.iter().any(|fault| matches!(fault, Fault::Hang)) {
            std::future::pending::<()>().await;
        }
        if faults.iter().any(|fault| matches!(fault, Fault::Fail(_))) {
            let state = request.prior.clone();
            return ApplyResponse { state, private, diagnostics };
        }
        let partial = faults.iter().any(|fault| matches!(fault, Fault::Partial(_)));
        let mut state = self.lock().act(self.block(&request.type_name), request, operation, name, partial);
        if faults.iter().any(|fault| matches!(fault, Fault::LoseAnswer)) {
            std::future::pending::<()>().await;
        }
        for fault in faults {
            state = altered(fault, state);
        }
        ApplyResponse { state, private, diagnostics }
    }

    fn block(&self, type_name: &str) -> Option<&Block> {
        self.schema.resource(type_name).map(|schema| &schema.block)
    }
}

impl Inner {
    /// Makes the change and remembers its outcome.
    fn act(
        &mut self,
        block: Option<&Block>,
        request: &ApplyRequest,
        operation: Operation,
        name: &str,
        partial: bool,
    ) -> Value {
        let state = match (operation, block) {
            (Operation::Delete, _) | (_, None) => {
                let id = request.prior.attr_str("id").cloned().unwrap_or_default();
                self.objects.remove(&id);
                request.planned.clone()
            }
            (_, Some(block)) => {
                let kind = request.type_name.trim_start_matches("test_").to_owned();
                let id = match request.prior.attr_str("id") {
                    Some(id) => id.clone(),
                    None => self.next_id(&kind, name),
                };
                let revision = request.prior.attr("revision").and_then(Value::as_i64).unwrap_or_default();
                let mut state = complete(block, &request.planned, &id, revision.saturating_add(1));
                if partial {
                    state = with_nulls(block, &request.planned).with_attr("id", Value::string(id.clone()));
                }
                let object = Object { type_name: request.type_name.clone(), value: state.clone() };
                self.objects.insert(id, object);
                state
            }
        };
        self.outcomes.insert(request.token.clone(), state.clone());
        state
    }

    fn next_id(&mut self, kind: &str, name: &str) -> Str {
        let name = if name.is_empty() { "unnamed" } else { name };
        let key = Str::from(format!("{kind}-{name}"));
        let count = self.created.entry(key.clone()).or_default();
        *count += 1;
        Str::from(format!("{key}-{count}"))
    }
}

/// What faults and logs know an object by.
pub(super) fn name_of(object: &Value, or: &Value) -> Str {
    let text = |object: &Value, name: &str| object.attr_str(name).cloned();
    text(object, "name")
        .or_else(|| text(or, "name"))
        .or_else(|| text(object, "id"))
        .or_else(|| text(or, "id"))
        .unwrap_or_default()
}

/// Waits as the faults say; a stop ends the wait.
pub(super) async fn wait(shared: &Shared, faults: &[Fault]) {
    for fault in faults {
        if shared.lock().stopped {
            return;
        }
        match fault {
            Fault::Delay(time) => {
                tokio::select! {
                    () = tokio::time::sleep(*time) => {}
                    () = shared.stop.notified() => {}
                }
            }
            Fault::Wait(gate) => {
                tokio::select! {
                    () = gate.notified() => {}
                    () = shared.stop.notified() => {}
                }
            }
            _ => {}
        }
    }
}

fn plan(block: &Block, request: &PlanRequest) -> PlanResponse {
    if request.proposed.is_null() {
        return PlanResponse::ok(request.proposed.clone());
    }
    if request.prior.is_null() {
        return PlanResponse::ok(unknown_where_null(block, &request.proposed));
    }
    let names =
        block.attributes.iter().filter(|(_, a)| a.optional || a.required).map(|(name, _)| name.as_str());
    let names = names.chain(block.blocks.keys().map(Str::as_str));
    let mut planned = request.proposed.clone();
    if !changed(&request.prior, &planned, names).is_empty() {
        planned = unknown_where_null(block, &planned).with_attr("revision", Value::unknown(Type::Number));
    }
    let replacing = changed(&request.prior, &planned, REPLACING.iter().copied());
    PlanResponse::ok(planned).replace(replacing)
}

/// The object with everything computed that was unknown.
fn complete(block: &Block, planned: &Value, id: &str, revision: i64) -> Value {
    fill_unknown(block, planned, |path, attribute| {
        let last = match path.0.last() {
            Some(PathStep::Attr(name)) => name.as_str(),
            _ => "",
        };
        match last {
            "id" if path.0.len() == 1 => Value::string(id),
            "id" => Value::string(format!("{id}{}", suffix(path))),
            "revision" => Value::number(revision),
            "size" => Value::number(DEFAULT_SIZE),
            "level" => Value::string("info"),
            _ => Value::null(attribute.ty.clone()),
        }
    })
}

/// `-disk-0` for `.disk[0].id`.
fn suffix(path: &Path) -> String {
    let steps = path.0.iter().take(path.0.len().saturating_sub(1));
    steps
        .map(|step| match step {
            PathStep::Attr(name) => format!("-{name}"),
            PathStep::Index(key) => match key.kind() {
                Kind::Number(n) => format!("-{n}"),
                Kind::String(key) => format!("-{key}"),
                _ => String::new(),
            },
        })
        .collect()
}

fn altered(fault: &Fault, value: Value) -> Value {
    match fault {
        Fault::Wrong { attribute, value: wrong } => value.with_attr(attribute, wrong.clone()),
        Fault::Null => Value::null(value.ty()),
        _ => value,
    }
}

fn ephemeral(result: Value, private: Private, faults: &[Fault]) -> EphemeralResponse {
    let mut diagnostics = Diagnostics::new();
    for fault in faults {
        add_diagnostics(fault, &mut diagnostics);
    }
    EphemeralResponse { result, private, renew_at: None, diagnostics }
}
