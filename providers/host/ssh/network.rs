//! The connections that exist, so that hosts behind the same jump host share its connection.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use russh::keys::Algorithm;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::Ssh;
use super::auth::{Agent, Login};
use super::client::Fate;
use super::config::{Config, Folders};
use super::dial;
use super::keys::{KeyRing, Loaded};
use super::link::{self, Greeted, Link, Refusal};
use super::route::{AgentKeys, Atlas, Hop, HopKey};
use super::trust::Expectation;
use crate::connection::Target;
use crate::settings::{Limits, Settings};
use crate::transport::TransportError;

/// The servers that one configuration of the provider logs in to.
pub(crate) struct Servers(Arc<Network>);

/// What all connections share.
struct Network {
    settings: Arc<Settings>,
    /// Connections that are being made.
    startups: Semaphore,
    keys: KeyRing,
    /// The SSH configuration, read when first needed.
    config: OnceLock<Result<Option<Config>, String>>,
    nodes: Mutex<HashMap<Vec<HopKey>, Weak<Node>>>,
}

impl Servers {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        let startups = Semaphore::new(settings.limits.startups.clamp(1, Semaphore::MAX_PERMITS));
        let (keys, config, nodes) = (KeyRing::default(), OnceLock::new(), Mutex::default());
        Self(Arc::new(Network { settings, startups, keys, config, nodes }))
    }

    /// The way to a host. Nothing is connected yet; what is wrong with the way is said when it is first gone.
    pub(crate) fn get(&self, target: &Target) -> Ssh {
        Ssh::new(self.node(target))
    }

    /// The same way, with a connection to the host that nobody else uses; those to jump hosts are shared.
    pub(crate) fn fresh(&self, target: &Target) -> Ssh {
        let node = self.route(target).and_then(|route| {
            let (hop, way) = route.split_last().ok_or_else(|| no_way(target))?;
            Ok(Arc::new(Node::new(&self.0, hop, self.0.node(way))))
        });
        Ssh::new(node)
    }

    fn node(&self, target: &Target) -> Result<Arc<Node>, TransportError> {
        self.0.node(&self.route(target)?).ok_or_else(|| no_way(target))
    }

    fn route(&self, target: &Target) -> Result<Vec<Hop>, TransportError> {
        let settings = &*self.0.settings;
        let config = self.0.config.get_or_init(|| match &settings.ssh_config {
            None => Ok(None),
            Some(file) => {
                let folders = Folders { home: settings.home.as_deref(), working: &settings.working_dir };
                Config::read(&settings.working_dir.join(file), &folders).map(Some)
            }
        });
        let config = config.as_ref().map_err(|reason| TransportError::Settings(reason.clone()))?.as_ref();
        Atlas { settings, config }.route(target)
    }
}

impl Network {
    /// The node at the end of a route, and those on the way to it.
    fn node(self: &Arc<Self>, route: &[Hop]) -> Option<Arc<Node>> {
        let (hop, way) = route.split_last()?;
        let via = self.node(way);
        let key: Vec<_> = route.iter().map(Hop::key).collect();
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get(&key).and_then(Weak::upgrade) {
            return Some(node);
        }
        nodes.retain(|_, node| node.strong_count() > 0);
        let node = Arc::new(Node::new(self, hop, via));
        nodes.insert(key, Arc::downgrade(&node));
        Some(node)
    }
}

/// One server, and the connection to it while there is one.
pub(super) struct Node {
    pub hop: Hop,
    via: Option<Arc<Node>>,
    network: Arc<Network>,
    state: Mutex<State>,
}

type Outcome = Result<Arc<Link>, TransportError>;
type Connecting = Shared<BoxFuture<'static, Outcome>>;

#[derive(Default)]
struct State {
    link: Option<Arc<Link>>,
    /// An attempt that others wait for, too; it ends when nobody waits any more.
    connecting: Option<WeakShared<BoxFuture<'static, Outcome>>>,
    /// A log-in that was refused. It is not tried again for each of a thousand resources: servers lock accounts and bar
    /// addresses for less.
    refused: Option<TransportError>,
}

impl Node {
    fn new(network: &Arc<Network>, hop: &Hop, via: Option<Arc<Self>>) -> Self {
        Self { hop: hop.clone(), via, network: Arc::clone(network), state: Mutex::default() }
    }

