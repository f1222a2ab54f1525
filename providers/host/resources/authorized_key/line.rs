//! Lines of `authorized_keys`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A public key: its type, itself in base64, and a comment that may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    pub kind: &'a str,
    pub blob: &'a str,
    pub comment: &'a str,
}

/// The same on its own.
pub(super) struct OwnedKey {
    pub kind: String,
    pub blob: String,
    pub comment: String,
}

/// A line with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyLine<'a> {
    pub options: Vec<&'a str>,
    pub key: Key<'a>,
}

impl<'a> Key<'a> {
    /// Reads `TYPE BASE64 [COMMENT]`, or says what is wrong with it.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("-----BEGIN") {
            return Err("It is a private key, or in another form: give what the `.pub` file holds.".into());
        }
        if text.contains(char::is_control) && text.contains('\n') {
            return Err("It is more than one line: make a resource for each key.".into());
        }
        let (kind, rest) = word(text);
        let (blob, comment) = word(rest);
        let wrong = || "It has not the form `ssh-ed25519 AAAA... comment`.".to_owned();
        if comment.contains(char::is_control) || blob.is_empty() {
            return Err(wrong());
        }
        let bytes = STANDARD.decode(blob).map_err(|_| wrong())?;
        match inner_kind(&bytes) {
            Some(inner) if inner == kind.as_bytes() => Ok(Self { kind, blob, comment }),
            _ => Err(format!("Its first word says that it is of type {kind:?}, which what follows is not.")),
        }
    }

    pub(super) fn text(&self) -> String {
        let text = format!("{} {}", self.kind, self.blob);
        if self.comment.is_empty() { text } else { format!("{text} {}", self.comment) }
    }

    pub(super) fn owned(&self) -> OwnedKey {
        OwnedKey { kind: self.kind.into(), blob: self.blob.into(), comment: self.comment.into() }
    }
}

impl<'a> KeyLine<'a> {
    /// A line of the file; none if it holds no key.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let line = line.trim();
        if line.starts_with('#') {
            return None;
        }
        if let Ok(key) = Key::parse(line) {
            return Some(Self { options: Vec::new(), key });
        }
        let end = unquoted(line, |c| c == ' ' || c == '\t').next()?;
        let (options, rest) = line.split_at(end);
        Some(Self { options: split_options(options), key: Key::parse(rest).ok()? })
    }

    pub(super) fn text(&self) -> String {
        let key = self.key.text();
        if self.options.is_empty() { key } else { format!("{} {key}", self.options.join(",")) }
    }
}

/// What is wrong with one option.
pub(super) fn option_problem(text: &str) -> Option<String> {
    let quotes = text.replace("\\\"", "").matches('"').count();
    if text.is_empty() || text.contains(char::is_control) {
        Some("An option cannot be empty or have control characters in it.".into())
    } else if quotes % 2 == 1 {
        Some(format!("{text:?} has a quote that is not closed."))
    } else if unquoted(text, |c| c == ',' || c == ' ').next().is_some() {
        Some(format!(
            "{text:?} has commas or blanks outside of quotes: each option is an element of its own."
        ))
    } else {
        None
    }
}

fn split_options(text: &str) -> Vec<&str> {
    let mut options = Vec::new();
    let mut from = 0;
    for at in unquoted(text, |c| c == ',') {
        options.push(&text[from..at]);
        from = at + 1;
    }
    options.push(&text[from..]);
    options
}

/// Where such characters are that are not within quotes.
fn unquoted(text: &str, is: impl Fn(char) -> bool) -> impl Iterator<Item = usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().filter_map(move |(at, c)| {
        let found = !quoted && is(c);
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once([' ', '\t']).map_or((text, ""), |(word, rest)| (word, rest.trim()))
}

/// The type that is in the key itself: a length in four bytes, then the text.
fn inner_kind(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyLine, option_problem};

    const BLOB: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIHM0Ki5xCoCoO2lZ9uKzcLGAqvH1fvsYSvqWzk1C8Z0n";

    #[test]
    fn lines_are_read_as_sshd_reads_them() {
        let key = format!("ssh-ed25519 {BLOB}");
        for (line, options, comment) in [
            (key.clone(), vec![], ""),
            (format!("  {key}\t a comment  "), vec![], "a comment"),
            (
                format!("no-pty,from=\"10.0.0.0/8,::1\" {key} c"),
                vec!["no-pty", "from=\"10.0.0.0/8,::1\""],
                "c",
            ),
            (
                format!(r#"command="say \"a, b\" c",no-pty {key}"#),
                vec![r#"command="say \"a, b\" c""#, "no-pty"],
                "",
            ),
        ] {
            let read = KeyLine::parse(&line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((&read.options, read.key.comment), (&options, comment), "{line}");
            assert_eq!(KeyLine::parse(&read.text()), Some(read));
        }
        for none in ["", "# comment", "garbage", &format!("#{key}"), "ssh-ed25519", "ssh-rsa AAAA x"] {
            assert_eq!(KeyLine::parse(none), None, "{none}");
        }
    }

    #[test]
    fn wrong_keys_and_options_are_told() {
        for (key, why) in [
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nx", "private key"),
            ("ssh-ed25519", "form"),
            ("ssh-ed25519 !!", "form"),
            (&format!("ssh-rsa {BLOB}"), "of type"),
            (&format!("ssh-ed25519 {BLOB}\nssh-ed25519 {BLOB}"), "more than one"),
        ] {
            let said = Key::parse(key).expect_err(why);
            assert!(said.contains(why), "{said}");
        }
        assert!(
            Key::parse(&format!("ssh-ed25519 {BLOB} me@here\n")).is_ok(),
            "a file's end is no part of it"
        );
        for bad in ["", "a b", "a,b", "command=\"x", "a\nb"] {
            assert!(option_problem(bad).is_some(), "{bad}");
        }
        for good in ["no-pty", "command=\"a, \\\"b\\\" c\"", "from=\"10.0.0.0/8\""] {
            assert_eq!(option_problem(good), None, "{good}");
        }
    }
}
