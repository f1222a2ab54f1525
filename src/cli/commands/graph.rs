use engine::{GraphKind, graph_dot};

use crate::cli::arguments::{GraphArgs, GraphType, StateFile};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;

/// `groma graph`.
pub async fn run(context: &Context, args: &GraphArgs) -> Result<Exit, Failed> {
    let config = context.load_config()?;
    let state = context.read_state(&context.state(Some(&config), &StateFile::default()))?.state;
    let operation = context.operation(config, context.prompting(true))?;
    let kind = match args.kind {
        None if args.plan.is_none() => GraphKind::Resources,
        Some(GraphType::Plan) => GraphKind::Plan,
        Some(GraphType::PlanRefreshOnly) => GraphKind::PlanRefreshOnly,
        Some(GraphType::PlanDestroy) => GraphKind::PlanDestroy,
        None | Some(GraphType::Apply) => GraphKind::Apply,
    };
    let (text, found) = graph_dot(&operation, &state, kind).await;
    context.show(&found)?;
    context.streams.out(text);
    Ok(Exit::Success)
}
