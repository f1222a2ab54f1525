//! Ephemeral resources: opened when first needed, renewed while the operation lasts, closed at its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use addrs::{AbsResourceInstance, ProviderAddr};
use diag::Diagnostics;
use provider::{Configured, EphemeralResponse, Private};
use tokio::task::JoinHandle;
use value::Str;

use crate::session::Session;
use crate::{EphemeralOperation, HookObject};

/// What is open.
#[derive(Default)]
pub(crate) struct Ephemerals(Mutex<Vec<Open>>);

struct Open {
    address: AbsResourceInstance,
    provider: ProviderAddr,
    configured: Arc<dyn Configured>,
    private: Arc<Mutex<Private>>,
    renewal: Option<JoinHandle<()>>,
}

impl Ephemerals {
    /// Keeps an opened resource, and renews it when its time comes.
    pub fn keep(
        &self,
        session: &Session,
        address: &AbsResourceInstance,
        provider: &ProviderAddr,
        configured: &Arc<dyn Configured>,
        response: &EphemeralResponse,
    ) {
        let private = Arc::new(Mutex::new(response.private.clone()));
        let renewal = response.renew_at.map(|at| {
            let clock = Arc::clone(&session.operation.environment.clock);
            let hooks = Arc::clone(&session.operation.hooks);
            let (configured, private, address) =
                (Arc::clone(configured), Arc::clone(&private), address.clone());
            tokio::spawn(async move {
                let mut next = Some(at);
                while let Some(at) = next {
                    tokio::time::sleep(delay(clock(), at)).await;
                    let current = private.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    let object = HookObject { address: &address, deposed: None, id: None };
                    hooks.ephemeral_start(&object, EphemeralOperation::Renew);
                    let ty = Str::from(address.resource.ty.as_str());
                    let response = configured.renew_ephemeral(ty, current).await;
                    let error = response.diagnostics.iter().find(|d| d.is_error());
                    hooks.ephemeral_end(
                        &object,
                        EphemeralOperation::Renew,
                        error.map(|d| d.summary.as_str()),
                    );
                    if error.is_some() {
                        break;
                    }
                    *private.lock().unwrap_or_else(PoisonError::into_inner) = response.private;
                    next = response.renew_at;
                }
            })
        });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Open {
            address: address.clone(),
            provider: provider.clone(),
            configured: Arc::clone(configured),
            private,
            renewal,
        });
    }

    /// Closes everything, the last opened first.
    pub async fn close_all(&self, session: &Session) -> Diagnostics {
        let open = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut diagnostics = Diagnostics::new();
        for open in open.into_iter().rev() {
            if let Some(renewal) = &open.renewal {
                renewal.abort();
            }
            let hooks = &session.operation.hooks;
            let object = HookObject { address: &open.address, deposed: None, id: None };
            hooks.ephemeral_start(&object, EphemeralOperation::Close);
            let private = open.private.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let (configured, ty) =
                (Arc::clone(&open.configured), Str::from(open.address.resource.ty.as_str()));
            let closed = session
                .calls
                .make(&open.provider, async move { configured.close_ephemeral(ty, private).await })
                .await
                .unwrap_or_else(Diagnostics::from);
            let error = closed.iter().find(|d| d.is_error()).map(|d| d.summary.clone());
            hooks.ephemeral_end(&object, EphemeralOperation::Close, error.as_deref());
            diagnostics.extend(closed.with_address(&open.address));
        }
        diagnostics
    }
}

fn delay(now: SystemTime, at: SystemTime) -> std::time::Duration {
    // Never in a tight loop, whatever a provider answers.
    at.duration_since(now).unwrap_or_default().max(std::time::Duration::from_secs(1))
}
