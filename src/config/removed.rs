use addrs::{ConfigResource, Mode, ModulePath, Target};
use diag::{Diagnostic, Span};
use syntax::{Block, BodySchema};

use crate::cx::Cx;
use crate::moved;

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Absolute: the module that holds the block is part of it.
    pub from: RemovedTarget,
    /// `lifecycle { destroy = false }` forgets instead of destroying.
    pub destroy: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum RemovedTarget {
    Module(ModulePath),
    Resource(ConfigResource),
}

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<Removed> {
    if cx.overriding {
        let detail = "Records of removed objects can appear only in normal files, not in override files.";
        cx.push(Diagnostic::error("Cannot override 'removed' blocks", detail).at(block.header));
    }
    let schema =
        BodySchema::new(&["!from"], &[("lifecycle", &[]), ("provisioner", &["type"]), ("connection", &[])]);
    let (content, diagnostics) = block.body.content(&schema);
    cx.extend(diagnostics);
    let mut destroy = true;
    for lifecycle in content.blocks_of("lifecycle") {
        let (content, diagnostics) = lifecycle.body.content(&BodySchema::new(&["destroy"], &[]));
        cx.extend(diagnostics);
        destroy = cx.boolean(&content, "destroy").unwrap_or(destroy);
    }
    for unsupported in content.blocks.iter().filter(|b| b.ty.name != "lifecycle") {
        let detail = format!(
            "groma does not run {} blocks, not at destruction either. Remove this block; what must happen before the \
             object goes away belongs into a resource that depends on it.",
            unsupported.ty.name
        );
        cx.push(Diagnostic::error("Provisioners are not supported", detail).at(unsupported.header));
    }
    let target = moved::end(&content, "from", cx)?;
    let from = match checked(&target) {
        Ok(from) => from,
        Err(error) => {
            let span = content.attribute("from").map_or(block.header, |a| a.expr.span);
            cx.push(error.at(span));
            return None;
        }
    };
    Some(Removed { from, destroy, span: block.header })
}

fn checked(target: &Target) -> Result<RemovedTarget, Diagnostic> {
    if target.module().steps().iter().any(|step| !step.key.is_none()) {
        let detail = "Module address must be a module (e.g. \"module.foo\"), not a module instance (e.g. \
                      \"module.foo[1]\").";
        return Err(Diagnostic::error("Module instance keys not allowed", detail));
    }
    match target {
        Target::Module(module) => Ok(RemovedTarget::Module(module.module())),
        Target::Resource(resource) if resource.resource.mode == Mode::Data => {
            let detail = "Data sources are never destroyed, so they are not valid targets of removed blocks. To remove \
                          the data source from state, remove the data source block from configuration.";
            Err(Diagnostic::error("Data source address not allowed", detail))
        }
        Target::Resource(resource) => Ok(RemovedTarget::Resource(resource.config())),
        Target::Instance(_) => {
            let detail = "Resource address must be a resource (e.g. \"test_instance.foo\"), not a resource instance \
                          (e.g. \"test_instance.foo[1]\").";
            Err(Diagnostic::error("Resource instance keys not allowed", detail))
        }
    }
}

impl Removed {
    /// The same block seen from the root, when it is written in this module.
    pub(crate) fn inside(&self, module: &ModulePath) -> Self {
        let join = |path: &ModulePath| ModulePath::new(module.steps().iter().chain(path.steps()).cloned());
        let from = match &self.from {
            RemovedTarget::Module(path) => RemovedTarget::Module(join(path)),
            RemovedTarget::Resource(resource) => RemovedTarget::Resource(ConfigResource {
                module: join(&resource.module),
                resource: resource.resource.clone(),
            }),
        };
        Self { from, ..self.clone() }
    }
}
