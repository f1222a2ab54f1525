//! From the raw arguments to an [`Invocation`]: global options, `TF_CLI_ARGS`, one dash or two.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, Parser};

use crate::cli::arguments::{Assignment, Command, Invocation, TopLevel, boolean};
use crate::cli::exit::Exit;
use crate::cli::settings::{CLI_ARGS, Process};
use crate::cli::streams::Streams;

/// Why there is nothing to run: help or version was asked for, or the arguments are wrong.
#[derive(Debug)]
pub enum Stop {
    Clap(Box<clap::Error>),
    Message(String),
}

impl Stop {
    /// Shows the text where it belongs and says how to exit.
    pub fn show(self, _process: &Process) -> Exit {
        let streams = Streams::standard();
        match self {
            Self::Clap(error)
                if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
            {
                streams.out(error.render().to_string());
                Exit::Success
            }
            Self::Clap(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                streams.err(error.render().to_string());
                Exit::Error
            }
            Self::Clap(error) => {
                streams.err(refusal(&error));
                Exit::Error
            }
            Self::Message(message) => {
                streams.err(message);
                Exit::Error
            }
        }
    }
}

/// What is wrong with the arguments, under Terraform's heading; the way out stays clap's.
fn refusal(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let detail = text.strip_prefix("error: ").unwrap_or(&text);
    format!("\nError: Failed to parse command-line flags\n\n{detail}")
}

/// Parses the process's arguments. `-chdir` is carried out here, before anything else is looked at.
pub fn parse(process: &Process) -> Result<Invocation, Stop> {
    let mut rest = process.arguments.iter().peekable();
    let mut chdir: Option<PathBuf> = None;
    while let Some(argument) = rest.peek() {
        let name = argument.trim_start_matches('-');
        let Some(dir) = name.strip_prefix("chdir=").filter(|_| argument.starts_with('-')) else { break };
        chdir = Some(dir.into());
        rest.next();
    }
    if let Some(dir) = &chdir {
        std::env::set_current_dir(dir).map_err(|error| {
            Stop::Message(format!("Error handling -chdir option: chdir {}: {error}\n", dir.display()))
        })?;
    }
    let arguments: Vec<String> = rest.cloned().collect();
    let arguments = with_environment(process, arguments)?;
    let normalised = normalised(&arguments);
    let assignments = assignments(&normalised);
    let top = TopLevel::try_parse_from(normalised).map_err(|error| Stop::Clap(Box::new(error)))?;
    Ok(Invocation { command: top.command, no_color: top.no_color, assignments })
}

/// The arguments as clap takes them, with the program in front: two dashes, and no values at switches.
fn normalised(arguments: &[String]) -> Vec<String> {
    let switches = switches(arguments);
    let mut words = vec!["groma".to_owned()];
    for argument in arguments.iter().map(|argument| two_dashes(argument)) {
        let switch = argument.split_once('=').filter(|(name, _)| switches.contains(*name));
        match switch.map(|(name, value)| (name, boolean(value))) {
            Some((name, Ok(true))) => words.push(name.to_owned()),
            // It takes back what was said before, as TF_CLI_ARGS does.
            Some((name, Ok(false))) => words.retain(|word| word != name),
            _ => words.push(argument),
        }
    }
    words
}

/// The options without values of the command that the arguments name; Terraform takes `-json=true` as well.
fn switches(arguments: &[String]) -> BTreeSet<String> {
    let mut command = TopLevel::command();
    let mut found = BTreeSet::new();
    let mut names = arguments.iter();
    loop {
        let flags = command.get_arguments().filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue));
        found.extend(flags.filter_map(|arg| arg.get_long()).map(|name| format!("--{name}")));
        let Some(below) = names.next().and_then(|name| command.find_subcommand(name)) else { return found };
        command = below.clone();
    }
}

/// Every `--var` and `--var-file` in order, which clap keeps apart.
fn assignments(normalised: &[String]) -> Vec<Assignment> {
    let mut found = Vec::new();
    let mut rest = normalised.iter();
    while let Some(argument) = rest.next() {
        let (name, value) = argument.split_once('=').map_or((argument.as_str(), None), |(n, v)| (n, Some(v)));
        if !matches!(name, "--var" | "--var-file") {
            continue;
        }
        let Some(value) = value.or_else(|| rest.next().map(String::as_str)) else { break };
        found.push(match name {
            "--var" => Assignment::Value(value.to_owned()),
            _ => Assignment::File(value.into()),
        });
    }
    found
}

