//! What was unpacked, and what is there of it.

use std::collections::BTreeMap;

/// What the lines of `look.sh` say of one archive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// What it was verified by: the algorithm and the digest.
    pub archive: Option<(&'static str, String)>,
    recorded: BTreeMap<String, Entry>,
    now: BTreeMap<String, Entry>,
}

/// A file or a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    /// Kind and permission bits.
    mode: u32,
    owner: String,
    /// User and group by name, for people.
    names: String,
    digest: Option<String>,
    target: Option<String>,
}

/// The bits of a mode that say what it is.
const KIND: u32 = 0o17_0000;

/// Those of a link.
const LINK: u32 = 0o12_0000;

/// What was found of each of many archives; none where nothing is recorded.
pub(super) fn parse(text: &str, count: usize) -> Vec<Option<Found>> {
    let mut all: Vec<Option<Found>> = (0..count).map(|_| None).collect();
    let mut at = None;
    let (mut now, mut link) = (false, String::new());
    for line in text.lines() {
        if let Some(index) = line.strip_prefix("= ") {
            at = index.parse::<usize>().ok().filter(|index| *index < count);
            now = false;
            if let Some(slot) = at.and_then(|index| all.get_mut(index)) {
                *slot = Some(Found::default());
            }
            continue;
        }
        let Some(found) = at.and_then(|index| all.get_mut(index)).and_then(Option::as_mut) else { continue };
        let entries = if now { &mut found.now } else { &mut found.recorded };
        match line.split_once(' ').unwrap_or((line, "")) {
            ("now", "") => now = true,
            ("x", rest) => {
                let algorithm = if rest.starts_with("sha512") { "sha512" } else { "sha256" };
                found.archive = rest.split_once(' ').map(|(_, digest)| (algorithm, digest.to_owned()));
            }
            ("s", rest) => {
                let fields: Vec<&str> = rest.splitn(6, ' ').collect();
                if let [mode, uid, gid, user, group, name] = fields[..]
                    && let Ok(mode) = u32::from_str_radix(mode, 16)
                {
                    let entry = entry(entries, name);
                    (entry.mode, entry.owner) = (mode, format!("{uid}:{gid}"));
                    entry.names = format!("{user}:{group}");
                }
            }
            ("h", rest) => {
                if let Some((digest, name)) = rest.split_once("  ") {
                    entry(entries, name).digest = Some(digest.to_owned());
                }
            }
            ("l", name) => name.clone_into(&mut link),
            ("t", target) => entry(entries, &link).target = Some(target.to_owned()),
            _ => {}
        }
    }
    all
}

/// What is known of a name, as `find` prints it.
fn entry<'a>(entries: &'a mut BTreeMap<String, Entry>, name: &str) -> &'a mut Entry {
    entries.entry(name.strip_prefix("./").unwrap_or(name).to_owned()).or_default()
}

impl Found {
    /// Whether nothing that was unpacked is there.
    pub(super) fn is_gone(&self) -> bool {
        self.now.is_empty()
    }

    /// What was unpacked, by name.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        self.recorded.iter().map(|(name, entry)| (name.clone(), entry.content())).collect()
    }

    /// What is not as it was unpacked, by name.
    pub(super) fn changed(&self) -> Vec<(String, String)> {
        let changed = |(name, was): (&String, &Entry)| {
            let what = match self.now.get(name) {
                Some(now) => was.difference(now)?,
                None => "is gone".to_owned(),
            };
            Some((name.clone(), what))
        };
        self.recorded.iter().filter_map(changed).collect()
    }
}

impl Entry {
    fn content(&self) -> String {
        match &self.target {
            Some(target) => format!("-> {target}"),
            None => self.digest.clone().unwrap_or_default(),
        }
    }

    /// What another one has else.
    fn difference(&self, now: &Self) -> Option<String> {
        let bits = |entry: &Self| entry.mode & !KIND;
        let mut differences = Vec::new();
        if self.mode & KIND == now.mode & KIND {
            if self.content() != now.content() {
                differences.push(match (&now.target, &now.digest) {
                    (Some(target), _) => format!("leads to {target}"),
                    (None, Some(_)) => "has another content".to_owned(),
                    (None, None) => "cannot be read".to_owned(),
                });
            }
            if self.mode & KIND != LINK && bits(self) != bits(now) {
                differences.push(format!("has the mode {:04o}, not {:04o}", bits(now), bits(self)));
            }
        } else {
            differences.push("is of another kind".to_owned());
        }
        if self.owner != now.owner {
            differences.push(format!("belongs to {}, not {}", now.names, self.names));
        }
        (!differences.is_empty()).then(|| differences.join(", "))
    }
}
