mod definition;
mod key;
mod scripts;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Entries, Path, Type, Value};

use self::definition::{Definition, Manager};
use crate::failure::Result;
use crate::resource::{Context, Resource};
use crate::session::Host;

/// `host_package_repository`: where a host's package manager finds packages, with the key that signs them.
pub(crate) struct PackageRepository;

/// Lists of texts that make up the entry.
const LISTS: [&str; 4] = ["urls", "suites", "components", "architectures"];

#[async_trait]
impl Resource for PackageRepository {
    fn type_name(&self) -> &'static str {
        "host_package_repository"
    }

    fn schema(&self) -> Schema {
        let list = |description: &str| Attribute::optional(Type::list(Type::String)).described(description);
        let text = |description: &str| Attribute::optional(Type::String).described(description);
        let flag = |description: &str| Attribute::optional_computed(Type::Bool).described(description);
        let block = Block::default()
            .described(
                "A repository of packages, with its key: `/etc/apt/sources.list.d/NAME.sources` and \
                 `/etc/apt/keyrings/NAME.gpg` for apt; a `.repo` file and `/etc/pki/rpm-gpg/RPM-GPG-KEY-NAME` for dnf and \
                 zypper; lines of `/etc/apk/repositories` and a file in `/etc/apk/keys` for apk. After a change its list of \
                 packages is fetched; if that fails, the repository is put back as it was and the apply fails.",
            )
            .with("name", Attribute::required(Type::String).described("What files and sections are named by."))
            .with("urls", Attribute::required(Type::list(Type::String)).described("Where it is; for apk whole lines such as `https://example.com/alpine/v3.20/main`."))
            .with("suites", list("apt: the suites, such as `bookworm`; one with a slash at its end (`./`) is the folder of a flat repository. Required for apt."))
            .with("components", list("apt: the components, such as `main`; not for flat repositories."))
            .with("architectures", list("apt: the architectures to fetch, such as `amd64`; the host's if not set."))
            .with("key", text("The public key that signs it, armoured (`-----BEGIN PGP PUBLIC KEY BLOCK-----`) or in base64; for apk a PEM text. It is for this repository only with apt, and for all with the others. If not set, the keys that the host has already decide."))
            .with("key_name", text("apk: the file name of the key, by which signatures name it; `NAME.rsa.pub` if not set."))
            .with("enabled", flag("Whether it is used; `true` if not set. Always `true` for apk."))
            .with("check_signatures", flag("Whether signatures are checked; `true` if not set. Always `true` for apk."))
            .with("options", Attribute::optional(Type::map(Type::String)).described("More fields of the entry, by the names of sources.list(5) (deb822 form), dnf.conf(5) or zypper's: `priority = \"10\"`."))
            .with("manager", Attribute::optional_computed(Type::String).described("`apt`, `dnf`, `zypper` or `apk`; the host's own if not set. To be set under `root:FOLDER` where the folder has none yet."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["name", "manager"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("enabled", Value::bool(true)), ("check_signatures", Value::bool(true))]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut wrong = |name: &str, detail: String| {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid package repository", detail));
        };
        let is_name = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric())
                && text.len() <= 100
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        for name in ["name", "key_name"] {
            if let Some(text) = config.text(name).filter(|text| !is_name(text)) {
                wrong(
                    name,
                    format!(
                        "{text:?} is no name: letters, digits, \".\", \"_\" and \"-\", the first one a letter or digit."
                    ),
                );
            }
        }
        for name in LISTS {
            let bad = |text: &&&str| {
                text.is_empty()
                    || text.starts_with(['-', '#'])
                    || text.contains(|c: char| c.is_whitespace() || c.is_control())
            };
            if let Some(text) = config.texts(name).iter().find(bad) {
                wrong(name, format!("{text:?} is empty, begins with \"-\" or \"#\", or has blanks in it."));
            }
        }
        if config
            .attr("urls")
            .is_some_and(|urls| urls.is_known() && urls.items().is_some_and(<[_]>::is_empty))
        {
            wrong("urls", "There must be at least one.".into());
        }
        let manager = config.text("manager").map(|name| (name, Manager::parse(name)));
        if let Some((name, None)) = manager {
            wrong("manager", format!("{name:?} is none of apt, dnf, zypper, apk."));
        }
        for (name, text) in definition::options_of(config) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
            if name.is_empty()
                || !name.chars().all(plain)
                || text.contains(char::is_control)
                || text.trim().is_empty()
            {
                wrong("options", format!("{name:?} = {text:?} is no line of a repository's entry."));
            }
        }
        if let Some(text) = config.text("key")
            && let Err(reason) = key::check(text)
        {
            wrong("key", format!("The key cannot be read: {reason}."));
        }
        if let Some((_, Some(manager))) = manager
            && LISTS.iter().all(|name| config.attr(name).is_none_or(Value::is_wholly_known))
            && let Err((name, reason)) = Definition::of(config).check(manager, config)
        {
            wrong(name, reason);
        }
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        scripts::read(host, current).await
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        scripts::make(host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        scripts::make(host, prior, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        scripts::remove(host, prior).await
    }
}

/// A list of texts; null where there are none and the object has none.
fn list(object: &Value, name: &str, texts: &[String]) -> Value {
    if texts.is_empty() && object.is_unset(name) {
        return Value::null(Type::list(Type::String));
    }
    Value::list(Type::String, texts.iter().map(|text| Value::string_nfc(text)).collect())
}

/// A map of texts; null where there are none and the object has none.
fn map(object: &Value, name: &str, texts: &std::collections::BTreeMap<String, String>) -> Value {
    if texts.is_empty() && object.is_unset(name) {
        return Value::null(Type::map(Type::String));
    }
    let entries: Entries =
        texts.iter().map(|(name, text)| (name.as_str(), Value::string_nfc(text))).collect();
    Value::map(Type::String, entries)
}
