use diag::Span;

use super::{Parse, Parser};
use crate::ast::{Attribute, Expr, Label, Traversal, TraversalStep};
use crate::scan::{Kind, Token};

impl Parser<'_> {
    /// `= expression`, after the name.
    pub(super) fn attribute(&mut self, name: Token) -> Parse<Attribute> {
        self.next();
        let expr = self.expression()?;
        let name = self.ident(name);
        let span = name.span.to(expr.span);
        Ok(Attribute { name, expr, span })
    }

    /// A quoted block label, which cannot hold interpolations.
    pub(super) fn quoted_label(&mut self) -> Parse<Label> {
        let open = self.next();
        let open_span = self.span(open);
        let mut value = ecow::EcoString::new();
        loop {
            let token = self.next();
            match token.kind {
                Kind::CloseQuote => {
                    return Ok(Label { value, span: open_span.to(self.span(token)) });
                }
                Kind::QuotedLiteral => value.push_str(&self.unescape(token)),
                Kind::Interpolation | Kind::Directive => {
                    let detail = if token.kind == Kind::Interpolation {
                        "Template sequences are not allowed in this string. To include a literal \"$\", double it \
                         (as \"$$\") to escape it."
                    } else {
                        "Template sequences are not allowed in this string. To include a literal \"%\", double it \
                         (as \"%%\") to escape it."
                    };
                    return Err(self.fail_from("Invalid string literal", detail, open_span, token));
                }
                _ => {
                    return Err(self.fail_from(
                        "Unterminated string literal",
                        "Unable to find the closing quote mark before the end of the line.",
                        open_span,
                        token,
                    ));
                }
            }
        }
    }

    /// One expression and nothing after it.
    pub(super) fn whole_expression(&mut self) -> Parse<Expr> {
        let expr = self.expression()?;
        let rest = self.peek();
        if rest.kind != Kind::Eof {
            return Err(self.fail_from(
                "Extra characters after expression",
                "An expression was successfully parsed, but extra characters were found after it.",
                expr.span,
                rest,
            ));
        }
        Ok(expr)
    }

    /// `a.b["c"][0]` and nothing after it.
    pub(super) fn absolute_traversal(&mut self) -> Parse<Traversal> {
        let root = self.next();
        if root.kind != Kind::Ident {
            let subject = self.span(root);
            return Err(self.fail("Variable name required", "Must begin with a variable name.", subject));
        }
        let root = self.ident(root);
        let mut steps = Vec::new();
        loop {
            let token = self.next();
            match token.kind {
                Kind::Eof => return Ok(Traversal { root, steps: steps.into() }),
                Kind::Dot => steps.push(self.static_attribute(root.span)?),
                Kind::OpenBracket => steps.push(self.static_index(token, root.span)?),
                _ => {
                    let detail = "Expected an attribute access or an index operator.";
                    return Err(self.fail_from("Invalid character", detail, root.span, token));
                }
            }
        }
    }

    fn static_attribute(&mut self, root: Span) -> Parse<TraversalStep> {
        let name = self.next();
        match name.kind {
            Kind::Ident => Ok(TraversalStep::Attr(self.ident(name))),
            Kind::Number => self.legacy_index(name),
            Kind::Star => Err(self.fail_from(
                "Attribute name required",
                "Splat expressions (.*) may not be used here.",
                root,
                name,
            )),
            _ => Err(self.fail_from(
                "Attribute name required",
                "Dot must be followed by attribute name.",
                root,
                name,
            )),
        }
    }

    fn static_index(&mut self, open: Token, root: Span) -> Parse<TraversalStep> {
        let key = self.next();
        let step = match key.kind {
            Kind::OpenQuote => self.static_key(open)?,
            Kind::Number => {
                let span = self.span(open).to(self.span(self.peek()));
                TraversalStep::Index { key: self.slice(key).into(), legacy: false, span }
            }
            Kind::Star => {
                let detail = "Splat expressions ([*]) may not be used here.";
                return Err(self.fail_from("Attribute name required", detail, root, key));
            }
            _ => {
                let detail = "Index brackets must contain either a literal number or a literal string.";
                return Err(self.fail_from("Index value required", detail, root, key));
            }
        };
        let close = self.next();
        if close.kind != Kind::CloseBracket {
            let detail = "Missing the closing bracket of the index operator.";
            return Err(self.fail_from("Unclosed index brackets", detail, root, close));
        }
        Ok(step)
    }

    /// A quoted key, whose quote has been taken.
    fn static_key(&mut self, open: Token) -> Parse<TraversalStep> {
        self.pos -= 1;
        let label = self.quoted_label()?;
        let span = self.span(open).to(self.span(self.peek()));
        Ok(TraversalStep::Key { key: crate::normal::nfc(label.value), span })
    }
}
