//! The hosts in use, each connected once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::connection::{Connection, Raise, Way};
use crate::session::{Host, Link};
use crate::settings::Settings;
use crate::transport::{Local, Transport};

/// All hosts that one configuration of the provider works on.
pub(crate) struct Pool {
    settings: Arc<Settings>,
    servers: crate::ssh::Servers,
    links: Mutex<HashMap<Connection, Arc<Link>>>,
}

impl Pool {
    pub(crate) fn new(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        Self { servers: crate::ssh::Servers::new(Arc::clone(&settings)), settings, links: Mutex::default() }
    }

    /// The host of a connection; nothing is connected before it is used.
    pub(crate) fn host(&self, connection: &Connection) -> Host {
        // Whatever machine is expected, the way to it is the same.
        let way = Connection { machine: None, ..connection.clone() };
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let link = links.entry(way).or_insert_with_key(|way| Arc::new(self.link(way)));
        Host::new(Arc::clone(link), connection.clone())
    }

    /// Ends all connections.
    pub(crate) async fn close(&self) {
        let links: Vec<_> =
            self.links.lock().unwrap_or_else(PoisonError::into_inner).drain().map(|(_, link)| link).collect();
        futures::future::join_all(links.iter().map(|link| link.close())).await;
    }

    fn link(&self, connection: &Connection) -> Link {
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
                (Box::new(self.servers.get(target)), connection.raise.unwrap_or(self.settings.raise))
            }
            Way::Local => (Box::new(Local::machine()), connection.raise.unwrap_or(Raise::None)),
            Way::Root(_) => (Box::new(Local::root(folder)), Raise::None),
        };
        Link::new((connection.name(), root), transport, (raise, password), self.settings.limits)
    }
}
