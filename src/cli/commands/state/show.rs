use super::no_match;
use crate::cli::arguments::{StateFile, StateShowArgs};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::views;

pub fn run(context: &Context, args: &StateShowArgs) -> Result<Exit, Failed> {
    let files = StateFile { state: args.state.clone(), ..StateFile::default() };
    let (config, _) = context.try_load_config();
    let state = context.read_state(&context.state(&config, &files)?)?.state;
    let palette = views::palette(&context.process);
    match views::state::render_instance(&state, &args.address, &context.providers, palette) {
        Some(text) => {
            context.streams.out(text);
            Ok(Exit::Success)
        }
        None => Err(no_match(context, &addrs::Target::Instance(args.address.clone()))),
    }
}
