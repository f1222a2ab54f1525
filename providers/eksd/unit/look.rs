//! Looking at a component on its host, in one round trip.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::Access;
use provider_host::kit::{Host, Result, Script};
use value::{Type, Value};

use super::{Component, Folder, Names, is_folder, schema, shape};

const LOOK: &str = concat!(include_str!("lib.sh"), include_str!("look.sh"));

/// What was found.
#[derive(Debug, Default)]
pub struct Seen {
    /// Mode, owner, and the content of files.
    paths: BTreeMap<String, (String, String, Option<Vec<u8>>)>,
    pub version: Option<String>,
    sum: Option<String>,
    source: Option<String>,
    is_intact: bool,
    astray: Vec<String>,
    is_enabled: bool,
    /// Whether something changed for which it was not restarted yet.
    pub restart_pending: bool,
    /// Whether it was started, and is not known to have become well.
    is_starting: bool,
    show: BTreeMap<String, String>,
    said: Option<String>,
}

/// The object as it is, null if it is gone. After an import only its host is known.
pub async fn observe(component: &dyn Component, host: &Host, current: &Value) -> Result<Value> {
    let imported = current.is_unset("version") && current.is_unset("cluster");
    let mut known = current.clone();
    if imported {
        for (name, value) in schema::defaults(component) {
            known = known.with_attr(name, value);
        }
    }
    let mut seen = look(component, host, &known).await?;
    let unit_path = shape::unit_path(component);
    let Some(unit) = seen.text(&unit_path) else { return Ok(Value::null(current.ty())) };
    let object = shape::seen_unit(component, &known, &unit);
    // The unit may name other files than those that were looked at.
    if paths(component, &object).iter().any(|path| !paths(component, &known).contains(path)) {
        seen = look(component, host, &object).await?;
    }
    Ok(filled(component, host, &known, object, &seen))
}

fn paths(component: &dyn Component, object: &Value) -> Vec<String> {
    let mut paths = vec![shape::unit_path(component)];
    paths.extend(shape::files(component, object).into_iter().map(|file| file.path));
    paths.extend(component.folders(object).into_iter().map(|folder| folder.path));
    paths
}

async fn look(component: &dyn Component, host: &Host, object: &Value) -> Result<Seen> {
    let mut text = LOOK.to_owned();
    if let Some(more) = component.look(object).filter(|_| !is_folder(host)) {
        text.push_str("printf 'said\\n'\n");
        text.push_str(&more);
        text.push_str("\n:\n");
    }
    look_at(&Names::of(component), host, &text, &paths(component, object)).await
}

/// What there is of the files and programs of a name.
pub async fn seen_of(names: &Names, host: &Host, paths: &[String]) -> Result<Seen> {
    look_at(names, host, LOOK, paths).await
}

async fn look_at(names: &Names, host: &Host, text: &str, paths: &[String]) -> Result<Seen> {
    let script = names.on(Script::read(text).args(paths));
    Ok(Seen::parse(&host.must(script, &format!("look at {}", names.component)).await?.text()))
}

/// The object with what files, links and systemd say.
fn filled(component: &dyn Component, host: &Host, known: &Value, object: Value, seen: &Seen) -> Value {
    let text =
        |text: Option<&String>| text.map_or(Value::null(Type::String), |text| Value::string(text.as_str()));
    let mut object = object
        .with_attr("version", text(seen.version.as_ref()))
        .with_attr("binary_sha256", text(seen.sum.as_ref()))
        .with_attr("binary_source", text(seen.source.as_ref()))
        .with_attr("binary_replaced", Value::bool(seen.is_replaced(host, !known.is_unset("binary"))))
        .with_attr("enabled", Value::bool(seen.is_enabled))
        .with_attr("restart_pending", Value::bool(seen.restart_pending))
        .with_attr("out_of_place", out_of_place(component, host, &object, seen))
        .with_attr("state", seen.state(host, known.text("state")));
    for file in shape::files(component, known) {
        let found = seen.text(&file.path);
        if found.as_deref() != Some(&file.content) {
            object = (file.observe)(&object, found.as_deref());
        }
    }
    if let Some(config) = component.config() {
        let path = object.text(config.path).unwrap_or_default().to_owned();
        object = shape::seen_config(component, config, &object, seen.text(&path).as_deref());
    }
    match &seen.said {
        Some(said) => component.seen(object, said),
        None => object,
    }
}

