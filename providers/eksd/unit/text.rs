//! The text of a unit, written and read back.

use std::fmt::Write as _;

/// A unit's settings as they stand in its file: section, name, value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitText {
    pub settings: Vec<(String, String, String)>,
}

/// The section that systemd ignores, with what groma knows of the unit.
pub const OWN: &str = "X-Groma";

const HEADER: &str = "# Written by groma: what is changed here by hand shows in the next plan.\n";

impl UnitText {
    pub fn push(&mut self, section: &str, name: &str, value: &str) {
        self.settings.push((section.to_owned(), name.to_owned(), value.to_owned()));
    }

    /// The file's text: sections in the order of their first setting.
    pub fn render(&self) -> String {
        let mut text = HEADER.to_owned();
        let mut sections: Vec<&str> = Vec::new();
        for (section, ..) in &self.settings {
            if !sections.contains(&section.as_str()) {
                sections.push(section);
            }
        }
        for section in sections {
            let _ = write!(text, "\n[{section}]\n");
            for (_, name, value) in self.settings.iter().filter(|(of, ..)| of == section) {
                let _ = writeln!(text, "{name}={value}");
            }
        }
        text
    }

    /// Reads a file's text: comments are skipped, `\` continues a line.
    pub fn parse(text: &str) -> Self {
        let mut unit = Self::default();
        let mut section = String::new();
        let mut pending = String::new();
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with(['#', ';']) || (line.is_empty() && pending.is_empty()) {
                continue;
            }
            if let Some(begun) = line.strip_suffix('\\') {
                pending.push_str(begun.trim_end());
                pending.push(' ');
                continue;
            }
            let line = std::mem::take(&mut pending) + line;
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                name.clone_into(&mut section);
            } else if let Some((name, value)) = line.split_once('=') {
                unit.push(&section, name.trim(), value.trim());
            }
        }
        unit
    }

    /// The values of a setting, in order.
    pub fn values<'a>(&'a self, section: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.settings
            .iter()
            .filter(move |(of, named, _)| of == section && named == name)
            .map(|(.., value)| value.as_str())
    }
}

/// A command line with one argument a line.
pub fn command_line(program: &str, arguments: &[String]) -> String {
    arguments.iter().fold(word(program), |line, argument| line + " \\\n  " + &word(argument))
}

/// A text as one word of a command line or an `Environment=`: quoted where systemd would take it apart.
pub fn word(text: &str) -> String {
    let escaped = text.replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@+*~^%$[]{}".contains(c);
    if !text.is_empty() && escaped.chars().all(plain) {
        return escaped;
    }
    let mut quoted = String::from("\"");
    for c in escaped.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The words of a command line, as systemd reads it.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', _) => {
                let c = match chars.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('s') => ' ',
                    Some(c) => c,
                    None => '\\',
                };
                word.get_or_insert_default().push(c);
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words.into_iter().map(|word| word.replace("%%", "%").replace("$$", "$")).collect()
}

/// The flags among a command line's arguments, each with its value, and what is none.
pub fn flags(arguments: &[String]) -> (Vec<(String, String)>, Vec<String>) {
    let (mut flags, mut others) = (Vec::new(), Vec::new());
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        let Some(flag) = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-')) else {
            others.push(argument.clone());
            continue;
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            // The value may be a word of its own; a truth value needs none.
            None => match rest.peek() {
                Some(next) if !next.starts_with('-') => (flag, rest.next().cloned().unwrap_or_default()),
                _ => (flag, "true".to_owned()),
            },
        };
        flags.push((name.to_owned(), value));
    }
    (flags, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(items: &[&str]) -> Vec<String> {
        items.iter().map(|&item| item.to_owned()).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let rows = [
            "--a=b",
            "",
            "with space",
            "100%",
            "$HOME ${X}",
            "quote \" and ' and \\ back",
            "line\nbreak\ttab",
            "https://[::1]:2379,https://10.0.0.1:2379",
            "a=b,c=d;e",
            "ünï",
        ];
        for row in rows {
            let line = command_line("/opt/x", &texts(&[row, "--last"]));
            let mut unit = UnitText::default();
            unit.push("Service", "ExecStart", &line);
            let parsed = UnitText::parse(&unit.render());
            let read: Vec<_> = parsed.values("Service", "ExecStart").flat_map(words).collect();
            assert_eq!(read, texts(&["/opt/x", row, "--last"]), "{row:?}");
        }
    }

    #[test]
    fn units_edited_by_hand_are_read_as_systemd_does() {
        let text = "[Unit]\n# a comment\nDescription=x\n[Service]\nExecStart=/bin/a --one 1 \\\n# between\n  -two=2 \\\n  \"--three=a b\" \\\n  --four --five rest\n\n; other\nRestart = no\n";
        let unit = UnitText::parse(text);
        let line = words(unit.values("Service", "ExecStart").next().expect("is there"));
        let (flags, others) = flags(&line[1..]);
        let flags: Vec<_> = flags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(flags, [("one", "1"), ("two", "2"), ("three", "a b"), ("four", "true"), ("five", "rest")]);
        assert!(others.is_empty());
        assert_eq!(unit.values("Service", "Restart").collect::<Vec<_>>(), ["no"]);
    }
}
