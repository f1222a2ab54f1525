//! The plan as people read it, in the form that Terraform's users know.

mod block;
mod diff;
mod render;
mod rollout;
mod sequence;
mod summary;
mod text;

use std::fmt::Write as _;

use engine::Providers;
use plan::{Action, Mode, Plan, Reason, ResourceChange};
use value::Value;

use super::colour::{Palette, Style};
use super::wrap::wrap;
use block::block_diff;
use diff::{Change, Context, compute, present};
use render::Renderer;

pub use summary::{Counts, summary};

/// A whole object as `show` prints it: `{ ... }` without symbols.
pub fn object(schema: &provider::Block, value: &Value, palette: Palette) -> String {
    let renderer = Renderer { palette, all: true, plain: true, null_suffix: false };
    let block = block_diff(schema, Some(value), Some(value), &mut Vec::new(), &[]);
    renderer.block(&block, 0)
}

/// A whole value as `show` prints outputs.
pub fn plain_value(value: &Value, palette: Palette) -> String {
    let renderer = Renderer { palette, all: true, plain: true, null_suffix: false };
    renderer.value(&compute(Some(value), Some(value), &mut Vec::new(), Context::FREE), 0)
}

/// Drift, changes, the count, and outputs.
pub fn render(plan: &Plan, providers: &Providers, palette: Palette, columns: usize) -> String {
    let mut out = String::new();
    let drift = relevant_drift(plan);
    if !drift.is_empty()
        && (plan.mode == Mode::RefreshOnly || !plan.changes.iter().all(|c| c.action == Action::NoOp))
    {
        out.push_str(&drift_text(&drift, plan, providers, palette, columns));
    }
    let changes: Vec<&ResourceChange> = plan.changes.iter().filter(|change| change.is_news()).collect();
    let outputs = outputs(plan, palette);
    if plan.errored && changes.is_empty() && outputs.is_empty() {
        let text = "Planning failed. Groma encountered an error while generating this plan.";
        let _ = writeln!(out, "\n{}", palette.paint(Style::Bold, text));
    }
    if changes.is_empty() && outputs.is_empty() {
        if !plan.errored {
            out.push_str(&summary::no_changes(plan, !drift.is_empty(), palette, columns));
        }
        return out;
    }
    if !changes.is_empty() {
        if changes.iter().any(|change| change.action != Action::NoOp) {
            out.push_str(&legend(&changes, palette, columns));
        }
        let heading = if plan.errored {
            "Groma planned the following actions, but then encountered a problem:"
        } else {
            "Groma will perform the following actions:"
        };
        let _ = writeln!(out, "\n{heading}");
        for change in &changes {
            out.push_str(&resource(change, providers, palette));
        }
        for rollout in &plan.rollouts {
            out.push_str(&rollout::text(rollout, palette));
        }
        let _ = write!(out, "\n{}\n", summary(plan, palette));
    }
    if !outputs.is_empty() {
        let _ = write!(out, "\n{}\n{outputs}", palette.paint(Style::Bold, "Changes to Outputs:"));
        if changes.is_empty() && !plan.errored {
            let text = "You can apply this plan to save these new output values to the groma state, without changing any real infrastructure.";
            let _ = writeln!(out, "\n{}", wrap(text, columns));
        }
    }
    out
}

fn legend(changes: &[&ResourceChange], palette: Palette, columns: usize) -> String {
    let intro = "Groma used the selected providers to generate the following execution plan. Resource actions are indicated with the following symbols:";
    let mut out = format!("\n{}\n", wrap(intro, columns));
    for (actions, text) in LEGEND {
        if changes.iter().any(|change| actions.contains(&change.action)) {
            let _ = writeln!(out, "{} {text}", action_symbol(actions[0], palette));
        }
    }
    out
}

