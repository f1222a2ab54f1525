//! What package managers say of installed packages.

use std::collections::{HashMap, HashSet};

use provider::simple::Access;
use value::{Type, Value};

/// The packages of one host.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Installed {
    manager: String,
    /// Versions by name, and by name with architecture.
    versions: HashMap<String, String>,
    held: HashSet<String>,
}

impl Installed {
    /// Reads what `look.sh` printed.
    pub(super) fn parse(text: &str) -> Self {
        let mut installed = Self::default();
        let mut section = "";
        let mut package = "";
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("== ") {
                section = name;
                if installed.manager.is_empty() {
                    name.clone_into(&mut installed.manager);
                }
                continue;
            }
            match section {
                "apt" => installed.take_dpkg(line),
                "dnf" | "zypper" => installed.take_rpm(line),
                "locks" => installed.held.extend(locked(line).map(str::to_owned)),
                "apk" => match line.split_once(':') {
                    Some(("P", name)) => package = name,
                    Some(("V", version)) => installed.put(package, version),
                    _ => {}
                },
                "world" => {
                    if let Some((name, _)) = line.split_once(['=', '~', '<']) {
                        installed.held.insert(name.to_owned());
                    }
                }
                "list" => {
                    let (name, version) = line.split_once('=').unwrap_or((line, ""));
                    installed.put(name, version);
                }
                "held" => _ = installed.held.insert(line.to_owned()),
                _ => {}
            }
        }
        installed
    }

    fn put(&mut self, name: &str, version: &str) {
        self.versions.insert(name.to_owned(), version.to_owned());
    }

    /// `PACKAGE:ARCHITECTURE`, version, and dpkg's wanted and present state: `ii`, `hi` (held), `rc` (removed), `iF` (half done).
    fn take_dpkg(&mut self, line: &str) {
        let mut parts = line.split('\t');
        let (Some(package), Some(version), Some(status)) = (parts.next(), parts.next(), parts.next()) else {
            return;
        };
        let name = package.rsplit_once(':').map_or(package, |(name, _)| name);
        if status.chars().nth(1) != Some('i') {
            return;
        }
        self.put(package, version);
        self.put(name, version);
        if status.starts_with('h') {
            self.held.extend([package.to_owned(), name.to_owned()]);
        }
    }

    /// `NAME.ARCHITECTURE` and version; of several versions (kernels) the last is the newest.
    fn take_rpm(&mut self, line: &str) {
        let Some((package, version)) = line.split_once('\t') else { return };
        let name = package.rsplit_once('.').map_or(package, |(name, _)| name);
        self.put(package, version);
        self.put(name, version);
    }

    fn is_held(&self, name: &str) -> bool {
        // dnf's list has whole versions: NAME-EPOCH:VERSION-RELEASE.*
        let locked = |entry: &String| {
            entry
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('-'))
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '*'))
        };
        self.held.contains(name) || (self.manager == "dnf" && self.held.iter().any(locked))
    }

    /// The object as it is; null if the package is not installed.
    pub(super) fn observed(&self, object: &Value) -> Value {
        let name = object.text("name").unwrap_or_default();
        let Some(found) = self.versions.get(name) else { return Value::null(object.ty()) };
        let version = match object.text("version") {
            Some(known) if self.is_same(known, found) => Value::string(known),
            _ if found.is_empty() => Value::null(Type::String),
            _ => Value::string(found.as_str()),
        };
        object.with_attr("version", version).with_attr("hold", Value::bool(self.is_held(name)))
    }

    /// Whether a version as users write it means the installed one: of rpm, epoch and release may be left out.
    fn is_same(&self, known: &str, found: &str) -> bool {
        let rpm = matches!(self.manager.as_str(), "dnf" | "zypper");
        let short = found.split_once(':').map_or(found, |(_, rest)| rest);
        let bare = |text: &'_ str| text.rsplit_once('-').map(|(version, _)| version.to_owned());
        known == found
            || (rpm
                && (known == short
                    || bare(found).as_deref() == Some(known)
                    || bare(short).as_deref() == Some(known)))
    }
}

/// The package that a line of a lock file is about, of dnf 4, dnf 5 or zypper.
fn locked(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(name) = line.strip_prefix("solvable_name:") {
        return Some(name.trim());
    }
    if let Some((key, value)) = line.split_once('=') {
        return (key.trim() == "name").then(|| value.trim().trim_matches('"'));
    }
    let list = !line.is_empty() && !line.starts_with(['#', '!', '[']) && !line.contains(char::is_whitespace);
    list.then_some(line)
}

#[cfg(test)]
mod tests;
