use addrs::{AbsResourceInstance, ConfigResource, InstanceKey, Mode, Name, Target};
use diag::{Diagnostic, Diagnostics, Span};
use lang::Scope;
use syntax::{Block, BodySchema, Expr, ExprKind, Ident, Traversal, TraversalStep};
use value::{Type, Value};

use crate::cx::Cx;
use crate::provider_block;
use crate::{ProviderReference, address};

/// An `import` block (root module only).
#[derive(Clone, Debug)]
pub struct Import {
    /// A resource instance address whose keys may be expressions over `each`.
    pub to: Expr,
    /// The resource that `to` names, without keys.
    pub target: ConfigResource,
    pub id: ImportId,
    pub for_each: Option<Expr>,
    /// `provider`, if set: for resources whose configuration is yet to be generated.
    pub provider: Option<ProviderReference>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ImportId {
    Id(Expr),
    Identity(Expr),
}

/// One step of an address, with keys that may need evaluation.
#[derive(Clone, Debug)]
enum Step {
    Fixed(TraversalStep),
    Key(Expr),
}

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<Import> {
    if cx.overriding {
        let detail = "Import blocks can appear only in normal files, not in override files.";
        cx.push(Diagnostic::error("Cannot override 'import' blocks", detail).at(block.header));
    }
    let schema = BodySchema::new(&["!to", "id", "identity", "for_each", "provider"], &[]);
    let (content, diagnostics) = block.body.content(&schema);
    cx.extend(diagnostics);
    let provider = content.attribute("provider").and_then(|attribute| {
        let key = provider_block::reference(&attribute.expr, "provider", &mut cx.diagnostics)?;
        Some(ProviderReference { key, span: Some(attribute.expr.span) })
    });
    let id = match (content.attribute("id"), content.attribute("identity")) {
        (Some(id), None) => Some(ImportId::Id(id.expr.clone())),
        (None, Some(identity)) => Some(ImportId::Identity(identity.expr.clone())),
        (Some(_), Some(identity)) => {
            let detail =
                "The import block has both an \"id\" and an \"identity\" argument; give one of them.";
            cx.push(Diagnostic::error("Invalid import block", detail).at(identity.name.span));
            None
        }
        (None, None) => {
            let detail = "The argument \"id\" is required, but no definition was found.";
            cx.push(Diagnostic::error("Missing required argument", detail).at(content.missing));
            None
        }
    };
    let attribute = content.attribute("to")?;
    let (to, diagnostics) = attribute.expr.unquoted();
    cx.extend(diagnostics);
    let target = match static_target(&to) {
        Ok(target) => target,
        Err(error) => {
            cx.push(error);
            return None;
        }
    };
    Some(Import {
        target,
        to: to.into_owned(),
        id: id?,
        for_each: content.attribute("for_each").map(|a| a.expr.clone()),
        provider,
        span: block.header,
    })
}

/// The resource that an address names, whatever its keys are.
fn static_target(to: &Expr) -> Result<ConfigResource, Diagnostic> {
    let (root, steps) = flatten(to)?;
    let placeholder = |expr: &Expr| TraversalStep::Key { key: "".into(), span: expr.span };
    let steps = steps.into_iter().map(|step| match step {
        Step::Fixed(step) => step,
        Step::Key(expr) => placeholder(&expr),
    });
    let target = address::target(&Traversal { root, steps: steps.collect() })?;
    let resource = match target {
        Target::Resource(resource) => resource,
        Target::Instance(instance) => instance.containing(),
        Target::Module(_) => {
            let detail = "A resource instance address is required here. The module path must be followed by a resource \
                          instance specification.";
            return Err(Diagnostic::error("Invalid import address", detail).at(to.span));
        }
    };
    if resource.resource.mode != Mode::Managed {
        let detail = "Only managed resources can be imported.";
        return Err(Diagnostic::error("Invalid import address", detail).at(to.span));
    }
    Ok(resource.config())
}

/// The root name and steps of an address that may have computed keys.
fn flatten(expr: &Expr) -> Result<(Ident, Vec<Step>), Diagnostic> {
    // The outermost expression has the last steps; its source those before.
    let mut reversed: Vec<Step> = Vec::new();
    let mut expr = expr;
    loop {
        match &expr.kind {
            ExprKind::Traversal(traversal) => {
                reversed.extend(traversal.steps.iter().rev().cloned().map(Step::Fixed));
                reversed.reverse();
                return Ok((traversal.root.clone(), reversed));
            }
            ExprKind::RelativeTraversal { source, steps } => {
                reversed.extend(steps.iter().rev().cloned().map(Step::Fixed));
                expr = source;
            }
            ExprKind::Index { collection, key } => {
                reversed.push(Step::Key((**key).clone()));
                expr = collection;
            }
            _ => {
                return Err(Diagnostic::error(
                    "Invalid import address",
                    "A resource instance address is required here, such as aws_vpc.main or aws_subnet.a[each.key]; only \
                     instance keys may be computed.",
                )
                .at(expr.span));
            }
        }
    }
}

impl Import {
    /// The key at the end of `to`, if it needs no evaluation.
    pub fn literal_key(&self) -> Option<InstanceKey> {
        let (_, steps) = flatten(&self.to).ok()?;
        match steps.last() {
            Some(Step::Fixed(TraversalStep::Key { key, .. })) => Some(InstanceKey::String(key.clone())),
            Some(Step::Fixed(TraversalStep::Index { key, .. })) => key.parse().ok().map(InstanceKey::Int),
            Some(Step::Fixed(TraversalStep::Attr(_))) => Some(InstanceKey::None),
            Some(Step::Key(_)) | None => None,
        }
    }

