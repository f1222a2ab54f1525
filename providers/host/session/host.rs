use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use diag::{Diagnostic, Diagnostics};
use thiserror::Error;
use tokio::sync::{RwLockReadGuard, RwLockWriteGuard};

use super::link::Link;
use super::script::{Changes, Output, Script};
use super::shell::Greeting;
use crate::connection::Connection;
use crate::gate::{Gates, Pass};
use crate::transport::{Stream, TransportError};

/// A host that scripts can be run on, if it is the machine that is meant.
#[derive(Clone)]
pub struct Host {
    link: Arc<Link>,
    connection: Connection,
    /// How it is reached now, where that is not as the connection says: it moved since groma began.
    way: Connection,
    hosts: Option<Arc<dyn Hosts>>,
    gates: Gates,
    warnings: Arc<Mutex<Diagnostics>>,
}

/// What a host comes from: the settings and the hosts of one configuration of a provider.
pub trait Hosts: Send + Sync {
    /// A link that is shared with nobody.
    fn link(&self, connection: &Connection) -> Link;

    /// A host, by the link that all share.
    fn host(self: Arc<Self>, connection: &Connection) -> Host;

    /// Has all that is meant for the host at `from` go to where it is now, by a link that is there already.
    fn moved(&self, from: &Connection, to: &Connection, link: Arc<Link>);

    /// Whether the settings say that the host is gone for good.
    fn is_lost(&self, way: &Connection) -> bool;

    /// The current time, as groma has it.
    fn now(&self) -> SystemTime;
}

/// Why a script was not run.
#[derive(Clone, Debug, Error)]
pub enum HostError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Another machine than the connection says answers at the address.
    #[error("The machine at {host} is not the one it was: its machine-id is {found}, not {expected}.")]
    OtherMachine { host: String, expected: String, found: String },
    /// The settings say that there is nothing left to reach.
    #[error("{host} is gone for good, as lost_hosts in the provider block says.")]
    Lost { host: String },
}

/// How often a script that only looks is sent again after its connection was lost.
const TRIES: u32 = 3;

/// How long a connection may take to answer before it counts as dead.
const ALIVE: Duration = Duration::from_secs(5);

impl Host {
    pub fn new(link: Arc<Link>, connection: Connection) -> Self {
        let (gates, way) = (Gates::of(&connection), connection.clone());
        Self { link, way, connection, hosts: None, gates, warnings: Arc::default() }
    }

    /// Says how it is reached now.
    #[must_use]
    pub fn by(self, way: Connection) -> Self {
        Self { way, ..self }
    }

    /// Says where the host comes from.
    #[must_use]
    pub fn of(self, hosts: Arc<dyn Hosts>) -> Self {
        Self { hosts: Some(hosts), ..self }
    }

    /// Another host of the same configuration of the provider.
    #[must_use]
    pub fn other(&self, connection: &Connection) -> Self {
        match &self.hosts {
            Some(hosts) => Arc::clone(hosts).host(connection),
            None => Self {
                connection: connection.clone(),
                way: connection.clone(),
                gates: Gates::of(connection),
                ..self.clone()
            },
        }
    }

    /// The current time as groma has it, which need not be that of the host.
    pub fn now(&self) -> SystemTime {
        self.hosts.as_ref().map_or(SystemTime::UNIX_EPOCH, |hosts| hosts.now())
    }

    /// The host by a connection of its own, in this or another way: what it is for is that it can be made.
    #[must_use]
    pub fn anew(&self, connection: &Connection) -> Self {
        let link = self
            .hosts
            .as_ref()
            .map_or_else(|| Arc::clone(&self.link), |hosts| Arc::new(hosts.link(connection)));
        Self { link, connection: connection.clone(), way: connection.clone(), ..self.clone() }
    }

    /// How it is reached now, which is as its connection says unless it moved.
    pub fn way(&self) -> &Connection {
        &self.way
    }

    /// Has all that is meant for this host go to where it was reached after a change, and ends the connection to where it was.
    pub async fn moved_to(&self, reached: &Self) {
        if let Some(hosts) = &self.hosts {
            hosts.moved(&self.way, &reached.way, Arc::clone(&reached.link));
        }
        self.disconnect().await;
    }

