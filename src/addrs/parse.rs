use std::fmt;
use std::str::FromStr;

use crate::{
    AbsResource, AbsResourceInstance, ConfigResource, InstanceKey, Mode, ModuleInstance, Name, Resource,
    Target,
};

/// An address that cannot be read: the text, and what is wrong with it as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub input: String,
    pub reason: String,
}

impl ParseError {
    pub fn new(input: &str, reason: impl Into<String>) -> Self {
        Self { input: input.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not a valid address. {}", self.input, self.reason)
    }
}

impl std::error::Error for ParseError {}

pub(crate) fn target(s: &str) -> Result<Target, ParseError> {
    let mut parser = Parser { input: s, rest: s };
    let mut module = ModuleInstance::root();
    loop {
        let word = parser.ident()?;
        if word != "module" {
            return parser.resource(module, word);
        }
        parser.dot()?;
        let name = parser.ident()?;
        let key = parser.key()?;
        module = module.child(name, key);
        if parser.rest.is_empty() {
            return Ok(Target::Module(module));
        }
        parser.dot()?;
    }
}

impl FromStr for AbsResourceInstance {
    type Err = ParseError;

    /// A resource address without a key is the instance without a key.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match target(s)? {
            Target::Instance(instance) => Ok(instance),
            Target::Resource(resource) => Ok(resource.instance(InstanceKey::None)),
            Target::Module(_) => Err(ParseError::new(
                s,
                "A resource instance address is required here; the module path must be followed by a resource instance address.",
            )),
        }
    }
}

impl FromStr for AbsResource {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match target(s)? {
            Target::Resource(resource) => Ok(resource),
            Target::Instance(_) => {
                Err(ParseError::new(s, "A resource address is required here, without an instance key."))
            }
            Target::Module(_) => Err(ParseError::new(
                s,
                "A resource address is required here; the module path must be followed by a resource address.",
            )),
        }
    }
}

impl FromStr for ConfigResource {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(s.parse::<AbsResource>()?.config())
    }
}

impl FromStr for ModuleInstance {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.is_empty() {
            return Ok(Self::root());
        }
        match target(s)? {
            Target::Module(module) => Ok(module),
            _ => Err(ParseError::new(s, "A module address is required here.")),
        }
    }
}

struct Parser<'a> {
    input: &'a str,
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn error(&self, reason: &str) -> ParseError {
        ParseError::new(self.input, reason)
    }

    fn resource(&mut self, module: ModuleInstance, first: &str) -> Result<Target, ParseError> {
        let mode = match first {
            "data" => Mode::Data,
            "ephemeral" => Mode::Ephemeral,
            _ => Mode::Managed,
        };
        let ty = if mode == Mode::Managed {
            first
        } else {
            self.dot()?;
            self.ident()?
        };
        self.dot()?;
        let name = self.ident()?;
        let key = self.key()?;
        if !self.rest.is_empty() {
            return Err(self.error("Unexpected extra text after the address."));
        }
        let resource = AbsResource { module, resource: Resource { mode, ty: ty.into(), name: name.into() } };
        Ok(match key {
            InstanceKey::None => Target::Resource(resource),
            key => Target::Instance(resource.instance(key)),
        })
    }

    fn ident(&mut self) -> Result<&'a str, ParseError> {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return Err(self.error("An address is [module.NAME.]TYPE.NAME, with an instance key such as [0] or [\"key\"] where there is one."));
        }
        self.rest = rest;
        Ok(word)
    }

    fn dot(&mut self) -> Result<(), ParseError> {
        self.rest = self.rest.strip_prefix('.').ok_or_else(|| {
            self.error("A resource is named by its type and name with a dot between, such as aws_vpc.main.")
        })?;
        Ok(())
    }

    fn key(&mut self) -> Result<InstanceKey, ParseError> {
        let Some(rest) = self.rest.strip_prefix('[') else { return Ok(InstanceKey::None) };
        if let Some(rest) = rest.strip_prefix('"') {
            let (key, rest) = self.quoted(rest)?;
            self.rest = rest
                .strip_prefix(']')
                .ok_or_else(|| self.error("The instance key must be closed with a bracket."))?;
            return Ok(InstanceKey::String(key));
        }
        let (digits, rest) = rest
            .split_once(']')
            .ok_or_else(|| self.error("The instance key must be closed with a bracket."))?;
        self.rest = rest;
        digits.parse().map(InstanceKey::Int).map_err(|_| {
            self.error("An instance key is a whole number or a string in double quotes (quote the address in your shell).")
        })
    }

    /// Reads up to the closing quote, undoing the escapes that `Display` writes.
    fn quoted(&self, rest: &'a str) -> Result<(Name, &'a str), ParseError> {
        let mut out = Name::new();
        let mut chars = rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Ok((out, &rest[at + 1..])),
                '\\' => {
                    let (_, escape) =
                        chars.next().ok_or_else(|| self.error("The quoted key ends in a backslash."))?;
                    out.push(match escape {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        '"' | '\\' => escape,
                        'u' => {
                            let hex: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                            u32::from_str_radix(&hex, 16)
                                .ok()
                                .and_then(char::from_u32)
                                .ok_or_else(|| self.error("\\u must be followed by four hex digits."))?
                        }
                        _ => return Err(self.error("Unknown escape in the quoted key.")),
                    });
                }
                '$' | '%' if rest[at + 1..].starts_with(&format!("{c}{{")) => {
                    chars.next();
                    out.push(c);
                }
                c => out.push(c),
            }
        }
        Err(self.error("The quoted key is not closed."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_a_round_trip() {
        for text in [
            "aws_vpc.main",
            "data.aws_ami.debian",
            "aws_subnet.a[12]",
            "module.net[\"eu-1\"].module.sub.aws_subnet.a[\"x\\\"y.z]\"]",
            "module.a",
            "module.a[0].module.b",
            "t.n[\"$${x}\\n\"]",
        ] {
            assert_eq!(text.parse::<Target>().map(|t| t.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn bad_addresses_are_refused_with_a_reason() {
        for text in [
            "",
            "aws_vpc",
            "aws_vpc.main[",
            "aws_vpc.main[x]",
            "aws_vpc.main.id",
            "0a.b",
            "a.b[\"x]",
            "module.a[0]x",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_target_without_key_covers_all_instances() {
        let instance: AbsResourceInstance = "module.a[0].t.n[1]".parse().expect("valid");
        for (target, covers) in [
            ("module.a", true),
            ("module.a[0]", true),
            ("module.a[1]", false),
            ("module.a.t.n", true),
            ("module.a[0].t.n[1]", true),
            ("module.a[0].t.n[2]", false),
            ("t.n", false),
        ] {
            assert_eq!(target.parse::<Target>().expect("valid").contains(&instance), covers, "{target}");
        }
    }

    #[test]
    fn provider_configurations_are_read_from_their_state_form() {
        for text in [
            "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "provider[\"registry.terraform.io/hashicorp/aws\"].west",
            "module.a.module.b.provider[\"terraform.io/builtin/terraform\"]",
        ] {
            assert_eq!(text.parse::<crate::AbsProviderConfig>().map(|p| p.to_string()).as_deref(), Ok(text));
        }
    }
}
