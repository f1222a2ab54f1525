use std::sync::Arc;

use async_trait::async_trait;
use diag::Diagnostics;
use value::{Str, Value};

use super::Kind;
use crate::requests::{
    ApplyRequest, ApplyResponse, DataRequest, DataResponse, EphemeralResponse, ImportRequest, ImportResponse,
    PlanRequest, PlanResponse, Private, ReadRequest, ReadResponse, RecoverRequest, RecoverResponse, Settled,
};
use crate::review::{PlannedStep, Review};
use crate::schema::ProviderSchema;
use crate::traits::Configured;

/// A joined provider at work.
#[derive(Default)]
pub(super) struct Running {
    parts: Vec<(Arc<ProviderSchema>, Arc<dyn Configured>)>,
}

impl Running {
    pub(super) fn add(&mut self, schema: Arc<ProviderSchema>, configured: Arc<dyn Configured>) {
        self.parts.push((schema, configured));
    }

    fn index(&self, kind: Kind, type_name: &str) -> Option<usize> {
        self.parts.iter().position(|(schema, _)| kind.schemas(schema).contains_key(type_name))
    }

    fn part(&self, kind: Kind, type_name: &str) -> Result<&dyn Configured, Diagnostics> {
        match self.index(kind, type_name) {
            Some(index) => Ok(self.parts[index].1.as_ref()),
            None => Err(kind.unsupported(type_name)),
        }
    }
}

#[async_trait]
impl Configured for Running {
    /// Each part reads all that is its own at once, and all parts at the same time.
    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse> {
        let mut answers: Vec<Option<ReadResponse>> = requests.iter().map(|_| None).collect();
        let mut shares: Vec<(Vec<usize>, Vec<ReadRequest>)> =
            self.parts.iter().map(|_| (Vec::new(), Vec::new())).collect();
        for (at, request) in requests.into_iter().enumerate() {
            match self.index(Kind::Resource, &request.type_name) {
                Some(part) => {
                    shares[part].0.push(at);
                    shares[part].1.push(request);
                }
                None => {
                    let diagnostics = Kind::Resource.unsupported(&request.type_name);
                    answers[at] = Some(ReadResponse::failed(request, diagnostics));
                }
            }
        }
        let reads = self.parts.iter().zip(shares).filter(|(_, (places, _))| !places.is_empty()).map(
            |((_, configured), (places, requests))| async move { (places, configured.read(requests).await) },
        );
        for (places, responses) in futures::future::join_all(reads).await {
            for (place, response) in places.into_iter().zip(responses) {
                answers[place] = Some(response);
            }
        }
        answers.into_iter().flatten().collect()
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        match self.part(Kind::Resource, &request.type_name) {
            Ok(part) => part.plan(request).await,
            Err(diagnostics) => PlanResponse { diagnostics, ..PlanResponse::ok(request.proposed) },
        }
    }

    async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        match self.part(Kind::Resource, &request.type_name) {
            Ok(part) => part.apply(request).await,
            Err(diagnostics) => ApplyResponse { state: request.prior, private: request.private, diagnostics },
        }
    }

    async fn recover(&self, request: RecoverRequest) -> RecoverResponse {
        match self.part(Kind::Resource, &request.type_name) {
            Ok(part) => part.recover(request).await,
            Err(diagnostics) => RecoverResponse::Failed(diagnostics),
        }
    }

    async fn settled(&self, created: Vec<Settled>) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for (schema, configured) in &self.parts {
            let own = |settled: &&Settled| schema.resources.contains_key(&settled.type_name);
            let own: Vec<Settled> = created.iter().filter(own).cloned().collect();
            if !own.is_empty() {
                diagnostics.extend(configured.settled(own).await);
            }
        }
        diagnostics
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        match self.part(Kind::Resource, &request.type_name) {
            Ok(part) => part.import(request).await,
            Err(diagnostics) => ImportResponse { objects: Vec::new(), diagnostics },
        }
    }

    async fn read_data(&self, request: DataRequest) -> DataResponse {
        match self.part(Kind::Data, &request.type_name) {
            Ok(part) => part.read_data(request).await,
            Err(diagnostics) => DataResponse { state: Value::null(request.config.ty()), diagnostics },
        }
    }

    async fn open_ephemeral(&self, type_name: Str, config: Value) -> EphemeralResponse {
        match self.part(Kind::Ephemeral, &type_name) {
            Ok(part) => part.open_ephemeral(type_name, config).await,
            Err(_) => EphemeralResponse::unsupported(&type_name),
        }
    }

    async fn renew_ephemeral(&self, type_name: Str, private: Private) -> EphemeralResponse {
        match self.part(Kind::Ephemeral, &type_name) {
            Ok(part) => part.renew_ephemeral(type_name, private).await,
            Err(_) => EphemeralResponse::unsupported(&type_name),
        }
    }

    async fn close_ephemeral(&self, type_name: Str, private: Private) -> Diagnostics {
        match self.part(Kind::Ephemeral, &type_name) {
            Ok(part) => part.close_ephemeral(type_name, private).await,
            Err(diagnostics) => diagnostics,
        }
    }

    /// Every part sees all steps, as their order counts across parts.
    async fn review_plan(&self, steps: &[PlannedStep]) -> Review {
        let mut review = Review::default();
        for (_, configured) in &self.parts {
            let part = configured.review_plan(steps).await;
            review.diagnostics.extend(part.diagnostics);
            review.steps.extend(part.steps);
            review.handovers.extend(part.handovers);
        }
        review
    }

    async fn stop(&self) {
        futures::future::join_all(self.parts.iter().map(|(_, configured)| configured.stop())).await;
    }
}
