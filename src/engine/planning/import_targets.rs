//! Which import blocks can lead where they do.

use addrs::InstanceKey;
use config::Import;
use diag::Diagnostic;

use crate::GenerateConfig;
use crate::program::{Program, ResourceId};

/// The resource block that an import block leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Present,
    /// Configuration is to be generated.
    ToBeWritten,
}

/// Looks for the resource block, and whether instance keys fit it, as far as that can be said before anything is evaluated.
pub(super) fn block(
    program: &Program,
    import: &Import,
    id: ResourceId,
    generate: GenerateConfig,
) -> Result<Block, Diagnostic> {
    match &program.resource(id).config {
        Some(config) => {
            let key = import.literal_key();
            let problem = match key {
                _ if config.count.is_some() && key == Some(InstanceKey::None) => "is using count",
                _ if config.for_each.is_some() && key == Some(InstanceKey::None) => "is using for_each",
                Some(InstanceKey::Int(_)) if config.count.is_none() => "does not use count",
                Some(InstanceKey::String(_)) if config.for_each.is_none() => "does not use for_each",
                _ => return Ok(Block::Present),
            };
            let detail = format!("The target resource, {}, {problem}.", import.target);
            Err(Diagnostic::error("Invalid import 'to' expression", detail).at(import.to.span))
        }
        None => without_block(import, generate).map(|()| Block::ToBeWritten),
    }
}

/// Refuses what no configuration can be written for.
fn without_block(import: &Import, generate: GenerateConfig) -> Result<(), Diagnostic> {
    let target = &import.target;
    let hint = if !target.module.is_root() {
        format!(
            "Resource {target} not found. Only resources within the root module are eligible for config generation: write \
             its resource block in the module."
        )
    } else if import.for_each.is_some() || import.literal_key() != Some(InstanceKey::None) {
        "The given import block is not compatible with config generation. The -generate-config-out option cannot be used \
         with import blocks which use for_each, or resources which use for_each or count: write the resource block, \
         perhaps from what is generated for one instance without a key."
            .to_owned()
    } else if generate == GenerateConfig::Refuse {
        format!(
            "The configuration for the given import target {target} does not exist. If you wish to automatically generate \
             config for this resource, use the -generate-config-out option within groma plan. Otherwise, make sure the \
             target resource exists within your configuration. For example:\n\n  groma plan \
             -generate-config-out=generated.tf"
        )
    } else {
        return Ok(());
    };
    Err(Diagnostic::error("Configuration for import target does not exist", hint).at(import.to.span))
}
