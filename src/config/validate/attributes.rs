//! Attributes of a resource named by a reference, against the resource's schema.

use diag::{Diagnostic, Span};
use provider::{Block, NestedBlock, Nesting};
use syntax::TraversalStep;
use value::{Str, Type};

use crate::suggest;

/// Checks the steps after a resource instance.
pub(super) fn check(steps: &[TraversalStep], block: &Block) -> Result<(), Diagnostic> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    let Some((name, span)) = attribute_name(step) else {
        let detail = "Resource instance objects do not support this operation.";
        return Err(Diagnostic::error("Invalid index operation", detail).at(step.span()));
    };
    if let Some(attribute) = block.attributes.get(name) {
        return value(rest, &attribute.ty);
    }
    if let Some(nested) = block.blocks.get(name) {
        return nested_block(name, rest, nested);
    }
    let known = block.attributes.keys().chain(block.blocks.keys()).map(Str::as_str);
    let detail = format!(
        "This object has no argument, nested block, or exported attribute named \"{name}\".{}",
        suggest::sentence(name, known)
    );
    Err(Diagnostic::error("Unsupported attribute", detail).at(span))
}

fn attribute_name(step: &TraversalStep) -> Option<(&Str, Span)> {
    match step {
        TraversalStep::Attr(ident) => Some((&ident.name, ident.span)),
        TraversalStep::Key { key, span } => Some((key, *span)),
        TraversalStep::Index { .. } => None,
    }
}

/// Blocks are held as an object, or a list, set or map of objects.
fn nested_block(name: &str, steps: &[TraversalStep], nested: &NestedBlock) -> Result<(), Diagnostic> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    let problem = match (nested.nesting, step) {
        (Nesting::Single | Nesting::Group, _) => return check(steps, &nested.block),
        (Nesting::List, TraversalStep::Index { .. }) | (Nesting::Map, _) => {
            return check(rest, &nested.block);
        }
        (Nesting::List, TraversalStep::Key { key, .. }) if key.parse::<u64>().is_ok() => {
            return check(rest, &nested.block);
        }
        (Nesting::List, _) => format!(
            "Block type \"{name}\" is represented by a list of objects, so it must be indexed using a numeric key, like \
             .{name}[0]."
        ),
        (Nesting::Set, _) => format!(
            "Block type \"{name}\" is represented by a set of objects, and set elements do not have addressable keys. To \
             find elements matching specific criteria, use a \"for\" expression with an \"if\" clause."
        ),
    };
    let summary = match step {
        TraversalStep::Attr(_) => "Unsupported attribute",
        TraversalStep::Key { .. } | TraversalStep::Index { .. } => "Invalid index",
    };
    Err(Diagnostic::error(summary, problem).at(step.span()))
}

fn value(steps: &[TraversalStep], ty: &Type) -> Result<(), Diagnostic> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    match (ty, step) {
        (Type::Object(object), TraversalStep::Attr(_) | TraversalStep::Key { .. }) => {
            let Some((name, span)) = attribute_name(step) else { return Ok(()) };
            let Some(inner) = object.get(name) else {
                let hint = suggest::sentence(name, object.iter().map(|(name, _)| name.as_str()));
                let detail = format!("This object does not have an attribute named \"{name}\".{hint}");
                return Err(Diagnostic::error("Unsupported attribute", detail).at(span));
            };
            value(rest, inner)
        }
        (Type::Map(element), TraversalStep::Attr(_) | TraversalStep::Key { .. })
        | (Type::List(element), TraversalStep::Index { .. }) => value(rest, element),
        (Type::Bool | Type::Number | Type::String, TraversalStep::Attr(ident)) => {
            let detail = format!("Can't access attributes on a primitive-typed value ({ty}).");
            Err(Diagnostic::error("Unsupported attribute", detail).at(ident.span))
        }
        (Type::Bool | Type::Number | Type::String, _) => {
            let detail = "This value does not have any indices.";
            Err(Diagnostic::error("Invalid index", detail).at(step.span()))
        }
        (Type::List(element) | Type::Set(element), TraversalStep::Attr(ident)) => {
            let (kind, objects) = (collection(ty), matches!(**element, Type::Object(_)));
            let detail = if objects {
                format!(
                    "Can't access attributes on a {kind} of objects. Did you mean to access attribute \"{}\" for a \
                     specific element of the {kind}, or across all elements of the {kind}?",
                    ident.name
                )
            } else {
                format!("This value does not have any attributes: it is a {kind}.")
            };
            Err(Diagnostic::error("Unsupported attribute", detail).at(ident.span))
        }
        (Type::Set(_), _) => {
            let detail = "Elements of a set are identified only by their value and don't have any separate index or key \
                          to select with, so it's only possible to perform operations across all elements of the set.";
            Err(Diagnostic::error("Invalid index", detail).at(step.span()))
        }
        // Everything else depends on the value.
        _ => Ok(()),
    }
}

