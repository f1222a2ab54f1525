use std::fmt::Write as _;

use config::{Module, canonical_constraints};

use crate::cli::arguments::{ProvidersArgs, ProvidersCommand, StateFile};
use crate::cli::context::{Context, Failed};
use crate::cli::exit::Exit;
use crate::cli::views::schema;

/// `groma providers` and `groma providers schema`.
pub fn run(context: &Context, args: &ProvidersArgs) -> Result<Exit, Failed> {
    let config = context.load_config()?;
    if let Some(ProvidersCommand::Schema { .. }) = args.command {
        let used = config
            .providers
            .resources
            .values()
            .map(|p| &p.provider)
            .chain(config.providers.constraints.keys());
        context.streams.line(schema::json(used, &context.providers));
        return Ok(Exit::Success);
    }
    let mut text = String::from("\nProviders required by configuration:\n.\n");
    tree(&config.root, &config, "", &mut text);
    let state = context.read_state(&context.state(&config, &StateFile::default())?)?.state;
    if !state.resources.is_empty() {
        text.push_str("\nProviders required by state:\n\n");
        let mut names: Vec<String> =
            state.resources.values().map(|resource| resource.provider.provider.to_string()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let _ = writeln!(text, "    provider[{name}]\n");
        }
    }
    context.streams.out(text);
    Ok(Exit::Success)
}

/// The module's providers, then its modules, as a tree.
fn tree(module: &Module, config: &config::Config, indent: &str, text: &mut String) {
    let mut lines: Vec<String> = config
        .providers
        .local_names
        .iter()
        .filter(|((path, key), _)| *path == module.path && key.alias.is_none())
        .map(|((_, key), provider)| {
            let version = module.required_providers.get(&key.name).and_then(|r| r.version.clone());
            let version = version.map(|version| format!(" {}", canonical_constraints(&[version])));
            format!("provider[{}]{}", provider.provider, version.unwrap_or_default())
        })
        .collect();
    lines.dedup();
    let count = lines.len() + module.children.len();
    let branch = |i: usize| if i + 1 == count { ("└── ", "    ") } else { ("├── ", "│   ") };
    for (i, line) in lines.iter().enumerate() {
        let _ = writeln!(text, "{indent}{}{line}", branch(i).0);
    }
    for (i, (name, child)) in module.children.iter().enumerate() {
        let (fork, deeper) = branch(lines.len() + i);
        let _ = writeln!(text, "{indent}{fork}module.{name}");
        tree(child, config, &format!("{indent}{deeper}"), text);
    }
}
