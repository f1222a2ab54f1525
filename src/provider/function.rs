use value::{Str, Type};

/// A function that a provider offers as `provider::NAME::function(...)`.
#[derive(Clone, Debug)]
pub struct FunctionSignature {
    pub name: Str,
    pub parameters: Vec<Parameter>,
    pub variadic: Option<Parameter>,
    pub result: Type,
    pub summary: Str,
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: Str,
    pub ty: Type,
    pub allow_null: bool,
    pub allow_unknown: bool,
}
