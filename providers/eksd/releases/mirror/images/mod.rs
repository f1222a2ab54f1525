//! Images of a release that are in a registry: copied by their digests into an OCI layout in the mirror's folder.
//! <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>

mod archive;
mod content;
mod registry;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) use self::archive::archive;
use self::content::Content;
pub(super) use self::registry::{Part, Registries, Repository};
use super::parts::{Choice, Origin, Wanted};
use crate::releases::digest::sha256;
use crate::releases::error::{Failure, Result};
use crate::releases::version::ReleaseId;

/// An image that is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// As pods name it.
    pub name: String,
    pub repository: Repository,
    /// SHA-256, in hexadecimal digits.
    pub digest: String,
}

/// The layout of a release's images: each has its own, so that what one removes, no other misses.
pub(super) struct Layout<'a> {
    pub id: ReleaseId,
    pub images: Vec<Image>,
    pub choice: &'a Choice<'a>,
}

/// The manifests that were read, by their digests.
type Read = BTreeMap<String, Vec<u8>>;

/// What a layout is made of, as far as is known.
enum Made {
    Of(Vec<Wanted>),
    /// These manifests must be read first.
    Unknown(Vec<(Repository, String)>),
}

impl Layout<'_> {
    /// The files of the layout, as registries say; what they give is verified.
    pub(super) async fn resolve(&self, registries: &Registries<'_>) -> Result<Vec<Wanted>> {
        let mut read = Read::new();
        loop {
            let missing = match self.files(&read)? {
                Made::Of(files) => return Ok(files),
                Made::Unknown(missing) => missing,
            };
            for (repository, digest) in missing {
                let bytes = registries.manifest(&repository, &digest).await?;
                read.insert(digest, bytes);
            }
        }
    }

    /// The files of the layout, as those in the folder say; nothing where some are missing.
    pub(super) fn in_folder(&self, folder: &Path) -> Option<Vec<Wanted>> {
        let mut read = Read::new();
        loop {
            let missing = match self.files(&read).ok()? {
                Made::Of(files) => return Some(files),
                Made::Unknown(missing) => missing,
            };
            for (_, digest) in missing {
                let bytes = fs::read(folder.join(self.blob(&digest))).ok()?;
                if sha256(&bytes) != digest {
                    return None;
                }
                read.insert(digest, bytes);
            }
        }
    }

    fn files(&self, read: &Read) -> Result<Made> {
        let (mut files, mut missing, mut roots) = (BTreeMap::new(), Vec::new(), Vec::new());
        for image in &self.images {
            let mut pending = vec![image.digest.clone()];
            while let Some(digest) = pending.pop() {
                let Some(bytes) = read.get(&digest) else {
                    missing.push((image.repository.clone(), digest));
                    continue;
                };
                let content = Content::parse(bytes).map_err(|reason| unusable(image, &digest, &reason))?;
                if digest == image.digest {
                    roots.push(content.root(&image.name, &image.digest, bytes.len()));
                }
                let manifests = content.manifests(self.choice);
                if content.is_index() && manifests.is_empty() {
                    return Err(unusable(
                        image,
                        &digest,
                        "it has nothing for the os and arch that are chosen",
                    ));
                }
                pending.extend(manifests);
                for blob in content.blobs() {
                    let origin = Origin::Blob(image.repository.clone());
                    files.insert(blob.clone(), self.wanted(&blob, origin));
                }
                files
                    .insert(digest.clone(), self.wanted(&digest, Origin::Manifest(image.repository.clone())));
            }
        }
        if !missing.is_empty() {
            return Ok(Made::Unknown(missing));
        }
        let mut files: Vec<Wanted> = files.into_values().collect();
        // Last, so that an index that is there names nothing that is missing.
        if !self.images.is_empty() {
            files.push(self.text("oci-layout", content::LAYOUT.to_owned()));
            files.push(self.text("index.json", content::index(&roots)));
        }
        Ok(Made::Of(files))
    }

    fn wanted(&self, digest: &str, origin: Origin) -> Wanted {
        let path = self.blob(digest);
        Wanted { path, uri: String::new(), sha256: Some(digest.to_owned()), sha512: None, origin }
    }

    fn text(&self, name: &str, text: String) -> Wanted {
        let (path, sha256) = (format!("{}/{name}", self.folder()), Some(sha256(text.as_bytes())));
        Wanted { path, uri: String::new(), sha256, sha512: None, origin: Origin::Text(text) }
    }

    fn blob(&self, digest: &str) -> String {
        format!("{}/blobs/sha256/{digest}", self.folder())
    }

    fn folder(&self) -> String {
        layout_path(self.id)
    }
}

/// Where the layout of a release is in a mirror's folder.
pub(super) fn layout_path(id: ReleaseId) -> String {
    format!("kubernetes-{}/releases/{}/images", id.channel, id.number)
}

fn unusable(image: &Image, digest: &str, reason: &str) -> Failure {
    let detail = format!("The manifest sha256:{digest} of {} cannot be used: {reason}.", image.name);
    Failure::new("images", "Image cannot be mirrored", detail)
}
