//! Whether what a reference names exists, and may be named where the reference stands.

use std::sync::Arc;

use addrs::{Mode, Name, Resource};
use diag::Diagnostic;
use lang::{Reference, Subject};
use provider::ProviderSchema;
use syntax::TraversalStep;

use super::attributes;
use super::module::resource_block;
use crate::suggest;
use crate::{Module, ModuleCall, ResourceConfig};

/// What may be referred to where an expression stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    /// `count.index`
    pub count: bool,
    /// `each.key`, `each.value`
    pub each: bool,
    /// `self`
    pub own_object: bool,
    /// The resource whose block this is, which may not refer to itself.
    pub own: Option<&'a Resource>,
    /// The check block this is in, whose data source is visible only there.
    pub check: Option<&'a Name>,
}

/// Finds the schema of a resource's provider, where it is at hand.
pub(super) type FindSchema<'a> = dyn Fn(&ResourceConfig) -> Option<Arc<ProviderSchema>> + 'a;

pub(super) fn check(
    reference: &Reference,
    module: &Module,
    place: &Place<'_>,
    schema: &FindSchema<'_>,
) -> Result<(), Diagnostic> {
    match &reference.subject {
        Subject::Variable(name) => variable(name, module),
        Subject::Local(name) => local(name, module),
        Subject::Module(name) => module_call(name, reference, module),
        Subject::Resource(resource) => resource_reference(resource, reference, module, place, schema),
        Subject::CountIndex if place.count => Ok(()),
        Subject::CountIndex => Err(Diagnostic::error(
            "Reference to \"count\" in non-counted context",
            "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \
             \"count\" argument is set.",
        )),
        Subject::EachKey | Subject::EachValue if place.each => Ok(()),
        Subject::EachKey => Err(Diagnostic::error(
            "Reference to \"each\" in context without for_each",
            "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" \
             argument is set.",
        )),
        Subject::EachValue => Err(Diagnostic::error(
            "each.value cannot be used in this context",
            "A reference to \"each.value\" has been used in a context in which it is unavailable, such as when the \
             configuration no longer contains the value in its \"for_each\" expression. Remove this reference to \
             each.value in your configuration to work around this error.",
        )),
        Subject::SelfObject if place.own_object => Ok(()),
        Subject::SelfObject => Err(Diagnostic::error(
            "Invalid \"self\" reference",
            "The \"self\" object is not available in this context. This object can be used only in resource provisioner, \
             connection, and postcondition blocks.",
        )),
        Subject::Path(_) | Subject::Terraform(_) | Subject::Output(_) => Ok(()),
    }
    .map_err(|error| error.or_at(Some(reference.span)))
}

fn variable(name: &Name, module: &Module) -> Result<(), Diagnostic> {
    if module.variables.contains_key(name) {
        return Ok(());
    }
    let hint = suggest::sentence(name, module.variables.keys().map(Name::as_str));
    let hint = if hint.is_empty() {
        format!(" This variable can be declared with a variable \"{name}\" {{}} block.")
    } else {
        hint
    };
    let detail = format!("An input variable with the name \"{name}\" has not been declared.{hint}");
    Err(Diagnostic::error("Reference to undeclared input variable", detail))
}

fn local(name: &Name, module: &Module) -> Result<(), Diagnostic> {
    if module.locals.contains_key(name) {
        return Ok(());
    }
    let hint = suggest::sentence(name, module.locals.keys().map(Name::as_str));
    let detail = format!("A local value with the name \"{name}\" has not been declared.{hint}");
    Err(Diagnostic::error("Reference to undeclared local value", detail))
}

fn module_call(name: &Name, reference: &Reference, module: &Module) -> Result<(), Diagnostic> {
    let Some(call) = module.module_calls.get(name) else {
        let hint = suggest::sentence(name, module.module_calls.keys().map(Name::as_str));
        let detail =
            format!("No module call named \"{name}\" is declared in {}.{hint}", module.display_name());
        return Err(Diagnostic::error("Reference to undeclared module", detail));
    };
    // A module that could not be loaded has been reported.
    let Some(child) = module.children.get(name) else { return Ok(()) };
    match (repetition(call), reference.rest.as_slice()) {
        (_, []) => Ok(()),
        (None, [TraversalStep::Attr(output), ..]) => declared_output(&output.name, child, output.span),
        (
            Some(_),
            [TraversalStep::Key { .. } | TraversalStep::Index { .. }, TraversalStep::Attr(output), ..],
        ) => declared_output(&output.name, child, output.span),
        (Some("count"), [TraversalStep::Attr(output), ..]) => {
            let detail = format!(
                "Can't access attributes on a list of objects. Did you mean to access attribute \"{}\" for a specific \
                 element of the list, or across all elements of the list?",
                output.name
            );
            Err(Diagnostic::error("Unsupported attribute", detail).at(output.span))
        }
        (None, [step, ..]) => {
            let detail = format!(
                "Because module.{name} does not have \"count\" or \"for_each\" set, references to it must not include an \
                 index key. Remove the bracketed index to refer to the single instance of this module."
            );
            Err(Diagnostic::error("Unexpected module instance key", detail).at(step.span()))
        }
        // A module with for_each is an object by key, so that a bare name may be a key.
        (Some(_), _) => Ok(()),
    }
}

