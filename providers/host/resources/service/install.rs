//! What enables a unit where no systemd runs: the links that its `[Install]` section asks for.

use std::collections::{BTreeMap, BTreeSet};

use super::{UNITS, is_template};
use crate::failure::{Failure, Result};
use crate::session::{Host, Script};

/// Prints the path of the unit's file, then its text and that of its drop-ins.
const FRAGMENT: &str = r#"
for n in "$name" "$template"; do
  for folder in etc usr/lib lib; do
    f=$R/$folder/systemd/system/$n
    [ -f "$f" ] || continue
    printf '%s\n' "${f#"$R"}"
    cat "$f"
    for d in "$R/etc/systemd/system/$n.d"/*.conf "$R/etc/systemd/system/$name.d"/*.conf; do
      [ -f "$d" ] && { echo; cat "$d"; }
    done
    exit 0
  done
done
:
"#;

/// A link to make: its path on the host, and what it leads to.
pub(super) type Link = (String, String);

/// The `[Install]` section of a unit: the values of each of its settings.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Install(BTreeMap<String, Vec<String>>);

/// The links that enable a unit of a folder that stands for a host, and the units that its `Also=` names.
pub(super) async fn links(host: &Host, name: &str, text: Option<&str>) -> Result<Vec<Link>> {
    let mut links = BTreeSet::new();
    let mut names = vec![name.to_owned()];
    let mut known = BTreeSet::new();
    while let Some(next) = names.pop() {
        if !known.insert(next.clone()) {
            continue;
        }
        let (path, found) = fragment(host, &next).await?;
        // The unit's own text may not be written yet.
        let text = text.filter(|_| next == name).map(str::to_owned).or(found);
        let Some(text) = text else {
            // Its package is not in the folder yet.
            if next == name {
                links.extend(usual(name));
            }
            continue;
        };
        let install = Install::parse(&text);
        let asked = install.links(&next, &path.unwrap_or_else(|| format!("{UNITS}/{next}")));
        names.extend(install.values("Also").iter().cloned());
        if asked.is_empty() && names.is_empty() && next == name {
            let detail = format!(
                "On {}, the unit {name} has no [Install] section that says what starts it. Leave enabled out, or add one \
                 to the unit or by a drop-in.",
                host.name()
            );
            return Err(Failure::attribute("enabled", "Service cannot be enabled", detail));
        }
        links.extend(asked);
    }
    Ok(links.into_iter().collect())
}

async fn fragment(host: &Host, name: &str) -> Result<(Option<String>, Option<String>)> {
    let script = Script::read(FRAGMENT).var("name", name).var("template", template_of(name));
    let output = host.must(script, &format!("look at the unit {name}")).await?;
    let text = output.text();
    Ok(match text.split_once('\n') {
        Some((path, text)) => (Some(path.to_owned()), Some(text.to_owned())),
        None => (None, None),
    })
}

/// `getty@.service` for `getty@tty1.service`; the name itself for what is no instance.
fn template_of(name: &str) -> String {
    match (name.split_once('@'), name.rsplit_once('.')) {
        (Some((stem, _)), Some((_, kind))) => format!("{stem}@.{kind}"),
        _ => name.to_owned(),
    }
}

/// What usually starts a unit whose text is not known.
fn usual(name: &str) -> Vec<Link> {
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
    let target = match kind {
        "socket" => "sockets.target",
        "timer" => "timers.target",
        "path" => "paths.target",
        "mount" | "automount" => "local-fs.target",
        "swap" => "swap.target",
        _ => "multi-user.target",
    };
    vec![(format!("{UNITS}/{target}.wants/{name}"), format!("/lib/systemd/system/{}", template_of(name)))]
}

impl Install {
    /// Reads the section of a unit's text: an empty assignment empties the list, `\` continues a line.
    pub(super) fn parse(text: &str) -> Self {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut inside = false;
        let mut pending = String::new();
        for line in text.lines() {
            let line = line.trim();
            if pending.is_empty() && line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(begun) = line.strip_suffix('\\') {
                pending.push_str(begun);
                pending.push(' ');
                continue;
            }
            let line = std::mem::take(&mut pending) + line;
            if line.starts_with('[') {
                inside = line == "[Install]";
            } else if let Some((name, value)) = line.split_once('=').filter(|_| inside) {
                let list = values.entry(name.trim().to_owned()).or_default();
                if value.trim().is_empty() {
                    list.clear();
                }
                list.extend(value.split_whitespace().map(str::to_owned));
            }
        }
        Self(values)
    }

    pub(super) fn values(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The links that enable the unit `name`, whose file is at `path`.
    pub(super) fn links(&self, name: &str, path: &str) -> Vec<Link> {
        let mut linked = name.to_owned();
        if is_template(name) {
            let Some(instance) = self.values("DefaultInstance").last() else { return Vec::new() };
            linked = name.replacen('@', &format!("@{instance}"), 1);
        }
        let mut links = Vec::new();
        for (setting, folder) in [("WantedBy", "wants"), ("RequiredBy", "requires"), ("UpheldBy", "upholds")]
        {
            for target in self.values(setting).iter().filter_map(|target| expand(target, &linked)) {
                links.push((format!("{UNITS}/{target}.{folder}/{linked}"), path.to_owned()));
            }
        }
        for alias in self.values("Alias").iter().filter_map(|alias| expand(alias, &linked)) {
            links.push((format!("{UNITS}/{alias}"), path.to_owned()));
        }
        links
    }
}

/// Replaces `%n`, `%N`, `%p`, `%i`, `%j` and `%%`; nothing for what cannot be a unit here.
fn expand(text: &str, name: &str) -> Option<String> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let (prefix, instance) = stem.split_once('@').unwrap_or((stem, ""));
    let mut expanded = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            expanded.push(c);
            continue;
        }
        match chars.next()? {
            'n' => expanded.push_str(name),
            'N' => expanded.push_str(stem),
            'p' => expanded.push_str(prefix),
            'i' => expanded.push_str(instance),
            'j' => expanded.push_str(prefix.rsplit('-').next().unwrap_or(prefix)),
            '%' => expanded.push('%'),
            _ => return None,
        }
    }
    let bad = expanded.is_empty() || expanded.contains(['/', ' ']) || expanded.starts_with(['.', '-']);
    (!bad).then_some(expanded)
}

#[cfg(test)]
mod tests;
