//! Binary and unary operators.

use diag::{Diagnostic, Diagnostics};
use syntax::{BinaryOp, Expr, UnaryOp};
use value::{OpError, Type, Value, convert};

use super::{Bindings, Evaluator};

impl Evaluator<'_> {
    pub(super) fn binary(
        &self,
        op: BinaryOp,
        operands: [&Expr; 2],
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let [left, right] = operands;
        let (mut left_found, mut right_found) = (Diagnostics::new(), Diagnostics::new());
        let left_value = self.eval(left, bindings, &mut left_found);
        let right_value = self.eval(right, bindings, &mut right_found);
        let mut unsuitable = Diagnostics::new();
        let ty = operand_type(op);
        let left_value = self.operand(&left_value, ty, ("left", left), expr, bindings, &mut unsuitable);
        let right_value = self.operand(&right_value, ty, ("right", right), expr, bindings, &mut unsuitable);
        let marks = left_value.marks() | right_value.marks();
        let (Some(left_value), Some(right_value), false) =
            (left_value.ok(), right_value.ok(), unsuitable.has_errors())
        else {
            diagnostics.extend(unsuitable);
            diagnostics.extend(left_found);
            diagnostics.extend(right_found);
            return Value::unknown(result_type(op)).mark(marks);
        };
        if let Some((value, side)) = short_circuit(op, &left_value, &right_value, &left_found) {
            diagnostics.extend(if side == Side::Left { left_found } else { right_found });
            return value.mark(marks);
        }
        let failed = left_found.has_errors() || right_found.has_errors();
        diagnostics.extend(left_found);
        diagnostics.extend(right_found);
        if failed {
            return Value::unknown(result_type(op)).mark(marks);
        }
        apply(op, &left_value, &right_value).unwrap_or_else(|error| {
            diagnostics.push(self.operation_failed(&error, expr, bindings));
            Value::unknown(result_type(op)).mark(marks)
        })
    }

    pub(super) fn unary(
        &self,
        op: UnaryOp,
        operand: &Expr,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let ty = match op {
            UnaryOp::Negate => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let mut found = Diagnostics::new();
        let given = self.eval(operand, bindings, &mut found);
        let value = self.operand(&given, Some(&ty), ("unary", operand), expr, bindings, &mut found);
        let failed = found.has_errors();
        diagnostics.extend(found);
        let Some(value) = value.ok().filter(|_| !failed) else {
            return Value::unknown(ty).mark(given.marks());
        };
        let result = match op {
            UnaryOp::Negate => value.negate(),
            UnaryOp::Not => value.not(),
        };
        result.unwrap_or_else(|error| {
            diagnostics.push(self.operation_failed(&error, expr, bindings));
            Value::unknown(ty).mark(value.deep_marks())
        })
    }

    /// An operand as the operator wants it.
    fn operand(
        &self,
        value: &Value,
        ty: Option<&Type>,
        (side, operand): (&str, &Expr),
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Operand {
        let Some(ty) = ty else { return Operand(Ok(value.clone()), value.deep_marks()) };
        match convert(value, ty) {
            Ok(converted) => Operand(Ok(converted), value.deep_marks()),
            Err(error) => {
                let detail = format!("Unsuitable value for {side} operand: {}.", error.message);
                diagnostics.push(self.error(operand, bindings, "Invalid operand", detail).context(expr.span));
                Operand(Err(()), value.deep_marks())
            }
        }
    }

    fn operation_failed(&self, error: &OpError, expr: &Expr, bindings: Bindings<'_>) -> Diagnostic {
        let detail = format!("Error during operation: {}.", error.0.trim_end_matches('.'));
        self.error(expr, bindings, "Operation failed", detail)
    }
}

/// A converted operand, or nothing where it cannot be converted, and its marks.
struct Operand(Result<Value, ()>, value::Marks);

impl Operand {
    fn marks(&self) -> value::Marks {
        self.1
    }

    fn ok(self) -> Option<Value> {
        self.0.ok()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Where one side of `&&` or `||` decides, the errors of the other do not count. Which side did is returned.
fn short_circuit(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    left_found: &Diagnostics,
) -> Option<(Value, Side)> {
    let decides = match op {
        BinaryOp::Or => true,
        BinaryOp::And => false,
        _ => return None,
    };
    let unknown = || Value::unknown(Type::Bool).refine_not_null();
    match (left.is_known(), right.is_known()) {
        _ if left.is_null() || right.is_null() => None,
        (false, false) => (!left_found.has_errors()).then(|| (unknown(), Side::Left)),
        (true, _) if left.as_bool() == Some(decides) => Some((Value::bool(decides), Side::Left)),
        (_, true) if right.as_bool() == Some(decides) => Some((Value::bool(decides), Side::Right)),
        (false, true) => Some((unknown(), Side::Left)),
        (true, false) => Some((unknown(), Side::Right)),
        (true, true) => None,
    }
}

fn apply(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, OpError> {
    match op {
        BinaryOp::Or => left.or(right),
        BinaryOp::And => left.and(right),
        BinaryOp::Equal => Ok(left.equals(right)),
        BinaryOp::NotEqual => Ok(left.not_equals(right)),
        BinaryOp::Greater => left.greater_than(right),
        BinaryOp::GreaterEqual => left.greater_or_equal(right),
        BinaryOp::Less => left.less_than(right),
        BinaryOp::LessEqual => left.less_or_equal(right),
        BinaryOp::Add => left.add(right),
        BinaryOp::Subtract => left.sub(right),
        BinaryOp::Multiply => left.mul(right),
        BinaryOp::Divide => left.div(right),
        BinaryOp::Modulo => left.modulo(right),
    }
}

/// What operands are converted to; `None` where they are compared as they are.
fn operand_type(op: BinaryOp) -> Option<&'static Type> {
    match op {
        BinaryOp::Or | BinaryOp::And => Some(&Type::Bool),
        BinaryOp::Equal | BinaryOp::NotEqual => None,
        _ => Some(&Type::Number),
    }
}

fn result_type(op: BinaryOp) -> Type {
    match op {
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => {
            Type::Number
        }
        _ => Type::Bool,
    }
}
