//! Two package repositories inside the image, so that apt works without any network.
//!
//! `debian` is in the hosts' sources and has real Debian packages and small ones in two versions; `extra` is not,
//! is signed by a key of its own, and lies beside it for those who test adding a repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{command, feed, run};
use crate::image::write;

/// Makes both, with the archives of `downloads` that are not installed in the image.
pub(crate) fn create(root: &Path, downloads: &Path) -> Result<()> {
    let home = root.join(FOLDER);
    for (name, packages) in [("debian", DEBIAN), ("extra", EXTRA)] {
        let folder = home.join(name);
        fs::create_dir_all(&folder)?;
        if name == "debian" {
            copy_missing(root, downloads, &folder)?;
        }
        for package in packages {
            for version in VERSIONS {
                build(&folder, package, version)?;
            }
        }
        sign(&folder)?;
    }
    // A key that signed neither: what a host must refuse.
    fs::create_dir_all(home.join("other"))?;
    key(&home.join("other"), |_| Ok(()))?;
    let source = format!("deb [signed-by=/{FOLDER}/debian/key.asc] file:/{FOLDER}/debian ./\n");
    write(root, "etc/apt/sources.list", &source, 0o644)?;
    run(&mut command("chroot", [root.as_os_str(), "apt-get".as_ref(), "update".as_ref()]))
        .context("the lab's package repository is not one")?;
    Ok(())
}

fn copy_missing(root: &Path, downloads: &Path, folder: &Path) -> Result<()> {
    let status = fs::read_to_string(root.join("var/lib/dpkg/status"))?;
    let installed: BTreeSet<&str> =
        status.lines().filter_map(|line| line.strip_prefix("Package: ")).collect();
    for entry in fs::read_dir(downloads)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((package, _)) = name.split_once('_') else { continue };
        if name.ends_with(".deb") && !installed.contains(package) {
            fs::copy(entry.path(), folder.join(name.replace("%3a", ":").replace(':', "-")))?;
        }
    }
    Ok(())
}

/// Builds a package with one command and one configuration file, both of which tell its version.
fn build(folder: &Path, package: &str, version: &str) -> Result<()> {
    let tree = folder.join("tree");
    let control = format!(
        "Package: {package}\nVersion: {version}\nArchitecture: all\nMaintainer: groma <lab@groma.invalid>\n\
         Section: misc\nPriority: optional\nDescription: a small package of groma's lab\n"
    );
    write(&tree, "DEBIAN/control", &control, 0o644)?;
    write(&tree, "DEBIAN/conffiles", &format!("/etc/{package}.conf\n"), 0o644)?;
    write(&tree, &format!("etc/{package}.conf"), &format!("version = {version}\n"), 0o644)?;
    write(&tree, &format!("usr/bin/{package}"), &format!("#!/bin/sh\necho {package} {version}\n"), 0o755)?;
    let (tree_name, target) = (tree.display().to_string(), folder.display().to_string());
    run(&mut command("dpkg-deb", ["--build", "--root-owner-group", &tree_name, &target]))?;
    fs::remove_dir_all(&tree)?;
    Ok(())
}

/// Writes a flat repository's lists, and signs them with a key made for it.
fn sign(folder: &Path) -> Result<()> {
    let packages = run(command("dpkg-scanpackages", ["--multiversion", "."]).current_dir(folder))?;
    fs::write(folder.join("Packages"), &packages)?;
    let sum = run(command("sha256sum", ["Packages"]).current_dir(folder))?;
    let sum = sum.split_whitespace().next().context("sha256sum prints a sum")?;
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let release = format!(
        "Origin: groma-lab\nLabel: {name}\nSuite: lab\nCodename: lab\nArchitectures: amd64 arm64 all\n\
         Date: {}\nSHA256:\n {sum} {} Packages\n",
        run(command("date", ["-u", "-R"]).env("LC_ALL", "C"))?.trim().replace("+0000", "UTC"),
        packages.len(),
    );
    fs::write(folder.join("Release"), &release)?;
    key(folder, |home| {
        let signed = feed(&mut gpg(home, &["--clearsign"]), release.as_bytes())?;
        fs::write(folder.join("InRelease"), signed)?;
        Ok(())
    })
}

/// Makes a key, lets it be used, and keeps only its public half, as `key.asc` and `key.gpg`.
fn key(folder: &Path, using: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    // An agent's socket has a short name at most, so the key's home cannot lie deep in the image.
    let home = std::env::temp_dir().join(format!("groma-lab-key-{}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&home)?;
    let made = (|| {
        let user = format!("groma lab {} <lab@groma.invalid>", folder.display());
        run(&mut gpg(&home, &["--quick-generate-key", &user, "ed25519", "sign", "never"]))?;
        using(&home)?;
        fs::write(folder.join("key.asc"), run(&mut gpg(&home, &["--armor", "--export"]))?)?;
        let binary = folder.join("key.gpg").display().to_string();
        run(&mut gpg(&home, &["--output", &binary, "--export"]))?;
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o644))?;
        Ok(())
    })();
    let home_name = home.display().to_string();
    let _ = run(&mut command("gpgconf", ["--homedir", &home_name, "--kill", "all"]));
    fs::remove_dir_all(&home)?;
    made
}

fn gpg(home: &Path, arguments: &[&str]) -> std::process::Command {
    let mut gpg = command("gpg", ["--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"]);
    gpg.arg("--homedir").arg(home).args(arguments);
    gpg
}

/// Below the image's root.
pub(crate) const FOLDER: &str = "srv/groma-lab";
const DEBIAN: &[&str] = &["lab-alpha", "lab-beta"];
const EXTRA: &[&str] = &["lab-gamma"];
const VERSIONS: &[&str] = &["1.0", "2.0"];