fn repetition(call: &ModuleCall) -> Option<&'static str> {
    match (&call.count, &call.for_each) {
        (Some(_), _) => Some("count"),
        (None, Some(_)) => Some("for_each"),
        (None, None) => None,
    }
}

fn declared_output(name: &Name, child: &Module, span: diag::Span) -> Result<(), Diagnostic> {
    if child.outputs.contains_key(name) {
        return Ok(());
    }
    let hint = suggest::sentence(name, child.outputs.keys().map(Name::as_str));
    let detail = format!("This object does not have an attribute named \"{name}\".{hint}");
    Err(Diagnostic::error("Unsupported attribute", detail).at(span))
}

fn resource_reference(
    address: &Resource,
    reference: &Reference,
    module: &Module,
    place: &Place<'_>,
    schema: &FindSchema<'_>,
) -> Result<(), Diagnostic> {
    let Some(resource) = module.resources.get(address) else { return Err(undeclared(address, module)) };
    if resource.check.is_some() && resource.check.as_ref() != place.check {
        let detail = format!(
            "The referenced data resource \"{}\" \"{}\" is not available from this context.",
            address.ty, address.name
        );
        return Err(Diagnostic::error("Reference to scoped resource", detail));
    }
    if place.own == Some(address) {
        let detail = format!("Configuration for {address} may not refer to itself.");
        return Err(Diagnostic::error("Self-referential block", detail));
    }
    let attributes = after_key(resource, reference)?;
    let schema = if attributes.is_empty() { None } else { schema(resource) };
    match schema.as_ref().and_then(|schema| resource_block(schema, address)) {
        Some(block) => attributes::check(attributes, block),
        None => Ok(()),
    }
}

/// The steps after the instance key, which must be there exactly if the resource is repeated.
fn after_key<'r>(
    resource: &ResourceConfig,
    reference: &'r Reference,
) -> Result<&'r [TraversalStep], Diagnostic> {
    let address = &resource.resource;
    let repeated = match (&resource.count, &resource.for_each) {
        (Some(_), _) => Some(("count", "indices", "count.index")),
        (None, Some(_)) => Some(("for_each", "instance keys", "each.key")),
        (None, None) => None,
    };
    match (repeated, reference.rest.as_slice()) {
        (_, []) => Ok(&[]),
        (Some(_), [TraversalStep::Key { .. } | TraversalStep::Index { .. }, rest @ ..]) => Ok(rest),
        (Some((argument, _, key)), [TraversalStep::Attr(_), ..]) => {
            let detail = format!(
                "Because {address} has \"{argument}\" set, its attributes must be accessed on specific \
                 instances.\n\nFor example, to correlate with indices of a referring resource, use:\n    {address}[{key}]"
            );
            Err(Diagnostic::error("Missing resource instance key", detail))
        }
        (None, [TraversalStep::Attr(_), ..]) => Ok(&reference.rest),
        (None, [step, ..]) => {
            let detail = format!(
                "Because {address} does not have \"count\" or \"for_each\" set, references to it must not include an \
                 index key. Remove the bracketed index to refer to the single instance of this resource."
            );
            Err(Diagnostic::error("Unexpected resource instance key", detail)
                .at(reference.span.to(step.span())))
        }
    }
}

fn undeclared(address: &Resource, module: &Module) -> Diagnostic {
    let Resource { mode, ty, name } = address;
    let what = match mode {
        Mode::Managed => "A managed resource",
        Mode::Data => "A data resource",
        Mode::Ephemeral => "An ephemeral resource",
    };
    let detail = format!(
        "{what} \"{ty}\" \"{name}\" has not been declared in {}.{}",
        module.display_name(),
        resource_hint(address, module)
    );
    Diagnostic::error("Reference to undeclared resource", detail)
}

/// The same name under another mode, or a name that is near.
fn resource_hint(address: &Resource, module: &Module) -> String {
    for (mode, what) in [
        (Mode::Data, "the data resource "),
        (Mode::Ephemeral, "the ephemeral resource "),
        (Mode::Managed, "the managed resource "),
    ] {
        let other = Resource { mode, ..address.clone() };
        if module.resources.contains_key(&other) {
            return format!("\n\nDid you mean {what}{other}?");
        }
    }
    let same_mode = || module.resources.keys().filter(|other| other.mode == address.mode);
    let names = same_mode().filter(|other| other.ty == address.ty).map(|other| other.name.as_str());
    let types = same_mode().filter(|other| other.name == address.name).map(|other| other.ty.as_str());
    let near =
        suggest::nearest(&address.name, names).map(|name| Resource { name: name.into(), ..address.clone() });
    let near = near.or_else(|| {
        suggest::nearest(&address.ty, types).map(|ty| Resource { ty: ty.into(), ..address.clone() })
    });
    near.map_or_else(String::new, |near| format!("\n\nDid you mean {near}?"))
}