fn collection(ty: &Type) -> &'static str {
    if matches!(ty, Type::Set(_)) { "set" } else { "list" }
}

#[cfg(test)]
mod tests {
    use provider::Attribute;

    use super::*;

    fn schema() -> Block {
        let disk = Block::default().with("size", Attribute::optional(Type::Number));
        let object = Type::object([("name", Type::String), ("any", Type::Dynamic)]);
        Block::default()
            .with("id", Attribute::computed(Type::String))
            .with("tags", Attribute::optional(Type::map(Type::String)))
            .with("ids", Attribute::computed(Type::list(Type::String)))
            .with("names", Attribute::computed(Type::set(Type::String)))
            .with("one", Attribute::computed(object.clone()))
            .with("all", Attribute::computed(Type::list(object)))
            .with_block("disk", NestedBlock::list(disk.clone()))
            .with_block("port", NestedBlock::set(disk.clone()))
            .with_block("timeouts", NestedBlock::single(disk))
    }

    #[test]
    fn steps_are_checked_as_far_as_types_are_known() {
        let block = schema();
        for (steps, problem) in [
            ("", None),
            (".id", None),
            ("[\"id\"]", None),
            (".tags.Name", None),
            (".tags[\"k\"]", None),
            (".ids[0]", None),
            (".ids.0", None),
            (".ids[\"0\"]", None),
            (".one.name", None),
            (".one.any.x[0].y", None),
            (".all[0].name", None),
            (".disk", None),
            (".disk[0].size", None),
            (".disk.0.size", None),
            (".disk[\"0\"].size", None),
            (".port", None),
            (".timeouts.size", None),
            ("[0]", Some("Resource instance objects do not support this operation.")),
            (
                ".idd",
                Some(
                    "has no argument, nested block, or exported attribute named \"idd\". Did you mean \"id\"?",
                ),
            ),
            (".id.x", Some("Can't access attributes on a primitive-typed value (string).")),
            (".id[0]", Some("does not have any indices")),
            (".one.nam", Some("does not have an attribute named \"nam\". Did you mean \"name\"?")),
            (
                ".all.name",
                Some(
                    "Can't access attributes on a list of objects. Did you mean to access attribute \"name\"",
                ),
            ),
            (".ids.x", Some("does not have any attributes: it is a list")),
            (".names[0]", Some("Elements of a set are identified only by their value")),
            (".disk.size", Some("must be indexed using a numeric key")),
            (".port[0].size", Some("set elements do not have addressable keys")),
            (".disk[0].siz", Some("named \"siz\". Did you mean \"size\"?")),
            (".timeouts.x", Some("named \"x\"")),
        ] {
            let (traversal, _) = syntax::parse_traversal(diag::FileId(0), &format!("r{steps}"));
            let traversal = traversal.expect("a traversal");
            let found = check(&traversal.steps, &block).err().map(|error| error.detail);
            match problem {
                None => assert_eq!(found, None, "{steps}"),
                Some(part) => assert!(found.as_ref().is_some_and(|f| f.contains(part)), "{steps}: {found:?}"),
            }
        }
    }
}
