//! The saved plan: a zip with the plan, the two states it is between, and the configuration it was made from.
//!
//! The outer form (a zip with `tfstate`, `tfstate-prev`, `tfconfig/`) is as Terraform's; the plan itself is
//! JSON with values in msgpack, and only the groma version that wrote it reads it.

mod encode;
mod format;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::Plan;

/// What a plan file holds.
#[derive(Debug)]
pub struct PlanFile {
    pub plan: Plan,
    /// The configuration's files by the path they were read from, relative to the working folder.
    pub config: BTreeMap<String, String>,
    /// `.terraform.lock.hcl` as it was.
    pub lock: Option<String>,
    /// The workspace whose state it is of.
    pub workspace: String,
}

/// Why a plan file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    #[error("It is not a plan file of groma: {0}")]
    NotAPlan(String),
    #[error("It was written by groma {0}, and only that version can apply it. Plan again with this one.")]
    Version(String),
    #[error("It is damaged: {0}")]
    Damaged(String),
    #[error("{0}")]
    Encode(String),
}

/// True when the bytes begin as a zip does, and not as a state file.
pub fn is_plan_file(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Writes a plan file; `version` is groma's own.
pub fn write(file: &PlanFile, version: &str) -> Result<Vec<u8>, PlanFileError> {
    let encode = |e: &dyn std::fmt::Display| PlanFileError::Encode(e.to_string());
    let plan = encode::plan(file, version).map_err(PlanFileError::Encode)?;
    let plan = serde_json::to_vec(&plan).map_err(|e| encode(&e))?;
    let prior = state::v4::write(&file.plan.prior_state).map_err(|e| encode(&e))?;
    let previous = state::v4::write(&file.plan.previous_state).map_err(|e| encode(&e))?;
    let config = serde_json::to_vec(&file.config).map_err(|e| encode(&e))?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let entries: [(&str, &[u8]); 4] = [
        (PLAN, &plan),
        (PRIOR_STATE, prior.as_bytes()),
        (PREVIOUS_STATE, previous.as_bytes()),
        (CONFIG, &config),
    ];
    let lock = file.lock.as_ref().map(|lock| (LOCK, lock.as_bytes()));
    for (name, bytes) in entries.into_iter().chain(lock) {
        zip.start_file(name, SimpleFileOptions::default()).map_err(|e| encode(&e))?;
        zip.write_all(bytes).map_err(|e| encode(&e))?;
    }
    Ok(zip.finish().map_err(|e| encode(&e))?.into_inner())
}

/// Reads a plan file that this `version` of groma wrote.
pub fn read(bytes: &[u8], version: &str) -> Result<PlanFile, PlanFileError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| PlanFileError::NotAPlan(e.to_string()))?;
    if zip.index_for_name(PLAN).is_none() {
        let hint = if zip.index_for_name("tfplan").is_some() {
            "it is one of Terraform, which only Terraform can read."
        } else {
            "there is no plan in it."
        };
        return Err(PlanFileError::NotAPlan(hint.into()));
    }
    let plan: format::PlanFormat = serde_json::from_str(&entry(&mut zip, PLAN)?).map_err(|e| damaged(&e))?;
    if plan.groma_version != version {
        return Err(PlanFileError::Version(plan.groma_version));
    }
    let prior = state::v4::read(&entry(&mut zip, PRIOR_STATE)?).map_err(|e| damaged(&e))?;
    let previous = state::v4::read(&entry(&mut zip, PREVIOUS_STATE)?).map_err(|e| damaged(&e))?;
    let config = serde_json::from_str(&entry(&mut zip, CONFIG)?).map_err(|e| damaged(&e))?;
    let lock = zip.index_for_name(LOCK).is_some().then(|| entry(&mut zip, LOCK)).transpose()?;
    let workspace = plan.workspace.clone();
    let plan = encode::decode(plan, prior, previous).map_err(PlanFileError::Damaged)?;
    Ok(PlanFile { plan, config, lock, workspace })
}

fn damaged(error: &dyn std::fmt::Display) -> PlanFileError {
    PlanFileError::Damaged(error.to_string())
}

fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, PlanFileError> {
    let file = zip.by_name(name).map_err(|e| damaged(&e))?;
    let mut text = String::new();
    // More than any real plan, and less than a hostile zip can unpack to.
    file.take(MAX_ENTRY).read_to_string(&mut text).map_err(|e| damaged(&e))?;
    Ok(text)
}

const PLAN: &str = "groma-plan.json";
const PRIOR_STATE: &str = "tfstate";
const PREVIOUS_STATE: &str = "tfstate-prev";
const CONFIG: &str = "tfconfig.json";
const LOCK: &str = ".terraform.lock.hcl";
const MAX_ENTRY: u64 = 4 << 30;

#[cfg(test)]
mod tests;