/// Puts what `TF_CLI_ARGS_command` and `TF_CLI_ARGS` say right after the subcommand, so that explicit arguments win.
fn with_environment(process: &Process, arguments: Vec<String>) -> Result<Vec<String>, Stop> {
    let words = command_words(&arguments);
    if words == 0 {
        return Ok(arguments);
    }
    let specific = format!("{CLI_ARGS}_{}", arguments[..words].join("_").replace('-', "_"));
    let mut extra = Vec::new();
    for name in [CLI_ARGS, specific.as_str()] {
        let Some(text) = process.variable(name) else { continue };
        let split = shlex::split(text).ok_or_else(|| {
            Stop::Message(format!("Error parsing extra CLI args from {name}: unbalanced quotes\n"))
        })?;
        extra.extend(split);
    }
    let (command, rest) = arguments.split_at(words);
    Ok(command.iter().cloned().chain(extra).chain(rest.iter().cloned()).collect())
}

/// How many leading arguments name the command: 2 for `state list`, 1 for `plan`, 0 for none.
fn command_words(arguments: &[String]) -> usize {
    let plain = |i: usize| arguments.get(i).is_some_and(|a: &String| !a.starts_with('-'));
    if !plain(0) {
        return 0;
    }
    let nested = Command::NESTED.contains(&arguments[0].as_str());
    if nested && plain(1) { 2 } else { 1 }
}

/// `-name` as `--name`: Terraform takes either. A lone dash and `-h` stay as they are.
fn two_dashes(argument: &str) -> String {
    let name = argument.strip_prefix('-').unwrap_or("");
    if name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        format!("-{argument}")
    } else if name == "v" {
        "--version".into()
    } else {
        argument.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &[&str]) -> Result<TopLevel, clap::Error> {
        TopLevel::try_parse_from(normalised(&words.iter().map(ToString::to_string).collect::<Vec<_>>()))
    }

    #[test]
    fn options_take_one_dash_or_two() {
        for words in [
            &["plan", "-out=p", "-var", "a=b", "-target=t.n"][..],
            &["plan", "--out=p", "--var", "a=b", "--target", "t.n"],
            &["apply", "-auto-approve", "p"],
            &["apply", "-input=false", "-lock=false", "-refresh=false"],
            &["state", "mv", "-lock-timeout=3s", "a.b", "c.d"],
            &["fmt", "-check", "-"],
            &["output", "-json"],
            &["plan", "-parallelism=0"],
            &["plan", "-parallelism=-3"],
            &["plan", "-out=a", "-out=b", "-json", "-json", "-no-color", "-no-color"],
            &["apply", "-auto-approve=true", "-json=false", "-lock=0", "-refresh=T"],
            &["state", "list", "-no-color"],
            &["workspace", "list", "-no-color"],
            &["version", "-no-color", "-json=true"],
        ] {
            assert!(parse_words(words).is_ok(), "{words:?}: {:?}", parse_words(words).err());
        }
        for words in [
            &["plan", "-nope"][..],
            &["nope"],
            &["import", "a.b"],
            &["plan", "-parallelism=x"],
            &["plan", "-json=x"],
        ] {
            assert!(parse_words(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn switches_may_have_values() {
        let words = ["plan", "-json=false", "-detailed-exitcode=1"].map(str::to_owned);
        assert_eq!(normalised(&words), ["groma", "plan", "--detailed-exitcode"]);
        for (words, expected) in [
            (&["apply", "-auto-approve", "-auto-approve=false"][..], false),
            (&["apply", "-auto-approve=true", "-auto-approve=0"], false),
            (&["apply", "-auto-approve=false", "-auto-approve"], true),
            (&["apply", "-auto-approve", "-json=false"], true),
        ] {
            let parsed = parse_words(words).map(|top| top.command);
            assert!(matches!(parsed, Ok(Command::Apply(args)) if args.auto_approve == expected), "{words:?}");
        }
        assert!(parse_words(&["plan", "-no-color=true"]).is_ok_and(|top| top.no_color));
    }

    #[test]
    fn variables_keep_the_order_they_are_given_in() {
        let words: Vec<String> =
            ["plan", "-var", "a=1", "-var-file=f", "-var=b=2=3"].iter().map(|w| two_dashes(w)).collect();
        let expected = [
            Assignment::Value("a=1".into()),
            Assignment::File("f".into()),
            Assignment::Value("b=2=3".into()),
        ];
        assert_eq!(assignments(&words), expected);
    }

    #[test]
    fn the_command_is_one_or_two_words() {
        let words = |a: &[&str]| command_words(&a.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(words(&["plan", "-out=x"]), 1);
        assert_eq!(words(&["state", "list", "a"]), 2);
        assert_eq!(words(&["import", "a.b", "id"]), 1);
        assert_eq!(words(&["-help"]), 0);
    }
}
