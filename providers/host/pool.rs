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
    /// Hosts that got another address: how they were reached, and how they are.
    moved: Mutex<Vec<(Connection, Connection)>>,
}

impl Pool {
    pub(crate) fn new(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let servers = Servers::new(Arc::clone(&settings));
        Self(Arc::new(Links { settings, servers, made: Mutex::default(), moved: Mutex::default() }))
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
        let way = self.way(connection);
        let link = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            let link =
                made.entry(shared(&way)).or_insert_with_key(|way| Arc::new(self.make(way, Servers::get)));
            Arc::clone(link)
        };
        Host::new(link, connection.clone()).by(way).of(self)
    }

    fn moved(&self, from: &Connection, to: &Connection, link: Arc<Link>) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(shared(to), link);
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, at) in moved.iter_mut().filter(|(_, at)| is_same(at, from)) {
            *at = to.clone();
        }
        moved.push((from.clone(), to.clone()));
        // One that came back is where its connection says.
        moved.retain(|(from, at)| !is_same(from, at));
    }

    fn is_lost(&self, way: &Connection) -> bool {
        let place = match &way.way {
            Way::Ssh(target) => &target.address,
            Way::Root(folder) => folder,
            Way::Local => return false,
        };
        self.settings.lost.contains(place)
    }

    fn now(&self) -> SystemTime {
        (self.settings.clock)()
    }
}

/// What hosts share a link by: whatever machine is expected, the way to it is the same.
fn shared(way: &Connection) -> Connection {
    Connection { machine: None, ..way.clone() }
}

/// Whether two connections lead to the same machine, whoever logs in.
fn is_same(one: &Connection, other: &Connection) -> bool {
    one.machine == other.machine
        && match (&one.way, &other.way) {
            (Way::Ssh(one), Way::Ssh(other)) => {
                (&one.address, one.port, &one.jumps) == (&other.address, other.port, &other.jumps)
            }
            (one, other) => one == other,
        }
}

impl Links {
    /// How the host of a connection is reached now.
    fn way(&self, connection: &Connection) -> Connection {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        let at = moved.iter().find(|(from, _)| is_same(from, connection)).map(|(_, at)| &at.way);
        match (&connection.way, at) {
            (Way::Ssh(target), Some(Way::Ssh(at))) => {
                let host_keys = if target.host_keys.is_empty() { &at.host_keys } else { &target.host_keys };
                let (address, host_keys) = (at.address.clone(), host_keys.clone());
                Connection {
                    way: Way::Ssh(Target { address, host_keys, ..target.clone() }),
                    ..connection.clone()
                }
            }
            _ => connection.clone(),
        }
    }

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

#[cfg(test)]
mod tests {
    use provider::conformance::environment;
    use value::Value;

    use super::*;

    #[test]
    fn a_host_that_moved_is_reached_where_it_is() {
        let environment = environment(std::path::Path::new("/"));
        let settings = crate::block::settings(&Value::object_of::<&str>([]), &environment);
        let pool = Pool::new(settings.expect("nothing is required"));
        let at = |text: &str| pool.host(&text.parse().expect("is a connection"));
        let moves = |from: &str, to: &str| {
            let host = at(from);
            let reached = host.anew(&to.parse().expect("is a connection"));
            futures::executor::block_on(host.moved_to(&reached));
        };
        let names = |texts: &[&str]| texts.iter().map(|text| at(text).name().to_owned()).collect::<Vec<_>>();
        let meant = [
            "ssh://root@10.0.0.5?machine=a",
            "ssh://ann@10.0.0.5?machine=a",
            "ssh://root@10.0.0.5?machine=b",
            "ssh://root@10.0.0.5",
            "ssh://root@10.0.0.5:22?machine=a",
            "ssh://root@10.0.0.5?machine=a&jump=ssh%3A%2F%2Fgate",
        ];
        let before = names(&meant);
        moves(meant[0], "ssh://root@10.0.0.7?machine=a");
        let others = &before[2..];
        assert_eq!(
            names(&meant),
            [&["root@10.0.0.7".to_owned(), "ann@10.0.0.7".to_owned()], others].concat()
        );
        assert_eq!(at(meant[0]).connection().to_string(), meant[0], "it is still called as it was");
        moves(meant[0], "ssh://root@10.0.0.9?machine=a");
        assert_eq!(names(&["ssh://root@10.0.0.7?machine=a"]), ["root@10.0.0.9"]);
        assert_eq!(names(&meant)[0], "root@10.0.0.9");
        moves(meant[0], meant[0]);
        assert_eq!(names(&meant), before, "it came back");
        assert_eq!(names(&["ssh://root@10.0.0.7?machine=a"]), ["root@10.0.0.5"]);
    }
}
