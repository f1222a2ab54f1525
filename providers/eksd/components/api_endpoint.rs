use std::fmt::Write as _;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema};
use provider_host::kit::{Context, Failure, Host, Resource, Result, duration, validate_path};
use value::{Type, Value};

use super::packages;
use crate::unit::{File, Folder, Health, Names, borrow, check_marks, seen_of, take_away, wrong};

/// `eksd_api_endpoint`.
pub struct Endpoint;

const CONFIG: &str = "/etc/haproxy/haproxy.cfg";

const PACKAGES: &[&str] = &["haproxy"];

#[async_trait]
impl Resource for Endpoint {
    fn type_name(&self) -> &'static str {
        "eksd_api_endpoint"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional_computed(Type::String).described(description);
        let block = Block::default()
            .described(
                "haproxy of the host's distribution as the way from a node to the API servers: each is asked for its `/readyz` every two \
                 seconds, and gets no connections unless it says ok. haproxy is set up for this alone: its configuration is written \
                 whole, and what was there comes back on destroy. Changes are taken over without cutting connections. Where there \
                 is a load balancer, or an address that leads to the API servers, none is needed: use that address instead.",
            )
            .with("servers", Attribute::required(Type::list(Type::String)).described("The API servers, as `ADDRESS:PORT`."))
            .with("bind_address", text("The address that it listens on; `127.0.0.1`, for this node alone, if not set."))
            .with("port", Attribute::optional_computed(Type::Number).described("The port that it listens on; 7443 if not set. An API server on the same host has 6443."))
            .with("ca_file", text("The CA of the API servers' certificates, on the host, that they are checked against; `/etc/eksd/pki/ca.crt` if not set. Not checked if empty."))
            .with("restart_on", Attribute::optional(Type::map(Type::String)).described("Values whose change makes it read its files again, such as the digest of `ca_file`."))
            .with("health_timeout", text("How long it may take after a start until it listens; `1m` if not set. That an API server is ready is not waited for, as there may be none yet."))
            .with("endpoint", Attribute::computed(Type::String).described("The URL that programs of the node use: `https://BIND_ADDRESS:PORT`."))
            .with("state", Attribute::computed(Type::String).described("`running`, or `stopped` or `failed` if something stopped it: the next apply starts it."))
            .with("restart_pending", Attribute::computed(Type::Bool).described("Whether something changed for which it was not restarted: the next apply does."))
            .with("out_of_place", Attribute::computed(Type::list(Type::String)).described("What else is not as it should be: a configuration that was edited, its mode or owner."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("bind_address", Value::string("127.0.0.1")),
            ("port", Value::number(7443)),
            ("ca_file", Value::string("/etc/eksd/pki/ca.crt")),
            ("health_timeout", Value::string("1m")),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if config.text("ca_file").is_some_and(|path| !path.is_empty()) {
            diagnostics.extend(validate_path(config, "ca_file"));
        }
        let known = config.attr("servers").is_some_and(|servers| servers.is_known() && !servers.is_null());
        if known && config.elements("servers").is_empty() {
            diagnostics.push(wrong("servers", "There is no API server in it."));
        }
        if let Some(server) = config.texts("servers").into_iter().find(|server| !is_server(server)) {
            diagnostics
                .push(wrong("servers", format!("{server:?} is no ADDRESS:PORT such as \"10.0.0.1:6443\".")));
        }
        if config.int("port").is_some_and(|port| !(1..=65535).contains(&port)) {
            diagnostics.push(wrong("port", "It is no number of a port."));
        }
        if config.text("bind_address").is_some_and(|text| {
            text.is_empty() || !text.chars().all(|c| c.is_ascii_hexdigit() || ".:".contains(c))
        }) {
            diagnostics.push(wrong("bind_address", "It is no IP address."));
        }
        diagnostics.extend(check_marks(config));
        if let Some(text) =
            config.text("health_timeout").filter(|text| duration(text).is_none_or(|time| time.is_zero()))
        {
            diagnostics
                .push(wrong("health_timeout", format!("{text:?} is no duration such as \"90s\" or \"5m\".")));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.set("state", Value::string("running"));
        plan.set("restart_pending", Value::bool(false));
        plan.set("out_of_place", Value::list(Type::String, Vec::new()));
        let known =
            ["bind_address", "port"].iter().all(|name| plan.planned.attr(name).is_some_and(Value::is_known));
        if known {
            plan.set("endpoint", Value::string(endpoint(&plan.planned)));
        } else {
            plan.set_unknown("endpoint");
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let paths = [CONFIG.to_owned()];
        let names = names();
        let (seen, version) =
            tokio::join!(seen_of(&names, host, &paths), packages::installed(host, PACKAGES));
        let (seen, Some(_)) = (seen?, version?) else { return Ok(Value::null(current.ty())) };
        let Some(text) = seen.text(CONFIG).filter(|text| text.starts_with(HEADER)) else {
            return Ok(Value::null(current.ty()));
        };
        let mut known = current.clone();
        for (name, value) in self.defaults().into_iter().filter(|(name, _)| *name != "ca_file") {
            if known.is_unset(name) {
                known = known.with_attr(name, value);
            }
        }
        let object = observed(&known, &text);
        let places = [(CONFIG.to_owned(), "0644", "root:root".to_owned())].into_iter();
        let mut wrong: Vec<Value> = seen.out_of_place(host, places).items().unwrap_or_default().to_vec();
        if render(&object) != text {
            wrong.push(Value::string(format!("{CONFIG} was edited")));
        }
        Ok(object
            .with_attr("endpoint", Value::string(endpoint(&object)))
            .with_attr("restart_pending", Value::bool(seen.restart_pending))
            .with_attr("state", seen.state(host, Some("running")))
            .with_attr("out_of_place", Value::list(Type::String, wrong)))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        packages::install(context, host, PACKAGES).await?;
        let files = [file(planned)];
        let none: (&[File], &[Folder]) = (&[], &[]);
        borrow(&names(), host, none, (&files, &[]), "").await?;
        let timeout =
            planned.text("health_timeout").and_then(duration).unwrap_or(std::time::Duration::from_mins(1));
        // A reload that fails ends well for systemd, and the old configuration goes on.
        let port = planned.int("port").unwrap_or(7443);
        let command = format!(
            "systemctl is-active --quiet haproxy.service || {{ echo 'haproxy does not run'; exit 1; }}; \
             ss -Hltn 'sport = :{port}' | grep -q . || {{ echo 'haproxy does not listen on port {port}'; exit 1; }}"
        );
        Health { command, timeout }.settle(&names(), context, host).await?;
        let read = self.read(host, &planned.unknown_as_null()).await?;
        if read.is_null() {
            let detail = format!("On {}, haproxy was gone right after it was set up.", host.name());
            return Err(Failure::new("API endpoint is gone", detail));
        }
        Ok(read)
    }

    async fn delete(&self, context: &Context, host: &Host, _prior: &Value) -> Result<()> {
        take_away(&names(), host, vec![CONFIG.to_owned()]).await?;
        packages::remove(context, host, PACKAGES).await
    }
}

/// What begins a line with a value of `restart_on`: its change changes the file, and that is reloaded.
const MARK: &str = "# restart_on ";

const HEADER: &str = "# The way to the Kubernetes API, written by groma.\n";

fn names() -> Names {
    Names {
        component: "haproxy",
        unit: "haproxy.service".into(),
        owns_unit: false,
        folder: "/opt/eksd/haproxy".into(),
        programs: &[],
        links: "/usr/local/bin",
    }
}

fn file(object: &Value) -> File {
    let (path, owner, content) = (CONFIG.to_owned(), "root:root".to_owned(), render(object));
    File { path, mode: "0644", owner, content, observe: |object, _| object.clone() }
}

/// Watches are silent for up to an hour; a server that is not ready any longer has its connections ended, so that clients go to
/// another one at once. Connections that a server refuses are tried with another one.
fn render(object: &Value) -> String {
    let bind = object.text("bind_address").unwrap_or_default();
    let bind = if bind.contains(':') { format!("[{bind}]") } else { bind.to_owned() };
    let marks = object.attr("restart_on").and_then(Value::entries).into_iter().flat_map(value::Entries::iter);
    let marks: String =
        marks.filter_map(|(name, value)| Some(format!("{MARK}{name}={}\n", value.as_str()?))).collect();
    let mut text = format!(
        "{HEADER}{marks}global
  log /dev/log local0 notice
  maxconn 4000
  user haproxy
  group haproxy

defaults
  log global
  mode tcp
  option dontlognull
  option redispatch 1
  retries 3
  timeout connect 5s
  timeout client 90m
  timeout server 90m
  timeout check 5s

frontend api
  bind {bind}:{}
  default_backend apiservers

backend apiservers
  balance leastconn
  option httpchk
  http-check send meth GET uri /readyz
  http-check expect status 200
  default-server check check-ssl {} inter 2s fastinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
",
        object.int("port").unwrap_or(7443),
        match object.text("ca_file") {
            Some(path) if !path.is_empty() => format!("verify required ca-file {path}"),
            _ => "verify none".to_owned(),
        },
    );
    for (index, server) in object.texts("servers").into_iter().enumerate() {
        let _ = writeln!(text, "  server api{} {server}", index + 1);
    }
    text
}

/// The object as the configuration says.
fn observed(object: &Value, text: &str) -> Value {
    let mut servers = Vec::new();
    let mut seen = object.clone();
    let marks: value::Entries = text
        .lines()
        .filter_map(|line| line.strip_prefix(MARK)?.split_once('='))
        .map(|(name, value)| (value::Str::from(name), Value::string_nfc(value)))
        .collect();
    seen = seen.with_attr(
        "restart_on",
        match marks.is_empty() && object.is_unset("restart_on") {
            true => Value::null(Type::map(Type::String)),
            false => Value::map(Type::String, marks),
        },
    );
    for line in text.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["server", _, server, ..] => servers.push(Value::string_nfc(server)),
            ["bind", at, ..] => {
                if let Some((address, port)) = at.rsplit_once(':') {
                    seen =
                        seen.with_attr("bind_address", Value::string_nfc(address.trim_matches(['[', ']'])));
                    seen = seen.with_attr(
                        "port",
                        port.parse::<i64>().map_or(Value::null(Type::Number), Value::number),
                    );
                }
            }
            ["default-server", rest @ ..] => {
                let path = rest.iter().position(|word| *word == "ca-file").and_then(|at| rest.get(at + 1));
                seen = seen.with_attr("ca_file", Value::string(path.copied().unwrap_or_default()));
            }
            _ => {}
        }
    }
    seen.with_attr("servers", Value::list(Type::String, servers))
}

fn endpoint(object: &Value) -> String {
    let address = match object.text("bind_address").unwrap_or_default() {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        address if address.contains(':') => format!("[{address}]"),
        address => address.to_owned(),
    };
    format!("https://{address}:{}", object.int("port").unwrap_or(7443))
}

fn is_server(text: &str) -> bool {
    let port = text
        .rsplit_once(':')
        .filter(|(address, _)| !address.is_empty())
        .and_then(|(_, port)| port.parse::<u16>().ok());
    port.is_some_and(|port| port > 0)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(c))
}
