use plan::{Action, Mode, Plan};

use crate::cli::views::colour::{Palette, Style};
use crate::cli::views::wrap::wrap;

/// `Plan: 1 to add, 0 to change, 0 to destroy.`
pub fn summary(plan: &Plan, palette: Palette) -> String {
    let counts = Counts::of(plan);
    let mut parts = Vec::new();
    if counts.import > 0 {
        parts.push(format!("{} to import", counts.import));
    }
    parts.push(format!("{} to add", counts.add));
    parts.push(format!("{} to change", counts.change));
    parts.push(format!("{} to destroy", counts.destroy));
    if counts.forget > 0 {
        parts.push(format!("{} to forget", counts.forget));
    }
    format!("{} {}.", palette.paint(Style::Bold, "Plan:"), parts.join(", "))
}

/// What a plan will do, in numbers; a replacement counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub import: usize,
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
    pub forget: usize,
}

impl Counts {
    pub fn of(plan: &Plan) -> Self {
        let mut counts = Self::default();
        for change in &plan.changes {
            counts.import += usize::from(change.importing.is_some());
            match change.action {
                Action::Create => counts.add += 1,
                Action::Update => counts.change += 1,
                Action::Delete => counts.destroy += 1,
                Action::Forget => counts.forget += 1,
                Action::DeleteThenCreate | Action::CreateThenDelete => {
                    counts.add += 1;
                    counts.destroy += 1;
                }
                Action::NoOp | Action::Read => {}
            }
        }
        counts
    }
}

/// That what the plan is made of was not all seen. One warning may stand for several objects.
fn doubtful(plan: &Plan) -> String {
    let (count, verb) = match plan.doubtful.len() {
        1 => ("1 object".to_owned(), "stands as it was"),
        n => (format!("{n} objects"), "stand as they were"),
    };
    format!(
        "Reading ended with warnings for at least {count}: what could not be read {verb} last known, so that it is not known \
         whether it matches the configuration. Groma has found no differences in anything else. Plan again once the warnings \
         are dealt with."
    )
}

/// What to say when there is nothing to do.
pub fn no_changes(plan: &Plan, drift: bool, palette: Palette, columns: usize) -> String {
    let doubtful = doubtful(plan);
    let (head, detail) = match plan.mode {
        Mode::RefreshOnly if drift => return String::new(),
        Mode::RefreshOnly | Mode::Normal if !plan.doubtful.is_empty() => {
            ("As far as can be told, nothing differs.", doubtful.as_str())
        }
        Mode::RefreshOnly => (
            "Your infrastructure still matches the configuration.",
            "Groma has checked that the real remote objects still match the result of your most recent changes, and found no differences.",
        ),
        Mode::Destroy => (
            "No objects need to be destroyed.",
            "Either you have not created any objects yet or the existing objects were already deleted outside of groma.",
        ),
        Mode::Normal => (
            "Your infrastructure matches the configuration.",
            "Groma has compared your real infrastructure against your configuration and found no differences, so no changes are needed.",
        ),
    };
    let no = palette.paint(Style::BoldGreen, "No changes.");
    format!("\n{no} {}\n\n{}\n", palette.paint(Style::Bold, head), wrap(detail, columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_seen_is_not_said_to_match() {
        let mut plan = Plan {
            mode: Mode::Normal,
            changes: Vec::new(),
            drift: Vec::new(),
            outputs: std::collections::BTreeMap::new(),
            previous_state: state::State::default(),
            prior_state: state::State::default(),
            variables: std::collections::BTreeMap::new(),
            ephemeral_variables: Vec::new(),
            targets: Vec::new(),
            force_replace: Vec::new(),
            checks: Vec::new(),
            relevant_attributes: Vec::new(),
            timestamp: std::time::SystemTime::UNIX_EPOCH,
            errored: false,
            rollouts: Vec::new(),
            doubtful: Vec::new(),
        };
        let said = |plan: &Plan| no_changes(plan, false, Palette::new(false), 200);
        assert!(said(&plan).contains("Your infrastructure matches the configuration."));
        plan.doubtful.push("t.n".parse().expect("valid"));
        for mode in [Mode::Normal, Mode::RefreshOnly] {
            plan.mode = mode;
            let text = said(&plan);
            assert!(
                text.contains("at least 1 object: what could not be read stands as it was last known"),
                "{text}"
            );
            assert!(!text.contains("infrastructure"), "{text}");
        }
    }
}
