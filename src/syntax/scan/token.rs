/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ident,
    Number,

    /// The quote that opens a template.
    OpenQuote,
    CloseQuote,
    /// `<<EOT` or `<<-EOT` with its newline.
    OpenHeredoc,
    /// The closing marker with the blanks around it, without its newline.
    CloseHeredoc,
    /// A piece of a quoted template; may hold backslash escapes.
    QuotedLiteral,
    /// A piece of a heredoc or bare template, at most up to the end of its line.
    StringLiteral,
    /// `${` or `${~`
    Interpolation,
    /// `%{` or `%{~`
    Directive,
    /// The `}` or `~}` that ends an interpolation or directive.
    SequenceEnd,

    OpenParen,
    CloseParen,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,

    Dot,
    Comma,
    Colon,
    DoubleColon,
    Ellipsis,
    FatArrow,
    Question,
    Equal,

    EqualEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    And,
    Or,
    Not,

    Newline,
    /// `# ...` or `// ...`, without its newline.
    LineComment,
    /// `/* ... */`
    BlockComment,
    Eof,

    // What other languages have and this one has not; told apart to be explained.
    BitAnd,
    BitOr,
    BitNot,
    BitXor,
    StarStar,
    Apostrophe,
    Backtick,
    Semicolon,
    CurlyQuote,
    /// A line break inside a quoted template, which ends there.
    QuotedNewline,
    /// `/*` without its end.
    UnclosedComment,
    Invalid,
}

impl Token {
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// The `~` of a template sequence: `${~`, `%{~` or `~}`.
    pub fn strips(self) -> bool {
        match self.kind {
            Kind::Interpolation | Kind::Directive => self.len() == 3,
            Kind::SequenceEnd => self.len() == 2,
            _ => false,
        }
    }
}

impl Kind {
    /// `1` for an opening bracket or template sequence, `-1` for a closing one.
    pub fn bracket_change(self) -> i32 {
        match self {
            Self::OpenBrace | Self::OpenBracket | Self::OpenParen | Self::Interpolation | Self::Directive => {
                1
            }
            Self::CloseBrace | Self::CloseBracket | Self::CloseParen | Self::SequenceEnd => -1,
            _ => 0,
        }
    }

    /// The closing counterpart of an opening bracket or template sequence.
    pub fn closer(self) -> Option<Self> {
        match self {
            Self::OpenBrace => Some(Self::CloseBrace),
            Self::OpenBracket => Some(Self::CloseBracket),
            Self::OpenParen => Some(Self::CloseParen),
            Self::Interpolation | Self::Directive => Some(Self::SequenceEnd),
            _ => None,
        }
    }
}
