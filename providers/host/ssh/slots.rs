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
    /// How many of those in use the server granted, and how many it ever granted at once.
    granted: usize,
    most: usize,
}

/// The right to have one session; given back when dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    granted: bool,
}

impl Slots {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State { used: 0, limit: limit.max(1), granted: 0, most: 0 }),
            freed: Notify::new(),
        })
    }

    /// Waits for a free slot.
    pub(super) async fn take(self: &Arc<Self>) -> Slot {
        loop {
            let freed = self.freed.notified();
            if let Some(slot) = self.free() {
                return slot;
            }
            freed.await;
        }
    }

    /// A slot, if one is free.
    pub(super) fn free(self: &Arc<Self>) -> Option<Slot> {
        self.try_take().then(|| Slot { slots: Arc::clone(self), granted: false })
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
    /// Notes that the server granted a session for this slot.
    pub(super) fn granted(&mut self) {
        let mut state = self.slots.state();
        state.granted += 1;
        state.most = state.most.max(state.granted);
        self.granted = true;
    }

    /// Notes that the server granted no session for this slot: its own limit is what the others use, but no less than it once
    /// granted at the same time, as some of those may have ended since it refused. False where there are no others, so that
    /// waiting would be in vain.
    pub(super) fn refused(self) -> bool {
        let mut state = self.slots.state();
        let others = state.used.saturating_sub(1);
        state.limit = others.max(state.most).max(1);
        others > 0
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.slots.state();
        state.used = state.used.saturating_sub(1);
        state.granted -= usize::from(self.granted);
        if state.used < state.limit {
            self.slots.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_granted_at_once_is_no_limit_that_is_forgotten() {
        let slots = Slots::new(8);
        let mut five: Vec<Slot> = (0..5).filter_map(|_| slots.free()).collect();
        let refused = five.split_off(2);
        five.iter_mut().for_each(Slot::granted);
        // They end before it is heard that the others were refused.
        drop(five);
        assert_eq!(refused.into_iter().map(Slot::refused).collect::<Vec<_>>(), [true, true, false]);
        let two: Vec<Slot> = std::iter::from_fn(|| slots.free()).collect();
        assert_eq!(two.len(), 2, "as many as there were");
    }
}
