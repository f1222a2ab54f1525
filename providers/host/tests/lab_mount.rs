use value::{Type, Value};

use super::lab::{assert_as_before, bench, by_hand, connection, differing, one_host, snapshot};
use super::support::{folder, list, object, text, texts};

#[tokio::test]
async fn mounts_on_a_real_host() {
    let Some(lab) = one_host("host-mount") else { return };
    let folder = folder();
    by_hand(
        &lab,
        "mkdir -p /srv/source; echo shown >/srv/source/file; printf '# theirs\\ntmpfs /was tmpfs size=1m 0 0\\n' >>/etc/fstab; mkdir /was; mount /was",
    );
    let mounts = "awk '{ print $3, $5, $6, $NF }' /proc/self/mountinfo | sort";
    let (before, mounted) = (snapshot(&lab), by_hand(&lab, mounts));
    let bench = bench(&lab, "host_mount", folder.path()).await;
    let mount = |path: &str, device: &str, kind: &str, options: &[&str]| {
        object([
            ("host", connection(&lab, "d1")),
            ("path", text(path)),
            ("device", text(device)),
            ("type", text(kind)),
            ("options", list(options)),
        ])
    };
    let config = mount("/srv/my data", "tmpfs", "tmpfs", &["noexec", "size=2m", "mode=0750"]);
    let state = bench.create(config.clone()).await;
    assert_eq!(by_hand(&lab, "findmnt -no FSTYPE '/srv/my data'; stat -c %a '/srv/my data'"), "tmpfs\n750\n");
    assert_eq!(bench.read(&state).await, state);
    by_hand(&lab, "echo stays >'/srv/my data/file'");
    let rows = [
        ("state", "umount '/srv/my data'", "it is unmounted"),
        ("state", "sed -i '/my.040data/d' /etc/fstab", "fstab does not have it"),
        ("options", "mount -o remount,exec '/srv/my data'", "an option is not in effect"),
        ("options", "mount -o remount,size=3m '/srv/my data'", "it has another size"),
        ("options", "sed -i 's/noexec,size=2m/nodev/' /etc/fstab", "fstab has other options"),
        ("device", "mount -t tmpfs other '/srv/my data'", "something else is mounted over it"),
        ("device", "sed -i 's/^tmpfs .srv/none \\/srv/' /etc/fstab", "fstab has another device"),
        ("pass", "sed -i 's/mode=0750 0 0/mode=0750 0 2/' /etc/fstab", "fstab has it checked"),
        ("dump", "sed -i 's/mode=0750 0 0/mode=0750 1 0/' /etc/fstab", "fstab has it dumped"),
    ];
    for (field, line, why) in rows {
        by_hand(&lab, line);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), [field], "{why}");
        assert_eq!(bench.read(&seen).await, seen, "{why}: a drift that is known still shows");
        let response = bench.change(&seen, &config).await;
        assert!(!response.diagnostics.has_errors(), "{why}: {}", texts(&response.diagnostics));
        assert_eq!(response.state, state, "{why}");
        assert_eq!(bench.read(&state).await, state, "{why}");
    }
    by_hand(&lab, "echo stays >'/srv/my data/file'");
    let more = config.with_attr("options", list(&["noexec", "size=4m", "mode=0750", "ro"]));
    let state = bench.change(&state, &more).await.state;
    assert_eq!(by_hand(&lab, "cat '/srv/my data/file'; findmnt -no SIZE '/srv/my data'; touch '/srv/my data/x' 2>/dev/null || echo ro").split_whitespace().collect::<Vec<_>>(), ["stays", "4M", "ro"], "a remount keeps what is in it");
    let state = bench.change(&state, &config).await.state;

    let bind = mount("/srv/shown", "/srv/source", "none", &["bind", "ro"]);
    let shown = bench.create(bind.clone()).await;
    assert_eq!(
        by_hand(&lab, "cat /srv/shown/file; touch /srv/shown/x 2>/dev/null || echo ro"),
        "shown\nro\n"
    );
    assert_eq!(bench.read_all(&[state.clone(), shown.clone()]).await, [state.clone(), shown.clone()]);
    by_hand(&lab, "mount -o remount,bind,rw /srv/shown");
    let seen = bench.read(&shown).await;
    assert_eq!(differing(&shown, &seen), ["options"]);
    assert_eq!(bench.change(&seen, &bind).await.state, shown);
    let writable = mount("/srv/shown", "/srv/source", "none", &["bind"]);
    let shown = bench.change(&shown, &writable).await.state;
    by_hand(&lab, "touch /srv/shown/x && rm /srv/source/x");

    by_hand(&lab, "cd '/srv/my data'; nohup sleep 1000 >/dev/null 2>&1 & echo $! >/run/sleeper; sleep 0.2");
    let away = config.with_attr("state", text("unmounted")).with_attr("options", list(&["noauto"]));
    let response = bench.change(&state, &away).await;
    let said = texts(&response.diagnostics);
    let holder = format!("sleep, process {}, is in that folder", by_hand(&lab, "cat /run/sleeper").trim());
    assert!(said.contains("busy") && said.contains(&holder), "{said}");
    assert!(by_hand(&lab, "cat /etc/fstab").contains("noexec,size=2m"), "nothing was changed");
    by_hand(&lab, "kill $(cat /run/sleeper); sleep 0.2");
    let gone = bench.change(&state, &away).await.state;
    assert_eq!(by_hand(&lab, "mountpoint -q '/srv/my data' || echo none"), "none\n");
    assert_eq!(bench.read(&gone).await, gone);
    by_hand(&lab, "mount '/srv/my data'");
    assert_eq!(differing(&gone, &bench.read(&gone).await), ["state"]);
    let state = bench.change(&gone, &config).await.state;

    // What was mounted before by a line of theirs is taken over, and is as it was afterwards.
    let taken = bench.create(mount("/was", "mine", "tmpfs", &["size=2m", "nosuid"])).await;
    assert_eq!(by_hand(&lab, "findmnt -no SOURCE /was"), "mine\n");
    assert_eq!(bench.read(&taken).await, taken);
    let kept = bench
        .create(mount("/was2", "tmpfs", "tmpfs", &["size=2m"]).with_attr("state", text("fstab-only")))
        .await;
    assert_eq!(by_hand(&lab, "mountpoint -q /was2 || echo none"), "none\n");
    assert_eq!(bench.read(&kept).await, kept);

    let nothing = Value::null(Type::Dynamic);
    let response = bench.change(&nothing, &mount("/srv/no", "/dev/no-such", "ext4", &["defaults"])).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("could not mount /dev/no-such at /srv/no"), "{said}");
    bench.delete(&response.state).await;
    let response = bench.change(&nothing, &mount("/srv/no", "x", "no-such-type", &["defaults"])).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("unknown filesystem type") && said.contains("host_kernel_module"), "{said}");
    bench.delete(&response.state).await;

    for state in [kept, taken, shown, state] {
        bench.delete(&state).await;
    }
    let fields = |text: &str| {
        text.lines()
            .map(|line| line.split_once(' ').map_or("", |(_, rest)| rest).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(fields(&by_hand(&lab, mounts)), fields(&mounted), "all is mounted as before");
    assert_eq!(by_hand(&lab, "ls /srv"), "source\n");
    assert_as_before(&lab, &before);
}
