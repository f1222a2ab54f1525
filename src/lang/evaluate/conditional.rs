//! `condition ? a : b`.

use diag::Diagnostics;
use syntax::Expr;
use value::{Kind, Marks, Refinement, Type, Value, convert, unify_unsafe};

use super::{Bindings, Evaluator};

impl Evaluator<'_> {
    pub(super) fn conditional(
        &self,
        [condition, then, otherwise]: [&Expr; 3],
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        // Both are evaluated, as the type of the result depends on both; only the errors of the one taken count.
        let (mut then_found, mut otherwise_found) = (Diagnostics::new(), Diagnostics::new());
        let then_value = self.eval(then, bindings, &mut then_found);
        let otherwise_value = self.eval(otherwise, bindings, &mut otherwise_found);
        let Some(ty) = result_type(&then_value, &otherwise_value) else {
            let mismatch = describe_mismatch(&then_value.ty(), &otherwise_value.ty());
            let detail =
                format!("The true and false result expressions must have consistent types. {mismatch}.");
            let error = self.error(expr, bindings, "Inconsistent conditional result types", detail);
            diagnostics.push(error.at(then.span.to(otherwise.span)).context(expr.span));
            return Value::dynamic().mark(then_value.deep_marks() | otherwise_value.deep_marks());
        };
        let chosen = match self.condition(condition, expr, bindings, diagnostics) {
            Ok(chosen) => chosen,
            Err(marks) => {
                let marks = marks | then_value.deep_marks() | otherwise_value.deep_marks();
                return Value::unknown(ty).mark(marks);
            }
        };
        // That one was taken and not the other says something of both.
        let marks = chosen.marks() | then_value.marks() | otherwise_value.marks();
        let (side, value, branch, found) = match chosen.as_bool() {
            Some(true) => ("true", then_value, then, then_found),
            Some(false) => ("false", otherwise_value, otherwise, otherwise_found),
            None => return undecided(ty, &then_value, &otherwise_value).mark(marks),
        };
        diagnostics.extend(found);
        if ty == Type::Dynamic {
            return value.mark(marks);
        }
        let converted = convert(&value, &ty).unwrap_or_else(|error| {
            let detail = format!("The {side} result value has the wrong type: {}.", error.message);
            let error = self.error(branch, bindings, "Inconsistent conditional result types", detail);
            diagnostics.push(error.context(expr.span));
            Value::unknown(ty)
        });
        converted.mark(marks)
    }

    /// The condition as a bool, known or not; its marks where it is wrong.
    pub(super) fn condition(
        &self,
        condition: &Expr,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Value, Marks> {
        let value = self.eval(condition, bindings, diagnostics);
        let marks = value.deep_marks();
        let (summary, detail) = if value.is_null() {
            ("Null condition", "The condition value is null. Conditions must either be true or false.")
        } else if value.is_known() {
            match convert(&value, &Type::Bool) {
                Ok(value) => return Ok(value.mark(marks)),
                Err(_) => ("Incorrect condition type", "The condition expression must be of type bool."),
            }
        } else {
            return Ok(Value::unknown(Type::Bool).mark(marks));
        };
        diagnostics.push(self.error(condition, bindings, summary, detail).context(expr.span));
        Err(marks)
    }
}

/// The type that both results are converted to; `Dynamic` where they are taken as they are.
fn result_type(then: &Value, otherwise: &Value) -> Option<Type> {
    match (then.kind(), otherwise.kind()) {
        (Kind::Null(Type::Dynamic), _) => return Some(otherwise.ty()),
        (_, Kind::Null(Type::Dynamic)) => return Some(then.ty()),
        (Kind::Unknown(Type::Dynamic, _), _) | (_, Kind::Unknown(Type::Dynamic, _)) => {
            return Some(Type::Dynamic);
        }
        _ => {}
    }
    let (a, b) = (then.ty(), otherwise.ty());
    if a == b { Some(a) } else { unify_unsafe(&[a, b]) }
}

