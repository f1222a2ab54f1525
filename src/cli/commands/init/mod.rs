mod place;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use addrs::ProviderAddr;
use config::{BackendArguments, Config, Manifest, read_backend_file};
use diag::{Diagnostic, Diagnostics};

use crate::cli::VERSION;
use crate::cli::arguments::{InitArgs, StateFile};
use crate::cli::backend::Initialised;
use crate::cli::cli_config::CliConfig;
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::lock_file;

/// `groma init`: everything is in the binary, so there is nothing to download; what is checked is that the
/// providers named are among them, and the lock file is kept so that Terraform can go on from here.
pub fn run(context: &Context, args: &InitArgs) -> Result<Exit, Failed> {
    context.view.note("\nInitializing the backend...\n");
    let config = context.load_config()?;
    if args.backend {
        keep_backend(context, &config, args)?;
    }
    if !config.root.module_calls.is_empty() {
        context.view.note("Initializing modules...\n");
        write_manifest(context, &config)?;
    }
    context.view.note("\nInitializing provider plugins...\n");
    let needed: BTreeSet<ProviderAddr> = config
        .providers
        .resources
        .values()
        .map(|p| p.provider.clone())
        .chain(config.providers.constraints.keys().cloned())
        .collect();
    let mut missing = Diagnostics::new();
    for provider in &needed {
        if context.providers.get(provider).is_none() {
            missing.push(not_part(provider, &CliConfig::load(&context.process).0));
            continue;
        }
        context.view.note(&format!("- {} is built in to groma v{VERSION}\n", provider.for_display()));
    }
    context.show(&missing)?;
    if args.lockfile.as_deref() != Some("readonly") {
        keep_lock_file(context, &config, &needed)?;
    }
    let hint = if context.process.in_automation() { "" } else { HINT };
    context.view.note(&format!("\nGroma has been successfully initialized!\n{hint}"));
    Ok(Exit::Success)
}

/// Keeps what the options say of the backend, so that the other commands find the state.
fn keep_backend(context: &Context, config: &Config, args: &InitArgs) -> Result<(), Failed> {
    let data_dir = context.working_dir.data_dir();
    let given = backend_arguments(context, &args.backend_config)?;
    let kept = match given {
        Some(given) => {
            if config.root.backend.is_none() {
                context
                    .show(&Diagnostic::warning("Missing backend configuration", NO_BACKEND_BLOCK).into())?;
            }
            let initialised = Initialised::new(config.root.backend.as_ref(), given);
            let _locked = match args.reconfigure {
                true => Vec::new(),
                false => place::change_place(context, config, &initialised, args)?,
            };
            initialised.write(data_dir)
        }
        None if args.reconfigure => Initialised::remove(data_dir),
        None => return context.backend_paths(config).map(drop),
    };
    kept.map_err(|error| {
        let detail =
            format!("The backend's configuration in {} could not be written: {error}.", data_dir.display());
        context.fail(Diagnostic::error("Failed to keep the backend's configuration", detail))
    })
}

/// `-backend-config`, of which later ones win: `KEY=VALUE`, or a file of such arguments.
fn backend_arguments(context: &Context, options: &[String]) -> Result<Option<BackendArguments>, Failed> {
    let mut all = BackendArguments::default();
    for option in options {
        match option.split_once('=') {
            Some(("path", value)) => all.path = Some(value.to_owned()),
            Some(("workspace_dir", value)) => all.workspace_dir = Some(value.to_owned()),
            Some((name, _)) => {
                let detail = format!(
                    "The backend configuration argument \"{name}\" given on the command line is not expected for the selected \
                     backend type: \"local\" has path and workspace_dir."
                );
                return Err(context.fail(Diagnostic::error("Invalid backend configuration argument", detail)));
            }
            None => {
                let text = std::fs::read_to_string(option).map_err(|error| {
                    let detail = format!("The file {option} of -backend-config cannot be read: {error}.");
                    context.fail(Diagnostic::error("Failed to read file", detail))
                })?;
                let (arguments, diagnostics) = read_backend_file(option, &text, &context.sources);
                context.show(&diagnostics)?;
                all.path = arguments.path.or(all.path);
                all.workspace_dir = arguments.workspace_dir.or(all.workspace_dir);
            }
        }
    }
    Ok((!options.is_empty()).then_some(all))
}

/// Begins the lock file, or takes out what neither the configuration nor the state needs.
fn keep_lock_file(context: &Context, config: &Config, needed: &BTreeSet<ProviderAddr>) -> Result<(), Failed> {
    let path = Path::new(lock_file::NAME);
    let failed = |problem: String| {
        let detail = format!("{}: {problem}", lock_file::NAME);
        context.fail(Diagnostic::error("Failed to update the dependency lock file", detail))
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return std::fs::write(path, lock_file::HEADER).map_err(|error| failed(format!("{error}.")));
        }
        Err(error) => return Err(failed(format!("{error}."))),
    };
    // Where the state cannot be read, what it needs is not known; the command that needs it says why.
    let Ok(opened) = context.state(config, &StateFile::default())?.read() else { return Ok(()) };
    let in_state = |provider: &ProviderAddr| {
        opened.state.resources.values().any(|resource| resource.provider.provider == *provider)
    };
    let kept = lock_file::without_unneeded(&text, |provider| needed.contains(provider) || in_state(provider))
        .map_err(|error| {
            failed(format!("{error}\n\nMend the file, or remove it: groma needs nothing in it."))
        })?;
    if kept == text {
        return Ok(());
    }
    std::fs::write(path, kept).map_err(|error| failed(format!("{error}.")))
}

/// Lists the modules where Terraform expects them; those it has installed keep their records.
fn write_manifest(context: &Context, config: &Config) -> Result<(), Failed> {
    let data_dir = context.working_dir.data_dir();
    let written = Manifest::read(data_dir).and_then(|manifest| manifest.updated(config).write(data_dir));
    written.map_err(|error| {
        let detail = format!("The list of modules in {} could not be written: {error}.", data_dir.display());
        context.fail(Diagnostic::error("Failed to update module manifest", detail))
    })
}

fn not_part(provider: &ProviderAddr, cli_config: &CliConfig) -> Diagnostic {
    let mirrors = if cli_config.has_provider_installation() { MIRRORS } else { "" };
    Diagnostic::error(
        "Provider not available",
        format!(
            "The configuration needs the provider {}, which is not part of groma v{VERSION}. The command \"groma providers\" shows \
             which module asks for it. If the name is mistyped, mend its source in required_providers.{mirrors}",
            provider.for_display()
        ),
    )
}

const HINT: &str = "\nYou may now begin working with groma. Try running \"groma plan\" to see\nany changes that are required for your infrastructure.\n";
const MIRRORS: &str =
    " The provider_installation of the CLI configuration is not looked at: groma's providers are built in.";
const NO_BACKEND_BLOCK: &str = "-backend-config was used without a \"backend\" block in the configuration, so it is the default \
local backend that it configures. An explicit block makes this warning go away:\n\nterraform {\n  backend \"local\" {}\n}";
