use std::io::Read;
use std::path::{Path, PathBuf};

use diag::{Diagnostic, Diagnostics};
use similar::TextDiff;

use crate::cli::arguments::FmtArgs;
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;

/// `groma fmt`.
pub fn run(context: &Context, args: &FmtArgs) -> Result<Exit, Failed> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return standard_input(context, args);
    }
    let mut found = Diagnostics::new();
    let mut files = Vec::new();
    let here = [PathBuf::from(".")];
    for path in if args.paths.is_empty() { &here[..] } else { &args.paths } {
        collect(path, args.recursive, &mut files, &mut found);
    }
    let mut changed = false;
    for file in files {
        match format_file(context, args, &file) {
            Ok(differs) => changed |= differs,
            Err(diagnostics) => found.extend(diagnostics),
        }
    }
    if found.has_errors() {
        context.view.diagnostics(&found, &context.sources);
        return Ok(Exit::Changes);
    }
    Ok(if args.check && changed { Exit::Unformatted } else { Exit::Success })
}

fn standard_input(context: &Context, args: &FmtArgs) -> Result<Exit, Failed> {
    let mut text = String::new();
    if args.paths.len() > 1 {
        return Err(context.fail(Diagnostic::error(
            "Invalid fmt arguments",
            "Option - (standard input) cannot be used together with files and folders.",
        )));
    }
    std::io::stdin().read_to_string(&mut text).map_err(|error| {
        context.fail(Diagnostic::error("Failed to read standard input", format!("{error}.")))
    })?;
    let file = context.sources.add("<stdin>", text.as_str());
    match syntax::format(file, &text) {
        Ok(formatted) => {
            let differs = formatted != text;
            if args.diff && differs {
                context.streams.out(diff("<stdin>", &text, &formatted));
            } else if !args.check {
                context.streams.out(formatted);
            }
            Ok(if args.check && differs { Exit::Unformatted } else { Exit::Success })
        }
        Err(found) => {
            context.view.diagnostics(&found, &context.sources);
            Ok(Exit::Changes)
        }
    }
}

fn collect(path: &Path, recursive: bool, files: &mut Vec<PathBuf>, found: &mut Diagnostics) {
    if path.is_file() {
        if is_formatted_kind(path) {
            files.push(path.to_owned());
        } else {
            found.error(
                "Unsupported file",
                format!(
                    "Only .tf, .tfvars and .tftest.hcl files can be processed; {} is none of them.",
                    path.display()
                ),
            );
        }
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else {
        found.error("No such file or folder", format!("No file or directory at {}.", path.display()));
        return;
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            if recursive {
                collect(&path, recursive, files, found);
            }
        } else if is_formatted_kind(&path) {
            files.push(path);
        }
    }
}

fn is_formatted_kind(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl"].iter().any(|ending| name.ends_with(ending))
}

/// Formats one file; true when its style differed.
fn format_file(context: &Context, args: &FmtArgs, path: &Path) -> Result<bool, Diagnostics> {
    let name = path.strip_prefix("./").unwrap_or(path).display().to_string();
    let failed = |error: std::io::Error| {
        Diagnostics::from(Diagnostic::error("Failed to format a file", format!("{name}: {error}.")))
    };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let file = context.sources.add(name.as_str(), text.as_str());
    let formatted = syntax::format(file, &text)?;
    if formatted == text {
        return Ok(false);
    }
    if args.list {
        context.streams.line(&name);
    }
    if args.diff {
        context.streams.out(diff(&name, &text, &formatted));
    }
    if args.write && !args.check {
        replace(path, &formatted).map_err(failed)?;
    }
    Ok(true)
}

/// Puts the new text in place whole, with the old file's permissions.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let target = std::fs::canonicalize(path)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".groma-").tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().set_permissions(std::fs::metadata(&target)?.permissions())?;
    temporary.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

fn diff(name: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&format!("old/{name}"), &format!("new/{name}"))
        .to_string()
}