    /// The keys of `to` that need evaluation.
    pub fn computed_keys(&self) -> Vec<Expr> {
        let steps = flatten(&self.to).map(|(_, steps)| steps).unwrap_or_default();
        let key = |step| match step {
            Step::Fixed(_) => None,
            Step::Key(expr) => Some(expr),
        };
        steps.into_iter().filter_map(key).collect()
    }

    /// The instance that `to` names, its keys evaluated (`each` comes from the scope).
    pub fn instance(&self, scope: &dyn Scope) -> (Option<AbsResourceInstance>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let (root, steps) = match flatten(&self.to) {
            Ok(parts) => parts,
            Err(error) => return (None, error.into()),
        };
        let mut fixed = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                Step::Fixed(step) => fixed.push(step),
                Step::Key(expr) => {
                    let (value, found) = lang::evaluate(&expr, scope);
                    diagnostics.extend(found);
                    match instance_key(&value) {
                        Ok(InstanceKey::String(key)) => {
                            fixed.push(TraversalStep::Key { key, span: expr.span });
                        }
                        Ok(InstanceKey::Int(n)) => fixed.push(TraversalStep::Index {
                            key: n.to_string().into(),
                            legacy: false,
                            span: expr.span,
                        }),
                        Ok(InstanceKey::None) => {}
                        Err(_) if diagnostics.has_errors() => return (None, diagnostics),
                        Err(reason) => {
                            let summary = "Invalid import address";
                            diagnostics.push(Diagnostic::error(summary, reason).at(expr.span));
                            return (None, diagnostics);
                        }
                    }
                }
            }
        }
        match address::target(&Traversal { root, steps: fixed.into_iter().collect() }) {
            Ok(Target::Instance(instance)) => (Some(instance), diagnostics),
            Ok(Target::Resource(resource)) => (Some(resource.instance(InstanceKey::None)), diagnostics),
            Ok(Target::Module(_)) => (None, diagnostics),
            Err(error) => {
                diagnostics.push(error);
                (None, diagnostics)
            }
        }
    }
}

/// The instance key that a value stands for, or why it cannot be one.
fn instance_key(value: &Value) -> Result<InstanceKey, String> {
    let problem = |reason: &str| format!("The instance key in the import target is unsuitable: {reason}.");
    if value.is_sensitive() {
        return Err(problem("it is sensitive, and would be shown as part of the address"));
    }
    if !value.is_known() {
        return Err(problem("it is known only after apply"));
    }
    if value.is_null() {
        return Err(problem("it is null"));
    }
    if let Some(number) = value.as_i64() {
        return u64::try_from(number).map(InstanceKey::Int).map_err(|_| problem("it is negative"));
    }
    match value.ty() {
        Type::String => value
            .as_str()
            .map(|s| InstanceKey::String(Name::from(s.as_str())))
            .ok_or_else(|| problem("it is no string")),
        Type::Number => Err(problem("it is no whole number")),
        ty => {
            Err(problem(&format!("a string or a whole number is required, and it is {}", ty.friendly_name())))
        }
    }
}
