//! The entry of a repository, as each package manager writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use provider::simple::Access;
use value::{Entries, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    Apt,
    Dnf,
    Zypper,
    Apk,
}

/// What an entry says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Definition {
    pub urls: Vec<String>,
    pub suites: Vec<String>,
    pub components: Vec<String>,
    pub architectures: Vec<String>,
    pub enabled: bool,
    pub check_signatures: bool,
    /// Whether the key of our own file signs it.
    pub signed: bool,
    pub options: BTreeMap<String, String>,
}

impl Manager {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "apt" => Some(Self::Apt),
            "dnf" => Some(Self::Dnf),
            "zypper" => Some(Self::Zypper),
            "apk" => Some(Self::Apk),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Apt => "apt",
            Self::Dnf => "dnf",
            Self::Zypper => "zypper",
            Self::Apk => "apk",
        }
    }

    /// The file of the repository's entry.
    pub(super) fn file(self, name: &str) -> String {
        match self {
            Self::Apt => format!("/etc/apt/sources.list.d/{name}.sources"),
            Self::Dnf => format!("/etc/yum.repos.d/{name}.repo"),
            Self::Zypper => format!("/etc/zypp/repos.d/{name}.repo"),
            Self::Apk => "/etc/apk/repositories".into(),
        }
    }

    /// The file of its key.
    pub(super) fn key_file(self, object: &Value) -> String {
        let name = object.text("name").unwrap_or_default();
        match self {
            Self::Apt => format!("/etc/apt/keyrings/{name}.gpg"),
            Self::Dnf | Self::Zypper => format!("/etc/pki/rpm-gpg/RPM-GPG-KEY-{name}"),
            Self::Apk => match object.text("key_name") {
                Some(file) => format!("/etc/apk/keys/{file}"),
                None => format!("/etc/apk/keys/{name}.rsa.pub"),
            },
        }
    }
}

pub(super) fn options_of(object: &Value) -> BTreeMap<String, String> {
    let entries = object.attr("options").and_then(Value::entries);
    let entries = entries.into_iter().flat_map(Entries::iter);
    entries.filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_string()))).collect()
}

impl Definition {
    /// What an object asks for.
    pub(super) fn of(object: &Value) -> Self {
        let texts = |name: &str| object.texts(name).into_iter().map(str::to_owned).collect();
        Self {
            urls: texts("urls"),
            suites: texts("suites"),
            components: texts("components"),
            architectures: texts("architectures"),
            enabled: object.flag("enabled").unwrap_or(true),
            check_signatures: object.flag("check_signatures").unwrap_or(true),
            signed: !object.is_unset("key"),
            options: options_of(object),
        }
    }

    /// Refuses what a package manager has no words for: the attribute, and why.
    pub(super) fn check(&self, manager: Manager, object: &Value) -> Result<(), (&'static str, String)> {
        let flat = self.suites.iter().any(|suite| suite.ends_with('/'));
        match manager {
            Manager::Apt if self.suites.is_empty() => {
                return Err(("suites", "apt needs at least one suite; \"./\" for a flat repository.".into()));
            }
            Manager::Apt if flat != self.components.is_empty() => {
                return Err((
                    "components",
                    "apt needs components, but none for a flat repository (a suite that ends with a slash)."
                        .into(),
                ));
            }
            Manager::Apt => {}
            Manager::Dnf | Manager::Zypper | Manager::Apk => {
                for name in ["suites", "components", "architectures"] {
                    if !object.is_unset(name) {
                        return Err((name, format!("Only apt has {name}; the host has {}.", manager.name())));
                    }
                }
            }
        }
        if manager == Manager::Apk {
            let off = [
                ("enabled", self.enabled),
                ("check_signatures", self.check_signatures),
                ("options", self.options.is_empty()),
            ];
            if let Some((name, _)) = off.into_iter().find(|(_, usual)| !usual) {
                return Err((name, "apk has nothing like it: its entries are URLs.".into()));
            }
        } else if !object.is_unset("key_name") {
            return Err(("key_name", format!("Only apk names keys; the host has {}.", manager.name())));
        }
        let taken = self
            .options
            .keys()
            .find(|name| fields(manager).iter().any(|field| field.eq_ignore_ascii_case(name)));
        match taken {
            Some(name) => Err(("options", format!("{name:?} is set by an attribute of its own."))),
            None => Ok(()),
        }
    }

