use value::{Path, Value};

use crate::schema::Block;

/// What is wrong with a planned state (Terraform's `objchange.AssertPlanValid`): each path with a sentence.
pub fn assert_plan_valid(
    _schema: &Block,
    _prior: &Value,
    _config: &Value,
    _planned: &Value,
) -> Vec<(Path, String)> {
    todo!("provider helper")
}

/// What is wrong with a new state given what was planned (Terraform's `objchange.AssertObjectCompatible`).
pub fn assert_compatible(_schema: &Block, _planned: &Value, _actual: &Value) -> Vec<(Path, String)> {
    todo!("provider helper")
}