/// What can be said when the condition is not known yet.
fn undecided(ty: Type, then: &Value, otherwise: &Value) -> Value {
    if then.is_null() && otherwise.is_null() {
        return Value::null(ty);
    }
    let refinement = match (then, otherwise) {
        (a, b) if a.is_definitely_not_null() && b.is_definitely_not_null() => {
            let not_null = Refinement::not_null();
            match (number_or_length(a, &ty), number_or_length(b, &ty)) {
                (Some(a), Some(b)) => bounds(not_null, &ty, a, b),
                _ => not_null,
            }
        }
        _ => Refinement::default(),
    };
    let value = if ty == Type::Dynamic { Value::dynamic() } else { Value::refined(ty, refinement) };
    value.mark(then.deep_marks() | otherwise.deep_marks())
}

/// The number, or the length of a collection that needs no conversion, if it is known.
fn number_or_length(value: &Value, ty: &Type) -> Option<value::Number> {
    match (value.kind(), ty) {
        (Kind::Number(n), Type::Number) => Some(n.clone()),
        (Kind::List(_) | Kind::Map(_) | Kind::Set(_), Type::List(_) | Type::Map(_) | Type::Set(_)) => {
            if value.has_type(ty) { value.unmark_deep().length().ok()?.as_number().cloned() } else { None }
        }
        _ => None,
    }
}

fn bounds(not_null: Refinement, ty: &Type, a: value::Number, b: value::Number) -> Refinement {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    if *ty == Type::Number {
        Refinement { lower: Some((low, true)), upper: Some((high, true)), ..not_null }
    } else {
        Refinement { min_len: low.to_u64(), max_len: high.to_u64(), ..not_null }
    }
}

/// Says how two types that cannot be unified differ.
fn describe_mismatch(then: &Type, otherwise: &Type) -> String {
    match (then, otherwise) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, a_type) in a.iter() {
                match b.get(name) {
                    None => {
                        return format!(
                            "The 'true' value includes object attribute {:?}, which is absent in the 'false' value",
                            name.as_str()
                        );
                    }
                    Some(b_type) if b_type != a_type => {
                        let inner = crate::stack::deeper(|| describe_mismatch(a_type, b_type));
                        return format!("Type mismatch for object attribute {:?}: {inner}", name.as_str());
                    }
                    Some(_) => {}
                }
            }
            if let Some((name, _)) = b.iter().find(|(name, _)| a.get(name).is_none()) {
                return format!(
                    "The 'false' value includes object attribute {:?}, which is absent in the 'true' value",
                    name.as_str()
                );
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            return format!(
                "The 'true' tuple has length {}, but the 'false' tuple has length {}",
                a.len(),
                b.len()
            );
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            if let Some((i, (a, b))) = a.iter().zip(b.iter()).enumerate().find(|(_, (a, b))| a != b) {
                let inner = crate::stack::deeper(|| describe_mismatch(a, b));
                return format!("Type mismatch for tuple element {i}: {inner}");
            }
        }
        (Type::List(a), Type::List(b)) if both_structural(a, b) => {
            return format!("Mismatched list element types: {}", describe_mismatch(a, b));
        }
        (Type::Set(a), Type::Set(b)) if both_structural(a, b) => {
            return format!("Mismatched set element types: {}", describe_mismatch(a, b));
        }
        (Type::Map(a), Type::Map(b)) if both_structural(a, b) => {
            return format!("Mismatched map element types: {}", describe_mismatch(a, b));
        }
        _ => {}
    }
    let (a, b) = (then.friendly_name(), otherwise.friendly_name());
    if a == b {
        "At least one deeply-nested attribute or element is not compatible across both the 'true' and the 'false' \
         value"
            .into()
    } else {
        format!("The 'true' value is {a}, but the 'false' value is {b}")
    }
}

fn both_structural(a: &Type, b: &Type) -> bool {
    matches!((a, b), (Type::Object(_), Type::Object(_)) | (Type::Tuple(_), Type::Tuple(_)))
}
