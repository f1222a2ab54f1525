//! Function calls: finding the function, its arguments, and the protocol around the call itself.

use std::borrow::Cow;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, Span};
use syntax::{Call, Expr, ExprKind};
use value::{Kind, Marks, Type, Value, convert};

use super::collection::{Iteration, iterate};
use super::{Bindings, Evaluator, start_span};
use crate::functions::{self, Function, FunctionError, Parameter};
use crate::suggest::did_you_mean;

/// One argument, evaluated.
struct Argument<'e> {
    value: Value,
    /// The expression it came from, or that of the list it was expanded from.
    expr: &'e Expr,
}

/// A function of the core or of a provider.
enum Found {
    Core(&'static dyn Function),
    Provider(Arc<dyn Function>),
}

/// What messages say of the function.
pub(super) struct Callee<'a> {
    pub name: &'a str,
    pub required: &'a [&'a str],
    pub variadic: Option<&'a str>,
    pub signature: &'a str,
}

impl Evaluator<'_> {
    pub(super) fn call(
        &self,
        call: &Call,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let name = call.name.strip_prefix("core::").unwrap_or(&call.name);
        if !self.scope.allows_calls() {
            let diagnostic =
                Diagnostic::error("Function calls not allowed", "Functions may not be called here.");
            self.fatal(diagnostic.at(expr.span));
            return Value::dynamic();
        }
        match name {
            "try" if !call.expand_final => return self.try_call(call, expr, bindings, diagnostics),
            "can" if !call.expand_final => return self.can_call(call, expr, bindings, diagnostics),
            "type" => {
                diagnostics.push(
                    Diagnostic::error(
                        "Invalid use of type function",
                        "The console-only \"type\" function cannot be used as part of an expression.",
                    )
                    .at(start_span(expr))
                    .context(expr.span),
                );
                return Value::dynamic();
            }
            _ => {}
        }
        let function = match self.find(name) {
            Ok(function) => function,
            Err(diagnostic) => {
                diagnostics.push(diagnostic.at(call.name_span).context(expr.span));
                return Value::dynamic();
            }
        };
        self.call_found(function.as_dyn(), name, call, expr, bindings, diagnostics)
    }

    fn find(&self, name: &str) -> Result<Found, Diagnostic> {
        if let Some(function) = functions::lookup(name) {
            return Ok(Found::Core(function));
        }
        if let Some(function) = self.scope.functions().provider_functions.get(name) {
            return Ok(Found::Provider(Arc::clone(function)));
        }
        Err(unknown_function(name))
    }

    fn call_found(
        &self,
        function: &dyn Function,
        name: &str,
        call: &Call,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Value {
        let parameters: Vec<&str> = function.parameters().iter().map(|p| p.name.as_str()).collect();
        let signature = signature(name, function);
        let callee = Callee {
            name,
            required: &parameters,
            variadic: function.variadic().map(|p| p.name.as_str()),
            signature: &signature,
        };
        if name == "templatestring"
            && let Some(why) = call.args.first().and_then(not_a_template_reference)
        {
            let detail =
                format!("Invalid value for \"template\" parameter: invalid template expression: {why}.");
            let error = self.error(expr, bindings, "Invalid function argument", detail);
            diagnostics.push(callee.calling(error.at(start_span(&call.args[0])).context(expr.span)));
            return Value::dynamic();
        }
        let mut found = Diagnostics::new();
        let mut marks = Marks::NONE;
        let arguments = self.arguments(call, &callee, expr, bindings, &mut marks, &mut found);
        let arguments = arguments.and_then(|arguments| {
            let counted = check_count(&callee, &arguments, call, expr);
            match counted {
                Ok(()) => Some(arguments),
                Err(diagnostic) => {
                    found.push(self.with_values(diagnostic, expr, bindings));
                    None
                }
            }
        });
        let converted =
            arguments.and_then(|args| self.convert_all(function, args, &callee, expr, bindings, &mut found));
        let failed = found.has_errors();
        diagnostics.extend(found);
        let Some(arguments) = converted.filter(|_| !failed) else { return Value::dynamic().mark(marks) };
        let values: Vec<Value> = arguments.iter().map(|a| a.value.clone()).collect();
        functions::invoke(function, self.scope.functions(), &values).unwrap_or_else(|error| {
            diagnostics.push(self.failed_call(&error, function, &arguments, &callee, expr, bindings));
            Value::dynamic().mark(marks)
        })
    }

    /// Evaluates the arguments and expands the last one; `None` when there is nothing to call with. Gathers their
    /// marks, also for that case.
    fn arguments<'e>(
        &self,
        call: &'e Call,
        callee: &Callee<'_>,
        expr: &Expr,
        bindings: Bindings<'_>,
        marks: &mut Marks,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<Argument<'e>>> {
        let mut arguments: Vec<Argument<'e>> = call
            .args
            .iter()
            .map(|expr| Argument { value: self.eval(expr, bindings, diagnostics), expr })
            .collect();
        *marks = arguments.iter().fold(*marks, |marks, argument| marks | argument.value.deep_marks());
        if !call.expand_final {
            return Some(arguments);
        }
        let last = arguments.pop()?;
        let own = last.value.marks();
        let sequence = matches!(
            last.value.kind(),
            Kind::List(_)
                | Kind::Set(_)
                | Kind::Tuple(_)
                | Kind::Null(_)
                | Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_), _)
        ) && !matches!(
            last.value.kind(),
            Kind::Null(Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Object(_))
        );
        let why = match iterate(&last.value) {
            Iteration::Items(items) if sequence => {
                let expr = last.expr;
                arguments
                    .extend(items.into_iter().map(|(_, value)| Argument { value: value.mark(own), expr }));
                return Some(arguments);
            }
            Iteration::Unknown if sequence => return None,
            Iteration::Null if sequence => "must not be null",
            _ => "must be of a tuple, list, or set type",
        };
        let detail = format!("The expanding argument (indicated by ...) {why}.");
        let error = self.error(last.expr, bindings, "Invalid expanding argument value", detail);
        diagnostics.push(callee.calling(error.context(expr.span)));
        None
    }

    /// Converts the arguments to the parameters' types.
    fn convert_all<'e>(
        &self,
        function: &dyn Function,
        arguments: Vec<Argument<'e>>,
        callee: &Callee<'_>,
        expr: &Expr,
        bindings: Bindings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<Argument<'e>>> {
        let mut converted = Vec::with_capacity(arguments.len());
        for (i, Argument { value, expr: argument }) in arguments.into_iter().enumerate() {
            let parameter = parameter(function, i)?;
            if i == 0 && function.name() == "templatestring" && is_not_a_string(&value) {
                let detail =
                    "Invalid value for \"template\" parameter: invalid template value: a string is required.";
                let error = self.error(argument, bindings, "Invalid function argument", detail);
                diagnostics.push(callee.calling(error.at(start_span(argument)).context(expr.span)));
                continue;
            }
            if parameter.ty == Type::Dynamic {
                converted.push(Argument { value, expr: argument });
                continue;
            }
            match convert(&value, &parameter.ty) {
                Ok(value) => converted.push(Argument { value, expr: argument }),
                Err(error) => {
                    let detail = format!(
                        "Invalid value for {:?} parameter: {}.",
                        parameter.name.as_str(),
                        error.message
                    );
                    let error = self.error(argument, bindings, "Invalid function argument", detail);
                    diagnostics.push(callee.calling(error.at(start_span(argument)).context(expr.span)));
                }
            }
        }
        Some(converted)
    }

    fn failed_call(
        &self,
        error: &FunctionError,
        function: &dyn Function,
        arguments: &[Argument<'_>],
        callee: &Callee<'_>,
        expr: &Expr,
        bindings: Bindings<'_>,
    ) -> Diagnostic {
        // What a function says may quote what it was given; conversions see to that themselves.
        let converts = matches!(callee.name, "tobool" | "tonumber" | "tostring");
        let secret = !converts && arguments.iter().any(|argument| argument.value.deep_marks().is_sensitive());
        let message = match error.message.trim_end_matches('.') {
            _ if secret => "what is wrong is not shown, because an argument is sensitive",
            message => message,
        };
        let named = error.argument.and_then(|i| parameter(function, i).map(|p| (i, p)));
        let diagnostic = match named {
            None => {
                let detail = format!("Call to function {:?} failed: {message}.", callee.name);
                self.error(expr, bindings, "Error in function call", detail).at(start_span(expr))
            }
            Some((i, parameter)) => {
                let detail = format!("Invalid value for {:?} parameter: {message}.", parameter.name.as_str());
                let about = arguments.get(i).map_or(expr, |argument| argument.expr);
                self.error(about, bindings, "Invalid function argument", detail).at(start_span(about))
            }
        };
        callee.calling(diagnostic.context(expr.span))
    }
}

