//! The API of one cluster.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use kube::client::middleware::BaseUriLayer;
use kube::client::{Body, Client, ClientBuilder};
use kube::core::{ApiResource, DynamicObject, GroupVersion, GroupVersionKind, Status};
use kube::discovery::{self, Scope};
use kube::error::DiscoveryError;
use kube::{Api, Error};
use provider::simple::Access as _;
use provider_host::kit::{Context, Failure, Host, Result};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use value::Value;

use super::connector::{Connector, Unreachable};
use super::place;

/// The API of a cluster, as one object of the configuration reaches it.
pub(super) struct Cluster {
    pub client: Client,
    connector: Connector,
    /// How long it is tried again while no server answers, or none that can.
    patience: Duration,
    /// Whether the user asked to stop, where that ends what is waited for.
    stop: Option<watch::Receiver<bool>>,
    kinds: Mutex<HashMap<(String, String), Option<Kind>>>,
}

/// A kind of objects that the API serves.
#[derive(Clone)]
pub(super) struct Kind {
    pub resource: ApiResource,
    pub is_namespaced: bool,
}

/// Why a request was not answered as hoped.
#[derive(Debug)]
pub(super) enum Trouble {
    /// No server could be reached, or none answered.
    Unreachable {
        text: String,
        other_machine: bool,
    },
    /// The API refused.
    Refused(Box<Status>),
    Other(String),
}

impl Cluster {
    /// For looking: what does not answer soon is an error.
    pub(super) fn for_looking(first: &Host, object: &Value) -> Result<Self> {
        Ok(Self::new(Self::connector(first, object)?, LOOKING))
    }

    /// For changes.
    pub(super) fn for_changes(context: &Context, first: &Host, object: &Value) -> Result<Self> {
        Ok(Self::new(Self::connector(first, object)?, CHANGING).until(context))
    }

    /// For a removal. Says also whether the quorum behind the API is lost with its hosts: then it is not waited for.
    pub(super) fn for_removal(context: &Context, first: &Host, object: &Value) -> Result<(Self, bool)> {
        let hosts = place::hosts(first, object)?;
        let is_lost = place::quorum_is_lost(&hosts);
        let patience = if is_lost { LOOKING } else { CHANGING };
        let connector = Connector::new(hosts, kubeconfig(object));
        Ok((Self::new(connector, patience).until(context), is_lost))
    }

    /// For changes of something on a host that is not asked itself, with the patience that it is worth.
    pub(super) fn beside(context: &Context, host: &Host, object: &Value, patience: Duration) -> Result<Self> {
        let connector = Connector::new(place::hosts_beside(host, object)?, kubeconfig(object));
        Ok(Self::new(connector, patience).until(context))
    }

    fn connector(first: &Host, object: &Value) -> Result<Connector> {
        Ok(Connector::new(place::hosts(first, object)?, kubeconfig(object)))
    }

    fn new(connector: Connector, patience: Duration) -> Self {
        let http: Http<Connector, Body> = Http::builder(TokioExecutor::new()).build(connector.clone());
        // Which server that is, the connector knows.
        let base = BaseUriLayer::new(http::Uri::from_static("https://kubernetes"));
        let client = ClientBuilder::new(http, "default").with_layer(&base).build();
        Self { client, connector, patience, stop: None, kinds: Mutex::default() }
    }

    /// The same, but nothing is waited for once the user asks to stop.
    fn until(mut self, context: &Context) -> Self {
        self.stop = Some(context.stop.clone());
        self
    }

    /// Waits, and says whether to go on: not where the user asked to stop.
    pub(super) async fn pause(&self, time: Duration) -> bool {
        let Some(mut stop) = self.stop.clone() else {
            sleep(time).await;
            return true;
        };
        let stopped = timeout(time, stop.wait_for(|stop| *stop)).await;
        stopped.is_err()
    }

    /// The API through each host alone.
    pub(super) fn each(&self) -> impl Iterator<Item = (String, Self)> {
        self.connector.each().map(|(name, connector)| (name, Self::new(connector, Duration::ZERO)))
    }

