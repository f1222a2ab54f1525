//! Attributes: evaluation and conversion to the type of the schema.

use diag::{Diagnostic, Diagnostics};
use provider::{Attribute, NestedType, Nesting};
use value::{Str, Type, Value, convert};

use crate::evaluate::{Bindings, evaluate_within, format_convert_error, values_within};
use crate::scope::Scope;

/// Evaluates an attribute and converts it; unknown where it is wrong.
pub(super) fn decode(
    given: &syntax::Attribute,
    schema: &Attribute,
    scope: &dyn Scope,
    bindings: Bindings<'_>,
    diagnostics: &mut Diagnostics,
) -> Value {
    let name = given.name.name.as_str();
    if !schema.required && !schema.optional && schema.computed {
        diagnostics.push(not_configurable(name).at(given.name.span).context(given.span));
        return Value::unknown(schema.ty.clone());
    }
    let (value, found) = evaluate_within(&given.expr, scope, bindings);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return Value::unknown(schema.ty.clone());
    }
    if value.is_null() && schema.required {
        let detail = format!("The argument {name:?} is required, but its value is null.");
        let diagnostic = Diagnostic::error("Missing required argument", detail);
        diagnostics.push(diagnostic.at(given.expr.span).context(given.span));
        return Value::unknown(schema.ty.clone());
    }
    let converted = match &schema.nested {
        Some(nested) => convert(&value, &config_type(nested)),
        None => convert(&value, &schema.ty),
    };
    converted.unwrap_or_else(|error| {
        let detail = format!("Inappropriate value for attribute {name:?}: {}.", format_convert_error(&error));
        let diagnostic = Diagnostic::error("Incorrect attribute value type", detail)
            .at(given.expr.span)
            .context(given.span)
            .values(values_within(&given.expr, scope, bindings));
        diagnostics.push(diagnostic);
        Value::unknown(schema.ty.clone())
    })
}

fn not_configurable(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Value for unconfigurable attribute",
        format!(
            "Can't configure a value for {name:?}: its value will be decided automatically based on the result of \
             applying this configuration."
        ),
    )
}

/// The type that a nested attribute may be written as: what is not required may be left out.
fn config_type(nested: &NestedType) -> Type {
    let attributes = nested.attributes.iter().map(|(name, attribute)| {
        let ty = match &attribute.nested {
            Some(inner) => config_type(inner),
            None => attribute.ty.clone(),
        };
        (name.clone(), ty)
    });
    let optional = nested.attributes.iter().filter(|(_, a)| !a.required).map(|(name, _)| name.clone());
    let object = Type::object_with_optional::<Str>(attributes, optional);
    match nested.nesting {
        Nesting::Single | Nesting::Group => object,
        Nesting::List | Nesting::Map if object.has_dynamic() => Type::Dynamic,
        Nesting::List => Type::list(object),
        Nesting::Set => Type::set(object),
        Nesting::Map => Type::map(object),
    }
}
