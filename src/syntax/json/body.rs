use std::collections::HashSet;
use std::sync::Arc;

use diag::{Diagnostic, Diagnostics, Span};
use ecow::EcoString;

use super::expr::expression;
use super::{JsonBody, Property, Value, ValueKind};
use crate::ast::{Attribute, Ident, Label};
use crate::body::{Block, BlockSchema, Body, BodySchema, Content};
use crate::suggest::did_you_mean;

/// Properties of this name are comments.
const COMMENT: &str = "//";

const WRONG_TYPE: &str = "Incorrect JSON value type";

impl JsonBody {
    pub(crate) fn content(&self, schema: &BodySchema) -> (Content, Diagnostics) {
        let (content, rest, mut diagnostics) = self.partial_content(schema);
        let unused =
            schema.attributes.iter().map(|a| &a.name).filter(|name| content.attribute(name).is_none());
        let names: Vec<_> = unused.chain(schema.blocks.iter().map(|b| &b.ty)).collect();
        for property in rest.properties(&mut Diagnostics::new()) {
            let name = &property.name;
            let detail =
                format!("No argument or block type is named \"{name}\".{}", did_you_mean(name, names.iter()));
            let diagnostic = Diagnostic::error("Extraneous JSON object property", detail);
            diagnostics.push(diagnostic.at(property.name_span).context(property.span()));
        }
        (content, diagnostics)
    }

    pub(crate) fn partial_content(&self, schema: &BodySchema) -> (Content, JsonBody, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let names = schema.attribute_names();
        let mut hidden = (*self.hidden).clone();
        let mut attributes = Attributes::new("Duplicate argument");
        let mut blocks = Vec::new();
        for property in self.properties(&mut diagnostics) {
            if names.contains(&property.name) {
                attributes.add(&property, &mut diagnostics);
            } else if let Some(block) = schema.block(&property.name) {
                let mut unpacker = Unpacker { schema: block, property: &property, blocks: &mut blocks };
                unpacker.unpack(&property.value, &mut Vec::new(), &mut diagnostics);
            } else {
                continue;
            }
            hidden.insert(property.name);
        }
        let attributes = attributes.list;
        if !matches!(self.value.kind, ValueKind::Invalid) {
            schema.report_missing(&attributes, self.missing_span(), &mut diagnostics);
        }
        let content = Content { attributes, blocks, missing: self.missing_span() };
        (content, JsonBody { value: self.value.clone(), hidden: Arc::new(hidden) }, diagnostics)
    }

    pub(crate) fn just_attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut attributes = Attributes::new("Duplicate attribute definition");
        match self.value.kind {
            ValueKind::Object(_) => {
                for property in self.properties(&mut diagnostics) {
                    attributes.add(&property, &mut diagnostics);
                }
            }
            ValueKind::Invalid => {}
            _ => {
                let detail = "A JSON object is required here, setting the arguments for this block.";
                diagnostics.push(Diagnostic::error(WRONG_TYPE, detail).at(self.value.start()));
            }
        }
        (attributes.list, diagnostics)
    }

    /// The closing brace of an object, or the opening bracket of an array.
    pub(crate) fn missing_span(&self) -> Span {
        let span = self.value.span;
        match self.value.kind {
            ValueKind::Object(_) => Span { start: span.end.saturating_sub(1), ..span },
            _ => self.value.start(),
        }
    }

    /// The properties that are left, comments aside.
    fn properties(&self, diagnostics: &mut Diagnostics) -> Vec<Property> {
        let mut properties = deep_properties(&self.value, None, diagnostics);
        properties.retain(|property| property.name != COMMENT && !self.hidden.contains(&property.name));
        properties
    }
}

/// Attributes found so far.
struct Attributes {
    list: Vec<Attribute>,
    names: HashSet<EcoString>,
    /// The summary of the error for a repeated name.
    repeated: &'static str,
}

impl Attributes {
    fn new(repeated: &'static str) -> Self {
        Self { list: Vec::new(), names: HashSet::new(), repeated }
    }

