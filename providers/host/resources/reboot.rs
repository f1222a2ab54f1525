use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use tokio::time::Instant;
use value::{Path, Type, Value};

use crate::block::duration;
use crate::connection::Way;
use crate::failure::{Failure, Result};
use crate::resource::{Context, Resource};
use crate::session::{Fields, Host, HostError, Script};
use crate::transport::TransportError;

/// `host_reboot`: boots a host again when that is needed, and waits for it.
pub(crate) struct Reboot;

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// How long one look at a host that comes up may take.
const LOOK_TIMEOUT: Duration = Duration::from_secs(20);

/// Prints which boot this is, how far it is, and whether another one is asked for.
const LOOK: &str = r#"
[ -z "$R" ] || exit 0
printf 'boot_id=%s\n' "$(cat /proc/sys/kernel/random/boot_id)"
if [ -d /run/systemd/system ]; then printf 'system=%s\n' "$(systemctl is-system-running 2>/dev/null)"; fi
required=
[ ! -e /run/reboot-required ] && [ ! -e /var/run/reboot-required ] || required=1
if [ -z "$required" ] && [ -n "$ask" ]; then
  # Red Hat and SUSE have programs that tell: status 1 (dnf) or 102 (zypper) is yes.
  if command -v needs-restarting >/dev/null; then
    needs-restarting -r >/dev/null 2>&1
    [ $? != 1 ] || required=1
  elif command -v zypper >/dev/null; then
    zypper --non-interactive --quiet needs-rebooting >/dev/null 2>&1
    [ $? != 102 ] || required=1
  fi
fi
printf 'required=%s\n' "$required"
"#;

/// What systemd takes on is done after the answer, so that the connection ends well.
const REBOOT: &str = r#"
[ "$(cat /proc/sys/kernel/random/boot_id)" = "$boot_id" ] || exit 0
sync
if [ -d /run/systemd/system ]; then
  systemctl reboot
else
  reboot
fi
"#;

