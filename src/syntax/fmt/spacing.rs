use super::Piece;
use crate::scan::Kind;

/// Whether a space goes between two tokens of a cell; `before` is the token before them, if any.
pub(super) fn space_between(before: Option<Kind>, subject: &Piece<'_>, after: &Piece<'_>) -> bool {
    use Kind::{
        CloseBrace, CloseHeredoc, CloseQuote, Comma, Directive, Dot, DoubleColon, Ellipsis, Ident,
        Interpolation, Minus, Newline, Not, Number, OpenBrace, OpenBracket, OpenHeredoc, OpenParen,
        OpenQuote, QuotedLiteral, SequenceEnd, StringLiteral,
    };
    match (subject.kind, after.kind) {
        (_, Newline | Dot | DoubleColon | Comma | Ellipsis) | (Ident, OpenParen) | (Dot | DoubleColon, _) => {
            false
        }
        (Comma, _) => true,
        // Inside templates.
        (QuotedLiteral | StringLiteral | OpenQuote | OpenHeredoc, _)
        | (_, QuotedLiteral | StringLiteral | CloseQuote | CloseHeredoc) => false,
        // `for x in [a]`, where `in` is no name to index.
        (Ident, _) if subject.text == "in" && before == Some(Ident) => true,
        (Ident | Number, OpenBracket) => false,
        (kind, OpenBracket) if kind.bracket_change() < 0 => false,
        (Minus, _) => is_subtraction(before),
        (Not, _) => false,
        (OpenBrace, CloseBrace) => false,
        (OpenBrace, _) | (_, CloseBrace) => true,
        // An object alone in an interpolation.
        (Interpolation | Directive, OpenBrace) | (CloseBrace, SequenceEnd) => true,
        (SequenceEnd, Interpolation | Directive) => false,
        (subject, _) if subject.bracket_change() > 0 => false,
        (_, after) if after.bracket_change() < 0 => false,
        _ => true,
    }
}

/// Whether a minus after this token subtracts; after what cannot end an expression it negates.
fn is_subtraction(before: Option<Kind>) -> bool {
    !matches!(
        before,
        None | Some(
            Kind::OpenParen
                | Kind::OpenBrace
                | Kind::OpenBracket
                | Kind::Equal
                | Kind::Colon
                | Kind::Comma
                | Kind::Question
                | Kind::Plus
                | Kind::Star
                | Kind::Slash
                | Kind::Percent
                | Kind::Minus
                | Kind::EqualEqual
                | Kind::NotEqual
                | Kind::Greater
                | Kind::GreaterEqual
                | Kind::Less
                | Kind::LessEqual
                | Kind::And
                | Kind::Or
                | Kind::Not
        )
    )
}
