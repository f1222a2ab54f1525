use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use addrs::Name;
use diag::{Diagnostic, Diagnostics, Sources, Span};
use syntax::{BodySchema, Expr};
use value::{ConvertError, Marks, Value};

use crate::load::clean;
use crate::{Module, Variable, constant, files, place};

/// Where a value for a root variable came from, for messages; later ones win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource {
    Environment,
    /// A `terraform.tfvars`, `*.auto.tfvars` or `-var-file`.
    File {
        name: String,
        explicit: bool,
    },
    CommandLine,
    Prompt,
    /// A saved plan.
    Plan,
}

/// A value given for a root variable, not converted yet.
#[derive(Clone, Debug)]
pub struct VariableInput {
    pub source: VariableSource,
    pub raw: RawVariable,
    pub span: Option<Span>,
}

#[derive(Clone, Debug)]
pub enum RawVariable {
    /// From the environment, `-var` or the prompt: literal for string-typed variables, else an expression.
    Text(String),
    /// From a tfvars file: constant expressions.
    Expr(Expr),
    Value(Value),
}

/// Checked values of the root module's variables, by name.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    pub values: BTreeMap<Name, Value>,
    /// Names that were given explicitly (not by default), for the saved plan.
    pub set: Vec<Name>,
}

/// So many undeclared variables of files are warned about one by one.
const UNDECLARED_SHOWN: usize = 2;

impl Variables {
    /// Merges inputs (lowest precedence first) with the declarations: converts, fills defaults, refuses
    /// undeclared names as Terraform does for each source. Names without a value are returned for prompting.
    pub fn collect(
        module: &Module,
        inputs: Vec<(Name, VariableInput)>,
        sources: &Sources,
    ) -> (Self, Vec<Name>, Diagnostics) {
        // The last input of a name is the one that counts, for messages too.
        let inputs: BTreeMap<Name, VariableInput> = inputs.into_iter().collect();
        let mut variables = Self::default();
        let mut missing = Vec::new();
        let mut diagnostics = Diagnostics::new();
        report_undeclared(module, &inputs, &mut diagnostics);
        for (name, variable) in &module.variables {
            match inputs.get(name) {
                Some(input) => {
                    let value = given(variable, input, sources, &mut diagnostics);
                    variables.values.insert(name.clone(), marked(variable, value));
                    variables.set.push(name.clone());
                }
                None => match &variable.default {
                    Some(default) => {
                        variables.values.insert(name.clone(), marked(variable, default.clone()));
                    }
                    None => missing.push(name.clone()),
                },
            }
        }
        (variables, missing, diagnostics)
    }
}

/// The errors for required variables that nobody was asked for.
pub fn missing_variables(module: &Module, names: &[Name]) -> Diagnostics {
    let declared = names.iter().filter_map(|name| module.variables.get(name));
    declared
        .map(|variable| {
            let detail = format!(
                "The root module input variable \"{}\" is not set, and has no default value. Use a -var or -var-file \
                 command line argument to provide a value for this variable.",
                variable.name
            );
            Diagnostic::error("No value for required variable", detail).at(variable.span)
        })
        .collect()
}

/// Reads the argument of `-var`: `NAME=VALUE`.
pub fn parse_var_option(text: &str) -> Result<(Name, VariableInput), Diagnostic> {
    let invalid = |detail: String| Diagnostic::error("Invalid -var option", detail);
    let (name, value) = text.split_once('=').ok_or_else(|| {
        invalid(format!(
            "The given -var option \"{text}\" is not correctly specified. Must be a variable name and value separated by \
             an equals sign, like -var=\"key=value\"."
        ))
    })?;
    if name.ends_with(char::is_whitespace) {
        return Err(invalid(format!(
            "Variable name \"{name}\" is invalid due to trailing space. Did you mean -var=\"{}={}\"?",
            name.trim_end(),
            value.trim_start()
        )));
    }
    let raw = RawVariable::Text(value.to_owned());
    Ok((name.into(), VariableInput { source: VariableSource::CommandLine, raw, span: None }))
}

