use diag::{Diagnostic, Diagnostics, Span};

use super::{Kind, Token};

/// Explains the tokens that the language has not; each kind of mistake only as often as it helps.
pub(crate) fn report_invalid(tokens: &[Token], span: impl Fn(Token) -> Span, diagnostics: &mut Diagnostics) {
    let mut told = Told::default();
    for token in tokens {
        told.count_lines(token.kind);
        if let Some((summary, detail)) = told.explain(token.kind) {
            diagnostics.push(Diagnostic::error(summary, detail).at(span(*token)));
        }
    }
}

#[derive(Default)]
struct Told {
    bitwise: u32,
    exponent: u32,
    backticks: u32,
    apostrophes: u32,
    semicolons: u32,
    /// Lines begun since a string was broken over lines.
    lines_since_break: Option<u32>,
}

impl Told {
    fn count_lines(&mut self, kind: Kind) {
        if let (Kind::Newline, Some(lines)) = (kind, &mut self.lines_since_break) {
            *lines += 1;
        }
    }

    fn explain(&mut self, kind: Kind) -> Option<(&'static str, &'static str)> {
        Some(match kind {
            Kind::BitAnd | Kind::BitOr | Kind::BitNot | Kind::BitXor => {
                count(&mut self.bitwise, 4)?;
                ("Unsupported operator", bitwise_detail(kind))
            }
            Kind::StarStar => {
                count(&mut self.exponent, 1)?;
                let detail =
                    "\"**\" is not a supported operator. Exponentiation is not supported as an operator.";
                ("Unsupported operator", detail)
            }
            Kind::Backtick => {
                every_other(&mut self.backticks)?;
                let detail = "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" \
                              syntax, like \"<<EOT\".";
                ("Invalid character", detail)
            }
            Kind::Apostrophe => {
                every_other(&mut self.apostrophes)?;
                let detail = "Single quotes are not valid. Use double quotes (\") to enclose strings.";
                ("Invalid character", detail)
            }
            Kind::Semicolon => {
                count(&mut self.semicolons, 1)?;
                let detail = "The \";\" character is not valid. Use newlines to separate arguments and blocks, and \
                              commas to separate items in collection values.";
                ("Invalid character", detail)
            }
            Kind::CurlyQuote => {
                let detail = "\"Curly quotes\" are not valid here. These can sometimes be inadvertently introduced \
                              when sharing code via documents or discussion forums. It might help to replace the \
                              character with a \"straight quote\".";
                ("Invalid character", detail)
            }
            Kind::QuotedNewline => {
                if self.lines_since_break.replace(0).is_some_and(|lines| lines <= 1) {
                    // The quote that was to end the same string.
                    return None;
                }
                let detail = "Quoted strings may not be split over multiple lines. To produce a multi-line string, \
                              either use the \\n escape to represent a newline character or use the \"heredoc\" \
                              multi-line template syntax.";
                ("Invalid multi-line string", detail)
            }
            Kind::UnclosedComment => {
                let detail = "There is no \"*/\" to close this comment before the end of the file.";
                ("Unterminated comment", detail)
            }
            Kind::Invalid => ("Invalid character", "This character is not used within the language."),
            _ => return None,
        })
    }
}

fn bitwise_detail(kind: Kind) -> &'static str {
    match kind {
        Kind::BitAnd => "Bitwise operators are not supported. Did you mean boolean AND (\"&&\")?",
        Kind::BitOr => "Bitwise operators are not supported. Did you mean boolean OR (\"||\")?",
        Kind::BitNot => "Bitwise operators are not supported. Did you mean boolean NOT (\"!\")?",
        _ => "Bitwise operators are not supported.",
    }
}

fn count(told: &mut u32, limit: u32) -> Option<()> {
    *told += 1;
    (*told <= limit).then_some(())
}

/// The first and, of what looks like a second pair, the third: the opening ones.
fn every_other(told: &mut u32) -> Option<()> {
    *told += 1;
    (*told == 1 || *told == 3).then_some(())
}
