use std::collections::BTreeMap;

use diag::Diagnostic;
use serde_json::value::RawValue;
use state::OutputState;
use value::{Kind, format, json};

use crate::cli::arguments::{OutputArgs, StateFile};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::views::outputs;

/// `groma output`.
pub fn run(context: &Context, args: &OutputArgs) -> Result<Exit, Failed> {
    let files = StateFile { state: args.state.clone(), ..StateFile::default() };
    let (config, _) = context.try_load_config();
    let state = context.read_state(&context.state(&config, &files)?)?.state;
    match &args.name {
        None if args.raw => Err(context.fail(Diagnostic::error(
            "Output name required",
            "The -raw option prints one value as it is: name the output.",
        ))),
        None if args.json => {
            context.streams.line(all_json(context, &state.outputs)?);
            Ok(Exit::Success)
        }
        None if state.outputs.is_empty() => {
            let none = no_outputs();
            context.show(&none.into())?;
            Ok(Exit::Success)
        }
        None => {
            context.streams.out(outputs::list(&state.outputs));
            Ok(Exit::Success)
        }
        Some(_) if state.outputs.is_empty() => {
            let none = no_outputs();
            context.show(&none.into())?;
            Ok(Exit::Success)
        }
        Some(name) => match state.outputs.get(name.as_str()) {
            Some(output) => one(context, args, name, output),
            None => Err(context.fail(Diagnostic::error(
                format!("Output \"{name}\" not found"),
                "The output variable requested could not be found in the state file. If you recently added this to your \
                 configuration, be sure to run `groma apply`, since the state won't be updated with new output variables \
                 until that command is run.",
            ))),
        },
    }
}

fn one(context: &Context, args: &OutputArgs, name: &str, output: &OutputState) -> Result<Exit, Failed> {
    let value = output.value.unmark_deep();
    let text = if args.json {
        json::to_plain_json(&value).map_err(|error| not_shown(context, name, &error.to_string()))? + "\n"
    } else if args.raw {
        match value.kind() {
            Kind::String(s) => s.to_string(),
            Kind::Number(n) => n.to_string(),
            Kind::Bool(b) => b.to_string(),
            _ => {
                return Err(context.fail(Diagnostic::error(
                    "Unsupported value for raw output",
                    format!(
                        "The -raw option only supports strings, numbers, and boolean values, but output value \"{name}\" is \
                         {}.\n\nUse the -json option for machine-readable representations of output values that have complex \
                         types.",
                        if value.is_null() { "null".to_owned() } else { value.ty().friendly_name() }
                    ),
                )));
            }
        }
    } else {
        format::console(&value, 0) + "\n"
    };
    context.streams.out(text);
    Ok(Exit::Success)
}

/// Every output with its type and sensitivity, indented, as scripts read it.
fn all_json(context: &Context, outputs: &BTreeMap<addrs::Name, OutputState>) -> Result<String, Failed> {
    let fail = |name: &str, reason: &dyn std::fmt::Display| not_shown(context, name, &reason.to_string());
    let mut all = BTreeMap::new();
    for (name, output) in outputs {
        let text = json::to_plain_json(&output.value.unmark_deep()).map_err(|error| fail(name, &error))?;
        // Numbers keep their digits: the text is put in as it is.
        let value = RawValue::from_string(text).map_err(|error| fail(name, &error))?;
        let ty = json::type_to_json(&output.value.ty());
        all.insert(name.as_str(), OutputJson { sensitive: output.sensitive, ty, value });
    }
    let text = serde_json::to_string(&all).map_err(|error| fail("outputs", &error))?;
    Ok(state::v4::indent(&text))
}

#[derive(serde::Serialize)]
struct OutputJson {
    sensitive: bool,
    #[serde(rename = "type")]
    ty: serde_json::Value,
    value: Box<RawValue>,
}

fn not_shown(context: &Context, name: &str, reason: &str) -> Failed {
    context.fail(Diagnostic::error("Failed to show an output", format!("{name}: {reason}")))
}

fn no_outputs() -> Diagnostic {
    Diagnostic::warning(
        "No outputs found",
        "The state file either has no outputs defined, or all the defined outputs are empty. Please define an output in your \
         configuration with the `output` keyword and run `groma refresh` for it to become available.",
    )
}
