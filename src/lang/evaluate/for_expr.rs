//! `for` expressions.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use diag::Diagnostics;
use syntax::{Expr, ForExpr, Ident};
use value::{Kind, Marks, Str, Type, Value, convert};

use super::collection::{Iteration, iterate};
use super::{Binding, Bindings, Evaluator};

/// What a run over the collection gathers.
struct Gathered {
    marks: Marks,
    /// False once a key or condition is unknown or wrong: the result is then unknown, but the run goes on
    /// for the errors of later items.
    known: bool,
}

impl Evaluator<'_> {
    pub(super) fn for_expr(
        &self,
        for_expr: &ForExpr,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let collection = self.eval(&for_expr.collection, bindings, diagnostics);
        let mut gathered = Gathered { marks: collection.marks(), known: true };
        let mut found = Diagnostics::new();
        let items = self.for_items(&collection, &for_expr.collection, expr, bindings, &mut found);
        let failed = found.has_errors();
        diagnostics.extend(found);
        let open = matches!(collection.kind(), Kind::Unknown(Type::Dynamic, _));
        let items = match items {
            _ if failed || open || !self.condition_is_sound(for_expr, expr, bindings, diagnostics) => None,
            items => items,
        };
        let Some(items) = items else { return Value::dynamic().mark(collection.deep_marks()) };
        let result = match &for_expr.result_key {
            Some(key) => self.for_object(for_expr, key, items, expr, bindings, &mut gathered, diagnostics),
            None => self.for_tuple(for_expr, items, expr, bindings, &mut gathered, diagnostics),
        };
        if gathered.known { result.mark(gathered.marks) } else { Value::dynamic().mark(gathered.marks) }
    }

    /// The items to go over; `None` when there is nothing to go over, which has been reported if it is wrong.
    pub(super) fn for_items(
        &self,
        collection: &Value,
        collection_expr: &Expr,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<(Value, Value)>> {
        let (summary, detail) = match iterate(collection) {
            Iteration::Items(items) => return Some(items),
            Iteration::Unknown => return None,
            Iteration::Null => (
                "Iteration over null value",
                "A null value cannot be used as the collection in a 'for' expression.".to_owned(),
            ),
            Iteration::Impossible => (
                "Iteration over non-iterable value",
                format!(
                    "A value of type {} cannot be used as the collection in a 'for' expression.",
                    collection.ty().friendly_name()
                ),
            ),
        };
        diagnostics.push(self.error(collection_expr, bindings, summary, detail).context(expr.span));
        None
    }

    fn for_tuple(
        &self,
        for_expr: &ForExpr,
        items: Vec<(Value, Value)>,
        expr: &Expr,
        bindings: Bindings<'_>,
        gathered: &mut Gathered,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let mut results = Vec::with_capacity(items.len());
        for (key, value) in &items {
            bound(for_expr, key, value, bindings, |inner| {
                if self.included(for_expr, expr, inner, gathered, diagnostics) {
                    results.push(self.eval(&for_expr.result, inner, diagnostics));
                }
            });
        }
        Value::tuple(results)
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one loop, passed to its body")]
    fn for_object(
        &self,
        for_expr: &ForExpr,
        key_expr: &Expr,
        items: Vec<(Value, Value)>,
        expr: &Expr,
        bindings: Bindings<'_>,
        gathered: &mut Gathered,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let mut groups: BTreeMap<Str, Vec<Value>> = BTreeMap::new();
        for (key, value) in &items {
            bound(for_expr, key, value, bindings, |inner| {
                if !self.included(for_expr, expr, inner, gathered, diagnostics) {
                    return;
                }
                let Some(name) = self.for_key(key_expr, expr, inner, gathered, diagnostics) else { return };
                let result = self.eval(&for_expr.result, inner, diagnostics);
                match groups.entry(name) {
                    Entry::Vacant(entry) => {
                        entry.insert(vec![result]);
                    }
                    Entry::Occupied(mut entry) if for_expr.group => entry.get_mut().push(result),
                    Entry::Occupied(entry) => {
                        let detail = duplicate_key(entry.key(), gathered.marks);
                        let error = self.error(key_expr, inner, "Duplicate object key", detail);
                        diagnostics.push(error.context(expr.span));
                    }
                }
            });
        }
        let entries = groups.into_iter().map(|(name, mut values)| {
            let value = if for_expr.group { Value::tuple(values) } else { values.swap_remove(0) };
            (name, value)
        });
        Value::object(entries.collect())
    }

    /// The key of one result; `None` when it is unknown or wrong.
    fn for_key(
        &self,
        key_expr: &Expr,
        expr: &Expr,
        bindings: Bindings<'_>,
        gathered: &mut Gathered,
        diagnostics: &mut Diagnostics,
    ) -> Option<Str> {
        let key = self.eval(key_expr, bindings, diagnostics);
        gathered.marks |= key.deep_marks();
        let mut wrong = |detail: String, known: bool| {
            if known {
                let error = self.error(key_expr, bindings, "Invalid object key", detail);
                diagnostics.push(error.context(expr.span));
            }
        };
        let name = if key.is_null() {
            wrong("Key expression in 'for' expression must not produce a null value.".into(), gathered.known);
            None
        } else if key.is_known() {
            match convert(&key.unmark_deep(), &Type::String) {
                Ok(name) => name.as_str().cloned(),
                Err(error) => {
                    let detail = format!("The key expression produced an invalid result: {}.", error.message);
                    wrong(detail, gathered.known);
                    None
                }
            }
        } else {
            None
        };
        gathered.known &= name.is_some();
        name
    }

    /// Whether the `if` clause lets an item in.
    fn included(
        &self,
        for_expr: &ForExpr,
        expr: &Expr,
        bindings: Bindings<'_>,
        gathered: &mut Gathered,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let Some(condition) = &for_expr.condition else { return true };
        let value = self.eval(condition, bindings, diagnostics);
        gathered.marks |= value.deep_marks();
        let detail = if value.is_null() {
            "The value of the 'if' clause must not be null.".to_owned()
        } else {
            match convert(&value.unmark_deep(), &Type::Bool) {
                Ok(include) => {
                    gathered.known &= include.is_known();
                    return include.as_bool() == Some(true);
                }
                Err(error) => format!("The 'if' clause value is invalid: {}.", error.message),
            }
        };
        if gathered.known {
            let error = self.error(condition, bindings, "Invalid 'for' condition", detail);
            diagnostics.push(error.context(expr.span));
        }
        gathered.known = false;
        false
    }

    /// Tries the `if` clause with nothing known of the item, so that what is wrong for every item is said once.
    fn condition_is_sound(
        &self,
        for_expr: &ForExpr,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let Some(condition) = &for_expr.condition else { return true };
        let mut found = Diagnostics::new();
        let unknown = Value::dynamic();
        let value =
            bound(for_expr, &unknown, &unknown, bindings, |inner| self.eval(condition, inner, &mut found));
        let wrong = if value.is_null() {
            Some(("Condition is null", "The value of the 'if' clause must not be null.".to_owned()))
        } else {
            convert(&value.unmark_deep(), &Type::Bool).err().map(|error| {
                ("Invalid 'for' condition", format!("The 'if' clause value is invalid: {}.", error.message))
            })
        };
        if let Some((summary, detail)) = wrong {
            found.push(self.error(condition, bindings, summary, detail).context(expr.span));
        }
        let sound = !found.has_errors();
        diagnostics.extend(found);
        sound
    }
}

/// Runs something with the names of a `for` bound.
fn bound<T>(
    for_expr: &ForExpr,
    key: &Value,
    value: &Value,
    outer: Bindings<'_>,
    run: impl FnOnce(Bindings<'_>) -> T,
) -> T {
    with_names(for_expr.key.as_ref(), &for_expr.value, key, value, outer, run)
}

/// Runs something with the one or two names of an iteration bound.
pub(super) fn with_names<T>(
    key_name: Option<&Ident>,
    value_name: &Ident,
    key: &Value,
    value: &Value,
    outer: Bindings<'_>,
    run: impl FnOnce(Bindings<'_>) -> T,
) -> T {
    match key_name {
        None => run(Some(&Binding { name: &value_name.name, value, outer })),
        Some(key_name) => {
            let key_binding = Binding { name: &key_name.name, value: key, outer };
            run(Some(&Binding { name: &value_name.name, value, outer: Some(&key_binding) }))
        }
    }
}

fn duplicate_key(key: &str, marks: Marks) -> String {
    let key = if marks.is_sensitive() { "(sensitive value)".to_owned() } else { format!("{key:?}") };
    format!(
        "Two different items produced the key {key} in this 'for' expression. If duplicates are expected, use the \
         ellipsis (...) after the value expression to enable grouping by key."
    )
}
