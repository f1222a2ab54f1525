use std::fmt::Write as _;

use plan::Rollout;

use crate::cli::views::colour::{Palette, Style};

/// The course of one provider's changes: `   3. upgrade kube-apiserver on cp1 (2 of 3 API servers stay)`.
pub fn text(rollout: &Rollout, palette: Palette) -> String {
    let heading = format!("{} will proceed in these steps:", rollout.provider.provider.for_display());
    let mut out = format!("\n{}\n", palette.paint(Style::Bold, &heading));
    let width = rollout.steps.len().to_string().len().max(2);
    for (at, step) in rollout.steps.iter().enumerate() {
        let _ = writeln!(out, "  {:>width$}. {}", at + 1, step.text);
    }
    out
}

#[cfg(test)]
mod tests {
    use plan::Rollout;
    use provider::RolloutStep;

    use super::text;
    use crate::cli::views::colour::Palette;

    #[test]
    fn numbers_stand_in_a_column() {
        let step = |n: usize| RolloutStep { text: format!("do {n}"), addresses: Vec::new() };
        let rollout = |n| Rollout {
            provider: "provider[\"registry.terraform.io/groma/eksd\"]".parse().expect("an address"),
            steps: (1..=n).map(step).collect(),
        };
        let shown = text(&rollout(1), Palette::new(false));
        assert_eq!(shown, "\ngroma/eksd will proceed in these steps:\n   1. do 1\n");
        let shown = text(&rollout(100), Palette::new(false));
        assert!(shown.ends_with("\n   99. do 99\n  100. do 100\n"), "{shown}");
    }
}