    /// Says something to who had a change made on the host.
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// Takes what was said.
    pub fn warnings(&self) -> Diagnostics {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        self.link.name()
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs a script and answers what it left, whatever its exit status. Scripts that only look are run again when the
    /// connection is lost; changes are not, as only their callers know what that would do.
    pub async fn run(&self, script: Script) -> Result<Output, HostError> {
        let mut tries = 1;
        loop {
            let result = self.attempt(script.clone()).await;
            match result {
                Err(HostError::Transport(TransportError::Lost { .. }))
                    if script.changes() == Changes::Nothing && tries < TRIES =>
                {
                    tokio::time::sleep(Duration::from_millis(250) * tries).await;
                    tries += 1;
                }
                result => return result,
            }
        }
    }

    /// Opens a TCP connection from the host to a server that it can reach: a name or address, and a port.
    pub async fn dial(&self, address: &str, port: u16) -> Result<Box<dyn Stream>, HostError> {
        self.check_lost()?;
        if self.connection.machine.is_some() {
            self.check_machine(&self.link.greeting().await?)?;
        }
        Ok(self.link.dial(address, port).await?)
    }

    /// What scripts see as `$R`: empty on a running host.
    pub fn root(&self) -> &str {
        self.link.root()
    }

    /// Who we are there, and which machine it is.
    pub async fn greeting(&self) -> Result<Greeting, HostError> {
        self.check_lost()?;
        let greeting = self.link.greeting().await?;
        self.check_machine(&greeting)?;
        Ok(greeting)
    }

    /// Waits while a change is on trial that may cut the host off; none begins as long as the guard is held.
    pub async fn untried(&self) -> RwLockReadGuard<'_, ()> {
        self.link.trial.read().await
    }

    /// Waits for the right to put a change on trial that may cut the host off: one at a time, so that its outcome is its own.
    pub async fn trial(&self) -> RwLockWriteGuard<'_, ()> {
        self.link.trial.write().await
    }

    /// Waits until nobody takes the host away, such as by a reboot; nobody does as long as the pass is held. Not to be asked for
    /// by one who has a pass.
    pub async fn enter(&self) -> Pass {
        self.gates.enter().await
    }

    /// Waits until nobody works on the host; others wait as long as the pass is held.
    pub async fn alone(&self) -> Pass {
        self.gates.alone().await
    }

    /// Why the host did not let us in or become root, which is not tried again in this run.
    pub async fn refusal(&self) -> Option<HostError> {
        self.link.refusal().await.map(HostError::from)
    }

    /// Has a host that did not let us in be tried once more: one that starts may need a while until it knows us.
    pub async fn forget_refusal(&self) {
        self.link.forget_refusal().await;
    }

    /// Ends the connection if it is dead; the next script then makes a new one.
    pub async fn drop_dead_connection(&self) {
        let answer = self.run(Script::change(":"));
        if !matches!(tokio::time::timeout(ALIVE, answer).await, Ok(Ok(_))) {
            self.link.close().await;
        }
    }

    /// Ends the connection; the next script makes a new one.
    pub async fn disconnect(&self) {
        self.link.close().await;
    }

    async fn attempt(&self, script: Script) -> Result<Output, HostError> {
        self.check_lost()?;
        let shell = self.link.shell(script.changes()).await?;
        if self.connection.machine.is_some() {
            self.check_machine(&self.link.greeting().await?)?;
        }
        Ok(shell.run(script).await?)
    }

    /// Whether the settings say that it is gone for good.
    pub fn is_lost(&self) -> bool {
        self.hosts.as_ref().is_some_and(|hosts| hosts.is_lost(&self.way))
    }

    fn check_lost(&self) -> Result<(), HostError> {
        match self.is_lost() {
            true => Err(HostError::Lost { host: self.name().to_owned() }),
            false => Ok(()),
        }
    }

    fn check_machine(&self, greeting: &Greeting) -> Result<(), HostError> {
        match &self.connection.machine {
            Some(expected) if *expected != greeting.machine => Err(HostError::OtherMachine {
                host: self.name().to_owned(),
                expected: expected.clone(),
                found: if greeting.machine.is_empty() { "none".into() } else { greeting.machine.clone() },
            }),
            _ => Ok(()),
        }
    }
}

impl HostError {
    /// Whether the same may work a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_transient())
    }

    /// Whether the host did not let us in, or not become root.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_refusal())
    }
}
