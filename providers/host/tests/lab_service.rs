use std::time::Instant;

use ::lab::Lab;
use provider::simple::Access;
use value::Value;

use super::lab::{assert_as_before, bench, by_hand, connection, differing, one_host, snapshot};
use super::support::{folder, object, text, texts};

const UNIT: &str = "[Unit]\nDescription=A test\n[Service]\nExecStart=/bin/sh -c 'echo begins; exec sleep 1000'\nExecReload=/bin/sh -c 'echo reloads'\n\
                    [Install]\nWantedBy=multi-user.target\n";

fn pid(lab: &Lab) -> String {
    by_hand(lab, "systemctl show --value -p MainPID one.service").trim().to_owned()
}

#[tokio::test]
async fn own_units_on_a_real_host() {
    let Some(lab) = one_host("host-service") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_service", folder.path()).await;
    let config = object([
        ("host", connection(&lab, "d1")),
        ("name", text("one.service")),
        ("unit", text(UNIT)),
        ("drop_ins", object([("nice", text("[Service]\nNice=5\n"))])),
        ("enabled", Value::bool(true)),
        ("state", text("running")),
        ("masked", Value::bool(false)),
        ("restart_on", object([("config", text("1"))])),
        ("reload_on", object([("list", text("1"))])),
        ("health", object([("command", text("systemctl is-active one.service")), ("timeout", text("5s"))])),
    ]);
    let state = bench.create(config.clone()).await;
    assert_eq!(bench.read(&state).await, state);
    assert_eq!(
        by_hand(&lab, "systemctl is-enabled one.service; systemctl is-active one.service"),
        "enabled\nactive\n"
    );
    let rows = [
        ("unit", "echo '# by hand' >>/etc/systemd/system/one.service", "drifted text"),
        ("drop_ins", "echo '# by hand' >>/etc/systemd/system/one.service.d/nice.conf", "drifted drop-in"),
        (
            "drop_ins",
            "rm /etc/systemd/system/one.service.d/nice.conf; systemctl daemon-reload",
            "removed drop-in",
        ),
        ("enabled", "systemctl disable one.service", "disabled"),
        ("state", "systemctl stop one.service", "stopped"),
        ("state", "systemctl kill -s KILL one.service; sleep 0.3", "failed"),
    ];
    for (field, line, why) in rows {
        by_hand(&lab, line);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{why}");
        let response = bench.change(&seen, &config).await;
        assert!(!response.diagnostics.has_errors(), "{why}: {}", texts(&response.diagnostics));
        assert_eq!(differing(&state, &response.state), [""; 0], "{why}");
        assert_eq!(differing(&state, &bench.read(&state).await), [""; 0], "{why}");
    }
    // The mask of a unit whose file is in /etc takes the file's place, so both show.
    by_hand(&lab, "ln -sf /dev/null /etc/systemd/system/one.service; systemctl daemon-reload");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["masked", "unit"]);
    assert_eq!(bench.change(&seen, &config).await.state, state);

    let old = pid(&lab);
    let state = bench.change(&state, &config).await.state;
    assert_eq!(pid(&lab), old, "nothing to do restarts nothing");
    let config = config.with_attr("reload_on", object([("list", text("2"))]));
    let state = bench.change(&state, &config).await.state;
    assert_eq!(pid(&lab), old, "reloaded");
    assert!(by_hand(&lab, "journalctl -u one.service -o cat").contains("reloads"));
    let config = config.with_attr("restart_on", object([("config", text("2"))]));
    let state = bench.change(&state, &config).await.state;
    assert_ne!(pid(&lab), old, "restarted");
    bench.delete(&state).await;
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn failures_of_services_are_told_with_the_journal() {
    let Some(lab) = one_host("host-failure") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_service", folder.path()).await;
    let config = |start: &str| {
        object([
            ("host", connection(&lab, "d1")),
            ("name", text("one.service")),
            ("unit", text(&format!("[Service]\nExecStart=/bin/sh -c '{start}'\n"))),
            ("state", text("running")),
        ])
    };
    let nothing = Value::null(value::Type::Dynamic);
    let response = bench.change(&nothing, &config("echo no luck today; exit 7")).await;
    let said = texts(&response.diagnostics);
    assert!(
        said.contains("no luck today") && said.contains("exit status 7") && said.contains("root@"),
        "{said}"
    );
    assert_eq!(response.state.text("state"), Some("failed"));
    assert_eq!(response.state.flag("restart_pending"), Some(false), "a start is no restart");

    let response = bench.change(&response.state, &config("exec sleep 1000")).await;
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    let good = response.state;
    let sick = config("echo so sick; exec sleep 1000")
        .with_attr("health", object([("command", text("echo it hurts; exit 3")), ("timeout", text("2s"))]));
    let begun = Instant::now();
    let response = bench.change(&good, &sick).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("it hurts") && said.contains("so sick"), "{said}");
    assert!(begun.elapsed().as_secs() < 10);
    assert_eq!(response.state.flag("restart_pending"), Some(true));
    let (_, plan) = bench.plan(&response.state, &sick).await;
    assert_eq!(differing(&response.state, &plan.planned), ["restart_pending"], "the next plan restarts it");
    let response = bench.change(&response.state, &config("exec sleep 1000")).await;
    assert_eq!(response.state.flag("restart_pending"), Some(false));

    let bad = config("exec sleep 1000").with_attr("unit", text("[Service]\nType=simple\n"));
    let response = bench.change(&response.state, &bad).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("cannot load the unit"), "{said}");
    bench.delete(&response.state).await;
    let unknown = object([
        ("host", connection(&lab, "d1")),
        ("name", text("none.service")),
        ("state", text("running")),
    ]);
    let said = texts(&bench.change(&nothing, &unknown).await.diagnostics);
    assert!(said.contains("there is no such unit"), "{said}");
    let unknown = bench.change(&nothing, &unknown).await;
    assert!(unknown.state.is_null(), "nothing is there after it");
    by_hand(&lab, "systemctl reset-failed");
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn units_that_were_there_are_put_back() {
    let Some(lab) = one_host("host-found") else { return };
    by_hand(&lab, THEIRS);
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_service", folder.path()).await;
    let config = object([
        ("host", connection(&lab, "d1")),
        ("name", text("theirs.socket")),
        ("masked", Value::bool(true)),
        ("state", text("stopped")),
    ]);
    let masked = bench.create(config.clone()).await;
    assert_eq!(by_hand(&lab, "systemctl is-enabled theirs.socket || :"), "masked\n");
    let masked = bench.change(&masked, &config.with_attr("masked", Value::bool(false))).await.state;
    assert_eq!(by_hand(&lab, "systemctl is-enabled theirs.socket || :"), "disabled\n");
    let service = |state: &str, enabled: bool| {
        object([
            ("host", connection(&lab, "d1")),
            ("name", text("theirs.service")),
            ("drop_ins", object([("more", text("[Service]\nNice=3\n"))])),
            ("state", text(state)),
            ("enabled", Value::bool(enabled)),
        ])
    };
    let shown = "systemctl is-enabled theirs.service; systemctl is-active theirs.service; \
                 systemctl show -p Nice,DropInPaths theirs.service; :";
    let was = by_hand(&lab, shown);
    let state = bench.create(service("running", true)).await;
    assert!(by_hand(&lab, shown).starts_with("enabled\nactive\n"), "{}", by_hand(&lab, shown));
    assert!(by_hand(&lab, shown).contains("Nice=3"));
    assert!(by_hand(&lab, "ls /etc/systemd/system").contains("alias-of-theirs.service"));
    let state = bench.change(&state, &service("stopped", false)).await.state;
    assert_eq!((state.text("state"), state.flag("enabled")), (Some("stopped"), Some(false)));
    let state = bench.change(&state, &service("running", true)).await.state;
    by_hand(&lab, "systemctl mask --runtime theirs.socket");
    bench.delete(&state).await;
    by_hand(&lab, "systemctl unmask --runtime theirs.socket");
    bench.delete(&masked).await;
    assert_eq!(by_hand(&lab, shown), was);
    assert_as_before(&lab, &before);
}

