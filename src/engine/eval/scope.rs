use diag::{Diagnostic, Diagnostics, Span};
use lang::{CallContext, PathAttr, Reference, Scope, Subject};
use value::{Marks, Value};

use super::{ModuleTable, Repetition, Tables};
use crate::program::{Program, Target};
use crate::request::Dirs;

/// What is the same for every expression of an operation.
pub(crate) struct Surroundings {
    pub program: Program,
    pub tables: Tables,
    pub dirs: Dirs,
    pub workspace: addrs::Name,
    /// `terraform.applying`.
    pub applying: bool,
}

/// What an expression in one instance of a block sees.
pub(crate) struct InstanceScope<'a> {
    surroundings: &'a Surroundings,
    table: &'a ModuleTable,
    repetition: &'a Repetition,
    itself: Option<&'a Value>,
}

static NO_REPETITION: Repetition = Repetition { count_index: None, each_key: None, each_value: None };

impl Surroundings {
    /// The scope of a module instance, outside of any repeated block.
    pub fn scope<'a>(&'a self, table: &'a ModuleTable) -> InstanceScope<'a> {
        InstanceScope { surroundings: self, table, repetition: &NO_REPETITION, itself: None }
    }
}

impl<'a> InstanceScope<'a> {
    #[must_use]
    pub fn with_repetition(mut self, repetition: &'a Repetition) -> Self {
        self.repetition = repetition;
        self
    }

    /// Lets `self` be this value.
    #[must_use]
    pub fn with_self(mut self, itself: &'a Value) -> Self {
        self.itself = Some(itself);
        self
    }

    fn path(&self, attr: PathAttr) -> Value {
        let dirs = &self.surroundings.dirs;
        let dir = match attr {
            PathAttr::Cwd => &dirs.cwd,
            PathAttr::Root => &dirs.root,
            PathAttr::Module => &self.surroundings.program.module(self.table.module).config.dir,
        };
        Value::string_nfc(&dir.to_string_lossy())
    }

    fn terraform(&self, name: &str, span: Span) -> Result<Value, Diagnostics> {
        match name {
            "workspace" => Ok(Value::string(self.surroundings.workspace.clone())),
            "applying" => Ok(Value::bool(self.surroundings.applying).mark(Marks::EPHEMERAL)),
            "env" => Err(Diagnostic::error(
                "Invalid \"terraform\" attribute",
                "The terraform.env attribute was deprecated in v0.10 and removed in v0.12. The \"state environment\" concept was renamed to \"workspace\" in v0.12, and so the workspace name can now be accessed using the terraform.workspace attribute.",
            )
            .at(span)
            .into()),
            _ => Err(Diagnostic::error(
                "Invalid \"terraform\" attribute",
                format!("The \"terraform\" object does not have an attribute named \"{name}\". The supported attributes are terraform.workspace, the name of the currently-selected workspace, and terraform.applying."),
            )
            .at(span)
            .into()),
        }
    }

    fn repeated(
        &self,
        value: Option<&Value>,
        span: Span,
        summary: &str,
        detail: &str,
    ) -> Result<Value, Diagnostics> {
        value.cloned().ok_or_else(|| Diagnostic::error(summary, detail).at(span).into())
    }
}

impl Scope for InstanceScope<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Value, Diagnostics> {
        let span = reference.span;
        match &reference.subject {
            Subject::CountIndex => self.repeated(
                self.repetition.count_index.as_ref(),
                span,
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" argument is set.",
            ),
            Subject::EachKey => self.repeated(
                self.repetition.each_key.as_ref(),
                span,
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
            ),
            Subject::EachValue => self.repeated(
                self.repetition.each_value.as_ref(),
                span,
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
            ),
            Subject::SelfObject => self.repeated(
                self.itself,
                span,
                "Invalid \"self\" reference",
                "The \"self\" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.",
            ),
            Subject::Path(attr) => Ok(self.path(*attr)),
            Subject::Terraform(name) => self.terraform(name, span),
            Subject::Output(name) => Err(Diagnostic::error(
                "Reference to unknown object",
                format!("There is no object {name} to refer to here."),
            )
            .at(span)
            .into()),
            Subject::Variable(_) | Subject::Local(_) | Subject::Module(_) | Subject::Resource(_) => {
                self.object(reference)
            }
        }
    }

    fn functions(&self) -> &CallContext {
        &self.surroundings.program.module(self.table.module).context
    }
}

impl InstanceScope<'_> {
    fn object(&self, reference: &Reference) -> Result<Value, Diagnostics> {
        let Surroundings { program, tables, .. } = self.surroundings;
        let module = program.module(self.table.module);
        let Some(target) = module.target(program, reference)? else { return Ok(Value::dynamic()) };
        let value = match target {
            Target::Variable(_, at) => self.table.variables[at as usize].get().cloned(),
            Target::Local(_, at) => self.table.locals[at as usize].get().cloned(),
            Target::Resource(id) => {
                self.table.resources.get(program.resource(id).slot as usize).and_then(|v| v.get().cloned())
            }
            Target::Output(child, at) => tables.call_output(program, self.table, child, at),
            Target::Outputs(child) | Target::Everything(child) => {
                tables.call_value(program, self.table, child)
            }
        };
        // Nothing there: an operation that leaves it out (targets, or a console over an incomplete state).
        Ok(value.unwrap_or_else(Value::dynamic))
    }
}