    /// The text of the entry's file; `key_file` is where its key is.
    pub(super) fn render(&self, manager: Manager, name: &str, key_file: &str) -> String {
        let mut text = String::from("# Managed by groma.\n");
        let mut line = |key: &str, separator: &str, value: &str| {
            if !value.is_empty() {
                _ = writeln!(text, "{key}{separator}{value}");
            }
        };
        match manager {
            Manager::Apt => {
                line("Types", ": ", self.options.get("Types").map_or("deb", String::as_str));
                line("URIs", ": ", &self.urls.join(" "));
                line("Suites", ": ", &self.suites.join(" "));
                line("Components", ": ", &self.components.join(" "));
                line("Architectures", ": ", &self.architectures.join(" "));
                line("Signed-By", ": ", if self.signed { key_file } else { "" });
                line("Enabled", ": ", if self.enabled { "" } else { "no" });
                line("Trusted", ": ", if self.check_signatures { "" } else { "yes" });
                for (key, value) in self.options.iter().filter(|(key, _)| *key != "Types") {
                    line(key, ": ", value);
                }
            }
            Manager::Dnf | Manager::Zypper => {
                let bit = |flag: bool| if flag { "1" } else { "0" };
                line(&format!("[{name}]"), "", " ");
                line("name", "=", self.options.get("name").map_or(name, String::as_str));
                line("baseurl", "=", &self.urls.join("\n        "));
                line("enabled", "=", bit(self.enabled));
                line("gpgcheck", "=", bit(self.check_signatures));
                line("gpgkey", "=", &if self.signed { format!("file://{key_file}") } else { String::new() });
                for (key, value) in self.options.iter().filter(|(key, _)| *key != "name") {
                    line(key, "=", value);
                }
            }
            Manager::Apk => return self.urls.iter().map(|url| format!("{url}\n")).collect(),
        }
        text.replace("] \n", "]\n")
    }

    /// Reads the text of an entry's file.
    pub(super) fn parse(manager: Manager, name: &str, key_file: &str, text: &str) -> Self {
        let mut seen = Self { enabled: true, check_signatures: true, ..Self::default() };
        for (key, value) in logical_lines(manager, text) {
            let words = || value.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let yes = matches!(value.to_lowercase().as_str(), "1" | "yes" | "true" | "on");
            match (manager, key.to_lowercase().as_str()) {
                (Manager::Apt, "uris") | (Manager::Dnf | Manager::Zypper, "baseurl") => {
                    seen.urls = value
                        .split([' ', '\t', '\n', ','])
                        .filter(|url| !url.is_empty())
                        .map(str::to_owned)
                        .collect();
                }
                (Manager::Apt, "suites") => seen.suites = words(),
                (Manager::Apt, "components") => seen.components = words(),
                (Manager::Apt, "architectures") => seen.architectures = words(),
                (Manager::Apt, "signed-by") if value == key_file => seen.signed = true,
                (Manager::Dnf | Manager::Zypper, "gpgkey")
                    if value.strip_prefix("file://") == Some(key_file) =>
                {
                    seen.signed = true;
                }
                (_, "enabled") => seen.enabled = yes,
                (Manager::Apt, "trusted") => seen.check_signatures = !yes,
                (Manager::Dnf | Manager::Zypper, "gpgcheck") => seen.check_signatures = yes,
                (Manager::Apt, "types") if value == "deb" => {}
                (Manager::Dnf | Manager::Zypper, "name") if value == name => {}
                (Manager::Apk, _) => seen.urls.push(value.clone()),
                _ => _ = seen.options.insert(key, value),
            }
        }
        seen
    }
}

/// Fields that attributes stand for.
fn fields(manager: Manager) -> &'static [&'static str] {
    match manager {
        Manager::Apt => &["URIs", "Suites", "Components", "Architectures", "Enabled", "Trusted"],
        Manager::Dnf | Manager::Zypper => &["baseurl", "enabled", "gpgcheck"],
        Manager::Apk => &[],
    }
}

/// Keys and values, with the lines that continue them; comments and sections left out.
fn logical_lines(manager: Manager, text: &str) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';', '[']) {
            continue;
        }
        if manager == Manager::Apk {
            lines.push((String::new(), trimmed.to_owned()));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = lines.last_mut() {
                _ = write!(value, "\n{trimmed}");
            }
        } else if let Some((key, value)) = line.split_once(if manager == Manager::Apt { ':' } else { '=' }) {
            lines.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    lines
}

#[cfg(test)]
mod tests;
