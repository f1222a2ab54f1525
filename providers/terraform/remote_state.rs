use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Data, Outcome, with};
use provider::{Attribute, Block, Schema, attribute_error};
use serde::Deserialize;
use serde_json::value::RawValue;
use value::{Entries, Path, Str, Type, Value, json};

/// `data.terraform_remote_state`: the root outputs of another configuration's state.
pub(crate) struct RemoteState;

const DEFAULT_WORKSPACE: &str = "default";

/// What is read of a state file.
#[derive(Deserialize)]
struct StateFile {
    version: u64,
    #[serde(default)]
    outputs: BTreeMap<Str, Output>,
}

#[derive(Deserialize)]
struct Output {
    value: Box<RawValue>,
    #[serde(rename = "type")]
    ty: serde_json::Value,
}

#[async_trait]
impl Data for RemoteState {
    fn type_name(&self) -> &'static str {
        "terraform_remote_state"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described("The root module's outputs of another configuration, from its state.")
            .with("backend", Attribute::required(Type::String).described("Where the state is kept: `local`."))
            .with(
                "config",
                Attribute::optional(Type::Dynamic)
                    .described("The backend's settings: `path` (`terraform.tfstate`) and `workspace_dir`."),
            )
            .with(
                "defaults",
                Attribute::optional(Type::Dynamic).described("Values of outputs that the state lacks."),
            )
            .with("outputs", Attribute::computed(Type::Dynamic).described("The outputs, by name."))
            .with(
                "workspace",
                Attribute::optional(Type::String).described("The workspace; `default` if not set."),
            );
        Schema::new(0, block)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if let Some(backend) = config.text("backend").filter(|backend| *backend != "local") {
            let detail = format!(
                "There is no backend type named {backend:?} here. The one that can be read is \"local\"."
            );
            diagnostics.push(attribute_error(
                &Path::from_attr("backend"),
                "Invalid backend configuration",
                detail,
            ));
        }
        for name in ["config", "defaults"] {
            let wrong = config
                .attr(name)
                .is_some_and(|value| value.is_known() && !value.is_null() && value.entries().is_none());
            if wrong {
                let summary =
                    if name == "config" { "Invalid backend configuration" } else { "Invalid default values" };
                let detail = format!("The value of \"{name}\" must be an object.");
                diagnostics.push(attribute_error(&Path::from_attr(name), summary, detail));
            }
        }
        diagnostics
    }

    async fn read(&self, context: &Context, config: &Value) -> Outcome {
        let path = state_path(context, config);
        let text = tokio::fs::read_to_string(&path).await.map_err(|error| {
            let detail = match error.kind() {
                std::io::ErrorKind::NotFound => format!(
                    "No stored state was found for the given workspace in the given backend ({} does not exist).",
                    path.display()
                ),
                _ => format!("The state file {} cannot be read: {error}.", path.display()),
            };
            Diagnostic::error("Unable to find remote state", detail)
        })?;
        let stored = outputs(&text).map_err(|error| {
            Diagnostic::error(
                "Error loading state",
                format!("{} is not a state file: {error}.", path.display()),
            )
        })?;
        let mut outputs = config.attr("defaults").and_then(Value::entries).cloned().unwrap_or_default();
        for (name, value) in stored {
            outputs.insert(name, value);
        }
        Ok(with(config, [("outputs", Value::object(outputs))]))
    }
}

/// Where the local backend keeps the state of a workspace.
fn state_path(context: &Context, config: &Value) -> PathBuf {
    let setting = |name: &str| {
        config.attr("config").and_then(|config| config.text(name)).filter(|text| !text.is_empty())
    };
    let workspace = config.text("workspace").filter(|name| !name.is_empty()).unwrap_or(DEFAULT_WORKSPACE);
    let base = &context.environment.working_dir;
    if workspace == DEFAULT_WORKSPACE {
        base.join(setting("path").unwrap_or("terraform.tfstate"))
    } else {
        base.join(setting("workspace_dir").unwrap_or("terraform.tfstate.d"))
            .join(workspace)
            .join("terraform.tfstate")
    }
}

fn outputs(text: &str) -> Result<Entries, String> {
    let file: StateFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.version != 4 {
        return Err(format!("it is of version {}, not 4", file.version));
    }
    file.outputs
        .into_iter()
        .map(|(name, output)| {
            let value =
                json::type_from_json(&output.ty).and_then(|ty| json::from_json(output.value.get(), &ty));
            value.map(|value| (name.clone(), value)).map_err(|error| format!("output {name}: {error}"))
        })
        .collect()
}
