use std::time::{Duration, Instant};

use ::lab::Lab;
use diag::Diagnostics;
use value::Value;

use super::lab::{assert_as_before, bench, by_hand, connection, differing, one_host, snapshot};
use super::support::{folder, object, text};

fn texts(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn table(lab: &Lab, ruleset: &str) -> Value {
    object([
        ("host", connection(lab, "d1")),
        ("name", text("web")),
        ("ruleset", text(ruleset)),
        ("rollback_timeout", text("5s")),
    ])
}

fn tables(lab: &Lab) -> String {
    by_hand(lab, "nft -s list ruleset")
}

/// Waits until systemd has nothing more to do.
pub(super) const SETTLE: &str = "while systemctl list-jobs | grep -q waiting\\|running || \
                      systemctl list-units 'groma-guard-*' | grep -q groma-guard; do sleep 0.1; done";

const OPEN: &str = "\
set seen {
    type ipv4_addr
    flags dynamic,timeout
    timeout 1m
}
chain in {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo counter accept
    tcp dport 22 add @seen { ip saddr } accept # ours
    icmp type echo-request accept
}
";

#[tokio::test]
async fn a_table_on_a_real_host() {
    let Some(lab) = one_host("net-firewall") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    by_hand(&lab, "nft add table inet theirs");
    let bench = bench(&lab, "host_firewall", folder.path()).await;
    let config = table(&lab, OPEN);
    let begun = Instant::now();
    let state = bench.create(config.clone()).await;
    println!("a table was loaded, confirmed and kept in {:?}", begun.elapsed());
    assert_eq!(bench.read(&state).await, state);
    assert_eq!(by_hand(&lab, "systemctl is-active groma-firewall-web"), "active\n");
    assert_eq!(
        by_hand(
            &lab,
            "ls -d /var/lib/groma/pending /etc/systemd/system/groma-rollback.service 2>/dev/null; :"
        ),
        ""
    );
    let rows = [
        ("ruleset", "nft add rule inet web in tcp dport 80 accept", "a rule was added"),
        ("ruleset", "nft flush chain inet web in; nft add rule inet web in accept", "rules were removed"),
        ("ruleset", "sed -i 's/dport 22/dport 23/' /etc/groma/nftables/web.nft", "the file was changed"),
        ("persistent", "systemctl disable -q groma-firewall-web", "the unit was disabled"),
        (
            "persistent",
            "sed -i s/Before/After/ /etc/systemd/system/groma-firewall-web.service",
            "the unit was changed",
        ),
    ];
    for (field, line, why) in rows {
        by_hand(&lab, line);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{why}");
        let response = bench.change(&seen, &config).await;
        assert!(!response.diagnostics.has_errors(), "{why}: {}", texts(&response.diagnostics));
        assert_eq!(bench.read(&response.state).await, state, "{why}");
    }
    by_hand(&lab, "systemctl start nftables; systemctl restart groma-firewall-web");
    for verb in ["restart", "reload"] {
        by_hand(&lab, &format!("systemctl {verb} nftables; {SETTLE}"));
        assert_eq!(bench.read(&state).await, state, "the distribution's firewall takes it away: {verb}");
    }
    by_hand(
        &lab,
        "systemctl stop nftables; systemctl restart groma-firewall-web; systemctl stop network-pre.target",
    );
    by_hand(&lab, "nft delete table inet web");
    assert!(bench.read(&state).await.is_null(), "it is gone");
    let state = bench.create(config).await;
    assert!(tables(&lab).contains("dport 22"));
    bench.delete(&state).await;
    assert!(!tables(&lab).contains("inet web"));
    by_hand(&lab, SETTLE);
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn a_table_that_was_there_comes_back() {
    let Some(lab) = one_host("net-found") else { return };
    let folder = folder();
    by_hand(&lab, "nft 'table inet web { chain theirs { counter drop; }; }'");
    let before = tables(&lab);
    let bench = bench(&lab, "host_firewall", folder.path()).await;
    let state = bench.create(table(&lab, OPEN)).await;
    assert!(!tables(&lab).contains("theirs"));
    bench.delete(&state).await;
    assert_eq!(tables(&lab), before);
}

#[tokio::test]
async fn who_cuts_himself_off_finds_the_host_as_it_was() {
    let Some(lab) = one_host("net-cut") else { return };
    let folder = folder();
    let bench = bench(&lab, "host_firewall", folder.path()).await;
    let drop_ssh = "chain in {\n    type filter hook input priority 0;\n    tcp dport 22 drop\n}\n";
    let before = (tables(&lab), snapshot(&lab));

    let begun = Instant::now();
    let response = bench.change(&Value::null(value::Type::Dynamic), &table(&lab, drop_ssh)).await;
    let said = texts(&response.diagnostics);
    println!("after {:?}: {said}", begun.elapsed());
    assert!(response.state.is_null(), "nothing was made");
    for part in [
        "Host went back to what it had before",
        "load the firewall table web",
        "tcp dport 22 drop",
        "within 5 s",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(tables(&lab), before.0);
    by_hand(&lab, SETTLE);
    assert_as_before(&lab, &before.1);

    let state = bench.create(table(&lab, OPEN)).await;
    by_hand(&lab, SETTLE);
    let before = (tables(&lab), snapshot(&lab));
    // Established connections go on, new ones are refused: only a new connection shows that.
    let sly = "chain in {\n    type filter hook input priority 0;\n    ct state established accept\n    tcp dport 22 drop\n}\n";
    let response = bench.change(&state, &table(&lab, sly)).await;
    let said = texts(&response.diagnostics);
    assert!(
        said.contains("What the host has again:\n    table inet web {") && said.contains("policy drop"),
        "{said}"
    );
    assert_eq!(response.state, state);
    assert_eq!(tables(&lab), before.0);
    by_hand(&lab, SETTLE);
    assert_as_before(&lab, &before.1);

    let wrong = bench.change(&state, &table(&lab, "chain in {\n    tcp dport x accept\n}\n")).await;
    let said = texts(&wrong.diagnostics);
    assert!(said.contains("nft refuses the ruleset: line 2"), "{said}");
    assert_eq!(bench.read(&state).await, state);
    assert_eq!(
        by_hand(
            &lab,
            "ls -d /var/lib/groma/pending /etc/systemd/system/groma-rollback.service 2>/dev/null; :"
        ),
        ""
    );
}

#[tokio::test]
async fn a_change_whose_maker_is_killed_is_undone_by_the_host() {
    let Some(lab) = one_host("net-killed") else { return };
    let folder = folder();
    let bench = bench(&lab, "host_firewall", folder.path()).await;
    let state = bench.create(table(&lab, OPEN)).await;
    let before = tables(&lab);
    let next = table(&lab, "chain in {\n    type filter hook input priority 0;\n    counter drop\n}\n");
    let killed = tokio::time::timeout(Duration::from_secs(4), bench.change(&state, &next)).await;
    assert!(killed.is_err(), "it was still trying to connect");
    assert!(tables(&lab).contains("counter drop"), "the change was made");
    // The next run sees what stays, not what is on trial.
    let other = super::lab::bench(&lab, "host_firewall", folder.path()).await;
    assert_eq!(other.read(&state).await, state);
    assert_eq!(tables(&lab), before);
}

#[tokio::test]
async fn a_change_that_was_not_confirmed_before_a_reboot_is_undone_by_it() {
    let Some(lab) = one_host("net-reboot") else { return };
    let folder = folder();
    let bench = bench(&lab, "host_firewall", folder.path()).await;
    let state = bench.create(table(&lab, OPEN)).await;
    let next = table(&lab, "chain in {\n    type filter hook input priority 0;\n    counter drop\n}\n")
        .with_attr("rollback_timeout", text("5m"));
    let killed = tokio::time::timeout(Duration::from_secs(5), bench.change(&state, &next)).await;
    assert!(killed.is_err(), "it was still trying to connect");
    assert!(by_hand(&lab, "cat /etc/groma/nftables/web.nft").contains("counter drop"));
    lab.reboot("d1").expect("boots");
    let other = super::lab::bench(&lab, "host_firewall", folder.path()).await;
    assert_eq!(other.read(&state).await, state);
    let state = other.change(&state, &table(&lab, "chain in {\n}\n")).await.state;
    other.delete(&state).await;
    assert_eq!(
        by_hand(&lab, "ls -d /var/lib/groma /etc/groma /etc/systemd/system/groma-[fr]* 2>/dev/null; :"),
        ""
    );
}
