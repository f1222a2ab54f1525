//! Copying files into a mirror's folder, and taking them away.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use futures::{FutureExt, StreamExt, TryStreamExt};
use provider::simple::Context;
use provider_host::kit::{FetchError, Reading};
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt;

use super::images::{Part, Registries};
use super::look::{failed, sums_of};
use super::parts::{Origin, Wanted};
use crate::releases::digest::Sums;
use crate::releases::download::may_try_again;
use crate::releases::error::{Failure, Result};
use crate::releases::site::{Site, channel_path, numbers_in, release_path};
use crate::releases::version::{Channel, ReleaseId};

/// How many files are copied at once.
const AT_ONCE: usize = 4;

/// How much is written at once.
const PIECE: usize = 1 << 20;

/// Copies from a site into a folder.
pub(super) struct Copier<'a> {
    pub context: &'a Context,
    pub site: &'a Site<'a>,
    pub registries: &'a Registries<'a>,
    pub folder: PathBuf,
}

impl Copier<'_> {
    /// Copies what is not there yet.
    pub(super) async fn copy_all(&self, files: &[Wanted]) -> Result<()> {
        let copies: Vec<_> = files.iter().map(|file| self.copy(file).boxed()).collect();
        let all = futures::stream::iter(copies).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>();
        tokio::select! {
            done = all => done.map(|_| ()),
            () = self.context.stopped() => {
                Err(failed("completed", "it was asked to stop; what is there is continued by the next apply"))
            }
        }
    }

    /// Writes the manifest, once all that it names is there, and what is said of its channel.
    pub(super) async fn finish(&self, id: ReleaseId, manifest: &str) -> Result<()> {
        let (path, text) = (self.folder.join(release_path(id)), manifest.to_owned());
        blocking(move || put(&path, &text)).await?;
        announce(self.folder.clone(), id.channel).await
    }

    async fn copy(&self, file: &Wanted) -> Result<()> {
        let place = self.folder.join(&file.path);
        if let Origin::Text(text) = &file.origin {
            let text = text.clone();
            return blocking(move || put(&place, &text)).await;
        }
        if !look(place.clone()).await?.is_some_and(|sums| file.is(&sums)) {
            self.fetch(file, &place).await?;
        }
        for (path, text) in file.sides() {
            let path = self.folder.join(path);
            blocking(move || put(&path, &text)).await?;
        }
        Ok(())
    }

    /// Brings a file beside its place, from where an earlier try was cut off, and puts it there once it is verified.
    async fn fetch(&self, file: &Wanted, place: &Path) -> Result<()> {
        let part = beside(place);
        if let Some(folder) = place.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(|error| not_written(folder, &error))?;
        }
        let (mut tries, mut anew) = (0, false);
        loop {
            let size = tokio::fs::metadata(&part).await.map_or(0, |data| data.len());
            if let Err(Stopped { error, progress }) = self.append(file, &part, size).await? {
                tries = if progress { 1 } else { tries + 1 };
                if may_try_again(&error, tries).await {
                    continue;
                }
                let detail = format!(
                    "{} cannot be had from {}. {error} What is there of it is continued by the next apply.",
                    file.path,
                    self.whose(file)
                );
                return Err(Failure::new("source", "Mirror failed", detail));
            }
            let found = look(part.clone()).await?;
            if found.as_ref().is_some_and(|sums| file.is(sums)) {
                return tokio::fs::rename(&part, place).await.map_err(|error| not_written(place, &error));
            }
            tokio::fs::remove_file(&part).await.map_err(|error| not_written(&part, &error))?;
            // What was there of it may have been of something else: once, all of it is fetched anew.
            if size == 0 || anew {
                return Err(self.wrong(file, found));
            }
            anew = true;
        }
    }

    /// Adds what is missing after the first `size` bytes.
    async fn append(
        &self,
        file: &Wanted,
        part: &Path,
        size: u64,
    ) -> Result<std::result::Result<(), Stopped>> {
        let mut reading = match self.open(file, size).await? {
            Ok(reading) => reading,
            Err(error) => return Ok(Err(Stopped { error, progress: false })),
        };
        let write = |error: io::Error| not_written(part, &error);
        let mut to = OpenOptions::new().create(true).append(true).open(part).await.map_err(write)?;
        to.set_len(reading.from).await.map_err(write)?;
        let mut at = reading.from;
        loop {
            let mut piece = Vec::new();
            let more = reading.fill(&mut piece, PIECE).await;
            to.write_all(&piece).await.map_err(write)?;
            to.flush().await.map_err(write)?;
            at += u64::try_from(piece.len()).unwrap_or(0);
            match more {
                Ok(true) => {}
                Ok(false) => {
                    to.sync_all().await.map_err(write)?;
                    return Ok(Ok(()));
                }
                Err(error) => return Ok(Err(Stopped { error, progress: at > size })),
            }
        }
    }

    async fn open(&self, file: &Wanted, from: u64) -> Result<std::result::Result<Reading, FetchError>> {
        let digest = file.sha256.as_deref().unwrap_or_default();
        Ok(match &file.origin {
            Origin::Manifest(repository) => {
                self.registries.open(repository, Part::Manifest, digest, from).await
            }
            Origin::Blob(repository) => self.registries.open(repository, Part::Blob, digest, from).await,
            Origin::Site | Origin::Text(_) => self.site.download.open(&self.site.uri(&file.uri)?, from).await,
        })
    }

    /// Where a file comes from, for a person.
    fn whose(&self, file: &Wanted) -> String {
        match &file.origin {
            Origin::Manifest(repository) | Origin::Blob(repository) => repository.to_string(),
            Origin::Site | Origin::Text(_) => self.site.shown(),
        }
    }

    fn wrong(&self, file: &Wanted, found: Option<Sums>) -> Failure {
        let (name, wanted) = match (&file.sha512, &file.sha256) {
            (Some(sha512), _) => ("SHA-512", sha512.as_str()),
            (None, sha256) => ("SHA-256", sha256.as_deref().unwrap_or_default()),
        };
        let found = found.map_or_else(String::new, |sums| match name {
            "SHA-512" => sums.sha512,
            _ => sums.sha256,
        });
        let detail = format!(
            "What {} gives for {} has the {name} {found}, not {wanted} as the manifest says. It was thrown away. The copy there is broken or was tampered with.",
            self.whose(file),
            file.path
        );
        Failure::new("source", "Wrong content", detail)
    }
}

