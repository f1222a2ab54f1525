use std::sync::Arc;

use diag::Span;
use ecow::EcoString;

use super::{Failed, Parse, Parser};
use crate::ast::{Expr, ExprKind, Ident, TemplatePart};
use crate::normal::nfc;
use crate::scan::{Kind, Token};
use crate::template::{Piece, indent_flush, meld};

impl Parser<'_> {
    #[inline(never)]
    pub(super) fn quoted_or_heredoc(&mut self) -> Parse<Expr> {
        let open = self.next();
        let (end, flush) = if open.kind == Kind::OpenQuote {
            (Kind::CloseQuote, false)
        } else {
            (Kind::CloseHeredoc, self.slice(open).starts_with("<<-"))
        };
        if let Some(expr) = self.plain_string(open, end) {
            return Ok(expr);
        }
        let pieces = self.pieces(open, end, flush)?;
        let span = self.range(open.start, self.previous().end);
        self.template(pieces, span)
    }

    pub(super) fn bare_template(&mut self) -> Parse<Expr> {
        let start = self.peek();
        let pieces = self.pieces(start, Kind::Eof, false)?;
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let span = self.range(0, end);
        self.template(pieces, span)
    }

    /// The common case of one literal, or none, between quotes.
    #[inline(never)]
    fn plain_string(&mut self, open: Token, end: Kind) -> Option<Expr> {
        if end != Kind::CloseQuote {
            return None;
        }
        let first = self.token_at(self.pos);
        let (value, close) = match first.kind {
            Kind::CloseQuote => (EcoString::new(), first),
            Kind::QuotedLiteral if self.token_at(self.pos + 1).kind == Kind::CloseQuote => {
                (nfc(self.unescape(first)), self.token_at(self.pos + 1))
            }
            _ => return None,
        };
        while self.next().kind != Kind::CloseQuote {}
        self.height = 1;
        Some(Expr { kind: ExprKind::String(value), span: self.range(open.start, close.end) })
    }

    /// Makes the expression of a template's pieces.
    #[inline(never)]
    fn template(&mut self, mut pieces: Vec<Piece>, span: Span) -> Parse<Expr> {
        let height = self.height;
        meld(&mut pieces);
        if pieces.len() <= 1 {
            match pieces.pop() {
                None => return Ok(Expr { kind: ExprKind::String(EcoString::new()), span }),
                Some(Piece::Literal { value, .. }) => {
                    return Ok(Expr { kind: ExprKind::String(nfc(value)), span });
                }
                Some(Piece::Interpolation(expr)) => {
                    self.raise(height, span)?;
                    return Ok(Expr { kind: ExprKind::TemplateWrap(Arc::new(expr)), span });
                }
                Some(directive) => pieces.push(directive),
            }
        }
        let (parts, directives) = self.template_parts(pieces, span)?;
        self.raise(height.saturating_add(directives), span)?;
        Ok(Expr { kind: ExprKind::Template(parts.into()), span })
    }

    /// The flat sequence of literals, interpolations and directive markers up to the end token, with strip
    /// markers and flush indentation applied. Leaves the greatest height of its expressions.
    #[inline(never)]
    fn pieces(&mut self, open: Token, end: Kind, flush: bool) -> Parse<Vec<Piece>> {
        let newlines = self.newlines;
        let mut pieces: Vec<Piece> = Vec::new();
        let mut height = 0;
        let mut strip_next = false;
        let mut after_literal = false;
        self.newlines = true;
        loop {
            let token = self.next();
            if token.kind == end {
                break;
            }
            let strip = std::mem::take(&mut strip_next);
            let can_strip = std::mem::take(&mut after_literal);
            match token.kind {
                Kind::StringLiteral | Kind::QuotedLiteral => {
                    let mut value = self.unescape(token);
                    if strip {
                        value = value.trim_start().into();
                    }
                    pieces.push(Piece::Literal { value, span: self.span(token) });
                    after_literal = true;
                }
                Kind::Interpolation | Kind::Directive => {
                    if can_strip && token.strips() {
                        strip_end(&mut pieces);
                    }
                    self.newlines = false;
                    let (piece, close) = if token.kind == Kind::Interpolation {
                        self.interpolation(token, end)?
                    } else {
                        self.directive(token)?
                    };
                    self.newlines = true;
                    height = height.max(self.height);
                    strip_next = close.strips();
                    pieces.push(piece);
                }
                _ => {
                    let detail = "No closing marker was found for the string.";
                    let start = self.span(open);
                    return Err(self.fail_from("Unterminated template string", detail, start, token));
                }
            }
        }
        self.newlines = newlines;
        self.height = height;
        if flush {
            indent_flush(&mut pieces);
        }
        Ok(pieces)
    }

    #[inline(never)]
    fn interpolation(&mut self, open: Token, end: Kind) -> Parse<(Piece, Token)> {
        let expr = self.expression()?;
        let close = self.next();
        if close.kind == Kind::SequenceEnd {
            return Ok((Piece::Interpolation(expr), close));
        }
        Err(self.unclosed_interpolation(open, end, close))
    }

    #[cold]
    fn unclosed_interpolation(&mut self, open: Token, end: Kind, close: Token) -> Failed {
        const UNCLOSED: &str = "Unclosed template interpolation sequence";
        const EXTRA: &str = "Extra characters after interpolation expression";
        let start = self.span(open);
        match close.kind {
            Kind::Eof => self.fail(
                UNCLOSED,
                "There is no closing brace for this interpolation sequence before the end of the file. This might be \
                 caused by incorrect nesting inside the given expression.",
                start,
            ),
            Kind::OpenQuote | Kind::CloseQuote if end == Kind::CloseQuote => self.fail(
                UNCLOSED,
                "There is no closing brace for this interpolation sequence before the end of the quoted template. \
                 This might be caused by incorrect nesting inside the given expression.",
                start,
            ),
            Kind::Colon => self.fail_from(
                EXTRA,
                "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal \
                 sequence to be processed as part of another language? If so, you can escape it by starting with \
                 \"$${\" instead of just \"${\".",
                start,
                close,
            ),
            _ => self.fail_from(
                EXTRA,
                "Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis \
                 can happen when you include interpolation syntax for another language, such as shell scripting, but \
                 forget to escape the interpolation start token. If this is an embedded sequence for another \
                 language, escape it by starting with \"$${\" instead of just \"${\".",
                start,
                close,
            ),
        }
    }

    /// One `%{ ... }` marker.
    #[inline(never)]
    fn directive(&mut self, open: Token) -> Parse<(Piece, Token)> {
        let keyword = self.next();
        self.height = 0;
        if keyword.kind != Kind::Ident {
            let detail = "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning of a %{ \
                          sequence.";
            let start = self.span(open);
            return Err(self.fail_from("Invalid template directive", detail, start, keyword));
        }
        let word = self.slice(keyword);
        let mut piece = match word {
            "if" => Piece::If { condition: self.expression()?, span: self.span(open) },
            "for" => self.for_directive(open)?,
            "else" => Piece::Else(self.span(open)),
            "endif" => Piece::EndIf(self.span(open)),
            "endfor" => Piece::EndFor(self.span(open)),
            _ => {
                let near = crate::suggest::did_you_mean(word, ["if", "for", "else", "endif", "endfor"]);
                let detail = format!("\"{word}\" is not a valid template control keyword.{near}");
                let start = self.span(open);
                return Err(self.fail_from("Invalid template control keyword", &detail, start, keyword));
            }
        };
        let close = self.next();
        if close.kind != Kind::SequenceEnd {
            let summary = format!("Extra characters in {word} marker");
            let detail = "Expected a closing brace to end the sequence, but found extra characters.";
            let start = self.span(open);
            return Err(self.fail_from(&summary, detail, start, close));
        }
        piece.set_span(self.range(open.start, close.end));
        Ok((piece, close))
    }

    #[inline(never)]
    fn for_directive(&mut self, open: Token) -> Parse<Piece> {
        let (key, value) = self.for_directive_names()?;
        if !self.eat_keyword("in") {
            return Err(self.invalid_for_directive("For directive requires 'in' keyword after names."));
        }
        let collection = self.expression()?;
        Ok(Piece::For { key, value, collection, span: self.span(open) })
    }

    fn for_directive_names(&mut self) -> Parse<(Option<Ident>, Ident)> {
        let Some(first) = self.eat(Kind::Ident) else {
            return Err(self.invalid_for_directive("For directive requires variable name after 'for'."));
        };
        let first = self.ident(first);
        if self.eat(Kind::Comma).is_none() {
            return Ok((None, first));
        }
        let Some(second) = self.eat(Kind::Ident) else {
            return Err(self.invalid_for_directive("For directive requires value variable name after comma."));
        };
        Ok((Some(first), self.ident(second)))
    }

    #[cold]
    fn invalid_for_directive(&mut self, detail: &str) -> Failed {
        let subject = self.span(self.peek());
        self.fail("Invalid 'for' directive", detail, subject)
    }

    /// Builds the tree of directives; also returns how deep they nest. A loop, so that it needs no stack.
    fn template_parts(&mut self, pieces: Vec<Piece>, whole: Span) -> Parse<(Vec<TemplatePart>, u32)> {
        let mut open: Vec<Open> = Vec::new();
        let mut parts: Vec<TemplatePart> = Vec::new();
        let mut deepest = 0;
        for piece in pieces {
            match piece {
                Piece::Literal { value, span } => {
                    parts.push(TemplatePart::Literal { value: nfc(value), span });
                }
                Piece::Interpolation(expr) => parts.push(TemplatePart::Interpolation(expr)),
                Piece::If { condition, span } => {
                    open.push(Open::If { condition, span, then: None, outer: std::mem::take(&mut parts) });
                }
                Piece::For { key, value, collection, span } => {
                    let outer = std::mem::take(&mut parts);
                    open.push(Open::For { key, value, collection, span, outer });
                }
                Piece::Else(span) => match open.last_mut() {
                    Some(Open::If { then: then @ None, .. }) => *then = Some(std::mem::take(&mut parts)),
                    other => {
                        let detail = other.map_or(UNBALANCED.into(), |open| self.unexpected_else(open));
                        return Err(self.fail("Unexpected else directive", detail, span));
                    }
                },
                Piece::EndIf(end) => match open.pop() {
                    Some(Open::If { condition, span, then, outer }) => {
                        let inner = std::mem::replace(&mut parts, outer);
                        let (then, otherwise) = match then {
                            Some(then) => (then, inner),
                            None => (inner, Vec::new()),
                        };
                        let (then, otherwise) = (then.into(), otherwise.into());
                        let condition = Arc::new(condition);
                        parts.push(TemplatePart::If { condition, then, otherwise, span: span.to(end) });
                    }
                    other => return Err(self.unexpected_end("endif", other, end)),
                },
                Piece::EndFor(end) => match open.pop() {
                    Some(Open::For { key, value, collection, span, outer }) => {
                        let body = std::mem::replace(&mut parts, outer).into();
                        let collection = Arc::new(collection);
                        parts.push(TemplatePart::For { key, value, collection, body, span: span.to(end) });
                    }
                    other => return Err(self.unexpected_end("endfor", other, end)),
                },
            }
            let depth = u32::try_from(open.len()).unwrap_or(u32::MAX);
            deepest = deepest.max(depth);
            if self.depth.saturating_add(depth) > crate::MAX_NESTING {
                return Err(self.too_complex(whole));
            }
        }
        match open.pop() {
            None => Ok((parts, deepest)),
            Some(unclosed) => Err(self.unclosed_directive(&unclosed, whole)),
        }
    }

    fn unexpected_else(&self, open: &Open) -> String {
        match open {
            Open::If { span, .. } => {
                format!("Already in the else clause for the if started at {}.", self.place(*span))
            }
            Open::For { .. } => "An else clause is not expected for a for directive.".into(),
        }
    }

    #[cold]
    fn unexpected_end(&mut self, name: &str, open: Option<Open>, span: Span) -> Failed {
        let detail = match open {
            None => UNBALANCED.into(),
            Some(Open::If { span, .. }) => {
                format!("Expecting an endif directive for the if started at {}.", self.place(span))
            }
            Some(Open::For { span, .. }) => {
                let place = self.place(span);
                format!("Expecting an endfor directive corresponding to the for directive at {place}.")
            }
        };
        self.fail(&format!("Unexpected {name} directive"), detail, span)
    }

    #[cold]
    fn unclosed_directive(&mut self, open: &Open, whole: Span) -> Failed {
        let (name, end, span) = match open {
            Open::If { span, .. } => ("if", "endif", *span),
            Open::For { span, .. } => ("for", "endfor", *span),
        };
        let place = self.place(span);
        let detail = format!("The {name} directive at {place} is missing its corresponding {end} directive.");
        self.fail("Unexpected end of template", detail, whole.at_end())
    }
}

const UNBALANCED: &str = "The control directives within this template are unbalanced.";

/// A directive whose end has not been seen, with the parts before it.
enum Open {
    If { condition: Expr, span: Span, then: Option<Vec<TemplatePart>>, outer: Vec<TemplatePart> },
    For { key: Option<Ident>, value: Ident, collection: Expr, span: Span, outer: Vec<TemplatePart> },
}

fn strip_end(pieces: &mut [Piece]) {
    if let Some(Piece::Literal { value, .. }) = pieces.last_mut() {
        *value = value.trim_end().into();
    }
}
