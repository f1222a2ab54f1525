//! What a release is made of, as values.

use std::collections::BTreeMap;

use value::{Entries, Str, Type, Value};

use super::error::Result;
use super::manifest::{Asset, Component, Kind, Release};
use super::site::Site;

/// A file that can be downloaded and verified: `object({ uri = string, sha256 = string, sha512 = string })`.
pub(super) fn file_type() -> Type {
    texts(&["uri", "sha256", "sha512"])
}

/// An image: `object({ uri = string, digest = string })`.
pub(super) fn image_type() -> Type {
    texts(&["uri", "digest"])
}

/// One asset as the manifest has it.
pub(super) fn asset_type() -> Type {
    let names = ["component", "name", "type", "description", "os", "uri", "sha256", "sha512", "digest"];
    let texts = names.map(|name| (Str::from(name), Type::String));
    Type::object(texts.into_iter().chain([("arch".into(), Type::list(Type::String))]))
}

/// Files by what they are called and by architecture.
pub(super) type Files<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Asset>>;

/// The programs for Linux: bare ones by their names, those in a tarball of a component's own by the component's.
pub(super) fn binaries(release: &Release) -> Files<'_> {
    by_name(release, |component, asset| {
        let file = asset.file_name();
        if asset.name.starts_with("bin/") {
            return (!file.contains('.')).then_some(file);
        }
        let tarball = file.ends_with(".tar.gz") && file.starts_with(&format!("{}-linux-", component.name));
        (tarball && component.name != "kubernetes").then_some(component.name.as_str())
    })
}

/// The archives that images for Linux are imported from, by the names of the images.
pub(super) fn image_archives(release: &Release) -> Files<'_> {
    by_name(release, |_, asset| asset.file_name().strip_suffix(".tar"))
}

/// Files, with where they are on a site.
pub(super) fn files(files: &Files<'_>, site: &Site<'_>) -> Result<Value> {
    let mut names = Entries::new();
    for (name, by_arch) in files {
        let mut archs = Entries::new();
        for (arch, asset) in by_arch {
            archs.insert(*arch, file(asset, site)?);
        }
        names.insert(*name, Value::map(file_type(), archs));
    }
    Ok(Value::map(Type::map(file_type()), names))
}

/// The images for Linux, by their names without `-image`.
pub(super) fn images(release: &Release) -> Value {
    let mut names = Entries::new();
    for asset in release.components.iter().flat_map(|component| &component.assets) {
        if let (Kind::Image { digest }, Some(name)) = (&asset.kind, asset.name.strip_suffix("-image")) {
            let image = [("uri", text(Some(&asset.uri))), ("digest", text(digest.as_ref()))];
            names.insert(name, Value::object_of(image));
        }
    }
    Value::map(image_type(), names)
}

/// All assets.
pub(super) fn assets(release: &Release, site: &Site<'_>) -> Result<Value> {
    let mut all = Vec::new();
    for component in &release.components {
        for asset in &component.assets {
            all.push(one(component, asset, site)?);
        }
    }
    Ok(Value::list(asset_type(), all))
}

/// A text, or null.
pub(super) fn text(text: Option<&String>) -> Value {
    text.map_or(Value::null(Type::String), |text| Value::string_nfc(text))
}

fn one(component: &Component, asset: &Asset, site: &Site<'_>) -> Result<Value> {
    let (kind, uri, sha256, sha512, digest) = match &asset.kind {
        Kind::Archive { sha256, sha512 } => {
            ("Archive", site.uri(&asset.uri)?, sha256.as_ref(), sha512.as_ref(), None)
        }
        Kind::Image { digest } => ("Image", asset.uri.clone(), None, None, digest.as_ref()),
    };
    let arch = asset.arch.iter().map(|arch| Value::string_nfc(arch)).collect();
    Ok(Value::object_of([
        ("component", text(Some(&component.name))),
        ("name", text(Some(&asset.name))),
        ("type", Value::string(kind)),
        ("description", text(asset.description.as_ref())),
        ("os", text(asset.os.as_ref())),
        ("arch", Value::list(Type::String, arch)),
        ("uri", text(Some(&uri))),
        ("sha256", text(sha256)),
        ("sha512", text(sha512)),
        ("digest", text(digest)),
    ]))
}

fn file(asset: &Asset, site: &Site<'_>) -> Result<Value> {
    let (sha256, sha512) = match &asset.kind {
        Kind::Archive { sha256, sha512 } => (sha256.as_ref(), sha512.as_ref()),
        Kind::Image { .. } => (None, None),
    };
    let uri = site.uri(&asset.uri)?;
    Ok(Value::object_of([("uri", text(Some(&uri))), ("sha256", text(sha256)), ("sha512", text(sha512))]))
}

fn by_name<'a>(
    release: &'a Release,
    name: impl Fn(&'a Component, &'a Asset) -> Option<&'a str>,
) -> Files<'a> {
    let mut files = Files::new();
    for component in &release.components {
        for asset in &component.assets {
            let is_linux = asset.system() == Some("linux") && matches!(asset.kind, Kind::Archive { .. });
            let Some(name) = name(component, asset).filter(|_| is_linux) else { continue };
            for arch in asset.architectures() {
                // Once kube-proxy is a component of its own, it is the one that counts.
                let first =
                    component.name == name || !files.get(name).is_some_and(|there| there.contains_key(arch));
                if first {
                    files.entry(name).or_default().insert(arch, asset);
                }
            }
        }
    }
    files
}

fn texts(names: &[&'static str]) -> Type {
    Type::object(names.iter().map(|name| (Str::from(*name), Type::String)))
}
