use std::sync::Arc;

use tokio::sync::watch;

/// How urgently an operation is asked to end. The command line raises it on each signal; clones share it.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<watch::Sender<Urgency>>);

/// What an operation does about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    #[default]
    None,
    /// Start nothing more, ask the providers to end soon, and finish what is in flight.
    Graceful,
    /// Wait for nothing: what is in flight is abandoned, its start recorded.
    Immediate,
}

impl Interrupt {
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the urgency by one step, as each signal does.
    pub fn raise(&self) {
        self.0.send_modify(|urgency| {
            *urgency = match urgency {
                Urgency::None => Urgency::Graceful,
                Urgency::Graceful | Urgency::Immediate => Urgency::Immediate,
            };
        });
    }

    pub fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// Waits until the urgency is at least this.
    pub async fn reached(&self, urgency: Urgency) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = receiver.wait_for(|now| *now >= urgency).await;
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Urgency::None)))
    }
}
