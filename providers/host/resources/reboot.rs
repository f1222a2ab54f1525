mod boot;

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use self::boot::Order;
use crate::block::duration;
use crate::connection::Way;
use crate::failure::{Failure, Result};
use crate::paths::key;
use crate::resource::{Context, Resource};
use crate::session::{Fields, Host};

/// `host_reboot`: boots a host again when that is needed, and waits for it.
pub(crate) struct Reboot;

const DEFAULT_NAME: &str = "reboot";
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

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
                 has started what it starts. Other changes on the host wait meanwhile. Resources that need the reboot name it in \
                 `depends_on`, and it names those that must be there before. Destroying it does nothing. Under `root:FOLDER` there is nothing to reboot.",
            )
            .with("name", Attribute::optional_computed(Type::String).described("Tells several of one host apart; `reboot` if not set."))
            .with("triggers", Attribute::optional(Type::map(Type::String)).described("Values whose change reboots the host, such as `{ kernel = host_package.kernel.version }`. Setting them for the first time does not."))
            .with("if_required", flag("Whether the host is rebooted, at creation and later, whenever it says that it needs it: `/run/reboot-required` on Debian, `needs-restarting -r` with dnf, `zypper needs-rebooting`. `false` if not set."))
            .with("on_create", flag("Whether creating the resource reboots the host in any case; `false` if not set."))
            .with("timeout", Attribute::optional(Type::String).described("How long the host may take to be back, such as \"10m\" (the default)."))
            .with("reboot_required", Attribute::computed(Type::Bool).described("Whether the host says that it needs a reboot."))
            .with("reboot_pending", Attribute::computed(Type::Bool).described("Whether a reboot was ordered that has not happened yet: the next apply sees to it."))
            .with("boot_id", Attribute::computed(Type::String).described("What the kernel calls the present boot."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("name", Value::string(DEFAULT_NAME))]
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

    fn shares_host(&self) -> bool {
        false
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if plan.is_creation() {
            return;
        }
        let wanted = plan.planned.flag("if_required") == Some(true);
        let required = wanted && plan.prior.flag("reboot_required") == Some(true);
        let pending = is_pending(&plan.prior);
        if required {
            plan.set("reboot_required", Value::bool(false));
        }
        if pending {
            plan.set("reboot_pending", Value::bool(false));
        }
        if required || pending || triggered(&plan.prior, &plan.planned) {
            plan.set_unknown("boot_id");
            plan.set_unknown("reboot_required");
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let current = match current.is_unset("name") {
            true => current.with_attr("name", Value::string(DEFAULT_NAME)),
            false => current.clone(),
        };
        let seen = look_at(host, &current).await?;
        let boot = seen.text("boot_id");
        let recorded = boot::ordered(&seen).is_some_and(|order| Some(order.boot.as_str()) == boot);
        let pending = recorded || (is_pending(&current) && current.text("boot_id") == boot);
        Ok(seen_as(&current, &seen).with_attr("reboot_pending", Value::bool(pending)))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        make(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        make(context, host, prior, planned).await
    }

    async fn delete(&self, _context: &Context, _host: &Host, _prior: &Value) -> Result<()> {
        Ok(())
    }

    /// The host knows what was ordered, and its boot tells whether that was done.
    async fn recall(&self, host: &Host, prior: &Value, planned: &Value) -> Result<Option<Value>> {
        let seen = look_at(host, planned).await?;
        Ok(order_of(prior, planned, &seen).map(|order| {
            let pending = Some(order.boot.as_str()) == seen.text("boot_id");
            seen_as(planned, &seen).with_attr("reboot_pending", Value::bool(pending))
        }))
    }
}

/// Whether a reboot was ordered that did not happen.
fn is_pending(object: &Value) -> bool {
    !object.is_null() && object.flag("reboot_pending") == Some(true)
}

/// Whether a trigger changed: not when triggers are set for the first time, as nothing is known to have changed then.
fn triggered(prior: &Value, planned: &Value) -> bool {
    let set = !prior.is_unset("triggers") && !planned.is_unset("triggers");
    set && prior.attr("triggers") != planned.attr("triggers")
}

/// What is recorded of what a reboot is ordered for: the same change asks for no second one.
fn change_of(prior: &Value, planned: &Value) -> String {
    let text = |value: &Value| value.as_str().map(ToString::to_string);
    let triggers = |object: &Value| {
        let entries = object.attr("triggers").and_then(Value::entries)?;
        Some(entries.iter().map(|(name, value)| (name.to_string(), text(value))).collect::<Vec<_>>())
    };
    let prior = (!prior.is_null()).then(|| triggers(prior));
    key(&format!("{:?}", (prior, triggers(planned))))
}

/// The order that was given for this change by an earlier attempt.
fn order_of(prior: &Value, planned: &Value, seen: &Fields) -> Option<Order> {
    boot::ordered(seen).filter(|order| is_pending(prior) || order.change == change_of(prior, planned))
}

async fn look_at(host: &Host, object: &Value) -> Result<Fields> {
    let asks = object.flag("if_required") == Some(true);
    Ok(host.must(boot::look(name_of(object), asks), "look at the boot").await?.fields())
}

fn name_of(object: &Value) -> &str {
    object.text("name").unwrap_or(DEFAULT_NAME)
}

fn seen_as(object: &Value, seen: &Fields) -> Value {
    let boot = seen.text("boot_id").map_or(Value::null(Type::String), Value::string);
    object
        .with_attr("boot_id", boot)
        .with_attr("reboot_required", Value::bool(seen.text("required").is_some()))
}

/// The object after a change: what the plan knew stays, as the next refresh tells what came otherwise.
fn made_as(planned: &Value, seen: &Fields) -> Value {
    let made = seen_as(planned, seen).with_attr("reboot_pending", Value::bool(false));
    let known = |name: &&str| planned.attr(name).is_some_and(Value::is_known);
    ["boot_id", "reboot_required", "reboot_pending"].iter().filter(|name| known(name)).fold(
        made,
        |made, name| {
            let value = planned.attr(name).cloned();
            value.map_or(made.clone(), |value| made.with_attr(name, value))
        },
    )
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

async fn make(context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
    let pass = context.unless_stopped(host.enter()).await.ok_or_else(|| host.not_begun())?;
    let seen = look_at(host, planned).await?;
    if matches!(host.connection().way, Way::Root(_)) {
        return Ok(made_as(planned, &seen));
    }
    let (name, now) = (name_of(planned), seen.text("boot_id").unwrap_or_default());
    let timeout = planned.text("timeout").and_then(duration).unwrap_or(DEFAULT_TIMEOUT);
    let order = order_of(prior, planned, &seen);
    let ended = order.as_ref().map(|order| order.boot.as_str());
    let ended = ended.or_else(|| prior.text("boot_id").filter(|_| is_pending(prior)));
    if let Some(ended) = ended.filter(|ended| *ended != now) {
        // An earlier attempt had it done.
        let seen = boot::back(context, host, (name, ended), timeout).await?;
        boot::forget(host, name).await?;
        return Ok(made_as(planned, &seen));
    }
    if !is_due(prior, planned, &seen) {
        if boot::ordered(&seen).is_some() {
            boot::forget(host, name).await?;
        }
        return Ok(made_as(planned, &seen));
    }
    check_way(&host.connection().way)?;
    drop(pass);
    let _alone = context.unless_stopped(host.alone()).await.ok_or_else(|| host.not_begun())?;
    let order = Order { boot: now.to_owned(), change: change_of(prior, planned) };
    boot::begin(host, name, &order).await?;
    let waited = async {
        let seen = boot::back(context, host, (name, now), timeout).await?;
        boot::forget(host, name).await?;
        Ok(seen)
    };
    match waited.await {
        Ok(seen) => Ok(made_as(planned, &seen)),
        Err(failure) => {
            let left = seen_as(planned, &seen).with_attr("reboot_pending", Value::bool(true));
            Err(Failure::leaving(failure, left))
        }
    }
}

/// Whether a change reboots: always, or if the host says that it needs it and the plan said so, too.
fn is_due(prior: &Value, planned: &Value, seen: &Fields) -> bool {
    let always = match prior.is_null() {
        true => planned.flag("on_create") == Some(true),
        false => triggered(prior, planned) || is_pending(prior),
    };
    let asks = planned.flag("if_required") == Some(true) && seen.text("required").is_some();
    always || (asks && planned.attr("boot_id").is_some_and(|boot| !boot.is_known()))
}

#[cfg(test)]
mod tests {
    use value::{Str, Type, Value};

    use super::{Way, change_of, check_way};
    use crate::connection::Target;

    #[test]
    fn a_change_is_told_from_others_by_what_triggers_it() {
        let of = |trigger: Option<&str>| {
            let triggers = trigger.map_or(Value::null(Type::map(Type::String)), |trigger| {
                Value::map(
                    Type::String,
                    [(Str::from("kernel"), Value::string(trigger))].into_iter().collect(),
                )
            });
            Value::object_of([("triggers", triggers)])
        };
        let null = Value::null(of(None).ty());
        let changes = [
            (null.clone(), of(None)),
            (null, of(Some("1"))),
            (of(None), of(Some("1"))),
            (of(Some("1")), of(Some("2"))),
            (of(Some("2")), of(Some("1"))),
            (of(Some("1")), of(None)),
        ];
        let names: std::collections::BTreeSet<String> =
            changes.iter().map(|(prior, planned)| change_of(prior, planned)).collect();
        assert_eq!(names.len(), changes.len());
        assert_eq!(change_of(&of(Some("1")), &of(Some("2"))), change_of(&of(Some("1")), &of(Some("2"))));
    }

    #[test]
    fn the_machine_that_groma_runs_on_is_not_rebooted() {
        assert!(check_way(&Way::Ssh(Target::default())).is_ok());
        assert!(check_way(&Way::Local).is_err());
        assert!(check_way(&Way::Root("h".into())).is_err());
    }
}
