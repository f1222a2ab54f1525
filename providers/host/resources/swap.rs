use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::connection::Way;
use crate::failure::Result;
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Fields, Host, Script};

/// `host_swap`: swap that is off and stays off.
pub(crate) struct Swap;

/// Whatever makes swap at a boot, with the lines of its script's answer that say so.
const LISTS: [(&str, &str); 3] = [("active", "active"), ("fstab", "fstab"), ("units", "unit")];

/// What is swapped out is read back from a disk, however slow.
const SLOW: Duration = Duration::from_mins(30);

#[async_trait]
impl Resource for Swap {
    fn type_name(&self) -> &'static str {
        "host_swap"
    }

    fn schema(&self) -> Schema {
        let list = |description: &str| Attribute::computed(Type::list(Type::String)).described(description);
        let block = Block::default()
            .described(
                "Swap of a host, off and kept off: as Kubernetes and databases want it. What is swapped to is switched off now; lines \
                 of `/etc/fstab` become comments, and what systemd has to switch swap on at boot (units of type swap, those of \
                 partitions that it finds by itself, and services and the generator of swap in compressed memory) is masked. A host \
                 has one of it. When the resource is destroyed, all of it comes back, and what was swapped to then is again. Lines \
                 with `noauto` stay: nothing switches them on.",
            )
            .with("enabled", Attribute::required(Type::Bool).described("Whether there is swap: `false`. To let a host swap again, remove the resource."))
            .with("active", list("What is swapped to now, as `/proc/swaps` says: empty, unless somebody switched it on."))
            .with("fstab", list("The lines of `/etc/fstab` that switch swap on at boot: empty, unless somebody added one."))
            .with("units", list("What systemd has that makes or switches on swap at boot, and is not masked: empty, unless somebody installed or unmasked it."));
        Schema::new(0, block)
    }

    /// There is one on each host.
    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        if config.flag("enabled") != Some(true) {
            return Diagnostics::new();
        }
        let detail = "host_swap keeps swap off, and makes none: enabled can only be false. Remove the resource to let the host swap as \
                      before; to give it a swap file, make one by host_command, and a host_service of type swap for it.";
        attribute_error(&Path::from_attr("enabled"), "Swap cannot be switched on", detail).into()
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        for (name, _) in LISTS {
            plan.set(name, Value::list(Type::String, Vec::new()));
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let script = Script::read(&with_lib(include_str!("swap/look.sh")));
        let fields = host.must(script, "look at the host's swap").await?.fields();
        Ok(seen(current, &fields, matches!(host.connection().way, Way::Root(_))))
    }

    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        match is_recorded(host, "swap", "host").await? {
            true => self.read(host, planned).await,
            false => Ok(Value::null(planned.ty())),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let script = Script::change(&with_lib(include_str!("swap/off.sh"))).timeout(SLOW);
        host.must(script, "switch swap off").await?;
        self.read(host, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, _prior: &Value) -> Result<()> {
        let script = Script::change(&with_lib(include_str!("swap/back.sh")));
        host.must(script, "give the host its swap back").await.map(|_| ())
    }
}

fn with_lib(script: &str) -> String {
    format!("{}{script}", include_str!("swap/lib.sh"))
}

/// The swap as it is. It is gone where nothing was recorded and there is nothing that could be about swap.
fn seen(current: &Value, fields: &Fields, folder: bool) -> Value {
    let imported = current.is_unset("enabled");
    if !imported && ["found", "kernel", "file"].into_iter().all(|name| fields.get(name).is_none()) {
        return Value::null(current.ty());
    }
    let read = LISTS.into_iter().fold(current.clone(), |object, (name, line)| {
        let texts = fields.all(line).map(Value::string_nfc).collect();
        // A folder that stands for a host does not run: nothing is swapped to.
        let texts = if folder && name == "active" { Vec::new() } else { texts };
        object.with_attr(name, Value::list(Type::String, texts))
    });
    let any = LISTS.into_iter().any(|(name, _)| !read.elements(name).is_empty());
    if imported { read.with_attr("enabled", Value::bool(any)) } else { read }
}
