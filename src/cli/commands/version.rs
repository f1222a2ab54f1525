use crate::cli::arguments::VersionArgs;
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::{TERRAFORM_VERSION, VERSION};

/// `groma version`.
pub fn run(context: &Context, args: &VersionArgs) -> Result<Exit, Failed> {
    let platform = format!("{}_{}", std::env::consts::OS, arch());
    if args.json {
        let json = serde_json::json!({
            "groma_version": VERSION,
            "terraform_version": TERRAFORM_VERSION,
            "platform": platform,
            "provider_selections": {},
            "terraform_outdated": false,
        });
        context.streams.line(format!("{json:#}"));
    } else {
        context.streams.line(format!(
            "Groma v{VERSION}\non {platform}\ncompatible with the language and formats of Terraform v{TERRAFORM_VERSION}"
        ));
    }
    Ok(Exit::Success)
}

/// The processor's name as Go and Terraform write it.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
