use engine::{GraphKind, graph_dot};

use super::apply::read_plan;
use crate::cli::arguments::{GraphArgs, GraphType, StateFile};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;

/// `groma graph`.
pub fn run(context: &Context, args: &GraphArgs) -> Result<Exit, Failed> {
    let config = context.load_config()?;
    let state = context.read_state(&context.state(&config, &StateFile::default())?)?.state;
    let operation = context.operation(config, context.prompting(true))?;
    let saved = args.plan.as_ref().map(|path| read_plan(context, path)).transpose()?.map(|file| file.plan);
    let kind = match args.kind {
        None if args.plan.is_none() => GraphKind::Resources,
        Some(GraphType::Plan | GraphType::PlanRefreshOnly) => GraphKind::Plan,
        Some(GraphType::PlanDestroy) => GraphKind::PlanDestroy,
        None | Some(GraphType::Apply) => GraphKind::Apply(saved.as_ref()),
    };
    let (text, found) = graph_dot(&operation, &state, kind);
    context.show(&found)?;
    context.streams.out(text);
    Ok(Exit::Success)
}
