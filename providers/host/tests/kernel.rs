use std::fs;
use std::process::Command;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::lab::differing;
use super::support::{Bench, folder, object, root, text};

fn by_key(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("id").unwrap_or_default())
}

#[tokio::test]
async fn settings_and_modules_of_the_kernel_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let sysctl = |name: &str, value: &str| {
        object([("host", host.clone()), ("name", text(name)), ("value", text(value))])
    };
    let settings = Case::new("host_sysctl", sysctl("net.ipv4.tcp_rmem", "4096 131072 6291456"))
        .import_made(by_key, &[])
        .update(sysctl("net.ipv4.tcp_rmem", "4096 131072 100"))
        .update(sysctl("net.ipv4.tcp_rmem", "1").with_attr("ignore_running", Value::bool(true)))
        .replace(sysctl("net/ipv4/conf/eth0.1/forwarding", "1"))
        .refuses(sysctl("net", "1"), "name")
        .refuses(sysctl("net..ipv4", "1"), "name")
        .refuses(sysctl("../../etc/passwd", "1"), "name")
        .refuses(sysctl("net.ipv4.ip_forward", "1\n2"), "value")
        .refuses(sysctl("net.ipv4.ip_forward", " "), "value");
    let module = |name: &str| object([("host", host.clone()), ("name", text(name))]);
    let options = |value: &str| module("br-netfilter").with_attr("options", object([("a", text(value))]));
    let flag = |name: &str, value: bool| module("br-netfilter").with_attr(name, Value::bool(value));
    let modules = Case::new("host_kernel_module", module("br-netfilter"))
        .import_made(by_key, &[])
        .update(options("1"))
        .update(options("2"))
        .update(flag("at_boot", false))
        .update(flag("blacklist", true))
        .replace(module("overlay"))
        .refuses(module("-r"), "name")
        .refuses(module("a b"), "name")
        .refuses(options("1 2"), "options")
        .refuses(options("1\ninstall"), "options")
        .refuses(flag("blacklist", true).with_attr("loaded", Value::bool(true)), "loaded");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[settings, modules]).await;
    assert!(report.is_ok(), "{report}");
    let output = Command::new("find")
        .arg(folder.path().join("h"))
        .args(["!", "-type", "d"])
        .output()
        .expect("find is there");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "no file is left");
}

#[tokio::test]
async fn changes_of_the_kernels_files_show_as_the_field() {
    let folder = folder();
    let host = folder.path().join("h");
    let bench = Bench::new("host_kernel_module", folder.path()).await;
    let config = object([
        ("host", root(&host)),
        ("name", text("overlay")),
        ("options", object([("metacopy", text("on"))])),
    ]);
    let state = bench.create(config.clone()).await;
    assert_eq!((state.flag("loaded"), state.flag("at_boot")), (Some(true), Some(true)));
    let rows = [
        ("at_boot", "etc/modules-load.d/groma-overlay.conf", "# nothing\n"),
        ("options", "etc/modprobe.d/groma-overlay.conf", "options overlay metacopy=off\n"),
        ("options", "etc/modprobe.d/groma-overlay.conf", ""),
        (
            "blacklist",
            "etc/modprobe.d/groma-overlay.conf",
            "options overlay metacopy=on\nblacklist overlay\ninstall overlay /bin/false\n",
        ),
    ];
    for (field, path, by_hand) in rows {
        fs::write(host.join(path), by_hand).expect("can be written");
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{by_hand:?}");
        assert_eq!(bench.change(&seen, &config).await.state, state, "{by_hand:?}");
        assert_eq!(bench.read(&state).await, state, "{by_hand:?}");
    }
    bench.delete(&state).await;
}
