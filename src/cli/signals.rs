use engine::{Interrupt, Urgency};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::streams::Streams;

/// Raises the interrupt on SIGINT and SIGTERM, saying so.
///
/// The first lets what is in flight finish; the second abandons it, and the state is still saved.
pub fn listen(interrupt: &Interrupt, streams: &Streams) {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let Ok(mut signals) = signal(kind) else { continue };
        let (interrupt, streams) = (interrupt.clone(), streams.clone());
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                interrupt.raise();
                streams.out(match interrupt.urgency() {
                    Urgency::Immediate => SECOND,
                    _ => FIRST,
                });
            }
        });
    }
}

const FIRST: &str = "\nInterrupt received.\nPlease wait for groma to exit or data loss may occur.\nGracefully shutting down...\n\n";
const SECOND: &str = "\nTwo interrupts received. Not waiting for changes in flight any longer: they are noted in the journal, and the\nnext run finds out what became of them.\n\n";
