//! The values in play of a failing expression: what each of its references was.

use std::collections::BTreeSet;

use diag::{Diagnostic, ValueInPlay};
use syntax::{Expr, Traversal, TraversalStep};
use value::{ConvertError, Kind, Number, Str, Type, Value};

use super::{Bindings, Evaluator, traversal::walk_step};
use crate::reference::Subject;
use crate::scope::Scope;

/// Which values are worth a note although nothing can be shown of them: those that the error is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueNotes {
    /// The error is that something is sensitive.
    pub sensitive: bool,
    /// The error is that something is not known yet.
    pub unknown: bool,
}

/// What the references of an expression are, for a diagnostic about it. Never shows a sensitive or ephemeral value.
pub fn values_in_play(expr: &Expr, scope: &dyn Scope, notes: ValueNotes) -> Vec<ValueInPlay> {
    Evaluator::new(scope).notes_of(expr, None, notes)
}

/// As [`values_in_play`], where the iterators of `dynamic` blocks are bound.
pub(crate) fn values_within(expr: &Expr, scope: &dyn Scope, bindings: Bindings<'_>) -> Vec<ValueInPlay> {
    Evaluator::new(scope).notes_of(expr, bindings, ValueNotes::default())
}

/// What a reason and the path to it read like: `.a[0]: a number is required`.
pub(crate) fn format_convert_error(error: &ConvertError) -> String {
    if error.path.0.is_empty() { error.message.clone() } else { format!("{}: {}", error.path, error.message) }
}

impl Evaluator<'_> {
    pub(super) fn notes_of(
        &self,
        expr: &Expr,
        bindings: Bindings<'_>,
        notes: ValueNotes,
    ) -> Vec<ValueInPlay> {
        let mut found: BTreeSet<(String, String)> = BTreeSet::new();
        for traversal in expr.traversals() {
            if let Some((steps, value)) = self.longest_value(traversal, bindings)
                && let Some(statement) = statement(&value, notes)
            {
                found.insert((text(traversal, steps), statement));
            }
        }
        found.into_iter().map(|(traversal, statement)| ValueInPlay { traversal, statement }).collect()
    }

    /// Adds the values in play to a diagnostic.
    pub(super) fn with_values(
        &self,
        diagnostic: Diagnostic,
        about: &Expr,
        bindings: Bindings<'_>,
    ) -> Diagnostic {
        if self.quiet.get() {
            return diagnostic;
        }
        let values = self.notes_of(about, bindings, ValueNotes::default());
        diagnostic.values(values)
    }

    /// The value that the most steps of a traversal lead to, if it is more than its bare root.
    fn longest_value(&self, traversal: &Traversal, bindings: Bindings<'_>) -> Option<(usize, Value)> {
        let origin = self.origin(traversal, bindings).ok()?;
        let mut steps = traversal.steps.len().checked_sub(origin.rest.len())?;
        let mut value = origin.value;
        for step in origin.rest {
            let Ok(next) = walk_step(&value, step) else { break };
            value = next;
            steps += 1;
        }
        let bare = origin.reference.is_none_or(|r| r.subject == Subject::SelfObject);
        (steps > 0 || !bare).then_some((steps, value))
    }
}

/// A traversal and its first steps as text: `var.a["b"][0]`.
fn text(traversal: &Traversal, steps: usize) -> String {
    let mut text = traversal.root.name.to_string();
    for step in traversal.steps.iter().take(steps) {
        match step {
            TraversalStep::Attr(name) => {
                text.push('.');
                text.push_str(&name.name);
            }
            TraversalStep::Key { key, .. } => text.push_str(&format!("[{:?}]", key.as_str())),
            TraversalStep::Index { key, .. } => text.push_str(&format!("[{key}]")),
        }
    }
    text
}

/// `is 3`, `is a list of string`, `will be known only after apply`; nothing where it would not help.
fn statement(value: &Value, notes: ValueNotes) -> Option<String> {
    if value.is_sensitive() {
        return notes.sensitive.then(|| "has a sensitive value".into());
    }
    if value.marks().is_ephemeral() {
        return notes.sensitive.then(|| "has an ephemeral value".into());
    }
    match value.kind() {
        Kind::Unknown(Type::Dynamic, _) => notes.unknown.then(|| "will be known only after apply".into()),
        Kind::Unknown(ty, _) if notes.unknown => {
            Some(format!("is a {}, known only after apply", ty.friendly_name()))
        }
        Kind::Unknown(ty, _) => Some(format!("is a {}", ty.friendly_name())),
        _ => Some(format!("is {}", compact(value))),
    }
}

/// A value in a few words.
fn compact(value: &Value) -> String {
    match value.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(..) => "(not yet known)".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => short_number(n),
        Kind::String(s) => format!("{:?}", s.as_str()),
        Kind::List(s) | Kind::Set(s) => counted(&value.ty().friendly_name(), s.items().len()),
        Kind::Tuple(s) => counted("tuple", s.items().len()),
        Kind::Map(m) => counted(&format!("map of {}", element_name(m.element())), m.entries().len()),
        Kind::Object(m) => match m.entries().len() {
            0 => "object with no attributes".into(),
            1 => {
                let name = m.entries().keys().next().map(Str::as_str).unwrap_or_default();
                format!("object with 1 attribute {name:?}")
            }
            n => format!("object with {n} attributes"),
        },
    }
}

fn element_name(element: &Type) -> String {
    if *element == Type::Dynamic { "any single type".into() } else { element.friendly_name() }
}

fn counted(what: &str, n: usize) -> String {
    match n {
        0 => format!("empty {what}"),
        1 => format!("{what} with 1 element"),
        n => format!("{what} with {n} elements"),
    }
}

/// Ten significant digits, as `%.10g` has them.
fn short_number(n: &Number) -> String {
    let text = n.to_string();
    if text.bytes().filter(u8::is_ascii_digit).count() <= 10 {
        return text;
    }
    let f = n.to_f64();
    let scientific = format!("{f:.9e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..10).contains(&exponent) {
        let places = usize::try_from(9 - exponent).unwrap_or_default();
        return trim_zeros(&format!("{f:.places$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim_zeros(mantissa), exponent.unsigned_abs())
}

fn trim_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}
