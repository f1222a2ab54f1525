//! The state as `show` and `state show` print it.

use std::fmt::Write as _;

use addrs::{AbsResourceInstance, Mode, ProviderAddr};
use engine::Providers;
use state::{ObjectState, ObjectStatus, State};
use value::json;

use super::colour::{Palette, Style};
use super::plan::{object, plain_value};

/// Everything: objects by module, each followed by those in it, then outputs.
pub fn render(state: &State, providers: &Providers, palette: Palette) -> String {
    if state.is_empty() {
        return if state.lineage.is_empty() {
            "No state.\n".into()
        } else {
            "The state file is empty. No resources are represented.\n".into()
        };
    }
    let mut out = String::new();
    let mut instances: Vec<_> = state.instances().collect();
    instances.sort_by_cached_key(|(address, ..)| {
        let steps = address.module.steps().iter();
        steps.map(|step| format!("{}{}", step.name, step.key)).collect::<Vec<_>>()
    });
    for (address, resource, instance) in instances {
        let provider = &resource.provider.provider;
        if let Some(current) = &instance.current {
            let tainted = if current.status == ObjectStatus::Tainted { " (tainted)" } else { "" };
            out.push_str(&one(&address, tainted, provider, current, providers, palette));
            out.push('\n');
        }
        for (key, deposed) in &instance.deposed {
            out.push_str(&one(
                &address,
                &format!(" (deposed object {key})"),
                provider,
                deposed,
                providers,
                palette,
            ));
            out.push('\n');
        }
    }
    if !state.outputs.is_empty() {
        let _ = write!(out, "\n{}\n\n", palette.paint(Style::Bold, "Outputs:"));
        for (name, output) in &state.outputs {
            let value = without_symbols(&plain_value(&output.value, palette));
            let _ = writeln!(out, "{name} = {value}");
        }
    }
    out
}

/// One object; `None` when it is not in the state.
pub fn render_instance(
    state: &State,
    address: &AbsResourceInstance,
    providers: &Providers,
    palette: Palette,
) -> Option<String> {
    let resource = state.resources.get(&address.containing())?;
    let current = resource.instances.get(&address.key)?.current.as_ref()?;
    let tainted = if current.status == ObjectStatus::Tainted { " (tainted)" } else { "" };
    Some(one(address, tainted, &resource.provider.provider, current, providers, palette))
}

fn one(
    address: &AbsResourceInstance,
    remark: &str,
    provider: &ProviderAddr,
    stored: &ObjectState,
    providers: &Providers,
    palette: Palette,
) -> String {
    let resource = &address.resource;
    let kind = if resource.mode == Mode::Data { "data" } else { "resource" };
    let heading = palette.paint(Style::Bold, &format!("# {address}:{remark}"));
    let head = format!("{heading}\n{kind} \"{}\" \"{}\" ", resource.ty, resource.name);
    let schema = providers.get(provider).map(|p| p.schema());
    let block = schema.as_ref().and_then(|schema| match resource.mode {
        Mode::Data => schema.data_sources.get(&resource.ty),
        _ => schema.resources.get(&resource.ty),
    });
    let Some(block) = block else {
        return format!(
            "{head}{{\n    # the provider {} is not part of this groma\n}}\n",
            provider.for_display()
        );
    };
    match json::from_json(&stored.attributes, &block.block.implied_type()) {
        Ok(value) => {
            let value = provider::mark_sensitive(&block.block, &stored.mark_sensitive(&value));
            format!("{head}{}\n", without_symbols(&object(&block.block, &value, palette)))
        }
        Err(error) => format!("{head}{{\n    # cannot be read: {error}\n}}\n"),
    }
}

/// Four columns further left, where plans have their symbols.
fn without_symbols(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    lines.join("\n")
}
