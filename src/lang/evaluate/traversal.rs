//! References: the subject from the scope, then the steps after it.

use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Expr, Traversal, TraversalStep};
use value::{Kind, Type, Value};

use super::{Bindings, Evaluator, access, literal};
use crate::reference::{Reference, Subject, parse_reference};
use crate::scope::{Repetition, Root};
use crate::suggest::did_you_mean;

/// The value that a traversal starts from, and the steps that are left.
pub(super) struct Origin<'t> {
    pub value: Value,
    pub rest: &'t [TraversalStep],
    /// What kind of reference it is; `None` for a bound name or a variable of a template.
    pub reference: Option<Reference>,
}

impl Evaluator<'_> {
    pub(super) fn traversal(
        &self,
        traversal: &Traversal,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let origin = match self.origin(traversal, bindings) {
            Ok(origin) => origin,
            Err(found) => {
                for diagnostic in found {
                    self.fatal(diagnostic.or_at(Some(expr.span)));
                }
                return Value::dynamic();
            }
        };
        if let Some(diagnostic) = self.misplaced_key(&origin) {
            self.fatal(diagnostic);
            return Value::dynamic();
        }
        if origin.rest.is_empty() {
            return origin.value;
        }
        self.steps(origin.value, origin.rest, expr, bindings, diagnostics)
    }

    /// Where a traversal starts. An error is one of the configuration, whatever the values.
    pub(super) fn origin<'t>(
        &self,
        traversal: &'t Traversal,
        bindings: Bindings<'_>,
    ) -> Result<Origin<'t>, Diagnostics> {
        let root = traversal.root.name.as_str();
        let steps = traversal.steps.as_slice();
        if let Some(value) = lookup(bindings, root) {
            return Ok(Origin { value: value.clone(), rest: steps, reference: None });
        }
        match self.scope.root(root) {
            Root::Value(value) => return Ok(Origin { value, rest: steps, reference: None }),
            Root::Unknown(diagnostic) => {
                return Err(diagnostic.or_at(Some(traversal.root.span)).into());
            }
            Root::Reference => {}
        }
        let reference = parse_reference(traversal)?;
        let value = self.scope.resolve(&reference)?;
        let rest = steps.get(steps.len().saturating_sub(reference.rest.len())..).unwrap_or_default();
        Ok(Origin { value, rest, reference: Some(reference) })
    }

    /// A reference to a resource or module with the key of an instance missing or one too many, or to an attribute
    /// that the resource does not have: wrong whatever the values.
    fn misplaced_key(&self, origin: &Origin<'_>) -> Option<Diagnostic> {
        let reference = origin.reference.as_ref()?;
        let what = match reference.subject {
            Subject::Resource(_) => "resource",
            Subject::Module(_) => "module",
            _ => return None,
        };
        let step = origin.rest.first()?;
        let repetition = self.scope.repetition(&reference.subject);
        match (repetition, step) {
            (Some(Repetition::Count), TraversalStep::Attr(_)) => {
                Some(missing_key(what, reference, "count", "indices", "count.index"))
            }
            (Some(Repetition::ForEach), TraversalStep::Attr(_)) => {
                Some(missing_key(what, reference, "for_each", "keys", "each.key"))
            }
            (
                Some(Repetition::Single),
                TraversalStep::Key { span, .. } | TraversalStep::Index { span, .. },
            ) => Some(unexpected_key(what, reference, *span)),
            (Some(_), _) if what == "resource" => missing_attribute(origin),
            _ => None,
        }
    }

    pub(super) fn relative_traversal(
        &self,
        source: &Expr,
        steps: &[TraversalStep],
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let value = self.eval(source, bindings, diagnostics);
        self.steps(value, steps, expr, bindings, diagnostics)
    }

    pub(super) fn index(
        &self,
        collection: &Expr,
        key: &Expr,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let collection_value = self.eval(collection, bindings, diagnostics);
        let key_value = self.eval(key, bindings, diagnostics);
        let bracket = Span { start: collection.span.end.min(expr.span.end), ..expr.span };
        access::index(&collection_value, &key_value, bracket).unwrap_or_else(|diagnostic| {
            diagnostics.push(self.with_values(diagnostic.context(expr.span), expr, bindings));
            Value::dynamic().mark(collection_value.deep_marks() | key_value.deep_marks())
        })
    }

    /// Walks steps into a value; an error names the expression that they belong to.
    pub(super) fn steps(
        &self,
        value: Value,
        steps: &[TraversalStep],
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        // That there is an error may itself tell what is sensitive.
        let marks = value.deep_marks();
        walk_steps(value, steps).unwrap_or_else(|diagnostic| {
            diagnostics.push(self.with_values(diagnostic, expr, bindings));
            Value::dynamic().mark(marks)
        })
    }
}

