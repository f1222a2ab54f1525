//! The part of OpenSSH's configuration files that says how to reach a host.
//!
//! Known are Host, `HostName`, User, Port, `IdentityFile`, `IdentitiesOnly`, `ProxyJump`, Include and `Match all`. `ProxyCommand` is
//! an error for the hosts that would need it; everything else is passed over.

use std::path::{Path, PathBuf};

use super::config_lines::{self, Line};
use super::known_hosts::wildcard;

/// All lines of a file and those it includes, in order, each with the conditions it stands under.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    statements: Vec<Statement>,
}

/// What a configuration says of one host. The first value of each counts, and all identity files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub host_name: Option<String>,
    pub user: Option<String>,
    pub port: Option<u16>,
    /// As written: `~` and `%` stand for what is known once the user is.
    pub identity_files: Vec<String>,
    pub identities_only: bool,
    pub proxy: Proxy,
}

/// How a host is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Proxy {
    #[default]
    Unsaid,
    /// Without others, as it is said.
    Direct,
    Jumps(Vec<Jump>),
    /// A program, which groma does not start.
    Command(String),
}

/// A server on the way: `USER@HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Jump {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
}

/// What paths in a configuration are against.
pub(super) struct Folders<'a> {
    pub home: Option<&'a Path>,
    pub working: &'a Path,
}

#[derive(Clone, Debug)]
struct Statement {
    conditions: Vec<Condition>,
    what: What,
}

#[derive(Clone, Debug)]
enum Condition {
    Always,
    Never,
    /// Patterns of names, those with `!` excluded.
    Host(Vec<(Sense, String)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    Meant,
    Excluded,
}

#[derive(Clone, Debug)]
enum What {
    HostName(String),
    User(String),
    Port(u16),
    IdentityFile(String),
    IdentitiesOnly(bool),
    Proxy(Proxy),
}

/// Reads files while it keeps count of them.
struct Reader<'a> {
    folders: &'a Folders<'a>,
    files: usize,
    config: Config,
}

impl Config {
    /// Reads a file and those that it includes.
    pub(super) fn read(file: &Path, folders: &Folders<'_>) -> Result<Self, String> {
        let text = std::fs::read(file);
        let text = text
            .map_err(|error| format!("The SSH configuration {} cannot be read: {error}.", file.display()))?;
        Self::parse(&String::from_utf8_lossy(&text), file, folders)
    }

    /// Reads a text as if it stood in a file.
    pub(super) fn parse(text: &str, file: &Path, folders: &Folders<'_>) -> Result<Self, String> {
        let mut reader = Reader { folders, files: 0, config: Self::default() };
        reader.read(text, file, &[], 0)?;
        Ok(reader.config)
    }

    /// What holds for a host, by the name it is asked for with.
    pub(super) fn lookup(&self, alias: &str) -> Found {
        let mut found = Found::default();
        let holds =
            |statement: &&Statement| statement.conditions.iter().all(|condition| condition.holds(alias));
        for statement in self.statements.iter().filter(holds) {
            match &statement.what {
                What::HostName(name) => _ = found.host_name.get_or_insert_with(|| expand_host(name, alias)),
                What::User(user) => _ = found.user.get_or_insert_with(|| user.clone()),
                What::Port(port) => _ = found.port.get_or_insert(*port),
                What::IdentityFile(file) => found.identity_files.push(file.clone()),
                // "no" is the default, but as a first value it counts.
                What::IdentitiesOnly(_) => {}
                What::Proxy(proxy) if found.proxy == Proxy::Unsaid => found.proxy = proxy.clone(),
                What::Proxy(_) => {}
            }
        }
        let only = self.statements.iter().filter(holds).find_map(|statement| match statement.what {
            What::IdentitiesOnly(only) => Some(only),
            _ => None,
        });
        found.identities_only = only.unwrap_or(false);
        found.identity_files.retain(|file| !file.eq_ignore_ascii_case("none"));
        found
    }
}

impl Condition {
    fn holds(&self, alias: &str) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Host(patterns) => {
                let hit = |wanted: Sense| {
                    patterns.iter().any(|(sense, pattern)| *sense == wanted && wildcard(pattern, alias))
                };
                hit(Sense::Meant) && !hit(Sense::Excluded)
            }
        }
    }
}

