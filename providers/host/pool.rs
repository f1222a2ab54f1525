//! The hosts in use, each connected once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::connection::{Connection, Raise, Target, Way};
use crate::session::{Host, Hosts, Link};
use crate::settings::Settings;
use crate::ssh::{Servers, Ssh};
use crate::transport::{Local, Transport};

/// All hosts that one configuration of the provider works on.
pub(crate) struct Pool(Arc<Links>);

/// The links in use, and what they are made with.
struct Links {
    settings: Arc<Settings>,
    servers: Servers,
    made: Mutex<HashMap<Connection, Arc<Link>>>,
}

impl Pool {
    pub(crate) fn new(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let servers = Servers::new(Arc::clone(&settings));
        Self(Arc::new(Links { settings, servers, made: Mutex::default() }))
    }

    /// The host of a connection; nothing is connected before it is used.
    pub(crate) fn host(&self, connection: &Connection) -> Host {
        Arc::clone(&self.0).host(connection)
    }
}

impl Hosts for Links {
    fn link(&self, connection: &Connection) -> Link {
        self.make(connection, Servers::fresh)
    }

    fn host(self: Arc<Self>, connection: &Connection) -> Host {
        // Whatever machine is expected, the way to it is the same.
        let way = Connection { machine: None, ..connection.clone() };
        let link = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(made.entry(way).or_insert_with_key(|way| Arc::new(self.make(way, Servers::get))))
        };
        Host::new(link, connection.clone()).of(self)
    }

    fn now(&self) -> SystemTime {
        (self.settings.clock)()
    }
}

impl Links {
    fn make(&self, connection: &Connection, ssh: fn(&Servers, &Target) -> Ssh) -> Link {
        let credential = match &connection.way {
            Way::Ssh(target) => {
                target.credential.as_ref().and_then(|name| self.settings.credentials.get(name))
            }
            Way::Local | Way::Root(_) => None,
        };
        let password = credential
            .and_then(|credential| credential.become_password.clone())
            .or_else(|| self.settings.login.become_password.clone());
        let folder = match &connection.way {
            Way::Root(folder) => self.settings.working_dir.join(folder),
            Way::Ssh(_) | Way::Local => std::path::PathBuf::new(),
        };
        let root = folder.to_string_lossy().trim_end_matches('/').to_owned();
        let (transport, raise): (Box<dyn Transport>, _) = match &connection.way {
            Way::Ssh(target) => {
                (Box::new(ssh(&self.servers, target)), connection.raise.unwrap_or(self.settings.raise))
            }
            Way::Local => (Box::new(Local::machine()), connection.raise.unwrap_or(Raise::None)),
            Way::Root(_) => (Box::new(Local::root(folder)), Raise::None),
        };
        Link::new((connection.name(), root), transport, (raise, password), self.settings.limits)
    }
}
