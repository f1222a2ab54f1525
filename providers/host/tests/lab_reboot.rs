use std::sync::Arc;
use std::time::Duration;

use ::lab::Lab;
use provider::simple::Access;
use provider::{Configured, RecoverRequest, RecoverResponse};
use value::{Str, Type, Value};

use super::lab::{bench, by_hand, connection, one_host, running};
use super::support::{Bench, folder, object, text, texts};

fn boot(lab: &Lab) -> String {
    by_hand(lab, "cat /proc/sys/kernel/random/boot_id").trim().to_owned()
}

fn config(lab: &Lab, trigger: &str) -> Value {
    object([
        ("host", connection(lab, "d1")),
        ("triggers", object([("kernel", text(trigger))])),
        ("if_required", Value::bool(true)),
        ("timeout", text("2m")),
    ])
}

/// Has sshd start long after all else.
const SLOW: &str = "printf '[Unit]\\nDefaultDependencies=no\\nBefore=ssh.service\\n[Service]\\nType=oneshot\\nExecStart=/bin/sleep 15\\n' >/etc/systemd/system/slow.service; mkdir -p /etc/systemd/system/ssh.service.d; printf '[Unit]\\nRequires=slow.service\\nAfter=slow.service\\n' >/etc/systemd/system/ssh.service.d/slow.conf; systemctl daemon-reload";

