use addrs::Name;
use diag::{Diagnostic, Span};
use lang::TypeConstraint;
use syntax::{Block, BodySchema, Expr, ExprKind};
use value::Value;

use crate::check::{self, Condition};
use crate::cx::Cx;
use crate::{constant, names};

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: Name,
    pub description: Option<String>,
    pub ty: TypeConstraint,
    /// True when the block has a `type` argument: then command-line values of other than primitive types are expressions.
    pub typed: bool,
    /// The default, converted already.
    pub default: Option<Value>,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub nullable: bool,
    pub validations: Vec<Condition>,
    /// The message of `deprecated`.
    pub deprecated: Option<String>,
    /// Of the block's header.
    pub span: Span,
}

/// Names that a module block uses itself.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// A block as written, before override files.
#[derive(Clone, Debug)]
pub(crate) struct VariableDraft {
    pub name: Name,
    pub span: Span,
    description: Option<String>,
    ty: Option<TypeConstraint>,
    default: Option<(Value, Span)>,
    sensitive: Option<bool>,
    ephemeral: Option<bool>,
    nullable: Option<bool>,
    validations: Vec<Condition>,
    deprecated: Option<String>,
    /// What an override file has changed, and where: for the message when default and type no longer fit.
    overridden: Option<(Overridden, Span)>,
}

#[derive(Clone, Copy, Debug)]
enum Overridden {
    Default,
    Type,
}

pub(crate) fn decode(block: &Block, cx: &mut Cx<'_>) -> Option<VariableDraft> {
    let schema = BodySchema::new(
        &["description", "default", "type", "sensitive", "nullable", "ephemeral", "deprecated", "const"],
        &[("validation", &[])],
    );
    let (content, diagnostics) = block.body.content(&schema);
    cx.extend(diagnostics);
    let label = block.labels.first()?;
    let name = Name::from(label.value.as_str());
    names::check(label, "Invalid variable name", &mut cx.diagnostics);
    if RESERVED.contains(&name.as_str()) {
        let detail = format!(
            "The variable name \"{name}\" is reserved due to its special meaning inside module blocks."
        );
        cx.push(Diagnostic::error("Invalid variable name", detail).at(label.span));
    }
    let ty = content.attribute("type").map(|attribute| constraint(&attribute.expr, cx));
    let default = content.attribute("default").map(|attribute| match constant::value(&attribute.expr) {
        Ok(value) => (value, attribute.expr.span),
        Err(errors) => {
            cx.extend(errors);
            // A default there is, only not one that can be read: the variable must not become a required one.
            (Value::dynamic(), attribute.expr.span)
        }
    });
    cx.boolean(&content, "const");
    let validations = content
        .blocks_of("validation")
        .filter_map(|block| check::decode(block, &check::Kind::Validation(&name), cx))
        .collect();
    Some(VariableDraft {
        description: cx.string(&content, "description"),
        ty,
        default,
        sensitive: cx.boolean(&content, "sensitive"),
        ephemeral: cx.boolean(&content, "ephemeral"),
        nullable: cx.boolean(&content, "nullable"),
        validations,
        deprecated: cx.string(&content, "deprecated"),
        overridden: None,
        span: block.header,
        name,
    })
}

/// Reads a type; in the native syntax a quoted one is how Terraform 0.11 wanted it.
fn constraint(expr: &Expr, cx: &mut Cx<'_>) -> TypeConstraint {
    if let ExprKind::String(text) = &expr.kind {
        cx.push(quoted_constraint(text).at(expr.span));
        return TypeConstraint::any();
    }
    let (ty, diagnostics) = lang::parse_type(expr);
    cx.extend(diagnostics);
    ty
}

fn quoted_constraint(text: &str) -> Diagnostic {
    let instead = match text {
        "string" => "Remove the quotes around \"string\".".to_owned(),
        "list" | "map" => format!(
            "Remove the quotes around \"{text}\" and write {text}(string) instead to explicitly indicate that the \
             {text} elements are strings."
        ),
        _ => {
            let detail = "To provide a full type expression, remove the surrounding quotes and give the type expression \
                          directly.";
            return Diagnostic::error("Invalid legacy variable type hint", detail);
        }
    };
    let detail = format!(
        "Terraform 0.11 and earlier required type constraints to be given in quotes, but that form is now deprecated and \
         will be removed in a future version of Terraform. {instead}"
    );
    Diagnostic::error("Invalid quoted type constraints", detail)
}

impl VariableDraft {
    /// Lets an override file's block replace what it sets. Validations stay those of the original.
    pub fn merge(&mut self, other: Self) {
        self.description = other.description.or(self.description.take());
        self.sensitive = other.sensitive.or(self.sensitive);
        self.ephemeral = other.ephemeral.or(self.ephemeral);
        self.nullable = other.nullable.or(self.nullable);
        self.deprecated = other.deprecated.or(self.deprecated.take());
        if other.ty.is_some() {
            self.ty = other.ty;
            self.overridden = Some((Overridden::Type, other.span));
        }
        if other.default.is_some() {
            self.default = other.default;
            self.overridden = Some((Overridden::Default, other.span));
        }
    }

    /// Fits default and type together.
    pub fn finish(self, cx: &mut Cx<'_>) -> Variable {
        let typed = self.ty.is_some();
        let ty = self.ty.unwrap_or_else(TypeConstraint::any);
        let nullable = self.nullable.unwrap_or(true);
        let default = self.default.map(|(value, span)| {
            if value.is_null() && !nullable {
                let detail = "A null default value is not valid when nullable=false.";
                cx.push(Diagnostic::error("Invalid default value for variable", detail).at(span));
            }
            match ty.convert(&value) {
                Ok(value) => value,
                Err(error) => {
                    let (detail, span) = match self.overridden {
                        None => ("This default value is not compatible with the variable's type constraint", span),
                        Some((Overridden::Default, span)) => (
                            "The overridden default value for this variable is not compatible with the variable's \
                             type constraint",
                            span,
                        ),
                        Some((Overridden::Type, span)) => (
                            "Overriding this variable's type constraint has made its default value invalid",
                            span,
                        ),
                    };
                    let detail = format!("{detail}: {}.", crate::vars::conversion_problem(&error));
                    cx.push(Diagnostic::error("Invalid default value for variable", detail).at(span));
                    Value::unknown(ty.ty.clone())
                }
            }
        });
        Variable {
            name: self.name,
            description: self.description,
            ty,
            typed,
            default,
            sensitive: self.sensitive.unwrap_or(false),
            ephemeral: self.ephemeral.unwrap_or(false),
            nullable,
            validations: self.validations,
            deprecated: self.deprecated,
            span: self.span,
        }
    }
}
