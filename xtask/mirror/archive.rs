//! Tarballs that are the same bytes whenever they are made of the same files, and digests.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256, Sha512};

/// The SHA-256 and SHA-512 of a file, in hexadecimal.
pub struct Sums {
    pub sha256: String,
    pub sha512: String,
}

/// Something in a tarball.
pub struct Entry<'a> {
    pub name: &'a str,
    pub content: Vec<u8>,
    pub mode: u32,
}

/// Writes entries as a tar.
pub fn tar<W: Write>(to: W, entries: &[Entry<'_>]) -> Result<W> {
    let mut builder = tar::Builder::new(to);
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        let folder = entry.name.ends_with('/');
        header.set_entry_type(if folder { tar::EntryType::Directory } else { tar::EntryType::Regular });
        header.set_size(u64::try_from(entry.content.len())?);
        header.set_mode(entry.mode);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        builder.append_data(&mut header, entry.name, entry.content.as_slice())?;
    }
    Ok(builder.into_inner()?)
}

/// Writes entries as a compressed tar.
pub fn tar_gz(to: impl Write, entries: &[Entry<'_>]) -> Result<()> {
    tar(GzEncoder::new(to, Compression::fast()), entries)?.finish()?.flush()?;
    Ok(())
}

/// Makes a file unless it is there, whole or not at all.
pub fn made(path: &Path, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("part");
    let mut file = File::create(&beside)?;
    write(&mut file)?;
    fs::rename(&beside, path)?;
    Ok(())
}

pub fn sums(path: &Path) -> Result<Sums> {
    let (mut sha256, mut sha512) = (Sha256::new(), Sha512::new());
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                sha256.update(&buffer[..read]);
                sha512.update(&buffer[..read]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Sums { sha256: hex(&sha256.finalize()), sha512: hex(&sha512.finalize()) })
}

/// The SHA-256 of bytes.
pub fn digest_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