/// Looks until the host lets groma in again.
async fn seen_again(bench: &Bench, running: &Arc<dyn Configured>, state: &Value) -> Value {
    let request = || provider::ReadRequest {
        type_name: "host_reboot".into(),
        current: state.clone(),
        private: Vec::new(),
    };
    for _ in 0..120 {
        let read = Arc::clone(running).read(vec![request()]).await.pop().expect("one was asked for");
        if !read.diagnostics.has_errors() {
            return bench.read(state).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("the host is not back")
}

#[tokio::test]
async fn a_real_host_is_rebooted_when_needed_and_waited_for() {
    let Some(lab) = one_host("host-reboot") else { return };
    let folder = folder();
    let bench = bench(&lab, "host_reboot", folder.path()).await;
    let first = boot(&lab);
    let state = bench.create(config(&lab, "1")).await;
    assert_eq!(
        (state.text("boot_id"), boot(&lab)),
        (Some(first.as_str()), first.clone()),
        "nothing needs it yet"
    );

    // What else is changed on the host waits until it is back, however long that takes.
    by_hand(&lab, SLOW);
    let files = super::lab::bench(&lab, "host_file", folder.path()).await;
    let file =
        object([("host", connection(&lab, "d1")), ("path", text("/srv/meanwhile")), ("content", text("x"))]);
    let later = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let begun = std::time::Instant::now();
        (files.create(file).await, begun.elapsed())
    };
    let wanted = config(&lab, "2");
    let (response, (file, waited)) = tokio::join!(bench.change(&state, &wanted), later);
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    assert!(waited > Duration::from_secs(10), "the file was written after {waited:?}");
    files.delete(&file).await;
    let state = response.state;
    let second = boot(&lab);
    assert_ne!(second, first, "a trigger changed");
    assert_eq!(state.text("boot_id"), Some(second.as_str()));
    assert_eq!(by_hand(&lab, "systemctl is-system-running").trim(), "running", "it has started all");
    assert_eq!(bench.read(&state).await, state);
    let (_, plan) = bench.plan(&state, &wanted).await;
    assert_eq!(plan.planned, state, "nothing is left to do");
    assert_eq!(by_hand(&lab, "ls /var/lib/groma 2>/dev/null || true"), "", "what was ordered is forgotten");

    by_hand(&lab, "touch /run/reboot-required");
    let seen = bench.read(&state).await;
    assert_eq!(seen.flag("reboot_required"), Some(true));
    let state = bench.change(&seen, &wanted).await.state;
    assert_ne!(boot(&lab), second, "the host asked for it");
    assert_eq!(state.flag("reboot_required"), Some(false));
    bench.delete(&state).await;
}

#[tokio::test]
async fn a_reboot_that_was_not_waited_for_is_made_once() {
    let Some(lab) = one_host("host-reboot-once") else { return };
    let folder = folder();
    let running = running(&lab, folder.path(), Vec::new()).await;
    let bench = Bench::running(Arc::clone(&running), "host_reboot");
    let state = bench.create(config(&lab, "1")).await;
    by_hand(&lab, SLOW);
    let first = boot(&lab);

    // It takes too long.
    let hasty = config(&lab, "2").with_attr("timeout", text("3s"));
    let response = bench.change(&state, &hasty).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("was not back within 3 s") && said.contains("Look at its console"), "{said}");
    assert_eq!(response.state.flag("reboot_pending"), Some(true));
    assert_eq!(response.state.attr("triggers"), Some(&state_triggers("2")));
    let state = seen_again(&bench, &running, &response.state).await;
    let second = boot(&lab);
    assert_ne!(second, first);
    assert_eq!((state.flag("reboot_pending"), state.text("boot_id")), (Some(false), Some(second.as_str())));
    let (_, plan) = bench.plan(&state, &hasty).await;
    assert_eq!(plan.planned, state, "nothing is left to do");
    // The same without a refresh: the host knows that it was done.
    let made = bench.change(&response.state, &config(&lab, "2")).await;
    assert!(!made.diagnostics.has_errors(), "{}", texts(&made.diagnostics));
    assert_eq!((made.state.text("boot_id"), boot(&lab)), (Some(second.as_str()), second.clone()));
    assert_eq!(made.state.flag("reboot_pending"), Some(false));

    // groma is killed as it waits.
    let state = made.state;
    let (planned_config, plan) = bench.plan(&state, &config(&lab, "3")).await;
    let killed = tokio::time::timeout(Duration::from_secs(4), bench.apply_plan(&state, plan.planned.clone()));
    assert!(killed.await.is_err(), "it waits for longer");
    let again = super::lab::running(&lab, folder.path(), Vec::new()).await;
    let recover = || RecoverRequest {
        type_name: "host_reboot".into(),
        prior: state.clone(),
        planned: plan.planned.clone(),
        config: planned_config.clone(),
        private: Vec::new(),
        token: "t".into(),
    };
    assert!(matches!(again.recover(recover()).await, RecoverResponse::Failed(_)), "the host is away");
    let after = Bench::running(Arc::clone(&again), "host_reboot");
    seen_again(&after, &again, &state).await;
    let RecoverResponse::Found { state, .. } = again.recover(recover()).await else {
        panic!("the host knows of it");
    };
    let third = boot(&lab);
    assert_ne!(third, second);
    assert_eq!((state.flag("reboot_pending"), state.text("boot_id")), (Some(false), Some(third.as_str())));
    assert_eq!(state.attr("triggers"), Some(&state_triggers("3")));
    let (_, plan) = after.plan(&state, &config(&lab, "3")).await;
    assert_eq!(plan.planned, state, "nothing is left to do");

    // One that was ordered and never happened is made up for; what was ordered for another change is not taken for it.
    let key = crate::paths::key("reboot");
    by_hand(
        &lab,
        &format!(
            "mkdir -p /var/lib/groma/reboot; printf 'boot=%s\\nchange=other\\n' \"$(cat /proc/sys/kernel/random/boot_id)\" >/var/lib/groma/reboot/{key}"
        ),
    );
    let untold = RecoverRequest { planned: state.with_attr("triggers", state_triggers("4")), ..recover() };
    assert!(matches!(again.recover(untold).await, RecoverResponse::NotApplied));
    let seen = after.read(&state).await;
    assert_eq!(seen.flag("reboot_pending"), Some(true));
    let made = after.change(&seen, &config(&lab, "3")).await;
    assert!(!made.diagnostics.has_errors(), "{}", texts(&made.diagnostics));
    let fourth = boot(&lab);
    assert_ne!(fourth, third);
    assert_eq!(made.state.flag("reboot_pending"), Some(false));

    // A creation that was not waited for is tainted and made again, without another reboot.
    let new = config(&lab, "1").with_attr("name", text("new")).with_attr("on_create", Value::bool(true));
    let failed = after.change(&Value::null(Type::Dynamic), &new.with_attr("timeout", text("3s"))).await;
    assert!(texts(&failed.diagnostics).contains("was not back"), "{}", texts(&failed.diagnostics));
    let tainted = seen_again(&after, &again, &failed.state).await;
    let fifth = boot(&lab);
    assert_ne!(fifth, fourth);
    after.delete(&tainted).await;
    let state = after.create(new).await;
    assert_eq!((state.text("boot_id"), boot(&lab)), (Some(fifth.as_str()), fifth.clone()));
}

fn state_triggers(trigger: &str) -> Value {
    Value::map(Type::String, [(Str::from("kernel"), text(trigger))].into_iter().collect())
}
