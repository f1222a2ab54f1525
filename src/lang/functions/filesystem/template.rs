//! `templatefile`, `templatestring`.

use diag::FileId;
use value::{Marks, Type, Value};

use super::super::table::{Call, Core, function};
use super::super::{FunctionError, Parameter};
use super::read_text;
use crate::evaluate::{TemplateText, render_named_template};

/// The name of a template that is no file, in messages.
const STRING_NAME: &str = "<templatestring argument>";

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("templatefile", "Reads a file and renders it as a template.")
            .with(Parameter::new("path", Type::String).marked())
            .param("vars", Type::Dynamic)
            .maybe_null()
            .returns(Type::Dynamic, templatefile),
        function("templatestring", "Renders a string as a template.")
            .with(
                Parameter::new("template", Type::String)
                    .marked()
                    .about("A reference to a string that holds the template."),
            )
            .with(
                Parameter::new("vars", Type::Dynamic)
                    .dynamic()
                    .about("The variables that the template may use."),
            )
            .returns(Type::String, templatestring),
    ]
}

fn templatefile(call: &Call<'_>) -> Result<Value, FunctionError> {
    refuse_nested(call, "templatefile")?;
    let (path, marks) = (call.str(0)?, call.arg(0)?.marks());
    let source = read_text(call.context, path, marks)?;
    let name = if marks.is_sensitive() { "(sensitive value)" } else { path };
    Ok(render(call, TemplateText { name, text: &source })?.mark(marks))
}

fn templatestring(call: &Call<'_>) -> Result<Value, FunctionError> {
    refuse_nested(call, "templatestring")?;
    let (source, marks) = (call.str(0)?, call.arg(0)?.marks());
    let rendered =
        render(call, TemplateText { name: STRING_NAME, text: source }).map_err(|e| redacted(e, marks))?;
    let string = value::convert(&rendered, &Type::String).map_err(|e| {
        FunctionError::new(format!("the result of the template is not a string: {}", e.message))
    })?;
    Ok(string.mark(marks))
}

/// A template cannot include another, so that none includes itself.
fn refuse_nested(call: &Call<'_>, name: &str) -> Result<(), FunctionError> {
    if call.context.in_template {
        let message = format!("cannot recursively call {name} from inside another template function");
        return Err(FunctionError::new(message));
    }
    Ok(())
}

fn render(call: &Call<'_>, source: TemplateText<'_>) -> Result<Value, FunctionError> {
    let vars = call.arg(1)?;
    if !matches!(vars.ty(), Type::Map(_) | Type::Object(_)) {
        return Err(FunctionError::argument(1, "invalid vars value: must be a map"));
    }
    let (template, diagnostics) = syntax::parse_template(FileId(u32::MAX), source.text);
    if let Some(error) = diagnostics.iter().find(|d| d.is_error()) {
        let message = crate::evaluate::describe(error, Some(source));
        return Err(match source.name {
            STRING_NAME => FunctionError::argument(0, format!("invalid template: {message}")),
            _ => FunctionError::new(message),
        });
    }
    render_named_template(&template, vars, call.context, source)
}

/// What is wrong with a secret template is not quoted.
fn redacted(error: FunctionError, marks: Marks) -> FunctionError {
    if marks.is_sensitive() {
        return FunctionError {
            message: "the template, which is sensitive, cannot be rendered".to_owned(),
            ..error
        };
    }
    error
}
