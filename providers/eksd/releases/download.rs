//! Getting small texts and large files of a site.

use std::time::Duration;

use provider::Environment;
use provider_host::kit::{FetchError, Reading, Source};

/// What a manifest may weigh: real ones have some 40 KiB.
const MOST: usize = 4 << 20;

/// How often a server is asked that cannot answer, or that gives nothing more.
const TRIES: u32 = 4;

/// Whether it is worth another try after so many: then it is time for that, a moment later.
pub(super) async fn may_try_again(error: &FetchError, tries: u32) -> bool {
    let may = error.is_transient() && tries < TRIES;
    if may {
        tokio::time::sleep(Duration::from_millis(250) * 2_u32.pow(tries)).await;
    }
    may
}

/// How what a URL names is got.
pub(super) struct Download<'a> {
    pub environment: &'a Environment,
    pub authorities: Option<&'a str>,
}

impl Download<'_> {
    /// A whole text.
    pub(super) async fn text(&self, url: &str) -> Result<String, FetchError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_text(url).await {
                Err(error) if may_try_again(&error, tries).await => {}
                result => return result,
            }
        }
    }

    /// What is there from a byte on.
    pub(super) async fn open(&self, url: &str, from: u64) -> Result<Reading, FetchError> {
        Source::in_environment(self.environment, url, self.authorities)?.open(from).await
    }

    async fn try_text(&self, url: &str) -> Result<String, FetchError> {
        let mut reading = self.open(url, 0).await?;
        let mut bytes = Vec::new();
        if reading.fill(&mut bytes, MOST).await? {
            let reason = format!("it is larger than {} MiB, which no manifest is", MOST >> 20);
            return Err(FetchError::Cut { url: url.to_owned(), reason });
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
