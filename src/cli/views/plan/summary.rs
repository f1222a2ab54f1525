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

/// What to say when there is nothing to do.
pub fn no_changes(plan: &Plan, drift: bool, palette: Palette, columns: usize) -> String {
    let (head, detail) = match plan.mode {
        Mode::RefreshOnly if drift => return String::new(),
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
