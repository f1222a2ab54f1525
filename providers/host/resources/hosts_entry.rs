pub(super) mod lines;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use self::lines::{EDIT, Line, mark_of};
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_hosts_entry`: a line of `/etc/hosts`.
pub(crate) struct HostsEntry;

const LOOK: &str = r#"[ ! -e "$R/etc/hosts" ] || cat "$R/etc/hosts""#;

/// A line without mark is recorded when one is made, not when it was imported and is changed.
const PUT: &str = r#"
alone
if [ "$record" = 1 ]; then
  was=$(hosts_found) || exit 1
  [ -z "$was" ] || found_note hosts_entry "$key" "$was" || exit 1
fi
hosts_put "$line"
"#;

const REMOVE: &str = r#"
alone
if found_known hosts_entry "$key"; then hosts_put "$(found_text hosts_entry "$key")"; else hosts_drop; fi || exit 1
found_forget hosts_entry "$key"
"#;

#[async_trait]
impl Resource for HostsEntry {
    fn type_name(&self) -> &'static str {
        "host_hosts_entry"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A line of its own in a host's `/etc/hosts`, which ends in a mark by which groma knows it again; all other lines \
                 stay as they are. A line with the same address and first name that was there before is taken over, and comes \
                 back when the resource is destroyed.",
            )
            .with("address", Attribute::required(Type::String).described("The IPv4 or IPv6 address."))
            .with(
                "names",
                Attribute::required(Type::list(Type::String))
                    .described("The names of the address; the first one is the canonical one."),
            )
            .with(
                "entry",
                Attribute::computed(Type::String).described(
                    "What the line is known by: the address and the first name that it was made with. It stays when they change.",
                ),
            );
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["entry"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &[]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if let Some(text) = config.text("address").filter(|text| !lines::is_address(text)) {
            let detail = format!("{text:?} is no IPv4 or IPv6 address.");
            diagnostics.push(attribute_error(&Path::from_attr("address"), "Invalid address", detail));
        }
        let names = config.attr("names");
        if names.and_then(Value::items).is_some_and(<[Value]>::is_empty) {
            let detail = "There must be a name at least.";
            diagnostics.push(attribute_error(&Path::from_attr("names"), "Invalid name", detail));
        }
        if let Some(text) = config.texts("names").into_iter().find(|text| !lines::is_name(text)) {
            let detail = format!(
                "{text:?} is no name of a host: letters, digits, dots, dashes and underscores, 253 at the most."
            );
            diagnostics.push(attribute_error(&Path::from_attr("names"), "Invalid name", detail));
        }
        diagnostics
    }

    /// What the line is known by is said once, when it is made.
    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if !plan.is_creation() {
            return;
        }
        match entry_of(&plan.planned) {
            Some(entry) => plan.set("entry", Value::string(entry)),
            None => plan.set_unknown("entry"),
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        match host.must(Script::read(LOOK), "read /etc/hosts").await {
            Ok(output) => {
                let text = output.text();
                let lines: Vec<Line<'_>> = text.lines().filter_map(Line::parse).collect();
                current.iter().map(|object| Ok(seen(object, &lines))).collect()
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
        let entry = prior.text("entry").unwrap_or_default();
        let script = script(REMOVE, entry);
        host.must(script, &format!("remove the entry {entry} from /etc/hosts")).await.map(|_| ())
    }
}

/// The entry of an object that says its address and names.
fn entry_of(object: &Value) -> Option<String> {
    let name = object.elements("names").first().and_then(Value::as_str)?;
    Some(format!("{} {name}", object.text("address")?))
}

/// A script that finds the line of an entry.
fn script(text: &str, entry: &str) -> Script {
    let (address, name) = entry.split_once(' ').unwrap_or((entry, ""));
    Script::change(&format!("{EDIT}{text}"))
        .var("address", address)
        .var("name", name)
        .var("mark", mark_of(entry))
        .var("key", paths::key(entry))
}

async fn put(host: &Host, planned: &Value, record: &str) -> Result<Value> {
    let entry = match planned.text("entry") {
        Some(entry) => entry.to_owned(),
        None => entry_of(planned)
            .ok_or_else(|| Failure::attribute("names", "Invalid name", "There must be a name at least."))?,
    };
    let address = planned.text("address").unwrap_or_default();
    let line = lines::line(address, &planned.texts("names"), &mark_of(&entry));
    let script = script(PUT, &entry).var("line", line).var("record", record);
    host.must(script, &format!("write the entry {entry} of /etc/hosts")).await?;
    Ok(planned.with_attr("entry", Value::string(entry)))
}

fn seen(object: &Value, lines: &[Line<'_>]) -> Value {
    let entry = object.text("entry").unwrap_or_default();
    let Some(line) = Line::find(lines, entry) else { return Value::null(object.ty()) };
    let address = match object.text("address") {
        Some(known) if lines::same_address(known, line.address) => known,
        _ => line.address,
    };
    let names = line.names.iter().map(|name| Value::string_nfc(name)).collect();
    object
        .with_attr("address", Value::string_nfc(address))
        .with_attr("names", Value::list(Type::String, names))
}
