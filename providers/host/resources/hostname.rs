use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use super::hosts_entry::lines::{self, EDIT, Line};
use crate::failure::Result;
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Fields, Host, Script};

/// `host_hostname`: what a host calls itself.
pub(crate) struct Hostname;

const LOOK: &str = r#"
[ -e "$R/etc/hostname" ] || exit 0
awk '!/^[ \t]*(#|$)/ { print "file=" $1; exit }' <"$R/etc/hostname" || exit 1
[ -n "$R" ] || printf 'running=%s\n' "$(uname -n)"
[ ! -e "$R/etc/hosts" ] || sed 's/^/line=/' "$R/etc/hosts"
"#;

/// The running name, and the line of /etc/hosts with the mark `hostname`.
const FUNCTIONS: &str = r#"
run_as() {
  if [ -n "$R" ] || [ "$(uname -n)" = "$1" ]; then return 0; fi
  hostname "$1" 2>/dev/null || hostnamectl --transient set-hostname "$1" 2>/dev/null || printf '%s' "$1" >/proc/sys/kernel/hostname
}
line_back() {
  if found_known hostname hosts; then hosts_put "$(found_text hostname hosts)"; else hosts_drop; fi || exit 1
  found_forget hostname hosts
}
mark=hostname name=
"#;

const PUT: &str = r#"
alone
found_real hostname file "$R/etc/hostname" || exit 1
[ -n "$R" ] || found_note hostname running "$(uname -n)" || exit 1
export wanted
edit_lines "$R/etc/hostname" 'END { count = 0; keep(ENVIRON["wanted"]) }' || exit 1
run_as "$wanted" || exit 1
if [ -n "$line" ]; then
  was=$(hosts_found) || exit 1
  [ -z "$was" ] || found_note hostname hosts "$was" || exit 1
  hosts_put "$line"
elif [ -n "$had" ]; then
  line_back
fi
"#;

const REMOVE: &str = r#"
alone
if found_known hostname running; then
  run_as "$(found_text hostname running)" || exit 1
  found_forget hostname running
fi
if found_known hostname file; then found_restore_real hostname file "$R/etc/hostname" || exit 1; fi
line_back
"#;

#[async_trait]
impl Resource for Hostname {
    fn type_name(&self) -> &'static str {
        "host_hostname"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "What a host calls itself: in `/etc/hostname` and at once. A host has one of it. When the resource is destroyed, \
                 the host gets the name back that it had.",
            )
            .with(
                "name",
                Attribute::required(Type::String)
                    .described("The name, short or with its domain; 64 characters at the most."),
            )
            .with("hosts_address", Attribute::optional(Type::String).described(
                "An address, such as \"127.0.1.1\", that is given the name in a line of `/etc/hosts`. A line of that address which \
                 is there already, but for that of localhost, is taken over and comes back. If not set, `/etc/hosts` stays as it is.",
            ));
        Schema::new(0, block)
    }

    /// There is one on each host.
    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if let Some(text) = config.text("name").filter(|text| !is_hostname(text)) {
            let detail = format!(
                "{text:?} is no host's name: parts of letters, digits and inner dashes with dots between, 64 characters at the most."
            );
            diagnostics.push(attribute_error(&Path::from_attr("name"), "Invalid name", detail));
        }
        if let Some(text) = config.text("hosts_address").filter(|text| !lines::is_address(text)) {
            let detail = format!("{text:?} is no IPv4 or IPv6 address.");
            diagnostics.push(attribute_error(&Path::from_attr("hosts_address"), "Invalid address", detail));
        }
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let fields = host.must(Script::read(LOOK), "read the host's name").await?.fields();
        Ok(seen(current, &fields))
    }

    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        match is_recorded(host, "hostname", "file").await? {
            true => self.read(host, planned).await,
            false => Ok(Value::null(planned.ty())),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        put(host, planned, "").await
    }

    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        // A line that was changed by hand reads as none.
        let had = if planned.is_unset("hosts_address") { prior.text("hosts_address") } else { None };
        put(host, planned, had.unwrap_or_default()).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let address = prior.text("hosts_address").unwrap_or_default();
        let script = Script::change(&format!("{EDIT}{FUNCTIONS}{REMOVE}")).var("address", address);
        host.must(script, "give the host its name back").await.map(|_| ())
    }
}

async fn put(host: &Host, planned: &Value, had: &str) -> Result<Value> {
    let name = planned.text("name").unwrap_or_default();
    let address = planned.text("hosts_address").unwrap_or_default();
    let line = match address {
        "" => String::new(),
        address => lines::line(address, &names(name), "hostname"),
    };
    let script = Script::change(&format!("{EDIT}{FUNCTIONS}{PUT}"))
        .var("wanted", name)
        .var("address", address)
        .var("line", line)
        .var("had", had);
    host.must(script, &format!("name the host {name}")).await?;
    Ok(planned.clone())
}

/// The name, and without its domain.
fn names(name: &str) -> Vec<&str> {
    match name.split_once('.') {
        Some((short, _)) => vec![name, short],
        None => vec![name],
    }
}

/// Of the name in the file and that at work, the one is shown that is not as it is known.
fn seen(current: &Value, fields: &Fields) -> Value {
    let Some(file) = fields.text("file") else { return Value::null(current.ty()) };
    let known = current.text("name");
    let name = match fields.text("running") {
        Some(running) if known == Some(file) => running,
        _ => file,
    };
    let line = fields.all("line").filter_map(Line::parse).find(|line| line.mark == Some("hostname"));
    let address = line.filter(|line| line.names == names(known.unwrap_or(file))).map(|line| {
        let known = current.text("hosts_address");
        known.filter(|known| lines::same_address(known, line.address)).unwrap_or(line.address).to_owned()
    });
    current
        .with_attr("name", Value::string_nfc(name))
        .with_attr("hosts_address", address.map_or(Value::null(Type::String), Value::string))
}

fn is_hostname(text: &str) -> bool {
    let part = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= 64 && text.split('.').all(part)
}