/// The value of a bound name.
pub(super) fn lookup<'a>(mut bindings: Bindings<'a>, name: &str) -> Option<&'a Value> {
    while let Some(binding) = bindings {
        if binding.name == name {
            return Some(binding.value);
        }
        bindings = binding.outer;
    }
    None
}

/// What steps with literal keys lead to.
pub(super) fn walk_steps(value: Value, steps: &[TraversalStep]) -> Result<Value, Diagnostic> {
    steps.iter().try_fold(value, |value, step| walk_step(&value, step))
}

pub(super) fn walk_step(value: &Value, step: &TraversalStep) -> Result<Value, Diagnostic> {
    match step {
        TraversalStep::Attr(name) => access::get_attr(value, &name.name, name.span),
        TraversalStep::Key { key, span } => access::index(value, &Value::string(key.clone()), *span),
        TraversalStep::Index { key, span, .. } => {
            let mut diagnostics = Diagnostics::new();
            let key = literal::number(key, *span, &mut diagnostics);
            match diagnostics.into_iter().next() {
                Some(diagnostic) => Err(diagnostic),
                None => access::index(value, &key, *span),
            }
        }
    }
}

fn missing_key(what: &str, reference: &Reference, argument: &str, which: &str, key: &str) -> Diagnostic {
    let subject = &reference.subject;
    Diagnostic::error(
        format!("Missing {what} instance key"),
        format!(
            "Because {subject} has {argument:?} set, its attributes must be accessed on specific instances.\n\n\
             For example, to correlate with {which} of a referring resource, use:\n    {subject}[{key}]"
        ),
    )
    .at(reference.span)
}

fn unexpected_key(what: &str, reference: &Reference, span: Span) -> Diagnostic {
    let subject = &reference.subject;
    Diagnostic::error(
        format!("Unexpected {what} instance key"),
        format!(
            "Because {subject} does not have \"count\" or \"for_each\" set, references to it must not include an \
             index key. Remove the bracketed index to refer to the single instance of this {what}."
        ),
    )
    .at(span)
}

/// The first attribute after a resource (and the key of an instance) when there is none of that name.
fn missing_attribute(origin: &Origin<'_>) -> Option<Diagnostic> {
    let (instance, step) = match origin.rest {
        [step @ TraversalStep::Attr(_), ..] => (origin.value.clone(), step),
        [key, step @ TraversalStep::Attr(_), ..] => (walk_step(&origin.value, key).ok()?, step),
        _ => return None,
    };
    let TraversalStep::Attr(name) = step else { return None };
    let near = match instance.kind() {
        Kind::Object(m) if !m.entries().contains(&name.name) => {
            did_you_mean(&name.name, m.entries().keys().map(value::Str::as_str))
        }
        Kind::Unknown(Type::Object(object), _) if object.get(&name.name).is_none() => {
            did_you_mean(&name.name, object.iter().map(|(k, _)| k.as_str()))
        }
        _ => return None,
    };
    let detail = format!(
        "This object has no argument, nested block, or exported attribute named {:?}.{near}",
        name.name.as_str()
    );
    Some(Diagnostic::error("Unsupported attribute", detail).at(name.span))
}
