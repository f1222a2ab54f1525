//! Templates: interpolation and the `if` and `for` directives.

use diag::Diagnostics;
use syntax::{Expr, TemplatePart};
use unicode_segmentation::UnicodeSegmentation;
use value::{Marks, Refinement, Str, Type, Value, convert};

use super::{Bindings, Evaluator};
use crate::stack::deeper;

/// Longer known starts of an unknown string are not worth their space.
const LONGEST_PREFIX: usize = 128;

/// The text so far. Once a part is unknown, it is the known start of the result.
#[derive(Default)]
struct Text {
    written: String,
    marks: Marks,
    unknown: bool,
    failed: bool,
}

impl Text {
    fn push(&mut self, text: &str) {
        if !self.unknown && !self.failed {
            self.written.push_str(text);
        }
    }

    fn into_value(self) -> Value {
        let value = if self.failed {
            Value::unknown(Type::String).refine_not_null()
        } else if self.unknown {
            let end = self.written.floor_char_boundary(LONGEST_PREFIX);
            let prefix = safe_prefix(self.written.get(..end).unwrap_or_default());
            if prefix.is_empty() {
                Value::unknown(Type::String).refine_not_null()
            } else {
                Value::refined(Type::String, Refinement::prefix(prefix))
            }
        } else {
            // Characters that combine may have met at the border of two parts.
            Value::string_nfc(&self.written)
        };
        value.mark(self.marks)
    }
}

impl Evaluator<'_> {
    pub(super) fn template(
        &self,
        parts: &[TemplatePart],
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let mut text = Text::default();
        self.parts(parts, expr, bindings, &mut text, diagnostics);
        text.into_value()
    }

    fn parts(
        &self,
        parts: &[TemplatePart],
        expr: &Expr,
        bindings: Bindings<'_>,
        text: &mut Text,
        diagnostics: &mut Diagnostics,
    ) {
        for part in parts {
            match part {
                TemplatePart::Literal { value, .. } => text.push(value),
                TemplatePart::Interpolation(inner) => {
                    self.interpolation(inner, expr, bindings, text, diagnostics);
                }
                TemplatePart::If { .. } => {
                    deeper(|| self.if_directive(part, expr, bindings, text, diagnostics));
                }
                TemplatePart::For { .. } => {
                    deeper(|| self.for_directive(part, expr, bindings, text, diagnostics));
                }
            }
        }
    }

    fn interpolation(
        &self,
        inner: &Expr,
        expr: &Expr,
        bindings: Bindings<'_>,
        text: &mut Text,
        diagnostics: &mut Diagnostics,
    ) {
        let mut found = Diagnostics::new();
        let value = self.eval(inner, bindings, &mut found);
        text.failed |= found.has_errors();
        diagnostics.extend(found);
        text.marks |= value.deep_marks();
        let detail = if value.is_null() {
            "The expression result is null. Cannot include a null value in a string template.".to_owned()
        } else {
            match convert(&value.unmark_deep(), &Type::String) {
                Ok(string) => return append(&string, text),
                Err(error) => {
                    format!("Cannot include the given value in a string template: {}.", error.message)
                }
            }
        };
        text.failed = true;
        let error = self.error(inner, bindings, "Invalid template interpolation value", detail);
        diagnostics.push(error.context(expr.span));
    }

    fn if_directive(
        &self,
        part: &TemplatePart,
        expr: &Expr,
        bindings: Bindings<'_>,
        text: &mut Text,
        diagnostics: &mut Diagnostics,
    ) {
        let TemplatePart::If { condition, then, otherwise, .. } = part else { return };
        let chosen = match self.condition(condition, expr, bindings, diagnostics) {
            Ok(chosen) => chosen,
            Err(marks) => {
                text.failed = true;
                text.marks |= marks;
                return;
            }
        };
        text.marks |= chosen.marks();
        let (taken, left_out) = match chosen.as_bool() {
            Some(true) => (Some(then), vec![otherwise]),
            Some(false) => (Some(otherwise), vec![then]),
            None => (None, vec![then, otherwise]),
        };
        text.unknown |= taken.is_none();
        if let Some(taken) = taken {
            self.parts(taken, expr, bindings, text, diagnostics);
        }
        // As with a conditional expression the marks of both sides lie on the result, the errors only of one.
        let was_quiet = self.quiet.replace(true);
        for branch in left_out {
            let mut tried = Text::default();
            self.parts(branch, expr, bindings, &mut tried, &mut Diagnostics::new());
            text.marks |= tried.marks;
        }
        self.quiet.set(was_quiet);
    }

    fn for_directive(
        &self,
        part: &TemplatePart,
        expr: &Expr,
        bindings: Bindings<'_>,
        text: &mut Text,
        diagnostics: &mut Diagnostics,
    ) {
        let TemplatePart::For { key, value, collection, body, .. } = part else { return };
        let mut found = Diagnostics::new();
        let collection_value = self.eval(collection, bindings, &mut found);
        text.marks |= collection_value.marks();
        let items = self.for_items(&collection_value, collection, expr, bindings, &mut found);
        text.failed |= found.has_errors();
        diagnostics.extend(found);
        let Some(items) = items else {
            text.unknown = true;
            text.marks |= collection_value.deep_marks();
            return;
        };
        for (item_key, item) in &items {
            super::for_expr::with_names(key.as_ref(), value, item_key, item, bindings, |inner| {
                self.parts(body, expr, inner, text, diagnostics);
            });
        }
    }
}

/// Appends an interpolated string, or the known start of one that is not known yet.
fn append(string: &Value, text: &mut Text) {
    if let Some(string) = string.as_str() {
        text.push(string);
        return;
    }
    if let Some(prefix) = string.refinement().and_then(|r| r.prefix.as_deref()) {
        text.push(prefix);
    }
    text.unknown = true;
}

/// The part of a known start that what follows cannot change by combining with it.
fn safe_prefix(known: &str) -> Str {
    let end = match known.graphemes(true).next_back() {
        // These three have composed forms with an overlay.
        Some("=" | "<" | ">") => known.len() - 1,
        Some(last) if last.len() == 1 && !last.as_bytes()[0].is_ascii_alphanumeric() => known.len(),
        Some(last) => known.len() - last.len(),
        None => 0,
    };
    match Value::string_nfc(&known[..end]).as_str() {
        Some(prefix) => prefix.clone(),
        None => Str::new(),
    }
}
