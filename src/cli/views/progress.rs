use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// What is under way, by name; every ten seconds it is said of each that it still is.
pub struct Progress<T>(Arc<Mutex<BTreeMap<String, Running<T>>>>);

struct Running<T> {
    what: T,
    since: Instant,
    /// Seconds at which it was last spoken of.
    said: u64,
}

impl<T: Send + 'static> Progress<T> {
    /// Calls `say` with the name and the seconds so far, until this is dropped.
    pub fn new(say: impl Fn(&str, &T, u64) + Send + 'static) -> Self {
        let running = Arc::new(Mutex::new(BTreeMap::new()));
        tick(Arc::downgrade(&running), say);
        Self(running)
    }

    pub fn start(&self, name: String, what: T) {
        lock(&self.0).insert(name, Running { what, since: Instant::now(), said: 0 });
    }

    /// Seconds since the start.
    pub fn end(&self, name: &str) -> u64 {
        lock(&self.0).remove(name).map_or(0, |running| running.since.elapsed().as_secs())
    }
}

fn lock<T>(running: &Mutex<BTreeMap<String, Running<T>>>) -> MutexGuard<'_, BTreeMap<String, Running<T>>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tick<T: Send + 'static>(
    running: Weak<Mutex<BTreeMap<String, Running<T>>>>,
    say: impl Fn(&str, &T, u64) + Send + 'static,
) {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(Duration::from_secs(1));
        loop {
            interval.tick().await;
            let Some(running) = running.upgrade() else { return };
            for (name, entry) in lock(&running).iter_mut() {
                let seconds = entry.since.elapsed().as_secs();
                if seconds >= entry.said + PERIOD {
                    entry.said = seconds - seconds % PERIOD;
                    say(name, &entry.what, entry.said);
                }
            }
        }
    });
}

/// Seconds between two lines about the same object.
const PERIOD: u64 = 10;