/// Why a file did not come to its end, and whether there is more of it now.
struct Stopped {
    error: FetchError,
    progress: bool,
}

/// Says which release of a channel is the newest in the folder; nothing where there is none.
pub(super) async fn announce(folder: PathBuf, channel: Channel) -> Result<()> {
    blocking(move || {
        let path = folder.join(channel_path(channel));
        match numbers_in(&folder, channel).last() {
            Some(latest) => put(&path, &channel_text(channel, *latest)),
            None => {
                take_away(&path)?;
                remove_empty(&folder, path.parent());
                Ok(())
            }
        }
    })
    .await
}

/// Removes files with what is beside them, and folders that are empty then.
pub(super) async fn remove(folder: PathBuf, files: Vec<String>) -> Result<()> {
    blocking(move || {
        for file in files {
            let path = folder.join(&file);
            let named = |after: &str| folder.join(format!("{file}{after}"));
            for path in [path.clone(), named(".sha256"), named(".sha512"), beside(&path)] {
                take_away(&path)?;
            }
            remove_empty(&folder, path.parent());
        }
        Ok(())
    })
    .await
}

fn channel_text(channel: Channel, latest: u32) -> String {
    format!(
        "apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: ReleaseChannel\nmetadata:\n  creationTimestamp: null\n  name: {channel}\nstatus:\n  active: true\n  latestRelease: {latest}\n"
    )
}

/// Removes empty folders upwards, up to the mirror's own.
fn remove_empty(top: &Path, from: Option<&Path>) {
    let mut at = from;
    while let Some(folder) = at.filter(|folder| folder.starts_with(top)) {
        // A folder that is not empty stays, and so do those above it.
        if fs::remove_dir(folder).is_err() && folder.exists() {
            return;
        }
        at = folder.parent();
    }
}

fn take_away(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("removed", &format!("{}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Writes a small file so that it is always there as a whole; one that is there already stays.
fn put(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let beside = beside(path);
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let written = folder.and_then(|()| fs::write(&beside, text)).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| not_written(path, &error))
}

/// The partial file of a place.
fn beside(place: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(".part");
    place.with_file_name(name)
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    failed("written", &format!("{}: {error}", path.display()))
}

async fn look(path: PathBuf) -> Result<Option<Sums>> {
    blocking(move || sums_of(&path)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(failed("completed", &error.to_string())))
}
