use value::Value;

use crate::schema::Block;

/// Merges configuration and prior state into the proposed new state (Terraform's `objchange.ProposedNew`):
/// the configuration where it is set, the prior value where it is null and the attribute computed, nested
/// blocks matched by index, key, or for sets by best match. `prior` is null for a creation.
pub fn proposed_new(_schema: &Block, _prior: &Value, _config: &Value) -> Value {
    todo!("provider helper")
}