/// A unit of a package that runs, but by a link that its `[Install]` section does not ask for.
const THEIRS: &str = "
cat >/lib/systemd/system/theirs.service <<END
[Service]
ExecStart=/bin/sleep 1000
[Install]
WantedBy=multi-user.target
Alias=alias-of-theirs.service
Also=theirs.socket
END
printf '[Socket]\\nListenStream=/run/theirs\\n[Install]\\nWantedBy=sockets.target\\n' >/lib/systemd/system/theirs.socket
mkdir -p /etc/systemd/system/rescue.target.wants
ln -s /lib/systemd/system/theirs.service /etc/systemd/system/rescue.target.wants/theirs.service
systemctl daemon-reload
systemctl start theirs.service";

#[tokio::test]
async fn a_restart_whose_connection_is_lost_is_made() {
    let Some(lab) = one_host("host-cutservice") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let bench = bench(&lab, "host_service", folder.path()).await;
    let config = |time: u64| {
        object([
            ("host", connection(&lab, "d1")),
            ("name", text("one.service")),
            ("unit", text(&format!("[Service]\nExecStart=/bin/sleep {time}\n"))),
            ("state", text("running")),
        ])
    };
    let mut state = bench.create(config(9000)).await;
    for pause in (0..400).step_by(40) {
        let wanted = config(9001 + pause);
        let made = bench.change(&state, &wanted);
        let cut = async {
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            lab.kill_sessions("d1").expect("can be killed");
        };
        let (response, ()) = tokio::join!(made, cut);
        assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
        state = response.state;
        let runs =
            by_hand(&lab, "tr '\\0' ' ' </proc/$(systemctl show --value -p MainPID one.service)/cmdline");
        assert_eq!(runs.trim(), format!("/bin/sleep {}", 9001 + pause), "what runs is what is written");
        assert_eq!(bench.read(&state).await, state);
    }
    bench.delete(&state).await;
    assert_as_before(&lab, &before);
}
