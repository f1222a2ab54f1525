//! Where states are: what the backend block says, and what `init -backend-config` adds to it, which is kept where Terraform
//! keeps it, in `terraform.tfstate` of the data folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use config::{Backend, BackendArguments};
use diag::Diagnostic;
use serde_json::{Value, json};
use state::manager::write_new;

use crate::cli::TERRAFORM_VERSION;

/// Where states are: the `local` backend's arguments.
#[derive(Clone, Debug, Default)]
pub struct BackendPaths {
    pub path: Option<PathBuf>,
    pub workspace_dir: Option<PathBuf>,
}

/// The backend that the folder was initialised with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initialised {
    ty: String,
    arguments: BackendArguments,
    /// What the backend block said then; not known if Terraform initialised it.
    block: Option<BackendArguments>,
}

impl Initialised {
    /// Of a `local` backend whose block says one thing and whose options may say another.
    pub fn new(block: Option<&Backend>, given: BackendArguments) -> Self {
        let block = said(block);
        let arguments = BackendArguments {
            path: given.path.or_else(|| block.path.clone()),
            workspace_dir: given.workspace_dir.or_else(|| block.workspace_dir.clone()),
        };
        Self { ty: LOCAL.into(), arguments, block: Some(block) }
    }

    pub fn paths(&self) -> BackendPaths {
        self.arguments.clone().into()
    }

    pub fn read(data_dir: &Path) -> Result<Option<Self>, Diagnostic> {
        let path = data_dir.join(FILE);
        let damaged = |problem: String| {
            Diagnostic::error(
                "Failed to read the backend's configuration",
                format!(
                    "{} says where the state is, but {problem} Mend it, or remove it and run \"groma init\" again.",
                    path.display()
                ),
            )
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(damaged(format!("cannot be read: {error}."))),
        };
        let file: Value = serde_json::from_str(&text).map_err(|e| damaged(format!("is not JSON: {e}.")))?;
        let backend = &file["backend"];
        let Some(ty) = backend["type"].as_str().filter(|ty| !ty.is_empty()) else { return Ok(None) };
        let block = &backend[BLOCK];
        Ok(Some(Self {
            ty: ty.to_owned(),
            arguments: arguments(&backend["config"]),
            block: block.is_object().then(|| arguments(block)),
        }))
    }

    pub fn write(&self, data_dir: &Path) -> std::io::Result<()> {
        let json = |a: &BackendArguments| json!({ "path": a.path, "workspace_dir": a.workspace_dir });
        let file = json!({
            "version": 3,
            "terraform_version": TERRAFORM_VERSION,
            "backend": {
                "type": self.ty,
                "config": json(&self.arguments),
                "hash": 0,
                BLOCK: self.block.as_ref().map(json),
            },
        });
        std::fs::create_dir_all(data_dir)?;
        write_new(&data_dir.join(FILE), format!("{file:#}\n"))
    }

    pub fn remove(data_dir: &Path) -> std::io::Result<()> {
        match std::fs::remove_file(data_dir.join(FILE)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The paths that hold: what the folder was initialised with goes before the block it was initialised from. Where the two do
/// not fit, the state could be in either place, and taking the wrong one would plan to create everything again.
pub fn paths(block: Option<&Backend>, initialised: Option<&Initialised>) -> Result<BackendPaths, Diagnostic> {
    let now = said(block);
    let Some(initialised) = initialised else { return Ok(now.into()) };
    if initialised.ty != LOCAL {
        return Err(needs_init(format!(
            "This folder was initialised with the backend \"{}\", so that is where its state is. Groma keeps states in local \
             files only. Fetch the state with `terraform state pull` into the file that is to hold it.",
            initialised.ty
        )));
    }
    let then = &initialised.arguments;
    if initialised.block.as_ref() == Some(&now) {
        return Ok(then.clone().into());
    }
    let contradicts = |now: &Option<String>, then: &Option<String>| now.is_some() && now != then;
    if initialised.block.is_some()
        || contradicts(&now.path, &then.path)
        || contradicts(&now.workspace_dir, &then.workspace_dir)
    {
        return Err(needs_init(format!(
            "The backend block has changed since this folder was initialised: the state was in {} then. If it is to be \
             elsewhere from now on, move the file there.",
            then.path.as_deref().unwrap_or("terraform.tfstate"),
        )));
    }
    Ok(then.clone().into())
}

impl From<BackendArguments> for BackendPaths {
    fn from(arguments: BackendArguments) -> Self {
        Self { path: arguments.path.map(Into::into), workspace_dir: arguments.workspace_dir.map(Into::into) }
    }
}

fn said(block: Option<&Backend>) -> BackendArguments {
    block.map_or_else(BackendArguments::default, |block| BackendArguments {
        path: block.path.clone(),
        workspace_dir: block.workspace_dir.clone(),
    })
}

fn arguments(json: &Value) -> BackendArguments {
    let text = |name: &str| json[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    BackendArguments { path: text("path"), workspace_dir: text("workspace_dir") }
}

fn needs_init(why: String) -> Diagnostic {
    Diagnostic::error(
        "Backend initialization required, please run \"groma init\"",
        format!(
            "{why} Then run \"groma init -reconfigure\", which makes groma use what the configuration says, or \
             \"groma init -backend-config=path=FILE\"."
        ),
    )
}

const LOCAL: &str = "local";
const FILE: &str = "terraform.tfstate";
const BLOCK: &str = "groma_block";
