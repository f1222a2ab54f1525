use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error, changed};
use value::{Path, Type, Value};

use crate::block::duration;
use crate::connection::{Connection, Raise, Target, Way};
use crate::facts;
use crate::failure::{Failure, Result};
use crate::patience::spaced;
use crate::resource::{Context, Resource};
use crate::session::Host;

/// `host_machine`: how a machine is reached, and what it is.
pub(crate) struct Machine;

/// Attributes that the way to the machine is made of.
const WAY: [&str; 9] =
    ["address", "port", "user", "credential", "host_keys", "jump", "become", "transport", "root"];

/// Those of them that say where the machine is; another place may be another machine's.
const PLACE: [&str; 3] = ["address", "port", "jump"];

const DEFAULT_WAIT: Duration = Duration::from_mins(5);

#[async_trait]
impl Resource for Machine {
    fn type_name(&self) -> &'static str {
        "host_machine"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional(Type::String).described(description);
        let block = Block::default()
            .described(
                "A machine: how it is reached, and what it is. Making one waits until the machine can be reached; deleting \
                 one changes nothing on it. When another machine (by its machine-id) answers at the address, everything on \
                 the old one counts as gone.",
            )
            .with("transport", text("`ssh` (the default), `local` (the machine that groma runs on) or `root` (a folder taken as a host's root file system, where nothing is started)."))
            .with("address", text("The name or address to connect to; for `ssh`."))
            .with("port", Attribute::optional(Type::Number).described("The SSH server's port; 22 if neither this nor the SSH configuration says."))
            .with("user", text("Who to log in as; else the credential says."))
            .with("credential", text("Which of the provider's `credentials` to log in with; its own attributes if not set."))
            .with("host_keys", Attribute::optional(Type::list(Type::String)).described("Accepted host keys (`ssh-ed25519 AAAA...`) or fingerprints (`SHA256:...`); known_hosts decides if not set."))
            .with("jump", Attribute::optional(Type::list(Type::String)).described("Connections of the machines to go through, the first one first: `host_machine.bastion.connection`, or `ssh://user@bastion`."))
            .with("become", text("How to become root: `none`, `sudo` or `doas`; the provider block says if not set."))
            .with("root", text("The folder; for `root`."))
            .with("wait_timeout", text("How long to wait for the machine to be reachable, such as \"5m\" (the default)."))
            .with("wait_for_login", text("How long to go on trying after the machine refused to log us in, such as \"2m\" for cloud machines that install keys after SSH is up; at growing distances, as servers bar those who try often. Not at all if not set."))
            .with("connection", Attribute::computed(Type::String).described("What other resources take as `host`. It holds no secret."))
            .with("id", Attribute::computed(Type::String).described("The machine-id; for a folder its path."));
        Schema::new(0, facts::with_facts(block))
    }

    fn key(&self) -> &'static [&'static str] {
        &["connection"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["transport", "root"]
    }

    fn has_host(&self) -> bool {
        false
    }

    fn state_only(&self) -> bool {
        true
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut wrong = |name: &str, detail: String| {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid machine", detail));
        };
        let needed = match config.text("transport") {
            None | Some("ssh") => Some(("address", "root")),
            Some("root") => Some(("root", "address")),
            Some("local") => None,
            Some(other) => {
                return attribute_error(
                    &Path::from_attr("transport"),
                    "Invalid machine",
                    format!("{other:?} is none of ssh, local, root."),
                )
                .into();
            }
        };
        let transport_known = config.attr("transport").is_none_or(Value::is_known);
        if let (Some((needed, other)), true) = (needed, transport_known) {
            if config.is_unset(needed) {
                wrong(
                    needed,
                    format!(
                        "It must be set for this transport, which is {:?}.",
                        config.text("transport").unwrap_or("ssh")
                    ),
                );
            }
            if !config.is_unset(other) {
                wrong(other, "It is not for this transport.".into());
            }
        }
        if let Some(Err(reason)) = config.text("become").map(Raise::parse) {
            wrong("become", format!("{reason}."));
        }
        if config.int("port").is_some_and(|port| !(1..=65535).contains(&port)) {
            wrong("port", "A port is between 1 and 65535.".into());
        }
        for name in ["wait_timeout", "wait_for_login"] {
            if let Some(text) = config.text(name).filter(|text| duration(text).is_none()) {
                wrong(name, format!("{text:?} is no duration such as \"30s\" or \"5m\"."));
            }
        }
        for jump in config.texts("jump") {
            if let Err(reason) = parse_jump(jump) {
                wrong("jump", format!("{jump:?} cannot be gone through: {reason}."));
            }
        }
        diagnostics
    }

    /// What connects to the same machine in another way is a change in place, and known before it is made.
    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if plan.is_creation() {
            return;
        }
        if !plan.changes(&WAY) {
            return;
        }
        let known = WAY.iter().all(|name| plan.planned.attr(name).is_none_or(Value::is_wholly_known));
        match connection_of(&plan.planned, plan.prior.text("machine_id")).ok().filter(|_| known) {
            Some(connection) => {
                plan.set("connection", Value::string(connection.to_string()));
                if plan.changes(&PLACE) {
                    plan.set_unknown("addresses");
                }
            }
            None => {
                plan.set_unknown("connection");
                for name in facts::names().chain(["id"]) {
                    plan.set_unknown(name);
                }
            }
        }
    }

    /// Where the machine is said to be from now on, if that is known by then.
    fn looks_ahead(&self, prior: &Value, proposed: &Value) -> Option<Connection> {
        let known = WAY.iter().all(|name| proposed.attr(name).is_none_or(Value::is_wholly_known));
        let moves = !changed(prior, proposed, PLACE).is_empty();
        let connection = connection_of(proposed, None).ok().filter(|_| known && moves)?;
        matches!(connection.way, Way::Ssh(_)).then_some(connection)
    }

    /// Another machine there is another object, and so is what is on it.
    fn foresee(&self, seen: &Value, plan: &mut Plan) {
        let (was, is) = (plan.prior.text("machine_id"), seen.text("machine_id"));
        if was.is_some() && was != is {
            for name in PLACE {
                plan.replace(name);
            }
        }
    }

    fn connection(&self, _context: &Context, object: &Value) -> Result<Connection> {
        if ["address", "root", "transport"].iter().all(|name| object.is_unset(name)) {
            // Imported: the connection is all that is known.
            let text = object.text("connection").unwrap_or_default();
            return text.parse().map_err(|reason| {
                Failure::new("Invalid connection", format!("{text:?} cannot be read: {reason}."))
            });
        }
        connection_of(object, object.text("machine_id"))
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let object = facts::gather(host, current).await?;
        Ok(finish(host, &imported(host.connection(), object)))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let wait = |name: &str, default| planned.text(name).and_then(duration).unwrap_or(default);
        let (reach, login) = (wait("wait_timeout", DEFAULT_WAIT), wait("wait_for_login", Duration::ZERO));
        let begun = tokio::time::Instant::now();
        let (mut refused, mut refusals) = (None, 0);
        loop {
            let failure = match facts::gather(host, planned).await {
                Ok(object) => return Ok(finish(host, &object)),
                Err(failure) => failure,
            };
            let (left, pause) = if failure.transient {
                (reach.saturating_sub(begun.elapsed()), Duration::from_secs(1))
            } else {
                let since = *refused.get_or_insert_with(tokio::time::Instant::now);
                let pause = spaced(refusals);
                refusals += 1;
                (login.saturating_sub(since.elapsed()), pause)
            };
            let again = !left.is_zero() && failure.of_host;
            if !again || !context.pause(pause.min(left)).await {
                return Err(failure.untouched());
            }
            if failure.refused {
                host.forget_refusal().await;
            }
        }
    }

    /// What only says how long to wait is nothing to look for, and what the plan knew stays: the next refresh tells the rest.
    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        if changed(prior, planned, WAY).is_empty() {
            return Ok(planned.clone());
        }
        let made = self.create(context, host, planned).await.map_err(|failure| {
            match failure.other_machine && !failure.lost {
                true => failure.with_note(OTHER_MACHINE),
                false => failure,
            }
        })?;
        let known = facts::names().chain(["connection", "id"]);
        let known = known
            .filter_map(|name| Some((name, planned.attr(name).filter(|value| value.is_wholly_known())?)));
        Ok(known.fold(made, |made, (name, value)| made.with_attr(name, value.clone())))
    }

    async fn delete(&self, _context: &Context, _host: &Host, _prior: &Value) -> Result<()> {
        Ok(())
    }
}

