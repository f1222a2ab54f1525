//! One image of an OCI layout, for one architecture, as an archive that container runtimes import.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::content::{Content, LAYOUT, hex, index};
use crate::releases::digest::sha256;

/// Writes the archive of the image with a name. Everything in it is verified by its digest; the same image always makes the
/// same bytes, so that one that was cut off on its way is continued.
///
/// # Errors
/// Says what is missing in the layout, or is not what its digest says.
pub(crate) fn archive(layout: &Path, name: &str, arch: &str, to: impl Write) -> Result<(), String> {
    let text = fs::read(layout.join("index.json"))
        .map_err(|error| format!("{} is no OCI layout: index.json: {error}", layout.display()))?;
    let all = Content::parse(&text).map_err(|reason| format!("index.json: {reason}"))?;
    // In a release's images a digest may stand behind the name.
    let plain = name.split('@').next().unwrap_or_default();
    let Some((_, root)) = all.names().find(|(known, _)| *known == name || *known == plain) else {
        let known: Vec<&str> = all.names().map(|(name, _)| name).collect();
        return Err(format!(
            "{} has no image {name}. It has: {}",
            layout.display(),
            if known.is_empty() { "none with a name".to_owned() } else { known.join(", ") }
        ));
    };
    let (digest, bytes, content) = manifest(layout, root, arch)?;
    let mut parts = content.blobs();
    parts.sort();
    parts.dedup();
    let mut tar = tar::Builder::new(to);
    let root = content.root(plain, &digest, bytes.len());
    let written = (|| {
        put(&mut tar, "oci-layout", LAYOUT.as_bytes())?;
        put(&mut tar, "index.json", index(&[root]).as_bytes())?;
        put(&mut tar, &format!("blobs/sha256/{digest}"), &bytes)?;
        io::Result::Ok(())
    })();
    written.map_err(|error| not_written(&error))?;
    for part in parts {
        let bytes = blob(layout, &part)?;
        put(&mut tar, &format!("blobs/sha256/{part}"), &bytes).map_err(|error| not_written(&error))?;
    }
    tar.into_inner().and_then(|mut to| to.flush()).map_err(|error| not_written(&error))
}

/// The manifest for an architecture, which may be behind indexes.
fn manifest(layout: &Path, root: &str, arch: &str) -> Result<(String, Vec<u8>, Content), String> {
    let mut digest = root.to_owned();
    for _ in 0..DEEPEST {
        let bytes = blob(layout, &digest)?;
        let content = Content::parse(&bytes).map_err(|reason| format!("sha256:{digest}: {reason}"))?;
        if !content.is_index() {
            return Ok((digest, bytes, content));
        }
        let next = content.for_linux(arch);
        next.ok_or_else(|| format!("sha256:{digest} has nothing for linux/{arch}"))?.clone_into(&mut digest);
    }
    Err(format!("sha256:{root} is an index of indexes without an end"))
}

/// What has a digest, verified.
fn blob(layout: &Path, digest: &str) -> Result<Vec<u8>, String> {
    let path = layout.join("blobs/sha256").join(digest);
    let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let found = sha256(&bytes);
    if hex(&format!("sha256:{digest}")) != Some(found.as_str()) {
        return Err(format!(
            "{} has the SHA-256 {found}, not that of its name: it is broken or was tampered with",
            path.display()
        ));
    }
    Ok(bytes)
}

fn put(tar: &mut tar::Builder<impl Write>, name: &str, content: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(u64::try_from(content.len()).map_err(io::Error::other)?);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    tar.append_data(&mut header, name, content)
}

fn not_written(error: &io::Error) -> String {
    format!("the archive cannot be written: {error}")
}

/// How many indexes one behind the other are followed.
const DEEPEST: usize = 4;
