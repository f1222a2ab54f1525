//! Which files of a release are chosen.

use provider::simple::Access;
use value::Value;

use super::images::{Image, Layout, Repository};
use crate::releases::attributes::{OFFICIAL, channel_of, number_of};
use crate::releases::error::{Failure, Result};
use crate::releases::manifest::{Asset, Component, Kind, Release};
use crate::releases::version::ReleaseId;

/// The attributes that choose.
pub(super) const CHOICES: [&str; 4] = ["components", "assets", "os", "arch"];

/// What an object chooses; nothing said chooses all.
pub(super) struct Choice<'a> {
    components: Option<Vec<&'a str>>,
    assets: Option<Vec<&'a str>>,
    systems: Option<Vec<&'a str>>,
    architectures: Option<Vec<&'a str>>,
    /// Whether images are chosen as files are.
    images: bool,
}

/// A file of a mirror, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Where it is in the folder, and on the official site.
    pub path: String,
    pub uri: String,
    pub sha256: Option<String>,
    pub sha512: Option<String>,
    pub origin: Origin,
}

/// Where a file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The site, by its `uri`.
    Site,
    /// A registry, by its SHA-256.
    Manifest(Repository),
    Blob(Repository),
    /// Nowhere: this is its content.
    Text(String),
}

impl<'a> Choice<'a> {
    pub(super) fn of(object: &'a Value) -> Self {
        let chosen = |name: &str| (!object.is_unset(name)).then(|| object.texts(name));
        let [components, assets, systems, architectures] = CHOICES.map(chosen);
        let images = object.flag("images") == Some(true);
        Self { components, assets, systems, architectures, images }
    }

    /// Whether what is for a platform is chosen.
    pub(super) fn has_platform(&self, system: &str, architecture: &str) -> bool {
        let has =
            |chosen: &Option<Vec<&str>>, name| chosen.as_ref().is_none_or(|names| names.contains(&name));
        has(&self.systems, system) && has(&self.architectures, architecture)
    }

    /// Whether what is for no platform is chosen, too.
    pub(super) fn has_all_platforms(&self) -> bool {
        self.systems.is_none() && self.architectures.is_none()
    }

    /// The layout of the chosen images.
    pub(super) fn images(&'a self, release: &Release) -> Result<Layout<'a>> {
        let id = release.id;
        let mut images: Vec<Image> = Vec::new();
        for component in release.components.iter().filter(|_| self.images) {
            for asset in component.assets.iter().filter(|asset| self.has(component, asset)) {
                let Kind::Image { digest } = &asset.kind else { continue };
                let refused = |reason: &str| {
                    let detail = format!("{} of {id} cannot be mirrored: {reason}.", asset.name);
                    Failure::new("images", "Image cannot be mirrored", detail)
                };
                let digest = digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
                let digest = digest.ok_or_else(|| refused("the release's manifest has no digest of it"))?;
                let repository = Repository::of(&asset.uri).map_err(|reason| refused(&reason))?;
                let image = Image { name: asset.uri.clone(), repository, digest: digest.to_owned() };
                if !images.contains(&image) {
                    images.push(image);
                }
            }
        }
        images.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Layout { id, images, choice: self })
    }

    /// The chosen files. What is chosen by name must be there, and must have a digest to be verified by.
    pub(super) fn files(&self, release: &Release) -> Result<Vec<Wanted>> {
        let id = release.id;
        let missing = |attribute: &'static str, what: &str, name: &str| {
            let detail = format!("{id} has no {what} named {name:?}.");
            Failure::new(attribute, "Nothing to mirror", detail)
        };
        for name in self.components.iter().flatten() {
            release.component(name).ok_or_else(|| missing("components", "component", name))?;
        }
        let all = || release.components.iter().flat_map(|component| &component.assets);
        for name in self.assets.iter().flatten() {
            let asset = all().find(|asset| asset.name == **name);
            match asset.ok_or_else(|| missing("assets", "asset", name))?.kind {
                Kind::Image { .. } if !self.images => {
                    let detail = format!(
                        "{name} of {id} is in a registry: set images = true to copy it into an OCI layout, too."
                    );
                    return Err(Failure::new("assets", "Nothing to mirror", detail));
                }
                Kind::Archive { .. } | Kind::Image { .. } => {}
            }
        }
        let mut files = Vec::new();
        for component in &release.components {
            for asset in component.assets.iter().filter(|asset| self.has(component, asset)) {
                files.extend(wanted(release.id, asset)?);
            }
        }
        if files.is_empty() && self.images(release)?.images.is_empty() {
            let detail =
                format!("No file of {id} is for what components, assets, os and arch choose together.");
            return Err(Failure::new("components", "Nothing to mirror", detail));
        }
        Ok(files)
    }

    fn has(&self, component: &Component, asset: &Asset) -> bool {
        let chosen = |names: &Option<Vec<&str>>, there: &[&str]| match names {
            Some(names) => names.iter().any(|name| there.contains(name)),
            None => true,
        };
        let system: Vec<&str> = asset.system().into_iter().collect();
        chosen(&self.components, &[&component.name])
            && chosen(&self.assets, &[&asset.name])
            && chosen(&self.systems, &system)
            && chosen(&self.architectures, &asset.architectures())
    }
}

/// The release that an object is of.
pub(super) fn release_id(object: &Value) -> Option<ReleaseId> {
    let channel = channel_of(object.text("channel")?).ok()?;
    Some(ReleaseId { channel, number: object.attr("number").and_then(number_of)? })
}

/// The file of an asset; none of an image.
fn wanted(id: ReleaseId, asset: &Asset) -> Result<Option<Wanted>> {
    let Kind::Archive { sha256, sha512 } = &asset.kind else { return Ok(None) };
    let refused = |reason: &str| {
        let detail = format!(
            "{} of {id} cannot be mirrored: {reason}. Choose others by the attributes components, assets, os and arch.",
            asset.name
        );
        Failure::new("assets", "Asset cannot be mirrored", detail)
    };
    let path = asset.uri.strip_prefix(OFFICIAL).and_then(|path| path.strip_prefix('/'));
    let path =
        path.ok_or_else(|| refused(&format!("it is at {}, outside of the official site", asset.uri)))?;
    let plain =
        path.split('/').all(|part| !["", ".", ".."].contains(&part)) && !path.contains(['%', '?', '#', '\\']);
    if !plain {
        return Err(refused(&format!("its path {path:?} could lead out of the folder")));
    }
    if sha256.is_none() && sha512.is_none() {
        return Err(refused("the manifest has no digest of it"));
    }
    Ok(Some(Wanted {
        path: path.to_owned(),
        uri: asset.uri.clone(),
        sha256: sha256.clone(),
        sha512: sha512.clone(),
        origin: Origin::Site,
    }))
}
