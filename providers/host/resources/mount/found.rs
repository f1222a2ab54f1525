//! What there is of mounts on a host.

use std::collections::HashMap;

use provider::simple::Access;
use value::Value;

use super::line::{Line, escape};
use super::live::Live;
use crate::failure::Result;
use crate::paths;
use crate::session::{Host, Output, Script};

/// What there is of a mount.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub text: Option<String>,
    pub line: Option<Line>,
    pub live: Option<Live>,
    /// The line that was asked for last.
    pub asked: Option<Line>,
    /// Whether the host says that the device is what is mounted.
    same: bool,
}

impl Found {
    /// Whether what is mounted is what a line asks for, but for options.
    pub(super) fn is_right(&self, line: &Line) -> bool {
        self.live.as_ref().is_some_and(|live| self.is_from(live, line) && live.is_of_type(line))
    }

    fn is_from(&self, live: &Live, line: &Line) -> bool {
        self.same || (how(line) != "bind" && live.is_from(&line.device))
    }

    /// What makes it mounted as a line says, where the line before may be known.
    pub(super) fn action(&self, line: &Line, before: Option<&Line>) -> &'static str {
        match &self.live {
            None => "mount",
            Some(_) if !self.is_right(line) => "again",
            Some(live) if live.options(line) != line.options => "remount",
            Some(_) if before.is_some_and(|before| before.options != line.options) => "remount",
            Some(_) => "",
        }
    }

    pub(super) fn seen(&self, current: &Value, folder: bool) -> Value {
        let imported = current.is_unset("device");
        let path = current.text("path").unwrap_or_default();
        // What was read before may be a drift; what was asked for is recorded.
        let wanted = self.asked.clone().unwrap_or_else(|| match &self.line {
            Some(line) if imported => line.clone(),
            _ => Line::of(current),
        });
        let line = match (&self.line, &self.live) {
            (Some(line), _) => line.clone(),
            (None, Some(live)) if imported => live.line(path),
            (None, Some(_)) => wanted.clone(),
            (None, None) => return Value::null(current.ty()),
        };
        let known = current.text("state");
        let state = match (&self.line, &self.live) {
            (Some(_), _) if folder => {
                known.unwrap_or(if line.is_automatic() { "mounted" } else { "unmounted" })
            }
            (Some(_), _) if known == Some("fstab-only") => "fstab-only",
            (Some(_), Some(_)) => "mounted",
            (Some(_), None) => "unmounted",
            (None, _) => ONLY_MOUNTED,
        };
        let mut seen = line.clone();
        if let Some(live) = self.live.as_ref().filter(|_| state != "fstab-only") {
            // What fstab says otherwise than asked for shows first, then what is mounted otherwise.
            if line.device == wanted.device && !self.is_from(live, &wanted) {
                seen.device = live.device();
            }
            if line.kind == wanted.kind && !live.is_of_type(&wanted) {
                seen.kind.clone_from(&live.kind);
            }
            if line.options == wanted.options && self.is_right(&wanted) {
                seen.options = live.options(&wanted);
            }
        }
        seen.onto(current).with_attr("state", Value::string(state))
    }
}

/// What the device is compared with that is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Against {
    /// The one that was asked for last.
    Record,
    /// The one that the object says.
    Object,
}

/// How what is mounted is compared with the device.
pub(super) fn how(line: &Line) -> &'static str {
    if line.is_bind() {
        "bind"
    } else if line.device.starts_with('/') || NAMES.iter().any(|name| line.device.starts_with(name)) {
        "device"
    } else {
        "text"
    }
}

/// Looks at many mounts.
pub(super) async fn look(host: &Host, current: &[Value], against: Against) -> Result<Vec<Found>> {
    let wanted: Vec<Line> = current.iter().map(Line::of).collect();
    let script = Script::read(&format!("{}{}", include_str!("lib.sh"), include_str!("look.sh")))
        .args(wanted.iter().flat_map(|line| {
            [how(line).to_owned(), line.device.clone(), line.path.clone(), paths::key(&line.path)]
        }))
        .var("recorded", if against == Against::Record { "1" } else { "" })
        .var("escaped", wanted.iter().map(|line| escape(&line.path)).collect::<Vec<_>>().join("\n"));
    let output = host.must(script, "look at what is mounted").await?;
    Ok(found(&output, current.len()))
}

/// What the lines of `look.sh` say.
fn found(output: &Output, count: usize) -> Vec<Found> {
    let text = output.text();
    let lines: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let get = |what: &str, index: usize| lines.get(format!("{what}{index}").as_str()).copied();
    let one = |index: usize| Found {
        text: get("line", index).map(str::to_owned),
        line: get("line", index).and_then(Line::parse),
        live: get("live", index).and_then(Live::parse),
        asked: get("asked", index).and_then(Line::parse),
        same: get("same", index).is_some(),
    };
    (0..count).map(one).collect()
}

/// First fields of fstab that name a device.
const NAMES: [&str; 4] = ["UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="];

/// What is mounted although fstab does not say so.
const ONLY_MOUNTED: &str = "mounted-only";
