use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use addrs::ModulePath;
use serde::{Deserialize, Serialize};

use crate::Config;
use crate::load::clean;
use crate::module_source::is_local;

/// `.terraform/modules/modules.json`: which folder each module call was installed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    records: BTreeMap<String, ManifestRecord>,
}

/// One installed module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ManifestRecord {
    /// The names on its path joined by dots; empty for the root.
    pub key: String,
    /// The source address; empty for the root.
    pub source: String,
    /// For modules of a registry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Relative to the root's folder.
    pub dir: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(rename = "Modules")]
    modules: Vec<ManifestRecord>,
}

/// Why a manifest cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is not in the format of a module manifest: {0}")]
    Format(#[from] serde_json::Error),
}

/// The manifest's place in the data folder (`.terraform`).
const FILE: &str = "modules/modules.json";

impl Manifest {
    /// Reads the manifest of a data folder; one without a manifest has an empty one.
    pub fn read(data_dir: &Path) -> Result<Self, ManifestError> {
        let text = match fs::read(data_dir.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error.into()),
        };
        let file: File = serde_json::from_slice(&text)?;
        let records = file.modules.into_iter().map(|record| (record.key.clone(), record)).collect();
        Ok(Self { records })
    }

    /// Writes the manifest into a data folder, in Terraform's format.
    pub fn write(&self, data_dir: &Path) -> Result<(), ManifestError> {
        let path = data_dir.join(FILE);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File { modules: self.records.values().cloned().collect() };
        fs::write(path, serde_json::to_vec(&file)?)?;
        Ok(())
    }

    /// What `init` writes for a loaded configuration. Modules that are not local keep the records they were found by.
    #[must_use]
    pub fn updated(&self, config: &Config) -> Self {
        let records = config.modules().map(|module| {
            let key = key(&module.path);
            let source = config.call(&module.path).map(|call| call.source.as_str()).unwrap_or_default();
            let installed = self.records.get(&key).filter(|_| !source.is_empty() && !is_local(source));
            let record = installed.cloned().unwrap_or_else(|| ManifestRecord {
                key: key.clone(),
                source: cleaned(source),
                version: None,
                dir: module.dir.clone(),
            });
            (key, record)
        });
        Self { records: records.collect() }
    }

    pub fn get(&self, path: &ModulePath) -> Option<&ManifestRecord> {
        self.records.get(&key(path))
    }

    /// All records in order of their keys.
    pub fn records(&self) -> impl Iterator<Item = &ManifestRecord> {
        self.records.values()
    }
}

/// A local source without needless parts, as Terraform compares it.
fn cleaned(source: &str) -> String {
    let path = clean(Path::new(source));
    match (source, path.to_str()) {
        ("", _) => String::new(),
        (_, Some(".")) => "./".to_owned(),
        (_, Some(path)) if path.starts_with("..") => path.to_owned(),
        (_, Some(path)) => format!("./{path}"),
        (_, None) => source.to_owned(),
    }
}

fn key(path: &ModulePath) -> String {
    path.steps().iter().map(|name| name.as_str()).collect::<Vec<_>>().join(".")
}
