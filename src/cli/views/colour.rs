/// Terminal colours, or nothing at all.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    on: bool,
}

/// What a text is to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Bold,
    Underline,
    Red,
    Green,
    Yellow,
    Cyan,
    Dim,
    BoldRed,
    BoldGreen,
    BoldYellow,
}

impl Palette {
    pub fn new(on: bool) -> Self {
        Self { on }
    }

    pub fn is_on(self) -> bool {
        self.on
    }

    /// The text in a style.
    pub fn paint(self, style: Style, text: &str) -> String {
        if self.on { format!("\x1b[{}m{text}\x1b[0m", style.code()) } else { text.to_owned() }
    }
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Underline => "4",
            Self::Red => "31",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Cyan => "36",
            Self::Dim => "90",
            Self::BoldRed => "1;31",
            Self::BoldGreen => "1;32",
            Self::BoldYellow => "1;33",
        }
    }
}
