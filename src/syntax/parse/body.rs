use std::collections::HashMap;
use std::sync::Arc;

use diag::{Diagnostic, Span};
use ecow::EcoString;

use super::{Failed, Origin, Parse, Parser};
use crate::ast::{Attribute, Ident, Label};
use crate::body::{Block, Body, NativeBody};
use crate::scan::{Kind, Token};
use crate::stack::deeper;

const UNCLOSED: &str = "There is no closing brace for this block before the end of the file. This may be caused by \
                        incorrect brace nesting elsewhere in this file.";
const BRACE_ON_LINE: &str = "A block definition must have block content delimited by \"{\" and \"}\", starting on the \
                             same line as the block header.";
const EQUALS_HINT: &str = "An argument or block definition is required here. To set an argument, use the equals sign \
                           \"=\" to introduce the argument value.";

/// Three tokens make a quoted label, and no block has more than two.
const MOST_LABEL_TOKENS: usize = 6;

/// The items of a body while it is parsed.
#[derive(Default)]
struct Items {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    /// Index of each attribute, kept only once there are many.
    index: HashMap<EcoString, usize>,
    incomplete: bool,
}

impl Parser<'_> {
    pub(super) fn file_body(&mut self) -> NativeBody {
        let mut items = Items::default();
        loop {
            self.items(&mut items);
            let token = self.next();
            if token.kind == Kind::Eof {
                let end = self.span(token);
                let span = self.range(0, token.end);
                return items.into_body(span, end.at_start(), span.at_start());
            }
            let subject = self.span(token);
            self.fail("Argument or block definition required", stray_detail(), subject);
        }
    }

    /// Parses items up to a closing brace or the end of the file.
    fn items(&mut self, items: &mut Items) {
        loop {
            let start = self.pos;
            let token = self.token_at(start);
            let parsed = match token.kind {
                Kind::Newline => {
                    self.pos += 1;
                    continue;
                }
                Kind::CloseBrace | Kind::Eof => return,
                Kind::Ident => self.item(items),
                Kind::OpenQuote => {
                    let subject = self.span(token);
                    Err(self.fail("Invalid argument name", "Argument names must not be quoted.", subject))
                }
                _ => {
                    let subject = self.span(token);
                    Err(self.fail("Argument or block definition required", stray_detail(), subject))
                }
            };
            if parsed.is_err() {
                items.incomplete = true;
                self.newlines = true;
                self.steps.clear();
                self.skip_item(start);
            }
        }
    }

    fn item(&mut self, items: &mut Items) -> Parse<()> {
        let name = self.next();
        match self.peek_kind() {
            Kind::Equal => {
                let attribute = self.attribute(name)?;
                self.add_attribute(items, attribute);
                self.end_of_attribute(name)
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident => {
                let block = self.block(name)?;
                items.blocks.push(block);
                self.end_of_block(name)
            }
            _ => {
                let subject = self.span(name);
                Err(self.fail("Argument or block definition required", EQUALS_HINT, subject))
            }
        }
    }

    fn add_attribute(&mut self, items: &mut Items, attribute: Attribute) {
        let Some(earlier) = items.find(&attribute.name.name) else {
            items.add(attribute);
            return;
        };
        let detail = format!(
            "The argument \"{}\" was already set at {}. Each argument may be set only once.",
            attribute.name.name,
            self.place(earlier)
        );
        self.diagnostics.push(Diagnostic::error("Attribute redefined", detail).at(attribute.name.span));
    }

    /// `line 3, column 1`, for messages that name another place.
    pub(super) fn place(&self, span: Span) -> String {
        match self.origin {
            Origin::At(_, 0) => self.lines.describe(self.text, span),
            _ => "an earlier place in this string".into(),
        }
    }

    fn end_of_attribute(&mut self, name: Token) -> Parse<()> {
        let end = self.peek();
        match end.kind {
            Kind::Newline => {
                self.next();
                Ok(())
            }
            Kind::Eof => Ok(()),
            Kind::Comma => Err(self.fail_from(
                "Unexpected comma after argument",
                "Argument definitions must be separated by newlines, not commas. An argument definition must end \
                 with a newline.",
                self.span(name),
                end,
            )),
            _ => Err(self.fail_from(
                "Missing newline after argument",
                "An argument definition must end with a newline.",
                self.span(name),
                end,
            )),
        }
    }

    fn end_of_block(&mut self, name: Token) -> Parse<()> {
        let end = self.peek();
        match end.kind {
            Kind::Newline => {
                self.next();
                Ok(())
            }
            Kind::Eof => Ok(()),
            _ => Err(self.fail_from(
                "Missing newline after block definition",
                "A block definition must end with a newline.",
                self.span(name),
                end,
            )),
        }
    }

    fn block(&mut self, name: Token) -> Parse<Block> {
        let ty = self.ident(name);
        let labels = self.labels(&ty)?;
        let open = self.next();
        let header = labels.last().map_or(ty.span, |label| ty.span.to(label.span));
        if self.depth >= crate::MAX_NESTING {
            let detail = format!("Blocks may be nested at most {} levels deep.", crate::MAX_NESTING);
            return Err(self.fail("Blocks nested too deeply", detail, header));
        }
        self.depth += 1;
        let body = deeper(|| match self.peek_kind() {
            Kind::Newline | Kind::Eof | Kind::CloseBrace => self.block_body(open),
            _ => self.single_line_body(&ty, open),
        });
        self.depth -= 1;
        let body = body?;
        let span = ty.span.to(self.span(self.previous()));
        Ok(Block { ty, labels, body: Body::Native(Arc::new(body)), header, span })
    }

    /// How many labels there are room for: those of a header without a mistake.
    fn labels_ahead(&self) -> usize {
        let header = self.tokens.iter().skip(self.pos).take(MOST_LABEL_TOKENS);
        header
            .take_while(|token| token.kind != Kind::OpenBrace)
            .filter(|token| matches!(token.kind, Kind::OpenQuote | Kind::Ident))
            .count()
    }

    /// The labels, up to the opening brace.
    fn labels(&mut self, ty: &Ident) -> Parse<Vec<Label>> {
        let mut labels = Vec::with_capacity(self.labels_ahead());
        loop {
            let token = self.peek();
            match token.kind {
                Kind::OpenBrace => return Ok(labels),
                Kind::OpenQuote => labels.push(self.quoted_label()?),
                Kind::Ident => {
                    self.next();
                    labels.push(Label { value: self.slice(token).into(), span: self.span(token) });
                }
                kind => {
                    if let Some(brace) = self.brace_on_later_line() {
                        self.fail_from("Invalid block definition", BRACE_ON_LINE, ty.span, token);
                        self.pos = brace;
                        continue;
                    }
                    let detail = match kind {
                        Kind::Equal => {
                            "The equals sign \"=\" indicates an argument definition, and must not be used when \
                             defining a block."
                        }
                        Kind::Newline => BRACE_ON_LINE,
                        _ => {
                            "Either a quoted string block label or an opening brace (\"{\") is expected here."
                        }
                    };
                    return Err(self.fail_from("Invalid block definition", detail, ty.span, token));
                }
            }
        }
    }

    /// Index of the opening brace, if only newlines are before it.
    fn brace_on_later_line(&self) -> Option<usize> {
        let newlines =
            self.tokens.iter().skip(self.pos).take_while(|token| token.kind == Kind::Newline).count();
        let at = self.pos + newlines;
        (self.token_at(at).kind == Kind::OpenBrace).then_some(at)
    }

    fn block_body(&mut self, open: Token) -> Parse<NativeBody> {
        let mut items = Items::default();
        self.items(&mut items);
        let close = self.next();
        if close.kind != Kind::CloseBrace {
            let subject = self.span(open);
            self.fail("Unclosed configuration block", UNCLOSED, subject);
        }
        Ok(self.braced(items, open, close))
    }

    fn braced(&self, items: Items, open: Token, close: Token) -> NativeBody {
        items.into_body(self.range(open.end, close.start), self.span(close), self.span(open).at_start())
    }

    /// `{ name = value }`
    fn single_line_body(&mut self, ty: &Ident, open: Token) -> Parse<NativeBody> {
        let name = self.next();
        let subject = self.span(name);
        if name.kind != Kind::Ident {
            return Err(self.fail("Argument or block definition required", stray_detail(), subject));
        }
        let next = self.peek();
        match next.kind {
            Kind::Equal => {}
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident => {
                let detail = format!(
                    "A single-line block definition can contain only a single argument. If you meant to define \
                     argument \"{}\", use an equals sign to assign it a value. To define a nested block, place it on \
                     a line of its own within its parent block.",
                    self.slice(name)
                );
                let subject = subject.to(self.span(next));
                return Err(self.fail("Argument definition required", detail, subject));
            }
            _ => return Err(self.fail("Argument or block definition required", EQUALS_HINT, subject)),
        }
        let mut items = Items::default();
        items.add(self.attribute(name)?);
        if let Some(close) = self.eat(Kind::CloseBrace) {
            return Ok(self.braced(items, open, close));
        }
        Err(self.unclosed_single_line(ty, open))
    }

    #[cold]
    fn unclosed_single_line(&mut self, ty: &Ident, open: Token) -> Failed {
        const SUMMARY: &str = "Invalid single-argument block definition";
        let token = self.peek();
        let subject = self.span(token);
        match token.kind {
            Kind::Comma => self.fail(
                SUMMARY,
                "Single-line block syntax can include only one argument definition. To define multiple arguments, \
                 use the multi-line block syntax with one argument definition per line.",
                subject,
            ),
            Kind::Newline => self.fail(
                SUMMARY,
                "An argument definition on the same line as its containing block creates a single-line block \
                 definition, which must also be closed on the same line. Place the block's closing brace \
                 immediately after the argument definition.",
                subject,
            ),
            Kind::Eof => {
                let open = self.span(open);
                let diagnostic = Diagnostic::error("Unclosed configuration block", UNCLOSED);
                self.diagnostics.push(diagnostic.at(open).context(ty.span.to(open)));
                Failed
            }
            _ => self.fail(
                SUMMARY,
                "A single-line block definition must end with a closing brace immediately after its single argument \
                 definition.",
                subject,
            ),
        }
    }
}

