use std::fs;

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, output, root};

/// Regenerates the references under docs/ from the schemas, or with `check` says which are out of date.
///
/// The generator is a small program of its own that links all providers and not the AWS SDK, so that it builds in
/// seconds.
pub fn run(check: bool) -> Result<()> {
    let mut stale = Vec::new();
    let list = output(&mut cargo(&["run", "--quiet", "--package", "groma-reference"]))?;
    for page in list.split('\u{c}').filter(|page| !page.trim().is_empty()) {
        let (name, text) =
            page.trim_start_matches('\n').split_once('\n').context("a page begins with its name")?;
        let path = root().join("docs").join(name);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            stale.push(name.to_owned());
        } else {
            fs::create_dir_all(path.parent().context("pages lie in a folder")?)?;
            fs::write(&path, text)?;
            println!("wrote docs/{name}");
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!("out of date: {}; run `cargo xtask docs`", stale.join(", "))
}
