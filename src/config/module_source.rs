//! Where a module call's source leads.

use std::path::PathBuf;

use addrs::ModulePath;
use diag::Diagnostic;

use crate::version::{Version, VersionConstraints};
use crate::{Manifest, ManifestRecord, ModuleCall};

/// Where a module's files are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// The source is missing, which has been reported.
    None,
    /// In the folder that the source names, from the caller's.
    Local,
    /// Where `terraform init` has installed it, from the root's folder.
    Installed(PathBuf),
}

/// Finds a module's files: beside the caller's, or among those that are installed.
pub(crate) fn locate(
    call: &ModuleCall,
    path: &ModulePath,
    manifest: &Manifest,
) -> Result<Location, Diagnostic> {
    if call.source.is_empty() {
        return if call.source_span == call.span {
            Ok(Location::None)
        } else {
            let detail = "A module source must not be empty: write the folder of the module, such as \"./modules/net\".";
            Err(Diagnostic::error("Invalid module source address", detail).at(call.source_span))
        };
    }
    if is_local(&call.source) {
        return if call.version.is_some() { Err(version_of_local(call)) } else { Ok(Location::Local) };
    }
    match manifest.get(path) {
        Some(record) if same_source(&record.source, &call.source) => installed(call, record),
        Some(_) => Err(Diagnostic::error(
            "Module source has changed",
            "The source address was changed since this module was installed. Run \"terraform init\" to install all \
             modules required by this configuration.",
        )
        .at(call.source_span)),
        None => Err(not_local(call)),
    }
}

/// True for a folder named from the calling module's.
pub(crate) fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../") || source == ".."
}

/// The manifest has registry addresses with their host.
fn same_source(installed: &str, written: &str) -> bool {
    installed == written || installed.strip_suffix(written).is_some_and(|host| host.ends_with('/'))
}

fn installed(call: &ModuleCall, record: &ManifestRecord) -> Result<Location, Diagnostic> {
    if let (Some(constraint), Some(version)) = (&call.version, &record.version) {
        let allowed = match (constraint.parse::<VersionConstraints>(), version.parse::<Version>()) {
            (Ok(constraint), Ok(version)) => constraint.allow(&version),
            _ => false,
        };
        if !allowed {
            let detail = format!(
                "The version requirements have changed since this module was installed and the installed version \
                 ({version}) is no longer acceptable. Run \"terraform init\" to install all modules required by this \
                 configuration."
            );
            let summary = "Module version requirements have changed";
            return Err(Diagnostic::error(summary, detail).at(call.source_span));
        }
    }
    Ok(Location::Installed(record.dir.clone()))
}

fn version_of_local(call: &ModuleCall) -> Diagnostic {
    let detail = format!(
        "Failed to parse module registry address: can't use local directory \"{}\" as a module registry address.\n\nA \
         module registry source address was expected because you also set the argument \"version\", which applies only \
         to registry modules.",
        call.source
    );
    Diagnostic::error("Invalid registry module source address", detail).at(call.source_span)
}

/// Explains a source that is no folder beside the configuration.
fn not_local(call: &ModuleCall) -> Diagnostic {
    let ModuleCall { name, source, .. } = call;
    if !source.contains(['/', ':', '\\']) {
        let detail = format!(
            "The source \"{source}\" of module \"{name}\" is neither a local folder nor an address.\n\nIf you intended \
             this as a path relative to the current module, use \"./{source}\" instead. The \"./\" prefix indicates that \
             the address is a relative filesystem path."
        );
        return Diagnostic::error("Invalid module source address", detail).at(call.source_span);
    }
    let detail = format!(
        "Module \"{name}\" comes from \"{source}\", and groma does not download modules. Either copy the module into a \
         folder of this repository and write its path, such as source = \"./modules/{name}\", or let \"terraform init\" \
         install it: modules listed in .terraform/modules/modules.json are used."
    );
    Diagnostic::error("Module not installed", detail).at(call.source_span)
}
