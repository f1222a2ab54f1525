//! Values as the language would write them, as `console` and `output` print them.

mod console;
mod expression;
#[cfg(test)]
mod tests;
mod types;

pub use self::console::console;
pub use self::expression::{attribute, expression, is_identifier, quoted};
pub use self::types::type_expression;
