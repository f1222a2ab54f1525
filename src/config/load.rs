use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use addrs::ModulePath;
use diag::{Diagnostic, Diagnostics, Sources};

use crate::cx::Cx;
use crate::files::Files;
use crate::merge::Assembly;
use crate::module_source::{self, Location};
use crate::version::{Version, VersionConstraints};
use crate::{
    Config, Manifest, Module, ModuleCall, ProviderMap, RequiredVersion, file, files, place, providers,
};

/// How to load.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The Terraform version that `required_version` constraints are checked against.
    pub terraform_version: String,
    /// Where `init` keeps what it has installed, relative to the root's folder (`TF_DATA_DIR`).
    pub data_dir: PathBuf,
    /// Where the files are: on disk, or in a saved plan.
    pub files: Files,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            terraform_version: TERRAFORM_VERSION.to_owned(),
            data_dir: PathBuf::from(".terraform"),
            files: Files::Disk,
        }
    }
}

/// The Terraform version whose language is implemented.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// Module calls deeper than this are taken for a mistake.
const MAX_DEPTH: usize = 100;

/// More modules than this are taken for a mistake: calls multiply where each level calls the next twice.
const MAX_MODULES: usize = 20_000;

/// Loads the configuration in a folder and all local modules it calls. The value is as complete as the errors allow.
pub fn load(dir: &Path, sources: &Sources, options: &LoadOptions) -> (Config, Diagnostics) {
    let mut loader = Loader {
        root: dir,
        sources,
        options,
        manifest: Manifest::default(),
        folders: BTreeMap::new(),
        modules: 0,
        diagnostics: Diagnostics::new(),
    };
    match Manifest::read(&dir.join(&options.data_dir)) {
        Ok(manifest) => loader.manifest = manifest,
        Err(error) => loader.diagnostics.error(
            "Failed to read module manifest file",
            format!(
                "The manifest of installed modules in {} could not be read: {error}. Run \"groma init\" to write it anew.",
                options.data_dir.display()
            ),
        ),
    }
    let root = loader.root_module();
    let mut diagnostics = loader.diagnostics;
    let mut config = Config {
        root: Arc::new(root),
        sources: sources.clone(),
        providers: Arc::new(ProviderMap::default()),
    };
    let (map, found) = providers::resolve(&config);
    diagnostics.extend(found);
    config.providers = Arc::new(map);
    (config, diagnostics)
}

/// Loads one folder without its children.
pub fn load_module_dir(dir: &Path, sources: &Sources) -> (Module, Diagnostics) {
    match load_folder(&Files::Disk, dir, Path::new("."), sources) {
        Ok((module, diagnostics)) => (module, diagnostics),
        Err(error) => (Module::default(), unreadable_root(dir, &error).into()),
    }
}

struct Loader<'a> {
    root: &'a Path,
    sources: &'a Sources,
    options: &'a LoadOptions,
    manifest: Manifest,
    /// Folders read already, by their path from the root's: several calls of one folder share what was read.
    folders: BTreeMap<PathBuf, Arc<Module>>,
    modules: usize,
    diagnostics: Diagnostics,
}

