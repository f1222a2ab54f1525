//! Splat expressions: `list[*].id`, `list.*.id`.

use diag::{Diagnostics, Span};
use syntax::{Expr, SplatStep};
use value::{Kind, Refinement, Type, Value, convert, unify};

use super::{Bindings, Evaluator, access, traversal::walk_step};

/// What a splat is applied to, for errors: `None` inside another splat.
struct Source<'e> {
    expr: &'e Expr,
    marker: Span,
}

impl Evaluator<'_> {
    pub(super) fn splat(
        &self,
        source: &Expr,
        each: &[SplatStep],
        marker: Span,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let mut found = Diagnostics::new();
        let value = self.eval(source, bindings, &mut found);
        let failed = found.has_errors();
        diagnostics.extend(found);
        if failed {
            return Value::dynamic().mark(value.deep_marks());
        }
        self.splat_of(&value, each, &Source { expr: source, marker }, bindings, diagnostics)
    }

    /// Applies the steps to each item of a list, set or tuple; to anything else as if it were alone in a tuple, to
    /// null as if there were none.
    fn splat_of(
        &self,
        value: &Value,
        each: &[SplatStep],
        source: &Source<'_>,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let marks = value.marks();
        let apply = |item: &Value, diagnostics: &mut Diagnostics| {
            self.splat_item(item.clone(), each, source, bindings, diagnostics)
        };
        let result = match value.kind() {
            Kind::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
                let error = self.error(source.expr, bindings, "Splat of null value", detail);
                diagnostics.push(error.context(source.expr.span.to(source.marker)));
                Value::dynamic()
            }
            Kind::Null(_) => Value::tuple(Vec::new()),
            Kind::Unknown(Type::Dynamic, _) => Value::dynamic(),
            Kind::Unknown(Type::List(element) | Type::Set(element), refinement) => {
                let item = apply(&Value::unknown((**element).clone()), diagnostics);
                let is_list = matches!(value.kind(), Kind::Unknown(Type::List(_), _));
                let lengths = refinement.as_deref().cloned().unwrap_or_default();
                let refinement = Refinement {
                    // A set may still hold the same item twice.
                    min_len: lengths.min_len,
                    max_len: if is_list { lengths.max_len } else { None },
                    ..Refinement::not_null()
                };
                Value::refined(Type::list(item.ty()), refinement).mark(item.marks())
            }
            Kind::Unknown(Type::Tuple(elements), _) => {
                let items: Vec<Value> =
                    elements.iter().map(|ty| apply(&Value::unknown(ty.clone()), diagnostics)).collect();
                Value::unknown(Type::tuple(items.iter().map(Value::ty))).refine_not_null()
            }
            Kind::Set(s) if !value.is_wholly_known() => {
                let item = apply(&Value::unknown(s.element().clone()), diagnostics);
                Value::unknown(Type::list(item.ty())).refine_not_null()
            }
            Kind::List(s) | Kind::Set(s) => {
                let items: Vec<Value> = s.items().iter().map(|item| apply(item, diagnostics)).collect();
                let empty = items.is_empty();
                list_of(items).unwrap_or_else(|items| {
                    if !empty {
                        return Value::tuple(items);
                    }
                    let item = apply(&Value::unknown(s.element().clone()), diagnostics);
                    Value::list(item.ty(), Vec::new())
                })
            }
            Kind::Tuple(s) => Value::tuple(s.items().iter().map(|item| apply(item, diagnostics)).collect()),
            Kind::Unknown(..) if !value.is_definitely_not_null() => {
                // If it becomes null there will be no item. The steps are tried for their errors.
                apply(&value.clone().unmark(), diagnostics);
                Value::dynamic()
            }
            _ => Value::tuple(vec![apply(&value.clone().unmark(), diagnostics)]),
        };
        result.mark(marks)
    }

    fn splat_item(
        &self,
        item: Value,
        steps: &[SplatStep],
        source: &Source<'_>,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let mut value = item;
        for step in steps {
            let next = match step {
                SplatStep::Traversal(step) => walk_step(&value, step),
                SplatStep::Index { key, span } => {
                    let key = self.eval(key, bindings, diagnostics);
                    access::index(&value, &key, *span)
                }
                SplatStep::Splat { each, marker, .. } => {
                    let source = Source { expr: source.expr, marker: *marker };
                    Ok(crate::stack::deeper(|| self.splat_of(&value, each, &source, bindings, diagnostics)))
                }
            };
            match next {
                Ok(next) => value = next,
                Err(diagnostic) => {
                    diagnostics.push(self.with_values(diagnostic, source.expr, bindings));
                    return Value::dynamic().mark(value.deep_marks());
                }
            }
        }
        value
    }
}

/// A list of these items, or the items again where they have no common type (or there are none).
fn list_of(items: Vec<Value>) -> Result<Value, Vec<Value>> {
    let Some(first) = items.first() else { return Err(items) };
    let ty = first.ty();
    if items.iter().all(|item| item.has_type(&ty)) {
        return Ok(Value::list(ty, items));
    }
    let types: Vec<Type> = items.iter().map(Value::ty).collect();
    let Some(ty) = unify(&types) else { return Err(items) };
    match items.iter().map(|item| convert(item, &ty)).collect::<Result<Vec<_>, _>>() {
        Ok(converted) => Ok(Value::list(ty, converted)),
        Err(_) => Err(items),
    }
}