    fn add(&mut self, property: &Property, diagnostics: &mut Diagnostics) {
        let name = &property.name;
        if !self.names.insert(name.clone()) {
            let detail = format!("The argument \"{name}\" was already set in this object.");
            let diagnostic = Diagnostic::error(self.repeated, detail);
            diagnostics.push(diagnostic.at(property.name_span).context(property.span()));
            return;
        }
        let expr = expression(&property.value, diagnostics);
        let name = Ident { name: name.clone(), span: property.name_span };
        self.list.push(Attribute { name, expr, span: property.span() });
    }
}

/// The properties of an object, or of all objects of an array; `label` is what they are names of, if labels.
fn deep_properties(value: &Value, label: Option<&str>, diagnostics: &mut Diagnostics) -> Vec<Property> {
    let mut properties = Vec::new();
    match &value.kind {
        ValueKind::Null | ValueKind::Invalid => {}
        ValueKind::Object(own) => properties.extend(own.iter().cloned()),
        ValueKind::Array(values) => {
            for value in values {
                match &value.kind {
                    ValueKind::Object(own) => properties.extend(own.iter().cloned()),
                    ValueKind::Invalid => {}
                    _ => {
                        let detail = match label {
                            Some(name) => {
                                format!(
                                    "A JSON object is required here, to specify {name} labels for this block."
                                )
                            }
                            None => {
                                "A JSON object is required here, to define arguments and child blocks.".into()
                            }
                        };
                        diagnostics.push(Diagnostic::error(WRONG_TYPE, detail).at(value.start()));
                    }
                }
            }
        }
        _ => {
            let purpose = match label {
                Some(name) => format!("to specify {name} labels for this block"),
                None => "to define arguments and child blocks".into(),
            };
            let detail =
                format!("Either a JSON object or JSON array of objects is required here, {purpose}.");
            diagnostics.push(Diagnostic::error(WRONG_TYPE, detail).at(value.start()));
        }
    }
    properties
}

/// Unpacks the blocks of one property: first a level of objects per label, then an object or an array of them.
struct Unpacker<'a> {
    schema: &'a BlockSchema,
    property: &'a Property,
    blocks: &'a mut Vec<Block>,
}

impl Unpacker<'_> {
    fn unpack(&mut self, value: &Value, labels: &mut Vec<Label>, diagnostics: &mut Diagnostics) {
        let Some(label) = self.schema.labels.get(labels.len()).cloned() else {
            self.bodies(value, labels, diagnostics);
            return;
        };
        let properties = deep_properties(value, Some(&label), diagnostics);
        if properties.is_empty() {
            self.no_label(value, &label, diagnostics);
        }
        for property in properties {
            labels.push(Label { value: property.name, span: property.name_span });
            self.unpack(&property.value, labels, diagnostics);
            labels.pop();
        }
    }

    fn no_label(&self, value: &Value, label: &EcoString, diagnostics: &mut Diagnostics) {
        let ty = &self.schema.ty;
        let detail = format!(
            "At least one object property is required, whose name represents the {ty} block's {label}."
        );
        diagnostics.push(Diagnostic::error("Missing block label", detail).at(value.start()));
    }

    fn bodies(&mut self, value: &Value, labels: &[Label], diagnostics: &mut Diagnostics) {
        match &value.kind {
            ValueKind::Null | ValueKind::Invalid => {}
            ValueKind::Object(_) => self.push(value, labels),
            ValueKind::Array(values) => values.iter().for_each(|value| self.push(value, labels)),
            _ => {
                let detail = format!(
                    "Either a JSON object or a JSON array is required, representing the contents of one or more \
                     \"{}\" blocks.",
                    self.schema.ty
                );
                diagnostics.push(Diagnostic::error(WRONG_TYPE, detail).at(value.start()));
            }
        }
    }

    /// An element of an array may be of a wrong type: its own decoding will report that.
    fn push(&mut self, value: &Value, labels: &[Label]) {
        self.blocks.push(Block {
            ty: Ident { name: self.schema.ty.clone(), span: self.property.name_span },
            labels: labels.to_vec(),
            body: Body::Json(JsonBody { value: value.clone(), hidden: Arc::default() }),
            header: value.start(),
            span: value.span,
        });
    }
}
