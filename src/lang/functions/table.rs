//! The table of core functions and the builder that fills it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use value::{Number, Type, Value};

use super::{CallContext, Function, FunctionError, Parameter};

/// A function of the core, as its topic's file declares it.
pub(super) struct Core {
    name: &'static str,
    description: &'static str,
    parameters: Vec<Parameter>,
    variadic: Option<Parameter>,
    /// As `metadata functions` gives it.
    static_type: Type,
    type_of: Option<TypeOf>,
    never_null: bool,
    code: Code,
}

/// The type of the result for some arguments.
type TypeOf = Box<dyn Fn(&[Value]) -> Result<Type, FunctionError> + Send + Sync>;
type Code = Box<dyn Fn(&Call<'_>) -> Result<Value, FunctionError> + Send + Sync>;

/// One call: what the code of a function works with.
pub(super) struct Call<'a> {
    pub context: &'a CallContext,
    pub arguments: &'a [Value],
    /// Of the result; `Dynamic` where only the result tells.
    pub ty: Type,
}

/// A function under construction.
pub(super) struct Builder(Core);

static TABLE: LazyLock<BTreeMap<&'static str, Core>> = LazyLock::new(|| {
    let mut table = BTreeMap::new();
    for functions in super::TOPICS {
        table.extend(functions().into_iter().map(|function| (function.name, function)));
    }
    table
});

pub(super) fn find(name: &str) -> Option<&'static dyn Function> {
    TABLE.get(name).map(|function| function as &dyn Function)
}

pub(super) fn names() -> Vec<&'static str> {
    TABLE.keys().copied().collect()
}

pub(super) fn core_functions() -> impl Iterator<Item = &'static Core> {
    TABLE.values()
}

/// Begins the declaration of a function.
pub(super) fn function(name: &'static str, description: &'static str) -> Builder {
    Builder(Core {
        name,
        description,
        parameters: Vec::new(),
        variadic: None,
        static_type: Type::Dynamic,
        type_of: None,
        never_null: true,
        code: Box::new(|_| Err(FunctionError::new("the function is not declared completely"))),
    })
}

impl Builder {
    /// Adds a parameter of known, unmarked values that are not null.
    pub fn param(self, name: &'static str, ty: Type) -> Self {
        self.with(Parameter::new(name, ty))
    }

    pub fn with(mut self, parameter: Parameter) -> Self {
        self.0.parameters.push(parameter);
        self
    }

    /// Any number of further arguments.
    pub fn variadic(mut self, parameter: Parameter) -> Self {
        self.0.variadic = Some(parameter);
        self
    }

    /// The result may be null.
    pub fn maybe_null(mut self) -> Self {
        self.0.never_null = false;
        self
    }

    /// The type of the result depends on the arguments. Errors of `type_of` are errors of the call.
    pub fn typed_by(
        mut self,
        type_of: impl Fn(&[Value]) -> Result<Type, FunctionError> + Send + Sync + 'static,
    ) -> Self {
        self.0.type_of = Some(Box::new(type_of));
        self
    }

    /// Completes the declaration with the type of the result (the most that can be said of it before a call) and the code.
    pub fn returns(
        mut self,
        ty: Type,
        code: impl Fn(&Call<'_>) -> Result<Value, FunctionError> + Send + Sync + 'static,
    ) -> Core {
        self.0.static_type = ty;
        self.0.code = Box::new(code);
        self.0
    }
}

impl Core {
    pub fn static_type(&self) -> &Type {
        &self.static_type
    }
}

impl Function for Core {
    fn name(&self) -> &str {
        self.name
    }

    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn variadic(&self) -> Option<&Parameter> {
        self.variadic.as_ref()
    }

    fn result_type(&self, arguments: &[Value]) -> Result<Type, FunctionError> {
        match &self.type_of {
            Some(type_of) => type_of(arguments),
            None => Ok(self.static_type.clone()),
        }
    }

    fn call(&self, context: &CallContext, arguments: &[Value]) -> Result<Value, FunctionError> {
        let ty = self.result_type(arguments)?;
        (self.code)(&Call { context, arguments, ty })
    }

    fn never_null(&self) -> bool {
        self.never_null
    }

    fn description(&self) -> &str {
        self.description
    }
}

impl<'a> Call<'a> {
    /// An argument. `invoke` has checked their number, so a missing one is a bug of the caller, not of the user.
    pub fn arg(&self, at: usize) -> Result<&'a Value, FunctionError> {
        self.arguments.get(at).ok_or_else(|| FunctionError::new("an argument is missing"))
    }

    /// The arguments from a position on.
    pub fn rest(&self, from: usize) -> &'a [Value] {
        self.arguments.get(from..).unwrap_or_default()
    }

    pub fn str(&self, at: usize) -> Result<&'a str, FunctionError> {
        let text =
            self.arg(at)?.as_str().ok_or_else(|| FunctionError::argument(at, "a string is required"))?;
        Ok(text.as_str())
    }

    pub fn number(&self, at: usize) -> Result<&'a Number, FunctionError> {
        self.arg(at)?.as_number().ok_or_else(|| FunctionError::argument(at, "a number is required"))
    }

    /// An argument as a whole number; not blamed on the argument, as in Terraform.
    pub fn int(&self, at: usize) -> Result<i64, FunctionError> {
        whole(self.number(at)?)
    }

    /// The items of a known list, set or tuple.
    pub fn items(&self, at: usize) -> Result<&'a [Value], FunctionError> {
        self.arg(at)?.items().ok_or_else(|| FunctionError::argument(at, "a list, set or tuple is required"))
    }

    /// The element type of the result, which is a collection.
    pub fn element(&self) -> Type {
        self.ty.element().cloned().unwrap_or(Type::Dynamic)
    }
}

/// A number as an `i64`, or the sentence of the error.
pub(super) fn whole(number: &Number) -> Result<i64, FunctionError> {
    number.to_i64().ok_or_else(|| {
        FunctionError::new(format!("value must be a whole number, between {} and {}", i64::MIN, i64::MAX))
    })
}
