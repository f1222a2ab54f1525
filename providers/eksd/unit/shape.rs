//! What a component's files are to be, and what an object is whose files were seen.

use std::collections::BTreeMap;

use provider::simple::Access;
use serde_json::{Map, Value as Json};
use value::{Entries, Str, Type, Value};

use super::setting::{Place, Setting, map_texts, spelled};
use super::text::{OWN, UnitText, command_line, flags, word, words};
use super::{Component, Config, extra};

/// A file of a component.
#[derive(Clone)]
pub struct File {
    pub path: String,
    /// Four octal digits.
    pub mode: &'static str,
    pub owner: String,
    pub content: String,
    /// The object whose file has another content; without one, the file is gone.
    pub observe: fn(&Value, Option<&str>) -> Value,
}

/// A folder of a component, which stays when the component goes unless it is empty.
#[derive(Clone, Debug)]
pub struct Folder {
    pub path: String,
    /// Four octal digits.
    pub mode: &'static str,
    pub owner: String,
}

/// Where the versions of a component's programs are.
pub(super) fn folder(component: &dyn Component) -> String {
    format!("/opt/eksd/{}", component.name())
}

pub(super) fn unit_path(component: &dyn Component) -> String {
    format!("/etc/systemd/system/{}.service", component.name())
}

/// Only root reads a unit, as CIS 1.1.1 to 1.1.7 and 4.1.1 want it.
pub(super) const UNIT_MODE: &str = "0600";

/// The program that runs.
fn program(component: &dyn Component) -> String {
    format!("{}/current/{}", folder(component), component.programs().first().copied().unwrap_or_default())
}

/// All files of a component but its unit.
pub(super) fn files(component: &dyn Component, object: &Value) -> Vec<File> {
    let mut files = component.files(object);
    if let Some(config) = component.config() {
        let path = object.text(config.path).unwrap_or_default().to_owned();
        let content = config_text(component, config, object);
        files.push(File {
            path,
            mode: "0600",
            owner: "root:root".into(),
            content,
            observe: |object, _| object.clone(),
        });
    }
    files.retain(|file| !file.path.is_empty());
    files
}

/// The unit's text.
pub(super) fn unit(component: &dyn Component, object: &Value) -> String {
    let mut unit = UnitText::default();
    let mut overrides: BTreeMap<String, String> = named_options(object).collect();
    for (section, name, value) in base(component, object) {
        match overrides.remove(&format!("{section}.{name}")) {
            Some(value) if value.is_empty() => {}
            Some(other) => unit.push(section, name, &other),
            None => unit.push(section, name, &value),
        }
        if name == "Type" {
            unit.push(
                "Service",
                "ExecStart",
                &command_line(&program(component), &arguments(component, object)),
            );
            let own = component.environment(object).into_iter().map(|(name, value)| (name.to_owned(), value));
            for (name, value) in own.chain(map_texts(object, "environment")) {
                unit.push("Service", "Environment", &word(&format!("{name}={value}")));
            }
        }
    }
    for (name, value) in overrides.iter().filter(|(_, value)| !value.is_empty()) {
        let (section, name) = name.split_once('.').unwrap_or(("Service", name));
        unit.push(section, name, value);
    }
    for name in ["cluster", "node"] {
        unit.push(OWN, name, object.text(name).unwrap_or_default());
    }
    for (name, value) in map_texts(object, "restart_on") {
        unit.push(OWN, &format!("restart_on.{name}"), &value);
    }
    unit.render()
}

/// What every unit has, then what the component's has.
fn base(component: &dyn Component, object: &Value) -> Vec<(&'static str, &'static str, String)> {
    let common = [
        ("Unit", "Description", format!("EKS-D {}", component.name())),
        ("Unit", "Wants", "network-online.target".into()),
        ("Unit", "After", "network-online.target".into()),
        // It is tried again for as long as it takes: what it needs may come late.
        ("Unit", "StartLimitIntervalSec", "0".into()),
        ("Service", "Type", "simple".into()),
        ("Service", "Restart", "always".into()),
        ("Service", "RestartSec", "2s".into()),
        ("Service", "LimitNOFILE", "1048576".into()),
    ];
    let mut base: Vec<_> = common.into_iter().collect();
    for (section, name, value) in component.options(object) {
        match base.iter_mut().find(|(of, named, _)| (*of, *named) == (section, name)) {
            Some(found) => found.2 = value,
            None => base.push((section, name, value)),
        }
    }
    base.push(("Install", "WantedBy", "multi-user.target".into()));
    base
}

/// The flags, in the order of the table.
fn arguments(component: &dyn Component, object: &Value) -> Vec<String> {
    let mut arguments: Vec<String> =
        derived(component, object).into_iter().map(|(name, value)| format!("--{name}={value}")).collect();
    for setting in component.settings() {
        let (Some(flag), Some(value)) = (setting.flag(), object.attr(setting.attribute)) else { continue };
        arguments.extend(setting.texts(value).into_iter().map(|text| format!("--{flag}={text}")));
    }
    let more = map_texts(object, "extra_args").into_iter();
    let more = more.filter(|(name, _)| extra::of(component, name).is_none());
    arguments.extend(more.map(|(name, text)| format!("--{name}={text}")));
    arguments
}

