//! Running the machine's commands.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// A command with arguments.
pub fn command<I>(program: &str, args: I) -> Command
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs a command line that has no spaces in its words.
pub fn sh(line: &str) -> Result<String> {
    let mut words = line.split_whitespace();
    run(&mut command(words.next().context("a command has a name")?, words))
}

/// Runs a command and returns what it printed; anything but success is an error with its words.
pub fn run(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.output().with_context(|| format!("`{shown}` cannot be started"))?;
    checked(&shown, output)
}

/// Runs a command that reads `input`.
pub fn feed(command: &mut Command, input: &[u8]) -> Result<String> {
    let shown = shown(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{shown}` cannot be started"))?;
    child.stdin.take().expect("stdin is piped").write_all(input)?;
    checked(&shown, child.wait_with_output()?)
}

fn checked(shown: &str, output: Output) -> Result<String> {
    if !output.status.success() {
        let said =
            String::from_utf8_lossy(if output.stderr.is_empty() { &output.stdout } else { &output.stderr });
        let last: Vec<&str> = said.trim().lines().rev().take(10).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        bail!("`{shown}` ended with {}: {}", output.status, last.join("\n"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn shown(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}
