//! The provider block: its schema, and what becomes of it.

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Environment, Nesting, attribute_error};
use value::{Path, Str, Type, Value};

use crate::connection::Raise;
use crate::settings::{Credential, Limits, Settings, Trust, UnknownHost};

/// What `host_key_checking` may be.
const CHECKING: [(&str, UnknownHost); 3] = [
    ("strict", UnknownHost::Refuse),
    ("accept-new", UnknownHost::AcceptNew),
    ("insecure", UnknownHost::Insecure),
];

/// Durations with their defaults in seconds.
const DURATIONS: [(&str, u64, &str); 3] = [
    ("connect_timeout", 30, "How long each step of connecting may take (\"30s\", \"2m\"); 30 s if not set."),
    (
        "keepalive_interval",
        15,
        "How often a silent connection is asked whether it lives; it is lost after three unanswered times. 15 s if not set.",
    ),
    (
        "script_timeout",
        600,
        "How long a host may take for one step before it counts as hanging; 10 minutes if not set.",
    ),
];

/// Counts with their defaults.
const COUNTS: [(&str, u64, &str); 2] = [
    (
        "max_sessions",
        8,
        "How many sessions one connection may have at once, at most sshd's `MaxSessions`; 8 if not set.",
    ),
    (
        "max_startups",
        8,
        "How many connections are made at once, below sshd's `MaxStartups` where all go through one bastion; 8 if not set.",
    ),
];

pub(crate) fn schema() -> Block {
    let strict = "What happens with a host whose key is not known: `strict` (refused, the default), `accept-new` (its key is \
                  written into the first of `known_hosts_files` and refused once it changes) or `insecure` (not checked at all).";
    let credentials = "More ways to log in, by the name that a host's `credential` gives. Secrets are here, and in no \
                       resource's state.";
    let mut block = credential_attributes()
        .into_iter()
        .fold(Block::default(), |block, (name, attribute)| block.with(&name, attribute));
    block = block
        .with("credentials", Attribute::nested(Nesting::Map, credential_attributes().into_iter().collect()).described(credentials))
        .with("known_hosts_files", Attribute::optional(Type::list(Type::String)).described("Files of known host keys; `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts` if not set."))
        .with("known_hosts", Attribute::optional(Type::String).described("More known host keys, as lines of a known_hosts file."))
        .with("host_key_checking", Attribute::optional(Type::String).described(strict))
        .with("ssh_config_file", Attribute::optional(Type::String).described("A file such as `~/.ssh/config` that is honoured: Host, HostName, User, Port, IdentityFile, ProxyJump, Include. None if not set."))
        .with("become", Attribute::optional(Type::String).described("How to become root after the log-in: `none` (the default), `sudo` or `doas`."))
        .with("lost_hosts", Attribute::optional(Type::list(Type::String)).described("Addresses of machines that are gone for good (of hosts that are folders: the folders). Nothing is asked of them any more: what was on them counts as gone, and what others still know of them, such as a member of etcd, is removed through these. For a plan that takes a dead machine out of the configuration; once that is applied the line can go."));
    for (name, _, description) in DURATIONS {
        block = block.with(name, Attribute::optional(Type::String).described(description));
    }
    for (name, _, description) in COUNTS {
        block = block.with(name, Attribute::optional(Type::Number).described(description));
    }
    block.described("How groma logs in to hosts. Everything here is read again by each run, and nothing of it is in the state.")
}

fn credential_attributes() -> Vec<(Str, Attribute)> {
    let text = || Attribute::optional(Type::String);
    [
        ("user", text().described("Who to log in as, where a host does not say; `root` if nothing says.")),
        ("private_key", text().sensitive().described("A private key: the text of a file of OpenSSH or PEM form.")),
        ("private_key_file", text().described("The path of a private key. A certificate beside it (`KEY-cert.pub`) is used as well.")),
        ("private_key_passphrase", text().sensitive().described("What encrypted private keys are encrypted with.")),
        ("certificate", text().described("An OpenSSH user certificate for the private key.")),
        ("agent", Attribute::optional(Type::Bool).described("Whether keys of the SSH agent (`SSH_AUTH_SOCK`) are offered; if not set, where no other way is given.")),
        ("password", text().sensitive().described("The password to log in with.")),
        ("become_password", text().sensitive().described("The password that sudo asks for.")),
    ]
    .into_iter()
    .map(|(name, attribute)| (Str::from(name), attribute))
    .collect()
}

