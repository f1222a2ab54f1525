//! Patterns of paths: `*`, `?`, `[a-z]`, `[^a-z]`, `{a,b}` within a part, `\` before a literal character, and `**` for any
//! number of folders.

use std::fs;
use std::path::{Path, PathBuf};

/// How many folders deep `**` goes.
const MAX_DEPTH: usize = 256;
/// The most pieces that the `{a,b}` of one part may make of it.
const MAX_ALTERNATIVES: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GlobError {
    #[error("syntax error in pattern")]
    Syntax,
    #[error("too many alternatives in pattern")]
    TooManyAlternatives,
}

/// One part of a pattern, between slashes.
#[derive(Debug)]
enum Part {
    /// `**`
    Any,
    /// `..`, at the beginning only.
    Parent,
    Literal(String),
    /// Any of several sequences.
    Match(Vec<Vec<Token>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// Regular files below a folder whose paths match a pattern, relative to it, in order. Links are followed.
pub(super) fn find(base: &Path, pattern: &str) -> Result<Vec<String>, GlobError> {
    let parts = super::path::clean(pattern.trim_start_matches('/'))
        .split('/')
        .filter(|part| *part != ".")
        .map(Part::parse)
        .collect::<Result<Vec<_>, _>>()?;
    let mut search = Search { found: Vec::new(), open: Vec::new() };
    if !parts.is_empty() {
        search.descend(base, "", &parts);
    }
    search.found.sort();
    search.found.dedup();
    Ok(search.found)
}

struct Search {
    found: Vec<String>,
    /// The folders on the way, by their real paths, so that a link to one of them does not lead around forever.
    open: Vec<PathBuf>,
}

impl Search {
    /// `at` is the folder reached so far, `shown` how results name it.
    fn descend(&mut self, at: &Path, shown: &str, parts: &[Part]) {
        let Some((part, rest)) = parts.split_first() else { return };
        match part {
            Part::Parent => self.step(at, shown, "..", rest),
            Part::Literal(name) => self.step(at, shown, name, rest),
            Part::Match(alternatives) => {
                for name in names(at) {
                    let characters: Vec<char> = name.chars().collect();
                    if alternatives.iter().any(|tokens| matches(tokens, &characters)) {
                        self.step(at, shown, &name, rest);
                    }
                }
            }
            Part::Any => self.any_depth(at, shown, rest),
        }
    }

    /// `**`: the rest of the pattern here, and the same in every folder.
    fn any_depth(&mut self, at: &Path, shown: &str, rest: &[Part]) {
        let Ok(real) = fs::canonicalize(at) else { return };
        if self.open.contains(&real) || self.open.len() >= MAX_DEPTH {
            return;
        }
        self.open.push(real);
        if !rest.is_empty() {
            self.descend(at, shown, rest);
        }
        for name in names(at) {
            let path = at.join(&name);
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let shown = join(shown, &name);
            if metadata.is_dir() {
                self.any_depth(&path, &shown, rest);
            } else if metadata.is_file() && rest.is_empty() {
                self.found.push(shown);
            }
        }
        self.open.pop();
    }

    fn step(&mut self, at: &Path, shown: &str, name: &str, rest: &[Part]) {
        let (path, shown) = (at.join(name), join(shown, name));
        if !rest.is_empty() {
            self.descend(&path, &shown, rest);
        } else if path.is_file() {
            self.found.push(shown);
        }
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The names in a folder, sorted; none if it cannot be read. What is not Unicode cannot be named in the language.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Takes each token at each place once: the work is the product of the lengths.
fn matches(tokens: &[Token], name: &[char]) -> bool {
    // reachable[i]: the tokens so far match the first i characters.
    let mut reachable = vec![false; name.len() + 1];
    reachable[0] = true;
    for token in tokens {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            match token {
                Token::Many => next[at] = reachable[at] || (at > 0 && next[at - 1]),
                _ if at > 0 => next[at] = reachable[at - 1] && token.matches(name[at - 1]),
                _ => {}
            }
        }
        reachable = next;
    }
    reachable[name.len()]
}

impl Token {
    fn matches(&self, c: char) -> bool {
        match self {
            Self::Char(expected) => *expected == c,
            Self::One | Self::Many => true,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (low..=high).contains(&&c)) != *negated
            }
        }
    }
}

impl Part {
    fn parse(part: &str) -> Result<Self, GlobError> {
        if part == "**" {
            return Ok(Self::Any);
        }
        if part == ".." {
            return Ok(Self::Parent);
        }
        if !part.contains(['*', '?', '[', '{', '\\']) {
            return Ok(Self::Literal(part.to_owned()));
        }
        let characters: Vec<char> = part.chars().collect();
        let mut sequences = vec![Vec::new()];
        let mut at = 0;
        while at < characters.len() {
            if characters[at] == '{' {
                let (alternatives, end) = alternatives(&characters, at)?;
                let mut longer = Vec::new();
                for sequence in &sequences {
                    for alternative in &alternatives {
                        longer.push([sequence.as_slice(), alternative].concat());
                    }
                }
                if longer.len() > MAX_ALTERNATIVES {
                    return Err(GlobError::TooManyAlternatives);
                }
                sequences = longer;
                at = end;
            } else {
                let (token, end) = token(&characters, at)?;
                for sequence in &mut sequences {
                    sequence.push(token.clone());
                }
                at = end;
            }
        }
        Ok(Self::Match(sequences))
    }
}

/// The sequences between braces that open at a place, and the place after them.
fn alternatives(characters: &[char], open: usize) -> Result<(Vec<Vec<Token>>, usize), GlobError> {
    let mut found = vec![Vec::new()];
    let mut at = open + 1;
    loop {
        match characters.get(at) {
            None | Some('{') => return Err(GlobError::Syntax),
            Some('}') => return Ok((found, at + 1)),
            Some(',') => {
                found.push(Vec::new());
                at += 1;
            }
            Some(_) => {
                let (token, end) = token(characters, at)?;
                if let Some(last) = found.last_mut() {
                    last.push(token);
                }
                at = end;
            }
        }
    }
}

/// The token at a place, and the place after it.
fn token(characters: &[char], at: usize) -> Result<(Token, usize), GlobError> {
    match characters.get(at) {
        Some('*') => Ok((Token::Many, at + 1)),
        Some('?') => Ok((Token::One, at + 1)),
        Some('[') => class(characters, at),
        Some('\\') => match characters.get(at + 1) {
            Some(literal) => Ok((Token::Char(*literal), at + 2)),
            None => Err(GlobError::Syntax),
        },
        Some(literal) => Ok((Token::Char(*literal), at + 1)),
        None => Err(GlobError::Syntax),
    }
}

fn class(characters: &[char], open: usize) -> Result<(Token, usize), GlobError> {
    let mut at = open + 1;
    let negated = characters.get(at) == Some(&'^');
    if negated {
        at += 1;
    }
    let member = |at: &mut usize| -> Result<char, GlobError> {
        if characters.get(*at) == Some(&'\\') {
            *at += 1;
        } else if characters.get(*at) == Some(&'-') {
            return Err(GlobError::Syntax);
        }
        let c = characters.get(*at).copied().ok_or(GlobError::Syntax)?;
        *at += 1;
        Ok(c)
    };
    let mut ranges = Vec::new();
    loop {
        if characters.get(at) == Some(&']') {
            if ranges.is_empty() {
                return Err(GlobError::Syntax);
            }
            return Ok((Token::Class { negated, ranges }, at + 1));
        }
        let low = member(&mut at)?;
        let mut high = low;
        if characters.get(at) == Some(&'-') {
            at += 1;
            high = member(&mut at)?;
        }
        ranges.push((low, high));
    }
}
