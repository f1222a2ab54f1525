use diag::{Diagnostic, Diagnostics};
use lang::{Reference, Subject};
use syntax::{Expr, Traversal, TraversalStep};

use super::build::nearest;
use super::{ModuleId, ModuleInfo, Program, ResourceId};

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Target {
    Variable(ModuleId, u32),
    Local(ModuleId, u32),
    Output(ModuleId, u32),
    Resource(ResourceId),
    /// All outputs of a module: `module.a`, `module.a[*].x`.
    Outputs(ModuleId),
    /// Everything in a module: `depends_on = [module.a]`.
    Everything(ModuleId),
}

impl ModuleInfo {
    /// What a reference made in this module leads to; `Ok(None)` for what is no object (`count.index`, `path.root`).
    pub fn target(&self, program: &Program, reference: &Reference) -> Result<Option<Target>, Diagnostic> {
        match &reference.subject {
            Subject::Variable(name) => match self.variables.position(name) {
                Some(at) => Ok(Some(Target::Variable(self.id, at))),
                None => Err(undeclared(
                    reference,
                    "Reference to undeclared input variable",
                    format!("An input variable with the name \"{name}\" has not been declared."),
                    nearest(name, self.config.variables.keys().map(|n| n.as_str())),
                    format!("This variable can be declared with a variable \"{name}\" {{}} block."),
                )),
            },
            Subject::Local(name) => match self.locals.position(name) {
                Some(at) => Ok(Some(Target::Local(self.id, at))),
                None => Err(undeclared(
                    reference,
                    "Reference to undeclared local value",
                    format!("A local value with the name \"{name}\" has not been declared."),
                    nearest(name, self.config.locals.keys().map(|n| n.as_str())),
                    String::new(),
                )),
            },
            Subject::Resource(resource) => match self.resources.get(resource) {
                Some(id) => Ok(Some(Target::Resource(*id))),
                None => Err(self.undeclared_resource(reference, resource)),
            },
            Subject::Module(name) => {
                let Some(child) = self.children.get(name) else {
                    return Err(undeclared(
                        reference,
                        "Reference to undeclared module",
                        format!("No module call named \"{name}\" is declared in {}.", self.description()),
                        nearest(name, self.children.keys().map(|n| n.as_str())),
                        String::new(),
                    ));
                };
                program.module(*child).output_target(reference, name)
            }
            _ => Ok(None),
        }
    }

    fn output_target(&self, reference: &Reference, call: &str) -> Result<Option<Target>, Diagnostic> {
        let keyed = self.call.as_ref().is_some_and(|call| call.count.is_some() || call.for_each.is_some());
        let (([TraversalStep::Attr(output), ..], false)
        | (
            [TraversalStep::Key { .. } | TraversalStep::Index { .. }, TraversalStep::Attr(output), ..],
            true,
        )) = (&*reference.rest, keyed)
        else {
            return Ok(Some(Target::Outputs(self.id)));
        };
        match self.outputs.position(&output.name) {
            Some(at) => Ok(Some(Target::Output(self.id, at))),
            None => {
                let suggestion = nearest(&output.name, self.config.outputs.keys().map(|n| n.as_str()))
                    .map(|near| format!(" Did you mean \"{near}\"?"))
                    .unwrap_or_default();
                Err(Diagnostic::error(
                    "Unsupported attribute",
                    format!(
                        "This object does not have an attribute named \"{}\": the module \"{call}\" has no such output.{suggestion}",
                        output.name
                    ),
                )
                .at(output.span))
            }
        }
    }

    fn undeclared_resource(&self, reference: &Reference, resource: &addrs::Resource) -> Diagnostic {
        let kind = match resource.mode {
            addrs::Mode::Managed => "managed resource",
            addrs::Mode::Data => "data resource",
            addrs::Mode::Ephemeral => "ephemeral resource",
        };
        let names: Vec<String> = self.resources.keys().map(ToString::to_string).collect();
        let given = resource.to_string();
        let hint = if resource.mode == addrs::Mode::Managed
            && self.resources.contains_key(&addrs::Resource { mode: addrs::Mode::Data, ..resource.clone() })
        {
            format!("Did you mean the data resource data.{given}?")
        } else {
            String::new()
        };
        undeclared(
            reference,
            "Reference to undeclared resource",
            format!(
                "A {kind} \"{}\" \"{}\" has not been declared in {}.",
                resource.ty,
                resource.name,
                self.description()
            ),
            nearest(&given, names.iter().map(String::as_str)).filter(|_| hint.is_empty()),
            hint,
        )
    }

    fn description(&self) -> String {
        if self.path.is_root() { "the root module".to_owned() } else { self.path.to_string() }
    }

    /// What an expression refers to, errors aside.
    pub fn expression_targets(&self, program: &Program, expr: &Expr, out: &mut Vec<Target>) -> Diagnostics {
        let (references, mut diagnostics) = lang::references(expr);
        diagnostics.extend(self.targets(program, &references, out));
        diagnostics
    }

    pub fn targets(&self, program: &Program, references: &[Reference], out: &mut Vec<Target>) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for reference in references {
            match self.target(program, reference) {
                Ok(Some(target)) => out.push(target),
                Ok(None) => {}
                Err(error) => diagnostics.push(error),
            }
        }
        diagnostics
    }

    /// What `depends_on` names: a module stands for everything in it.
    pub fn dependency_targets(
        &self,
        program: &Program,
        depends_on: &[Traversal],
        out: &mut Vec<Target>,
    ) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for traversal in depends_on {
            let target =
                lang::parse_reference(traversal).and_then(|reference| self.target(program, &reference));
            match target {
                Ok(Some(Target::Outputs(id) | Target::Output(id, _))) => out.push(Target::Everything(id)),
                Ok(Some(target)) => out.push(target),
                Ok(None) => diagnostics.push(
                    Diagnostic::error(
                        "Invalid depends_on reference",
                        "References in depends_on must be to a whole object (resource, module, variable, local or output).",
                    )
                    .at(traversal.root.span),
                ),
                Err(error) => diagnostics.push(error),
            }
        }
        diagnostics
    }
}

fn undeclared(
    reference: &Reference,
    summary: &str,
    what: String,
    near: Option<&str>,
    otherwise: String,
) -> Diagnostic {
    let hint = near.map_or(otherwise, |near| format!("Did you mean \"{near}\"?"));
    let detail = if hint.is_empty() { what } else { format!("{what} {hint}") };
    Diagnostic::error(summary, detail).at(reference.span)
}
