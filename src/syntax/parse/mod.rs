//! The recursive-descent parser over the scanner's tokens.
//!
//! A syntax error abandons its body item (attribute or block header) and parsing resumes at the next, so each
//! item reports at most one such error. Errors inside literals (escapes, numbers) do not abandon anything.
//!
//! What recurses is kept out of line: inlined into one another, the frames of a nesting level would add up to
//! several times their size.

mod attribute;
mod body;
mod collection;
mod expr;
mod literal;
mod postfix;
mod recovery;
mod template;

use diag::{Diagnostic, Diagnostics, FileId, Span};

use crate::MAX_NESTING;
use crate::ast::{Expr, ExprKind, Ident, Traversal, TraversalStep};
use crate::body::NativeBody;
use crate::place::Lines;
use crate::scan::{Comments, Kind, Start, Token, report_invalid, scan};

/// Where the parsed text lies in its file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// Byte for byte from this offset on.
    At(FileId, u32),
    /// Somewhere inside this span, with escapes that shift it: every node gets the whole span.
    Within(Span),
}

/// The syntax error has been reported; the item it is in is to be abandoned.
#[derive(Debug)]
pub(crate) struct Failed;

pub(crate) type Parse<T> = Result<T, Failed>;

pub(crate) fn parse_body(file: FileId, text: &str) -> (NativeBody, Diagnostics) {
    let mut parser = Parser::new(text, Start::Normal, Origin::At(file, 0));
    let body = parser.file_body();
    (body, parser.diagnostics)
}

pub(crate) fn parse_expression(origin: Origin, text: &str) -> (Expr, Diagnostics) {
    let mut parser = Parser::new(text, Start::Normal, origin);
    parser.newlines = false;
    let expr = parser.whole_expression().unwrap_or_else(|Failed| parser.invalid_whole());
    (expr, parser.diagnostics)
}

pub(crate) fn parse_template(origin: Origin, text: &str) -> (Expr, Diagnostics) {
    let mut parser = Parser::new(text, Start::Template, origin);
    let expr = parser.bare_template().unwrap_or_else(|Failed| parser.invalid_whole());
    (expr, parser.diagnostics)
}

pub(crate) fn parse_traversal(origin: Origin, text: &str) -> (Option<Traversal>, Diagnostics) {
    let mut parser = Parser::new(text, Start::Normal, origin);
    parser.newlines = false;
    let traversal = parser.absolute_traversal().ok();
    (traversal, parser.diagnostics)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    pos: usize,
    origin: Origin,
    /// Whether newlines are tokens here: they are not inside parentheses, brackets and template sequences.
    newlines: bool,
    depth: u32,
    /// Levels of the expression that was parsed last.
    height: u32,
    /// Steps of the traversals being parsed: collected here so that each traversal is allocated once.
    steps: Vec<TraversalStep>,
    /// How many tokens recovery may still look at: a multiple of all there are, so that the time stays linear.
    look_ahead: usize,
    diagnostics: Diagnostics,
    last_failure: Option<Diagnostic>,
    lines: Lines,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, start: Start, origin: Origin) -> Self {
        let tokens = scan(text, start, Comments::Skip);
        let mut parser = Self {
            text,
            look_ahead: tokens.len().saturating_mul(8),
            tokens,
            pos: 0,
            origin,
            newlines: true,
            depth: 0,
            height: 0,
            steps: Vec::new(),
            diagnostics: Diagnostics::new(),
            last_failure: None,
            lines: Lines::default(),
        };
        let mut diagnostics = Diagnostics::new();
        report_invalid(&parser.tokens, |token| parser.span(token), &mut diagnostics);
        parser.diagnostics = diagnostics;
        parser
    }

    /// Index of the next token that counts here.
    fn next_index(&self) -> usize {
        let mut at = self.pos;
        if !self.newlines {
            while self.tokens.get(at).is_some_and(|token| token.kind == Kind::Newline) {
                at += 1;
            }
        }
        at
    }

    fn peek(&self) -> Token {
        self.token_at(self.next_index())
    }

    /// The token at an index; past the end it is the end of the file.
    fn token_at(&self, index: usize) -> Token {
        match self.tokens.get(index).or(self.tokens.last()) {
            Some(token) => *token,
            None => Token { kind: Kind::Eof, start: 0, end: 0 },
        }
    }

    fn peek_kind(&self) -> Kind {
        self.peek().kind
    }

    fn next(&mut self) -> Token {
        let at = self.next_index();
        self.pos = (at + 1).min(self.tokens.len());
        self.token_at(at)
    }

    /// Takes the next token if it is of this kind.
    fn eat(&mut self, kind: Kind) -> Option<Token> {
        let at = self.next_index();
        let token = self.token_at(at);
        if token.kind != kind {
            return None;
        }
        self.pos = (at + 1).min(self.tokens.len());
        Some(token)
    }

    fn previous(&self) -> Token {
        self.token_at(self.pos.saturating_sub(1))
    }

    fn is_keyword(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Ident && self.slice(token) == word
    }

    fn eat_keyword(&mut self, word: &str) -> bool {
        let is = self.is_keyword(word);
        if is {
            self.next();
        }
        is
    }

    fn slice(&self, token: Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    fn span(&self, token: Token) -> Span {
        self.range(token.start, token.end)
    }

    fn range(&self, start: u32, end: u32) -> Span {
        match self.origin {
            Origin::At(file, base) => {
                Span { file, start: start.saturating_add(base), end: end.saturating_add(base) }
            }
            Origin::Within(span) => span,
        }
    }

    fn ident(&self, token: Token) -> Ident {
        Ident { name: self.slice(token).into(), span: self.span(token) }
    }

    /// Enters one level of nesting; the caller leaves it with `self.depth -= 1`, also on failure.
    fn enter(&mut self) -> Parse<()> {
        if self.depth >= MAX_NESTING {
            let at = self.span(self.peek());
            return Err(self.too_complex(at));
        }
        self.depth += 1;
        Ok(())
    }

    /// Notes that a node of these children's heights has been made.
    fn raise(&mut self, height: u32, span: Span) -> Parse<()> {
        self.height = height + 1;
        if self.height > crate::MAX_HEIGHT { Err(self.too_complex(span)) } else { Ok(()) }
    }

    #[cold]
    fn too_complex(&mut self, span: Span) -> Failed {
        let detail = format!(
            "This is nested more deeply than {MAX_NESTING} levels, or chains more than {} operators. Move parts of \
             it into local values of their own.",
            crate::MAX_HEIGHT
        );
        self.fail("Expression too complex", detail, span)
    }

    #[cold]
    fn fail(&mut self, summary: &str, detail: impl Into<String>, subject: Span) -> Failed {
        self.report(Diagnostic::error(summary, detail).at(subject));
        Failed
    }

    /// Fails at a token, with the range from `start` to it as context.
    #[cold]
    fn fail_from(&mut self, summary: &str, detail: &str, start: Span, token: Token) -> Failed {
        let subject = self.span(token);
        self.report(Diagnostic::error(summary, detail).at(subject).context(start.to(subject)));
        Failed
    }

    /// Recovery may go over the same line again and find the same error, which is told once.
    fn report(&mut self, diagnostic: Diagnostic) {
        let same =
            |told: &Diagnostic| told.subject == diagnostic.subject && told.summary == diagnostic.summary;
        if !self.last_failure.as_ref().is_some_and(same) {
            self.last_failure = Some(diagnostic.clone());
            self.diagnostics.push(diagnostic);
        }
    }

    fn invalid_whole(&self) -> Expr {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        Expr { kind: ExprKind::Invalid, span: self.range(0, end) }
    }
}
