//! The JSON stream (`-json`): one object a line, in the shape of Terraform's `ui` 1.2.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use addrs::Name;
use diag::{Diagnostics, Sources};
use engine::{Hooks, Providers};
use plan::{Action, Mode, Plan, Reason, ResourceChange, Rollout};
use serde_json::{Map, Value as Json, json};
use state::OutputState;
use value::json::{to_plain_json, type_to_json};

use super::json_hooks::{JsonHooks, resource};
use super::plan::Counts;
use super::tally::Tally;
use super::{View, diagnostics};
use crate::cli::context::timestamp;
use crate::cli::settings::now;
use crate::cli::streams::Streams;
use crate::cli::{TERRAFORM_VERSION, VERSION};

/// Objects for programs.
pub struct JsonView {
    lines: Lines,
}

/// Writes lines of the stream.
#[derive(Clone)]
pub struct Lines(Streams);

impl Lines {
    /// A line with the common fields and those of its type.
    pub fn write(&self, level: &str, message: &str, ty: &str, fields: Json) {
        let mut line = Map::new();
        line.insert("@level".into(), level.into());
        line.insert("@message".into(), message.into());
        line.insert("@module".into(), "terraform.ui".into());
        line.insert("@timestamp".into(), timestamp(now()).into());
        if let Json::Object(fields) = fields {
            line.extend(fields);
        }
        line.insert("type".into(), ty.into());
        self.0.line(Json::Object(line).to_string());
    }

    pub fn info(&self, message: &str, ty: &str, fields: Json) {
        self.write("info", message, ty, fields);
    }
}

impl JsonView {
    pub fn new(streams: Streams) -> Self {
        let lines = Lines(streams);
        lines.info(
            &format!("Groma {VERSION}"),
            "version",
            json!({ "terraform": TERRAFORM_VERSION, "groma": VERSION, "ui": "1.2" }),
        );
        Self { lines }
    }

    fn change(&self, change: &ResourceChange, ty: &str, verb: &str) {
        let action = match change.action {
            Action::NoOp if change.importing.is_some() => "import",
            Action::NoOp if change.previous_address.is_some() => "move",
            action => action_word(action),
        };
        let mut body = json!({ "resource": resource(&change.address), "action": action });
        if let Some(previous) = &change.previous_address {
            body["previous_resource"] = resource(previous);
        }
        if change.reason != Reason::None {
            body["reason"] = reason(change.reason).into();
        }
        if let Some(importing) = &change.importing {
            body["importing"] = match &importing.id {
                Some(id) => json!({ "id": id.as_str() }),
                None => json!({ "unknown": true }),
            };
        }
        self.lines.info(&format!("{}: {verb}{action}", change.address), ty, json!({ "change": body }));
    }
}

impl JsonView {
    /// A line a step, which Terraform has not: what a provider says of the course of its changes.
    fn rollout(&self, rollout: &Rollout) {
        for (at, step) in rollout.steps.iter().enumerate() {
            let resources: Vec<Json> = step.addresses.iter().map(resource).collect();
            let body = json!({
                "provider": rollout.provider.provider.to_string(),
                "step": at + 1,
                "text": step.text,
                "resources": resources,
            });
            let message = format!("{}. {}", at + 1, step.text);
            self.lines.info(&message, "planned_rollout", json!({ "rollout": body }));
        }
    }
}

impl View for JsonView {
    fn diagnostics(&self, found: &Diagnostics, sources: &Sources) {
        for diagnostic in found {
            let (level, word) = if diagnostic.is_error() { ("error", "Error") } else { ("warn", "Warning") };
            let fields = json!({ "diagnostic": diagnostics::to_json(diagnostic, sources) });
            self.lines.write(level, &format!("{word}: {}", diagnostic.summary), "diagnostic", fields);
        }
    }

    fn hooks(&self) -> Arc<dyn Hooks> {
        Arc::new(JsonHooks::new(self.lines.clone()))
    }

    fn plan(&self, plan: &Plan, _providers: &Providers) {
        for change in &plan.drift {
            self.change(change, "resource_drift", "Drift detected: ");
        }
        for change in &plan.changes {
            if change.is_news() {
                self.change(change, "planned_change", "Plan to ");
            }
        }
        for rollout in &plan.rollouts {
            self.rollout(rollout);
        }
        let counts = Counts::of(plan);
        let operation = if plan.mode == Mode::Destroy { "destroy" } else { "plan" };
        let mut message = format!(
            "Plan: {} to add, {} to change, {} to destroy.",
            counts.add, counts.change, counts.destroy
        );
        if counts.import > 0 {
            message = message.replacen("Plan: ", &format!("Plan: {} to import, ", counts.import), 1);
        }
        self.lines.info(
            &message,
            "change_summary",
            json!({ "changes": {
                "add": counts.add, "change": counts.change, "import": counts.import, "remove": counts.destroy,
                "operation": if operation == "destroy" { "plan" } else { operation },
            } }),
        );
        let outputs: Map<String, Json> = plan
            .outputs
            .values()
            .map(|o| {
                (o.name.to_string(), json!({ "sensitive": o.sensitive, "action": action_word(o.action) }))
            })
            .collect();
        if !outputs.is_empty() {
            self.lines.info(&format!("Outputs: {}", outputs.len()), "outputs", json!({ "outputs": outputs }));
        }
    }

    fn next_step(&self, _saved_to: Option<&Path>) {}

    fn applied(&self, mode: Mode, tally: Tally) {
        let Tally { imported, added, changed, destroyed, .. } = tally;
        let (operation, message) = if mode == Mode::Destroy {
            ("destroy", format!("Destroy complete! Resources: {destroyed} destroyed."))
        } else {
            (
                "apply",
                format!(
                    "Apply complete! Resources: {}{added} added, {changed} changed, {destroyed} destroyed.",
                    if imported > 0 { format!("{imported} imported, ") } else { String::new() }
                ),
            )
        };
        let changes = json!({ "add": added, "change": changed, "import": imported, "remove": destroyed, "operation": operation });
        self.lines.info(&message, "change_summary", json!({ "changes": changes }));
    }

    fn outputs(&self, values: &BTreeMap<Name, OutputState>) {
        let outputs: Map<String, Json> = values
            .iter()
            .map(|(name, output)| {
                let mut entry =
                    json!({ "sensitive": output.sensitive, "type": type_to_json(&output.value.ty()) });
                if !output.sensitive
                    && let Ok(text) = to_plain_json(&output.value.unmark_deep())
                    && let Ok(value) = serde_json::from_str(&text)
                {
                    entry["value"] = value;
                }
                (name.to_string(), entry)
            })
            .collect();
        self.lines.info(&format!("Outputs: {}", outputs.len()), "outputs", json!({ "outputs": outputs }));
    }

    fn note(&self, _text: &str) {}

    fn is_json(&self) -> bool {
        true
    }
}

fn action_word(action: Action) -> &'static str {
    match action {
        Action::NoOp => "noop",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    }
}

/// A reason as the stream calls it: shorter than in the plan JSON where it is for a replacement.
fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::ReplaceBecauseCannotUpdate => "cannot_update",
        Reason::ReplaceBecauseTainted => "tainted",
        Reason::ReplaceByRequest => "requested",
        Reason::ReplaceByTriggers => "replace_triggered_by",
        other => other.as_str(),
    }
}
