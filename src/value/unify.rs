use crate::Type;

/// The one type that values of all these types can be converted to, if there is one (go-cty `convert.Unify`).
pub fn unify(_types: &[Type]) -> Option<Type> {
    todo!("value helper")
}
