//! The lines of OpenSSH's configuration files: a keyword and its values, with quotes and comments.

/// A line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub number: usize,
    /// In small letters.
    pub keyword: String,
    pub values: Vec<String>,
    /// All that follows the keyword, as written.
    pub rest: String,
}

/// The lines of a text, or the number of one that cannot be read and why.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line, (usize, String)>> {
    (1..).zip(text.lines()).filter_map(|(number, line)| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        Some(parse(number, line).map_err(|reason| (number, reason)))
    })
}

impl Line {
    /// The one value that the keyword takes.
    pub(super) fn value(&self) -> Result<&str, String> {
        match self.values.as_slice() {
            [value] if !value.is_empty() => Ok(value),
            [] | [_] => Err(format!("{} has no value", self.keyword)),
            [_, extra, ..] => Err(format!("{} takes one value, and {extra:?} is too much", self.keyword)),
        }
    }

    /// The values of a keyword that takes at least one.
    pub(super) fn some_values(&self) -> Result<&[String], String> {
        match self.values.is_empty() {
            true => Err(format!("{} has no value", self.keyword)),
            false => Ok(&self.values),
        }
    }
}

fn parse(number: usize, line: &str) -> Result<Line, String> {
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    if keyword.is_empty() {
        return Err("a keyword is missing".into());
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
    let keyword = keyword.to_ascii_lowercase();
    // A command may hold quotes that are a shell's.
    let values = if keyword == "proxycommand" { vec![rest.to_owned()] } else { values(rest)? };
    Ok(Line { number, keyword, values, rest: rest.to_owned() })
}

/// Splits at spaces; quotes hold values together, a backslash takes a quote, a space or itself as it is, `#` begins a comment.
fn values(text: &str) -> Result<Vec<String>, String> {
    let mut values = Vec::new();
    let mut value: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _)
                if chars.peek().is_some_and(|next| {
                    matches!(next, '"' | '\'' | '\\') || (*next == ' ' && quote.is_none())
                }) =>
            {
                value.get_or_insert_default().extend(chars.next());
            }
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                value.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => values.extend(value.take()),
            ('#', None) if value.is_none() => break,
            (c, _) => value.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".into());
    }
    values.extend(value);
    Ok(values)
}
