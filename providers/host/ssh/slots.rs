//! How many channels one connection has, and may have.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Counts the sessions of one connection, and learns how many the server grants.
pub(super) struct Slots {
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    used: usize,
    limit: usize,
}

/// The right to have one session; given back when dropped.
pub(super) struct Slot(Arc<Slots>);

impl Slots {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State { used: 0, limit: limit.max(1) }), freed: Notify::new() })
    }

    /// Waits for a free slot.
    pub(super) async fn take(self: &Arc<Self>) -> Slot {
        loop {
            let freed = self.freed.notified();
            if self.try_take() {
                return Slot(Arc::clone(self));
            }
            freed.await;
        }
    }

    fn try_take(&self) -> bool {
        let mut state = self.state();
        let free = state.used < state.limit;
        state.used += usize::from(free);
        free
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Notes that the server granted no session for this slot: its own limit is what the others use.
    /// False where there are no others, so that waiting would be in vain.
    pub(super) fn refused(self) -> bool {
        let mut state = self.0.state();
        let others = state.used.saturating_sub(1);
        state.limit = others.max(1);
        others > 0
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.used = state.used.saturating_sub(1);
        if state.used < state.limit {
            self.0.freed.notify_one();
        }
    }
}
