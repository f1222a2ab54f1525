use std::sync::Arc;

use tokio::sync::{Mutex, RwLock};
use tokio::time::Instant;

use super::raise;
use super::script::{Changes, Script};
use super::shell::{Greeting, Shell, Start, loop_text};
use crate::connection::Raise;
use crate::settings::Limits;
use crate::transport::{Stream, Transport, TransportError};

/// A connection to a host with a few shells, made when first needed and again when lost.
pub struct Link {
    name: String,
    /// What scripts see as `$R`.
    root: String,
    transport: Box<dyn Transport>,
    raise: Raise,
    become_password: Option<String>,
    limits: Limits,
    shells: Mutex<Shells>,
    /// Held to look at what a change on trial touches, and for writing by the one that makes such a change.
    pub(super) trial: RwLock<()>,
}

#[derive(Default)]
struct Shells {
    open: Vec<Arc<Shell>>,
    greeting: Option<Greeting>,
    /// Marks of shells that were lost: what they still run is ended before anything else.
    stale: Vec<String>,
    ids: Vec<(String, std::sync::Weak<Shell>)>,
    /// When connecting failed last, and why.
    failed: Option<(Instant, TransportError)>,
    /// Why we may not become root. It is not tried again for each script: accounts are locked for less.
    refused: Option<TransportError>,
}

/// How many shells run changes beside each other.
const MOST_SHELLS: usize = 4;

/// Functions for all scripts.
pub const LIBRARY: &str = include_str!("../scripts/lib.sh");

impl Link {
    pub fn new(
        (name, root): (String, String),
        transport: Box<dyn Transport>,
        (raise, become_password): (Raise, Option<String>),
        limits: Limits,
    ) -> Self {
        Self {
            name,
            root,
            transport,
            raise,
            become_password,
            limits,
            shells: Mutex::default(),
            trial: RwLock::default(),
        }
    }

    /// What people call the host.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What scripts see as `$R`: empty on a running host.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Who we are there, and which machine it is.
    pub async fn greeting(&self) -> Result<Greeting, TransportError> {
        self.shell(Changes::Nothing).await?;
        let greeting = self.shells.lock().await.greeting.clone();
        greeting.ok_or_else(|| TransportError::Protocol {
            address: self.name.clone(),
            reason: "it did not greet".into(),
        })
    }

    /// Opens a TCP connection from the host to a server.
    pub async fn dial(&self, address: &str, port: u16) -> Result<Box<dyn Stream>, TransportError> {
        self.transport.dial(address, port).await
    }

    /// Ends the connection; the next script makes a new one.
    pub async fn close(&self) {
        self.shells.lock().await.end();
        self.transport.close().await;
    }

    /// Why the host did not let us in or become root, which is not tried again.
    pub async fn refusal(&self) -> Option<TransportError> {
        let shells = self.shells.lock().await;
        // One that was let in before works with what it has.
        shells.open.is_empty().then(|| shells.refused.clone().or_else(|| self.transport.refusal())).flatten()
    }

    /// Has the host be asked once more.
    pub async fn forget_refusal(&self) {
        self.shells.lock().await.refused = None;
        self.transport.forget_refusal();
    }

    /// A shell for a script: one for all that only looks, and the least busy of a few for changes.
    pub(super) async fn shell(&self, changes: Changes) -> Result<Arc<Shell>, TransportError> {
        let asked = Instant::now();
        let mut shells = self.shells.lock().await;
        if let Some((_, error)) = shells.failed.as_ref().filter(|(at, _)| *at >= asked) {
            // All that waited for this connection learn of its failure, rather than trying one after the other.
            return Err(error.clone());
        }
        shells.drop_ended();
        let busy = |shell: &&Arc<Shell>| match changes {
            Changes::Nothing => shell.waiting().1,
            Changes::Something => shell.waiting().0,
        };
        let most = self.limits.sessions.clamp(1, MOST_SHELLS);
        if let Some(shell) = shells.open.iter().min_by_key(busy)
            && (busy(&shell) == 0 || shells.open.len() >= most)
        {
            return Ok(Arc::clone(shell));
        }
        let opened = match &shells.refused {
            Some(refused) => Err(refused.clone()),
            None => self.open(&mut shells).await,
        };
        if let Err(error @ TransportError::Become(_)) = &opened {
            shells.refused = Some(error.clone());
        }
        match opened {
            Ok(shell) => Ok(shell),
            // A host that allows few sessions is served by those it gave.
            Err(error) => match shells.open.iter().min_by_key(busy).cloned() {
                Some(shell) => Ok(shell),
                None => {
                    shells.failed = Some((Instant::now(), error.clone()));
                    Err(error)
                }
            },
        }
    }

    async fn open(&self, shells: &mut Shells) -> Result<Arc<Shell>, TransportError> {
        let id = format!("groma-{:024x}", rand::random::<u128>() >> 32);
        let text = format!("echo {id}-up; {}", loop_text(&id));
        let password = self.become_password.as_deref().filter(|_| self.raise == Raise::Sudo);
        let command = raise::command(&text, self.raise, password, &id);
        // Those that are open stay so: it would be waited for in vain that they end.
        let mut process = match shells.open.is_empty() {
            true => self.transport.open(&command).await?,
            false => self.transport.open_another(&command).await?,
        };
        if let Some(password) = password {
            raise::give_password(&mut process, password, &id, &self.name, self.limits.connect_timeout)
                .await?;
        }
        let start = Start {
            process,
            address: self.name.clone(),
            timeout: self.limits.script_timeout,
            library: LIBRARY,
        };
        let (shell, greeting) = Shell::start(start, &id);
        let shell = Arc::new(shell);
        let known = shells.greeting.is_some();
        if !known || !shells.stale.is_empty() {
            let greeting = self.greeted(greeting).await?;
            shells.greeting = Some(greeting);
            if !shells.stale.is_empty() {
                shell.run(Script::change("end_stale \"$@\"").args(&shells.stale)).await?;
                shells.stale.clear();
            }
        }
        shells.open.push(Arc::clone(&shell));
        shells.ids.push((id, Arc::downgrade(&shell)));
        Ok(shell)
    }

    async fn greeted(
        &self,
        greeting: tokio::sync::oneshot::Receiver<Result<Greeting, TransportError>>,
    ) -> Result<Greeting, TransportError> {
        let lost =
            || TransportError::Lost { address: self.name.clone(), reason: "the shell was ended".into() };
        let greeting = greeting.await.unwrap_or_else(|_| Err(lost()));
        greeting.map_err(|error| raise::refusal(&error, self.raise, &self.name).unwrap_or(error))
    }
}

impl Shells {
    /// Gives up all shells. A host that let us become root is asked again.
    fn end(&mut self) {
        if !self.open.is_empty() {
            self.refused = None;
        }
        self.open.clear();
    }

    /// Forgets shells that were lost, but for their marks.
    fn drop_ended(&mut self) {
        if !self.open.is_empty() && self.open.iter().all(|shell| shell.is_closed()) {
            self.end();
        }
        self.open.retain(|shell| !shell.is_closed());
        let open = &self.open;
        let (alive, lost): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.ids).into_iter().partition(|(_, shell)| {
                shell.upgrade().is_some_and(|shell| open.iter().any(|open| Arc::ptr_eq(open, &shell)))
            });
        self.ids = alive;
        self.stale.extend(lost.into_iter().map(|(id, _)| id));
        if self.open.is_empty() {
            self.greeting = None;
        }
    }
}
