use provider::simple::Access;
use value::Value;

use super::lab::{bench, by_hand, connection, one_host};
use super::support::{folder, object, text, texts};

#[tokio::test]
async fn a_real_host_is_rebooted_when_needed_and_waited_for() {
    let Some(lab) = one_host("host-reboot") else { return };
    let folder = folder();
    let bench = bench(&lab, "host_reboot", folder.path()).await;
    let boot = || by_hand(&lab, "cat /proc/sys/kernel/random/boot_id").trim().to_owned();
    let config = |trigger: &str| {
        object([
            ("host", connection(&lab, "d1")),
            ("triggers", object([("kernel", text(trigger))])),
            ("if_required", Value::bool(true)),
            ("timeout", text("2m")),
        ])
    };
    let first = boot();
    let state = bench.create(config("1")).await;
    assert_eq!(
        (state.text("boot_id"), boot()),
        (Some(first.as_str()), first.clone()),
        "nothing needs it yet"
    );

    let state = bench.change(&state, &config("2")).await.state;
    let second = boot();
    assert_ne!(second, first, "a trigger changed");
    assert_eq!(state.text("boot_id"), Some(second.as_str()));
    assert_eq!(by_hand(&lab, "systemctl is-system-running").trim(), "running", "it has started all");
    assert_eq!(bench.read(&state).await, state);
    let (_, plan) = bench.plan(&state, &config("2")).await;
    assert_eq!(plan.planned, state, "nothing is left to do");

    by_hand(&lab, "touch /run/reboot-required");
    let seen = bench.read(&state).await;
    assert_eq!(seen.flag("reboot_required"), Some(true));
    let state = bench.change(&seen, &config("2")).await.state;
    assert_ne!(boot(), second, "the host asked for it");
    assert_eq!(state.flag("reboot_required"), Some(false));
    bench.delete(&state).await;

    by_hand(
        &lab,
        "printf '[Unit]\\nDefaultDependencies=no\\nBefore=ssh.service\\n[Service]\\nType=oneshot\\nExecStart=/bin/sleep 20\\n' >/etc/systemd/system/slow.service; mkdir -p /etc/systemd/system/ssh.service.d; printf '[Unit]\\nRequires=slow.service\\nAfter=slow.service\\n' >/etc/systemd/system/ssh.service.d/slow.conf; systemctl daemon-reload",
    );
    let state = bench.create(config("1")).await;
    let slow = config("2").with_attr("timeout", text("3s"));
    let response = bench.change(&state, &slow).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("was not back within 3 s") && said.contains("Look at its console"), "{said}");
}
