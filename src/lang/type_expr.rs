//! Type constraints as variables declare them.

use std::collections::BTreeMap;

use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Call, Expr, ObjectItem};
use value::{ConvertError, DefaultsInside, Str, Type, TypeDefaults, Value, convert};

use crate::evaluate::evaluate;
use crate::scope::ConstantScope;
use crate::stack::deeper;

const SUMMARY: &str = "Invalid type specification";

/// A type constraint with the defaults of its `optional(type, default)` attributes.
#[derive(Clone, Debug)]
pub struct TypeConstraint {
    pub ty: Type,
    pub defaults: TypeDefaults,
}

impl TypeConstraint {
    pub fn any() -> Self {
        Self { ty: Type::Dynamic, defaults: TypeDefaults::default() }
    }

    /// Applies the defaults, then converts.
    pub fn convert(&self, value: &Value) -> Result<Value, ConvertError> {
        if self.ty == Type::Dynamic {
            return Ok(value.clone());
        }
        if self.defaults.is_empty() || value.is_null() {
            return convert(value, &self.ty);
        }
        convert(&self.defaults.apply(value), &self.ty)
    }
}

/// Reads a type expression such as `list(object({ a = optional(string, "x") }))`.
pub fn parse_type(expr: &Expr) -> (TypeConstraint, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    // The forms of the first versions of the language, which had no element types.
    let constraint = match expr.as_keyword() {
        Some("list") => TypeConstraint::plain(Type::list(Type::Dynamic)),
        Some("map") => TypeConstraint::plain(Type::map(Type::Dynamic)),
        _ => unquoted(expr, &mut diagnostics),
    };
    (constraint, diagnostics)
}

/// Reads a type that may be inside a string of the JSON syntax.
fn unquoted(expr: &Expr, diagnostics: &mut Diagnostics) -> TypeConstraint {
    let (inner, found) = expr.unquoted();
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed { TypeConstraint::any() } else { parse(&inner, diagnostics) }
}

fn parse(expr: &Expr, diagnostics: &mut Diagnostics) -> TypeConstraint {
    let parsed = match (expr.as_keyword(), expr.as_call()) {
        (Some(keyword), _) => from_keyword(keyword, expr.span).map(TypeConstraint::plain),
        (None, Some(call)) => deeper(|| from_call(call, expr, diagnostics)),
        (None, None) => Err(invalid(
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type \
             constructor call, like list(string).",
            expr.span,
        )),
    };
    parsed.unwrap_or_else(|diagnostic| {
        diagnostics.push(diagnostic);
        TypeConstraint::any()
    })
}

impl TypeConstraint {
    fn plain(ty: Type) -> Self {
        Self { ty, defaults: TypeDefaults::default() }
    }

    /// A collection of this.
    fn inside(self, collection: fn(Type) -> Type) -> Self {
        let children = if self.defaults.is_empty() {
            DefaultsInside::None
        } else {
            DefaultsInside::Element(Box::new(self.defaults))
        };
        let defaults = TypeDefaults { values: BTreeMap::new(), children };
        Self { ty: collection(self.ty), defaults }
    }
}

fn from_keyword(keyword: &str, span: Span) -> Result<Type, Diagnostic> {
    match keyword {
        "bool" => Ok(Type::Bool),
        "string" => Ok(Type::String),
        "number" => Ok(Type::Number),
        "any" => Ok(Type::Dynamic),
        "list" | "set" | "map" | "object" | "tuple" => Err(invalid(one_argument(keyword), span)),
        other => {
            let near = crate::suggest::did_you_mean(
                other,
                ["bool", "string", "number", "any", "list", "set", "map", "object", "tuple"],
            );
            Err(invalid(format!("The keyword {other:?} is not a valid type specification.{near}"), span))
        }
    }
}

fn one_argument(constructor: &str) -> String {
    let what = match constructor {
        "object" => "the attribute types and values as a map",
        "tuple" => "the element types as a list",
        _ => "the element type",
    };
    format!("The {constructor} type constructor requires one argument specifying {what}.")
}

