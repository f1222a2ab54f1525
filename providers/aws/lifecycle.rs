//! Reading, changing, recovering and importing objects of any type.

use diag::{Diagnostic, Diagnostics};
use provider::{
    ApplyRequest, ApplyResponse, Block, ImportedObject, ReadRequest, ReadResponse, RecoverRequest,
    RecoverResponse,
};
use value::{Str, Value};

use crate::api::ApiError;
use crate::client::{Client, Poll};
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::observed::{Keep, Observed, resolved_object};
use crate::resource::{Creation, Located, Resource, Tagging};
use crate::resources::operation;
use crate::tags::{self, OPERATION_KEY, TagSettings};
use std::time::Duration;

/// How often a creation is tried when its answers get lost.
const CREATION_ATTEMPTS: u32 = 3;

/// How long a creation of unknown outcome is looked for before it counts as not made.
const LOOK_LIMIT: Duration = Duration::from_secs(3);

/// How often an object is read again when it does not yet look as it was made: about four seconds.
const AGREEMENT_POLLS: u32 = 4;

/// How long an object may take to be seen after its creation was answered.
const APPEARANCE_LIMIT: Duration = Duration::from_mins(5);

/// Works on the objects of one type.
pub struct Lifecycle<'a> {
    pub resource: &'a dyn Resource,
    pub schema: &'a Block,
    pub client: &'a Client,
    pub tags: &'a TagSettings,
}

