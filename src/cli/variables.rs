//! Values of root variables, from everywhere they may come from.

use std::io;
use std::path::Path;

use addrs::Name;
use config::{
    Module, RawVariable, VariableInput, VariableSource, Variables, auto_variable_files, missing_variables,
    parse_var_option, read_tfvars,
};
use diag::{Diagnostics, Sources};

use crate::cli::arguments::Assignment;
use crate::cli::prompt::{Echo, ask};
use crate::cli::settings::{Process, VAR_PREFIX};

/// Whether the user may be asked for what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompting {
    Allowed,
    Never,
}

type Inputs = Vec<(Name, VariableInput)>;

/// Gathers values, lowest precedence first, checks them against the declarations, and asks for what is missing.
pub fn collect(
    module: &Module,
    assignments: &[Assignment],
    process: &Process,
    sources: &Sources,
    prompting: Prompting,
) -> (Variables, Diagnostics) {
    let (mut inputs, mut found) = gather(assignments, process, sources);
    let (variables, missing, diagnostics) = Variables::collect(module, inputs.clone(), sources);
    if missing.is_empty() || prompting == Prompting::Never || found.has_errors() || diagnostics.has_errors() {
        found.extend(diagnostics);
        found.extend(missing_variables(module, &missing));
        return (variables, found);
    }
    for name in missing {
        match prompt(module, &name) {
            Ok(Some(text)) => inputs.push((name, text_input(VariableSource::Prompt, text))),
            Ok(None) | Err(_) => found.extend(missing_variables(module, &[name])),
        }
    }
    let (variables, _, diagnostics) = Variables::collect(module, inputs, sources);
    found.extend(diagnostics);
    (variables, found)
}

fn gather(assignments: &[Assignment], process: &Process, sources: &Sources) -> (Inputs, Diagnostics) {
    let mut found = Diagnostics::new();
    let mut inputs: Inputs = process
        .variables
        .iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(VAR_PREFIX)?;
            Some((name.into(), text_input(VariableSource::Environment, value.clone())))
        })
        .collect();
    match auto_variable_files(Path::new(".")) {
        Ok(paths) => {
            for path in paths {
                inputs.extend(read_file(&path, FileKind::Automatic, sources, &mut found));
            }
        }
        Err(error) => found.error("Failed to list variables files", format!("{error}.")),
    }
    for assignment in assignments {
        match assignment {
            Assignment::File(path) => inputs.extend(read_file(path, FileKind::Given, sources, &mut found)),
            Assignment::Value(text) => match parse_var_option(text) {
                Ok(input) => inputs.push(input),
                Err(diagnostic) => found.push(diagnostic),
            },
        }
    }
    (inputs, found)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Automatic,
    Given,
}

fn read_file(path: &Path, kind: FileKind, sources: &Sources, found: &mut Diagnostics) -> Inputs {
    let name = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let detail = match error.kind() {
                io::ErrorKind::NotFound => format!("Given variables file {name} does not exist."),
                _ => format!("Error while reading {name}: {error}."),
            };
            found.error("Failed to read variables file", detail);
            return Inputs::new();
        }
    };
    let (mut inputs, diagnostics) = read_tfvars(&name, &text, sources);
    found.extend(diagnostics);
    for (_, input) in &mut inputs {
        input.source = VariableSource::File { name: name.clone(), explicit: kind == FileKind::Given };
    }
    inputs
}

fn text_input(source: VariableSource, text: String) -> VariableInput {
    VariableInput { source, raw: RawVariable::Text(text), span: None }
}

fn prompt(module: &Module, name: &Name) -> io::Result<Option<String>> {
    let variable = module.variables.get(name);
    let description =
        variable.and_then(|v| v.description.as_deref()).map(|d| format!("  {d}\n\n")).unwrap_or_default();
    let echo = if variable.is_some_and(|v| v.sensitive) { Echo::Hidden } else { Echo::Shown };
    ask(&format!("var.{name}\n{description}  Enter a value: "), echo)
}
