//! What looks at a cluster from outside.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::go::{Go, Wanted};
use crate::cargo::run;

/// Builds kube-bench, which checks a cluster against the CIS benchmark, with its checks beside it: `tools/kube-bench/` has
/// `kube-bench` and `cfg/`.
pub fn build(go: &Go, cache: &Path) -> Result<()> {
    let folder = cache.join("tools").join("kube-bench");
    let done = folder.join(KUBE_BENCH);
    if done.exists() {
        return Ok(());
    }
    let module = go.module(&Wanted { path: PATH, version: KUBE_BENCH, neighbours: "" })?;
    fs::create_dir_all(&folder)?;
    let version = format!("-X {PATH}/cmd.KubeBenchVersion={KUBE_BENCH}");
    go.build(&module, ".", &version, &folder.join("kube-bench"))?;
    run(Command::new("cp").arg("-r").arg(module.tree().join("cfg")).arg(&folder))?;
    fs::write(done, "")?;
    Ok(())
}

const PATH: &str = "github.com/aquasecurity/kube-bench";
const KUBE_BENCH: &str = "v0.12.0";
