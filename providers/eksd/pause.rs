//! Waiting between two looks at something.

use std::time::Duration;

use provider_host::kit::Context;
use tokio::time::sleep;

/// Waits, and says whether to go on: not where groma was asked to stop. A removal has no context, and goes on.
pub async fn pause(context: Option<&Context>, time: Duration) -> bool {
    match context {
        Some(context) => context.pause(time).await,
        None => {
            sleep(time).await;
            true
        }
    }
}
