//! Only settings that each network namespace has for itself: all others are those of the machine that runs the tests.

use provider::simple::Access;
use value::Value;

use super::lab::{
    assert_as_before, bench, by_hand, connection, differing, each_shows_and_is_repaired, one_host, snapshot,
};
use super::support::{folder, object, text, texts};

#[tokio::test]
async fn settings_of_the_kernel_on_a_real_host() {
    let Some(lab) = one_host("host-sysctl") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_sysctl", folder.path()).await;
    let setting = |name: &str, value: &str| {
        object([("host", connection(&lab, "d1")), ("name", text(name)), ("value", text(value))])
    };
    let config = setting("net.core.somaxconn", "1234");
    let state = bench.create(config.clone()).await;
    assert_eq!(by_hand(&lab, "sysctl -n net.core.somaxconn"), "1234\n");
    assert_eq!(bench.read(&state).await, state);
    let rows = [
        ("value", "sysctl -q -w net.core.somaxconn=4000", "the running kernel"),
        (
            "boot_value",
            "echo net.core.somaxconn=77 >/etc/sysctl.d/zz-groma-net.core.somaxconn.conf",
            "the file",
        ),
        ("boot_value", "rm /etc/sysctl.d/zz-groma-net.core.somaxconn.conf", "no file"),
    ];
    each_shows_and_is_repaired(&lab, &bench, (&state, &config), &rows).await;
    by_hand(&lab, "sysctl -q -w net.core.somaxconn=1; systemctl restart systemd-sysctl");
    assert_eq!(bench.read(&state).await, state, "the file does at boot what was asked for");

    let ports = bench.create(setting("net.ipv4.ip_local_port_range", "20000 60000")).await;
    assert_eq!(by_hand(&lab, "cat /proc/sys/net/ipv4/ip_local_port_range"), "20000\t60000\n");
    assert_eq!(bench.read(&ports).await, ports, "tabs are as good as blanks");

    let nothing = Value::null(value::Type::Dynamic);
    let said = texts(&bench.change(&nothing, &setting("net.core.no_such", "1")).await.diagnostics);
    assert!(said.contains("has no such setting"), "{said}");
    let response = bench.change(&nothing, &setting("net.ipv4.ip_forward", "many")).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("the kernel refused the value") && said.contains("ignore_running"), "{said}");
    bench.delete(&response.state).await;
    bench.delete(&ports).await;
    bench.delete(&state).await;
    assert_eq!(by_hand(&lab, "cat /proc/sys/net/ipv4/ip_local_port_range"), "32768\t60999\n");
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn modules_that_are_built_in_count_as_loaded() {
    let Some(lab) = one_host("host-module") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_kernel_module", folder.path()).await;
    let module = |name: &str| object([("host", connection(&lab, "d1")), ("name", text(name))]);
    let state = bench.create(module("overlay")).await;
    assert_eq!(state.flag("loaded"), Some(true));
    assert_eq!(bench.read(&state).await, state);
    by_hand(&lab, "rm /etc/modules-load.d/groma-overlay.conf");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["at_boot"]);
    assert_eq!(bench.change(&seen, &module("overlay")).await.state, state);
    bench.delete(&state).await;
    let nothing = Value::null(value::Type::Dynamic);
    let response = bench.change(&nothing, &module("no_such_module")).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("no_such_module"), "{said}");
    bench.delete(&response.state).await;
    assert_as_before(&lab, &before);
}
