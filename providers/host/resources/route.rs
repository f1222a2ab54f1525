use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::addresses::{self, Prefix};
use crate::failure::{Failure, Result};
use crate::guard::{self, Change};
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_route`: a route.
pub(crate) struct Route;

const SCRIPT: &str = concat!(include_str!("../scripts/networkd.sh"), include_str!("route/route.sh"));

const LOOK: &str = include_str!("route/look.sh");

const FIND: &str = r#"
[ -z "$R" ] || exit 0
g_said=$(ip -o route get "$gateway" 2>&1) || die "$g_said: set interface"
printf '%s\n' "$g_said" | sed -n '1s/.* dev \([^ ]*\).*/\1/p'
"#;

#[async_trait]
impl Resource for Route {
    fn type_name(&self) -> &'static str {
        "host_route"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A route of a host. It is made at once, and kept over a boot by a drop-in for the link where systemd-networkd \
                 manages it, else by a unit of systemd of its own. If groma cannot connect anew after a change, the host goes \
                 back by itself to what it had. A route that was there before comes back when the resource is destroyed.",
            )
            .with("destination", Attribute::required(Type::String).described("The network that it leads to, such as `10.9.0.0/16` or `fd00:9::/48`; `default` for all of IPv4, `::/0` for all of IPv6."))
            .with("gateway", Attribute::optional(Type::String).described("The address of the router. If not set, the destination is on the link itself."))
            .with("interface", Attribute::optional_computed(Type::String).described("The link, such as `eth0`; if not set, the one that the gateway is reached by."))
            .with("table", Attribute::optional_computed(Type::String).described("The number of the routing table; `main` if not set."))
            .with("metric", Attribute::optional_computed(Type::Number).described("Of several routes to a destination the one with the smallest metric is taken. 0, the default, leaves it to the kernel (1024 for IPv6)."))
            .with("persistent", Attribute::optional_computed(Type::Bool).described("Whether the route is made when the host boots; true by default."));
        Schema::new(0, guard::with_attribute(block))
    }

    fn key(&self) -> &'static [&'static str] {
        &["destination", "table", "metric"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("table", Value::string("main")),
            ("metric", Value::number(0_i64)),
            ("persistent", Value::bool(true)),
            guard::default(),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = guard::validate(config);
        diagnostics.extend(addresses::validate_link(config, "interface"));
        diagnostics.extend(addresses::validate_address(config, "gateway"));
        let mut wrong = |name: &str, detail: String| {
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid route", detail));
        };
        if let Some(text) = config.text("destination").filter(|text| Prefix::destination(text).is_none()) {
            wrong(
                "destination",
                format!(
                    "{text:?} is no network such as \"10.9.0.0/16\": an address with zeros behind its prefix."
                ),
            );
        }
        let is_table = |text: &str| {
            text == "main" || text.parse::<u32>().is_ok_and(|table| table > 0 && text == table.to_string())
        };
        if let Some(text) = config.text("table").filter(|text| !is_table(text)) {
            wrong("table", format!("{text:?} is neither \"main\" nor the number of a routing table."));
        }
        if config.int("metric").is_some_and(|metric| !(0..=i64::from(u32::MAX)).contains(&metric)) {
            wrong("metric", "A metric is between 0 and 4294967295.".into());
        }
        if config.is_unset("gateway") && config.is_unset("interface") {
            wrong("gateway", "Either gateway or interface must be set, or both.".into());
        }
        diagnostics
    }

    /// The link that an other gateway is reached by is not known before.
    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if plan.is_unset("interface") && plan.changes(&["gateway"]) {
            plan.set_unknown("interface");
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let _untried = host.untried().await;
        let seen = look(host, current).await?;
        // What keeps an imported route over a boot can only be judged once it is known.
        match current.is_unset("rollback_timeout") && !seen.is_null() {
            true => look(host, &seen.with_attr("persistent", Value::bool(true))).await,
            false => Ok(seen),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let key = Key::of(planned);
        let planned = with_interface(host, planned).await?;
        guard::make(host, &change(&key, &planned, &words(&key, &planned))).await?;
        Ok(planned)
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        if guard::is_idle(prior, planned, &["gateway", "interface", "persistent"]) {
            return Ok(planned.clone());
        }
        self.create(context, host, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let gone = prior.with_attr("persistent", Value::bool(false));
        guard::make(host, &change(&Key::of(prior), &gone, "")).await
    }
}

/// The route as it is, null if there is none.
async fn look(host: &Host, current: &Value) -> Result<Value> {
    let key = Key::of(current);
    let persistent = current.flag("persistent").unwrap_or(true);
    let script = guard::look(&format!("{SCRIPT}\n{LOOK}"));
    let variables = key.variables(current, &words(&key, current), Keep::from(persistent));
    let script = variables.into_iter().fold(script, |script, (name, value)| script.var(name, value));
    let fields = host.must(script, &format!("look at the route to {}", key.destination)).await?.fields();
    let Some(line) = fields.text("line") else { return Ok(Value::null(current.ty())) };
    let text = |text: Option<&str>| text.map_or(Value::null(Type::String), Value::string_nfc);
    let known = current.text("gateway");
    let gateway = match (gateway_of(line), known) {
        (Some(seen), Some(known)) if addresses::same(seen, known) => Some(known),
        (seen, _) => seen,
    };
    let object = current
        .with_attr("table", Value::string(key.table))
        .with_attr("metric", Value::number(key.metric))
        .with_attr("gateway", text(gateway))
        .with_attr("interface", text(word_after(line, "dev").or(current.text("interface"))))
        .with_attr("persistent", Value::bool(fields.get("kept") == Some("true")));
    Ok(guard::filled(&object))
}

/// The object with the link that its gateway is reached by, where it names none and the host runs.
async fn with_interface(host: &Host, planned: &Value) -> Result<Value> {
    if planned.attr("interface").is_some_and(Value::is_known) {
        return Ok(planned.clone());
    }
    let gateway = planned.text("gateway").unwrap_or_default();
    let script = Script::read(FIND).var("gateway", gateway);
    let output = host
        .must(script, &format!("find the link that {gateway} is reached by"))
        .await
        .map_err(Failure::untouched)?;
    let text = output.text();
    let found = Some(text.trim()).filter(|text| !text.is_empty());
    Ok(planned.with_attr("interface", found.map_or(Value::null(Type::String), Value::string_nfc)))
}

/// Which route it is.
struct Key {
    destination: String,
    prefix: Option<Prefix>,
    table: String,
    metric: i64,
}

/// Whether the route is made when the host boots.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Over,
    Until,
}

impl From<bool> for Keep {
    fn from(persistent: bool) -> Self {
        if persistent { Self::Over } else { Self::Until }
    }
}

impl Key {
    fn of(object: &Value) -> Self {
        let destination = object.text("destination").unwrap_or_default().to_owned();
        Self {
            prefix: Prefix::destination(&destination),
            destination,
            table: object.text("table").unwrap_or("main").to_owned(),
            metric: object.int("metric").unwrap_or(0),
        }
    }

    fn is_ipv6(&self) -> bool {
        self.prefix.is_some_and(|prefix| prefix.address.is_ipv6())
    }

    fn family(&self) -> &'static str {
        self.prefix.map_or("-4", Prefix::family)
    }

    /// The destination as all programs read it.
    fn network(&self) -> String {
        self.prefix.map_or_else(|| self.destination.clone(), |prefix| prefix.to_string())
    }

    /// What the route's files are called.
    fn slug(&self) -> String {
        let network: String = self
            .network()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' })
            .collect();
        let family = if self.is_ipv6() { "6" } else { "" };
        format!("groma-route{family}-{network}-{}-{}", self.table, self.metric)
    }

    fn variables(&self, object: &Value, words: &str, keep: Keep) -> Vec<(&'static str, String)> {
        let text = |name| object.text(name).unwrap_or_default().to_owned();
        let kept = |text: String| if keep == Keep::Over { text } else { String::new() };
        // The kernel gives IPv6 routes a metric of its own where none is asked for.
        let metric = if self.is_ipv6() && self.metric == 0 { 1024 } else { self.metric };
        vec![
            ("fam", self.family().to_owned()),
            ("dest", self.network()),
            ("table", self.table.clone()),
            ("metric", metric.to_string()),
            ("words", words.to_owned()),
            ("dev", text("interface")),
            ("slug", self.slug()),
            ("dropin_text", kept(self.drop_in(object))),
            ("unit_text", kept(self.unit(words))),
        ]
    }

    fn drop_in(&self, object: &Value) -> String {
        let mut lines = format!("{}[Route]\nDestination={}\n", self.head(), self.network());
        let mut line = |name: &str, value: &str| lines.push_str(&format!("{name}={value}\n"));
        if let Some(gateway) = object.text("gateway") {
            line("Gateway", gateway);
        }
        if self.table != "main" {
            line("Table", &self.table);
        }
        if self.metric != 0 {
            line("Metric", &self.metric.to_string());
        }
        lines
    }

    /// What makes the route at boot, again and again until its link is there.
    fn unit(&self, words: &str) -> String {
        format!(
            "{}[Unit]\nDescription=Route to {}\nAfter=network.target\n\
             StartLimitIntervalSec=0\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\n\
             ExecStart=/bin/sh -c 'exec ip {} route replace {words}'\nRestart=on-failure\nRestartSec=5\n\n\
             [Install]\nWantedBy=multi-user.target\n",
            self.head(),
            self.destination,
            self.family(),
        )
    }

    fn head(&self) -> String {
        format!("# Kept by groma: host_route {} {} {}\n", self.destination, self.table, self.metric)
    }
}

/// What `ip route replace` takes for the route.
fn words(key: &Key, object: &Value) -> String {
    let mut words = key.network();
    if let Some(gateway) = object.text("gateway") {
        let family = if gateway.contains(':') && !key.is_ipv6() { "inet6 " } else { "" };
        words.push_str(&format!(" via {family}{gateway}"));
    }
    if let Some(interface) = object.text("interface") {
        words.push_str(&format!(" dev {interface}"));
    }
    words.push_str(&format!(" table {} proto static", key.table));
    if key.metric != 0 {
        words.push_str(&format!(" metric {}", key.metric));
    }
    words
}

fn change(key: &Key, object: &Value, words: &str) -> Change {
    let keep = Keep::from(object.flag("persistent").unwrap_or(true));
    Change {
        doing: format!(
            "{} the route to {}",
            if words.is_empty() { "remove" } else { "make" },
            key.destination
        ),
        script: SCRIPT.to_owned(),
        variables: key.variables(object, words, keep),
        tried: words.to_owned(),
        timeout: guard::timeout(object),
        elsewhere: Vec::new(),
    }
}

/// The gateway in what `ip` prints; of several, that there are.
fn gateway_of(line: &str) -> Option<&str> {
    if line.contains(" nexthop ") {
        return Some("(several)");
    }
    word_after(line, "via")
        .map(|word| if word == "inet6" { word_after(line, "inet6").unwrap_or(word) } else { word })
}

fn word_after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_whitespace().skip_while(|word| *word != name).nth(1)
}
