use std::fmt::Write as _;
use std::time::Duration;

/// A POSIX sh script for a host, with what it gets on standard input.
///
/// Parameters are variables, so that the script's text is constant. Nothing of it appears in the host's process list
/// but what the script itself passes to programs: secrets belong into the input.
#[derive(Clone, Debug, Default)]
pub struct Script {
    text: String,
    input: Option<Vec<u8>>,
    timeout: Option<Duration>,
    changes: Changes,
}

/// How long a content may be that comes as a variable: shells are not made for long ones.
const LONGEST_VARIABLE: usize = 64 << 10;

/// Whether a script changes something: changes run beside each other, reads one after the other in few round trips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Changes {
    #[default]
    Nothing,
    Something,
}

/// What a script left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Script {
    /// A script that only looks.
    pub fn read(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// A script that changes something.
    pub fn change(text: &str) -> Self {
        Self { changes: Changes::Something, ..Self::read(text) }
    }

    /// Sets a variable before the script. NUL cannot be in a shell's variable and is left out: validation refuses it.
    #[must_use]
    pub fn var(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.text = format!("{name}={}\n{}", quote(value.as_ref()), self.text);
        self
    }

    /// Sets the positional parameters, so that a script can go over a list.
    #[must_use]
    pub fn args<S: AsRef<str>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
        let mut line = String::from("set --");
        for value in values {
            let _ = write!(line, " {}", quote(value.as_ref()));
        }
        self.text = format!("{line}\n{}", self.text);
        self
    }

    /// What the script reads on standard input; the script must check that it got all of it before it relies on it,
    /// as a lost connection ends it early.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// What `put_file` puts into place. A text that is not long comes as a variable with the script, so that no program is
    /// started to read it; all else is input.
    #[must_use]
    pub fn content(self, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) if text.len() <= LONGEST_VARIABLE && !text.contains('\0') => self.var("g_content", text),
            Ok(text) => self.input(text),
            Err(error) => self.input(error.into_bytes()),
        }
    }

    /// How long it may take, where that is not the usual.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    pub(super) fn takes(&self) -> Option<Duration> {
        self.timeout
    }

    pub(super) fn changes(&self) -> Changes {
        self.changes
    }

    /// The part of a frame that runs this script: its output and errors end with a line of `mark`.
    pub(super) fn framed(&self, mark: &str) -> String {
        let text = &self.text;
        let run = match &self.input {
            None => format!("(\n{text}\n) </dev/null; g_r=$?\n"),
            // What the script does not read must not be taken for the next frame.
            Some(input) => format!(
                "head -c {} | {{ (\n{text}\n); g_r=$?; cat >/dev/null; exit $g_r; }}; g_r=$?\n",
                input.len()
            ),
        };
        format!("{run}printf '\\n{mark} %s\\n' \"$g_r\"; printf '\\n{mark}\\n' >&2\n")
    }

    pub(super) fn into_input(self) -> Option<Vec<u8>> {
        self.input
    }
}

impl Output {
    pub fn is_ok(&self) -> bool {
        self.status == 0
    }

    /// Standard output as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text, without blank ends.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr).trim().to_owned()
    }

    /// `NAME=VALUE` lines of standard output.
    pub fn fields(&self) -> Fields {
        Fields(
            self.text()
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect(),
        )
    }
}

/// What a script printed as `NAME=VALUE` lines; a name may come more than once.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name, where the empty text is none.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|text| !text.is_empty())
    }

    /// All names with their values, in order.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A text as one word of sh.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("'\\''"),
            '\0' => {}
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}
