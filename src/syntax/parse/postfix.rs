use std::sync::Arc;

use diag::{Diagnostic, Span};
use ecow::EcoVec;

use super::{Failed, Parse, Parser};
use crate::ast::{Expr, ExprKind, SplatStep, Traversal, TraversalStep};
use crate::scan::{Kind, Token};
use crate::stack::deeper;

impl Parser<'_> {
    /// A term and the attribute accesses, indexes and splats after it.
    pub(super) fn postfix(&mut self) -> Parse<Expr> {
        let mark = self.steps.len();
        let mut expr = self.term()?;
        loop {
            expr = match self.peek_kind() {
                Kind::Dot => self.after_dot(expr, mark)?,
                Kind::OpenBracket => self.after_bracket(expr, mark)?,
                _ => return self.with_steps(expr, mark),
            };
        }
    }

    #[inline(never)]
    fn after_dot(&mut self, expr: Expr, mark: usize) -> Parse<Expr> {
        let dot = self.next();
        let token = self.next();
        match token.kind {
            Kind::Ident => {
                let step = TraversalStep::Attr(self.ident(token));
                self.steps.push(step);
                Ok(expr)
            }
            Kind::Number => {
                let step = self.legacy_index(token)?;
                self.steps.push(step);
                Ok(expr)
            }
            Kind::Star => {
                let expr = self.with_steps(expr, mark)?;
                let marker = self.range(dot.start, token.end);
                let each = self.attribute_splat_steps()?;
                self.splat(expr, each, marker, false)
            }
            _ => Err(self.no_attribute_name(token)),
        }
    }

    #[cold]
    fn no_attribute_name(&mut self, token: Token) -> Failed {
        let subject = self.span(token);
        self.fail("Invalid attribute name", "An attribute name is required after a dot.", subject)
    }

    /// `.0`; `.0.1` scans as one number and is refused.
    pub(super) fn legacy_index(&mut self, token: Token) -> Parse<TraversalStep> {
        let text = self.slice(token);
        let span = self.span(token);
        if let Some((first, second)) = text.split_once('.') {
            let detail = format!(
                "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper \
                 index syntax instead, like [{first}][{second}]."
            );
            self.diagnostics.push(Diagnostic::error("Invalid legacy index syntax", detail).at(span));
            return Ok(TraversalStep::Index { key: first.into(), legacy: true, span });
        }
        let key = self.number(token);
        Ok(TraversalStep::Index { key, legacy: true, span })
    }

    /// What follows `.*`: attributes and legacy indexes only.
    fn attribute_splat_steps(&mut self) -> Parse<EcoVec<SplatStep>> {
        let mut steps = EcoVec::new();
        while self.eat(Kind::Dot).is_some() {
            let token = self.next();
            let step = match token.kind {
                Kind::Ident => TraversalStep::Attr(self.ident(token)),
                Kind::Number => self.legacy_index(token)?,
                Kind::Star => {
                    let detail = "A splat expression (*) cannot be used inside another attribute-only splat expression.";
                    let subject = self.span(token);
                    return Err(self.fail("Nested splat expression not allowed", detail, subject));
                }
                _ => return Err(self.no_attribute_name(token)),
            };
            steps.push(SplatStep::Traversal(step));
        }
        Ok(steps)
    }

    #[inline(never)]
    fn after_bracket(&mut self, expr: Expr, mark: usize) -> Parse<Expr> {
        let open = self.next();
        if let Some(marker) = self.splat_marker(open)? {
            let expr = self.with_steps(expr, mark)?;
            let height = self.height;
            let each = self.full_splat_steps()?;
            self.height = self.height.max(height);
            return self.splat(expr, each, marker, true);
        }
        let height = self.height;
        let (key, span) = self.index_key(open)?;
        let key_height = std::mem::replace(&mut self.height, height);
        match literal_step(key, span) {
            Ok(step) => {
                self.steps.push(step);
                Ok(expr)
            }
            Err(key) => {
                let expr = self.with_steps(expr, mark)?;
                let whole = expr.span.to(span);
                self.raise(self.height.max(key_height), whole)?;
                let kind = ExprKind::Index { collection: Arc::new(expr), key: Arc::new(key) };
                Ok(Expr { kind, span: whole })
            }
        }
    }

    /// `*]` after an opening bracket, if a star is there.
    fn splat_marker(&mut self, open: Token) -> Parse<Option<Span>> {
        let newlines = std::mem::replace(&mut self.newlines, false);
        let star = self.eat(Kind::Star);
        let close = star.map(|star| (star, self.next()));
        self.newlines = newlines;
        match close {
            None => Ok(None),
            Some((_, close)) if close.kind == Kind::CloseBracket => {
                Ok(Some(self.range(open.start, close.end)))
            }
            Some((star, close)) => {
                let detail = "The star for a full splat operator must be immediately followed by a closing bracket (\"]\").";
                let start = self.span(star);
                Err(self.fail_from("Missing close bracket on splat index", detail, start, close))
            }
        }
    }

    /// The key and the whole of `[key]`, after the opening bracket.
    #[inline(never)]
    fn index_key(&mut self, open: Token) -> Parse<(Expr, Span)> {
        let newlines = std::mem::replace(&mut self.newlines, false);
        let key = self.expression()?;
        let close = self.next();
        if close.kind != Kind::CloseBracket {
            let detail = "The index operator must end with a closing bracket (\"]\").";
            let subject = self.span(close);
            return Err(self.fail("Missing close bracket on index", detail, subject));
        }
        self.newlines = newlines;
        Ok((key, self.range(open.start, close.end)))
    }

    /// What follows `[*]`, which is everything. Leaves the greatest height of its parts.
    #[inline(never)]
    fn full_splat_steps(&mut self) -> Parse<EcoVec<SplatStep>> {
        let mut steps = EcoVec::new();
        let mut height = 0;
        loop {
            match self.peek_kind() {
                Kind::Dot => steps.push(self.splat_dot()?),
                Kind::OpenBracket => {
                    let step = self.splat_bracket()?;
                    height = height.max(self.height);
                    steps.push(step);
                }
                _ => {
                    self.height = height;
                    return Ok(steps);
                }
            }
        }
    }

    #[inline(never)]
    fn splat_dot(&mut self) -> Parse<SplatStep> {
        let dot = self.next();
        let token = self.next();
        Ok(match token.kind {
            Kind::Ident => SplatStep::Traversal(TraversalStep::Attr(self.ident(token))),
            Kind::Number => SplatStep::Traversal(self.legacy_index(token)?),
            Kind::Star => {
                let marker = self.range(dot.start, token.end);
                SplatStep::Splat { each: self.attribute_splat_steps()?, marker, full: false }
            }
            _ => return Err(self.no_attribute_name(token)),
        })
    }

    #[inline(never)]
    fn splat_bracket(&mut self) -> Parse<SplatStep> {
        let open = self.next();
        if let Some(marker) = self.splat_marker(open)? {
            self.enter()?;
            let each = deeper(|| self.full_splat_steps());
            self.depth -= 1;
            let each = each?;
            self.raise(self.height, marker)?;
            return Ok(SplatStep::Splat { each, marker, full: true });
        }
        let (key, span) = self.index_key(open)?;
        Ok(match literal_step(key, span) {
            Ok(step) => SplatStep::Traversal(step),
            Err(key) => SplatStep::Index { key, span },
        })
    }

    #[inline(never)]
    fn splat(&mut self, source: Expr, each: EcoVec<SplatStep>, marker: Span, full: bool) -> Parse<Expr> {
        let span = source.span.to(self.span(self.previous()));
        self.raise(self.height, span)?;
        Ok(Expr { kind: ExprKind::Splat { source: Arc::new(source), each, marker, full }, span })
    }

    /// Gives an expression the steps collected since the mark.
    #[inline(never)]
    fn with_steps(&mut self, expr: Expr, mark: usize) -> Parse<Expr> {
        let Some(last) = self.steps.get(mark..).and_then(<[_]>::last) else { return Ok(expr) };
        let span = expr.span.to(last.span());
        let steps: EcoVec<_> = self.steps.drain(mark..).collect();
        let kind = match expr.kind {
            ExprKind::Traversal(Traversal { root, steps: none }) if none.is_empty() => {
                ExprKind::Traversal(Traversal { root, steps })
            }
            kind => {
                self.raise(self.height, span)?;
                ExprKind::RelativeTraversal { source: Arc::new(Expr { kind, span: expr.span }), steps }
            }
        };
        Ok(Expr { kind, span })
    }
}

/// The step of a literal key, or the key again.
fn literal_step(key: Expr, span: Span) -> Result<TraversalStep, Expr> {
    match key.kind {
        ExprKind::Number(digits) => Ok(TraversalStep::Index { key: digits, legacy: false, span }),
        ExprKind::String(text) => Ok(TraversalStep::Key { key: text, span }),
        _ => Err(key),
    }
}