/// The ways out where an address leads to another machine than that of the state.
const OTHER_MACHINE: &str = "If this is the machine that is meant, plan with -replace=ADDRESS, the address of this host_machine: what \
                             is on the old machine is then removed from there and made here. If the old one is gone, name its old \
                             address in lost_hosts of the provider block, too: what was on it then counts as gone.";

/// The connection and the id of a machine that was looked at.
fn finish(host: &Host, object: &Value) -> Value {
    let machine = object.text("machine_id").map(str::to_owned);
    let connection = Connection { machine: machine.clone(), ..host.connection().clone() };
    let id = machine.unwrap_or_else(|| host.name().to_owned());
    object.with_attr("connection", Value::string(connection.to_string())).with_attr("id", Value::string(id))
}

/// Fills in what an import's connection says.
fn imported(connection: &Connection, object: Value) -> Value {
    if !["address", "root", "transport"].iter().all(|name| object.is_unset(name)) {
        return object;
    }
    let text = |text: &Option<String>| text.as_deref().map_or(Value::null(Type::String), Value::string_nfc);
    let list = |texts: Vec<String>| match texts.is_empty() {
        true => Value::null(Type::list(Type::String)),
        false => Value::list(Type::String, texts.iter().map(|text| Value::string_nfc(text)).collect()),
    };
    let object = match connection.raise {
        Some(raise) => object.with_attr("become", Value::string(raise.name())),
        None => object,
    };
    match &connection.way {
        Way::Local => object.with_attr("transport", Value::string("local")),
        Way::Root(folder) => {
            object.with_attr("transport", Value::string("root")).with_attr("root", Value::string_nfc(folder))
        }
        Way::Ssh(target) => object
            .with_attr("address", Value::string_nfc(&target.address))
            .with_attr(
                "port",
                target.port.map_or(Value::null(Type::Number), |port| Value::number(i64::from(port))),
            )
            .with_attr("user", text(&target.user))
            .with_attr("credential", text(&target.credential))
            .with_attr("host_keys", list(target.host_keys.clone()))
            .with_attr(
                "jump",
                list(target.jumps.iter().map(|jump| Connection::ssh(jump.clone()).to_string()).collect()),
            ),
    }
}

