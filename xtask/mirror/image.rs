//! Images of one static program, as OCI archives.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::archive::{Entry, digest_of, made, tar, tar_gz};

/// What an image is made of.
pub struct Image<'a> {
    /// With its tag: the name that it gets where it is imported.
    pub uri: &'a str,
    pub program: &'a Path,
    pub name: &'a str,
    /// The user it runs as.
    pub user: &'a str,
}

/// Writes the archive, and returns the digest of the image's manifest.
pub fn archive(image: &Image<'_>, to: &Path) -> Result<String> {
    let entries = [Entry { name: image.name, content: fs::read(image.program)?, mode: 0o755 }];
    let diff = digest_of(&tar(Vec::new(), &entries)?);
    let mut layer = Vec::new();
    tar_gz(&mut layer, &entries)?;
    let entrypoint = format!("/{}", image.name);
    let config = serde_json::to_vec(&json!({
        "architecture": "amd64",
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": {"Entrypoint": [entrypoint], "User": image.user, "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff}")]},
    }))?;
    let manifest = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &layer)],
    }))?;
    let mut entry = descriptor(MANIFEST, &manifest);
    entry["platform"] = json!({"architecture": "amd64", "os": "linux"});
    let tag = image.uri.rsplit_once(':').map_or(image.uri, |(_, tag)| tag);
    entry["annotations"] =
        json!({"io.containerd.image.name": image.uri, "org.opencontainers.image.ref.name": tag});
    let index = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [entry],
    }))?;
    let digest = digest_of(&manifest);
    let blobs = [config, layer, manifest];
    let names: Vec<String> = blobs.iter().map(|blob| format!("blobs/sha256/{}", digest_of(blob))).collect();
    let mut entries = vec![
        Entry { name: "oci-layout", content: br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(), mode: 0o644 },
        Entry { name: "index.json", content: index, mode: 0o644 },
        Entry { name: "blobs/", content: Vec::new(), mode: 0o755 },
        Entry { name: "blobs/sha256/", content: Vec::new(), mode: 0o755 },
    ];
    for (name, content) in names.iter().zip(blobs) {
        entries.push(Entry { name, content, mode: 0o644 });
    }
    made(to, |file| tar(file, &entries).map(|_| ()))?;
    Ok(format!("sha256:{digest}"))
}

fn descriptor(media_type: &str, content: &[u8]) -> Json {
    json!({
        "mediaType": media_type,
        "digest": format!("sha256:{}", digest_of(content)),
        "size": content.len(),
    })
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