impl Loader<'_> {
    fn root_module(&mut self) -> Module {
        let here = PathBuf::from(".");
        match load_folder(&self.options.files, self.root, &here, self.sources) {
            Ok((module, diagnostics)) => {
                self.check_versions(&module, None);
                self.diagnostics.extend(diagnostics);
                // Not kept for other calls: none can lead to the root's folder without end.
                self.place(&module, ModulePath::root(), &mut vec![self.real(&here)])
            }
            Err(error) => {
                self.diagnostics.push(unreadable_root(self.root, &error));
                Module { dir: here, ..Module::default() }
            }
        }
    }

    /// A folder's module at a path, with its children. `open` holds the folders on the way here.
    fn place(&mut self, folder: &Module, path: ModulePath, open: &mut Vec<PathBuf>) -> Module {
        let mut module = folder.placed(path);
        self.modules += 1;
        if !module.path.is_root() {
            self.check_child(&module);
        }
        for call in folder.module_calls.values() {
            if let Some(child) = self.child(&module, call, open) {
                module.children.insert(call.name.clone(), Arc::new(child));
            }
        }
        module
    }

    fn child(&mut self, parent: &Module, call: &ModuleCall, open: &mut Vec<PathBuf>) -> Option<Module> {
        let path = parent.path.child(call.name.clone());
        let location = match module_source::locate(call, &path, &self.manifest) {
            Ok(location) => location,
            Err(error) => {
                self.diagnostics.push(error);
                return None;
            }
        };
        let dir = match &location {
            Location::None => return None,
            Location::Local => clean(&parent.dir.join(&call.source)),
            Location::Installed(dir) => clean(dir),
        };
        let real = self.real(&dir);
        if let Some(problem) = self.endless(&real, open, call) {
            self.diagnostics.push(problem);
            return None;
        }
        let folder = self.folder(&dir, &location, call, &path)?;
        open.push(real);
        let module = self.place(&folder, path, open);
        open.pop();
        Some(module)
    }

    /// A call that would be loaded without end, or nearly so.
    fn endless(&self, real: &Path, open: &[PathBuf], call: &ModuleCall) -> Option<Diagnostic> {
        let detail = if open.iter().any(|earlier| earlier == real) {
            format!(
                "The module \"{}\" is called from within itself: its source {} is a folder that this call lies in, so \
                 loading would never end. A module cannot call itself or the modules that call it.",
                call.name, call.source
            )
        } else if open.len() >= MAX_DEPTH {
            format!("Module calls may be nested up to {MAX_DEPTH} levels.")
        } else if self.modules >= MAX_MODULES {
            format!(
                "The configuration has more than {MAX_MODULES} module calls. Calls multiply where each module calls \
                 several others; use count or for_each for many instances of one."
            )
        } else {
            return None;
        };
        Some(Diagnostic::error("Module calls without end", detail).at(call.source_span))
    }

    fn folder(
        &mut self,
        dir: &Path,
        location: &Location,
        call: &ModuleCall,
        path: &ModulePath,
    ) -> Option<Arc<Module>> {
        if let Some(folder) = self.folders.get(dir) {
            return Some(Arc::clone(folder));
        }
        match load_folder(&self.options.files, &self.root.join(dir), dir, self.sources) {
            Ok((module, diagnostics)) => {
                self.check_versions(&module, Some((path, call)));
                self.diagnostics.extend(diagnostics);
                let module = Arc::new(module);
                self.folders.insert(dir.to_owned(), Arc::clone(&module));
                Some(module)
            }
            Err(error) => {
                self.diagnostics.push(self.unreadable(dir, location, call, &error));
                None
            }
        }
    }

    fn unreadable(
        &self,
        dir: &Path,
        location: &Location,
        call: &ModuleCall,
        error: &std::io::Error,
    ) -> Diagnostic {
        let (dir, reason) = (dir.display(), files::reason(error));
        if matches!(location, Location::Installed(_)) {
            let detail = format!(
                "This module's local cache directory {dir} could not be read: {reason}. Run \"terraform init\" to install \
                 all modules required by this configuration."
            );
            return Diagnostic::error("Module not installed", detail).at(call.source_span);
        }
        let detail = format!(
            "The directory {dir} could not be read for module \"{}\" at {}: {reason}. Correct the source address, which is \
             relative to the folder of the module that has the block.",
            call.name,
            place::start(self.sources, call.span)
        );
        Diagnostic::error("Unreadable module directory", detail).at(call.source_span)
    }

    /// The folder itself, by whichever path it is reached.
    fn real(&self, dir: &Path) -> PathBuf {
        let joined = self.root.join(dir);
        fs::canonicalize(&joined).unwrap_or(joined)
    }

    fn check_child(&mut self, module: &Module) {
        for import in &module.imports {
            let detail = format!(
                "An import block was detected in \"{}\". Import blocks are only allowed in the root module.",
                module.path
            );
            self.diagnostics.push(Diagnostic::error("Invalid import configuration", detail).at(import.span));
        }
        if let Some(backend) = &module.backend {
            let detail = "Any selected backend applies to the entire configuration, so a backend is expected only in the \
                          root module.\n\nThis is a warning rather than an error because it's sometimes convenient to \
                          temporarily call a root module as a child module for testing purposes, but this backend \
                          configuration block will have no effect.";
            self.diagnostics
                .push(Diagnostic::warning("Backend configuration ignored", detail).at(backend.span));
        }
    }

    fn check_versions(&mut self, module: &Module, call: Option<(&ModulePath, &ModuleCall)>) {
        let Ok(version) = self.options.terraform_version.parse::<Version>() else { return };
        for required in &module.required_versions {
            if !satisfied(required, &version) {
                let subject = match call {
                    None => "This configuration".to_owned(),
                    Some((path, call)) => format!("Module {path} (from {})", call.source),
                };
                let detail = format!(
                    "{subject} does not support Terraform version {version}. To proceed, either choose another supported \
                     Terraform version or update this version constraint. Version constraints are normally set for good \
                     reason, so updating the constraint may lead to other errors or unexpected behavior.",
                );
                self.diagnostics
                    .push(Diagnostic::error("Unsupported Terraform Core version", detail).at(required.span));
            }
        }
    }
}

