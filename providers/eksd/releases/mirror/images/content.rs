//! Manifests and indexes of images, of the OCI and of Docker.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::releases::mirror::parts::Choice;

/// What says that a folder is a layout.
pub(super) const LAYOUT: &str = "{\"imageLayoutVersion\":\"1.0.0\"}";

/// What registries are asked for.
pub(super) const TYPES: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// A manifest of an image, or an index of such for several platforms.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    media_type: Option<String>,
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

#[derive(Debug, Deserialize)]
struct Descriptor {
    digest: String,
    platform: Option<Platform>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    /// Layers that may not be given away are elsewhere.
    #[serde(default)]
    urls: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

/// An image in the layout's index.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Root {
    media_type: String,
    digest: String,
    size: usize,
    annotations: Annotations,
}

#[derive(Debug, Serialize)]
struct Annotations {
    #[serde(rename = "io.containerd.image.name")]
    containerd: String,
    #[serde(rename = "org.opencontainers.image.ref.name")]
    name: String,
}

/// The annotations that may hold an image's name, the first that does counts.
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index<'a> {
    schema_version: u32,
    media_type: &'a str,
    manifests: &'a [Root],
}

impl Content {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let content: Self =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON of a manifest: {error}"))?;
        match (&content.manifests, &content.config, &content.layers) {
            (Some(_), _, _) | (None, Some(_), Some(_)) => {}
            _ => return Err("it is neither an index nor a manifest with a configuration and layers".into()),
        }
        let parts = content.manifests.iter().chain(&content.layers).flatten().chain(&content.config);
        match parts.map(|part| &part.digest).find(|digest| hex(digest).is_none()) {
            Some(digest) => Err(format!("it names {digest:?}, which is no SHA-256 digest")),
            None => Ok(content),
        }
    }

    pub(super) fn is_index(&self) -> bool {
        self.manifests.is_some()
    }

    /// The digests of the manifests of an index that are chosen.
    pub(super) fn manifests(&self, choice: &Choice<'_>) -> Vec<String> {
        let chosen = |part: &&Descriptor| match &part.platform {
            Some(platform) => choice.has_platform(&platform.os, &platform.architecture),
            None => choice.has_all_platforms(),
        };
        let all = self.manifests.iter().flatten().filter(chosen);
        all.filter_map(|part| hex(&part.digest)).map(str::to_owned).collect()
    }

    /// The digests of configuration and layers.
    pub(super) fn blobs(&self) -> Vec<String> {
        let all = self.config.iter().chain(self.layers.iter().flatten()).filter(|part| part.urls.is_empty());
        all.filter_map(|part| hex(&part.digest)).map(str::to_owned).collect()
    }

    /// What a layout's index has, by name.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.manifests.iter().flatten().filter_map(|part| {
            let name = NAMES.iter().find_map(|name| part.annotations.get(*name))?;
            Some((name.as_str(), hex(&part.digest)?))
        })
    }

    /// The digest of the manifest of an index that is for Linux on an architecture.
    pub(super) fn for_linux(&self, arch: &str) -> Option<&str> {
        let all = self.manifests.iter().flatten();
        let mut fitting = all.filter(|part| {
            part.platform.as_ref().is_some_and(|is| is.os == "linux" && is.architecture == arch)
        });
        fitting.find_map(|part| hex(&part.digest))
    }

    /// How a layout's index names an image whose content this is.
    pub(super) fn root(&self, name: &str, digest: &str, size: usize) -> Root {
        let otherwise = if self.is_index() { INDEX } else { MANIFEST };
        Root {
            media_type: self.media_type.clone().unwrap_or_else(|| otherwise.to_owned()),
            digest: format!("sha256:{digest}"),
            size,
            annotations: Annotations { containerd: name.to_owned(), name: name.to_owned() },
        }
    }
}

/// The layout's index.
pub(super) fn index(roots: &[Root]) -> String {
    let index = Index { schema_version: 2, media_type: INDEX, manifests: roots };
    // Texts and numbers can always be written.
    serde_json::to_string_pretty(&index).unwrap_or_default() + "\n"
}

/// The digits of a SHA-256 digest.
pub(super) fn hex(digest: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digest.strip_prefix("sha256:").filter(|hex| hex.len() == 64 && hex.bytes().all(plain))
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
