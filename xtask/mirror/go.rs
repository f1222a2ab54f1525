//! Building programs of Go modules, each in its own module's tree, so that the versions of all that it is made of are its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value as Json;

use crate::cargo::{output, run};
use crate::peers::find_on_path;

/// The toolchain, and where trees and programs are kept.
pub struct Go {
    program: PathBuf,
    /// `go1.26.8`.
    pub version: String,
    modules: PathBuf,
}

/// A module at a version, ready to be built in.
pub struct Module {
    tree: PathBuf,
    /// The commit and the time that its version was tagged at.
    pub commit: String,
    pub time: String,
}

impl Module {
    /// Where its sources are.
    pub fn tree(&self) -> &Path {
        &self.tree
    }
}

/// The tree that a module's programs are built in.
pub struct Wanted<'a> {
    pub path: &'a str,
    pub version: &'a str,
    /// The version at which its neighbours of the same repository are published, which it has as folders.
    pub neighbours: &'a str,
}

impl Go {
    pub fn new(cache: &Path) -> Result<Self> {
        let program = find_on_path("go").context("there is no go on PATH: install Go 1.26 or newer")?;
        let modules = cache.join("modules");
        fs::create_dir_all(&modules)?;
        let version = output(Command::new(&program).env("GOTOOLCHAIN", "local").args(["env", "GOVERSION"]))?;
        Ok(Self { program, version: version.trim().to_owned(), modules })
    }

    /// The module's tree, in which what upstream takes from its own folders comes from the module proxy.
    pub fn module(&self, wanted: &Wanted<'_>) -> Result<Module> {
        let Wanted { path, version, .. } = wanted;
        let said = output(self.command(&self.modules).args([
            "mod",
            "download",
            "-json",
            &format!("{path}@{version}"),
        ]))
        .with_context(|| format!("{path} {version} cannot be had"))?;
        let said: Json = serde_json::from_str(&said)?;
        let text =
            |name: &str| said[name].as_str().with_context(|| format!("go does not say the {name} of {path}"));
        let info: Json = serde_json::from_str(&fs::read_to_string(text("Info")?)?)?;
        let tree = self.modules.join(format!("{}@{version}", path.replace('/', "_")));
        if !tree.exists() {
            let beside = tree.with_extension("part");
            let _ = fs::remove_dir_all(&beside);
            run(Command::new("cp").arg("-r").arg(text("Dir")?).arg(&beside))?;
            run(Command::new("chmod").args(["-R", "u+w"]).arg(&beside))?;
            self.take_neighbours(&beside, wanted)?;
            fs::rename(&beside, &tree)?;
        }
        let origin = |name: &str| info["Origin"][name].as_str().unwrap_or_default().to_owned();
        Ok(Module {
            tree,
            commit: origin("Hash"),
            time: info["Time"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// Replaces folders beside the module, which are not part of it, by what is published of them.
    fn take_neighbours(&self, tree: &Path, wanted: &Wanted<'_>) -> Result<()> {
        let file: Json = serde_json::from_str(&output(self.command(tree).args(["mod", "edit", "-json"]))?)?;
        let list = |name: &str| file[name].as_array().cloned().unwrap_or_default();
        let required = list("Require");
        for replace in list("Replace") {
            let old = replace["Old"]["Path"].as_str().unwrap_or_default();
            if !replace["New"]["Path"].as_str().unwrap_or_default().starts_with('.') {
                continue;
            }
            let mut edit = self.command(tree);
            edit.args(["mod", "edit", &format!("-dropreplace={old}")]);
            let at = required.iter().find(|require| require["Path"] == old);
            if old.contains("/sample-") {
                // Examples, which no program is made of.
                edit.arg(format!("-droprequire={old}"));
            } else if at.is_some_and(|require| require["Version"] == "v0.0.0") {
                edit.arg(format!("-replace={old}={old}@{}", wanted.neighbours));
            }
            run(&mut edit)?;
        }
        Ok(())
    }

    /// Builds a static program, unless it is there. The same sources, toolchain and flags give the same bytes.
    pub fn build(&self, module: &Module, package: &str, flags: &str, program: &Path) -> Result<()> {
        self.build_in(&module.tree, package, flags, program)
    }

    /// Builds a program of a folder of our own.
    pub fn build_in(&self, folder: &Path, package: &str, flags: &str, program: &Path) -> Result<()> {
        if program.exists() {
            return Ok(());
        }
        let begun = Instant::now();
        let beside = program.with_extension("part");
        run(self
            .command(folder)
            .args(["build", "-trimpath", "-buildvcs=false", "-ldflags"])
            .arg(format!("-s -w -buildid= {flags}"))
            .arg("-o")
            .args([beside.as_os_str(), package.as_ref()]))?;
        fs::rename(&beside, program)?;
        let name = program.file_name().unwrap_or_default().display();
        eprintln!("mirror: built {name} in {:.0} s", begun.elapsed().as_secs_f64());
        Ok(())
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder);
        for (name, value) in [
            ("GOFLAGS", "-mod=mod"),
            ("GOTOOLCHAIN", "local"),
            ("GOWORK", "off"),
            ("CGO_ENABLED", "0"),
            ("GOOS", "linux"),
            ("GOARCH", "amd64"),
            ("GOAMD64", "v1"),
        ] {
            command.env(name, value);
        }
        command
    }
}
