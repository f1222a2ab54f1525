//! What functions of several topics need to build strings.

use unicode_segmentation::UnicodeSegmentation;
use value::Value;

use super::FunctionError;

/// The longest string a function makes, in bytes: far above any real use, so that a small expression cannot exhaust memory.
pub(super) const MAX_TEXT: usize = 64 << 20;

/// A string value, normalised as all strings of the language are.
pub(super) fn text(s: impl AsRef<str>) -> Value {
    Value::string_nfc(s.as_ref())
}

/// Refuses a result of a length before it is built.
pub(super) fn check_length(bytes: usize) -> Result<(), FunctionError> {
    if bytes > MAX_TEXT {
        return Err(FunctionError::new(format!("the result would be longer than {} MiB", MAX_TEXT >> 20)));
    }
    Ok(())
}

/// The characters that readers perceive (grapheme clusters), by the rules of Unicode 15.0 as Terraform counts them: later
/// ones join consonants of Indic scripts with a virama between them.
pub(super) fn graphemes(s: &str) -> impl DoubleEndedIterator<Item = &str> {
    s.graphemes(true).flat_map(split_conjuncts)
}

fn split_conjuncts(cluster: &str) -> impl DoubleEndedIterator<Item = &str> {
    let consonants = cluster.char_indices().filter(|(_, c)| is_indic_consonant(*c)).map(|(at, _)| at);
    let mut starts: Vec<usize> = std::iter::once(0).chain(consonants.skip(1)).collect();
    starts.push(cluster.len());
    let ends: Vec<(usize, usize)> = starts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    ends.into_iter().map(|(start, end)| &cluster[start..end])
}

/// `InCB=Consonant` of the Unicode Character Database.
fn is_indic_consonant(c: char) -> bool {
    matches!(c,
        '\u{915}'..='\u{939}' | '\u{958}'..='\u{95f}' | '\u{978}'..='\u{97f}'
        | '\u{995}'..='\u{9b9}' | '\u{9dc}'..='\u{9df}' | '\u{9f0}'..='\u{9f1}'
        | '\u{a95}'..='\u{ab9}' | '\u{af9}'
        | '\u{b15}'..='\u{b39}' | '\u{b5c}'..='\u{b5f}' | '\u{b71}'
        | '\u{c15}'..='\u{c39}' | '\u{c58}'..='\u{c5a}'
        | '\u{d15}'..='\u{d3a}')
}

/// A string in quotes as Go's `%q` writes it, which messages of functions use.
pub(super) fn quoted(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for c in s.chars() {
        push_escaped(&mut out, c, '"');
    }
    out.push('"');
    out
}

/// A character in quotes as Go's `%q` writes it.
pub(super) fn quoted_char(c: char) -> String {
    let mut out = String::from("'");
    push_escaped(&mut out, c, '\'');
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{b}' => out.push_str("\\v"),
        '\u{c}' => out.push_str("\\f"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
        c if c.is_control() || (c.is_whitespace() && c != ' ') || c == '\u{feff}' || c == '\u{200b}' => {
            out.push_str(&format!("\\u{:04x}", c as u32));
        }
        c => out.push(c),
    }
}
