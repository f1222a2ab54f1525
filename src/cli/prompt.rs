//! Questions to the user.

use std::io::{self, BufRead, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Whether what is typed can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    Shown,
    Hidden,
}

/// Asks on standard output and reads a line; `None` at the end of input.
pub fn ask(question: &str, echo: Echo) -> io::Result<Option<String>> {
    let mut out = io::stdout();
    out.write_all(question.as_bytes())?;
    out.flush()?;
    let stdin = io::stdin();
    let silenced = (echo == Echo::Hidden).then(|| Silence::of(&stdin)).flatten();
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line)?;
    if silenced.is_some() {
        out.write_all(b"\n")?;
    }
    out.write_all(b"\n")?;
    Ok((read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Keeps the terminal from showing what is typed while it lives.
struct Silence<'a> {
    stdin: &'a io::Stdin,
    before: rustix::termios::Termios,
}

impl<'a> Silence<'a> {
    fn of(stdin: &'a io::Stdin) -> Option<Self> {
        let before = tcgetattr(stdin).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(stdin, OptionalActions::Now, &silent).ok()?;
        Some(Self { stdin, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // If it fails there is no terminal left to mend.
        let _ = tcsetattr(self.stdin, OptionalActions::Now, &self.before);
    }
}
