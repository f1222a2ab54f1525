use std::sync::Arc;

use addrs::AbsResourceInstance;
use diag::{Diagnostic, Diagnostics};
use provider::ReadRequest;
use state::State;
use value::{Str, Value};

use crate::compare::Subject;
use crate::reads::first_error;
use crate::session::Session;
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
}

/// Takes existing objects into the state. The state is unchanged when the diagnostics hold errors.
pub async fn import(_request: ImportRequest) -> (State, Diagnostics) {
    todo!("engine helper")
}

impl Session {
    /// Asks the provider for an existing object, and reads it.
    pub(crate) async fn import_object(
        &self,
        subject: &Subject<'_>,
        id: &str,
    ) -> Result<(Value, Vec<u8>), Diagnostics> {
        self.operation.hooks.import_start(subject.address, id);
        let result = self.ask_for_import(subject, id).await;
        let error = result.as_ref().err().and_then(first_error);
        self.operation.hooks.import_end(subject.address, id, error.as_deref());
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
        let request =
            ReadRequest { type_name: wanted, current: object.state, private: object.private };
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
            "While attempting to import an existing object to \"{}\", the provider detected that no object exists with the given id. Only pre-existing objects can be imported; check that the id \"{id}\" is correct and that it is associated with the provider's configured region or endpoint, or use \"terraform apply\" to create a new remote object for this resource.",
            subject.address
        ),
    )
    .into()
}