pub(crate) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut wrong = |name: &str, detail: String| {
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid provider configuration", detail));
    };
    if let Some(text) = config.text("host_key_checking")
        && !CHECKING.iter().any(|(name, _)| *name == text)
    {
        let names = CHECKING.map(|(name, _)| name).join(", ");
        wrong("host_key_checking", format!("{text:?} is none of {names}."));
    }
    if let Some(Err(reason)) = config.text("become").map(Raise::parse) {
        wrong("become", format!("{reason}."));
    }
    for (name, _, _) in DURATIONS {
        if let Some(text) = config.text(name).filter(|text| duration(text).is_none()) {
            wrong(name, format!("{text:?} is no duration such as \"30s\" or \"5m\"."));
        }
    }
    for (name, _, _) in COUNTS {
        if let Some(count) = config.int(name).filter(|count| !(1..=1000).contains(count)) {
            wrong(name, format!("{count} is not between 1 and 1000."));
        }
    }
    diagnostics
}

/// Reads the provider block; unknown attributes count as not set.
pub(crate) fn settings(config: &Value, environment: &Environment) -> Result<Settings, Diagnostics> {
    let diagnostics = validate(config);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let home = environment.home.as_deref();
    let path = |text: &str| expand(text, home, &environment.working_dir);
    let credential = |object: &Value| credential(object, &path);
    let credentials: BTreeMap<String, Credential> = config
        .attr("credentials")
        .and_then(Value::entries)
        .map(|entries| entries.iter().map(|(name, object)| (name.to_string(), credential(object))).collect())
        .unwrap_or_default();
    let known_hosts = match config.is_unset("known_hosts_files") {
        true => vec![path("~/.ssh/known_hosts"), PathBuf::from("/etc/ssh/ssh_known_hosts")],
        false => config.texts("known_hosts_files").into_iter().map(path).collect(),
    };
    let checking = config.text("host_key_checking").unwrap_or("strict");
    let unknown = CHECKING
        .iter()
        .find(|(name, _)| *name == checking)
        .map_or(UnknownHost::Refuse, |(_, policy)| *policy);
    let seconds = |name: &str| {
        let default =
            DURATIONS.iter().find(|(other, ..)| *other == name).map_or(30, |(_, seconds, _)| *seconds);
        config.text(name).and_then(duration).unwrap_or(Duration::from_secs(default))
    };
    let count = |name: &str| {
        let default = COUNTS.iter().find(|(other, ..)| *other == name).map_or(1, |(_, count, _)| *count);
        config
            .int(name)
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(usize::try_from(default).unwrap_or(1))
    };
    Ok(Settings {
        login: credential(config),
        credentials,
        trust: Trust {
            known_hosts,
            known_hosts_text: config.text("known_hosts").map(str::to_owned),
            unknown,
        },
        ssh_config: config.text("ssh_config_file").map(path),
        raise: config.text("become").and_then(|text| Raise::parse(text).ok()).unwrap_or(Raise::None),
        lost: config.texts("lost_hosts").into_iter().map(str::to_owned).collect(),
        limits: Limits {
            connect_timeout: seconds("connect_timeout"),
            keepalive: seconds("keepalive_interval"),
            sessions: count("max_sessions"),
            startups: count("max_startups"),
            script_timeout: seconds("script_timeout"),
        },
        home: environment.home.clone(),
        working_dir: environment.working_dir.clone(),
        agent_socket: environment
            .variable("SSH_AUTH_SOCK")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from),
        clock: Arc::clone(&environment.clock),
    })
}

fn credential(object: &Value, path: &dyn Fn(&str) -> PathBuf) -> Credential {
    let text = |name: &str| object.text(name).map(str::to_owned);
    let other = ["private_key", "private_key_file", "password"].iter().any(|name| !object.is_unset(name));
    Credential {
        user: text("user"),
        private_key: text("private_key"),
        private_key_files: object.text("private_key_file").into_iter().map(path).collect(),
        passphrase: text("private_key_passphrase"),
        certificate: text("certificate"),
        agent: object.flag("agent").unwrap_or(!other),
        password: text("password"),
        become_password: text("become_password"),
    }
}

/// The path with `~` as the home folder, against the working folder.
pub(crate) fn expand(text: &str, home: Option<&FilePath>, working_dir: &FilePath) -> PathBuf {
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => working_dir.join(text),
    }
}

/// Reads `90s`, `5m`, `1h30m`, `500ms`.
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match rest.get(..end)? {
            "ms" => Duration::from_millis(count),
            "s" => Duration::from_secs(count),
            "m" => Duration::from_secs(count.checked_mul(60)?),
            "h" => Duration::from_secs(count.checked_mul(3600)?),
            _ => return None,
        };
        total = total.checked_add(unit)?;
        rest = rest.get(end..)?;
    }
    (!text.is_empty()).then_some(total)
}
