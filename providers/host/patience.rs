//! How long changes wait for hosts whose connections are lost.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// The hosts that were waited for in vain, so that the next thousand changes there do not wait as long, one after the other.
#[derive(Default)]
pub(crate) struct Patience {
    given_up: Mutex<HashMap<String, (Instant, Failure)>>,
}

impl Patience {
    /// Why nothing need be tried on a host now: it was given up a moment ago, and has not answered since.
    pub(crate) fn refusal(&self, host: &str, now: Instant) -> Option<Failure> {
        let given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, failure) = given_up.get(host)?;
        (now.duration_since(*at) < MEMORY).then(|| failure.clone().untouched())
    }

    /// Notes how a change on a host ended for good.
    pub(crate) fn note<T>(&self, host: &str, result: &Result<T, Failure>, now: Instant) {
        let mut given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Err(failure) if failure.of_host && failure.transient => {
                given_up.insert(host.to_owned(), (now, failure.clone()));
            }
            _ => _ = given_up.remove(host),
        }
    }
}

/// How long a host that may know us later is left alone after so many log-ins that it refused: servers bar those who try often.
pub(crate) fn spaced(refusals: u32) -> Duration {
    Duration::from_secs(1 << refusals.min(4)).min(MOST)
}

/// How long a change is tried again while its host's connection comes and goes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How long a host that refused many log-ins is left alone.
const MOST: Duration = Duration::from_secs(15);
/// How long a host that was given up is not asked again.
const MEMORY: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::HostError;
    use crate::transport::TransportError;

    #[test]
    fn refused_log_ins_are_tried_again_at_growing_distances() {
        let seconds: Vec<u64> = (0..6).chain([u32::MAX]).map(|refusals| spaced(refusals).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 15, 15, 15]);
    }

    #[test]
    fn a_host_that_was_given_up_is_left_alone_for_a_while() {
        let (patience, now) = (Patience::default(), Instant::now());
        let lost: Result<(), Failure> = {
            let (address, reason) = ("h1".to_owned(), "it is away".to_owned());
            Err(HostError::from(TransportError::Lost { address, reason }).into())
        };
        assert!(patience.refusal("h1", now).is_none());
        patience.note("h1", &lost, now);
        let refusal = patience.refusal("h1", now).expect("it was given up");
        assert!(refusal.untouched && refusal.of_host, "nothing was tried");
        assert!(patience.refusal("h2", now).is_none(), "others go on");
        patience.note::<()>("h2", &Err(Failure::new("Wrong", "It is not the host's trouble.")), now);
        assert!(patience.refusal("h2", now).is_none());
        patience.note("h1", &Ok(()), now);
        assert!(patience.refusal("h1", now).is_none(), "it answers again");
        patience.note("h1", &lost, now);
        assert!(patience.refusal("h1", now + MEMORY).is_none(), "it may be back");
    }
}
