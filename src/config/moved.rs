use addrs::{ModulePath, Target};
use diag::{Diagnostic, Span};
use syntax::{Block, BodySchema, Content};

use crate::cx::Cx;
use crate::{address, constant};

/// A `moved` block; both ends relative to the module that holds it.
#[derive(Clone, Debug)]
pub struct Moved {
    pub module: ModulePath,
    pub from: Target,
    pub to: Target,
    pub span: Span,
}

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<Moved> {
    if cx.overriding {
        let detail = "Records of moved objects can appear only in normal files, not in override files.";
        cx.push(Diagnostic::error("Cannot override 'moved' blocks", detail).at(block.header));
    }
    let (content, diagnostics) = block.body.content(&BodySchema::new(&["!from", "!to"], &[]));
    cx.extend(diagnostics);
    let from = end(&content, "from", cx);
    let to = end(&content, "to", cx);
    let moved = Moved { module: ModulePath::root(), from: from?, to: to?, span: block.header };
    if matches!(moved.from, Target::Module(_)) != matches!(moved.to, Target::Module(_)) {
        let detail =
            "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.";
        cx.push(Diagnostic::error("Invalid \"moved\" addresses", detail).at(block.header));
        return None;
    }
    Some(moved)
}

/// The address that an argument holds.
pub(crate) fn end(content: &Content, name: &str, cx: &mut Cx<'_>) -> Option<Target> {
    let attribute = content.attribute(name)?;
    let traversal = constant::traversal(&attribute.expr, &mut cx.diagnostics)?;
    match address::target(&traversal) {
        Ok(target) => Some(target),
        Err(error) => {
            cx.push(error);
            None
        }
    }
}