/// One changed resource: a heading that says why, and its body.
fn resource(change: &ResourceChange, providers: &Providers, palette: Palette) -> String {
    let mut out = String::from("\n");
    let forgets = change.action == Action::Forget;
    let indent = if forgets { " " } else { "  " };
    for line in heading(change) {
        let _ = writeln!(out, "{indent}{}", palette.paint(Style::Bold, &line));
    }
    let resource = &change.address.resource;
    let schema = providers.get(&change.provider.provider).map(|p| p.schema());
    let block = schema.as_ref().and_then(|schema| match resource.mode {
        addrs::Mode::Data => schema.data_sources.get(&resource.ty),
        addrs::Mode::Managed => schema.resources.get(&resource.ty),
        addrs::Mode::Ephemeral => schema.ephemerals.get(&resource.ty),
    });
    let kind = if resource.mode == addrs::Mode::Data { "data" } else { "resource" };
    let symbol = action_symbol(change.action, palette);
    let _ = write!(out, "{symbol} {kind} \"{}\" \"{}\" ", resource.ty, resource.name);
    let Some(block) = block else { return out + "{ ... }\n" };
    let renderer = Renderer { palette, all: false, plain: false, null_suffix: true };
    // What is forgotten stays as it is.
    let after = if forgets { &change.before } else { &change.after };
    let diff = block_diff(
        &block.block,
        present(&change.before),
        present(after),
        &mut Vec::new(),
        &change.required_replace,
    );
    out.push_str(&renderer.block(&diff, 0));
    out.push('\n');
    out
}

fn heading(change: &ResourceChange) -> Vec<String> {
    let address = match &change.deposed {
        Some(key) => format!("{} (deposed object {key})", change.address),
        None => change.address.to_string(),
    };
    let first = match (change.action, change.reason) {
        (Action::Create, _) => format!("# {address} will be created"),
        (Action::Read, _) => format!("# {address} will be read during apply"),
        (Action::Update, _) => format!("# {address} will be updated in-place"),
        (Action::Delete, _) => format!("# {address} will be destroyed"),
        (Action::Forget, _) => {
            format!("# {address} will no longer be managed by groma, but will not be destroyed")
        }
        (Action::NoOp, _) if change.importing.is_some() => format!("# {address} will be imported"),
        (Action::NoOp, _) => match &change.previous_address {
            Some(previous) => format!("# {previous} has moved to {address}"),
            None => format!("# {address}"),
        },
        (_, Reason::ReplaceBecauseTainted) => format!("# {address} is tainted, so must be replaced"),
        (_, Reason::ReplaceByRequest) => format!("# {address} will be replaced, as requested"),
        (_, Reason::ReplaceByTriggers) => {
            format!("# {address} will be replaced due to changes in replace_triggered_by")
        }
        _ => format!("# {address} must be replaced"),
    };
    let mut lines = vec![first];
    if change.deposed.is_some() {
        lines.push("# (left over from a partially-failed replacement of this instance)".into());
    }
    lines.extend(reason(change));
    if change.action != Action::NoOp
        && let Some(previous) = &change.previous_address
    {
        lines.push(format!("# (moved from {previous})"));
    }
    if change.generated_config.is_some() {
        lines.push("# (config will be generated)".into());
    }
    if let Some(importing) = change.importing.as_ref().filter(|_| change.action != Action::NoOp) {
        let id = importing.id.as_ref().map_or("(known after apply)".into(), |id| format!("{id:?}"));
        lines.push(format!("# (imported from {id})"));
    }
    lines
}

fn reason(change: &ResourceChange) -> Option<String> {
    if change.reason == Reason::ForgetBecauseHandedOver {
        return Some("# (another resource of this plan has the object)".into());
    }
    if change.action == Action::Forget {
        return Some("# (destroy = false is set in the configuration)".into());
    }
    let address = &change.address;
    let key = address.key.to_string();
    Some(match change.reason {
        Reason::DeleteBecauseNoResourceConfig => {
            format!("# (because {} is not in configuration)", address.containing())
        }
        Reason::DeleteBecauseNoModule => format!("# (because {} is not in configuration)", address.module),
        Reason::DeleteBecauseNoMoveTarget => {
            format!("# (because {address} was moved to an address that is not in configuration)")
        }
        Reason::DeleteBecauseWrongRepetition if address.key.is_none() => {
            "# (because resource uses count or for_each)".into()
        }
        Reason::DeleteBecauseWrongRepetition => match address.key {
            addrs::InstanceKey::Int(_) => "# (because resource does not use count)".into(),
            _ => "# (because resource does not use for_each)".into(),
        },
        Reason::DeleteBecauseCountIndex => format!("# (because index {key} is out of range for count)"),
        Reason::DeleteBecauseEachKey => format!("# (because key {key} is not in for_each map)"),
        Reason::ReadBecauseConfigUnknown => "# (config refers to values not yet known)".into(),
        Reason::ReadBecauseDependencyPending => {
            "# (depends on a resource or a module with changes pending)".into()
        }
        Reason::ReadBecauseCheckNested => "# (config will be reloaded to verify a check block)".into(),
        _ => return None,
    })
}

