//! Which files of a folder are a module's, and reading them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use diag::{Diagnostic, FileId, Sources, Span};

/// Names of a folder's configuration files, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ModuleFiles {
    pub primary: Vec<String>,
    /// Merged into the primary ones, in order.
    pub overrides: Vec<String>,
}

/// Where byte offsets end.
const MAX_BYTES: u64 = u32::MAX as u64;

/// Where the files of a configuration are.
#[derive(Clone, Debug, Default)]
pub enum Files {
    #[default]
    Disk,
    /// Texts by the name that users see, as a saved plan holds them.
    Snapshot(Arc<BTreeMap<String, String>>),
}

impl Files {
    /// Lists the configuration files of a folder; `shown` is the folder as users see it.
    pub(crate) fn list(&self, dir: &Path, shown: &Path) -> io::Result<ModuleFiles> {
        let mut files = ModuleFiles::default();
        match self {
            Self::Disk => {
                for entry in fs::read_dir(dir)? {
                    let entry = entry?;
                    let Ok(name) = entry.file_name().into_string() else { continue };
                    // A folder may well have such a name; a link counts as what it leads to.
                    if !fs::metadata(entry.path()).is_ok_and(|meta| meta.is_dir()) {
                        files.add(name);
                    }
                }
            }
            Self::Snapshot(texts) => {
                let folder = if shown == Path::new(".") { Path::new("") } else { shown };
                for path in texts.keys().map(Path::new).filter(|path| path.parent() == Some(folder)) {
                    files.add(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
                }
            }
        }
        files.primary.sort();
        files.overrides.sort();
        Ok(files)
    }

    /// Reads a text file and registers it under the name that users see.
    pub(crate) fn read(
        &self,
        path: &Path,
        shown: &str,
        sources: &Sources,
    ) -> Result<(FileId, String), Diagnostic> {
        match self {
            Self::Disk => read(path, shown, sources),
            Self::Snapshot(texts) => {
                let text = texts.get(shown).cloned().unwrap_or_default();
                Ok((sources.add(shown, text.as_str()), text))
            }
        }
    }
}

impl ModuleFiles {
    fn add(&mut self, name: String) {
        let Some(stem) = stem(&name) else { return };
        if is_ignored(&name) {
            return;
        }
        if stem == "override" || stem.ends_with("_override") {
            self.overrides.push(name);
        } else {
            self.primary.push(name);
        }
    }
}

/// Says whether a folder has any configuration file; an unreadable one has none.
pub fn has_configuration(dir: &Path) -> bool {
    Files::Disk.list(dir, dir).is_ok_and(|files| !files.primary.is_empty() || !files.overrides.is_empty())
}

/// The name without the ending that makes it a configuration file.
fn stem(name: &str) -> Option<&str> {
    name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tf.json"))
}

/// Hidden files, and those that editors leave behind.
pub(crate) fn is_ignored(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

fn read(path: &Path, shown: &str, sources: &Sources) -> Result<(FileId, String), Diagnostic> {
    let failed = |reason: &str| {
        Diagnostic::error("Failed to read file", format!("The file \"{shown}\" could not be read: {reason}."))
    };
    let size = fs::metadata(path).map_err(|error| failed(&reason(&error)))?.len();
    if size > MAX_BYTES {
        return Err(failed("it is larger than 4 GiB"));
    }
    let bytes = fs::read(path).map_err(|error| failed(&reason(&error)))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok((sources.add(shown, text.as_str()), text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let file = sources.add(shown, String::from_utf8_lossy(error.as_bytes()).as_ref());
            let detail = "All input files must be UTF-8 encoded. Ensure that UTF-8 encoding is selected in your editor.";
            Err(Diagnostic::error("Invalid character encoding", detail).at(Span::new(file, at, at + 1)))
        }
    }
}

/// What went wrong, as part of a sentence.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        io::ErrorKind::NotADirectory => "it is not a directory".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_and_editor_files_are_ignored_and_overrides_come_last() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for name in [
            "main.tf",
            "b.tf.json",
            "override.tf",
            "x_override.tf.json",
            ".hidden.tf",
            "#main.tf#",
            "main.tf~",
            "a.txt",
            "main.tf.bak",
            "override.tf.json",
        ] {
            fs::write(dir.path().join(name), "").expect("writable");
        }
        fs::create_dir(dir.path().join("folder.tf")).expect("writable");
        let files = Files::Disk.list(dir.path(), Path::new(".")).expect("readable");
        assert_eq!(files.primary, ["b.tf.json", "main.tf"]);
        assert_eq!(files.overrides, ["override.tf", "override.tf.json", "x_override.tf.json"]);
    }
}