fn from_call(call: &Call, expr: &Expr, diagnostics: &mut Diagnostics) -> Result<TypeConstraint, Diagnostic> {
    let arguments = call.open_paren.to(call.close_paren);
    match call.name.as_str() {
        name @ ("bool" | "string" | "number") => {
            Err(invalid(format!("Primitive type keyword {name:?} does not expect arguments."), arguments))
        }
        "any" => Err(invalid("Type constraint keyword \"any\" does not expect arguments.", arguments)),
        name @ ("list" | "set" | "map" | "object" | "tuple") => {
            let [argument] = call.args.as_slice() else {
                let extra = call.args.get(1).zip(call.args.last()).map(|(a, b)| a.span.to(b.span));
                let diagnostic = invalid(one_argument(name), extra.unwrap_or(arguments));
                return Err(diagnostic.context(arguments));
            };
            match name {
                "list" => Ok(parse(argument, diagnostics).inside(Type::list)),
                "set" => Ok(parse(argument, diagnostics).inside(Type::set)),
                "map" => Ok(parse(argument, diagnostics).inside(Type::map)),
                "object" => object(argument, expr, diagnostics),
                _ => tuple(argument, expr, diagnostics),
            }
        }
        "optional" => Err(invalid(
            "Keyword \"optional\" is valid only as a modifier for object type attributes.",
            call.name_span,
        )),
        other => Err(invalid(format!("Keyword {other:?} is not a valid type constructor."), expr.span)),
    }
}

fn tuple(argument: &Expr, expr: &Expr, diagnostics: &mut Diagnostics) -> Result<TypeConstraint, Diagnostic> {
    let Some(items) = argument.as_list() else {
        return Err(invalid("Tuple type constructor requires a list of element types.", argument.span)
            .context(expr.span));
    };
    let mut types = Vec::with_capacity(items.len());
    let mut inside = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        let constraint = parse(item, diagnostics);
        types.push(constraint.ty);
        if !constraint.defaults.is_empty() {
            inside.insert(i, constraint.defaults);
        }
    }
    let children = if inside.is_empty() { DefaultsInside::None } else { DefaultsInside::Items(inside) };
    Ok(TypeConstraint {
        ty: Type::tuple(types),
        defaults: TypeDefaults { values: BTreeMap::new(), children },
    })
}

/// What the attributes of an object type add up to.
#[derive(Default)]
struct ObjectParts {
    types: Vec<(Str, Type)>,
    optional: Vec<Str>,
    values: BTreeMap<Str, Value>,
    inside: BTreeMap<Str, TypeDefaults>,
}

fn object(argument: &Expr, expr: &Expr, diagnostics: &mut Diagnostics) -> Result<TypeConstraint, Diagnostic> {
    let Some(items) = argument.as_map() else {
        return Err(invalid(
            "Object type constructor requires a map whose keys are attribute names and whose values are the \
             corresponding attribute types.",
            argument.span,
        )
        .context(expr.span));
    };
    let mut parts = ObjectParts::default();
    for item in items {
        object_attribute(item, expr, &mut parts, diagnostics);
    }
    let ObjectParts { types, optional, values, inside } = parts;
    let children = if inside.is_empty() { DefaultsInside::None } else { DefaultsInside::Attributes(inside) };
    Ok(TypeConstraint {
        ty: Type::object_with_optional(types, optional),
        defaults: TypeDefaults { values, children },
    })
}

fn object_attribute(item: &ObjectItem, expr: &Expr, parts: &mut ObjectParts, diagnostics: &mut Diagnostics) {
    let name = match &item.key {
        syntax::ObjectKey::Name(name) => Some(name.name.clone()),
        syntax::ObjectKey::Expr(key) => key.as_keyword().map(Str::from),
    };
    let Some(name) = name else {
        let diagnostic = invalid("Object constructor map keys must be attribute names.", item.key.span());
        return diagnostics.push(diagnostic.context(expr.span));
    };
    let (ty_expr, default) = match item.value.as_call() {
        Some(call) if call.name == "optional" => match call.args.as_slice() {
            [ty] => (ty, Some(None)),
            [ty, default] => (ty, Some(Some(default))),
            [] => {
                return diagnostics.push(optional_arguments(
                    "Optional attribute modifier requires the attribute type as its argument.",
                    call,
                    &item.value,
                ));
            }
            [ty, ..] => {
                diagnostics.push(optional_arguments(
                    "Optional attribute modifier expects at most two arguments: the attribute type, and a default \
                     value.",
                    call,
                    &item.value,
                ));
                (ty, Some(None))
            }
        },
        _ => (&item.value, None),
    };
    let constraint = parse(ty_expr, diagnostics);
    if default.is_some() {
        parts.optional.push(name.clone());
    }
    if let Some(default) = default.flatten()
        && let Some(value) = default_value(default, &constraint, diagnostics)
    {
        parts.values.insert(name.clone(), value);
    }
    parts.types.push((name.clone(), constraint.ty));
    if !constraint.defaults.is_empty() {
        parts.inside.insert(name, constraint.defaults);
    }
}

/// The default of an attribute, converted to its type.
fn default_value(
    default: &Expr,
    constraint: &TypeConstraint,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let (value, found) = evaluate(default, &ConstantScope::default());
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return None;
    }
    match convert(&value, &constraint.ty) {
        Ok(value) => Some(value),
        Err(error) => {
            let detail = format!(
                "This default value is not compatible with the attribute's type constraint: {}.",
                error.message
            );
            let summary = "Invalid default value for optional attribute";
            diagnostics.push(Diagnostic::error(summary, detail).at(default.span));
            None
        }
    }
}