fn outputs(plan: &Plan, palette: Palette) -> String {
    let changed: Vec<_> = plan.outputs.values().filter(|output| output.action != Action::NoOp).collect();
    let width = plan.outputs.values().map(|output| output.name.chars().count()).max().unwrap_or(0);
    let renderer = Renderer { palette, all: false, plain: false, null_suffix: true };
    let mut out = String::new();
    for output in changed {
        let mark = |value: &Value| {
            if output.sensitive { value.clone().mark(value::Marks::SENSITIVE) } else { value.clone() }
        };
        let (before, after) = (mark(&output.before), mark(&output.after));
        let diff = compute(present(&before), present(&after), &mut Vec::new(), Context::FREE);
        // Its sensitivity may be all that changes.
        let change = if diff.change == Change::None { Change::Update } else { diff.change };
        let symbol = renderer.symbol(change);
        let _ = writeln!(out, "{symbol}{:width$} = {}", output.name, renderer.value(&diff, 0));
    }
    out
}

/// Objects changed outside groma that matter for this plan.
fn relevant_drift(plan: &Plan) -> Vec<&ResourceChange> {
    if plan.mode == Mode::RefreshOnly {
        return plan.drift.iter().collect();
    }
    plan.drift
        .iter()
        .filter(|change| {
            let used = plan.relevant_attributes.iter().any(|relevant| {
                relevant.resource == change.address
                    || (relevant.resource.key.is_none()
                        && relevant.resource.containing() == change.address.containing())
            });
            used || plan.changes.iter().any(|c| c.address == change.address && c.action != Action::NoOp)
        })
        .collect()
}

fn drift_text(
    drift: &[&ResourceChange],
    plan: &Plan,
    providers: &Providers,
    palette: Palette,
    columns: usize,
) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "\n{}", palette.paint(Style::Cyan, "Note: Objects have changed outside of groma"));
    let text = "Groma detected the following changes made outside of groma since the last \"groma apply\" which may have affected this plan:";
    let _ = writeln!(out, "\n{}", wrap(text, columns));
    for change in drift {
        let body = resource(change, providers, palette);
        let gone = change.after.is_null();
        let what = if gone { "has been deleted" } else { "has changed" };
        let heading = palette.paint(Style::Bold, &format!("# {} {what}", change.address));
        let rest = body.splitn(3, '\n').nth(2).unwrap_or_default();
        let _ = write!(out, "\n  {heading}\n{rest}");
    }
    let text = if plan.mode == Mode::RefreshOnly {
        "This is a refresh-only plan, so groma will not take any actions to undo these. If you were expecting these changes then you can apply this plan to record the updated values in the groma state without changing any remote objects."
    } else {
        "Unless you have made equivalent changes to your configuration, or ignored the relevant attributes using ignore_changes, the following plan may include actions to undo or respond to these changes."
    };
    let _ = writeln!(out, "\n\n{}\n\n{}", wrap(text, columns), "─".repeat(columns.min(77)));
    out
}

/// The symbol of an action, three columns wide.
fn action_symbol(action: Action, palette: Palette) -> String {
    let paint = |style, text| palette.paint(style, text);
    match action {
        Action::NoOp => "   ".into(),
        Action::Create => format!("  {}", paint(Style::Green, "+")),
        Action::Update => format!("  {}", paint(Style::Yellow, "~")),
        Action::Delete => format!("  {}", paint(Style::Red, "-")),
        Action::Read => format!(" {}", paint(Style::Cyan, "<=")),
        Action::Forget => format!(" {}", paint(Style::Red, ".")),
        Action::DeleteThenCreate => format!("{}/{}", paint(Style::Red, "-"), paint(Style::Green, "+")),
        Action::CreateThenDelete => format!("{}/{}", paint(Style::Green, "+"), paint(Style::Red, "-")),
    }
}

const LEGEND: &[(&[Action], &str)] = &[
    (&[Action::Create], "create"),
    (&[Action::Update], "update in-place"),
    (&[Action::Delete], "destroy"),
    (&[Action::DeleteThenCreate], "destroy and then create replacement"),
    (&[Action::CreateThenDelete], "create replacement and then destroy"),
    (&[Action::Read], "read (data resources)"),
];