/// The connection that the attributes describe.
fn connection_of(object: &Value, machine: Option<&str>) -> Result<Connection> {
    let wrong = |name: &'static str, reason: String| {
        Failure::attribute(name, "Invalid machine", format!("{reason}."))
    };
    let way = match object.text("transport") {
        Some("local") => Way::Local,
        Some("root") => Way::Root(object.text("root").unwrap_or_default().to_owned()),
        _ => {
            let mut jumps = Vec::new();
            for jump in object.texts("jump") {
                jumps.extend(parse_jump(jump).map_err(|reason| wrong("jump", reason))?);
            }
            Way::Ssh(Target {
                user: object.text("user").map(str::to_owned),
                address: object.text("address").unwrap_or_default().to_owned(),
                port: object.int("port").and_then(|port| u16::try_from(port).ok()),
                credential: object.text("credential").map(str::to_owned),
                host_keys: object.texts("host_keys").into_iter().map(str::to_owned).collect(),
                jumps,
            })
        }
    };
    let raise =
        object.text("become").map(Raise::parse).transpose().map_err(|reason| wrong("become", reason))?;
    Ok(Connection { way, raise, machine: machine.map(str::to_owned) })
}

/// The servers of a connection to go through: those before it, and itself.
fn parse_jump(text: &str) -> std::result::Result<Vec<Target>, String> {
    match text.parse::<Connection>()?.way {
        Way::Ssh(mut target) => {
            let mut jumps = std::mem::take(&mut target.jumps);
            jumps.push(target);
            Ok(jumps)
        }
        Way::Local | Way::Root(_) => Err("it is no ssh:// connection".into()),
    }
}
