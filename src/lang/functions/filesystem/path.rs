//! Paths, taken apart and put together by their text alone; as on Unix, `/` separates.

use std::path::{Path, PathBuf};

use super::super::{CallContext, FunctionError};

/// The shortest path that names the same: no `.`, no `//`, and `..` only at the beginning.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let rooted = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                None if rooted => {}
                _ => parts.push(part),
            },
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// The last part of a path.
pub(super) fn basename(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".",
        (false, true) => "/",
        (false, false) => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

/// All but the last part of a path, cleaned.
pub(super) fn dirname(path: &str) -> String {
    clean(&path[..path.rfind('/').map_or(0, |at| at + 1)])
}

/// Replaces a leading `~` by the home folder.
pub(super) fn expand_home(context: &CallContext, path: &str) -> Result<String, FunctionError> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.to_owned()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(FunctionError::new("cannot expand user-specific home dir"));
    }
    let home = context.home.as_deref().ok_or_else(|| FunctionError::new("cannot find the home folder"))?;
    let home = home.to_string_lossy();
    if rest.trim_start_matches('/').is_empty() {
        return Ok(home.into_owned());
    }
    Ok(clean(&format!("{home}{rest}")))
}

/// A path as functions show it and as they open it: the home folder replaced, cleaned; and against the base folder.
pub(super) fn locate(context: &CallContext, path: &str) -> Result<(String, PathBuf), FunctionError> {
    let expanded = expand_home(context, path)
        .map_err(|e| FunctionError::new(format!("failed to expand ~: {}", e.message)))?;
    let shown = clean(&expanded);
    let opened = context.base_dir.join(&shown);
    Ok((shown, opened))
}

pub(super) fn absolute(path: &str) -> Result<String, FunctionError> {
    if path.starts_with('/') {
        return Ok(clean(path));
    }
    let folder = std::path::absolute(Path::new("."))
        .map_err(|e| FunctionError::new(format!("the current folder is not known: {e}")))?;
    Ok(clean(&format!("{}/{path}", folder.to_string_lossy())))
}