/// The variable files of a folder that are read without being named, in order of precedence, lowest first.
pub fn auto_variable_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut auto = Vec::new();
    for entry in fs::read_dir(dir)? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if (name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"))
            && !files::is_ignored(&name)
        {
            auto.push(name);
        }
    }
    auto.sort();
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"].map(str::to_owned);
    let fixed = fixed.into_iter().filter(|name| dir.join(name).is_file());
    // A path that is only a name is shown as one.
    Ok(fixed.chain(auto).map(|name| clean(&dir.join(name))).collect())
}

/// Reads a tfvars file (native, or JSON by its name).
pub fn read_tfvars(name: &str, text: &str, sources: &Sources) -> (Vec<(Name, VariableInput)>, Diagnostics) {
    let file = sources.add(name, text);
    let json = name.ends_with(".json");
    let (body, mut diagnostics) =
        if json { syntax::parse_json_file(file, text) } else { syntax::parse_file(file, text) };
    let (content, _, _) = body.partial_content(&BodySchema::new(&[], &[("variable", &["name"])]));
    if !json {
        for block in &content.blocks {
            diagnostics.push(declaration_in_tfvars(block, name));
        }
    }
    if diagnostics.has_errors() {
        return (Vec::new(), diagnostics);
    }
    let (attributes, found) = body.just_attributes();
    diagnostics.extend(found);
    // Strings of a JSON file are no templates here but mean themselves.
    let plain = json.then(|| value::json::from_plain_json(text).ok()).flatten();
    let inputs = attributes.into_iter().filter_map(|attribute| {
        let raw = match &plain {
            Some(object) => RawVariable::Value(object.attr(&attribute.name.name)?.clone()),
            None => RawVariable::Expr(attribute.expr.clone()),
        };
        let source = VariableSource::File { name: name.to_owned(), explicit: false };
        let input = VariableInput { source, raw, span: Some(attribute.expr.span) };
        Some((Name::from(attribute.name.name.as_str()), input))
    });
    (inputs.collect(), diagnostics)
}

/// What a conversion found wrong, with the place inside the value.
pub(crate) fn conversion_problem(error: &ConvertError) -> String {
    let path = error.path.to_string();
    if path.is_empty() { error.message.clone() } else { format!("{path}: {}", error.message) }
}

fn declaration_in_tfvars(block: &syntax::Block, file: &str) -> Diagnostic {
    let name = block.labels.first().map_or("", |label| label.value.as_str());
    let detail = format!(
        "A .tfvars file is used to assign values to variables that have already been declared in .tf files, not to \
         declare new variables. To declare variable \"{name}\", place this block in one of your .tf files, such as \
         variables.tf.\n\nTo set a value for this variable in {file}, use the definition syntax instead:\n    \
         {name} = <value>"
    );
    Diagnostic::error("Variable declaration in .tfvars file", detail).at(block.ty.span)
}

fn report_undeclared(module: &Module, inputs: &BTreeMap<Name, VariableInput>, diagnostics: &mut Diagnostics) {
    let mut in_files = 0;
    for (name, input) in inputs.iter().filter(|(name, _)| !module.variables.contains_key(*name)) {
        match &input.source {
            // The environment is for global settings, which not every configuration uses.
            VariableSource::Environment => {}
            VariableSource::File { name: file, .. } => {
                in_files += 1;
                if in_files <= UNDECLARED_SHOWN {
                    let detail = format!(
                        "The root module does not declare a variable named \"{name}\" but a value was found in file \
                         \"{file}\". If you meant to use this value, add a \"variable\" block to the \
                         configuration.\n\nTo silence these warnings, use TF_VAR_... environment variables to provide \
                         certain \"global\" settings to all configurations in your organization. To reduce the \
                         verbosity of these warnings, use the -compact-warnings option."
                    );
                    diagnostics
                        .push(Diagnostic::warning("Value for undeclared variable", detail).or_at(input.span));
                }
            }
            VariableSource::CommandLine => {
                let detail = format!(
                    "A variable named \"{name}\" was assigned on the command line, but the root module does not declare \
                     a variable of that name. To use this value, add a \"variable\" block to the configuration."
                );
                diagnostics.error("Value for undeclared variable", detail);
            }
            VariableSource::Prompt | VariableSource::Plan => {
                let detail = format!(
                    "A variable named \"{name}\" was assigned a value, but the root module does not declare it."
                );
                diagnostics.error("Value for undeclared variable", detail);
            }
        }
    }
    if in_files > UNDECLARED_SHOWN {
        let detail = format!(
            "In addition to the other similar warnings shown, {} other variable(s) defined without being declared.",
            in_files - UNDECLARED_SHOWN
        );
        diagnostics.push(Diagnostic::warning("Values for undeclared variables", detail));
    }
}