fn derived(component: &dyn Component, object: &Value) -> Vec<(String, String)> {
    let mut derived = component.derived(object);
    if let Some(config) = component.config() {
        let path = object.text(config.path).unwrap_or_default();
        derived.push((config.path.replace('_', "-"), path.to_owned()));
    }
    derived
}

/// `unit_options` with their sections.
fn named_options(object: &Value) -> impl Iterator<Item = (String, String)> {
    map_texts(object, "unit_options").into_iter().map(|(name, value)| {
        let name = if name.contains('.') { name } else { format!("Service.{name}") };
        (name, value)
    })
}

/// The object as its unit's text says.
pub(super) fn seen_unit(component: &dyn Component, object: &Value, text: &str) -> Value {
    let unit = UnitText::parse(text);
    let mut seen = object.clone();
    for name in ["cluster", "node"] {
        let found = unit.values(OWN, name).last().map(Value::string_nfc);
        seen = seen.with_attr(name, found.unwrap_or_else(|| Value::null(Type::String)));
    }
    let restart_on =
        unit.settings.iter().filter(|(section, ..)| section == OWN).filter_map(|(_, name, value)| {
            Some((Str::from(name.strip_prefix("restart_on.")?), Value::string_nfc(value)))
        });
    seen = with_map(seen, object, "restart_on", restart_on.collect());
    let line: Vec<String> = unit.values("Service", "ExecStart").last().map(words).unwrap_or_default();
    let mut options = seen_options(component, object, &unit);
    if line.first().is_some_and(|first| *first != program(component)) {
        options.insert("ExecStart", Value::string_nfc(&line.join(" ")));
    }
    seen = with_map(seen, object, "unit_options", options);
    let (found, others) = flags(line.get(1..).unwrap_or_default());
    seen = seen_flags(component, object, seen, found, &others);
    let own = component.environment(object);
    let mut environment = Entries::new();
    let mut missing: Vec<_> = own.iter().collect();
    for variable in unit.values("Service", "Environment").flat_map(words) {
        let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
        let known = own.iter().any(|(own, is)| *own == name && is == value);
        missing.retain(|(own, _)| *own != name);
        if !known {
            environment.insert(name, Value::string_nfc(value));
        }
    }
    for (name, _) in missing {
        environment.insert(*name, Value::string(""));
    }
    with_map(seen, object, "environment", environment)
}

fn seen_flags(
    component: &dyn Component,
    object: &Value,
    mut seen: Value,
    mut found: Vec<(String, String)>,
    others: &[String],
) -> Value {
    let mut extra = Entries::new();
    for setting in component.settings() {
        let Some(flag) = setting.flag() else { continue };
        let texts: Vec<String> =
            found.iter().filter(|(name, _)| *name == flag).map(|(_, text)| text.clone()).collect();
        found.retain(|(name, _)| *name != flag);
        seen = with_setting(seen, object, setting, setting.parse(&texts));
        let given = extra::known(object, &flag).and_then(|known| extra::seen(setting, known, &texts));
        if let Some(given) = given {
            extra.insert(flag, given);
        }
    }
    if let Some(config) = component.config() {
        let flag = config.path.replace('_', "-");
        let path = found.iter().rfind(|(name, _)| *name == flag).map(|(_, path)| Value::string_nfc(path));
        found.retain(|(name, _)| *name != flag);
        seen = seen.with_attr(config.path, path.unwrap_or_else(|| Value::null(Type::String)));
    }
    // What follows from other attributes is as those say, or shows here.
    for (name, value) in component.derived(&seen) {
        match found.iter().position(|(found, _)| *found == name) {
            Some(at) if found[at].1 == value => _ = found.remove(at),
            Some(_) => {}
            None => _ = extra.insert(name, Value::string("")),
        }
    }
    for (name, text) in found {
        let text = match extra.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{text}"),
            None => text,
        };
        extra.insert(name, Value::string_nfc(&text));
    }
    for other in others {
        extra.insert(other.as_str(), Value::string(""));
    }
    with_map(seen, object, "extra_args", extra)
}

