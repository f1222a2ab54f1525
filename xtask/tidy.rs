//! Rules that the compiler does not check.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, output, root};

/// Checks everything and reports all that is wrong at once.
pub fn run() -> Result<()> {
    let mut problems = layers()?;
    let files = sources()?;
    problems.extend(forbidden(&files)?);
    problems.extend(forgotten_tests(&files)?);
    problems.extend(readmes());
    if let Err(error) = crate::docs::run(true) {
        problems.push(format!("{error:#}"));
    }
    if problems.is_empty() {
        return Ok(());
    }
    bail!("tidy found {} problem(s):\n  {}", problems.len(), problems.join("\n  "))
}

/// Dependencies point one way: a layer may use those before it, a provider only the layers up to `lang`.
fn layers() -> Result<Vec<String>> {
    let metadata = output(&mut cargo(&["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let mut problems = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(layer) = name.strip_prefix("groma-") else { continue };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["kind"].as_str() == Some("dev") {
                continue;
            }
            let Some(used) = dependency["name"].as_str().unwrap_or_default().strip_prefix("groma-") else {
                continue;
            };
            if !allowed(layer, used) {
                problems
                    .push(format!("{name} must not depend on groma-{used} (ARCHITECTURE.md, \"Layers\")"));
            }
        }
    }
    Ok(problems)
}

fn allowed(layer: &str, used: &str) -> bool {
    let height = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    match (height(layer), height(used)) {
        (Some(layer), Some(used)) => used < layer,
        // The reference generator, the SDK's adapter and what is made of other providers' kits sit on top of providers.
        (None, None) => {
            layer == "reference"
                || matches!(
                    (layer, used),
                    ("provider-aws-sdk", "provider-aws")
                        | ("provider-eksd", "provider-host" | "provider-tls")
                )
        }
        (None, Some(used)) => layer == "reference" || used <= height("lang").unwrap_or(0),
        (Some(_), None) => false,
    }
}

/// Calls that only some places may make, looked for in the text.
fn forbidden(files: &BTreeMap<PathBuf, String>) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for (path, text) in files {
        for (call, where_allowed, why) in FORBIDDEN {
            let here = path.to_string_lossy();
            if where_allowed.iter().any(|prefix| here.starts_with(prefix)) || is_test(path) {
                continue;
            }
            // What stands behind a test module is tests.
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            for (i, line) in code.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                if code.contains(call) {
                    problems.push(format!("{here}:{}: {call} {why}", i + 1));
                }
            }
        }
        for word in ["#[ignore", "todo!(", "unimplemented!("] {
            if text.contains(word) && !path.starts_with("xtask") {
                problems.push(format!("{}: {word} is not for what is finished", path.display()));
            }
        }
    }
    Ok(problems)
}

/// A test file that no module names is never compiled, and so never fails.
fn forgotten_tests(files: &BTreeMap<PathBuf, String>) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in files.keys() {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).context("source files have names")?;
        if matches!(stem, "lib" | "main" | "mod") || path.starts_with("xtask") {
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let named = |file: PathBuf| {
            files.get(&file).is_some_and(|text| {
                text.lines().any(|line| line.trim_end().ends_with(&format!("mod {stem};")))
            })
        };
        let parents = [
            folder.join("mod.rs"),
            folder.join("lib.rs"),
            folder.join("main.rs"),
            folder.with_extension("rs"),
        ];
        let target = folder
            .file_name()
            .is_some_and(|name| matches!(name.to_str(), Some("tests" | "benches" | "examples")));
        if !target && !parents.into_iter().any(named) {
            problems.push(format!("{}: no module declares it, so it is never compiled", path.display()));
        }
    }
    Ok(problems)
}

/// Every provider, module and example says what it is.
fn readmes() -> Vec<String> {
    let mut problems = Vec::new();
    for folder in ["providers", "modules", "examples"] {
        for entry in fs::read_dir(root().join(folder)).into_iter().flatten().flatten() {
            if entry.path().is_dir() && !entry.path().join("README.md").exists() {
                problems.push(format!("{folder}/{}: has no README.md", entry.file_name().to_string_lossy()));
            }
        }
    }
    problems
}

/// All Rust sources that git knows or would add, by their path in the workspace.
fn sources() -> Result<BTreeMap<PathBuf, String>> {
    let list = output(std::process::Command::new("git").current_dir(root()).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.rs",
    ]))?;
    let mut files = BTreeMap::new();
    for name in list.lines() {
        // Deleted and not yet committed.
        let Ok(text) = fs::read_to_string(root().join(name)) else { continue };
        files.insert(PathBuf::from(name), text);
    }
    Ok(files)
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "testing" | "tests.rs")))
}

/// Lowest first, as in ARCHITECTURE.md.
const LAYERS: &[&str] =
    &["gzip", "diag", "addrs", "value", "syntax", "provider", "lang", "config", "state", "plan", "engine"];

/// A call, where it may stand, and why not elsewhere.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    ("std::env::", &["src/cli", "xtask", "tests"], "is for the command line: take it as a parameter"),
    ("process::exit", &["xtask"], "skips what must be saved: return an exit code"),
    ("println!", &["xtask", "tests", "src/reference"], "is for src/cli/streams.rs"),
    (
        "SystemTime::now",
        &["src/cli", "xtask", "tests"],
        "makes tests depend on the clock: take it from Environment",
    ),
    (
        ".unwrap()",
        &["tests", "xtask"],
        "says nothing when it fails: use expect with the invariant, or an error",
    ),
];
