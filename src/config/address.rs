//! Addresses written as references: `moved`, `removed` and `import` blocks.

use addrs::{AbsResource, InstanceKey, Mode, ModuleInstance, Name, Resource, Target};
use diag::{Diagnostic, Span};
use syntax::{Traversal, TraversalStep};

/// Roots that can be no resource types.
const RESERVED: [&str; 9] =
    ["count", "each", "local", "path", "self", "terraform", "var", "template", "lazy"];

/// Reads a module, resource or instance address.
pub(crate) fn target(traversal: &Traversal) -> Result<Target, Diagnostic> {
    let mut reader = Reader { traversal, at: 0 };
    let mut module = ModuleInstance::root();
    // The word that the next part of the address begins with.
    let (mut word, mut span) = (traversal.root.name.clone(), traversal.root.span);
    while word == "module" {
        let name = reader.name(span, "Prefix \"module.\" must be followed by a module name.")?;
        module = module.child(name, reader.key()?);
        match reader.next() {
            None => return Ok(Target::Module(module)),
            Some(TraversalStep::Attr(ident)) => (word, span) = (ident.name.clone(), ident.span),
            Some(step) => return Err(invalid("Unexpected extra operators after address.", step.span())),
        }
    }
    if RESERVED.contains(&word.as_str()) {
        let detail = format!(
            "The keyword \"{word}\" is reserved and cannot be used to target a resource address. If you are targeting a \
             resource type that uses a reserved keyword, please prefix your address with \"resource.\"."
        );
        return Err(invalid(&detail, span));
    }
    let mode = match word.as_str() {
        "data" => Mode::Data,
        "ephemeral" => Mode::Ephemeral,
        _ => Mode::Managed,
    };
    let what = "Resource specification must include a resource type and name.";
    let ty = if mode == Mode::Managed && word != "resource" { word } else { reader.name(span, what)? };
    let name = reader.name(span, what)?;
    let resource = Resource { mode, ty, name };
    let key = reader.key()?;
    match reader.next() {
        None => {}
        Some(TraversalStep::Attr(ident)) if key.is_none() => {
            return Err(invalid("Resource instance key must be given in square brackets.", ident.span));
        }
        Some(step) => return Err(invalid("Unexpected extra operators after address.", step.span())),
    }
    let resource = AbsResource { module, resource };
    Ok(if key.is_none() { Target::Resource(resource) } else { Target::Instance(resource.instance(key)) })
}

fn invalid(detail: &str, span: Span) -> Diagnostic {
    Diagnostic::error("Invalid address", detail).at(span)
}

struct Reader<'a> {
    traversal: &'a Traversal,
    at: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a TraversalStep> {
        let step = self.traversal.steps.get(self.at);
        self.at += 1;
        step
    }

    fn name(&mut self, before: Span, problem: &str) -> Result<Name, Diagnostic> {
        match self.next() {
            Some(TraversalStep::Attr(ident)) => Ok(ident.name.clone()),
            Some(step) => Err(invalid(problem, step.span())),
            None => Err(invalid(problem, before)),
        }
    }

    fn key(&mut self) -> Result<InstanceKey, Diagnostic> {
        let key = match self.traversal.steps.get(self.at) {
            Some(TraversalStep::Key { key, .. }) => InstanceKey::String(key.clone()),
            Some(TraversalStep::Index { key, span, .. }) => {
                let number = key.parse().map_err(|_| {
                    invalid("Invalid resource instance key: value must be a whole number, from 0 up.", *span)
                })?;
                InstanceKey::Int(number)
            }
            Some(TraversalStep::Attr(_)) | None => return Ok(InstanceKey::None),
        };
        self.at += 1;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_refused_with_the_reason() {
        for (text, expected) in [
            ("a.b", Ok("a.b")),
            ("resource.a.b", Ok("a.b")),
            ("a.b[0]", Ok("a.b[0]")),
            ("module.m", Ok("module.m")),
            ("module.m[\"k\"].module.n.data.a.b[\"x\"]", Ok("module.m[\"k\"].module.n.data.a.b[\"x\"]")),
            ("foo", Err("Resource specification must include a resource type and name.")),
            ("a.b.id", Err("Resource instance key must be given in square brackets.")),
            ("a.b[0].id", Err("Unexpected extra operators after address.")),
            ("a.b[1.5]", Err("Invalid resource instance key")),
            ("var.x", Err("The keyword \"var\" is reserved")),
            ("module", Err("Prefix \"module.\"")),
            ("module.m.x", Err("Resource specification")),
        ] {
            let (traversal, _) = syntax::parse_traversal(diag::FileId(0), text);
            let found = target(&traversal.expect("a traversal")).map(|t| t.to_string());
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(expected)) => assert!(found.detail.starts_with(expected), "{text}: {found}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
