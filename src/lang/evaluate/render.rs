//! Rendering of templates by the functions `templatefile` and `templatestring`.

use diag::{Diagnostic, Diagnostics, Span};
use syntax::Expr;
use value::{Kind, Value};

use super::Evaluator;
use crate::functions::{CallContext, FunctionError};
use crate::scope::MapScope;

/// Where a template comes from, for messages.
#[derive(Clone, Copy, Debug)]
pub struct TemplateText<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

/// Renders a template with the attributes of an object (or entries of a map) as its only variables.
///
/// The result is a string, or the value itself of a template that is one interpolation. Calls of
/// `templatefile` and `templatestring` inside the template are refused. Arguments of the error are
/// those of the two functions: the variables are argument 1.
pub fn render_template(template: &Expr, vars: &Value, context: &CallContext) -> Result<Value, FunctionError> {
    render(template, vars, context, None)
}

/// As [`render_template`]; messages name the template and the place in it.
pub fn render_named_template(
    template: &Expr,
    vars: &Value,
    context: &CallContext,
    text: TemplateText<'_>,
) -> Result<Value, FunctionError> {
    render(template, vars, context, Some(text))
}

fn render(
    template: &Expr,
    vars: &Value,
    context: &CallContext,
    text: Option<TemplateText<'_>>,
) -> Result<Value, FunctionError> {
    let vars_marks = vars.marks();
    let entries = match vars.kind() {
        Kind::Object(m) | Kind::Map(m) => m.entries(),
        Kind::Unknown(..) => return Ok(Value::dynamic().mark(vars_marks)),
        _ => return Err(FunctionError::argument(1, "invalid vars value: must be a map")),
    };
    if let Some(name) = entries.keys().find(|name| !is_variable_name(name)) {
        return Err(FunctionError::argument(
            1,
            format!(
                "invalid template variable name {:?}: must start with a letter, followed by zero or more letters, \
                 digits, and underscores",
                name.as_str()
            ),
        ));
    }
    let roots = template.traversals().into_iter().map(|traversal| &traversal.root);
    if let Some(root) = roots.into_iter().find(|root| !entries.contains(&root.name)) {
        let place = place(root.span, text).map(|at| format!(", referenced at {at}")).unwrap_or_default();
        let message = format!("vars map does not contain key {:?}{place}", root.name.as_str());
        return Err(FunctionError::argument(1, message));
    }
    let context = CallContext { in_template: true, ..context.clone() };
    let scope = MapScope::new(context, entries.iter().map(|(k, v)| (k.clone(), v.clone())));
    let evaluator = Evaluator::new(&scope);
    evaluator.quiet.set(true);
    let mut diagnostics = Diagnostics::new();
    let value = evaluator.eval(template, None, &mut diagnostics);
    let (value, diagnostics) = evaluator.finish(value, diagnostics);
    if let Some(error) = diagnostics.iter().find(|d| d.is_error()) {
        return Err(FunctionError::new(describe(error, text)));
    }
    if value.is_null() {
        let null = Diagnostic::error(
            "Template result is null",
            "The result of the template is null, which is not a valid result for a templatestring call.",
        );
        return Err(FunctionError::new(describe(&null.at(template.span), text)));
    }
    Ok(value.mark(vars_marks))
}

/// `file.tpl:1,20-21: Null condition; The condition value is null.`
pub(crate) fn describe(diagnostic: &Diagnostic, text: Option<TemplateText<'_>>) -> String {
    let place =
        diagnostic.subject.and_then(|span| place(span, text)).map(|at| format!("{at}: ")).unwrap_or_default();
    format!("{place}{}; {}", diagnostic.summary, diagnostic.detail.trim_end_matches('.'))
}

/// `file.tpl:1,20-21`: line and columns from 1.
fn place(span: Span, text: Option<TemplateText<'_>>) -> Option<String> {
    let TemplateText { name, text } = text?;
    let position = |byte: u32| {
        let before = text.get(..usize::try_from(byte).ok()?)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..)?.chars().count() + 1;
        Some((before.matches('\n').count() + 1, column))
    };
    let ((line, column), (end_line, end_column)) = (position(span.start)?, position(span.end)?);
    Some(if line == end_line {
        format!("{name}:{line},{column}-{end_column}")
    } else {
        format!("{name}:{line},{column}-{end_line},{end_column}")
    })
}

fn is_variable_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(char::is_alphabetic)
        && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
