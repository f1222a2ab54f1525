//! The manifests of releases and channels, as EKS-D publishes them: everything in them may be missing.

use serde::Deserialize;
use thiserror::Error;

use super::version::{Channel, ReleaseId};

/// One release and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub id: ReleaseId,
    /// When it was published, as it says.
    pub date: Option<String>,
    /// By name: in the manifest, their order is random.
    pub components: Vec<Component>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    /// Upstream's tag: `v1.34.9`.
    pub tag: Option<String>,
    /// By name, system and architectures.
    pub assets: Vec<Asset>,
}

/// A file or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// What it is asked for by: a file's name within the component, or `pause-image`.
    pub name: String,
    pub description: Option<String>,
    pub os: Option<String>,
    pub arch: Vec<String>,
    pub uri: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any file, whether or not it is an archive.
    Archive { sha256: Option<String>, sha512: Option<String> },
    /// The digest is missing in old manifests.
    Image { digest: Option<String> },
}

/// A channel and its newest release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseChannel {
    pub channel: Channel,
    pub active: bool,
    pub latest: u32,
    pub topic: Option<String>,
}

/// Why a text is no manifest.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ManifestError {
    #[error("it is a page of HTML, as proxies and portals answer with")]
    Html,
    #[error("it is not the YAML of a manifest: {0}")]
    Yaml(String),
    #[error("its kind is {found}, not {wanted}")]
    Kind { found: String, wanted: &'static str },
    #[error("it has no {0}")]
    Missing(&'static str),
    #[error("its {name} is {value:?}, which is not valid")]
    Invalid { name: String, value: String },
}

impl Release {
    /// Reads a manifest.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let Raw { spec, status, .. } = Raw::parse(text, "Release")?;
        let channel = spec.channel.ok_or(ManifestError::Missing("spec.channel"))?;
        let channel = channel.parse().map_err(|_| invalid("spec.channel", &channel))?;
        let number = spec.number.ok_or(ManifestError::Missing("spec.number"))?;
        let mut components = Vec::new();
        for component in status.components {
            let name = component.name.ok_or(ManifestError::Missing("name of a component"))?;
            let mut assets = Vec::new();
            for asset in component.assets {
                assets.push(asset.checked(&name)?);
            }
            assets.sort_by(|a, b| (&a.name, &a.os, &a.arch).cmp(&(&b.name, &b.os, &b.arch)));
            components.push(Component { name, tag: component.git_tag, assets });
        }
        components.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { id: ReleaseId { channel, number }, date: status.date, components })
    }

    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name == name)
    }

    /// The tag of a component.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.component(name)?.tag.as_deref()
    }
}

impl Asset {
    /// The last part of the name.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// The operating system: what the manifest says, else what the name does.
    pub fn system(&self) -> Option<&str> {
        self.os.as_deref().or_else(|| self.words().find(|word| SYSTEMS.contains(word)))
    }

    /// The architectures: what the manifest says, else what the name does.
    pub fn architectures(&self) -> Vec<&str> {
        if self.arch.is_empty() {
            return self.words().filter(|word| ARCHITECTURES.contains(word)).collect();
        }
        self.arch.iter().map(String::as_str).collect()
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.name.split(['/', '-', '.'])
    }
}

impl ReleaseChannel {
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let Raw { metadata, spec, status } = Raw::parse(text, "ReleaseChannel")?;
        let channel = metadata.name.ok_or(ManifestError::Missing("metadata.name"))?;
        let channel = channel.parse().map_err(|_| invalid("metadata.name", &channel))?;
        let latest = status.latest_release.ok_or(ManifestError::Missing("status.latestRelease"))?;
        Ok(Self { channel, active: status.active.unwrap_or(true), latest, topic: spec.sns_topic_arn })
    }
}

/// Both kinds of manifest, as they may be written. Texts are asked for as texts: a digest of digits alone is no number.
struct Raw {
    metadata: RawMetadata,
    spec: RawSpec,
    status: RawStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDocument {
    api_version: Option<String>,
    kind: Option<String>,
    metadata: Option<RawMetadata>,
    spec: Option<RawSpec>,
    status: Option<RawStatus>,
}

#[derive(Default, Deserialize)]
struct RawMetadata {
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSpec {
    channel: Option<String>,
    number: Option<u32>,
    #[serde(rename = "snsTopicARN")]
    sns_topic_arn: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawStatus {
    date: Option<String>,
    components: Vec<RawComponent>,
    active: Option<bool>,
    latest_release: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawComponent {
    name: Option<String>,
    git_tag: Option<String>,
    #[serde(default)]
    assets: Vec<RawAsset>,
}

#[derive(Deserialize)]
struct RawAsset {
    name: Option<String>,
    description: Option<String>,
    os: Option<String>,
    #[serde(default)]
    arch: Vec<String>,
    archive: Option<RawArchive>,
    image: Option<RawImage>,
}

#[derive(Deserialize)]
struct RawArchive {
    uri: Option<String>,
    sha256: Option<String>,
    sha512: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawImage {
    uri: Option<String>,
    image_digest: Option<String>,
}

impl Raw {
    fn parse(text: &str, wanted: &'static str) -> Result<Self, ManifestError> {
        if text.trim_start().starts_with('<') {
            return Err(ManifestError::Html);
        }
        let document: RawDocument = serde_saphyr::from_str(text)
            .map_err(|error| ManifestError::Yaml(first_line(&error.to_string())))?;
        let group = document.api_version.as_deref().unwrap_or_default().split('/').next();
        let kind = document.kind.unwrap_or_else(|| "missing".into());
        if kind != wanted {
            return Err(ManifestError::Kind { found: kind, wanted });
        }
        if group != Some(GROUP) {
            return Err(invalid("apiVersion", &document.api_version.unwrap_or_default()));
        }
        Ok(Self {
            metadata: document.metadata.unwrap_or_default(),
            spec: document.spec.unwrap_or_default(),
            status: document.status.unwrap_or_default(),
        })
    }
}

impl RawAsset {
    fn checked(self, component: &str) -> Result<Asset, ManifestError> {
        let name = self.name.ok_or(ManifestError::Missing("name of an asset"))?;
        let digest = |what: &str, text: Option<String>, digits: usize| match text {
            Some(text) if text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(Some(text.to_ascii_lowercase()))
            }
            Some(text) => Err(invalid(&format!("{what} of {name} in {component}"), &text)),
            None => Ok(None),
        };
        let (uri, kind) = match (self.archive, self.image) {
            (Some(archive), _) => {
                let sha256 = digest("sha256", archive.sha256, 64)?;
                let sha512 = digest("sha512", archive.sha512, 128)?;
                (archive.uri, Kind::Archive { sha256, sha512 })
            }
            (None, Some(image)) => {
                let hex = image.image_digest.map(|text| text.trim_start_matches("sha256:").to_owned());
                let digest = digest("imageDigest", hex, 64)?.map(|hex| format!("sha256:{hex}"));
                (image.uri, Kind::Image { digest })
            }
            (None, None) => return Err(ManifestError::Missing("archive or image of an asset")),
        };
        let uri = uri.ok_or(ManifestError::Missing("uri of an asset"))?;
        Ok(Asset { name, description: self.description, os: self.os, arch: self.arch, uri, kind })
    }
}

fn invalid(name: &str, value: &str) -> ManifestError {
    ManifestError::Invalid { name: name.to_owned(), value: value.chars().take(140).collect() }
}

/// What an error says before it shows the text.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches([':', '.']).to_owned()
}

const GROUP: &str = "distro.eks.amazonaws.com";
const SYSTEMS: [&str; 3] = ["linux", "darwin", "windows"];
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];