    /// Makes a request, again for a while as long as only the API's being away is the trouble: it must be such that this is
    /// no harm.
    pub(super) async fn call<T, F>(&self, request: impl Fn() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let end = Instant::now() + self.patience;
        let mut pause = Duration::from_millis(250);
        loop {
            let trouble = match self.once(request()).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            let waits = trouble.is_fleeting() && Instant::now() + pause <= end;
            if !waits || !self.pause(pause).await {
                return Err(trouble);
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// Makes a request once.
    pub(super) async fn once<T>(
        &self,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Trouble> {
        match timeout(PATIENCE, request).await {
            Ok(answer) => answer.map_err(Trouble::from),
            Err(_) => {
                let text = format!("the API did not answer within {} s", PATIENCE.as_secs());
                Err(Trouble::Unreachable { text, other_machine: false })
            }
        }
    }

    /// A kind, if the API serves it. That it does not is asked again the next time.
    pub(super) async fn kind(&self, api_version: &str, kind: &str) -> Result<Option<Kind>, Trouble> {
        let key = (api_version.to_owned(), kind.to_owned());
        if let Some(Some(known)) = self.kinds.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(known.clone()));
        }
        let version: GroupVersion = api_version
            .parse()
            .map_err(|_| Trouble::Other(format!("{api_version:?} is no version of an API")))?;
        let wanted = GroupVersionKind::gvk(&version.group, &version.version, kind);
        let found = match self.call(|| discovery::pinned_kind(&self.client, &wanted)).await {
            Ok((resource, capabilities)) => {
                Some(Kind { resource, is_namespaced: capabilities.scope == Scope::Namespaced })
            }
            Err(Trouble::Refused(status)) if status.code == 404 => None,
            Err(trouble) => return Err(trouble),
        };
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        Ok(found)
    }

    /// The objects of a kind, of one namespace if the kind has such.
    pub(super) fn api(&self, kind: &Kind, namespace: Option<&str>) -> Api<DynamicObject> {
        match kind.is_namespaced {
            true => Api::namespaced_with(self.client.clone(), namespace.unwrap_or("default"), &kind.resource),
            false => Api::all_with(self.client.clone(), &kind.resource),
        }
    }
}

impl Trouble {
    /// Whether the same may work a moment later.
    pub(super) fn is_fleeting(&self) -> bool {
        match self {
            Self::Unreachable { other_machine, .. } => !other_machine,
            // 500: etcd has no leader at the moment, or an admission webhook does not answer.
            Self::Refused(status) => matches!(status.code, 429 | 500 | 502..=504),
            Self::Other(_) => false,
        }
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Refused(status) if status.code == 404)
    }

    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused(status) if status.code == 409)
    }

    /// What is said of it, without a full stop.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Unreachable { text, .. } | Self::Other(text) => text.trim_end_matches('.').to_owned(),
            Self::Refused(status) if status.message.is_empty() => {
                format!("the API answered {} {}", status.code, status.reason)
            }
            Self::Refused(status) => status.message.trim_end_matches('.').to_owned(),
        }
    }

    /// For the operator; `doing` completes "could not ...".
    pub(super) fn failure(&self, doing: &str) -> Failure {
        let detail = format!("groma could not {doing}: {}.", self.text());
        let mut failure = match self {
            Self::Unreachable { other_machine, .. } => {
                let mut failure = Failure::new("Kubernetes API cannot be reached", detail);
                (failure.transient, failure.of_host, failure.other_machine) = (true, true, *other_machine);
                failure
            }
            Self::Refused(_) => Failure::new("Kubernetes API refused", detail),
            Self::Other(_) => Failure::new("Kubernetes API did not do it", detail),
        };
        failure.may_wait = self.is_of_the_way();
        failure
    }

    /// Whether it is the trouble of the way to the API or of the API itself, which the plan may be what mends: a server that is
    /// down or has no etcd, a certificate that has ended.
    fn is_of_the_way(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(status) => matches!(status.code, 401 | 403) || self.is_fleeting(),
            Self::Other(_) => false,
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Api(status) => Self::Refused(status),
            Error::Discovery(DiscoveryError::MissingKind(text)) => {
                Self::Refused(Box::new(Status::failure(&text, "NotFound").with_code(404)))
            }
            Error::Service(error) => match unreachable(&*error) {
                Some(unreachable) => Self::Unreachable {
                    other_machine: unreachable.0.iter().all(|(_, reason)| reason.other_machine),
                    text: unreachable.to_string(),
                },
                None => Self::Unreachable { text: innermost(&*error), other_machine: false },
            },
            Error::HyperError(error) => Self::Unreachable { text: innermost(&error), other_machine: false },
            Error::ReadEvents(error) => Self::Unreachable { text: error.to_string(), other_machine: false },
            other => Self::Other(innermost(&other)),
        }
    }
}

fn kubeconfig(object: &Value) -> &str {
    object.text("kubeconfig").unwrap_or(place::KUBECONFIG)
}

/// What the connector said, if it is what failed.
fn unreachable<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Unreachable> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<Unreachable>() {
            return Some(found);
        }
        current = error.source();
    }
    None
}

/// What an error says at its core.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

/// How long an API server that is just being restarted is waited for.
pub(super) const CHANGING: Duration = Duration::from_secs(90);
/// How long it is tried again where something is only looked at.
const LOOKING: Duration = Duration::from_secs(15);
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(40);
