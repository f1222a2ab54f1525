mod ruleset;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::connection::Way;
use crate::failure::Result;
use crate::guard::{self, Change};
use crate::resource::{Context, Resource};
use crate::session::{Fields, Host};

/// `host_firewall`: a table of nftables.
pub(crate) struct Firewall;

const SCRIPT: &str = include_str!("firewall/firewall.sh");

const LOOK: &str = include_str!("firewall/look.sh");

#[async_trait]
impl Resource for Firewall {
    fn type_name(&self) -> &'static str {
        "host_firewall"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A table of nftables (family `inet`) of its own: other tables, such as those of container runtimes, are left \
                 alone. It is loaded in one transaction, so that there is never half of it. If groma cannot connect anew \
                 after a change, the host goes back by itself to what it had. A rule added or removed by hand shows as a \
                 change of `ruleset`. Destroying it brings back the table that was there before, if there was one.",
            )
            .with("name", Attribute::required(Type::String).described("The table's name: letters, digits and `_`."))
            .with(
                "ruleset",
                Attribute::required(Type::String).described(
                    "What the table holds, in the language of nft: chains with their rules, sets, maps, without `table ... {` \
                     around. `nft -c` checks it before anything is changed. Remember to accept SSH.",
                ),
            )
            .with(
                "persistent",
                Attribute::optional_computed(Type::Bool).described(
                    "Whether the host loads the table when it boots, by a unit of systemd of its own, before its network is \
                     up; true by default.",
                ),
            );
        Schema::new(0, guard::with_attribute(block))
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("persistent", Value::bool(true)), guard::default()]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = guard::validate(config);
        let fits = |name: &str| {
            name.len() <= 64
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if let Some(name) = config.text("name").filter(|name| !fits(name)) {
            let detail = format!(
                "{name:?} is no name of a table: a letter, then letters, digits and \"_\", at most 64."
            );
            diagnostics.push(attribute_error(&Path::from_attr("name"), "Invalid name", detail));
        }
        if let Some(problem) = config.text("ruleset").and_then(ruleset::problem) {
            let detail = format!("The ruleset {problem}.");
            diagnostics.push(attribute_error(&Path::from_attr("ruleset"), "Invalid ruleset", detail));
        }
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let _untried = host.untried().await;
        let name = current.text("name").unwrap_or_default();
        let script = guard::look(&format!("{SCRIPT}\n{LOOK}")).var("name", name).var("unit_text", unit(name));
        let fields = host.must(script, &format!("look at the firewall table {name}")).await?.fields();
        let on_folder = matches!(host.connection().way, Way::Root(_));
        let Some(body) = seen(current, &fields, on_folder) else { return Ok(Value::null(current.ty())) };
        let kept = fields.get("kept") == Some("true") && fields.get("file").is_some();
        let object =
            current.with_attr("ruleset", Value::string_nfc(&body)).with_attr("persistent", Value::bool(kept));
        Ok(guard::filled(&object))
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        guard::make(host, &change(planned, planned.text("ruleset"))).await?;
        Ok(planned.clone())
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        if guard::is_idle(prior, planned, &["ruleset", "persistent"]) {
            return Ok(planned.clone());
        }
        self.create(context, host, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        guard::make(host, &change(prior, None)).await
    }
}

/// What the table holds, in the words of `current` where it means the same; none if there is no table.
fn seen(current: &Value, fields: &Fields, on_folder: bool) -> Option<String> {
    let part = |name| {
        let bytes = STANDARD.decode(fields.get(name)?).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let name = current.text("name").unwrap_or_default();
    let (file, kernel, listed) = (part("file"), part("kernel"), part("listed"));
    let known = current.text("ruleset");
    let filed = || match (known, &file) {
        (Some(known), Some(file)) if *file == ruleset::file(name, known) => Some(known.to_owned()),
        (_, Some(file)) => Some(ruleset::body_of_file(name, file)),
        (_, None) => None,
    };
    if on_folder {
        return filed();
    }
    let kernel = kernel?;
    if listed.is_none_or(|listed| ruleset::lasting(&listed) != ruleset::lasting(&kernel)) {
        return Some(ruleset::body_of_listing(&kernel));
    }
    // A table that is not kept over a boot has no file.
    filed().or(known.map(str::to_owned)).or_else(|| Some(ruleset::body_of_listing(&kernel)))
}

/// Gives the table this body, or removes it.
fn change(object: &Value, body: Option<&str>) -> Change {
    let name = object.text("name").unwrap_or_default();
    let persistent = body.is_some() && object.flag("persistent").unwrap_or(true);
    let doing = if body.is_some() { "load" } else { "remove" };
    Change {
        doing: format!("{doing} the firewall table {name}"),
        script: SCRIPT.to_owned(),
        variables: vec![
            ("name", name.to_owned()),
            ("text", body.map(|body| ruleset::file(name, body)).unwrap_or_default()),
            ("unit_text", if persistent { unit(name) } else { String::new() }),
        ],
        tried: body.map(|body| format!("table inet {name} {{\n{}\n}}", body.trim_end())).unwrap_or_default(),
        timeout: guard::timeout(object),
        elsewhere: Vec::new(),
    }
}

/// What loads the table at boot: after the distribution's own firewall, which removes all tables, and again whenever
/// that is restarted or reloaded.
fn unit(name: &str) -> String {
    format!(
        "# Kept by groma: host_firewall {name}\n\
         [Unit]\n\
         Description=Firewall table {name}\n\
         DefaultDependencies=no\n\
         ConditionPathExists=/etc/groma/nftables/{name}.nft\n\
         After=local-fs.target nftables.service groma-rollback.service\n\
         PartOf=nftables.service\n\
         ReloadPropagatedFrom=nftables.service\n\
         Before=network-pre.target shutdown.target\n\
         Wants=network-pre.target\n\
         Conflicts=shutdown.target\n\n\
         [Service]\n\
         Type=oneshot\n\
         RemainAfterExit=yes\n\
         ExecStart=/bin/sh -c 'exec nft -f /etc/groma/nftables/{name}.nft'\n\
         ExecReload=/bin/sh -c 'exec nft -f /etc/groma/nftables/{name}.nft'\n\n\
         [Install]\n\
         WantedBy=sysinit.target\n"
    )
}
