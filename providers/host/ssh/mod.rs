//! Placeholder
use crate::connection::Target;
use crate::settings::Settings;
use crate::transport::{Process, Transport, TransportError};
use async_trait::async_trait;
use std::sync::Arc;
pub(crate) struct Servers(#[expect(dead_code, reason = "soon")] Arc<Settings>);
impl Servers {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self(settings)
    }
    pub(crate) fn get(&self, target: &Target) -> Ssh {
        Ssh(target.clone())
    }
}
pub(crate) struct Ssh(Target);
#[async_trait]
impl Transport for Ssh {
    async fn open(&self, _command: &str) -> Result<Process, TransportError> {
        Err(TransportError::Settings(format!("{} cannot be reached yet", self.0)))
    }
    async fn close(&self) {}
}
