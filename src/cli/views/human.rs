use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use addrs::Name;
use diag::{Diagnostics, Severity, Sources};
use engine::{Hooks, Providers};
use plan::{Mode, Plan};
use state::OutputState;

use super::colour::{Palette, Style};
use super::human_hooks::HumanHooks;
use super::tally::Tally;
use super::{View, diagnostics, outputs, plan as plan_view};
use crate::cli::streams::Streams;

/// Text for people, as Terraform writes it.
pub struct Human {
    streams: Streams,
    palette: Palette,
    columns: usize,
    compact_warnings: bool,
    /// Leave out hints about the next command.
    automation: bool,
}

impl Human {
    pub fn new(
        streams: Streams,
        palette: Palette,
        columns: usize,
        compact_warnings: bool,
        automation: bool,
    ) -> Self {
        Self { streams, palette, columns, compact_warnings, automation }
    }

    fn rule(&self) -> String {
        let width = if self.palette.is_on() { self.columns.min(120) } else { self.columns.min(77) };
        format!("\n{}\n", "─".repeat(width))
    }
}

impl View for Human {
    fn diagnostics(&self, found: &Diagnostics, sources: &Sources) {
        let found = diagnostics::consolidate(found, self.compact_warnings);
        for diagnostic in &found {
            let text = diagnostics::render(diagnostic, sources, self.palette, self.columns);
            match diagnostic.severity {
                Severity::Error => self.streams.err(text),
                Severity::Warning => self.streams.out(text),
            }
        }
    }

    fn hooks(&self) -> Arc<dyn Hooks> {
        Arc::new(HumanHooks::new(self.streams.clone(), self.palette))
    }

    fn plan(&self, plan: &Plan, providers: &Providers) {
        self.streams.out(plan_view::render(plan, providers, self.palette, self.columns));
    }

    fn next_step(&self, saved_to: Option<&Path>) {
        if self.automation {
            return;
        }
        self.streams.out(self.rule());
        self.streams.out(match saved_to {
            Some(path) => format!(
                "\nSaved the plan to: {0}\n\nTo perform exactly these actions, run the following command to apply:\n    groma apply \"{0}\"\n",
                path.display()
            ),
            None => "\nNote: You didn't use the -out option to save this plan, so groma can't\n\
                     guarantee to take exactly these actions if you run \"groma apply\" now.\n"
                .to_owned(),
        });
    }

    fn applied(&self, mode: Mode, tally: Tally) {
        let Tally { imported, added, changed, destroyed, forgotten } = tally;
        let text = if mode == Mode::Destroy {
            format!("Destroy complete! Resources: {destroyed} destroyed.")
        } else {
            let mut text = "Apply complete! Resources: ".to_owned();
            if imported > 0 {
                text.push_str(&format!("{imported} imported, "));
            }
            text.push_str(&format!("{added} added, {changed} changed, {destroyed} destroyed"));
            if forgotten > 0 {
                text.push_str(&format!(", {forgotten} forgotten"));
            }
            text + "."
        };
        self.streams.out(format!("\n{}\n", self.palette.paint(Style::BoldGreen, &text)));
    }

    fn outputs(&self, values: &BTreeMap<Name, OutputState>) {
        if !values.is_empty() {
            let heading = self.palette.paint(Style::BoldGreen, "Outputs:");
            self.streams.out(format!("\n{heading}\n\n{}", outputs::list(values)));
        }
    }

    fn note(&self, text: &str) {
        self.streams.out(text);
    }

    fn is_json(&self) -> bool {
        false
    }
}
