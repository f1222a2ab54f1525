use std::cmp::Ordering;

use super::arithmetic::Bound;
use super::{OpError, equal, maybe_bool, number_operand};
use crate::Value;

impl Value {
    /// `<`.
    pub fn less_than(&self, other: &Self) -> Result<Self, OpError> {
        compare(self, other, less)
    }

    /// `>`.
    pub fn greater_than(&self, other: &Self) -> Result<Self, OpError> {
        compare(self, other, |a, b| less(b, a))
    }

    /// `<=`.
    pub fn less_or_equal(&self, other: &Self) -> Result<Self, OpError> {
        compare(self, other, |a, b| or(less(a, b), equal(a, b)))
    }

    /// `>=`.
    pub fn greater_or_equal(&self, other: &Self) -> Result<Self, OpError> {
        compare(self, other, |a, b| or(less(b, a), equal(a, b)))
    }
}

fn compare(a: &Value, b: &Value, test: fn(&Value, &Value) -> Option<bool>) -> Result<Value, OpError> {
    number_operand(a)?;
    number_operand(b)?;
    Ok(maybe_bool(test(a, b)).mark(a.marks() | b.marks()))
}

/// Whether `a < b`, where the ranges of the two decide it.
fn less(a: &Value, b: &Value) -> Option<bool> {
    if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
        return Some(a.cmp(b) == Ordering::Less);
    }
    let ((a_low, a_high), (b_low, b_high)) = (Bound::range(a)?, Bound::range(b)?);
    if a_high < b_low {
        Some(true)
    } else if a_low > b_high {
        Some(false)
    } else {
        None
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}
