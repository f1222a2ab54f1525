use super::{OpError, Operand, bool_operand, maybe_bool};
use crate::Value;

impl Value {
    /// `!`.
    pub fn not(&self) -> Result<Self, OpError> {
        let known = match bool_operand(self)? {
            Operand::Known(b) => Some(!b),
            Operand::Unknown => None,
        };
        Ok(maybe_bool(known).mark(self.marks()))
    }

    /// `&&`: both sides are operands; false on either side decides although the other is unknown.
    pub fn and(&self, other: &Self) -> Result<Self, OpError> {
        let known = match (bool_operand(self)?, bool_operand(other)?) {
            (Operand::Known(false), _) | (_, Operand::Known(false)) => Some(false),
            (Operand::Known(true), Operand::Known(true)) => Some(true),
            _ => None,
        };
        Ok(maybe_bool(known).mark(self.marks() | other.marks()))
    }

    /// `||`: both sides are operands; true on either side decides although the other is unknown.
    pub fn or(&self, other: &Self) -> Result<Self, OpError> {
        let known = match (bool_operand(self)?, bool_operand(other)?) {
            (Operand::Known(true), _) | (_, Operand::Known(true)) => Some(true),
            (Operand::Known(false), Operand::Known(false)) => Some(false),
            _ => None,
        };
        Ok(maybe_bool(known).mark(self.marks() | other.marks()))
    }
}