    /// The connection, made if there is none.
    pub(super) async fn link(self: &Arc<Self>) -> Outcome {
        let connecting = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(link) = state.link.as_ref().filter(|link| link.is_alive()) {
                return Ok(Arc::clone(link));
            }
            state.link = None;
            if let Some(refused) = &state.refused {
                return Err(refused.clone());
            }
            match state.connecting.as_ref().and_then(WeakShared::upgrade) {
                Some(connecting) => connecting,
                None => {
                    let connecting = self.attempt();
                    state.connecting = connecting.downgrade();
                    connecting
                }
            }
        };
        connecting.await
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.network.settings.limits
    }

    fn attempt(self: &Arc<Self>) -> Connecting {
        let node = Arc::clone(self);
        let attempt = async move {
            let outcome = node.connect().await;
            let mut state = node.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.connecting = None;
            state.link = outcome.as_ref().ok().cloned();
            state.refused = outcome.as_ref().err().filter(|error| error.is_refusal()).cloned();
            outcome
        };
        attempt.boxed().shared()
    }

    /// The log-in that was refused and is not tried again.
    pub(super) fn refusal(&self) -> Option<TransportError> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).refused.clone()
    }

    /// Has refused log-ins on the way to the server be tried once more.
    pub(super) fn forget_refusal(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).refused = None;
        if let Some(via) = &self.via {
            via.forget_refusal();
        }
    }

    /// Takes the connection away, if this node's is still the same one.
    pub(super) fn take(&self) -> Option<Arc<Link>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).link.take()
    }

    /// Connects, and tries again a little later where that may help.
    async fn connect(&self) -> Outcome {
        let mut delays = RETRIES.into_iter();
        loop {
            let error = match self.connect_once().await {
                Ok(link) => return Ok(Arc::new(link)),
                Err(error) => error,
            };
            let fleeting = matches!(error, TransportError::Unreachable { .. } | TransportError::Lost { .. });
            match delays.next().filter(|_| fleeting) {
                // Not all at once, where many were thrown out together.
                Some(delay) => sleep(delay.mul_f64(rand::random_range(0.5..1.5))).await,
                None => return Err(error),
            }
            tracing::debug!(%error, "connecting again");
        }
    }

    async fn connect_once(&self) -> Result<Link, TransportError> {
        let mut without = Vec::new();
        let mut first = None;
        loop {
            let error = match self.establish(&without).await {
                Ok(link) => return Ok(link),
                Err(Refusal::OtherKey { error, shown }) => {
                    without.push(shown);
                    error
                }
                // The server has no more types of keys: what it said of the first one counts.
                Err(Refusal::Error(error)) => return Err(first.unwrap_or(error)),
            };
            first.get_or_insert(error);
        }
    }

    async fn establish(&self, without: &[Algorithm]) -> Result<Link, Refusal> {
        let limits = self.limits();
        let (expectation, keys) = self.prepare().await.map_err(Refusal::Error)?;
        // A jump host's own start is not waited for with a place taken, or all places could be taken by who waits.
        let via = match &self.via {
            None => None,
            Some(node) => Some(Box::pin(node.link()).await.map_err(Refusal::Error)?),
        };
        let mut starting = Some(self.network.startups.acquire().await);
        let greeted = {
            let mut greeting = pin!(self.greet(via, expectation, without));
            match timeout(PATIENCE, &mut greeting).await {
                Ok(greeted) => greeted,
                // Hosts that are down must not hold up the others.
                Err(_) => {
                    starting = None;
                    greeting.await
                }
            }
        }?;
        if starting.is_none() {
            starting = Some(self.network.startups.acquire().await);
        }
        let login = self.login(keys, greeted.fate());
        let link = greeted.log_in(login, limits).await.map_err(Refusal::Error);
        drop(starting);
        link
    }

    async fn greet(
        &self,
        via: Option<Arc<Link>>,
        expectation: Arc<Expectation>,
        without: &[Algorithm],
    ) -> Result<Greeted, Refusal> {
        let Hop { host, port, .. } = &self.hop;
        let limits = self.limits();
        let now = (self.network.settings.clock)();
        match via {
            None => {
                let stream = dial::tcp(&self.hop.address(), host, *port, limits.connect_timeout).await;
                link::greet(stream.map_err(Refusal::Error)?, expectation, limits, now, without).await
            }
            Some(jump) => {
                let stream = jump.forward(host, *port, &self.hop.address()).await;
                link::greet(stream.map_err(Refusal::Error)?, expectation, limits, now, without).await
            }
        }
    }

    /// Reads `known_hosts` and keys, off the threads that move packets.
    async fn prepare(&self) -> Result<(Arc<Expectation>, Loaded), TransportError> {
        let (hop, network) = (self.hop.clone(), Arc::clone(&self.network));
        let prepared = tokio::task::spawn_blocking(move || {
            let expectation = Expectation::read(
                hop.address(),
                &hop.host,
                hop.port,
                &hop.host_keys,
                &network.settings.trust,
            )?;
            Ok((Arc::new(expectation), network.keys.load(&hop.credential, &hop.key_files)))
        });
        prepared.await.unwrap_or_else(|error| {
            let reason = format!("reading keys failed ({error})");
            Err(TransportError::Settings(format!("{}: {reason}.", self.hop.address())))
        })
    }

    fn login(&self, keys: Loaded, fate: Fate) -> Login<'_> {
        let (credential, settings) = (&self.hop.credential, &self.network.settings);
        let only = match self.hop.agent_keys {
            AgentKeys::All => None,
            AgentKeys::OfFiles => Some(keys.public_keys()),
        };
        Login {
            user: &self.hop.user,
            address: self.hop.address(),
            keys,
            agent: credential.agent.then_some(Agent { socket: settings.agent_socket.as_deref(), only }),
            password: credential.password.as_deref(),
            patience: self.limits().connect_timeout,
            fate,
        }
    }
}

fn no_way(target: &Target) -> TransportError {
    TransportError::Settings(format!("There is no way to {target}."))
}

/// How long a host may take to greet before another one is given its place.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long to wait before each further attempt.
const RETRIES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];