impl Reader<'_> {
    fn read(&mut self, text: &str, file: &Path, outer: &[Condition], depth: usize) -> Result<(), String> {
        self.files += 1;
        if depth > DEEPEST || self.files > MOST_FILES {
            return Err(format!(
                "{}: Include leads to too many files; does one include itself?",
                file.display()
            ));
        }
        let mut condition = Condition::Always;
        for line in config_lines::lines(text) {
            let line = line.map_err(|(number, reason)| wrong(file, number, &reason))?;
            self.statement(&line, file, outer, &mut condition, depth).map_err(|reason| match reason {
                Wrong::Here(reason) => wrong(file, line.number, &reason),
                Wrong::Included(reason) => reason,
            })?;
        }
        Ok(())
    }

    fn statement(
        &mut self,
        line: &Line,
        file: &Path,
        outer: &[Condition],
        condition: &mut Condition,
        depth: usize,
    ) -> Result<(), Wrong> {
        let what = match line.keyword.as_str() {
            "host" => {
                *condition = Condition::Host(patterns(line)?);
                return Ok(());
            }
            "match" => {
                *condition = matched(line, file)?;
                return Ok(());
            }
            "include" => {
                let mut conditions = outer.to_vec();
                conditions.push(condition.clone());
                for pattern in line.some_values()? {
                    self.include(pattern, &conditions, depth)?;
                }
                return Ok(());
            }
            "hostname" => What::HostName(line.value()?.to_owned()),
            "user" => What::User(line.value()?.to_owned()),
            "port" => {
                let port = line.value()?;
                What::Port(
                    port.parse()
                        .ok()
                        .filter(|port| *port > 0)
                        .ok_or_else(|| format!("{port:?} is no port"))?,
                )
            }
            "identityfile" => What::IdentityFile(line.value()?.to_owned()),
            "identitiesonly" => What::IdentitiesOnly(yes(line.value()?)?),
            "proxyjump" => What::Proxy(proxy_jump(line.value()?)?),
            "proxycommand" if line.rest.eq_ignore_ascii_case("none") => What::Proxy(Proxy::Direct),
            "proxycommand" if line.rest.is_empty() => {
                return Err("ProxyCommand has no value".to_owned().into());
            }
            "proxycommand" => What::Proxy(Proxy::Command(line.rest.clone())),
            _ => return Ok(()),
        };
        let mut conditions = outer.to_vec();
        conditions.push(condition.clone());
        self.config.statements.push(Statement { conditions, what });
        Ok(())
    }

    fn include(&mut self, pattern: &str, conditions: &[Condition], depth: usize) -> Result<(), Wrong> {
        let pattern = match (pattern.strip_prefix("~/"), self.folders.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ if Path::new(pattern).is_absolute() => PathBuf::from(pattern),
            (_, Some(home)) => home.join(".ssh").join(pattern),
            (_, None) => self.folders.working.join(pattern),
        };
        for file in glob(&pattern) {
            let text = match std::fs::read(&file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Wrong::Here(format!("{} cannot be read: {error}", file.display()))),
            };
            self.read(&String::from_utf8_lossy(&text), &file, conditions, depth + 1)
                .map_err(Wrong::Included)?;
        }
        Ok(())
    }
}

/// What is wrong with a statement, and whether it already says where.
enum Wrong {
    Here(String),
    Included(String),
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self::Here(reason)
    }
}

fn wrong(file: &Path, line: usize, reason: &str) -> String {
    format!("The SSH configuration {} cannot be used: line {line}: {reason}.", file.display())
}

fn patterns(line: &Line) -> Result<Vec<(Sense, String)>, String> {
    let patterns = line.some_values()?.iter().map(|pattern| match pattern.strip_prefix('!') {
        Some(rest) => (Sense::Excluded, rest.to_owned()),
        None => (Sense::Meant, pattern.clone()),
    });
    Ok(patterns.collect())
}

fn matched(line: &Line, file: &Path) -> Result<Condition, String> {
    match line.some_values()? {
        [all] if all.eq_ignore_ascii_case("all") => Ok(Condition::Always),
        _ => {
            tracing::warn!(
                file = %file.display(),
                line = line.number,
                "groma knows no Match but `Match all`: what follows it up to the next Host or Match is passed over"
            );
            Ok(Condition::Never)
        }
    }
}

fn yes(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(format!("{value:?} is neither yes nor no")),
    }
}

fn proxy_jump(value: &str) -> Result<Proxy, String> {
    if value.eq_ignore_ascii_case("none") {
        return Ok(Proxy::Direct);
    }
    value.split(',').map(jump).collect::<Result<_, _>>().map(Proxy::Jumps)
}

/// Reads `[USER@]HOST[:PORT]` or the same as `ssh://`.
fn jump(text: &str) -> Result<Jump, String> {
    let bad = || format!("{text:?} is no USER@HOST:PORT");
    let place = text.trim().strip_prefix("ssh://").unwrap_or(text.trim()).trim_end_matches('/');
    let (user, place) = match place.rsplit_once('@') {
        Some((user, place)) => (Some(user.to_owned()), place),
        None => (None, place),
    };
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or_else(bad)?;
            match after.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if after.is_empty() => (host, None),
                None => return Err(bad()),
            }
        }
        None => match place.split_once(':') {
            // Several colons: an address of IPv6.
            Some((_, rest)) if rest.contains(':') => (place, None),
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let port = port.map(|port| port.parse().map_err(|_| bad())).transpose()?;
    let wrong_user = user.as_ref().is_some_and(String::is_empty);
    if host.is_empty()
        || host.starts_with('-')
        || host.contains(char::is_whitespace)
        || wrong_user
        || port == Some(0)
    {
        return Err(bad());
    }
    Ok(Jump { user, host: host.to_owned(), port })
}

fn expand_host(name: &str, alias: &str) -> String {
    tokens(name, |token| if token == 'h' { Some(alias) } else { None })
}

/// Replaces `%x` by what `value` has for it; `%%` is a percent sign, and what is unknown stays.
pub(super) fn tokens<'a>(text: &str, value: impl Fn(char) -> Option<&'a str>) -> String {
    let mut expanded = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            expanded.push(c);
            continue;
        }
        match chars.next() {
            Some('%') => expanded.push('%'),
            Some(token) => match value(token) {
                Some(value) => expanded.push_str(value),
                None => expanded.extend(['%', token]),
            },
            None => expanded.push('%'),
        }
    }
    expanded
}

/// The files that a path with `*` and `?` in its components stands for, sorted.
fn glob(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let name = component.as_os_str().to_string_lossy();
        let literal = !name.contains(['*', '?']);
        found = found
            .into_iter()
            .flat_map(|folder| if literal { vec![folder.join(component)] } else { entries(&folder, &name) })
            .collect();
    }
    found
}

fn entries(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut found: Vec<_> = names
        .filter(|name| {
            let name = name.to_string_lossy();
            // As in a shell, a star does not stand for hidden files.
            wildcard(pattern, &name) && (!name.starts_with('.') || pattern.starts_with('.'))
        })
        .map(|name| folder.join(name))
        .collect();
    found.sort();
    found
}

const DEEPEST: usize = 16;
const MOST_FILES: usize = 256;
