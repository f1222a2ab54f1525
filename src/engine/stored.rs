//! Evaluating a configuration against what the state has, without planning: for the console, import and recovery.

use std::sync::Arc;

use addrs::Mode;
use futures::FutureExt;
use state::State;
use value::Value;

use crate::eval::{Expansion, mark_by_schema, read_object};
use crate::graph::{Graph, Vertex};
use crate::program::{Program, ResourceId};
use crate::session::Session;
use crate::walk::{Outcome, Visit, Walked, walk};

/// Whether providers are configured on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Configure {
    Yes,
    No,
}

/// Evaluates every vertex of the graph; resources are as the state has them, and unknown where it has nothing.
pub(crate) async fn evaluate_stored(
    session: &Session,
    graph: &Graph,
    state: &State,
    configure: Configure,
) -> Walked {
    walk(
        graph,
        &session.operation.interrupt,
        usize::MAX,
        || session.stop().boxed(),
        |_, vertex| match vertex {
            Vertex::Expand(module) => session.expand(module).into(),
            Vertex::Variable(module, at) => session.variable(module, at).into(),
            Vertex::Local(module, at) => session.local(module, at).into(),
            Vertex::Output(module, at) => session.output(module, at).into(),
            Vertex::Provider(id) if configure == Configure::Yes => {
                Visit::wait(session.configure(id).map(Outcome::from))
            }
            Vertex::Resource(id) => {
                resource(session, state, id);
                Visit::Done(Outcome::ok())
            }
            _ => Visit::Done(Outcome::ok()),
        },
    )
    .await
}

fn resource(session: &Session, state: &State, id: ResourceId) {
    let program = session.program();
    let info = program.resource(id);
    let (Some(module), Some(block)) = (info.module, &info.config) else { return };
    for table in session.tables().instances(module) {
        let address = info.address.instance(table.address.clone());
        let keys: Vec<_> =
            state.resources.get(&address).map_or_else(Vec::new, |r| r.instances.keys().cloned().collect());
        let keyed = block.count.is_some() || block.for_each.is_some();
        if keyed && keys.is_empty() {
            continue;
        }
        let expansion = Expansion::of_keys(&keys, block.count.is_some(), block.for_each.is_some());
        let whole = expansion.assemble(|key| {
            stored_value(program, state, id, &address.instance(key.clone())).or_else(|| {
                let schema = info.schema.as_ref().filter(|_| info.mode() == Mode::Managed)?;
                Some(Value::unknown(schema.ty.clone()))
            })
        });
        let _ = table.expansions[info.slot as usize].set(expansion);
        let _ = table.resources[info.slot as usize].set(whole);
    }
}

/// The current object of an instance as expressions see it.
pub(crate) fn stored_value(
    program: &Program,
    state: &State,
    id: ResourceId,
    address: &addrs::AbsResourceInstance,
) -> Option<Value> {
    let info = program.resource(id);
    let object = state.instance(address)?.current.as_ref()?;
    let provider = program.provider(info.provider).provider.as_ref()?;
    let value = read_object(provider.as_ref(), &address.resource, object).ok()?;
    Some(mark_by_schema(info.schema.as_ref()?, &object.mark_sensitive(&value)))
}

/// A shared nothing: what an object depends on when it was not created from a configuration.
pub(crate) fn no_dependencies() -> Arc<[addrs::ConfigResource]> {
    Arc::new([])
}