fn out_of_place(component: &dyn Component, host: &Host, object: &Value, seen: &Seen) -> Value {
    let files = shape::files(component, object).into_iter().map(|file| (file.path, file.mode, file.owner));
    let folders =
        component.folders(object).into_iter().map(|Folder { path, mode, owner }| (path, mode, owner));
    let unit = (shape::unit_path(component), shape::UNIT_MODE, "root:root".to_owned());
    seen.out_of_place(host, files.chain(folders).chain([unit]))
}

/// `running`, `starting`, `stopped` or `failed`.
fn state(show: &BTreeMap<String, String>, is_starting: bool, known: Option<&str>) -> &'static str {
    let property = |name: &str| show.get(name).map(String::as_str).unwrap_or_default();
    match (property("ActiveState"), property("SubState")) {
        ("activating", "auto-restart") | ("failed", _) if known != Some("stopped") => "failed",
        ("active" | "activating" | "reloading" | "refreshing", _) if is_starting => "starting",
        ("active" | "activating" | "reloading" | "refreshing", _) => "running",
        _ => "stopped",
    }
}

impl Seen {
    fn parse(text: &str) -> Self {
        let mut seen = Self::default();
        let (text, said) = match text.split_once("\nsaid\n") {
            Some((text, said)) => (text, Some(said.to_owned())),
            None => (text, None),
        };
        seen.said = said;
        for line in text.lines() {
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            match name {
                "file" | "folder" => seen.take_path(name, rest),
                "version" => seen.version = Some(rest.to_owned()),
                "sum" => seen.sum = Some(rest.to_owned()),
                "source" => seen.source = Some(rest.to_owned()),
                "intact" => seen.is_intact = true,
                "astray" => seen.astray.push(rest.to_owned()),
                "enabled" => seen.is_enabled = true,
                "pending" if rest == "health" => seen.is_starting = true,
                "pending" => seen.restart_pending = true,
                "show" => {
                    if let Some((name, value)) = rest.split_once('=') {
                        seen.show.insert(name.to_owned(), value.to_owned());
                    }
                }
                _ => {}
            }
        }
        seen
    }

    /// `MODE OWNER =CONTENT PATH` of a file, `MODE OWNER PATH` of a folder.
    fn take_path(&mut self, kind: &str, rest: &str) {
        let mut parts = rest.splitn(if kind == "file" { 4 } else { 3 }, ' ');
        let (Some(mode), Some(owner)) = (parts.next(), parts.next()) else { return };
        let content = if kind == "file" {
            let encoded = parts.next().and_then(|part| part.strip_prefix('=')).unwrap_or_default();
            Some(STANDARD.decode(encoded).unwrap_or_default())
        } else {
            None
        };
        if let Some(path) = parts.next() {
            self.paths.insert(path.to_owned(), (mode.to_owned(), owner.to_owned(), content));
        }
    }

    /// Whether programs are not those that were there or brought. A folder that they are not brought to may lack them.
    pub fn is_replaced(&self, host: &Host, is_brought: bool) -> bool {
        let is_left_out = is_folder(host) && !is_brought && self.sum.is_none();
        !self.is_intact && !is_left_out
    }

    /// Links that lead elsewhere, and paths whose mode or owner is not as it should be.
    pub fn out_of_place(
        &self,
        host: &Host,
        paths: impl Iterator<Item = (String, &'static str, String)>,
    ) -> Value {
        let mut wrong: Vec<String> =
            self.astray.iter().map(|path| format!("{path} does not lead to the installed program")).collect();
        for (path, mode, owner) in paths {
            let Some((is_mode, is_owner, _)) = self.paths.get(&path) else {
                wrong.push(format!("{path} is not there"));
                continue;
            };
            let mode = mode.trim_start_matches('0');
            // A folder that stands for a host may be somebody's who cannot give files away.
            if is_mode != mode || (*is_owner != owner && !is_folder(host)) {
                wrong.push(format!("{path} is {is_mode} {is_owner}, not {mode} {owner}"));
            }
        }
        Value::list(Type::String, wrong.into_iter().map(Value::string).collect())
    }

    /// `running`, `starting`, `stopped` or `failed`; as it is known where nothing runs.
    pub fn state(&self, host: &Host, known: Option<&str>) -> Value {
        match is_folder(host) {
            true => Value::string(known.unwrap_or("stopped")),
            false => Value::string(state(&self.show, self.is_starting, known)),
        }
    }

    /// The content of a file, if it is there.
    pub fn text(&self, path: &str) -> Option<String> {
        let (.., content) = self.paths.get(path)?;
        content.as_ref().map(|content| String::from_utf8_lossy(content).into_owned())
    }
}
