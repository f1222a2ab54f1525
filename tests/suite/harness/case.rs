use std::path::{Path, PathBuf};

/// A test in one file: files to write and commands to run, in order, and what is expected of them.
///
/// ```text
/// # What it protects.
/// -- main.tf --
/// locals { a = b }
/// $ groma validate
/// === output
/// exit 1
/// ...
/// ```
///
/// `-- NAME (bare) --` writes the file without its last newline, `-- NAME (hex) --` the bytes that it spells.
/// Lines that begin with `@` act on the sandbox: `@ rm NAME`, `@ mkdir NAME`, `@ lock NAME`, `@ cut NAME BYTES`.
#[derive(Debug)]
pub struct Case {
    pub path: PathBuf,
    pub actions: Vec<Action>,
    /// What is below `=== output`.
    pub expected: String,
    /// Everything above it, as it is.
    head: String,
}

#[derive(Debug)]
pub enum Action {
    Write {
        name: String,
        content: Vec<u8>,
    },
    Run(CommandLine),
    Remove(String),
    MakeDir(String),
    /// Locks a file as another process would.
    Lock(String),
    /// Cuts a file off after some bytes.
    Cut(String, u64),
}

/// `NAME=VALUE... PROGRAM ARGUMENT... < FILE`
#[derive(Debug)]
pub struct CommandLine {
    /// As it stands in the file.
    pub text: String,
    pub variables: Vec<(String, String)>,
    /// With the program first, if it is named.
    pub words: Vec<String>,
    pub stdin: Option<String>,
}

impl Case {
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let (head, expected) = match text.split_once(OUTPUT) {
            Some((head, expected)) => (head.to_owned(), expected.to_owned()),
            None => (text, String::new()),
        };
        let actions = actions(&head, path);
        Self { path: path.to_owned(), actions, expected, head }
    }

    /// Replaces what is expected, in the file.
    pub fn update(&self, expected: &str) {
        let text = format!("{}{OUTPUT}{expected}", self.head);
        std::fs::write(&self.path, text).unwrap_or_else(|e| panic!("{}: {e}", self.path.display()));
    }
}

fn actions(text: &str, path: &Path) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut file: Option<(&str, String)> = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            actions.extend(file.replace((name, String::new())).map(written));
        } else if let Some(command) = line.strip_prefix("$ ") {
            actions.extend(file.take().map(written));
            actions.push(Action::Run(command_line(command)));
        } else if let Some(action) = line.strip_prefix("@ ") {
            actions.extend(file.take().map(written));
            let words: Vec<&str> = action.split(' ').collect();
            actions.push(match words[..] {
                ["rm", name] => Action::Remove(name.into()),
                ["mkdir", name] => Action::MakeDir(name.into()),
                ["lock", name] => Action::Lock(name.into()),
                ["cut", name, bytes] => Action::Cut(name.into(), bytes.parse().expect("a number of bytes")),
                _ => panic!("{}: unknown action {action:?}", path.display()),
            });
        } else if let Some((_, content)) = &mut file {
            content.push_str(line);
            content.push('\n');
        } else {
            let comment = line.is_empty() || line.starts_with('#');
            assert!(comment, "{}: a line outside of a file: {line:?}", path.display());
        }
    }
    actions.extend(file.map(written));
    actions
}

fn written((name, content): (&str, String)) -> Action {
    if let Some(name) = name.strip_suffix(" (bare)") {
        return Action::Write { name: name.into(), content: content.trim_end_matches('\n').into() };
    }
    if let Some(name) = name.strip_suffix(" (hex)") {
        let digits: String = content.split_whitespace().collect();
        let byte =
            |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two hexadecimal digits a byte");
        return Action::Write {
            name: name.into(),
            content: (0..digits.len()).step_by(2).map(byte).collect(),
        };
    }
    Action::Write { name: name.into(), content: content.into() }
}

fn command_line(text: &str) -> CommandLine {
    let mut words = shlex::split(text).unwrap_or_else(|| panic!("unbalanced quotes: {text}"));
    let mut stdin = None;
    if let Some(at) = words.iter().position(|word| word == "<") {
        stdin = words.get(at + 1).cloned();
        words.truncate(at);
    }
    let is_variable = |word: &&String| word.split_once('=').is_some_and(|(name, _)| is_variable_name(name));
    let count = words.iter().take_while(is_variable).count();
    let variables = words
        .drain(..count)
        .filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    CommandLine { text: text.into(), variables, words, stdin }
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

const OUTPUT: &str = "=== output\n";