#[async_trait]
impl Resource for Reboot {
    fn type_name(&self) -> &'static str {
        "host_reboot"
    }

    fn schema(&self) -> Schema {
        let flag = |description: &str| Attribute::optional(Type::Bool).described(description);
        let block = Block::default()
            .described(
                "Reboots a host when that is needed, and waits until it is back: another boot, SSH lets groma in, and systemd \
                 has started what it starts. Resources that need the reboot name it in `depends_on`, and it names those \
                 that must be there before. Destroying it does nothing. Under `root:FOLDER` there is nothing to reboot.",
            )
            .with("name", Attribute::optional_computed(Type::String).described("Tells several of one host apart; `reboot` if not set."))
            .with("triggers", Attribute::optional(Type::map(Type::String)).described("Values whose change reboots the host, such as `{ kernel = host_package.kernel.version }`. Setting them for the first time does not."))
            .with("if_required", flag("Whether the host is rebooted, at creation and later, whenever it says that it needs it: `/run/reboot-required` on Debian, `needs-restarting -r` with dnf, `zypper needs-rebooting`. `false` if not set."))
            .with("on_create", flag("Whether creating the resource reboots the host in any case; `false` if not set."))
            .with("timeout", Attribute::optional(Type::String).described("How long the host may take to be back, such as \"10m\" (the default)."))
            .with("reboot_required", Attribute::computed(Type::Bool).described("Whether the host says that it needs a reboot."))
            .with("boot_id", Attribute::computed(Type::String).described("What the kernel calls the present boot."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("name", Value::string("reboot"))]
    }

    fn state_only(&self) -> bool {
        true
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if let Some(text) = config.text("timeout").filter(|text| duration(text).is_none()) {
            let detail = format!("{text:?} is no duration such as \"30s\" or \"5m\".");
            diagnostics.push(attribute_error(&Path::from_attr("timeout"), "Invalid reboot", detail));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if plan.is_creation() {
            return;
        }
        let wanted = plan.planned.flag("if_required") == Some(true);
        let required = wanted && plan.prior.flag("reboot_required") == Some(true);
        if required {
            plan.set("reboot_required", Value::bool(false));
        }
        if required || triggered(&plan.prior, &plan.planned) {
            plan.set_unknown("boot_id");
            plan.set_unknown("reboot_required");
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let current = match current.is_unset("name") {
            true => current.with_attr("name", Value::string("reboot")),
            false => current.clone(),
        };
        let seen =
            host.must(look(current.flag("if_required") == Some(true)), "look at the boot").await?.fields();
        Ok(seen_as(&current, &seen))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let reason =
            if planned.flag("on_create") == Some(true) { Reason::Always } else { Reason::IfRequired };
        make(context, host, planned, reason).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let reason = if triggered(prior, planned) { Reason::Always } else { Reason::IfRequired };
        make(context, host, planned, reason).await
    }

    async fn delete(&self, _context: &Context, _host: &Host, _prior: &Value) -> Result<()> {
        Ok(())
    }
}

/// When a change reboots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Always,
    /// If the host says so, and the resource asks for it.
    IfRequired,
}

/// Whether a trigger changed: not when triggers are set for the first time, as nothing is known to have changed then.
fn triggered(prior: &Value, planned: &Value) -> bool {
    let set = !prior.is_unset("triggers") && !planned.is_unset("triggers");
    set && prior.attr("triggers") != planned.attr("triggers")
}

fn look(asks: bool) -> Script {
    Script::read(LOOK).var("ask", if asks { "1" } else { "" })
}

fn seen_as(object: &Value, seen: &Fields) -> Value {
    let boot = seen.text("boot_id").map_or(Value::null(Type::String), Value::string);
    object
        .with_attr("boot_id", boot)
        .with_attr("reboot_required", Value::bool(seen.text("required").is_some()))
}

/// Refuses to reboot the machine that groma runs on.
fn check_way(way: &Way) -> Result<()> {
    if !matches!(way, Way::Ssh(_)) {
        let detail =
            "The machine that groma runs on would take groma with it: reboot it yourself, and apply again.";
        return Err(Failure::new("Cannot reboot this machine", detail).untouched());
    }
    Ok(())
}

async fn make(context: &Context, host: &Host, planned: &Value, reason: Reason) -> Result<Value> {
    let asks = planned.flag("if_required") == Some(true);
    let seen = host.must(look(asks), "look at the boot").await?.fields();
    let required = asks && seen.text("required").is_some();
    let running = !matches!(host.connection().way, Way::Root(_));
    if !running || (reason == Reason::IfRequired && !required) {
        return Ok(seen_as(planned, &seen));
    }
    check_way(&host.connection().way)?;
    let timeout = planned.text("timeout").and_then(duration).unwrap_or(DEFAULT_TIMEOUT);
    let boot = seen.text("boot_id").unwrap_or_default();
    let _alone = host.trial().await;
    begin(host, boot).await?;
    let seen = back(context, host, boot, timeout).await?;
    Ok(seen_as(planned, &seen))
}

/// Asks for the reboot. That the connection ends is what was asked for.
async fn begin(host: &Host, boot: &str) -> Result<()> {
    let script = Script::change(REBOOT).var("boot_id", boot).timeout(LOOK_TIMEOUT);
    match host.run(script).await {
        Ok(output) if !output.is_ok() => return Err(Failure::script(host, "reboot", &output)),
        Ok(_) => {}
        Err(HostError::Transport(error)) if error.is_transient() => {}
        Err(error) => return Err(error.into()),
    }
    host.disconnect().await;
    Ok(())
}

/// Waits for another boot that has started all it starts.
async fn back(context: &Context, host: &Host, boot: &str, timeout: Duration) -> Result<Fields> {
    let begun = Instant::now();
    loop {
        let waited =
            match tokio::time::timeout(LOOK_TIMEOUT, host.run(look(true).timeout(LOOK_TIMEOUT))).await {
                Err(_) => "it does not answer".to_owned(),
                Ok(Ok(output)) => {
                    let seen = output.fields();
                    match (seen.text("boot_id"), seen.text("system")) {
                        (Some(now), _) if now == boot => "it has not shut down yet".into(),
                        (Some(_), Some("starting" | "initializing")) => {
                            "systemd is still starting services".into()
                        }
                        (Some(_), _) => return Ok(seen),
                        (None, _) => output.errors(),
                    }
                }
                Ok(Err(error)) if is_passing(&error) => error.to_string().trim_end_matches('.').to_owned(),
                Ok(Err(error)) => return Err(error.into()),
            };
        if begun.elapsed() >= timeout {
            let detail = format!(
                "{} was rebooted and was not back within {} s: {waited}. Look at its console; if it only takes longer, set a \
                 higher timeout.",
                host.name(),
                timeout.as_secs()
            );
            return Err(Failure::new("Host is not back", detail));
        }
        // A connection of the old boot may hang for long.
        host.disconnect().await;
        if !context.pause(Duration::from_millis(500)).await {
            let detail = format!(
                "{} is being rebooted; groma was asked to stop and does not wait for it.",
                host.name()
            );
            return Err(Failure::new("Host is not back", detail));
        }
    }
}

/// Whether an error may pass as a host boots: logins are refused until it has come far enough.
fn is_passing(error: &HostError) -> bool {
    match error {
        HostError::Transport(error) => {
            error.is_transient()
                || matches!(
                    error,
                    TransportError::LoginRefused { .. }
                        | TransportError::Refused { .. }
                        | TransportError::Protocol { .. }
                        | TransportError::Become(_)
                )
        }
        HostError::OtherMachine { .. } | HostError::Lost { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Way, check_way};
    use crate::connection::Target;

    #[test]
    fn the_machine_that_groma_runs_on_is_not_rebooted() {
        assert!(check_way(&Way::Ssh(Target::default())).is_ok());
        assert!(check_way(&Way::Local).is_err());
        assert!(check_way(&Way::Root("h".into())).is_err());
    }
}