fn stray_detail() -> &'static str {
    "An argument or block definition is required here."
}

impl Items {
    /// Above this number of attributes they are looked up by hash.
    const FEW: usize = 16;

    fn find(&self, name: &EcoString) -> Option<Span> {
        let found = if self.index.is_empty() {
            self.attributes.iter().find(|attribute| attribute.name.name == *name)
        } else {
            self.index.get(name).and_then(|index| self.attributes.get(*index))
        };
        found.map(|attribute| attribute.name.span)
    }

    fn add(&mut self, attribute: Attribute) {
        if self.attributes.len() == Self::FEW {
            let names = self.attributes.iter().enumerate().map(|(n, a)| (a.name.name.clone(), n));
            self.index = names.collect();
        }
        if self.attributes.len() >= Self::FEW {
            self.index.insert(attribute.name.name.clone(), self.attributes.len());
        }
        self.attributes.push(attribute);
    }

    fn into_body(self, span: Span, end: Span, missing: Span) -> NativeBody {
        let Self { mut attributes, mut blocks, incomplete, .. } = self;
        // Most bodies are small, and the room that a vector keeps for more would be most of the tree.
        attributes.shrink_to_fit();
        blocks.shrink_to_fit();
        NativeBody { attributes, blocks, span, end, missing, incomplete }
    }
}
