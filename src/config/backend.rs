use diag::{Diagnostic, Diagnostics, Sources, Span};
use syntax::{Block, Body, BodySchema};

use crate::cx::Cx;

/// A `backend "local"` block: where the state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// The state file; `terraform.tfstate` when not set.
    pub path: Option<String>,
    /// Where workspaces other than the default keep theirs; `terraform.tfstate.d` when not set.
    pub workspace_dir: Option<String>,
    pub span: Span,
}

/// Arguments of the `local` backend that are given beside the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackendArguments {
    pub path: Option<String>,
    pub workspace_dir: Option<String>,
}

/// Reads a file of `init -backend-config`, which has the arguments of a backend block.
pub fn read_backend_file(name: &str, text: &str, sources: &Sources) -> (BackendArguments, Diagnostics) {
    let file = sources.add(name, text);
    let (body, diagnostics) = if name.ends_with(".json") {
        syntax::parse_json_file(file, text)
    } else {
        syntax::parse_file(file, text)
    };
    let mut cx = Cx::new(sources);
    cx.extend(diagnostics);
    let arguments = arguments(&body, &mut cx);
    (arguments, cx.diagnostics)
}

/// Backends of Terraform that groma has not, so that their names are not taken for typing mistakes.
const KNOWN: [&str; 12] =
    ["azurerm", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "oci", "oss", "pg", "remote", "s3"];

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<Backend> {
    let label = block.labels.first()?;
    let ty = label.value.as_str();
    if ty != "local" {
        let known = if KNOWN.contains(&ty) {
            format!("groma keeps its state in local files only; the backend \"{ty}\" is not supported.")
        } else {
            format!("There is no backend type named \"{ty}\".")
        };
        let detail = format!(
            "{known} Use backend \"local\" with a path, on a shared or synchronised folder where several people work; \
             `terraform state pull` fetches an existing state into such a file."
        );
        cx.push(Diagnostic::error("Unsupported backend type", detail).at(label.span).context(block.header));
        return None;
    }
    let BackendArguments { path, workspace_dir } = arguments(&block.body, cx);
    Some(Backend { path, workspace_dir, span: block.header })
}

fn arguments(body: &Body, cx: &mut Cx<'_>) -> BackendArguments {
    let (content, diagnostics) = body.content(&BodySchema::new(&["path", "workspace_dir"], &[]));
    cx.extend(diagnostics);
    BackendArguments {
        path: cx.string(&content, "path"),
        workspace_dir: cx.string(&content, "workspace_dir"),
    }
}

/// `cloud` blocks name a service that groma does not speak to.
pub(crate) fn refuse_cloud(block: &Block, cx: &mut Cx<'_>) {
    let detail = "groma does not work with HCP Terraform or Terraform Enterprise. Remove this block; the state is then \
                  kept in a local file, or where a backend \"local\" block says.";
    cx.push(Diagnostic::error("Cloud configuration is not supported", detail).at(block.header));
}
