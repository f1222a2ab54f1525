//! Tuple and object constructors.

use diag::{Diagnostic, Diagnostics};
use syntax::{Expr, ExprKind, ObjectItem, ObjectKey};
use value::{Entries, Marks, Str, Type, Value, convert};

use super::{Bindings, Evaluator};

impl Evaluator<'_> {
    pub(super) fn tuple(
        &self,
        items: &[Expr],
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        Value::tuple(items.iter().map(|item| self.eval(item, bindings, diagnostics)).collect())
    }

    /// Marks of keys lie on the whole object, as its shape depends on them.
    pub(super) fn object(
        &self,
        items: &[ObjectItem],
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let mut marks = Marks::NONE;
        let mut known = true;
        let mut entries: Vec<(Str, Value)> = Vec::with_capacity(items.len());
        for item in items {
            let key = self.object_key(item, bindings, &mut marks, diagnostics);
            let value = self.eval(&item.value, bindings, diagnostics);
            match key {
                Some(key) => entries.push((key, value)),
                None => known = false,
            }
        }
        let object = if known { Value::object(Entries::from_iter(entries)) } else { Value::dynamic() };
        object.mark(marks)
    }

    /// The key of an item; `None` when it is unknown or wrong.
    fn object_key(
        &self,
        item: &ObjectItem,
        bindings: Bindings<'_>,
        marks: &mut Marks,
        diagnostics: &mut Diagnostics,
    ) -> Option<Str> {
        let expr = match &item.key {
            ObjectKey::Name(name) => return Some(name.name.clone()),
            ObjectKey::Expr(expr) => expr,
        };
        if let ExprKind::Traversal(_) = expr.kind {
            diagnostics.push(
                Diagnostic::error(
                    "Ambiguous attribute key",
                    "If this expression is intended to be a reference, wrap it in parentheses. If it's instead \
                     intended as a literal name containing periods, wrap it in quotes to create a string literal.",
                )
                .at(expr.span),
            );
            return None;
        }
        let mut found = Diagnostics::new();
        let key = self.eval(expr, bindings, &mut found);
        let failed = found.has_errors();
        diagnostics.extend(found);
        *marks |= key.deep_marks();
        if failed {
            return None;
        }
        if key.is_null() {
            let error = self.error(expr, bindings, "Null value as key", "Can't use a null value as a key.");
            diagnostics.push(error.at(item.value.span));
            return None;
        }
        match convert(&key.unmark_deep(), &Type::String) {
            Ok(key) => key.as_str().cloned(),
            Err(error) => {
                let detail = format!("Can't use this value as a key: {}.", error.message);
                diagnostics.push(self.error(expr, bindings, "Incorrect key type", detail));
                None
            }
        }
    }
}