fn satisfied(required: &RequiredVersion, version: &Version) -> bool {
    // Constraints that cannot be read have been reported and dropped.
    required.constraint.parse::<VersionConstraints>().is_ok_and(|constraints| constraints.allow(version))
}

/// Reads the files of one folder; `shown` is the folder as users see it.
fn load_folder(
    files: &Files,
    dir: &Path,
    shown: &Path,
    sources: &Sources,
) -> std::io::Result<(Module, Diagnostics)> {
    let listed = files.list(dir, shown)?;
    let mut cx = Cx::new(sources);
    let mut assembly = Assembly::default();
    for name in &listed.primary {
        let declarations = load_file(files, dir, shown, name, &mut cx);
        assembly.add(declarations, &mut cx);
    }
    cx.overriding = true;
    for name in &listed.overrides {
        let declarations = load_file(files, dir, shown, name, &mut cx);
        assembly.override_with(declarations, &mut cx);
    }
    let module = Module { dir: shown.to_owned(), ..assembly.finish(&mut cx) };
    Ok((module, cx.diagnostics))
}

fn load_file(files: &Files, dir: &Path, shown: &Path, name: &str, cx: &mut Cx<'_>) -> file::Declarations {
    let shown = clean(&shown.join(name));
    let (id, text) = match files.read(&dir.join(name), &shown.to_string_lossy(), cx.sources) {
        Ok(read) => read,
        Err(error) => {
            cx.push(error);
            return file::Declarations::default();
        }
    };
    let parse = if name.ends_with(".json") { syntax::parse_json_file } else { syntax::parse_file };
    let (body, diagnostics) = parse(id, &text);
    cx.extend(diagnostics);
    file::decode(&body, cx)
}

fn unreadable_root(dir: &Path, error: &std::io::Error) -> Diagnostic {
    let detail = format!(
        "Module directory {} does not exist or cannot be read: {}. Run groma in the folder of the configuration, or name \
         that folder with -chdir.",
        dir.display(),
        files::reason(error)
    );
    Diagnostic::error("Failed to read module directory", detail)
}

/// The path without `.` and without `x/..`, as far as that can be told from its text.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(cleaned.components().next_back(), Some(Component::Normal(_))) =>
            {
                cleaned.pop();
            }
            component => cleaned.push(component),
        }
    }
    if cleaned.as_os_str().is_empty() { PathBuf::from(".") } else { cleaned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_by_their_text() {
        for (path, cleaned) in [
            ("./a", "a"),
            ("./.", "."),
            ("a/../b", "b"),
            ("a/../../b", "../b"),
            ("../a/..", ".."),
            ("../../x", "../../x"),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(cleaned), "{path}");
        }
    }
}