/// The converted value; unknown after it has been reported that there is none.
fn given(
    variable: &Variable,
    input: &VariableInput,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Value {
    let invalid = || Value::unknown(variable.ty.ty.clone());
    let Some(value) = parsed(variable, input, sources, diagnostics) else { return invalid() };
    if value.is_null() && !variable.nullable {
        return variable.default.clone().unwrap_or_else(|| {
            diagnostics.push(
                unsuitable(variable, input, "required variable may not be set to null", sources)
                    .summary("Required variable not set"),
            );
            invalid()
        });
    }
    variable.ty.convert(&value).unwrap_or_else(|error| {
        diagnostics.push(
            unsuitable(variable, input, &conversion_problem(&error), sources)
                .summary("Invalid value for input variable"),
        );
        invalid()
    })
}

fn parsed(
    variable: &Variable,
    input: &VariableInput,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let expr = match &input.raw {
        RawVariable::Value(value) => return Some(value.clone()),
        RawVariable::Text(text) if !variable.typed || variable.ty.ty.is_primitive() => {
            return Some(Value::string_nfc(text));
        }
        RawVariable::Text(text) => {
            // The name shows in messages; the text itself does too, so a sensitive one is not registered.
            let shown = if variable.sensitive { "" } else { text.as_str() };
            let file = sources.add(format!("<value for var.{}>", variable.name), shown);
            let (expr, found) = syntax::parse_expression(file, text);
            let failed = found.has_errors();
            diagnostics.extend(found);
            if failed {
                return None;
            }
            expr
        }
        RawVariable::Expr(expr) => expr.clone(),
    };
    match constant::value(&expr) {
        Ok(value) => Some(value),
        Err(errors) => {
            diagnostics.extend(errors);
            None
        }
    }
}

/// A message that still needs its summary.
struct Unsuitable {
    detail: String,
    at: Span,
}

impl Unsuitable {
    fn summary(self, summary: &str) -> Diagnostic {
        Diagnostic::error(summary, self.detail).at(self.at)
    }
}

fn unsuitable(variable: &Variable, input: &VariableInput, problem: &str, sources: &Sources) -> Unsuitable {
    let name = &variable.name;
    let unsuitable = format!("Unsuitable value for var.{name}");
    let from_file = |span: Span| {
        if variable.sensitive {
            let place = place::range(sources, span);
            let detail = format!(
                "The given value is not suitable for var.{name}, which is sensitive: {problem}. Invalid value defined \
                 at {place}."
            );
            // The source line would show the value.
            Unsuitable { detail, at: variable.span }
        } else {
            let place = place::range(sources, variable.span);
            let detail =
                format!("The given value is not suitable for var.{name} declared at {place}: {problem}.");
            Unsuitable { detail, at: span }
        }
    };
    let detail = match (&input.source, input.span) {
        (VariableSource::File { .. }, Some(span)) => return from_file(span),
        (VariableSource::File { name: file, .. }, None) => format!("{unsuitable} set in {file}: {problem}."),
        (VariableSource::CommandLine, _) => format!("{unsuitable} set using -var=\"{name}=...\": {problem}."),
        (VariableSource::Environment, _) => {
            format!("{unsuitable} set using the TF_VAR_{name} environment variable: {problem}.")
        }
        (VariableSource::Prompt, _) => format!("{unsuitable} set using an interactive prompt: {problem}."),
        (VariableSource::Plan, _) => format!("{unsuitable} in the saved plan: {problem}."),
    };
    Unsuitable { detail, at: variable.span }
}

fn marked(variable: &Variable, value: Value) -> Value {
    let sensitive = if variable.sensitive { Marks::SENSITIVE } else { Marks::NONE };
    let ephemeral = if variable.ephemeral { Marks::EPHEMERAL } else { Marks::NONE };
    value.mark(sensitive | ephemeral)
}
