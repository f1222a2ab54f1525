use addrs::{Mode, Resource};
use diag::{Diagnostic, Span};
use lang::Subject;
use syntax::{Block, BodySchema, Content, Expr, Traversal};

use crate::check::{self, Condition};
use crate::constant;
use crate::cx::Cx;
use crate::resource::{block_type, kind};

/// A `lifecycle` block.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// `None` when not set: the engine decides by what depends on the resource.
    pub create_before_destroy: Option<bool>,
    pub prevent_destroy: bool,
    pub ignore_changes: IgnoreChanges,
    /// References to resources, instances or their attributes.
    pub replace_triggered_by: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub postconditions: Vec<Condition>,
    /// Ours: at most so many instances change at a time, in key order (destructions in reverse); a failure stops the rest.
    pub max_parallel: Option<(u32, Span)>,
}

/// Which changes of the configuration are not acted on.
#[derive(Clone, Debug, Default)]
pub enum IgnoreChanges {
    #[default]
    None,
    All,
    /// Relative traversals: the root is the attribute's name.
    Paths(Vec<Traversal>),
}

/// A block as written, before override files.
#[derive(Clone, Debug, Default)]
pub(crate) struct LifecycleDraft {
    lifecycle: Lifecycle,
    prevent_destroy: Option<bool>,
}

/// Arguments that make sense only where objects are created and destroyed.
const MANAGED_ONLY: [&str; 5] =
    ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by", "max_parallel"];

pub(crate) fn decode(block: &Block, resource: &Resource, cx: &mut Cx<'_>) -> LifecycleDraft {
    let schema = BodySchema::new(&MANAGED_ONLY, &[("precondition", &[]), ("postcondition", &[])]);
    let (content, diagnostics) = block.body.content(&schema);
    cx.extend(diagnostics);
    if resource.mode != Mode::Managed {
        for attribute in &content.attributes {
            cx.push(managed_only(resource.mode, &attribute.name.name).at(attribute.name.span));
        }
    }
    let preconditions = content
        .blocks_of("precondition")
        .filter_map(|block| check::decode(block, &check::Kind::Precondition(Some(resource)), cx))
        .collect();
    let postconditions = content
        .blocks_of("postcondition")
        .filter_map(|block| check::decode(block, &check::Kind::Postcondition(resource), cx))
        .collect();
    if resource.mode != Mode::Managed {
        let lifecycle = Lifecycle { preconditions, postconditions, ..Lifecycle::default() };
        return LifecycleDraft { lifecycle, prevent_destroy: None };
    }
    let prevent_destroy = cx.boolean(&content, "prevent_destroy");
    let lifecycle = Lifecycle {
        create_before_destroy: cx.boolean(&content, "create_before_destroy"),
        prevent_destroy: prevent_destroy.unwrap_or(false),
        ignore_changes: ignore_changes(&content, cx),
        replace_triggered_by: replace_triggered_by(&content, cx),
        preconditions,
        postconditions,
        max_parallel: max_parallel(&content, cx),
    };
    LifecycleDraft { lifecycle, prevent_destroy }
}

fn managed_only(mode: Mode, name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Invalid {} resource lifecycle argument", block_type(mode)),
        format!(
            "The lifecycle argument \"{name}\" is defined only for managed resources (\"resource\" blocks), and is not \
             valid for {}s.",
            kind(mode)
        ),
    )
}

fn ignore_changes(content: &Content, cx: &mut Cx<'_>) -> IgnoreChanges {
    let Some(attribute) = content.attribute("ignore_changes") else { return IgnoreChanges::None };
    if attribute.expr.as_keyword() == Some("all") {
        return IgnoreChanges::All;
    }
    let mut paths = Vec::new();
    for item in constant::list(&attribute.expr, &mut cx.diagnostics) {
        if item.as_literal_string().is_some_and(|text| text == "*") {
            let detail = "The [\"*\"] form of ignore_changes is no longer valid. Use \"ignore_changes = all\" to ignore \
                          changes to all attributes.";
            cx.push(Diagnostic::error("Invalid ignore_changes wildcard", detail).at(item.span));
            continue;
        }
        paths.extend(constant::quotable_traversal(item, &mut cx.diagnostics));
    }
    if paths.is_empty() { IgnoreChanges::None } else { IgnoreChanges::Paths(paths) }
}

fn replace_triggered_by(content: &Content, cx: &mut Cx<'_>) -> Vec<Expr> {
    let Some(attribute) = content.attribute("replace_triggered_by") else { return Vec::new() };
    let items = constant::list(&attribute.expr, &mut cx.diagnostics);
    let mut triggers = Vec::new();
    for item in items {
        let (expr, diagnostics) = item.unquoted();
        cx.extend(diagnostics);
        check_trigger(&expr, cx);
        triggers.push(expr.into_owned());
    }
    triggers
}

/// A trigger names one resource, whose instance may be chosen by `count.index` or `each.key`.
fn check_trigger(expr: &Expr, cx: &mut Cx<'_>) {
    let (references, diagnostics) = lang::references(expr);
    if diagnostics.has_errors() {
        cx.extend(diagnostics);
        return;
    }
    let mut resources = 0_usize;
    for reference in &references {
        let problem = match &reference.subject {
            Subject::Resource(_) => {
                resources += 1;
                None
            }
            Subject::CountIndex | Subject::EachKey => None,
            Subject::EachValue => Some((
                "Invalid each reference in replace_triggered_by expression",
                "Only each.key may be used in replace_triggered_by.",
            )),
            _ => Some((
                "Invalid reference in replace_triggered_by expression",
                "Only resources, count.index, and each.key may be used in replace_triggered_by.",
            )),
        };
        if let Some((summary, detail)) = problem {
            cx.push(Diagnostic::error(summary, detail).at(reference.span));
        }
    }
    let detail = match resources {
        0 => "Missing resource reference in replace_triggered_by expression.",
        1 => return,
        _ => "Multiple resource references in replace_triggered_by expression.",
    };
    cx.push(Diagnostic::error("Invalid replace_triggered_by expression", detail).at(expr.span));
}

fn max_parallel(content: &Content, cx: &mut Cx<'_>) -> Option<(u32, Span)> {
    let attribute = content.attribute("max_parallel")?;
    let number = constant::whole_number(&attribute.expr, &mut cx.diagnostics)?;
    match u32::try_from(number) {
        Ok(number) if number > 0 => Some((number, attribute.expr.span)),
        _ => {
            let detail = format!(
                "The number of instances that may change at a time must be between 1 and {}; leave max_parallel out for \
                 no limit of its own.",
                u32::MAX
            );
            cx.push(Diagnostic::error("Invalid max_parallel", detail).at(attribute.expr.span));
            None
        }
    }
}

impl LifecycleDraft {
    /// Lets an override file's block replace what it sets. Conditions and triggers stay those of the original.
    pub fn merge(&mut self, other: Self) {
        let own = &mut self.lifecycle;
        own.create_before_destroy = other.lifecycle.create_before_destroy.or(own.create_before_destroy);
        own.max_parallel = other.lifecycle.max_parallel.or(own.max_parallel);
        if !matches!(other.lifecycle.ignore_changes, IgnoreChanges::None) {
            own.ignore_changes = other.lifecycle.ignore_changes;
        }
        self.prevent_destroy = other.prevent_destroy.or(self.prevent_destroy);
    }

    pub fn finish(self) -> Lifecycle {
        Lifecycle { prevent_destroy: self.prevent_destroy.unwrap_or(false), ..self.lifecycle }
    }
}
