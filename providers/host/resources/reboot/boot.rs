//! How a host is booted again: a look, the order, and the wait.
//!
//! The order is recorded on the host before it is given and forgotten once the host is back, so that a run that ends in between
//! is not followed by a second reboot, and an order that was never carried out is.

use std::time::Duration;

use tokio::time::Instant;

use crate::failure::{Failure, Result};
use crate::paths::key;
use crate::patience::spaced;
use crate::resource::Context;
use crate::session::{Fields, Host, HostError, Script};
use crate::transport::TransportError;

/// How long one look at a host that comes up may take.
const LOOK_TIMEOUT: Duration = Duration::from_secs(20);

/// How often a host that is away is asked.
const PAUSE: Duration = Duration::from_millis(500);

/// Prints which boot this is, how far it is, whether another one is asked for, and which one was ordered.
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
if [ -r "/var/lib/groma/reboot/$key" ]; then sed 's/^/ordered_/' "/var/lib/groma/reboot/$key"; fi
"#;

/// What systemd takes on is done after the answer, so that the connection ends well.
const REBOOT: &str = r#"
[ "$(cat /proc/sys/kernel/random/boot_id)" = "$boot_id" ] || exit 0
d=/var/lib/groma/reboot
mkdir -p "$d" && chmod 700 /var/lib/groma "$d" &&
  printf 'boot=%s\nchange=%s\n' "$boot_id" "$change" >"$d/.$key.new" && mv -f "$d/.$key.new" "$d/$key" || exit 1
sync
if [ -d /run/systemd/system ]; then
  systemctl reboot
else
  reboot
fi || {
  g_status=$?
  rm -f "$d/$key"
  exit $g_status
}
"#;

const FORGET: &str = r#"
rm -f "/var/lib/groma/reboot/$key"
rmdir /var/lib/groma/reboot /var/lib/groma 2>/dev/null
:
"#;

/// A reboot that was ordered and is not known to have been waited for.
pub(super) struct Order {
    /// The boot that it was to end.
    pub boot: String,
    /// What it was ordered for.
    pub change: String,
}

/// Looks at the boot, and at what was ordered under a name.
pub(super) fn look(name: &str, asks: bool) -> Script {
    Script::read(LOOK).var("key", key(name)).var("ask", if asks { "1" } else { "" })
}

pub(super) fn ordered(seen: &Fields) -> Option<Order> {
    let (boot, change) = (seen.text("ordered_boot")?, seen.text("ordered_change")?);
    Some(Order { boot: boot.to_owned(), change: change.to_owned() })
}

/// Asks for the reboot. That the connection ends is what was asked for.
pub(super) async fn begin(host: &Host, name: &str, order: &Order) -> Result<()> {
    let script = Script::change(REBOOT).var("key", key(name)).var("boot_id", &order.boot);
    match host.run(script.var("change", &order.change).timeout(LOOK_TIMEOUT)).await {
        Ok(output) if !output.is_ok() => return Err(Failure::script(host, "reboot", &output)),
        Ok(_) => {}
        Err(HostError::Transport(error)) if error.is_transient() => {}
        Err(error) => return Err(error.into()),
    }
    host.disconnect().await;
    Ok(())
}

/// Forgets what was ordered under a name.
pub(super) async fn forget(host: &Host, name: &str) -> Result<()> {
    let script = Script::change(FORGET).var("key", key(name));
    host.must(script, "forget the reboot that was ordered").await.map(|_| ())
}

/// Waits for another boot that has started all it starts.
pub(super) async fn back(
    context: &Context,
    host: &Host,
    (name, boot): (&str, &str),
    timeout: Duration,
) -> Result<Fields> {
    let begun = Instant::now();
    let mut refusals = 0;
    loop {
        let mut pause = PAUSE;
        let look = host.run(look(name, true).timeout(LOOK_TIMEOUT));
        let waited = match tokio::time::timeout(LOOK_TIMEOUT, look).await {
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
            Ok(Err(error)) if is_passing(&error) => {
                if error.is_refusal() {
                    // It may know us later, and must not bar us before.
                    host.forget_refusal().await;
                    pause = spaced(refusals);
                    refusals += 1;
                }
                error.to_string().trim_end_matches('.').to_owned()
            }
            Ok(Err(error)) => return Err(error.into()),
        };
        if begun.elapsed() >= timeout {
            let detail = format!(
                "{} was rebooted and was not back within {} s: {waited}. Look at its console; once it is back, apply again, which \
                 does not reboot it again. If it only takes longer, set a higher timeout.",
                host.name(),
                timeout.as_secs()
            );
            return Err(Failure::new("Host is not back", detail));
        }
        // A connection of the old boot may hang for long.
        host.disconnect().await;
        if !context.pause(pause).await {
            let detail = format!(
                "{} is being rebooted; groma was asked to stop and does not wait for it. Apply again once it is back, which does \
                 not reboot it again.",
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
                || error.is_refusal()
                || matches!(error, TransportError::Refused { .. } | TransportError::Protocol { .. })
        }
        HostError::OtherMachine { .. } | HostError::Lost { .. } => false,
    }
}
