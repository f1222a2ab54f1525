//! Looking at units.

use std::collections::{HashMap, HashSet};

use provider::simple::Access;
use value::{Entries, Str, Type, Value};

use super::{UNITS, drop_in_path, is_template, texts, unit_path};
use crate::connection::Way;
use crate::failure::Result;
use crate::resources::file::digest;
use crate::session::{Host, Script};

const LOOK: &str = include_str!("look.sh");

/// What the host says of all units that were asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Links below `/etc/systemd/system`: their paths in it, and what they lead to.
    links: Vec<(String, String)>,
    /// Scripts of System V that start at boot.
    rc: HashSet<String>,
    marks: HashSet<String>,
    /// SHA-256 of the files of units and of their drop-ins, by path.
    files: HashMap<String, String>,
    /// What systemd says, in the order of the units that are no templates.
    units: Vec<HashMap<String, String>>,
}

pub(super) async fn read_all(host: &Host, current: &[Value]) -> Vec<Result<Value>> {
    let name = |object: &Value| object.text("name").unwrap_or_default().to_owned();
    let names: Vec<String> = current.iter().map(name).collect();
    let output = match host.must(Script::read(LOOK).args(&names), "look at the services").await {
        Ok(output) => output,
        Err(failure) => return vec![Err(failure); current.len()],
    };
    let seen = Seen::parse(&output.text(), host.root());
    let mut units = seen.units.iter();
    let reads = current.iter().zip(&names).map(|(object, name)| {
        let unit = if is_template(name) { None } else { units.next() };
        observed(host, &seen, unit, object)
    });
    futures::future::join_all(reads).await
}

/// One object as it is.
async fn observed(
    host: &Host,
    seen: &Seen,
    unit: Option<&HashMap<String, String>>,
    object: &Value,
) -> Result<Value> {
    let name = object.text("name").unwrap_or_default();
    let imported = object.is_unset("state") && object.is_unset("enabled");
    let folder = matches!(host.connection().way, Way::Root(_));
    if !seen.exists(name, unit, folder, imported) {
        return Ok(Value::null(object.ty()));
    }
    let enabled = seen.enabled(name, unit);
    let state = match unit {
        Some(unit) => Value::string(state(unit, object.text("state"))),
        None => Value::string(object.text("state").unwrap_or("stopped")),
    };
    let pending = !folder
        && (seen.marked("pending-restart", name)
            || seen.marked("pending-refresh", name)
            || seen.marked("pending-reload", name));
    let unit_text = seen_unit(host, seen, object, name, imported).await?;
    let drop_ins = seen_drop_ins(host, seen, object, name, imported).await?;
    Ok(object
        .with_attr("enabled", Value::bool(enabled))
        .with_attr("state", state)
        .with_attr("masked", Value::bool(seen.masked(name, unit)))
        .with_attr("restart_pending", Value::bool(pending))
        .with_attr("unit", unit_text)
        .with_attr("drop_ins", drop_ins))
}

async fn seen_unit(host: &Host, seen: &Seen, object: &Value, name: &str, imported: bool) -> Result<Value> {
    let none = Value::null(Type::String);
    let path = unit_path(name);
    match (object.text("unit"), seen.files.get(&path)) {
        (None, _) if !imported => Ok(none),
        (_, None) => Ok(none),
        (Some(known), Some(found)) if digest(known.as_bytes()) == *found => Ok(Value::string_nfc(known)),
        (_, Some(_)) => fetch(host, &path).await,
    }
}

async fn seen_drop_ins(
    host: &Host,
    seen: &Seen,
    object: &Value,
    name: &str,
    imported: bool,
) -> Result<Value> {
    let known = texts(object, "drop_ins");
    let wanted: Vec<(String, Option<String>)> = if imported {
        let folder = format!("{UNITS}/{name}.d/");
        let names = seen.files.keys().filter_map(|path| path.strip_prefix(&folder));
        names.map(|name| (name.to_owned(), None)).collect()
    } else if object.is_unset("drop_ins") {
        Vec::new()
    } else {
        known.into_iter().map(|(name, text)| (name, Some(text))).collect()
    };
    if wanted.is_empty() && (imported || object.is_unset("drop_ins")) {
        return Ok(Value::null(Type::map(Type::String)));
    }
    let reads = wanted.into_iter().filter_map(|(key, known)| {
        let path = drop_in_path(name, &key);
        let found = seen.files.get(&path)?;
        Some(async move {
            match known.filter(|known| digest(known.as_bytes()) == *found) {
                Some(known) => Ok((Str::from(key), Value::string_nfc(&known))),
                None => fetch(host, &path).await.map(|text| (Str::from(key), text)),
            }
        })
    });
    let entries: Entries =
        futures::future::join_all(reads).await.into_iter().collect::<Result<Vec<_>>>()?.into_iter().collect();
    Ok(Value::map(Type::String, entries))
}

