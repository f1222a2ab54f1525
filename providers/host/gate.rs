//! Who may work on a host: all beside each other, or one that takes the host away for a while.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::connection::{Connection, Target, Way};

/// The gates of a host and of those that it is reached through. Nobody who is inside may ask again: one who waits to be alone
/// keeps out all that come later.
#[derive(Clone, Default)]
pub struct Gates {
    own: Option<Place>,
    /// In the order in which all go through them, so that nobody waits for one who waits for him.
    gates: BTreeMap<Place, Arc<Gate>>,
}

/// The right to work on a host.
#[must_use]
pub struct Pass {
    #[expect(dead_code, reason = "held for as long as the work takes")]
    passed: Vec<Passed>,
}

#[expect(dead_code, reason = "held for as long as the work takes")]
enum Passed {
    Together(OwnedRwLockReadGuard<()>),
    Alone(OwnedRwLockWriteGuard<()>),
}

/// Fair: who waits to be alone is not overtaken.
type Gate = RwLock<()>;

/// A server's address and port, whoever logs in.
type Place = (String, u16);

/// The gates of this process: several configurations of providers may work on the same host.
static GATES: LazyLock<Mutex<HashMap<Place, Arc<Gate>>>> = LazyLock::new(Mutex::default);

impl Gates {
    /// The gates on the way to a host. Only running hosts are ever taken away, so that folders and this machine have none.
    pub fn of(connection: &Connection) -> Self {
        let Way::Ssh(target) = &connection.way else { return Self::default() };
        let mut all = GATES.lock().unwrap_or_else(PoisonError::into_inner);
        let way = target.jumps.iter().chain([target]).map(place);
        let gates = way.map(|place| (place.clone(), Arc::clone(all.entry(place).or_default()))).collect();
        Self { own: Some(place(target)), gates }
    }

    /// Waits until nobody has the host for himself.
    pub async fn enter(&self) -> Pass {
        self.pass(None).await
    }

    /// Waits until nobody works on the host or through it; those who come later wait.
    pub async fn alone(&self) -> Pass {
        self.pass(self.own.as_ref()).await
    }

    async fn pass(&self, alone: Option<&Place>) -> Pass {
        let mut passed = Vec::with_capacity(self.gates.len());
        for (place, gate) in &self.gates {
            let gate = Arc::clone(gate);
            passed.push(match alone == Some(place) {
                true => Passed::Alone(gate.write_owned().await),
                false => Passed::Together(gate.read_owned().await),
            });
        }
        Pass { passed }
    }
}

fn place(target: &Target) -> Place {
    (target.address.clone(), target.port.unwrap_or(22))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn gates(text: &str) -> Gates {
        Gates::of(&text.parse().expect("is a connection"))
    }

    /// Whether it is waited for in vain.
    async fn waits<T>(future: impl Future<Output = T>) -> bool {
        timeout(Duration::from_millis(50), future).await.is_err()
    }

    #[tokio::test]
    async fn a_host_that_is_taken_away_is_waited_for_by_whoever_logs_in_there() {
        let (root, ann) = (gates("ssh://root@gate-1"), gates("ssh://ann@gate-1:22?become=sudo&machine=a"));
        let (behind, other) = (gates("ssh://gate-2?jump=ssh%3A%2F%2Fgate-1"), gates("ssh://gate-1:23"));
        let inside = root.enter().await;
        assert!(!waits(ann.enter()).await && waits(ann.alone()).await);
        drop(inside);
        let through = behind.enter().await;
        assert!(waits(root.alone()).await, "one is on his way through it");
        drop(through);
        let alone = ann.alone().await;
        assert!(waits(root.enter()).await && waits(root.alone()).await && waits(behind.enter()).await);
        assert!(!waits(other.alone()).await);
        assert!(!waits(gates("local:").alone()).await && !waits(gates("root:/x").alone()).await);
        drop(alone);
        assert!(!waits(root.enter()).await);
    }

    #[tokio::test]
    async fn hosts_that_are_reached_through_each_other_do_not_wait_for_ever() {
        let one = gates("ssh://gate-3?jump=ssh%3A%2F%2Fgate-4");
        let other = gates("ssh://gate-4?jump=ssh%3A%2F%2Fgate-3");
        let turns = (0..100).map(|turn| {
            let gates = if turn % 2 == 0 { &one } else { &other };
            async move {
                let _pass = if turn % 3 == 0 { gates.alone().await } else { gates.enter().await };
                tokio::task::yield_now().await;
            }
        });
        let turns = futures::future::join_all(turns);
        timeout(Duration::from_secs(20), turns).await.expect("all get through");
    }

    #[tokio::test]
    async fn who_waits_to_be_alone_is_not_overtaken() {
        let gates = gates("ssh://gate-5");
        let inside = gates.enter().await;
        let mut alone = Box::pin(gates.alone());
        assert!(waits(&mut alone).await);
        assert!(waits(gates.enter()).await, "the one who waits is first");
        drop(inside);
        assert!(!waits(alone).await);
    }
}
