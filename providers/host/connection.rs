//! Where a host is, as one text that holds no secret: `ssh://admin@10.0.0.5:22?become=sudo`, `local:`, `root:FOLDER`.

use std::fmt;
use std::str::FromStr;

use url::form_urlencoded;

/// How to reach one host; what [`crate`]'s resources take as `host`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    pub way: Way,
    /// How to become root, where it is not as the provider block says.
    pub raise: Option<Raise>,
    /// What `/etc/machine-id` must hold.
    pub machine: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Ssh(Target),
    /// The machine that groma runs on.
    Local,
    /// A folder, as written: relative ones are against the working folder.
    Root(String),
}

/// A server to log in to by SSH.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Target {
    pub user: Option<String>,
    /// A name or an address; IPv6 without brackets.
    pub address: String,
    pub port: Option<u16>,
    /// Which of the provider's `credentials` to log in with.
    pub credential: Option<String>,
    /// Accepted host keys: `TYPE BASE64`, or fingerprints `SHA256:...`. None: `known_hosts` decides.
    pub host_keys: Vec<String>,
    /// Through which servers, the first one first.
    pub jumps: Vec<Target>,
}

/// How commands become root's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Raise {
    /// Not at all: the one who logs in does all the work.
    None,
    Sudo,
    Doas,
}

impl Raise {
    pub const NAMES: [&str; 3] = ["none", "sudo", "doas"];

    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "sudo" => Ok(Self::Sudo),
            "doas" => Ok(Self::Doas),
            other => Err(format!("become={other:?} is none of {}", Self::NAMES.join(", "))),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sudo => "sudo",
            Self::Doas => "doas",
        }
    }
}

impl FromStr for Connection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (way, query) = text.split_once('?').unwrap_or((text, ""));
        let mut options = Options::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            options.take(&name, &value)?;
        }
        let way = if let Some(rest) = way.strip_prefix("ssh://") {
            Way::Ssh(target(rest, &mut options)?)
        } else if way == "local:" || way == "local" {
            Way::Local
        } else if let Some(folder) = way.strip_prefix("root:").filter(|folder| !folder.is_empty()) {
            Way::Root(folder.to_owned())
        } else {
            return Err(format!("{text:?} is none of ssh://USER@ADDRESS:PORT, local: and root:FOLDER"));
        };
        if !matches!(way, Way::Ssh(_))
            && (options.target.credential.is_some()
                || !options.target.host_keys.is_empty()
                || !options.target.jumps.is_empty())
        {
            return Err("credential, host_key and jump are for ssh:// only".into());
        }
        Ok(Self { way, raise: options.raise, machine: options.machine })
    }
}

/// What follows the question mark.
#[derive(Default)]
struct Options {
    target: Target,
    raise: Option<Raise>,
    machine: Option<String>,
}

impl Options {
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "become" => self.raise = Some(Raise::parse(value)?),
            "machine" => self.machine = Some(value.to_owned()),
            "credential" => self.target.credential = Some(value.to_owned()),
            "host_key" => self.target.host_keys.push(value.to_owned()),
            "jump" => match value.parse::<Connection>()?.way {
                Way::Ssh(jump) => self.target.jumps.push(jump),
                Way::Local | Way::Root(_) => return Err(format!("jump={value:?} is no ssh:// connection")),
            },
            other => return Err(format!("{other:?} is none of become, machine, credential, host_key, jump")),
        }
        Ok(())
    }
}

/// Reads `USER@ADDRESS:PORT`.
fn target(text: &str, options: &mut Options) -> Result<Target, String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let (user, place) = match text.rsplit_once('@') {
        Some((user, place)) => (Some(decode(user)), place),
        None => (None, text),
    };
    if user.as_deref().is_some_and(|user| user.contains(':')) {
        return Err("a connection holds no password: put it into `credentials` of the provider block".into());
    }
    let (address, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']').ok_or("the address has no closing bracket")?;
            (address, after.strip_prefix(':'))
        }
        None => match place.rsplit_once(':') {
            Some((address, port)) => (address, Some(port)),
            None => (place, None),
        },
    };
    let port = match port {
        Some(port) => Some(port.parse().map_err(|_| format!("{port:?} is no port"))?),
        None => None,
    };
    let bad = |c: char| c.is_whitespace() || c.is_control() || "/?#@[]".contains(c);
    if address.is_empty() || address.starts_with('-') || address.contains(bad) {
        return Err(format!("{address:?} is no host name or address"));
    }
    Ok(Target { user, address: address.to_owned(), port, ..std::mem::take(&mut options.target) })
}

fn decode(text: &str) -> String {
    form_urlencoded::parse(format!("u={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

impl Connection {
    /// An SSH server without more.
    pub fn ssh(target: Target) -> Self {
        Self { way: Way::Ssh(target), raise: None, machine: None }
    }

    /// What people call the host: `admin@10.0.0.5`, `this machine`, a folder.
    pub fn name(&self) -> String {
        match &self.way {
            Way::Ssh(target) => target.to_string(),
            Way::Local => "this machine".into(),
            Way::Root(folder) => folder.clone(),
        }
    }
}

/// `USER@ADDRESS:PORT` as far as they are set.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.address.contains(':') {
            true => write!(f, "[{}]", self.address)?,
            false => write!(f, "{}", self.address)?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The text that [`FromStr`] reads.
impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = Vec::new();
        match &self.way {
            Way::Ssh(target) => {
                f.write_str("ssh://")?;
                let user = target.user.as_deref().map(encode);
                write!(f, "{}", Target { user, ..target.clone() })?;
                options.extend(target.credential.as_ref().map(|name| ("credential", name.clone())));
                options.extend(target.host_keys.iter().map(|key| ("host_key", key.clone())));
                let jumps = target.jumps.iter().map(|jump| Self::ssh(jump.clone()).to_string());
                options.extend(jumps.map(|jump| ("jump", jump)));
            }
            Way::Local => f.write_str("local:")?,
            Way::Root(folder) => write!(f, "root:{folder}")?,
        }
        options.extend(self.raise.map(|raise| ("become", raise.name().to_owned())));
        options.extend(self.machine.as_ref().map(|machine| ("machine", machine.clone())));
        for (i, (name, value)) in options.iter().enumerate() {
            write!(f, "{}{name}={}", if i == 0 { '?' } else { '&' }, encode(value))?;
        }
        Ok(())
    }
}