fn optional_arguments(detail: &str, call: &Call, attribute: &Expr) -> Diagnostic {
    invalid(detail, call.open_paren.to(call.close_paren)).context(attribute.span)
}

fn invalid(detail: impl Into<String>, span: Span) -> Diagnostic {
    Diagnostic::error(SUMMARY, detail).at(span)
}

#[cfg(test)]
mod tests {
    use diag::FileId;

    use super::*;

    fn parsed(text: &str) -> (TypeConstraint, Vec<String>) {
        let (expr, found) = syntax::parse_expression(FileId(0), text);
        assert!(found.is_empty(), "{text}: {found:?}");
        let (constraint, found) = parse_type(&expr);
        (constraint, found.iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect())
    }

    fn value(text: &str) -> Value {
        let (expr, _) = syntax::parse_expression(FileId(0), text);
        evaluate(&expr, &ConstantScope::default()).0
    }

    #[test]
    fn types_are_read() {
        for (text, expected) in [
            ("string", "string"),
            ("any", "any"),
            ("list", "list(any)"),
            ("map", "map(any)"),
            ("set(number)", "set(number)"),
            ("list(map(bool))", "list(map(bool))"),
            ("tuple([string, list(any)])", "tuple([string,list(any)])"),
            ("tuple([])", "tuple([])"),
            ("object({})", "object({})"),
            ("object({ b = string, a = optional(number) })", "object({a=optional(number),b=string})"),
            (
                "list(object({ a = optional(object({ b = optional(string, \"x\") }), {}) }))",
                "list(object({a=optional(object({b=optional(string)}))}))",
            ),
        ] {
            let (constraint, found) = parsed(text);
            assert!(found.is_empty(), "{text}: {found:?}");
            assert_eq!(constraint.ty.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_type_is_refused() {
        let one = |detail: &str| format!("Invalid type specification: {detail}");
        for (text, expected) in [
            ("set", one("The set type constructor requires one argument specifying the element type.")),
            ("list(list)", one("The list type constructor requires one argument specifying the element type.")),
            ("strin", one("The keyword \"strin\" is not a valid type specification. Did you mean \"string\"?")),
            ("lst(string)", one("Keyword \"lst\" is not a valid type constructor.")),
            ("list(string, number)", one("The list type constructor requires one argument specifying the element type.")),
            ("object([string])", one("Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.")),
            ("object({ a = optional() })", one("Optional attribute modifier requires the attribute type as its argument.")),
            ("object({ a = optional(string, \"x\", 1) })", one("Optional attribute modifier expects at most two arguments: the attribute type, and a default value.")),
            ("optional(string)", one("Keyword \"optional\" is valid only as a modifier for object type attributes.")),
            ("tuple(string)", one("Tuple type constructor requires a list of element types.")),
            ("string()", one("Primitive type keyword \"string\" does not expect arguments.")),
            ("any(string)", one("Type constraint keyword \"any\" does not expect arguments.")),
            ("object({ \"a\" = string })", one("Object constructor map keys must be attribute names.")),
            ("object", one("The object type constructor requires one argument specifying the attribute types and values as a map.")),
            ("[string]", one("A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).")),
            ("object({ a = optional(string, upper(\"x\")) })", "Function calls not allowed: Functions may not be called here.".into()),
            ("object({ a = optional(string, var.x) })", "Variables not allowed: Variables may not be used here.".into()),
            ("object({ a = optional(string, []) })", "Invalid default value for optional attribute: This default value is not compatible with the attribute's type constraint: string required.".into()),
        ] {
            assert_eq!(parsed(text).1, [expected], "{text}");
        }
    }

    #[test]
    fn defaults_are_applied_before_conversion() {
        let (constraint, _) = parsed(
            "map(object({ a = optional(number, 1), b = object({ c = optional(string, \"x\"), d = optional(bool) }) }))",
        );
        let converted = constraint.convert(&value("{ k = { b = {} }, l = { a = \"2\", b = { c = null } } }"));
        let element = |a: i64| {
            let b = Value::object_of([("c", Value::string("x")), ("d", Value::null(Type::Bool))]);
            Value::object_of([("a", Value::number(a)), ("b", b)])
        };
        let converted = converted.expect("it converts");
        assert_eq!(converted.attr("k"), Some(&element(1)));
        assert_eq!(converted.attr("l"), Some(&element(2)));
        assert!(constraint.convert(&value("{ k = {} }")).is_err());
        assert!(constraint.convert(&value("null")).expect("null has any type").is_null());
    }
}
