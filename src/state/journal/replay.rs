use std::io;
use std::path::Path;

use super::codec::{self, Line};
use super::space::whole_lines;
use super::{JournalError, Record, Started};
use crate::state::State;

/// What was found in the journal.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Starts without an end, in order.
    pub unresolved: Vec<Started>,
    /// True when records changed the state.
    pub folded: bool,
}

/// Folds the journal at `path` into `state`, whose file had the text with `digest`. No file is no journal.
///
/// A last line without its newline was being written when the process died, as was what is behind zeros: nothing had been
/// answered by it.
pub fn replay(path: &Path, digest: &str, state: &mut State) -> Result<Replayed, JournalError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Replayed::default()),
        Err(source) => return Err(JournalError::Io { path: path.to_owned(), source }),
    };
    let mut header = None;
    let mut records = Vec::new();
    let mut in_file = false;
    for (i, line) in
        whole_lines(&text).split(|b| *b == b'\n').enumerate().filter(|(_, line)| !line.is_empty())
    {
        let invalid = |reason: String| JournalError::Invalid { path: path.to_owned(), line: i + 1, reason };
        let line: Line = serde_json::from_slice(line).map_err(|e| invalid(format!("{e}.")))?;
        match line {
            Line::Journal { version: VERSION, lineage, serial } => header = Some((lineage, serial)),
            Line::Journal { version, .. } => {
                return Err(invalid(format!(
                    "The journal has format version {version}, this groma knows {VERSION}."
                )));
            }
            Line::Folding { digest: folded } => in_file = in_file || folded == digest,
            line => records.extend(codec::decode(line).map_err(invalid)?),
        }
    }
    let Some((lineage, serial)) = header else { return Ok(Replayed::default()) };
    if !in_file && (lineage != state.lineage || serial != state.serial) {
        return Err(JournalError::Mismatch {
            path: path.to_owned(),
            lineage,
            serial,
            found_lineage: state.lineage.clone(),
            found_serial: state.serial,
        });
    }
    Ok(fold(records, in_file, state))
}

fn fold(records: Vec<Record>, in_file: bool, state: &mut State) -> Replayed {
    let mut replayed = Replayed::default();
    for record in records {
        match record {
            Record::Started(started) => {
                replayed.unresolved.push(started);
                continue;
            }
            Record::Finished { token: Some(ref token), .. } => {
                replayed.unresolved.retain(|started| started.token != *token);
            }
            _ => {}
        }
        if !in_file {
            apply(record, state);
            replayed.folded = true;
        }
    }
    replayed
}

/// Makes the change that a record says in a state.
pub fn apply(record: Record, state: &mut State) {
    match record {
        Record::Started(_) => {}
        Record::Finished { address, deposed: None, provider, object, .. } => {
            state.set_current(&address, &provider, object);
        }
        Record::Finished { address, deposed: Some(key), provider, object, .. } => {
            state.set_deposed(&address, &provider, key, object);
        }
        Record::Deposed { address, provider, key } => {
            let current = state.instance(&address).and_then(|instance| instance.current.clone());
            state.set_deposed(&address, &provider, key, current);
            state.set_current(&address, &provider, None);
        }
        Record::Output { name, value: Some(value), sensitive } => {
            state.outputs.insert(name, crate::state::OutputState { value, sensitive });
        }
        Record::Output { name, value: None, .. } => {
            state.outputs.remove(&name);
        }
    }
}

pub(super) const VERSION: u64 = 1;
