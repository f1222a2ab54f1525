use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use addrs::ProviderAddr;
use config::{Config, Manifest};
use diag::{Diagnostic, Diagnostics};

use crate::cli::VERSION;
use crate::cli::arguments::{InitArgs, StateFile};
use crate::cli::cli_config::CliConfig;
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::lock_file;

/// `groma init`: everything is in the binary, so there is nothing to download; what is checked is that the
/// providers named are among them, and the lock file is kept so that Terraform can go on from here.
pub fn run(context: &Context, args: &InitArgs) -> Result<Exit, Failed> {
    context.view.note("\nInitializing the backend...\n");
    let config = context.load_config()?;
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
    let Ok(opened) = context.state(Some(config), &StateFile::default()).read() else { return Ok(()) };
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
