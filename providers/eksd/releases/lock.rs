//! The lock file: the digest of each manifest that was used, and what "latest" meant when it was first asked for.
//!
//! It is found by release, not by source: a mirror's manifest is the official one to the letter.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::{Decorate, Ident};
use provider::Environment;
use provider::simple::Access;
use value::Value;

use super::attributes::LOCK_FILE;
use super::error::{Failure, Result};
use super::version::{Channel, ReleaseId};

/// A lock file that may not be there yet.
#[derive(Clone, Debug)]
pub(super) struct LockFile {
    path: PathBuf,
    /// As the configuration names it.
    name: String,
}

/// What is to be pinned.
#[derive(Clone, Debug)]
pub(super) struct Pin {
    pub id: ReleaseId,
    /// The manifest's SHA-256.
    pub digest: String,
    /// Whether it is what "latest" means from now on.
    pub latest: bool,
}

impl LockFile {
    /// The one that an object names.
    pub(super) fn of(environment: &Environment, object: &Value) -> Self {
        let name = object.text("lock_file").unwrap_or(LOCK_FILE).to_owned();
        Self { path: environment.working_dir.join(&name), name }
    }

    /// What "latest" of a channel means.
    pub(super) async fn latest(&self, channel: Channel) -> Result<Option<u32>> {
        self.locked(move |lock| {
            let (_, body) = lock.read()?;
            let block = find(&body, "channel", &[&channel.to_string()]);
            Ok(block.and_then(|block| number(block, RELEASE)))
        })
        .await
    }

    /// Checks a manifest against what was pinned, and pins it if nothing was.
    pub(super) async fn pin(&self, pin: Pin) -> Result<()> {
        self.locked(move |lock| {
            let (before, body) = lock.read()?;
            let (channel, release) = (pin.id.channel.to_string(), pin.id.number.to_string());
            let labels = [channel.as_str(), release.as_str()];
            let mut after = before.clone();
            match find(&body, "release", &labels).and_then(|block| text(block, DIGEST)) {
                Some(locked) if locked == pin.digest => {}
                Some(locked) => return Err(lock.changed(pin.id, &locked, &pin.digest)),
                None => {
                    after = lock.with(&after, "release", &labels, DIGEST, &format!("\"{}\"", pin.digest))?
                }
            }
            let latest = find(&body, "channel", &labels[..1]).and_then(|block| number(block, RELEASE));
            if pin.latest && latest != Some(pin.id.number) {
                after = lock.with(&after, "channel", &labels[..1], RELEASE, &release)?;
            }
            if after == before { Ok(()) } else { lock.write(&after) }
        })
        .await
    }

    /// Works on the file, one at a time.
    async fn locked<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let lock = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
            work(&lock)
        });
        done.await.unwrap_or_else(|error| Err(self.failed("used", &error.to_string())))
    }

    /// The text, and what it says.
    fn read(&self) -> Result<(String, Body)> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => HEADER.to_owned(),
            Err(error) => return Err(self.failed("read", &error.to_string())),
        };
        let body = self.parse(&text)?;
        Ok((text, body))
    }

    fn parse<T: FromStr<Err = hcl_edit::parser::Error>>(&self, text: &str) -> Result<T> {
        text.parse().map_err(|error: hcl_edit::parser::Error| {
            let at = error.location();
            let reason = format!("line {}, column {}: {}", at.line(), at.column(), error.message().trim());
            self.failed("read", &reason)
        })
    }

    /// The text with an attribute of a block set, and all else as it is; a missing block is put at the end.
    fn with(&self, text: &str, ident: &str, labels: &[&str], name: &str, literal: &str) -> Result<String> {
        let mut body: Body = self.parse(text)?;
        let value: Expression = self.parse(literal)?;
        let Some(block) = body.get_blocks_mut(ident).find(|block| has_labels(block, labels)) else {
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            let labels: String = labels.iter().map(|label| format!("\"{label}\" ")).collect();
            return Ok(format!("{text}{end}\n{ident} {labels}{{\n  {name} = {literal}\n}}\n"));
        };
        match block.body.get_attribute_mut(name) {
            Some(mut attribute) => {
                let decor = attribute.value_mut().decor().clone();
                *attribute.value_mut() = value;
                *attribute.value_mut().decor_mut() = decor;
            }
            None => block.body.push(Attribute::new(Ident::new(name), value)),
        }
        Ok(body.to_string())
    }

    /// Writes the file so that it is always there as a whole.
    fn write(&self, text: &str) -> Result<()> {
        let beside = beside(&self.path);
        fs::write(&beside, text).and_then(|()| fs::rename(&beside, &self.path)).map_err(|error| {
            // The first error is the one to report.
            let _ = fs::remove_file(&beside);
            self.failed("written", &error.to_string())
        })
    }

    fn failed(&self, done: &str, reason: &str) -> Failure {
        let detail = format!(
            "The lock file {} cannot be {done}: {reason}. It pins the manifests of releases: keep it beside the configuration, and under version control.",
            self.path.display()
        );
        Failure::new("lock_file", "Release lock file cannot be used", detail)
    }

    fn changed(&self, id: ReleaseId, locked: &str, found: &str) -> Failure {
        let detail = format!(
            "The manifest of {id} has the SHA-256 {found}; {} pins {locked}. Published manifests never change, so what it names may have been tampered with, or the mirror's copy is broken. Nothing was used of it. If the change is meant, remove the block release \"{}\" \"{}\" from {}, and what is there now is pinned.",
            self.name, id.channel, id.number, self.name
        );
        Failure::new("number", "Release manifest has changed", detail)
    }
}

fn find<'a>(body: &'a Body, ident: &'a str, labels: &[&str]) -> Option<&'a Block> {
    body.get_blocks(ident).find(|block| has_labels(block, labels))
}

fn has_labels(block: &Block, labels: &[&str]) -> bool {
    block.labels.iter().map(|label| label.as_str()).eq(labels.iter().copied())
}

fn text(block: &Block, name: &str) -> Option<String> {
    block.body.get_attribute(name)?.value.as_str().map(str::to_owned)
}

fn number(block: &Block, name: &str) -> Option<u32> {
    let number = block.body.get_attribute(name)?.value.as_number()?.as_u64()?;
    u32::try_from(number).ok()
}

fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.next", std::process::id()));
    path.with_file_name(name)
}

const HEADER: &str = "# This file pins EKS-D's release manifests by their SHA-256. groma adds what it uses for the first time; keep it under\n# version control. To take the latest release of a channel again, remove the block \"channel\"; to accept a manifest that\n# has changed, the block \"release\".\n";
const DIGEST: &str = "sha256";
const RELEASE: &str = "release";
