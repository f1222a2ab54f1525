use std::path::PathBuf;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, Sources};
use lang::{CallContext, Reference, Scope, evaluate};
use provider::simple::Function;
use provider::{FunctionError, FunctionSignature};
use syntax::{Attribute, Expr};
use value::{Entries, Type, Value};

use crate::encode::{error, signature};

/// `provider::terraform::decode_tfvars`.
pub(crate) struct DecodeTfvars;

const FILE: &str = "<decode_tfvars argument>";

impl Function for DecodeTfvars {
    fn signature(&self) -> FunctionSignature {
        signature(
            "decode_tfvars",
            "src",
            Type::String,
            Type::Dynamic,
            "Reads the text of a .tfvars file as an object.",
        )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = arguments.first().and_then(Value::as_str).cloned().unwrap_or_default();
        let sources = Sources::new();
        let file = sources.add(FILE, text.as_str());
        let (body, diagnostics) = syntax::parse_file(file, &text);
        if let Some(first) = diagnostics.iter().find(|d| d.is_error()) {
            return Err(error(format!("invalid tfvars syntax: {}", placed(first, &sources))));
        }
        let (attributes, diagnostics) = body.just_attributes();
        if let Some(first) = diagnostics.iter().find(|d| d.is_error()) {
            return Err(error(format!("invalid tfvars content: {}", placed(first, &sources))));
        }
        let entries: Result<Entries, FunctionError> =
            attributes.iter().map(|a| Ok((a.name.name.clone(), constant(a, &sources)?))).collect();
        Ok(Value::object(entries?))
    }
}

fn constant(attribute: &Attribute, sources: &Sources) -> Result<Value, FunctionError> {
    let failed = |diagnostic: &Diagnostic| {
        let name = &attribute.name.name;
        error(format!("invalid expression for variable {name:?}: {}", placed(diagnostic, sources)))
    };
    if let Some(diagnostic) = reference(&attribute.expr) {
        return Err(failed(&diagnostic));
    }
    let (value, diagnostics) = evaluate(&attribute.expr, &Constants::new());
    match diagnostics.iter().find(|d| d.is_error()) {
        Some(first) => Err(failed(first)),
        None => Ok(value),
    }
}

/// What is wrong with an expression that refers to something.
fn reference(expr: &Expr) -> Option<Diagnostic> {
    if let Some(traversal) = expr.traversals().first() {
        let error = Diagnostic::error("Variables not allowed", "Variables may not be used here.");
        return Some(error.at(traversal.root.span));
    }
    let call = expr.calls().first().copied()?;
    let error = Diagnostic::error("Function calls not allowed", "Functions may not be called here.");
    Some(error.at(call.name_span.to(call.close_paren)))
}

/// A scope in which nothing can be referred to.
struct Constants(CallContext);

impl Constants {
    fn new() -> Self {
        Self(CallContext {
            base_dir: PathBuf::new(),
            home: None,
            now: None,
            plan_time: None,
            in_template: false,
            provider_functions: Arc::default(),
        })
    }
}

impl Scope for Constants {
    fn resolve(&self, _reference: &Reference) -> Result<Value, Diagnostics> {
        Err(Diagnostic::error("Variables not allowed", "Variables may not be used here.").into())
    }

    fn functions(&self) -> &CallContext {
        &self.0
    }
}

/// `FILE:LINE,COLUMN-COLUMN: SUMMARY; DETAIL`, as HCL writes a diagnostic in one line.
fn placed(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let text = format!("{}; {}", diagnostic.summary, diagnostic.detail);
    let Some((_, start, end)) = diagnostic.subject.and_then(|span| sources.locate(span)) else { return text };
    let end =
        if start.line == end.line { end.column.to_string() } else { format!("{},{}", end.line, end.column) };
    format!("{FILE}:{},{}-{end}: {text}", start.line, start.column)
}
