//! `cargo xtask mirror`: EKS-D releases for tests, built from Go modules and laid out as the official site is, which is not
//! reached.
//!
//! What is the same: upstream's versions, folders, names, sums, manifests. What is not: EKS-D's patches are missing, only
//! linux/amd64 is there, and of images only what can be made of one static program: `pause` and `CoreDNS`.

mod archive;
mod go;
mod image;
mod manifest;
mod pins;
mod projects;
mod site;
mod tools;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rustix::fs::FlockOperation;

use self::go::Go;
use self::pins::RELEASES;
use crate::peers::cache_dir;

#[derive(clap::Args)]
pub struct Args {
    /// Only releases of this channel.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let cache = cache_dir()?.join("mirror");
    let built = cache.join("built");
    fs::create_dir_all(&built).with_context(|| format!("{} cannot be made", built.display()))?;
    let lock = fs::File::create(cache.join("lock"))?;
    if rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        eprintln!("mirror: waiting for the one that is being built");
        rustix::fs::flock(&lock, FlockOperation::LockExclusive)?;
    }
    let begun = Instant::now();
    let go = Go::new(&cache)?;
    let site = site_dir()?;
    let wanted = |channel: &str| args.channel.as_deref().is_none_or(|only| only == channel);
    let mut latest = BTreeMap::new();
    for release in RELEASES.iter().filter(|release| wanted(release.channel)) {
        let programs = projects::build(&go, &built, release)?;
        let manifest = site::lay_out(&site, release, &programs)?;
        eprintln!("mirror: {}", manifest.display());
        let newest = latest.entry(release.channel).or_insert(release.number);
        *newest = release.number.max(*newest);
        site::channel(&site, release.channel, *newest)?;
    }
    tools::build(&go, &cache)?;
    ensure!(!latest.is_empty(), "no release of this channel is built: there are 1-33 and 1-34");
    eprintln!("mirror: all there after {:.0} s, by {}", begun.elapsed().as_secs_f64(), go.version);
    println!("{}", site.display());
    Ok(())
}

/// Where the releases are, if they have been built.
pub fn site_dir() -> Result<PathBuf> {
    Ok(cache_dir()?.join("mirror").join("site"))
}
