//! Calls to providers: at most so many at once, and none that computes long holds up the walk.

use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;

use diag::Diagnostic;
use futures::FutureExt;
use tokio::sync::Semaphore;

/// Limits the calls in flight.
#[derive(Clone)]
pub(crate) struct Calls(Arc<Semaphore>);

impl Calls {
    pub fn new(parallelism: NonZeroUsize) -> Self {
        Self(Arc::new(Semaphore::new(parallelism.get())))
    }

    /// Makes a call. It runs here as far as it gets without waiting, so that a provider that only computes costs no
    /// task; if it has to wait it goes on as a task of its own. A panic in the provider becomes an error.
    pub async fn make<T: Send + 'static>(
        &self,
        provider: &addrs::ProviderAddr,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Diagnostic> {
        // The semaphore is never closed, so a permit always comes.
        let permit = Arc::clone(&self.0).acquire_owned().await;
        let mut call = Box::pin(AssertUnwindSafe(call).catch_unwind());
        let first = std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await;
        let answer = match first {
            Poll::Ready(answer) => answer.map_err(|_| ()),
            Poll::Pending => {
                let task = tokio::spawn(async move {
                    let answer = call.await;
                    drop(permit);
                    answer
                });
                match task.await {
                    Ok(answer) => answer.map_err(|_| ()),
                    Err(_) => Err(()),
                }
            }
        };
        answer.map_err(|()| {
            Diagnostic::error(
                "Provider crashed",
                format!(
                    "The provider {} failed in an unexpected way while it worked on this object. This is a bug in the provider; what it had begun may or may not have happened.",
                    provider.for_display()
                ),
            )
        })
    }
}
