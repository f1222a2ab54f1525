//! What one file declares, before it is merged into its module.

use addrs::{Mode, Name};
use diag::{Diagnostic, Span};
use syntax::{Block, Body, BodySchema};

use crate::backend::Backend;
use crate::check;
use crate::cx::Cx;
use crate::module_call::{self, ModuleCallDraft};
use crate::output::{self, OutputDraft};
use crate::required_providers::RequiredProviders;
use crate::resource::{self, ResourceDraft};
use crate::terraform_block::{self, ProviderMeta, RequiredVersion};
use crate::variable::{self, VariableDraft};
use crate::{
    Check, Import, Local, Moved, ProviderBlock, Removed, import, moved, names, provider_block, removed,
};

/// Declarations in source order; names may repeat.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub required_versions: Vec<RequiredVersion>,
    pub required_providers: Vec<RequiredProviders>,
    pub provider_metas: Vec<ProviderMeta>,
    pub backend: Option<Backend>,
    /// Of all backend blocks, supported or not.
    pub backend_spans: Vec<Span>,
    pub cloud_spans: Vec<Span>,
    pub providers: Vec<ProviderBlock>,
    pub variables: Vec<VariableDraft>,
    pub locals: Vec<Local>,
    pub outputs: Vec<OutputDraft>,
    pub module_calls: Vec<ModuleCallDraft>,
    pub resources: Vec<ResourceDraft>,
    pub moved: Vec<Moved>,
    pub imports: Vec<Import>,
    pub removed: Vec<Removed>,
    pub checks: Vec<Check>,
}

/// Reads the blocks of a file.
pub(crate) fn decode(body: &Body, cx: &mut Cx<'_>) -> Declarations {
    let schema = BodySchema::new(
        &[],
        &[
            ("terraform", &[]),
            ("required_providers", &[]),
            ("provider", &["name"]),
            ("variable", &["name"]),
            ("locals", &[]),
            ("output", &["name"]),
            ("module", &["name"]),
            ("resource", &["type", "name"]),
            ("data", &["type", "name"]),
            ("ephemeral", &["type", "name"]),
            ("moved", &[]),
            ("import", &[]),
            ("check", &["name"]),
            ("removed", &[]),
        ],
    );
    let (content, diagnostics) = body.content(&schema);
    cx.extend(diagnostics);
    let mut declarations = Declarations::default();
    for block in &content.blocks {
        declarations.add(block, cx);
    }
    declarations
}

impl Declarations {
    fn add(&mut self, block: &Block, cx: &mut Cx<'_>) {
        match block.ty.name.as_str() {
            "terraform" => terraform_block::decode(block, self, cx),
            "provider" => self.providers.extend(provider_block::decode(block, cx)),
            "variable" => self.variables.extend(variable::decode(block, cx)),
            "locals" => locals(block, &mut self.locals, cx),
            "output" => self.outputs.extend(output::decode(block, cx)),
            "module" => self.module_calls.extend(module_call::decode(block, cx)),
            "resource" => self.resources.extend(resource::decode(block, Mode::Managed, cx)),
            "data" => self.resources.extend(resource::decode(block, Mode::Data, cx)),
            "ephemeral" => self.resources.extend(resource::decode(block, Mode::Ephemeral, cx)),
            "moved" => self.moved.extend(moved::decode(block, cx)),
            "import" => self.imports.extend(import::decode(block, cx)),
            "removed" => self.removed.extend(removed::decode(block, cx)),
            "check" => {
                if let Some((check, data)) = check::decode_check(block, cx) {
                    self.checks.push(check);
                    self.resources.extend(data);
                }
            }
            _ => {
                let detail = "A \"required_providers\" block must be nested inside a \"terraform\" block.";
                cx.push(Diagnostic::error("Invalid required_providers block", detail).at(block.header));
            }
        }
    }
}

fn locals(block: &Block, locals: &mut Vec<Local>, cx: &mut Cx<'_>) {
    let (attributes, diagnostics) = block.body.just_attributes();
    cx.extend(diagnostics);
    for attribute in attributes {
        if !syntax::is_identifier(&attribute.name.name) {
            cx.push(Diagnostic::error("Invalid local value name", names::RULE).at(attribute.name.span));
        }
        locals.push(Local {
            name: Name::from(attribute.name.name.as_str()),
            expr: attribute.expr,
            span: attribute.span,
        });
    }
}
