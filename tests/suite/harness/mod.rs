//! What all tests share: sandboxes, case files, peers, comparison.

mod case;
mod changes;
mod normalise;
mod peers;
mod pool;
mod report;
mod sandbox;

pub use case::{Action, Case, CommandLine};
pub use changes::changed_fields;
pub use normalise::normalise;
pub use peers::{environment, leave_out, moto_server, skip, terraform};
pub use pool::for_each;
pub use report::{Failures, difference};
pub use sandbox::{Outcome, Sandbox, groma};

use std::path::{Path, PathBuf};

/// A file or folder under `tests/fixtures`.
pub fn fixture(path: &str) -> PathBuf {
    root().join("tests").join("fixtures").join(path)
}

/// The workspace's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a fixture folder that end as given, in name order.
pub fn files_in(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a fixture folder can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}

/// A file's name without folder and extension.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
