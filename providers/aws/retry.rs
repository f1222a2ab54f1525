//! When and how long to wait before trying again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use async_trait::async_trait;

/// Monotonic time, as a parameter so that tests need not wait.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Time since some fixed point.
    fn now(&self) -> Duration;

    async fn sleep(&self, duration: Duration);
}

/// The clock of the machine.
pub struct RealTimer {
    start: tokio::time::Instant,
}

impl Default for RealTimer {
    fn default() -> Self {
        Self { start: tokio::time::Instant::now() }
    }
}

#[async_trait]
impl Timer for RealTimer {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// How often and how patiently a failed call is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts after the first; hashicorp/aws's default is 25.
    pub max_retries: u32,
    pub base: Duration,
    pub cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_retries: 25, base: Duration::from_millis(500), cap: Duration::from_secs(20) }
    }
}

impl RetryPolicy {
    /// The wait before repeat number `attempt` (from 0): exponential, with full jitter so that many callers that were
    /// throttled together do not come back together, and at least a tenth so that it never becomes a busy loop.
    pub fn delay(&self, attempt: u32) -> Duration {
        let factor = 2u32.saturating_pow(attempt.min(16));
        let ceiling = self.base.saturating_mul(factor).min(self.cap);
        ceiling.mul_f64(0.1 + 0.9 * random_fraction())
    }
}

/// The wait before poll number `attempt` (from 0) for a state that takes seconds to minutes.
pub fn poll_delay(attempt: u32) -> Duration {
    let millis = 250u64.saturating_mul(1 << attempt.min(6));
    Duration::from_millis(millis.min(10_000))
}

/// A number from 0 up to 1. The standard library's hash keys are random per instance, which is all that jitter needs.
#[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
fn random_fraction() -> f64 {
    let bits = RandomState::new().hash_one(0u8) >> 11;
    bits as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_are_bounded() {
        let policy = RetryPolicy::default();
        for attempt in 0..100 {
            let delay = policy.delay(attempt);
            assert!(delay <= policy.cap, "attempt {attempt}: {delay:?}");
            assert!(delay >= policy.base / 10, "attempt {attempt}: {delay:?}");
            assert!(poll_delay(attempt) <= Duration::from_secs(10));
        }
    }
}
