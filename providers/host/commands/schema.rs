use diag::{Diagnostic, Diagnostics};
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use value::{Path, Type, Value};

use crate::block::duration;
use crate::connection::{Connection, Way};

/// What a command leaves.
pub(crate) const OUTPUTS: [&str; 3] = ["stdout", "stderr", "exit_code"];

/// Adds how commands are run.
pub(crate) fn with_attributes(block: Block) -> Block {
    let text = |description: &str| Attribute::optional(Type::String).described(description);
    let map = |description: &str| Attribute::optional(Type::map(Type::String)).described(description);
    block
        .with("environment", map("Variables of the commands. `LC_ALL` is `C` if it is not among them."))
        .with(
            "sensitive_environment",
            map("Variables of the commands that are never shown. Where a value of four or more characters is in an output, the \
                 output has `(sensitive)` in its place.")
            .sensitive(),
        )
        .with("working_dir", text("The folder that the commands are run in; `/` if not set."))
        .with("run_as", text("The name of the user that the commands are run as; if not set, who groma works as on the host."))
        .with("timeout", text("How long each command may take, such as \"30s\"; then it is ended. 10 minutes if not set."))
        .with(
            "exit_codes",
            Attribute::optional(Type::list(Type::Number)).described("The exit codes that mean success; 0 if not set."),
        )
}

/// Adds what `of` (completing "of ...") left.
pub(crate) fn with_outputs(block: Block, of: &str) -> Block {
    block
        .with(
            "stdout",
            Attribute::computed(Type::String)
                .described(format!("The standard output of {of}, at most its first MiB.")),
        )
        .with(
            "stderr",
            Attribute::computed(Type::String)
                .described(format!("The standard error of {of}, at most its first MiB.")),
        )
        .with("exit_code", Attribute::computed(Type::Number).described(format!("The exit code of {of}.")))
}

/// Checks what [`with_attributes`] added, and the texts of commands.
pub(crate) fn validate(config: &Value, texts: &[&str]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut wrong = |name: &str, detail: String| {
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid command", detail));
    };
    for name in texts {
        match config.text(name) {
            Some(text) if text.trim().is_empty() => wrong(name, "The command is empty.".into()),
            Some(text) if text.contains('\0') => wrong(name, "The command has a NUL character in it.".into()),
            _ => {}
        }
    }
    for name in ["environment", "sensitive_environment"] {
        let entries = config.attr(name).and_then(Value::entries);
        for (key, value) in entries.iter().flat_map(|entries| entries.iter()) {
            if !is_variable(key) {
                wrong(name, format!("{key:?} is no name of a variable: letters, digits and underscores."));
            } else if value.is_null() {
                wrong(name, format!("The variable {key} is null."));
            } else if value.as_str().is_some_and(|value| value.contains('\0')) {
                wrong(name, format!("The variable {key} has a NUL character in it."));
            }
        }
    }
    if let Some(text) = config.text("working_dir")
        && (!text.starts_with('/') || text.contains(char::is_control))
    {
        wrong("working_dir", format!("{text:?} is no absolute path."));
    }
    if let Some(text) = config.text("run_as") {
        let bad = |c: char| c.is_whitespace() || c.is_control() || ":/".contains(c);
        if text.is_empty() || text.starts_with('-') || text.contains(bad) {
            wrong("run_as", format!("{text:?} is no name of a user."));
        }
    }
    if let Some(text) = config.text("timeout")
        && duration(text).is_none_or(|timeout| timeout.is_zero())
    {
        wrong("timeout", format!("{text:?} is no duration such as \"30s\" or \"5m\"."));
    }
    for code in config.elements("exit_codes") {
        if code.is_known() && !code.as_i64().is_some_and(|code| (0..=255).contains(&code)) {
            wrong("exit_codes", "An exit code is a whole number between 0 and 255.".into());
        }
    }
    diagnostics.extend(refusal(config).map(Diagnostics::from).unwrap_or_default());
    diagnostics
}

/// Why commands cannot be run on the host of an object, if that is known already.
pub(crate) fn refusal(object: &Value) -> Option<Diagnostic> {
    let connection = object.text("host")?.parse::<Connection>().ok()?;
    matches!(connection.way, Way::Root(_)).then(|| {
        attribute_error(
            &Path::from_attr("host"),
            "Commands need a running host",
            "The host is a folder that stands for a host's root file system: nothing can be run there. Leave the command out for \
             such hosts (by count or for_each), or write what it makes with other resources.",
        )
    })
}

fn is_variable(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
