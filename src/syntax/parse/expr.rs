use std::sync::Arc;

use super::{Failed, Parse, Parser};
use crate::ast::{BinaryOp, Call, Expr, ExprKind, Traversal, UnaryOp};
use crate::scan::{Kind, Token};
use crate::stack::deeper;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.enter()?;
        let parsed = deeper(|| self.conditional());
        self.depth -= 1;
        parsed
    }

    fn conditional(&mut self) -> Parse<Expr> {
        let first = self.binary()?;
        if self.peek_kind() == Kind::Question { self.else_chain(first) } else { Ok(first) }
    }

    /// `a ? b : c ? d : e`, from the first question mark on; a loop, so that long chains need no stack here.
    #[inline(never)]
    fn else_chain(&mut self, first: Expr) -> Parse<Expr> {
        let start = first.span;
        let mut arms = Vec::new();
        let mut last = first;
        while self.eat(Kind::Question).is_some() {
            let condition_height = self.height;
            let then = self.expression()?;
            let colon = self.peek();
            if colon.kind != Kind::Colon {
                return Err(self.fail_from(
                    "Missing false expression in conditional",
                    "The conditional operator (...?...:...) requires a false expression, delimited by a colon.",
                    start,
                    colon,
                ));
            }
            self.next();
            arms.push((last, then, condition_height.max(self.height)));
            last = self.binary()?;
        }
        for (condition, then, height) in arms.into_iter().rev() {
            let span = condition.span.to(last.span);
            self.raise(height.max(self.height), span)?;
            let kind = ExprKind::Conditional {
                condition: Arc::new(condition),
                then: Arc::new(then),
                otherwise: Arc::new(last),
            };
            last = Expr { kind, span };
        }
        Ok(last)
    }

    /// Operands and the operators between them, which are all left-associative. Keeps what awaits a right operand
    /// on a stack of its own rather than on the thread's.
    #[inline(never)]
    fn binary(&mut self) -> Parse<Expr> {
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut last = self.unary()?;
        loop {
            let token = self.peek();
            let operator = binary_operator(token.kind);
            let precedence = operator.map(|(_, precedence)| precedence);
            while let Some(left) = waiting.pop_if(|left| precedence.is_none_or(|p| left.precedence >= p)) {
                last = self.join(left, last)?;
            }
            let Some((op, precedence)) = operator else { return Ok(last) };
            self.next();
            waiting.push(Waiting { left: last, height: self.height, op, precedence, token });
            last = self.unary()?;
        }
    }

    #[inline(never)]
    fn join(&mut self, waiting: Waiting, right: Expr) -> Parse<Expr> {
        let Waiting { left, height, op, token, .. } = waiting;
        let span = left.span.to(right.span);
        self.raise(height.max(self.height), span)?;
        let op_span = self.span(token);
        let kind = ExprKind::Binary { op, op_span, left: Arc::new(left), right: Arc::new(right) };
        Ok(Expr { kind, span })
    }

    #[inline(never)]
    fn unary(&mut self) -> Parse<Expr> {
        if !matches!(self.peek_kind(), Kind::Minus | Kind::Not) {
            return self.postfix();
        }
        let mut operators = Vec::new();
        while matches!(self.peek_kind(), Kind::Minus | Kind::Not) {
            operators.push(self.next());
        }
        let mut operand = self.postfix()?;
        while let Some(operator) = operators.pop() {
            let span = self.span(operator).to(operand.span);
            self.raise(self.height, span)?;
            let op = if operator.kind == Kind::Minus { UnaryOp::Negate } else { UnaryOp::Not };
            operand = Expr { kind: ExprKind::Unary { op, operand: Arc::new(operand) }, span };
        }
        Ok(operand)
    }

    pub(super) fn term(&mut self) -> Parse<Expr> {
        let token = self.peek();
        match token.kind {
            Kind::Ident => self.name_or_call(),
            Kind::Number => {
                self.next();
                let digits = self.number(token);
                Ok(self.leaf(ExprKind::Number(digits), token))
            }
            Kind::OpenQuote | Kind::OpenHeredoc => self.quoted_or_heredoc(),
            Kind::OpenParen => self.parens(),
            Kind::OpenBracket => self.tuple(),
            Kind::OpenBrace => self.object(),
            _ => Err(self.no_expression(token)),
        }
    }

    #[cold]
    fn no_expression(&mut self, token: Token) -> Failed {
        let subject = self.span(token);
        if token.kind == Kind::Eof {
            let detail = "Expected the start of an expression, but found the end of the file.";
            return self.fail("Missing expression", detail, subject);
        }
        let detail = "Expected the start of an expression, but found an invalid expression token.";
        self.fail("Invalid expression", detail, subject)
    }

    fn leaf(&mut self, kind: ExprKind, token: Token) -> Expr {
        self.height = 1;
        Expr { kind, span: self.span(token) }
    }

    #[inline(never)]
    fn name_or_call(&mut self) -> Parse<Expr> {
        let name = self.next();
        if matches!(self.peek_kind(), Kind::OpenParen | Kind::DoubleColon) {
            return self.call(name);
        }
        let kind = match self.slice(name) {
            "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            _ => ExprKind::Traversal(Traversal { root: self.ident(name), steps: ecow::EcoVec::new() }),
        };
        Ok(self.leaf(kind, name))
    }

    #[inline(never)]
    fn parens(&mut self) -> Parse<Expr> {
        let open = self.next();
        let newlines = std::mem::replace(&mut self.newlines, false);
        let inner = self.expression()?;
        let close = self.peek();
        if close.kind != Kind::CloseParen {
            return Err(self.fail_from(
                "Unbalanced parentheses",
                "Expected a closing parenthesis to terminate the expression.",
                self.span(open),
                close,
            ));
        }
        self.next();
        self.newlines = newlines;
        let span = self.range(open.start, close.end);
        self.raise(self.height, span)?;
        Ok(Expr { kind: ExprKind::Parens(Arc::new(inner)), span })
    }

    /// `name(...)` or `a::b::name(...)`, after the first name.
    #[inline(never)]
    fn call(&mut self, first: Token) -> Parse<Expr> {
        let mut name = ecow::EcoString::from(self.slice(first));
        let mut last = first;
        while self.eat(Kind::DoubleColon).is_some() {
            last = self.next();
            if last.kind != Kind::Ident {
                return Err(self.fail_from(
                    "Missing function name",
                    "Function scope resolution symbol :: must be followed by a function name in this scope.",
                    self.span(first),
                    last,
                ));
            }
            name.push_str("::");
            name.push_str(self.slice(last));
        }
        let open = self.next();
        if open.kind != Kind::OpenParen {
            return Err(self.fail_from(
                "Missing open parenthesis",
                "Function selector must be followed by an open parenthesis to begin the function call.",
                self.span(first),
                open,
            ));
        }
        let newlines = std::mem::replace(&mut self.newlines, false);
        let (args, expand_final, close) = self.arguments(first, open)?;
        self.newlines = newlines;
        let span = self.range(first.start, close.end);
        self.raise(self.height, span)?;
        let call = Call {
            name,
            name_span: self.range(first.start, last.end),
            args: args.into(),
            expand_final,
            open_paren: self.span(open),
            close_paren: self.span(close),
        };
        Ok(Expr { kind: ExprKind::Call(Arc::new(call)), span })
    }

    /// The arguments, whether the last is expanded, and the closing parenthesis. Leaves the greatest height.
    #[inline(never)]
    fn arguments(&mut self, name: Token, open: Token) -> Parse<(Vec<Expr>, bool, Token)> {
        let mut args = Vec::new();
        let mut height = 0;
        loop {
            if let Some(close) = self.eat(Kind::CloseParen) {
                self.height = height;
                return Ok((args, false, close));
            }
            args.push(self.expression()?);
            height = height.max(self.height);
            let separator = self.next();
            match separator.kind {
                Kind::Comma => {}
                Kind::CloseParen => {
                    self.height = height;
                    return Ok((args, false, separator));
                }
                Kind::Ellipsis => {
                    let Some(close) = self.eat(Kind::CloseParen) else {
                        let detail = "An expanded function argument (with ...) must be immediately followed by closing \
                                      parentheses.";
                        let start = self.span(name);
                        return Err(self.fail_from("Missing closing parenthesis", detail, start, separator));
                    };
                    self.height = height;
                    return Ok((args, true, close));
                }
                _ => return Err(self.no_argument_separator(name, open, separator)),
            }
        }
    }

    #[cold]
    fn no_argument_separator(&mut self, name: Token, open: Token, separator: Token) -> Failed {
        if separator.kind == Kind::Eof {
            let detail = "There is no closing parenthesis for this function call before the end of the file. This may \
                          be caused by incorrect parenthesis nesting elsewhere in this file.";
            let subject = self.range(name.start, open.end);
            return self.fail("Unterminated function call", detail, subject);
        }
        let detail = "A comma is required to separate each function argument from the next.";
        let start = self.span(name);
        self.fail_from("Missing argument separator", detail, start, separator)
    }
}

/// A left operand and its operator, waiting for the right operand.
struct Waiting {
    left: Expr,
    height: u32,
    op: BinaryOp,
    precedence: u8,
    token: Token,
}

/// The operator and its precedence, higher binding tighter.
fn binary_operator(kind: Kind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOp::Or, 0),
        Kind::And => (BinaryOp::And, 1),
        Kind::EqualEqual => (BinaryOp::Equal, 2),
        Kind::NotEqual => (BinaryOp::NotEqual, 2),
        Kind::Greater => (BinaryOp::Greater, 3),
        Kind::GreaterEqual => (BinaryOp::GreaterEqual, 3),
        Kind::Less => (BinaryOp::Less, 3),
        Kind::LessEqual => (BinaryOp::LessEqual, 3),
        Kind::Plus => (BinaryOp::Add, 4),
        Kind::Minus => (BinaryOp::Subtract, 4),
        Kind::Star => (BinaryOp::Multiply, 5),
        Kind::Slash => (BinaryOp::Divide, 5),
        Kind::Percent => (BinaryOp::Modulo, 5),
        _ => return None,
    })
}
