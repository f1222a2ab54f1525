//! Looking at repositories and writing them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::Access;
use std::time::Duration;
use value::{Type, Value};

use super::definition::{Definition, Manager};
use super::{LISTS, key, list, map};
use crate::failure::{Failure, Result};
use crate::resources::file::digest;
use crate::session::{Host, Script};

const LIBRARY: &str = include_str!("../package/lib.sh");

const LOOK: &str = include_str!("look.sh");

const CHANGE: &str =
    concat!(include_str!("../package/lib.sh"), include_str!("fetch.sh"), include_str!("change.sh"));

const REMOVE: &str =
    concat!(include_str!("../package/lib.sh"), include_str!("fetch.sh"), include_str!("remove.sh"));

/// Which package manager a host has; under a folder the one that its programs tell.
const DETECT: &str = r#"
if [ -z "$R" ]; then
  manager
else
  for pm in apt-get dnf zypper apk ''; do
    for folder in usr/bin bin usr/sbin sbin; do
      [ -z "$pm" ] || { [ -x "$R/$folder/$pm" ] && break 2; }
    done
  done
fi
printf '%s' "${pm%-get}"
"#;

/// How long fetching the list of a repository may take, with waiting for others.
const LONGEST: Duration = Duration::from_mins(25);

async fn manager(host: &Host, object: &Value) -> Result<Manager> {
    let found = match object.text("manager") {
        Some(name) => name.to_owned(),
        None => host
            .must(Script::read(&format!("{LIBRARY}\n{DETECT}")), "look for a package manager")
            .await?
            .text(),
    };
    Manager::parse(&found).ok_or_else(|| {
        let detail = format!(
            "In {}, there is no package manager yet: set manager to the one that there will be.",
            host.name()
        );
        Failure::attribute("manager", "Package manager is not known", detail)
    })
}

/// The repository as it is.
pub(super) async fn read(host: &Host, current: &Value) -> Result<Value> {
    let name = current.text("name").unwrap_or_default();
    let manager = match manager(host, current).await {
        Ok(manager) => manager,
        // A folder without a package manager has no repositories.
        Err(_) if !host.root().is_empty() => return Ok(Value::null(current.ty())),
        Err(failure) => return Err(failure),
    };
    let key_file = manager.key_file(current);
    let script = Script::read(LOOK).var("p", manager.file(name)).var("k", &key_file).var("name", name);
    let output = host.must(script, &format!("look at the repository {name}")).await?;
    let text = output.text();
    let Some((key, entry)) = text.strip_prefix("there\n").and_then(|text| text.split_once("\n=\n")) else {
        return Ok(Value::null(current.ty()));
    };
    let mut seen = Definition::parse(manager, name, &key_file, entry);
    if manager == Manager::Apk {
        // The file is that of all repositories.
        let known = Definition::of(current).urls;
        seen.signed = true;
        seen.urls = known.into_iter().filter(|url| seen.urls.contains(url)).collect();
        if seen.urls.is_empty() {
            return Ok(Value::null(current.ty()));
        }
    }
    let compact: String = key.chars().filter(|c| !c.is_whitespace()).collect();
    let key = match STANDARD.decode(compact) {
        Ok(bytes)
            if !bytes.is_empty() && seen.signed && (manager != Manager::Apk || !current.is_unset("key")) =>
        {
            Value::string_nfc(&key::seen(manager, current.text("key"), &bytes))
        }
        _ => Value::null(Type::String),
    };
    let lists = [&seen.urls, &seen.suites, &seen.components, &seen.architectures];
    let object = LISTS.iter().zip(lists).fold(current.clone(), |object, (name, texts)| {
        let value = list(current, name, texts);
        object.with_attr(name, value)
    });
    Ok(object
        .with_attr("key", key)
        .with_attr("enabled", Value::bool(seen.enabled))
        .with_attr("check_signatures", Value::bool(seen.check_signatures))
        .with_attr("options", map(current, "options", &seen.options))
        .with_attr("manager", Value::string(manager.name())))
}

/// Writes the repository, and fetches its list of packages.
pub(super) async fn make(host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
    let name = planned.text("name").unwrap_or_default();
    let manager = manager(host, planned).await.map_err(Failure::untouched)?;
    let definition = Definition::of(planned);
    definition.check(manager, planned).map_err(|(name, reason)| {
        Failure::attribute(name, "Invalid package repository", format!("On {}: {reason}", host.name()))
    })?;
    let key_file = manager.key_file(planned);
    let key = match planned.text("key").map(|text| key::file(manager, text)) {
        None => Vec::new(),
        Some(Ok(bytes)) => bytes,
        Some(Err(reason)) => {
            return Err(Failure::attribute(
                "key",
                "Invalid package repository",
                format!("The key cannot be read: {reason}."),
            ));
        }
    };
    let entry = definition.render(manager, name, &key_file);
    let old_urls = Definition::of(prior).urls;
    let old_key = if prior.is_null() { key_file.clone() } else { manager.key_file(prior) };
    let mut input = key.clone();
    input.extend_from_slice(entry.as_bytes());
    let script = Script::change(CHANGE)
        .args(old_urls.iter().filter(|url| !definition.urls.contains(url)))
        .var("pm", manager.name())
        .var("name", name)
        .var("p", manager.file(name))
        .var("size", entry.len().to_string())
        .var("sha", digest(entry.as_bytes()))
        .var("k", &key_file)
        .var("old_k", old_key)
        .var("key_size", key.len().to_string())
        .var("key_sha", digest(&key))
        .var("enabled", if definition.enabled { "1" } else { "" })
        .timeout(LONGEST)
        .input(input);
    host.must(script, &format!("set up the repository {name}")).await?;
    read(host, planned).await
}

/// Puts back what was found.
pub(super) async fn remove(host: &Host, prior: &Value) -> Result<()> {
    let name = prior.text("name").unwrap_or_default();
    let manager = manager(host, prior).await?;
    let script = Script::change(REMOVE)
        .args(Definition::of(prior).urls)
        .var("pm", manager.name())
        .var("name", name)
        .var("p", manager.file(name))
        .var("k", manager.key_file(prior))
        .timeout(LONGEST);
    host.must(script, &format!("remove the repository {name}")).await.map(|_| ())
}
