//! Five hosts for a cluster of EKS-D, and what examples/onprem-ha takes for it in a lab.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::paths;
use crate::plan::{Plan, Purpose};
use crate::record::Record;

/// The control plane's hosts, then the workers, in the order of their addresses.
pub const NODES: [&str; 5] = ["cp1", "cp2", "cp3", "w1", "w2"];

/// How many of the [`NODES`] are the control plane's.
pub const CONTROL_PLANE: usize = 3;

/// The releases that clusters are tested with: one, one of the next minor version, and the one after that.
pub const RELEASES: [(&str, u32); 3] = [("1-33", 31), ("1-34", 21), ("1-34", 22)];

/// A plan with the [`NODES`].
#[must_use]
pub fn with_nodes(plan: Plan) -> Plan {
    let plan = plan.purpose(Purpose::Kubernetes).packages(&["haproxy"]);
    NODES.iter().fold(plan, |plan, name| plan.direct(name))
}

/// The releases that `cargo xtask mirror` lays out: where `GROMA_TEST_EKSD_SITE` says, else in the user's cache folder.
pub fn site() -> Result<PathBuf> {
    made("GROMA_TEST_EKSD_SITE", "site")
}

/// The same with these releases in it, or what is missing.
pub fn site_with(releases: &[(&str, u32)]) -> Result<PathBuf> {
    let site = site()?;
    has(&site, releases)?;
    Ok(site)
}

fn has(site: &Path, releases: &[(&str, u32)]) -> Result<()> {
    for (channel, number) in releases {
        let manifest = site.join(format!("kubernetes-{channel}/kubernetes-{channel}-eks-{number}.yaml"));
        ensure!(manifest.exists(), "{} is not there: cargo xtask mirror", manifest.display());
    }
    Ok(())
}

/// kube-bench with its checks, as `cargo xtask mirror` builds it: where `GROMA_TEST_KUBE_BENCH` says, else there.
pub fn kube_bench() -> Result<PathBuf> {
    made("GROMA_TEST_KUBE_BENCH", "tools/kube-bench")
}

/// Why tests with clusters cannot be run on this machine, if they cannot.
#[must_use]
pub fn missing() -> Option<String> {
    let there = site_with(&RELEASES).and_then(|_| {
        let program = kube_bench()?.join("kube-bench");
        ensure!(program.exists(), "{} is not there: cargo xtask mirror", program.display());
        Ok(())
    });
    there.err().map(|error| format!("{error:#}"))
}

fn made(variable: &str, name: &str) -> Result<PathBuf> {
    match env::var_os(variable) {
        Some(named) => Ok(named.into()),
        None => Ok(paths::cache()?.with_file_name("mirror").join(name)),
    }
}

/// Arguments of `cluster`: a lab has no control groups of version 2, no protection from want of memory, and neither a kernel nor a
/// disk of its own: where the developer's is nearly full, kubelets would remove what was just imported.
pub const LIKE_A_CONTAINER: &str = r#"  cgroup_driver          = "cgroupfs"
  dns_forward            = ""
  restrict_oom_score_adj = true
  eviction_hard          = { "nodefs.available" = "2%", "imagefs.available" = "2%", "memory.available" = "50Mi" }
  kubelet_config         = "{\"imageGCHighThresholdPercent\":100}"
  conntrack              = { max_per_core = 0, min = 0, tcp_established = "0s", tcp_close_wait = "0s" }
"#;

/// The example's `terraform.tfvars` for the [`NODES`].
pub fn variables(record: &Record, site: &Path) -> Result<String> {
    let (control_plane, workers) = NODES.split_at(CONTROL_PLANE);
    variables_of(record, site, control_plane, workers)
}

/// The same for other nodes.
pub fn variables_of(
    record: &Record,
    site: &Path,
    control_plane: &[&str],
    workers: &[&str],
) -> Result<String> {
    let nodes = |names: &[&str]| -> Result<String> {
        let entry = |name: &&str| Ok(format!("{name} = \"{}\"", record.host(name)?.address));
        Ok(names.iter().map(entry).collect::<Result<Vec<_>>>()?.join(", "))
    };
    Ok(format!(
        r#"
release_source   = "{site}"
control_plane    = {{ {control_plane} }}
workers          = {{ {workers} }}
user             = "root"
private_key_file = "{key}"
known_hosts_file = "{known}"
cluster = {{
{LIKE_A_CONTAINER}}}
"#,
        site = site.display(),
        control_plane = nodes(control_plane)?,
        workers = nodes(workers)?,
        key = record.private_key.display(),
        known = record.known_hosts.display(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_that_are_not_there_are_named() {
        let folder = env::temp_dir().join(format!("groma-lab-site-{}", std::process::id()));
        let place = |(channel, number): (&str, u32)| {
            folder.join(format!("kubernetes-{channel}/kubernetes-{channel}-eks-{number}.yaml"))
        };
        for (number, release) in RELEASES.into_iter().enumerate() {
            let error = has(&folder, &RELEASES).expect_err("it is not there").to_string();
            assert!(error.contains(&place(release).display().to_string()), "{number}: {error}");
            let manifest = place(release);
            std::fs::create_dir_all(manifest.parent().expect("is in a folder")).expect("can be made");
            std::fs::write(manifest, "").expect("can be written");
        }
        has(&folder, &RELEASES).expect("all are there");
        std::fs::remove_dir_all(&folder).expect("is ours");
    }
}
