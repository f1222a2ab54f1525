//! Looking at what a mirror's folder holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use provider::simple::Access;
use value::Value;

use super::parts::{Choice, Origin, Wanted, release_id};
use super::{files_of, release_path};
use crate::releases::digest::{Sums, sha256, sums};
use crate::releases::error::{Failure, Result};
use crate::releases::manifest::Release;

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// SHA-256 by path.
    pub files: BTreeMap<String, String>,
    pub complete: bool,
}

impl Seen {
    pub(super) fn is_nothing(&self) -> bool {
        self.files.is_empty()
    }
}

impl Wanted {
    /// Whether a content is this file's.
    pub(super) fn is(&self, sums: &Sums) -> bool {
        let same =
            |wanted: &Option<String>, found: &String| wanted.as_ref().is_none_or(|wanted| wanted == found);
        same(&self.sha256, &sums.sha256) && same(&self.sha512, &sums.sha512)
    }

    /// The files beside it, with their content.
    pub(super) fn sides(&self) -> Vec<(String, String)> {
        // A layout of images has no other files.
        if self.origin != Origin::Site {
            return Vec::new();
        }
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let sums = [("sha256", &self.sha256), ("sha512", &self.sha512)];
        let sums = sums.into_iter().filter_map(|(algorithm, sum)| Some((algorithm, sum.as_ref()?)));
        sums.map(|(algorithm, sum)| (format!("{}.{algorithm}", self.path), format!("{sum}  {name}\n")))
            .collect()
    }
}

/// Looks at all files of an object.
pub(super) async fn at(folder: PathBuf, object: Value) -> Result<Seen> {
    let looked = tokio::task::spawn_blocking(move || look(&folder, &object));
    looked.await.unwrap_or_else(|error| Err(failed("looked at", &error.to_string())))
}

/// The files that an object must have, if the manifest that is there is the one it was made of.
pub(super) fn expected(folder: &Path, object: &Value) -> Option<Vec<Wanted>> {
    let text = fs::read_to_string(folder.join(release_path(release_id(object)?))).ok()?;
    let same = object.text("manifest_sha256") == Some(sha256(text.as_bytes()).as_str());
    let release = Release::parse(&text).ok().filter(|_| same)?;
    let choice = Choice::of(object);
    let mut files = choice.files(&release).ok()?;
    files.extend(choice.images(&release).ok()?.in_folder(folder)?);
    Some(files)
}

/// The digests of a file, none if it is not there.
pub(super) fn sums_of(path: &Path) -> Result<Option<Sums>> {
    sums(path).map_err(|error| failed("read", &format!("{}: {error}", path.display())))
}

pub(super) fn failed(done: &str, reason: &str) -> Failure {
    Failure::new("directory", "Mirror failed", format!("The mirror cannot be {done}: {reason}."))
}

fn look(folder: &Path, object: &Value) -> Result<Seen> {
    let mut seen = Seen { complete: true, ..Seen::default() };
    let manifest = release_id(object).map(release_path);
    let expected = expected(folder, object);
    seen.complete &= expected.is_some();
    let known = files_of(object).into_iter().map(|path| Wanted {
        path,
        uri: String::new(),
        sha256: None,
        sha512: None,
        origin: Origin::Site,
    });
    for file in
        expected.unwrap_or_else(|| known.filter(|file| Some(&file.path) != manifest.as_ref()).collect())
    {
        match sums_of(&folder.join(&file.path))? {
            Some(sums) => {
                seen.complete &= file.is(&sums);
                seen.files.insert(file.path.clone(), sums.sha256);
            }
            None => seen.complete = false,
        }
        let sides = file.sides();
        seen.complete &= sides
            .iter()
            .all(|(path, text)| fs::read_to_string(folder.join(path)).is_ok_and(|there| there == *text));
    }
    if let Some(path) = manifest
        && let Some(sums) = sums_of(&folder.join(&path))?
    {
        seen.files.insert(path, sums.sha256);
    }
    Ok(seen)
}
