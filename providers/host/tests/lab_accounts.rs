//! Names, zones, groups and users on real hosts.

use ::lab::Lab;
use provider::simple::Access;
use value::{Type, Value};

use super::lab::{assert_as_before, bench, by_hand, connection, differing, one_host, snapshot};
use super::support::{folder, list, object, text, texts};

/// The host and the name, and what else is said.
fn of<const N: usize>(lab: &Lab, name: &str, more: [(&str, Value); N]) -> Value {
    let known = [("host", connection(lab, "d1")), ("name", text(name))];
    Value::object_of(known.into_iter().chain(more))
}

#[tokio::test]
async fn names_and_zones_of_a_real_host() {
    let Some(lab) = one_host("host-names") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let hostname = bench(&lab, "host_hostname", folder.path()).await;
    let config = of(&lab, "node1.example", [("hosts_address", text("127.0.1.1"))]);
    let state = hostname.create(config.clone()).await;
    assert_eq!(by_hand(&lab, "uname -n; cat /etc/hostname"), "node1.example\nnode1.example\n");
    assert_eq!(by_hand(&lab, "getent hosts node1"), "127.0.1.1       node1.example node1\n");
    let rows = [
        ("name", "hostname other"),
        ("name", "echo other >/etc/hostname"),
        ("hosts_address", "sed -i /node1/d /etc/hosts"),
        ("hosts_address", "sed -i s/127.0.1.1/127.0.1.2/ /etc/hosts"),
    ];
    for (field, line) in rows {
        by_hand(&lab, line);
        let seen = hostname.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{line}");
        assert_eq!(hostname.change(&seen, &config).await.state, state, "{line}");
        assert_eq!(hostname.read(&state).await, state, "{line}");
    }

    let timezone = bench(&lab, "host_timezone", folder.path()).await;
    let zone = |zone: &str| object([("host", connection(&lab, "d1")), ("zone", text(zone))]);
    let nothing = Value::null(Type::Dynamic);
    let refused = timezone.change(&nothing, &zone("Europe/Atlantis")).await;
    let said = texts(&refused.diagnostics);
    assert!(said.contains("knows no time zone") && refused.state.is_null(), "{said}");
    if by_hand(&lab, "ls /usr/share/zoneinfo/Asia/Kathmandu 2>/dev/null || :").is_empty() {
        by_hand(
            &lab,
            "mkdir -p /usr/share/zoneinfo/Asia && printf 'TZif2\\0' >/usr/share/zoneinfo/Asia/Kathmandu",
        );
    }
    let set = timezone.create(zone("Asia/Kathmandu")).await;
    assert_eq!(timezone.read(&set).await, set);
    by_hand(&lab, "ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime");
    let seen = timezone.read(&set).await;
    assert_eq!(differing(&set, &seen), ["zone"]);
    let set = timezone.change(&seen, &zone("Asia/Kathmandu")).await.state;

    let entry = bench(&lab, "host_hosts_entry", folder.path()).await;
    let address = |address: &str| {
        object([
            ("host", connection(&lab, "d1")),
            ("address", text(address)),
            ("names", list(&["api.example", "api"])),
        ])
    };
    let made = entry.create(address("192.0.2.1")).await;
    assert_eq!(by_hand(&lab, "getent hosts api"), "192.0.2.1       api.example api\n");
    let made = entry.change(&made, &address("192.0.2.2")).await.state;
    assert_eq!(by_hand(&lab, "getent hosts api"), "192.0.2.2       api.example api\n");

    entry.delete(&made).await;
    timezone.delete(&set).await;
    hostname.delete(&state).await;
    assert_eq!(by_hand(&lab, "uname -n"), "d1\n");
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn users_of_a_real_host() {
    let Some(lab) = one_host("host-users") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let users = bench(&lab, "host_user", folder.path()).await;
    let groups = bench(&lab, "host_group", folder.path()).await;
    let group = of(&lab, "ops", [("gid", Value::number(4242))]);
    let ops = groups.create(group.clone()).await;
    by_hand(&lab, "groupmod -g 4243 ops");
    let seen = groups.read(&ops).await;
    assert_eq!(differing(&ops, &seen), ["gid"]);
    assert_eq!(groups.change(&seen, &group).await.state, ops);

    let hash = by_hand(&lab, "printf secret | openssl passwd -6 -stdin").trim().to_owned();
    let config = of(
        &lab,
        "ann",
        [
            ("uid", Value::number(2345)),
            ("group", text("ops")),
            ("groups", list(&["sudo"])),
            ("groups_exclusive", Value::bool(true)),
            ("home", text("/srv/ann")),
            ("shell", text("/bin/bash")),
            ("comment", text("Ann")),
            ("password_hash", text(&hash)),
            ("locked", Value::bool(false)),
            ("expires", text("2030-01-01")),
            ("remove_home", Value::bool(true)),
        ],
    );
    let state = users.create(config.clone()).await;
    assert_eq!(users.read(&state).await, state);
    assert_eq!(by_hand(&lab, "id ann"), "uid=2345(ann) gid=4242(ops) groups=4242(ops),27(sudo)\n");
    assert_eq!(by_hand(&lab, "stat -c '%U %G' /srv/ann /srv/ann/.profile"), "ann ops\nann ops\n");
    let all = "getent passwd ann; getent shadow ann; getent group sudo ops; getent gshadow sudo adm; stat -c %u:%g /srv/ann/.profile";
    let good = by_hand(&lab, all);
    let rows = [
        ("uid", "usermod -u 2346 ann"),
        ("group", "usermod -g adm ann"),
        ("groups", "gpasswd -d ann sudo"),
        ("groups", "gpasswd -a ann adm"),
        ("comment", "usermod -c Anna ann"),
        ("home", "usermod -d /srv/other ann"),
        ("shell", "usermod -s /bin/sh ann"),
        ("password_hash", "echo ann:other | chpasswd; chage -d $(($(date +%s) / 86400)) ann"),
        ("locked", "usermod -L ann"),
        ("expires", "usermod -e '' ann"),
        ("create_home", "mv /srv/ann /srv/gone"),
    ];
    for (field, line) in rows {
        by_hand(&lab, line);
        let seen = users.read(&state).await;
        let expected = if field == "home" { vec!["create_home", "home"] } else { vec![field] };
        assert_eq!(differing(&state, &seen), expected, "{line}");
        let response = users.change(&seen, &config).await;
        assert_eq!(response.state, state, "{line}: {}", texts(&response.diagnostics));
        assert_eq!(by_hand(&lab, all), good, "{line}");
    }
    by_hand(&lab, "rm -r /srv/gone");

    // Someone who is at work is in the way, and named.
    by_hand(&lab, "setsid setpriv --reuid ann --regid ops --clear-groups sleep 5 >/dev/null 2>&1 &");
    let renumbered = config.with_attr("uid", Value::number(2350));
    let said = texts(&users.change(&state, &renumbered).await.diagnostics);
    assert!(said.contains("used by process"), "{said}");
    users.delete(&state).await;
    assert_eq!(by_hand(&lab, "ls -d /srv/ann 2>/dev/null; getent passwd ann || echo none"), "none\n");
    groups.delete(&ops).await;

    // A user that was there is put back as found; the secret is in no process list and no file but its own.
    let admin = by_hand(&lab, "getent passwd admin; getent shadow admin; id admin; getent group adm");
    let config = of(
        &lab,
        "admin",
        [
            ("comment", text("Changed")),
            ("shell", text("/bin/sh")),
            ("groups", list(&["adm"])),
            ("password_hash", text(&hash)),
            ("locked", Value::bool(true)),
            ("expires", text("2030-01-01")),
        ],
    );
    let state = users.create(config).await;
    assert!(by_hand(&lab, "getent passwd admin").contains(":Changed:"));
    assert_eq!(state.flag("locked"), Some(true));
    users.delete(&state).await;
    assert_eq!(by_hand(&lab, "getent passwd admin; getent shadow admin; id admin; getent group adm"), admin);
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn a_key_lets_a_user_in() {
    let Some(lab) = one_host("host-keys") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let users = bench(&lab, "host_user", folder.path()).await;
    let keys = bench(&lab, "host_authorized_key", folder.path()).await;
    let public = std::fs::read_to_string(lab.record().private_key.with_extension("pub")).expect("is there");
    let config = object([
        ("host", connection(&lab, "d1")),
        ("user", text("ann")),
        ("key", text(&public)),
        ("options", list(&["restrict", "command=\"id -un; echo as allowed\""])),
    ]);
    let user =
        of(&lab, "ann", [("password_hash", text("$6$salt$0123456789")), ("remove_home", Value::bool(true))]);
    let user = users.create(user).await;
    let login = || {
        let output = lab.ssh_client().args(["-l", "ann", "-o", "BatchMode=yes", "d1", "id"]).output();
        String::from_utf8_lossy(&output.expect("ssh is there").stdout).into_owned()
    };
    assert_eq!(login(), "");
    let state = keys.create(config.clone()).await;
    assert_eq!(keys.read(&state).await, state);
    assert_eq!(login(), "ann\nas allowed\n");
    assert_eq!(
        by_hand(&lab, "stat -c '%a %U %G' ~ann/.ssh ~ann/.ssh/authorized_keys"),
        "700 ann ann\n600 ann ann\n"
    );
    let file = by_hand(&lab, "cat ~ann/.ssh/authorized_keys");
    let rows = [
        ("options", "sed -i s/restrict,// ~ann/.ssh/authorized_keys"),
        ("options", "sed -i 's/^.*ssh-ed25519/ssh-ed25519/' ~ann/.ssh/authorized_keys"),
    ];
    for (field, line) in rows {
        by_hand(&lab, line);
        let seen = keys.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{line}");
        assert_eq!(keys.change(&seen, &config).await.state, state, "{line}");
        assert_eq!(by_hand(&lab, "cat ~ann/.ssh/authorized_keys"), file);
    }
    by_hand(&lab, ">~ann/.ssh/authorized_keys; chown -R root: ~ann/.ssh; chmod 777 ~ann/.ssh");
    assert!(keys.read(&state).await.is_null());
    let state = keys.create(config).await;
    assert_eq!(login(), "ann\nas allowed\n", "owners and modes are as sshd asks for");
    keys.delete(&state).await;
    assert_eq!(login(), "");
    assert_eq!(by_hand(&lab, "ls -A ~ann | grep ssh || echo none"), "none\n");
    users.delete(&user).await;
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn many_users_at_once_on_a_real_host() {
    let Some(lab) = one_host("host-many-users") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let users = bench(&lab, "host_user", folder.path()).await;
    let nothing = Value::null(Type::Dynamic);
    let configs: Vec<Value> = (0..12)
        .map(|n| of(&lab, &format!("u{n}"), [("groups", list(&["adm"])), ("remove_home", Value::bool(true))]))
        .collect();
    let made = futures::future::join_all(configs.iter().map(|config| users.change(&nothing, config))).await;
    for response in &made {
        assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
        assert_eq!(users.read(&response.state).await, response.state);
    }
    assert_eq!(by_hand(&lab, "getent group adm | tr , '\\n' | grep -c u"), "12\n");
    futures::future::join_all(made.iter().map(|made| users.delete(&made.state))).await;
    assert_as_before(&lab, &before);
}

#[tokio::test]
async fn users_without_useradd() {
    let Some(lab) = one_host("host-bare-users") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    by_hand(
        &lab,
        "for p in useradd usermod userdel groupadd groupmod groupdel gpasswd chpasswd chage; do mv /usr/*bin/$p /root/; done",
    );
    let users = bench(&lab, "host_user", folder.path()).await;
    let state = users
        .create(of(&lab, "eve", [("groups", list(&["adm"])), ("password_hash", text("$6$salt$0123456789"))]))
        .await;
    assert_eq!(users.read(&state).await, state);
    let said = by_hand(
        &lab,
        "id -nG eve; getent shadow eve | cut -d: -f 2; stat -c '%U %G' /home/eve/.profile; stat -c %a:%G /etc/shadow /etc/passwd",
    );
    assert_eq!(said, "eve adm\n$6$salt$0123456789\neve eve\n640:shadow\n644:root\n");
    users.delete(&state).await;
    by_hand(
        &lab,
        "rm -r /home/eve; cd /root; mv gpasswd chage /usr/bin/; mv user* group* chpasswd /usr/sbin/",
    );
    assert_as_before(&lab, &before);
}
