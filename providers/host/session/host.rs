use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::link::Link;
use super::script::{Changes, Output, Script};
use super::shell::Greeting;
use crate::connection::Connection;
use crate::transport::TransportError;

/// A host that scripts can be run on, if it is the machine that is meant.
#[derive(Clone)]
pub(crate) struct Host {
    link: Arc<Link>,
    connection: Connection,
}

/// Why a script was not run.
#[derive(Clone, Debug, Error)]
pub(crate) enum HostError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Another machine than the connection says answers at the address.
    #[error("The machine at {host} is not the one it was: its machine-id is {found}, not {expected}.")]
    OtherMachine { host: String, expected: String, found: String },
}

/// How often a script that only looks is sent again after its connection was lost.
const TRIES: u32 = 3;

impl Host {
    pub(crate) fn new(link: Arc<Link>, connection: Connection) -> Self {
        Self { link, connection }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        self.link.name()
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs a script and answers what it left, whatever its exit status. Scripts that only look are run again when the
    /// connection is lost; changes are not, as only their callers know what that would do.
    pub(crate) async fn run(&self, script: Script) -> Result<Output, HostError> {
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

    /// What scripts see as `$R`: empty on a running host.
    pub(crate) fn root(&self) -> &str {
        self.link.root()
    }

    /// Who we are there, and which machine it is.
    pub(crate) async fn greeting(&self) -> Result<Greeting, HostError> {
        let greeting = self.link.greeting().await?;
        self.check_machine(&greeting)?;
        Ok(greeting)
    }

    async fn attempt(&self, script: Script) -> Result<Output, HostError> {
        let shell = self.link.shell(script.changes()).await?;
        if self.connection.machine.is_some() {
            self.check_machine(&self.link.greeting().await?)?;
        }
        Ok(shell.run(script).await?)
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
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_transient())
    }
}
