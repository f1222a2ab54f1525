use std::fmt;

use crate::program::{ModuleId, Program, ProviderId, ResourceId};

/// One piece of work of a walk, or a point where others meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Vertex {
    /// `count` or `for_each` of a module call, in each instance of the caller.
    Expand(ModuleId),
    Variable(ModuleId, u32),
    Local(ModuleId, u32),
    Output(ModuleId, u32),
    Check(ModuleId, u32),
    /// All outputs of a module are there.
    Outputs(ModuleId),
    /// Everything in a module is done.
    Close(ModuleId),
    /// Evaluates and applies a provider's configuration.
    Provider(ProviderId),
    /// Reads all objects of a provider configuration.
    Refresh(ProviderId),
    /// Which instances a resource has; while applying, before their changes.
    Open(ResourceId),
    /// A resource: planned, or while applying, its value complete.
    Resource(ResourceId),
    /// A planned change, by its index.
    Change(u32, Step),
    /// Destroying a resource's objects may begin.
    DestroyGate(ResourceId),
    /// All of a resource's objects that are to be destroyed are gone.
    Destroyed(ResourceId),
    /// All planned changes are made: checks may look at what has come of them.
    Changed,
}

/// Which part of a planned change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Creation or update, or the creating half of a replacement.
    Put,
    /// Destruction, or the destroying half of a replacement.
    Destroy,
    Forget,
}

impl Vertex {
    /// As error messages and graphs name it.
    pub fn label<'a>(self, program: &'a Program, changes: &'a [plan::ResourceChange]) -> Label<'a> {
        Label { vertex: self, program, changes }
    }
}

pub(crate) struct Label<'a> {
    vertex: Vertex,
    program: &'a Program,
    changes: &'a [plan::ResourceChange],
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program;
        let prefixed = |f: &mut fmt::Formatter<'_>, module: ModuleId, rest: fmt::Arguments<'_>| {
            let path = &program.module(module).path;
            if !path.is_root() {
                write!(f, "{path}.")?;
            }
            f.write_fmt(rest)
        };
        match self.vertex {
            Vertex::Expand(m) => write!(f, "{} (expand)", program.module(m).path),
            Vertex::Variable(m, at) => {
                prefixed(f, m, format_args!("var.{}", program.module(m).variables.get(at).name))
            }
            Vertex::Local(m, at) => {
                prefixed(f, m, format_args!("local.{}", program.module(m).locals.get(at).name))
            }
            Vertex::Output(m, at) => {
                prefixed(f, m, format_args!("output.{}", program.module(m).outputs.get(at).name))
            }
            Vertex::Check(m, at) => {
                prefixed(f, m, format_args!("check.{}", program.module(m).checks.get(at).name))
            }
            Vertex::Outputs(m) => write!(f, "{} (outputs)", program.module(m).path),
            Vertex::Close(m) => write!(f, "{} (close)", program.module(m).path),
            Vertex::Provider(p) => write!(f, "{}", program.provider(p).address),
            Vertex::Refresh(p) => write!(f, "{} (refresh)", program.provider(p).address),
            Vertex::Open(r) => write!(f, "{} (expand)", program.resource(r).address),
            Vertex::Resource(r) => write!(f, "{}", program.resource(r).address),
            Vertex::DestroyGate(r) => write!(f, "{} (before destroy)", program.resource(r).address),
            Vertex::Destroyed(r) => write!(f, "{} (destroyed)", program.resource(r).address),
            Vertex::Changed => f.write_str("(changed)"),
            Vertex::Change(at, step) => {
                let Some(change) = self.changes.get(at as usize) else { return write!(f, "change {at}") };
                write!(f, "{}", change.address)?;
                match (step, &change.deposed) {
                    (Step::Put, _) => Ok(()),
                    (Step::Destroy, None) => f.write_str(" (destroy)"),
                    (Step::Destroy, Some(key)) => write!(f, " (destroy deposed {key})"),
                    (Step::Forget, _) => f.write_str(" (forget)"),
                }
            }
        }
    }
}
