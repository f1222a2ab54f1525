mod line;

use std::collections::BTreeMap;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use self::line::{Key, KeyLine};
use super::accounts;
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_authorized_key`: a key that may log in as a user.
pub(crate) struct AuthorizedKey;

const FUNCTIONS: &str = include_str!("authorized_key/keys.sh");

const LOOK: &str = include_str!("authorized_key/look.sh");

const PUT: &str = r#"
alone
keys_enter make
[ -e authorized_keys ] || found_note authorized_key "$owner_key" file || exit 1
# Also that there was none: made again, as after a lost connection, it would be taken for one that was there.
if [ "$record" = 1 ]; then
  was=$(keys_found) || exit 1
  found_note authorized_key "$key" "$was" || exit 1
fi
keys_put "$wanted"
"#;

/// What groma made goes when nothing is left in it.
const REMOVE: &str = r#"
alone
if keys_enter have; then
  keys_put "$(found_text authorized_key "$key")"
  if [ ! -s authorized_keys ] && found_known authorized_key "$owner_key"; then
    rm -f authorized_keys || exit 1
    if [ "$(found_text authorized_key "$owner_key")" = folder ]; then cd .. && rmdir .ssh 2>/dev/null; fi
    found_forget authorized_key "$owner_key"
  fi
fi
found_forget authorized_key "$key"
"#;

#[async_trait]
impl Resource for AuthorizedKey {
    fn type_name(&self) -> &'static str {
        "host_authorized_key"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A public key that may log in as a user: a line of `.ssh/authorized_keys` in the user's home. The other lines of \
                 the file stay as they are. The folder and the file are made if they are missing, with the owner and modes \
                 that SSH asks for.",
            )
            .with("user", Attribute::required(Type::String).described("The name of the user, who must have a home."))
            .with("key", Attribute::required(Type::String).described(
                "The public key as a `.pub` file has it: `ssh-ed25519 AAAA... comment`.",
            ))
            .with("options", Attribute::optional(Type::list(Type::String)).described(
                "What the key may be used for, as sshd(8) has it, such as `[\"no-pty\", \"from=\\\"10.0.0.0/8\\\"\"]`.",
            ))
            .with("type", Attribute::computed(Type::String).described("The key's type, such as `ssh-ed25519`."))
            .with("comment", Attribute::computed(Type::String).described("The comment behind the key; null if there is none."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["user", "key"]
    }

    /// Another comment is the same key.
    fn identity(&self, object: &Value) -> Option<String> {
        let key = Key::parse(object.text("key")?).ok()?;
        Some(format!("{} {}", object.text("user")?, key.blob))
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["user"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = accounts::validate_name(config, "user");
        if let Some(Err(problem)) = config.text("key").map(Key::parse) {
            diagnostics.push(attribute_error(&Path::from_attr("key"), "Invalid key", problem));
        }
        for text in config.texts("options") {
            if let Some(problem) = line::option_problem(text) {
                diagnostics.push(attribute_error(&Path::from_attr("options"), "Invalid option", problem));
            }
        }
        diagnostics
    }

    /// Another comment is the same key.
    fn plan(&self, _context: &Context, plan: &mut Plan) {
        let Some(Ok(key)) = plan.planned.text("key").map(|text| Key::parse(text).map(|key| key.owned()))
        else {
            plan.set_unknown("type");
            plan.set_unknown("comment");
            return;
        };
        let known = |object: &Value| Some(Key::parse(object.text("key")?).ok()?.blob.to_owned());
        if !plan.is_creation() && known(&plan.prior).as_deref() != Some(key.blob.as_str()) {
            plan.replace("key");
        }
        plan.set("type", Value::string(key.kind));
        plan.set("comment", text_or_null(&key.comment));
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        let mut users: Vec<&str> = current.iter().filter_map(|object| object.text("user")).collect();
        users.sort_unstable();
        users.dedup();
        let script = Script::read(&format!("{FUNCTIONS}{LOOK}")).args(users);
        match host.must(script, "read authorized keys").await {
            Ok(output) => {
                let text = output.text();
                let files = files(&text);
                current.iter().map(|object| seen(host, object, &files)).collect()
            }
            Err(failure) => vec![Err(failure); current.len()],
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        put(host, planned, "1").await
    }

    async fn update(
        &self,
        _context: &Context,
        host: &Host,
        _prior: &Value,
        planned: &Value,
    ) -> Result<Value> {
        put(host, planned, "").await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let user = prior.text("user").unwrap_or_default();
        let key = parse(prior)?;
        host.must(script(REMOVE, user, &key), &format!("remove a key of {user}")).await.map(|_| ())
    }
}

fn parse(object: &Value) -> Result<Key<'_>> {
    Key::parse(object.text("key").unwrap_or_default())
        .map_err(|problem| Failure::attribute("key", "Invalid key", problem))
}

fn text_or_null(text: &str) -> Value {
    if text.is_empty() { Value::null(Type::String) } else { Value::string_nfc(text) }
}

fn script(text: &str, user: &str, key: &Key<'_>) -> Script {
    Script::change(&format!("{FUNCTIONS}{text}"))
        .var("user", user)
        .var("blob", key.blob)
        .var("key", paths::key(&format!("{user} {}", key.blob)))
        .var("owner_key", paths::key(user))
}

async fn put(host: &Host, planned: &Value, record: &str) -> Result<Value> {
    let user = planned.text("user").unwrap_or_default();
    let key = parse(planned)?;
    let line = KeyLine { options: planned.texts("options"), key: key.clone() };
    let script = script(PUT, user, &key).var("wanted", line.text()).var("record", record);
    host.must(script, &format!("write a key of {user}")).await?;
    Ok(planned.with_attr("type", Value::string(key.kind)).with_attr("comment", text_or_null(key.comment)))
}

/// The lines of the users' files; none for one that may not be read.
type Files<'a> = BTreeMap<&'a str, Option<Vec<KeyLine<'a>>>>;

fn files(text: &str) -> Files<'_> {
    let mut files = Files::new();
    let mut at = None;
    for line in text.lines() {
        if let Some(user) = line.strip_prefix('@') {
            files.insert(user, Some(Vec::new()));
            at = Some(user);
        } else if let Some(user) = line.strip_prefix('!') {
            files.insert(user, None);
        } else if let (Some(line), Some(user)) = (line.strip_prefix('>').and_then(KeyLine::parse), at)
            && let Some(Some(lines)) = files.get_mut(user)
        {
            lines.push(line);
        }
    }
    files
}

fn seen(host: &Host, object: &Value, files: &Files<'_>) -> Result<Value> {
    let user = object.text("user").unwrap_or_default();
    let gone = || Ok(Value::null(object.ty()));
    let lines = match files.get(user) {
        None => return gone(),
        Some(Some(lines)) => lines,
        Some(None) => {
            let detail = format!(
                "On {}, groma may not read the keys of {user}. Log in as root or {user}, or set become = \"sudo\".",
                host.name()
            );
            return Err(Failure::new("Keys cannot be read", detail));
        }
    };
    let key = parse(object)?;
    let Some(line) = lines.iter().find(|line| line.key.blob == key.blob) else { return gone() };
    let text =
        if line.key == key { object.text("key").unwrap_or_default().to_owned() } else { line.key.text() };
    let options = line.options.iter().map(|option| Value::string_nfc(option)).collect::<Vec<_>>();
    let options = match options.is_empty() && object.is_unset("options") {
        true => Value::null(Type::list(Type::String)),
        false => Value::list(Type::String, options),
    };
    Ok(object
        .with_attr("key", Value::string_nfc(&text))
        .with_attr("type", Value::string_nfc(line.key.kind))
        .with_attr("comment", text_or_null(line.key.comment))
        .with_attr("options", options))
}