async fn fetch(host: &Host, path: &str) -> Result<Value> {
    let script = Script::read(r#"cat -- "$R$p""#).var("p", path);
    let output = host.must(script, &format!("read the file {path}")).await?;
    Ok(match std::str::from_utf8(&output.stdout) {
        Ok(text) => Value::string_nfc(text),
        Err(_) => Value::string("(bytes that are no text)"),
    })
}

/// `running`, `stopped` or `failed`; a unit that is to be stopped is stopped when it has failed.
fn state(unit: &HashMap<String, String>, known: Option<&str>) -> &'static str {
    let property = |name: &str| unit.get(name).map(String::as_str).unwrap_or_default();
    match (property("ActiveState"), property("SubState")) {
        // It ends again and again.
        ("activating", "auto-restart") | ("failed", _) if known != Some("stopped") => "failed",
        ("active" | "activating" | "reloading" | "refreshing", _) => "running",
        _ => "stopped",
    }
}

impl Seen {
    /// Reads what `look.sh` printed; `root` is what stands before the paths of files.
    fn parse(text: &str, root: &str) -> Self {
        let mut seen = Self::default();
        let mut section = "";
        let mut folder = String::new();
        let mut unit = HashMap::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("== ") {
                section = name;
                continue;
            }
            match section {
                "links" => seen.take_link(line, &mut folder),
                "rc" => _ = seen.rc.insert(line.to_owned()),
                "marks" => _ = seen.marks.insert(line.to_owned()),
                "files" => seen.take_file(line, root),
                "show" if line.is_empty() => seen.units.push(std::mem::take(&mut unit)),
                "show" => {
                    if let Some((name, value)) = line.split_once('=') {
                        unit.insert(name.to_owned(), value.to_owned());
                    }
                }
                _ => {}
            }
        }
        if !unit.is_empty() {
            seen.units.push(unit);
        }
        seen
    }

    /// A line of `ls -lR`: the folder that follows, or an entry of it.
    fn take_link(&mut self, line: &str, folder: &mut String) {
        if let Some(path) = line.strip_suffix(':').filter(|path| path.starts_with('.')) {
            folder.clear();
            folder.push_str(path.trim_start_matches(['.', '/']));
        } else if let Some((before, target)) = line.strip_prefix('l').and_then(|line| line.split_once(" -> "))
            && let Some((_, name)) = before.rsplit_once(' ')
        {
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            self.links.push((path, target.to_owned()));
        }
    }

    /// A line of `sha256sum`, which doubles backslashes in names and says so by one at the line's beginning.
    fn take_file(&mut self, line: &str, root: &str) {
        let unescaped = line.strip_prefix('\\').map(|line| line.replace("\\\\", "\\"));
        let line = unescaped.as_deref().unwrap_or(line);
        if let Some((digest, path)) = line.split_once("  ") {
            let path = path.strip_prefix(root).unwrap_or(path);
            self.files.insert(path.to_owned(), digest.to_owned());
        }
    }

    fn marked(&self, mark: &str, name: &str) -> bool {
        self.marks.contains(&format!("{mark} {name}"))
    }

    fn exists(
        &self,
        name: &str,
        unit: Option<&HashMap<String, String>>,
        folder: bool,
        imported: bool,
    ) -> bool {
        match unit {
            Some(unit) => unit.get("LoadState").is_some_and(|state| state != "not-found"),
            // In a folder that stands for a host the package of a unit may come later.
            None => self.marked("there", name) && (imported || !folder) || self.marked("found", name),
        }
    }

    fn masked(&self, name: &str, unit: Option<&HashMap<String, String>>) -> bool {
        let load = unit.and_then(|unit| unit.get("LoadState"));
        load.is_some_and(|state| state == "masked")
            || self.links.iter().any(|(path, target)| path == name && target == "/dev/null")
    }

    /// Whether links of `/etc/systemd/system` start the unit with others, or give it another name.
    pub(super) fn enabled(&self, name: &str, unit: Option<&HashMap<String, String>>) -> bool {
        let property = |property: &str| unit.and_then(|unit| unit.get(property)).map(String::as_str);
        let id = property("Id").filter(|id| !id.is_empty()).unwrap_or(name);
        if property("UnitFileState") == Some("generated") {
            return id.strip_suffix(".service").is_some_and(|script| self.rc.contains(script));
        }
        let template = is_template(name);
        self.links.iter().any(|(path, target)| {
            let (folder, link) = path.rsplit_once('/').unwrap_or(("", path));
            let target = target.rsplit('/').next().unwrap_or_default();
            match folder.rsplit_once('.') {
                Some((_, "wants" | "requires" | "upholds")) => link == id || (template && target == id),
                _ => folder.is_empty() && link != id && target == id,
            }
        })
    }
}

#[cfg(test)]
mod tests;
