use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use tokio::process::Command;

use super::{Process, Stream, Transport, TransportError, place};
use crate::ssh::tcp;

/// This machine: commands are children of this process.
pub struct Local {
    /// A folder that stands for a host's root file system; scripts see it as `$R`.
    root: Option<PathBuf>,
}

impl Local {
    /// This machine itself.
    pub fn machine() -> Self {
        Self { root: None }
    }

    /// A folder taken as the root file system of a host that does not run.
    pub fn root(folder: PathBuf) -> Self {
        Self { root: Some(folder) }
    }
}

#[async_trait]
impl Transport for Local {
    async fn open(&self, command: &str) -> Result<Process, TransportError> {
        let failed = |error: std::io::Error| TransportError::Unreachable {
            address: "This machine".into(),
            reason: format!("/bin/sh cannot be started: {error}"),
        };
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(command).env_remove("R");
        if let Some(root) = &self.root {
            tokio::fs::create_dir_all(root).await.map_err(|error| {
                TransportError::Settings(format!("The folder {} cannot be made: {error}.", root.display()))
            })?;
            shell.env("R", root);
        }
        // A group of its own: Ctrl-C in the terminal must not end it in the middle of a change.
        shell.process_group(0).kill_on_drop(true);
        let mut child = shell
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(failed(std::io::Error::other("it has no pipes")));
        };
        Ok(Process {
            stdin: Box::new(stdin),
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            ended: Box::pin(async move {
                child.wait().await.map(|status| status.code()).map_err(|error| TransportError::Lost {
                    address: "This machine".into(),
                    reason: error.to_string(),
                })
            }),
        })
    }

    async fn dial(&self, address: &str, port: u16) -> Result<Box<dyn Stream>, TransportError> {
        if let Some(root) = &self.root {
            let reason = "it is a folder, and nothing runs there that could connect to a server".into();
            return Err(TransportError::Refused { address: root.display().to_string(), reason });
        }
        Ok(Box::new(tcp(&place(address, port), address, port, PATIENCE).await?))
    }

    async fn close(&self) {}
}

/// How long a server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(10);
