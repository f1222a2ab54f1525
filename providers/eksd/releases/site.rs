//! Where releases are published: the official site, a mirror of it, or a folder.

use std::path::{Path, PathBuf};

use provider::Environment;
use provider::simple::Access;
use provider_host::kit::FetchError;
use url::Url;
use value::Value;

use super::attributes::OFFICIAL;
use super::download::Download;
use super::error::{Failure, Result};
use super::manifest::{ManifestError, Release, ReleaseChannel};
use super::version::{Channel, ReleaseId};

/// A place that is laid out as the official site.
pub(super) struct Site<'a> {
    pub download: Download<'a>,
    base: Url,
    folder: Option<PathBuf>,
}

impl<'a> Site<'a> {
    /// The site that an object's `source` names.
    pub(super) fn of(environment: &'a Environment, object: &'a Value) -> Result<Self> {
        let download = Download { environment, authorities: object.text("ca_certificates") };
        let text = object.text("source").unwrap_or(OFFICIAL);
        let invalid = |reason: &str| {
            let detail = format!("The source {text:?} cannot be used: {reason}.");
            Failure::new("source", "Invalid release source", detail)
        };
        if !text.contains("://") {
            let folder = environment.working_dir.join(text);
            let base = Url::from_directory_path(&folder)
                .map_err(|()| invalid("it is no path, nor a URL of the schemes https, http, file"))?;
            return Ok(Self { download, base, folder: Some(folder) });
        }
        let mut base = Url::parse(text).map_err(|error| invalid(&format!("it is no URL: {error}")))?;
        if base.query().is_some() || base.fragment().is_some() {
            return Err(invalid("paths are put after it, which goes with neither ? nor #"));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let folder = match base.scheme() {
            "http" | "https" => None,
            "file" => Some(base.to_file_path().map_err(|()| invalid("a folder is given as file:///PATH"))?),
            scheme => return Err(invalid(&format!("its scheme {scheme:?} is none of https, http, file"))),
        };
        Ok(Self { download, base, folder })
    }

    /// The URL of something on it.
    pub(super) fn url(&self, path: &str) -> Result<String> {
        match self.base.join(path) {
            Ok(url) => Ok(url.into()),
            Err(error) => {
                let detail = format!("{path} cannot be found at {}: {error}.", self.shown());
                Err(Failure::new("source", "Invalid release source", detail))
            }
        }
    }

    /// Where what a manifest names on the official site is here.
    pub(super) fn uri(&self, uri: &str) -> Result<String> {
        match uri.strip_prefix(OFFICIAL).and_then(|path| path.strip_prefix('/')) {
            Some(path) => self.url(path),
            None => Ok(uri.to_owned()),
        }
    }

    /// The text of a release's manifest, and what it says.
    pub(super) async fn release(&self, id: ReleaseId) -> Result<(String, Release)> {
        let url = self.url(&release_path(id))?;
        let text = match self.download.text(&url).await {
            Ok(text) => text,
            Err(error) => return Err(self.no_release(id, &error).await),
        };
        let wrong = |reason: String| Failure::new("source", "Invalid release manifest", reason);
        let release =
            Release::parse(&text).map_err(|error| wrong(self.unreadable(&release_path(id), &error)))?;
        if release.id != id {
            let detail = format!(
                "What {} gives as the manifest of {id} is that of {}. It was put under a wrong name, or the server mixes them up.",
                self.shown(),
                release.id
            );
            return Err(wrong(detail));
        }
        Ok((text, release))
    }

    /// What is said of a channel; of a folder that says nothing, the newest release in it.
    pub(super) async fn channel(&self, channel: Channel) -> Result<ReleaseChannel> {
        let path = channel_path(channel);
        let url = self.url(&path)?;
        let text = match self.download.text(&url).await {
            Ok(text) => text,
            Err(error) => {
                return match self.numbers(channel).last() {
                    Some(&latest) => Ok(ReleaseChannel { channel, active: true, latest, topic: None }),
                    None => Err(self.no_channel(channel, &error)),
                };
            }
        };
        let wrong = |reason: String| Failure::new("source", "Invalid release channel", reason);
        let found = ReleaseChannel::parse(&text).map_err(|error| wrong(self.unreadable(&path, &error)))?;
        if found.channel != channel {
            let detail = format!(
                "What {} gives for the channel {channel} is the channel {}.",
                self.shown(),
                found.channel
            );
            return Err(wrong(detail));
        }
        Ok(found)
    }

    /// The site for a person: what logs in is a secret.
    pub(super) fn shown(&self) -> String {
        match &self.folder {
            Some(folder) => folder.display().to_string(),
            None => {
                let mut url = self.base.clone();
                // Only URLs without a host have no place for these, and need none.
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url.as_str().trim_end_matches('/').to_owned()
            }
        }
    }

    /// The releases of a channel that are in the folder, in order; none of a site that cannot be listed.
    fn numbers(&self, channel: Channel) -> Vec<u32> {
        self.folder.as_deref().map_or_else(Vec::new, |folder| numbers_in(folder, channel))
    }

    async fn no_release(&self, id: ReleaseId, error: &FetchError) -> Failure {
        let mut detail = format!("The manifest of {id} cannot be had from {}. {error}", self.shown());
        let mut attribute = "source";
        let there = self.numbers(id.channel);
        if !there.is_empty() {
            attribute = "number";
            let there: Vec<String> = there.iter().map(u32::to_string).collect();
            detail.push_str(&format!(" Of channel {}, there are: {}.", id.channel, there.join(", ")));
        } else if self.folder.is_none() && is_missing(error) {
            match self.channel(id.channel).await {
                Ok(found) => {
                    attribute = "number";
                    detail.push_str(&format!(
                        " The newest release of channel {} is {}; numbers are the channel's own and begin at 1.",
                        id.channel, found.latest
                    ));
                }
                Err(_) => {
                    attribute = "channel";
                    detail.push_str(&format!(" It has no channel {} either.", id.channel));
                }
            }
        }
        Failure::new(attribute, "Release not found", detail)
    }

    fn no_channel(&self, channel: Channel, error: &FetchError) -> Failure {
        let mut detail = format!("The channel {channel} cannot be found at {}. {error}", self.shown());
        if let Some(folder) = &self.folder {
            let there = channels_in(folder);
            detail.push_str(&match there.is_empty() {
                true => " There is no release of any channel: it must have folders such as kubernetes-1-34."
                    .into(),
                false => format!(" There are releases of the channels {}.", there.join(", ")),
            });
        } else if is_missing(error) {
            detail.push_str(
                " Give a number to ask for one release; a mirror that has no file for the channel cannot tell the latest.",
            );
        }
        Failure::new("channel", "Release channel not found", detail)
    }

    fn unreadable(&self, path: &str, error: &ManifestError) -> String {
        format!("What {} gives for {path} cannot be used: {error}.", self.shown())
    }
}

/// Where a release's manifest is.
pub(super) fn release_path(id: ReleaseId) -> String {
    format!("kubernetes-{0}/kubernetes-{0}-eks-{1}.yaml", id.channel, id.number)
}

/// Where a channel's file is.
pub(super) fn channel_path(channel: Channel) -> String {
    format!("releasechannels/{channel}.yaml")
}

/// The releases of a channel in a folder, in order.
pub(super) fn numbers_in(folder: &Path, channel: Channel) -> Vec<u32> {
    let prefix = format!("kubernetes-{channel}-eks-");
    let names = names_in(&folder.join(format!("kubernetes-{channel}")));
    let mut numbers: Vec<u32> = names
        .iter()
        .filter_map(|name| name.strip_prefix(&prefix)?.strip_suffix(".yaml")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}

fn channels_in(folder: &Path) -> Vec<String> {
    let mut channels: Vec<Channel> =
        names_in(folder).iter().filter_map(|name| name.strip_prefix("kubernetes-")?.parse().ok()).collect();
    channels.sort_unstable();
    channels.iter().map(Channel::to_string).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

fn is_missing(error: &FetchError) -> bool {
    matches!(error, FetchError::Status { status, .. } if status.starts_with("404") || status.starts_with("403"))
}
