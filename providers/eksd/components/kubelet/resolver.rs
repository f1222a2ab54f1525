//! The file with the host's name services, as pods can use them.

use provider::simple::{Access, Plan};
use provider_host::kit::{Host, Result, Script};
use value::{Type, Value};

use crate::unit::is_folder;

/// The attribute that says whether the host asks a stub.
pub(super) const STUB: &str = "stub_resolver";

/// Says whether `/etc/resolv.conf` names systemd-resolved's stub: a pod with that file would ask itself, and the cluster's DNS ends where it
/// finds that it does.
pub(super) const LOOK: &str = r"if [ -e /run/systemd/resolve/resolv.conf ] &&
  grep -q '^[[:space:]]*nameserver[[:space:]][[:space:]]*127\.0\.0\.53' /etc/resolv.conf 2>/dev/null; then echo stub; fi
:";

/// Whether [`LOOK`] said so.
pub(super) fn is_stub(said: &str) -> bool {
    said.lines().any(|line| line == "stub")
}

/// Plans the file by what was seen of the host; a host that nobody has looked at yet is looked at by the change.
pub(super) fn plan(plan: &mut Plan) {
    let stub = plan.prior.flag(STUB).filter(|_| !plan.is_creation());
    match stub {
        Some(stub) => plan.set(STUB, Value::bool(stub)),
        None => plan.set_unknown(STUB),
    }
    if plan.is_unset(FILE) {
        match stub {
            Some(stub) => plan.set(FILE, file(stub)),
            None => plan.set_unknown(FILE),
        }
    }
}

/// The object with what the plan left to be found out.
pub(super) async fn filled(host: &Host, planned: &Value) -> Result<Value> {
    let unknown = |name: &str| planned.attr(name).is_some_and(|value| !value.is_known());
    if !(unknown(FILE) || unknown(STUB)) {
        return Ok(planned.clone());
    }
    let stub = !is_folder(host)
        && is_stub(&host.must(Script::read(LOOK), "look at the host's name services").await?.text());
    let mut filled = planned.with_attr(STUB, Value::bool(stub));
    if unknown(FILE) {
        filled = filled.with_attr(FILE, file(stub));
    }
    Ok(filled)
}

/// What kubeadm sets, too.
fn file(stub: bool) -> Value {
    if stub { Value::string("/run/systemd/resolve/resolv.conf") } else { Value::null(Type::String) }
}

const FILE: &str = "resolv_conf";