impl Lifecycle<'_> {
    pub async fn read(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse> {
        let known: Vec<Object> =
            requests.iter().map(|request| Object::new(request.current.clone())).collect();
        match self.resource.observe(self.client, &known).await {
            Ok(observed) => {
                self.remove_leftovers(&known, &observed).await;
                let pairs = requests.into_iter().zip(known).zip(observed);
                pairs.map(|((request, known), observed)| self.answer(request, &known, observed)).collect()
            }
            Err(failure) => requests
                .into_iter()
                .map(|request| {
                    let diagnostic =
                        failure.diagnostic(&self.doing("reading", &Object::new(request.current.clone())));
                    ReadResponse::failed(request, diagnostic)
                })
                .collect(),
        }
    }

    fn answer(&self, request: ReadRequest, known: &Object, observed: Option<Observed>) -> ReadResponse {
        let state = match observed {
            Some(observed) => self.settle(observed, known, Keep::Prior),
            None => Value::null(self.schema.implied_type()),
        };
        ReadResponse::ok(state, request.private)
    }

    pub async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        let private = request.private.clone();
        let response = if request.prior.is_null() {
            self.create(Object::new(request.planned), &request.token).await
        } else if request.planned.is_null() {
            self.delete(Object::new(request.prior)).await
        } else {
            self.update(Object::new(request.prior), Object::new(request.planned)).await
        };
        ApplyResponse { private, ..response }
    }

    async fn create(&self, planned: Object, token: &str) -> ApplyResponse {
        let created = match self.bring_into_being(&planned, token).await {
            Ok(created) => created,
            Err(failure) => {
                let nothing = Value::null(self.schema.implied_type());
                return ApplyResponse::failed(nothing, failure.diagnostic(&self.doing("creating", &planned)));
            }
        };
        let completed = self.resource.complete(self.client, &created).await;
        let state = match &completed {
            Ok(()) => match self.observe_when_visible(&created).await {
                Ok(first) => self.agreeing(&created, Some(first)).await.and_then(|o| o.ok_or(gone())),
                Err(failure) => Err(failure),
            },
            Err(_) => self.observe_one(&created).await.and_then(|o| o.ok_or(gone())),
        };
        let mut diagnostics = Diagnostics::new();
        let doing = self.doing("creating", &created);
        if let Err(failure) = &completed {
            diagnostics.push(failure.diagnostic(&doing));
        }
        let state = match state {
            Ok(observed) => self.settle(observed, &created, Keep::Prior),
            Err(failure) => {
                if completed.is_ok() {
                    diagnostics.push(failure.diagnostic(&self.doing("reading", &created)));
                }
                resolved_object(self.schema, created.value())
            }
        };
        ApplyResponse::failed(state, diagnostics)
    }

    /// Makes the creating call. When its answer is lost, looks whether it was carried out before trying again, so
    /// that there is never a second object.
    async fn bring_into_being(&self, planned: &Object, token: &str) -> Outcome<Object> {
        let creation = Creation { token, tagging: self.resource.rules().tags };
        let mut attempt = 1;
        loop {
            let failure = match self.resource.create(self.client, planned, &creation).await {
                Ok(created) => return Ok(created),
                Err(failure) => failure,
            };
            if !failure.api().is_some_and(ApiError::is_outcome_unknown) {
                return Err(failure);
            }
            match self.locate_patiently(planned, token).await? {
                Located::Found(created) => return Ok(created),
                Located::Absent if attempt < CREATION_ATTEMPTS => attempt += 1,
                Located::Absent => return Err(failure),
                Located::Unclear(look_for) => {
                    return Err(Failure::Other(format!(
                        "{failure}\n\nWhether it was created cannot be told. {look_for}"
                    )));
                }
            }
        }
    }

    /// Looks for a creation several times, because what was created a moment ago may not be visible yet.
    async fn locate_patiently(&self, planned: &Object, token: &str) -> Outcome<Located> {
        let look = || async {
            Ok(match self.resource.locate(self.client, planned, token).await? {
                Located::Absent => Poll::Pending("absent".to_owned()),
                found => Poll::Done(found),
            })
        };
        match self.client.wait("the object to appear", LOOK_LIMIT, look).await {
            Err(Failure::Timeout { .. }) => Ok(Located::Absent),
            answer => answer,
        }
    }

    async fn update(&self, prior: Object, planned: Object) -> ApplyResponse {
        let planned = self.with_identity(planned, &prior);
        let mut result = self.resource.update(self.client, &prior, &planned).await;
        if result.is_ok()
            && self.resource.rules().tags != Tagging::None
            && let Err(failure) = self.update_tags(&prior, &planned).await
        {
            result = Err(failure);
        }
        let (base, result) = match result {
            Ok(updated) => (updated, Ok(())),
            Err(failure) => (prior.clone(), Err(failure)),
        };
        let observed = match result {
            Ok(()) => match self.observe_one(&base).await {
                Ok(first) => self.agreeing(&base, first).await,
                Err(failure) => Err(failure),
            },
            Err(_) => self.observe_one(&base).await,
        };
        let base = &base;
        let (state, unread) = match observed {
            Ok(Some(observed)) => (self.settle(observed, base, Keep::Prior), None),
            Ok(None) => (Value::null(self.schema.implied_type()), Some(gone())),
            Err(failure) => (resolved_object(self.schema, base.value()), Some(failure)),
        };
        match (result, unread) {
            (Err(failure), _) => {
                ApplyResponse::failed(state, failure.diagnostic(&self.doing("updating", &prior)))
            }
            (Ok(()), Some(failure)) => {
                ApplyResponse::failed(state, failure.diagnostic(&self.doing("reading", &prior)))
            }
            (Ok(()), None) => ApplyResponse::ok(state),
        }
    }

    async fn update_tags(&self, prior: &Object, planned: &Object) -> Outcome<()> {
        let (changed, removed) = tags::difference(&prior.map("tags_all"), &planned.map("tags_all"));
        let ids: Vec<String> = self.resource.tagged_id(prior).into_iter().collect();
        if !removed.is_empty() {
            self.client.call(|ec2| ec2.delete_tags(&ids, &removed)).await?;
        }
        if !changed.is_empty() {
            self.client.call(|ec2| ec2.create_tags(&ids, &changed)).await?;
        }
        Ok(())
    }

    async fn delete(&self, prior: Object) -> ApplyResponse {
        let nothing = Value::null(self.schema.implied_type());
        let failure = match self.resource.delete(self.client, &prior).await {
            Ok(()) => return ApplyResponse::ok(nothing),
            Err(failure) if failure.is_not_found() => return ApplyResponse::ok(nothing),
            Err(failure) => failure,
        };
        let state = match self.observe_one(&prior).await {
            Ok(Some(observed)) => self.settle(observed, &prior, Keep::Prior),
            Ok(None) => return ApplyResponse::ok(nothing),
            Err(_) => prior.value().clone(),
        };
        ApplyResponse::failed(state, failure.diagnostic(&self.doing("deleting", &prior)))
    }

    pub async fn recover(&self, request: RecoverRequest) -> RecoverResponse {
        let private = request.private;
        if !request.prior.is_null() {
            let prior = Object::new(request.prior);
            let base = if request.planned.is_null() {
                prior.clone()
            } else {
                self.with_identity(Object::new(request.planned), &prior)
            };
            return match self.observe_one(&base).await {
                Ok(Some(observed)) => {
                    RecoverResponse::Found { state: self.settle(observed, &base, Keep::Prior), private }
                }
                Ok(None) => {
                    RecoverResponse::Found { state: Value::null(self.schema.implied_type()), private }
                }
                Err(failure) => {
                    RecoverResponse::Failed(failure.diagnostic(&self.doing("reading", &prior)).into())
                }
            };
        }
        let planned = Object::new(request.planned);
        let located = match self.locate_patiently(&planned, &request.token).await {
            Ok(located) => located,
            Err(failure) => {
                return RecoverResponse::Failed(
                    failure.diagnostic(&self.doing("looking for", &planned)).into(),
                );
            }
        };
        match located {
            Located::Absent => RecoverResponse::NotApplied,
            Located::Unclear(look_for) => RecoverResponse::Unknown { look_for },
            Located::Found(created) => self.adopt(created, private).await,
        }
    }

    async fn adopt(&self, created: Object, private: provider::Private) -> RecoverResponse {
        let observed = match self.resource.make_safe(self.client, &created).await {
            Ok(()) => self.observe_one(&created).await,
            Err(failure) => Err(failure),
        };
        match observed {
            // The tag of the operation stays until a refresh finds it: the engine has yet to write this down.
            Ok(Some(observed)) => {
                RecoverResponse::Found { state: self.settle(observed, &created, Keep::Prior), private }
            }
            Ok(None) => RecoverResponse::NotApplied,
            Err(failure) => {
                RecoverResponse::Failed(failure.diagnostic(&self.doing("reading", &created)).into())
            }
        }
    }

    pub async fn import(&self, id: &str) -> Result<ImportedObject, Diagnostics> {
        let type_name = self.resource.type_name();
        let attributes = self.resource.parse_import_id(id).map_err(|expected| {
            Diagnostic::error(
                "Invalid import id",
                format!("\"{id}\" is not the id of an {type_name}. {expected}"),
            )
        })?;
        let mut seed = Object::new(self.schema.empty_value());
        for (name, value) in &attributes {
            seed = seed.with_str(name, value);
        }
        let observed = self.observe_one(&seed).await.map_err(|failure| {
            failure.diagnostic(&format!("importing {} ({id})", self.resource.rules().noun))
        })?;
        let Some(observed) = observed else {
            return Err(Diagnostic::error(
                "Cannot import non-existent remote object",
                format!(
                    "While attempting to import an existing object to \"{type_name}\", the provider detected that no \
                     object exists with the given id \"{id}\". Only pre-existing objects can be imported; check that \
                     the id is correct and that it is associated with the provider's configured region {}.",
                    self.client.region()
                ),
            )
            .into());
        };
        let state = self.settle(observed, &seed, Keep::Nothing);
        Ok(ImportedObject { type_name: Str::from(type_name), state, private: Vec::new() })
    }

    async fn observe_one(&self, known: &Object) -> Outcome<Option<Observed>> {
        let observed = self.resource.observe(self.client, std::slice::from_ref(known)).await?;
        Ok(observed.into_iter().next().flatten())
    }

    async fn observe_when_visible(&self, known: &Object) -> Outcome<Observed> {
        let look = || async {
            Ok(match self.observe_one(known).await? {
                Some(observed) => Poll::Done(observed),
                None => Poll::Pending("not visible".to_owned()),
            })
        };
        let what = format!("{} ({}) to become visible", self.resource.rules().noun, known.text("id"));
        self.client.wait(&what, APPEARANCE_LIMIT, look).await
    }

    /// Observes again while the answer differs from what was planned, for a few seconds: a change takes a moment to be
    /// seen everywhere. The last answer counts, whatever it is.
    async fn agreeing(&self, planned: &Object, first: Option<Observed>) -> Outcome<Option<Observed>> {
        let certain = self.settle(Observed::default(), planned, Keep::Prior);
        let agrees = |observed: &Observed| {
            agrees(&certain, planned.value(), &self.settle(observed.clone(), planned, Keep::Prior))
        };
        let mut observed = first;
        for attempt in 0..AGREEMENT_POLLS {
            if observed.as_ref().is_some_and(agrees) || self.client.rest(attempt).await.is_err() {
                break;
            }
            observed = self.observe_one(planned).await?;
        }
        Ok(observed)
    }

    fn settle(&self, mut observed: Observed, base: &Object, keep: Keep) -> Value {
        if let Some(seen) = observed.tags.take() {
            let (own, all) = self.tags.observed(&seen, base);
            observed.set("tags", own);
            observed.set("tags_all", all);
        }
        observed.settle(self.schema, base.value(), keep, self.resource.rules().same)
    }

    /// The planned object with what identifies it from its prior state, should the plan not have it.
    fn with_identity(&self, planned: Object, prior: &Object) -> Object {
        match prior.get("id") {
            Some(id) if !planned.is_set("id") => planned.with("id", id.clone()),
            _ => planned,
        }
    }

    /// The objects that carry the tag of their operation after a creation.
    pub fn marked(&self, created: &[Object]) -> Vec<String> {
        if self.resource.rules().tags != Tagging::TagsAndOperation {
            return Vec::new();
        }
        created.iter().filter_map(|object| self.resource.tagged_id(object)).collect()
    }

    /// Takes the operation's tag off objects of a run that was killed before it could: what the state knows needs no
    /// mark. Where that fails the next refresh tries again.
    async fn remove_leftovers(&self, known: &[Object], observed: &[Option<Observed>]) {
        let is_marked = |seen: &Option<Observed>| {
            seen.as_ref().and_then(|o| o.tags.as_ref()).is_some_and(|tags| tags.contains_key(OPERATION_KEY))
        };
        let marked: Vec<Object> = std::iter::zip(known, observed)
            .filter(|(_, seen)| is_marked(seen))
            .map(|(known, _)| known.clone())
            .collect();
        let _ = operation::unmark(self.client, &self.marked(&marked)).await;
    }

    /// `creating EC2 VPC (vpc-1)`
    fn doing(&self, verb: &str, object: &Object) -> String {
        let noun = self.resource.rules().noun;
        match object.str("id") {
            Some(id) => format!("{verb} {noun} ({id})"),
            None => format!("{verb} {noun}"),
        }
    }
}

/// Whether a state is what was planned, where the plan was known.
fn agrees(resolved: &Value, planned: &Value, state: &Value) -> bool {
    planned.entries().into_iter().flat_map(value::Entries::iter).all(|(name, value)| {
        !value.is_wholly_known()
            || resolved.attr(name).is_none_or(|resolved| state.attr(name) == Some(resolved))
    })
}

fn gone() -> Failure {
    Failure::Other("The object does not exist (any more).".into())
}