fn seen_options(component: &dyn Component, object: &Value, unit: &UnitText) -> Entries {
    let known: BTreeMap<String, String> = named_options(object).collect();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (section, name, value) in &unit.settings {
        if section == OWN || (section == "Service" && ["ExecStart", "Environment"].contains(&name.as_str())) {
            continue;
        }
        let all = found.entry(format!("{section}.{name}")).or_default();
        *all = if all.is_empty() { value.clone() } else { format!("{all}\n{value}") };
    }
    let mut options = Entries::new();
    let mut take = |name: &str, value: &str| {
        let short = name.strip_prefix("Service.").unwrap_or(name);
        let spelled =
            if object.attr("unit_options").and_then(|map| map.attr(name)).is_some() { name } else { short };
        options.insert(spelled, Value::string_nfc(value));
    };
    for (section, name, value) in base(component, object) {
        let name = format!("{section}.{name}");
        match found.remove(&name) {
            Some(is) if is == value && known.get(&name) != Some(&is) => {}
            Some(is) => take(&name, &is),
            None => take(&name, ""),
        }
    }
    for (name, value) in &found {
        take(name, value);
    }
    for (name, value) in known.iter().filter(|(name, value)| value.is_empty() && !found.contains_key(*name)) {
        take(name, value);
    }
    options
}

fn with_setting(seen: Value, object: &Value, setting: &Setting, value: Value) -> Value {
    let known = object.attr(setting.attribute).cloned().unwrap_or_else(|| Value::null(setting.ty()));
    seen.with_attr(setting.attribute, spelled(&known, value))
}

/// The object with a map of texts, spelled as it is known.
fn with_map(seen: Value, object: &Value, name: &str, entries: Entries) -> Value {
    let none = Value::null(Type::map(Type::String));
    let value = if entries.is_empty() { none.clone() } else { Value::map(Type::String, entries) };
    let known = object.attr(name).unwrap_or(&none);
    let value = spelled(known, value);
    seen.with_attr(name, value)
}

/// The text of the configuration file: fields of the table, then those that are given besides.
fn config_text(component: &dyn Component, config: Config, object: &Value) -> String {
    let mut root = Map::new();
    root.insert("apiVersion".into(), config.api_version.into());
    root.insert("kind".into(), config.kind.into());
    for setting in component.settings() {
        let Place::Field(path) = setting.place else { continue };
        if let Some(json) = object.attr(setting.attribute).and_then(|value| setting.json(value)) {
            place(&mut root, path, json);
        }
    }
    if let Some(Ok(Json::Object(more))) = object.text("extra_config").map(serde_json::from_str) {
        merge(&mut root, more);
    }
    let text = serde_json::to_string_pretty(&Json::Object(root)).unwrap_or_default();
    text + "\n"
}

/// The object as its configuration file says.
pub(super) fn seen_config(
    component: &dyn Component,
    config: Config,
    object: &Value,
    text: Option<&str>,
) -> Value {
    // As it was written: also a field that `extra_config` says in the place of its attribute is no drift of that.
    if text == Some(&config_text(component, config, object)) {
        return object.clone();
    }
    let Some(Ok(Json::Object(mut root))) = text.map(serde_json::from_str) else {
        let note = text.map_or("(the file is gone)", |_| "(the file is no JSON any longer)");
        return object.with_attr("extra_config", Value::string(note));
    };
    let mut seen = object.clone();
    for setting in component.settings() {
        let Place::Field(path) = setting.place else { continue };
        let value = match take(&mut root, path) {
            Some(json) => setting.of_json(&json),
            None => Value::null(setting.ty()),
        };
        seen = with_setting(seen, object, setting, value);
    }
    for (name, value) in [("apiVersion", config.api_version), ("kind", config.kind)] {
        if root.get(name).is_some_and(|is| is == value) {
            root.remove(name);
        }
    }
    let known: Option<Json> = object.text("extra_config").and_then(|text| serde_json::from_str(text).ok());
    let rest = Json::Object(root);
    let nothing = rest.as_object().is_some_and(Map::is_empty);
    match known {
        // A field that has an attribute, too, was taken above.
        Some(known)
            if known == rest || config_text(component, config, object) == text.unwrap_or_default() =>
        {
            seen.with_attr(
                "extra_config",
                object.attr("extra_config").cloned().unwrap_or_else(|| Value::null(Type::String)),
            )
        }
        None if nothing => seen.with_attr("extra_config", Value::null(Type::String)),
        _ => seen.with_attr("extra_config", Value::string_nfc(&rest.to_string())),
    }
}

fn place(root: &mut Map<String, Json>, path: &str, json: Json) {
    match path.split_once('.') {
        None => _ = root.insert(path.to_owned(), json),
        Some((first, rest)) => {
            let inner = root.entry(first).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                place(inner, rest, json);
            }
        }
    }
}

/// Takes a field out, and what is empty then.
fn take(root: &mut Map<String, Json>, path: &str) -> Option<Json> {
    let Some((first, rest)) = path.split_once('.') else { return root.remove(path) };
    let inner = root.get_mut(first)?.as_object_mut()?;
    let taken = take(inner, rest);
    if inner.is_empty() {
        root.remove(first);
    }
    taken
}

fn merge(root: &mut Map<String, Json>, more: Map<String, Json>) {
    for (name, json) in more {
        match (root.get_mut(&name), json) {
            (Some(Json::Object(inner)), Json::Object(json)) => merge(inner, json),
            (_, json) => _ = root.insert(name, json),
        }
    }
}
