//! Contents that are rendered of a template, as the function `templatefile` does.

use diag::Diagnostics;
use lang::CallContext;
use lang::functions::{FunctionError, invoke, lookup};
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, attribute_error};
use value::{Entries, Path, Type, Value, convert};

use crate::failure::{Failure, Result};
use crate::resource::Context;

/// What the template's variables are in.
const VARIABLES: [&str; 2] = ["variables", "sensitive_variables"];

/// Where the rendered text is: the second where it holds secrets.
pub(super) const RENDERED: [&str; 2] = ["rendered", "sensitive_rendered"];

pub(super) fn with_attributes(block: Block) -> Block {
    block
        .with(
            "template",
            Attribute::optional(Type::String).described(
                "The path of a template on the machine that groma runs on, whose rendered text is the content: as by the function \
                 `templatefile`, but its text is compared with the file's in the plan.",
            ),
        )
        .with(
            "variables",
            Attribute::optional(Type::Dynamic)
                .described("The variables of the template, an object. What is secret belongs into `sensitive_variables`."),
        )
        .with(
            "sensitive_variables",
            Attribute::optional(Type::Dynamic).sensitive().described(
                "More variables of the template, which are never shown; nor is the rendered text then.",
            ),
        )
        .with(
            "rendered",
            Attribute::computed(Type::String)
                .described("The text that the template gives; null if there are `sensitive_variables`."),
        )
        .with(
            "sensitive_rendered",
            Attribute::computed(Type::String)
                .sensitive()
                .described("The text that the template gives if there are `sensitive_variables`."),
        )
}

pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut wrong = |name: &str, detail: &str| {
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid template", detail));
    };
    for name in VARIABLES {
        let Some(variables) = config.attr(name).filter(|variables| !variables.is_null()) else { continue };
        if config.is_unset("template") {
            wrong(name, "It is for a template, which is not set.");
        } else if variables.is_known() && variables.entries().is_none() {
            wrong(name, "It is no object or map.");
        }
    }
    if let (Some(plain), Some(secret)) = (entries(config, VARIABLES[0]), entries(config, VARIABLES[1]))
        && let Some(both) = secret.keys().find(|name| plain.contains(name))
    {
        wrong(
            VARIABLES[1],
            &format!("The variable {both} is among the variables that are no secret as well."),
        );
    }
    diagnostics
}

/// Plans the text that the template gives; says whether it is known.
pub(super) fn plan(context: &Context, plan: &mut Plan) {
    let nothing = || Value::null(Type::String);
    let [mut shown, mut secret] = [nothing(), nothing()];
    if !plan.planned.is_unset("template") {
        let text = match render(context, &plan.planned, Moment::Planning) {
            Ok(text) => text,
            Err(failure) => {
                plan.diagnostics.push(failure.diagnostic());
                return;
            }
        };
        let place = if is_secret(&plan.planned) { &mut secret } else { &mut shown };
        *place = text;
    }
    for (name, text) in RENDERED.into_iter().zip([shown, secret]) {
        plan.set(name, text);
    }
}

/// The planned file with the text that the template gives now that all is known.
pub(super) fn complete(context: &Context, planned: &Value) -> Result<Value> {
    let known = RENDERED.iter().all(|name| planned.attr(name).is_none_or(Value::is_known));
    if known {
        return Ok(planned.clone());
    }
    let name = RENDERED[usize::from(is_secret(planned))];
    Ok(planned.with_attr(name, render(context, planned, Moment::Applying)?))
}

/// The text that was rendered, if there is a template.
pub(super) fn text(object: &Value) -> Option<&str> {
    RENDERED.iter().find_map(|name| object.text(name))
}

/// Whether the rendered text may not be shown.
pub(super) fn is_secret(object: &Value) -> bool {
    !object.is_unset(VARIABLES[1])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// `timestamp()` is not known yet.
    Planning,
    Applying,
}

/// What the template gives: a text, or unknown.
fn render(context: &Context, object: &Value, moment: Moment) -> Result<Value> {
    let path = object.attr("template").cloned().unwrap_or(Value::null(Type::String));
    let mut variables = Entries::new();
    for name in VARIABLES {
        let value = object.attr(name).filter(|value| !value.is_null());
        match value.map(|value| (value.is_known(), value.entries())) {
            None => {}
            Some((true, Some(entries))) => {
                for (key, value) in entries.iter() {
                    variables.insert(key.clone(), value.clone());
                }
            }
            Some((false, _)) => return Ok(Value::unknown(Type::String)),
            Some((true, None)) => return Err(invalid(name, "It is no object or map.")),
        }
    }
    let environment = &context.environment;
    let calls = CallContext {
        home: environment.home.clone(),
        now: (moment == Moment::Applying).then(|| environment.now()),
        ..CallContext::new(&environment.working_dir)
    };
    let function = lookup("templatefile").expect("it is one of the language's functions");
    let rendered = invoke(function, &calls, &[path, Value::object(variables)]);
    let rendered = rendered.map_err(|error| failed(object, &error))?;
    match convert(&rendered, &Type::String) {
        Ok(text) if !text.is_null() => Ok(text),
        _ => Err(invalid("template", "What it gives is no text.")),
    }
}

/// The language's own reason, unless it may quote a secret.
fn failed(object: &Value, error: &FunctionError) -> Failure {
    let name = if error.argument == Some(1) { "variables" } else { "template" };
    if is_secret(object) && error.argument.is_none() {
        return invalid(
            name,
            "It cannot be rendered. The reason is not shown, as it may hold one of the sensitive variables.",
        );
    }
    invalid(name, &format!("It cannot be rendered: {}.", error.message.trim_end_matches('.')))
}

fn invalid(name: &'static str, detail: &str) -> Failure {
    Failure::attribute(name, "Invalid template", detail)
}

fn entries<'a>(object: &'a Value, name: &str) -> Option<&'a Entries> {
    object.attr(name).and_then(Value::entries)
}
