use std::sync::Arc;

use super::{Failed, Parse, Parser};
use crate::ast::{Expr, ExprKind, ForExpr, Ident, ObjectItem, ObjectKey};
use crate::scan::{Kind, Token};

impl Parser<'_> {
    /// `[a, b]` or `[for ...]`
    pub(super) fn tuple(&mut self) -> Parse<Expr> {
        let open = self.next();
        let newlines = std::mem::replace(&mut self.newlines, false);
        let expr = if self.is_keyword("for") { self.for_expr(open) } else { self.tuple_items(open) };
        self.newlines = newlines;
        expr
    }

    #[inline(never)]
    fn tuple_items(&mut self, open: Token) -> Parse<Expr> {
        let mut items = Vec::new();
        let mut height = 0;
        let close = loop {
            if let Some(close) = self.eat(Kind::CloseBracket) {
                break close;
            }
            items.push(self.expression()?);
            height = height.max(self.height);
            let separator = self.next();
            match separator.kind {
                Kind::Comma => {}
                Kind::CloseBracket => break separator,
                _ => return Err(self.no_item_separator(open, separator)),
            }
        };
        let span = self.range(open.start, close.end);
        self.raise(height, span)?;
        Ok(Expr { kind: ExprKind::Tuple(items.into()), span })
    }

    #[cold]
    fn no_item_separator(&mut self, open: Token, token: Token) -> Failed {
        let start = self.span(open);
        if token.kind == Kind::Eof {
            let detail = "There is no corresponding closing bracket before the end of the file. This may be caused by \
                          incorrect bracket nesting elsewhere in this file.";
            return self.fail("Unterminated tuple constructor expression", detail, start);
        }
        let detail = "Expected a comma to mark the beginning of the next item.";
        self.fail_from("Missing item separator", detail, start, token)
    }

    /// `{ a = b }` or `{ for ... }`
    pub(super) fn object(&mut self) -> Parse<Expr> {
        let open = self.next();
        let newlines = std::mem::replace(&mut self.newlines, false);
        let expr = if self.is_keyword("for") {
            self.for_expr(open)
        } else {
            self.newlines = true;
            self.object_items(open)
        };
        self.newlines = newlines;
        expr
    }

    #[inline(never)]
    fn object_items(&mut self, open: Token) -> Parse<Expr> {
        let mut items = Vec::new();
        let mut height = 0;
        let close = loop {
            match self.peek_kind() {
                Kind::Newline => {
                    self.next();
                    continue;
                }
                Kind::CloseBrace => break self.next(),
                _ => {}
            }
            let (item, item_height) = self.object_item(open)?;
            items.push(item);
            height = height.max(item_height);
            let separator = self.next();
            match separator.kind {
                Kind::Comma | Kind::Newline => {}
                Kind::CloseBrace => break separator,
                _ => return Err(self.no_attribute_separator(open, separator)),
            }
        };
        let span = self.range(open.start, close.end);
        self.raise(height, span)?;
        Ok(Expr { kind: ExprKind::Object(items.into()), span })
    }

    #[inline(never)]
    fn object_item(&mut self, open: Token) -> Parse<(ObjectItem, u32)> {
        let first = self.peek();
        let key = self.expression()?;
        let height = self.height;
        let separator = self.peek();
        if !matches!(separator.kind, Kind::Equal | Kind::Colon) {
            return Err(self.no_key_separator(open, separator));
        }
        self.next();
        let value = self.expression()?;
        let key = match key.kind {
            ExprKind::Null | ExprKind::Bool(_) => ObjectKey::Name(self.ident(first)),
            ExprKind::Traversal(traversal) if traversal.steps.is_empty() => ObjectKey::Name(traversal.root),
            _ => ObjectKey::Expr(key),
        };
        Ok((ObjectItem { key, value }, height.max(self.height)))
    }

    #[cold]
    fn no_key_separator(&mut self, open: Token, token: Token) -> Failed {
        let start = self.span(open);
        let (summary, detail) = match token.kind {
            Kind::Newline | Kind::Comma => (
                "Missing attribute value",
                "Expected an attribute value, introduced by an equals sign (\"=\").",
            ),
            Kind::Eof => return self.unterminated_object(open),
            Kind::Ident => (
                "Missing key/value separator",
                "Expected an equals sign (\"=\") to mark the beginning of the attribute value. If you intended to \
                 give an attribute name containing periods or spaces, write the name in quotes to create a string \
                 literal.",
            ),
            _ => (
                "Missing key/value separator",
                "Expected an equals sign (\"=\") to mark the beginning of the attribute value.",
            ),
        };
        self.fail_from(summary, detail, start, token)
    }

    #[cold]
    fn no_attribute_separator(&mut self, open: Token, token: Token) -> Failed {
        if token.kind == Kind::Eof {
            return self.unterminated_object(open);
        }
        let start = self.span(open);
        let detail = "Expected a newline or comma to mark the beginning of the next attribute.";
        self.fail_from("Missing attribute separator", detail, start, token)
    }

    fn unterminated_object(&mut self, open: Token) -> Failed {
        let subject = self.span(open);
        let detail = "There is no corresponding closing brace before the end of the file. This may be caused by \
                      incorrect brace nesting elsewhere in this file.";
        self.fail("Unterminated object constructor expression", detail, subject)
    }

    /// A for-expression, after its opening bracket or brace and before the keyword.
    #[inline(never)]
    fn for_expr(&mut self, open: Token) -> Parse<Expr> {
        self.next();
        let (key, value) = self.for_names(open)?;
        if !self.eat_keyword("in") {
            return Err(self
                .invalid_for(open, "For expression requires the 'in' keyword after its name declarations."));
        }
        let collection = self.expression()?;
        let mut height = self.height;
        if self.eat(Kind::Colon).is_none() {
            return Err(
                self.invalid_for(open, "For expression requires a colon after the collection expression.")
            );
        }
        let mut result = self.expression()?;
        height = height.max(self.height);
        let mut result_key = None;
        if self.eat(Kind::FatArrow).is_some() {
            let value = self.expression()?;
            result_key = Some(std::mem::replace(&mut result, value));
            height = height.max(self.height);
        }
        let ellipsis = self.eat(Kind::Ellipsis);
        let mut condition = None;
        if self.eat_keyword("if") {
            condition = Some(self.expression()?);
            height = height.max(self.height);
        }
        let close = self.for_end(open, result_key.as_ref(), &result, ellipsis)?;
        let span = self.range(open.start, close.end);
        self.raise(height, span)?;
        let group = ellipsis.is_some();
        let parts = ForExpr { key, value, collection, result_key, result, condition, group };
        Ok(Expr { kind: ExprKind::For(Arc::new(parts)), span })
    }

    #[inline(never)]
    fn for_names(&mut self, open: Token) -> Parse<(Option<Ident>, Ident)> {
        let Some(first) = self.eat(Kind::Ident) else {
            return Err(self.invalid_for(open, "For expression requires variable name after 'for'."));
        };
        let first = self.ident(first);
        if self.eat(Kind::Comma).is_none() {
            return Ok((None, first));
        }
        let Some(second) = self.eat(Kind::Ident) else {
            return Err(self.invalid_for(open, "For expression requires value variable name after comma."));
        };
        Ok((Some(first), self.ident(second)))
    }

    /// The closing bracket, which must suit the parts.
    #[inline(never)]
    fn for_end(
        &mut self,
        open: Token,
        key: Option<&Expr>,
        result: &Expr,
        ellipsis: Option<Token>,
    ) -> Parse<Token> {
        let object = open.kind == Kind::OpenBrace;
        let closer = if object { Kind::CloseBrace } else { Kind::CloseBracket };
        let Some(close) = self.eat(closer) else {
            return Err(self.invalid_for(open, "Extra characters after the end of the 'for' expression."));
        };
        let wrong = match (object, key, ellipsis) {
            (true, None, _) => Some((result.span, "Key expression is required when building an object.")),
            (false, Some(key), _) => Some((key.span, "Key expression is not valid when building a tuple.")),
            (false, None, Some(dots)) => {
                Some((self.span(dots), "Grouping ellipsis (...) cannot be used when building a tuple."))
            }
            _ => None,
        };
        match wrong {
            Some((subject, detail)) => Err(self.fail("Invalid 'for' expression", detail, subject)),
            None => Ok(close),
        }
    }

    #[cold]
    fn invalid_for(&mut self, open: Token, detail: &str) -> Failed {
        let token = self.peek();
        let start = self.span(open);
        self.fail_from("Invalid 'for' expression", detail, start, token)
    }
}
