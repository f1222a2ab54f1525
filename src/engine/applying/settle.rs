//! Telling providers that what they created can no longer be forgotten.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use diag::{Diagnostics, Severity};
use provider::Settled;

use super::Applying;
use crate::program::ProviderId;

/// Creations whose answers are on disk, by provider configuration.
#[derive(Default)]
pub(super) struct Creations(Mutex<BTreeMap<ProviderId, Vec<Settled>>>);

impl Creations {
    pub(super) fn add(&self, provider: ProviderId, created: Settled) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(provider).or_default().push(created);
    }

    fn take(&self) -> BTreeMap<ProviderId, Vec<Settled>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Applying {
    /// One call a provider configuration, at the end: marks on objects are not worth a call each.
    pub(super) async fn settle(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for (id, created) in self.created.take() {
            // What is not configured has created nothing.
            let Ok(configured) = self.session.configured(id) else { continue };
            let provider = &self.program().provider(id).address.provider;
            let call = async move { configured.settled(created).await };
            let findings = self.session.calls.make(provider, call).await;
            diagnostics.extend(findings.unwrap_or_else(Into::into));
        }
        for finding in &mut diagnostics {
            // The changes were made, and stay so.
            finding.severity = Severity::Warning;
        }
        diagnostics
    }
}
