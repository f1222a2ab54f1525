//! Values as the language would write them, as `console` and `output` print them.

use crate::Value;

/// `tolist([...])`, `{ "a" = 1 }`, `(known after apply)`, `(sensitive value)`: as `terraform console` prints.
pub fn console(_value: &Value, _indent: usize) -> String {
    todo!("value helper")
}