impl Found {
    fn as_dyn(&self) -> &dyn Function {
        match self {
            Self::Core(function) => *function,
            Self::Provider(function) => &**function,
        }
    }
}

impl Callee<'_> {
    /// Notes in a diagnostic that it is about a call of this function.
    pub(super) fn calling(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.calling = Some(self.signature.to_owned());
        diagnostic
    }
}

/// The one argument of `type(...)`, which `console` answers instead of evaluating the call.
pub fn console_type_argument(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Call(call) if call.name == "type" && call.args.len() == 1 && !call.expand_final => {
            call.args.first()
        }
        _ => None,
    }
}

/// Whether a value is of a known type other than string: a template is not converted from such.
fn is_not_a_string(value: &Value) -> bool {
    !matches!(value.kind(), Kind::String(_) | Kind::Null(_) | Kind::Unknown(Type::String | Type::Dynamic, _))
}

fn check_count(
    callee: &Callee<'_>,
    arguments: &[Argument<'_>],
    call: &Call,
    expr: &Expr,
) -> Result<(), Diagnostic> {
    if arguments.len() < callee.required.len() {
        return Err(not_enough(callee, arguments.len(), call, expr));
    }
    match arguments.get(callee.required.len()) {
        Some(extra) if callee.variadic.is_none() => Err(too_many(callee, start_span(extra.expr), expr)),
        _ => Ok(()),
    }
}

pub(super) fn not_enough(callee: &Callee<'_>, given: usize, call: &Call, expr: &Expr) -> Diagnostic {
    let at_least = if callee.variadic.is_some() { " at least" } else { "" };
    let missing = callee.required.get(given).copied().unwrap_or_default();
    callee.calling(
        Diagnostic::error(
            "Not enough function arguments",
            format!(
                "Function {:?} expects{at_least} {} argument(s). Missing value for {missing:?}.",
                callee.name,
                callee.required.len()
            ),
        )
        .at(call.close_paren)
        .context(expr.span),
    )
}

pub(super) fn too_many(callee: &Callee<'_>, extra: Span, expr: &Expr) -> Diagnostic {
    callee.calling(
        Diagnostic::error(
            "Too many function arguments",
            format!("Function {:?} expects only {} argument(s).", callee.name, callee.required.len()),
        )
        .at(extra)
        .context(expr.span),
    )
}

fn parameter(function: &dyn Function, i: usize) -> Option<&Parameter> {
    function.parameters().get(i).or_else(|| function.variadic())
}

/// `lookup(inputMap, key, default...)`.
fn signature(name: &str, function: &dyn Function) -> String {
    let required = function.parameters().iter().map(|p| Cow::Borrowed(p.name.as_str()));
    let variadic = function.variadic().map(|p| Cow::Owned(format!("{}...", p.name)));
    let all: Vec<Cow<'_, str>> = required.chain(variadic).collect();
    format!("{name}({})", all.join(", "))
}

fn unknown_function(name: &str) -> Diagnostic {
    let parts: Vec<&str> = name.split("::").collect();
    match parts.as_slice() {
        ["provider", provider, function] => Diagnostic::error(
            "Unknown provider function",
            format!(
                "There is no function named {name:?}. Ensure that provider name {provider:?} is declared in this \
                 module's required_providers block, and that this provider offers a function named {function:?}."
            ),
        ),
        ["provider", ..] => Diagnostic::error(
            "Unknown provider function",
            format!("The function name {name:?} must have the form provider::NAME::FUNCTION."),
        ),
        [namespace, _, ..] => Diagnostic::error(
            "Unknown provider function",
            format!(
                "The function namespace {namespace:?} is not valid. Provider function calls must use the \
                 \"provider::\" namespace prefix."
            ),
        ),
        _ => {
            let near = did_you_mean(name, functions::names());
            Diagnostic::error(
                "Call to unknown function",
                format!("There is no function named {name:?}.{near}"),
            )
        }
    }
}

/// Why an expression cannot be the template of `templatestring`, which renders only what comes from elsewhere.
fn not_a_template_reference(expr: &Expr) -> Option<&'static str> {
    match &expr.kind {
        ExprKind::Traversal(_) | ExprKind::Invalid => None,
        ExprKind::Parens(inner) => crate::stack::deeper(|| not_a_template_reference(inner)),
        ExprKind::RelativeTraversal { source, .. } | ExprKind::Index { collection: source, .. } => {
            crate::stack::deeper(|| not_a_template_reference(source))
        }
        ExprKind::String(_) => Some(
            "templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does not \
             support providing a literal template; consider using a template string expression instead",
        ),
        ExprKind::Template(_) | ExprKind::TemplateWrap(_) | ExprKind::JsonString(_) => Some(
            "templatestring is only for rendering templates retrieved dynamically from elsewhere; to render an \
             inline template, consider using a plain template string expression",
        ),
        _ => Some(
            "must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax",
        ),
    }
}
