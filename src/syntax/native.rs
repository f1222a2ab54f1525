//! Schema-driven decoding of native bodies.

use std::collections::HashSet;

use diag::{Diagnostic, Diagnostics};
use ecow::EcoString;

use crate::ast::Attribute;
use crate::body::{AttributeSchema, Block, BlockSchema, BodySchema, Content, NativeBody};
use crate::suggest::did_you_mean;

impl NativeBody {
    pub(crate) fn content(&self, schema: &BodySchema) -> (Content, Diagnostics) {
        let (content, rest, mut diagnostics) = self.partial_content(schema);
        for attribute in &rest.attributes {
            diagnostics.push(unsupported_argument(attribute, schema, &content));
        }
        for block in &rest.blocks {
            diagnostics.push(unsupported_block(block, schema));
        }
        (content, diagnostics)
    }

    pub(crate) fn partial_content(&self, schema: &BodySchema) -> (Content, NativeBody, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let known = schema.known_attributes(self.attributes.len());
        let (attributes, other): (Vec<_>, Vec<_>) =
            self.attributes.iter().cloned().partition(|attribute| known.contain(&attribute.name.name));
        if !self.incomplete {
            schema.report_missing(&attributes, self.missing, &mut diagnostics);
        }
        let mut blocks = Vec::new();
        let mut other_blocks = Vec::new();
        for block in &self.blocks {
            match schema.block(&block.ty.name) {
                None => other_blocks.push(block.clone()),
                Some(wanted) => match label_error(block, wanted) {
                    Some(error) => diagnostics.push(error),
                    None => blocks.push(block.clone()),
                },
            }
        }
        let content = Content { attributes, blocks, missing: self.missing };
        let rest = NativeBody { attributes: other, blocks: other_blocks, ..*self };
        (content, rest, diagnostics)
    }

    pub(crate) fn just_attributes(&self) -> (Vec<Attribute>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        if let Some(block) = self.blocks.first() {
            let summary = format!("Unexpected \"{}\" block", block.ty.name);
            diagnostics.push(Diagnostic::error(summary, "Blocks are not allowed here.").at(block.ty.span));
        }
        (self.attributes.clone(), diagnostics)
    }
}

/// The names of a schema's attributes, as a table where many are looked up.
pub(crate) enum Known<'a> {
    Few(&'a [AttributeSchema]),
    Many(HashSet<&'a EcoString>),
}

impl Known<'_> {
    pub(crate) fn contain(&self, name: &EcoString) -> bool {
        match self {
            Self::Few(attributes) => attributes.iter().any(|attribute| attribute.name == *name),
            Self::Many(names) => names.contains(name),
        }
    }
}

impl BodySchema {
    /// The names, of which `lookups` will be looked up: most bodies are so small that a table would not pay.
    pub(crate) fn known_attributes(&self, lookups: usize) -> Known<'_> {
        const FEW: usize = 8;
        if lookups <= FEW { Known::Few(&self.attributes) } else { Known::Many(self.attribute_names()) }
    }

    pub(crate) fn attribute_names(&self) -> HashSet<&EcoString> {
        self.attributes.iter().map(|attribute| &attribute.name).collect()
    }

    pub(crate) fn block(&self, ty: &str) -> Option<&BlockSchema> {
        self.blocks.iter().find(|block| block.ty == ty)
    }

    /// Reports the required attributes that are not among those found.
    pub(crate) fn report_missing(&self, found: &[Attribute], at: diag::Span, diagnostics: &mut Diagnostics) {
        for wanted in self.attributes.iter().filter(|attribute| attribute.required) {
            if !found.iter().any(|attribute| attribute.name.name == wanted.name) {
                let detail =
                    format!("The argument \"{}\" is required, but no definition was found.", wanted.name);
                diagnostics.push(Diagnostic::error("Missing required argument", detail).at(at));
            }
        }
    }
}

fn label_error(block: &Block, wanted: &BlockSchema) -> Option<Diagnostic> {
    if block.labels.len() == wanted.labels.len() {
        return None;
    }
    let ty = &block.ty.name;
    let names = wanted.labels.join(", ");
    if let Some(extra) = block.labels.get(wanted.labels.len()) {
        let detail = if wanted.labels.is_empty() {
            format!("No labels are expected for {ty} blocks.")
        } else {
            format!("Only {} labels ({names}) are expected for {ty} blocks.", wanted.labels.len())
        };
        let diagnostic = Diagnostic::error(format!("Extraneous label for {ty}"), detail);
        return Some(diagnostic.at(extra.span).context(block.header));
    }
    let missing = wanted.labels.get(block.labels.len())?;
    let detail = format!("All {ty} blocks must have {} labels ({names}).", wanted.labels.len());
    let diagnostic = Diagnostic::error(format!("Missing {missing} for {ty}"), detail);
    let start = block.body.missing_span();
    let brace = diag::Span { end: start.start.saturating_add(1), ..start };
    Some(diagnostic.at(brace).context(block.header.to(brace)))
}

fn unsupported_argument(attribute: &Attribute, schema: &BodySchema, content: &Content) -> Diagnostic {
    let name = &attribute.name.name;
    let unused = schema.attributes.iter().map(|a| &a.name).filter(|name| content.attribute(name).is_none());
    let mut hint = did_you_mean(name, unused);
    if hint.is_empty() && schema.block(name).is_some() {
        hint = format!(" Did you mean to define a block of type \"{name}\"?");
    }
    let detail = format!("An argument named \"{name}\" is not expected here.{hint}");
    Diagnostic::error("Unsupported argument", detail).at(attribute.name.span)
}

fn unsupported_block(block: &Block, schema: &BodySchema) -> Diagnostic {
    let ty = &block.ty.name;
    let mut hint = did_you_mean(ty, schema.blocks.iter().map(|b| &b.ty));
    if hint.is_empty() && schema.attributes.iter().any(|a| a.name == *ty) {
        hint = format!(
            " Did you mean to define argument \"{ty}\"? If so, use the equals sign to assign it a value."
        );
    }
    let detail = format!("Blocks of type \"{ty}\" are not expected here.{hint}");
    Diagnostic::error("Unsupported block type", detail).at(block.ty.span)
}
