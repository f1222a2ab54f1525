use super::{matching, no_match, no_state};
use crate::cli::arguments::{StateFile, StateListArgs};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;

pub fn run(context: &Context, args: &StateListArgs) -> Result<Exit, Failed> {
    let files = StateFile { state: args.state.clone(), ..StateFile::default() };
    let (config, _) = context.try_load_config();
    let state = context.read_state(&context.state(&config, &files)?)?.state;
    if state.lineage.is_empty() && state.is_empty() {
        return Err(no_state(context));
    }
    let mut addresses = Vec::new();
    if args.addresses.is_empty() {
        addresses.extend(state.instances().map(|(address, ..)| address));
    }
    for target in &args.addresses {
        let found = matching(&state, target);
        if found.is_empty() {
            return Err(no_match(context, target));
        }
        addresses.extend(found);
    }
    for address in addresses {
        let id = state
            .instance(&address)
            .and_then(|instance| instance.current.as_ref())
            .and_then(|o| id(&o.attributes));
        if args.id.is_none() || args.id == id {
            context.streams.line(address.to_string());
        }
    }
    Ok(Exit::Success)
}

/// The `id` among an object's attributes.
fn id(attributes: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Id {
        id: Option<String>,
    }
    serde_json::from_str::<Id>(attributes).ok()?.id
}
