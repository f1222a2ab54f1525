use ::lab::Lab;
use value::{Type, Value};

use super::lab::{
    assert_as_before, bench, by_hand, connection, differing, each_shows_and_is_repaired, one_host, snapshot,
};
use super::support::{Bench, folder, list, object, text, texts};

#[tokio::test]
async fn mounts_on_a_real_host() {
    let Some(lab) = one_host("host-mount") else { return };
    let folder = folder();
    by_hand(
        &lab,
        "mkdir -p /srv/source; echo shown >/srv/source/file; printf '# theirs\\ntmpfs /was tmpfs size=1m 0 0\\n' >>/etc/fstab; systemctl daemon-reload; mkdir /was; mount /was",
    );
    let mounts = "awk '{ print $5, $6, $NF }' /proc/self/mountinfo | grep -v /run/user/ | sort";
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
    each_shows_and_is_repaired(&lab, &bench, (&state, &config), &rows).await;
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

    cannot_be_mounted(&bench, &mount).await;
    for state in [kept, taken, shown, state] {
        bench.delete(&state).await;
    }
    assert_eq!(by_hand(&lab, mounts), mounted, "all is mounted as before");
    assert_eq!(by_hand(&lab, "ls -d /srv/[!g]*"), "/srv/source\n");
    assert_as_before(&lab, &before);
}

/// What cannot be mounted says why, and leaves nothing.
async fn cannot_be_mounted(bench: &Bench, mount: &impl Fn(&str, &str, &str, &[&str]) -> Value) {
    let nothing = Value::null(Type::Dynamic);
    let response = bench.change(&nothing, &mount("/srv/no", "/dev/no-such", "ext4", &["defaults"])).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("could not mount /dev/no-such at /srv/no"), "{said}");
    bench.delete(&response.state).await;
    let response = bench.change(&nothing, &mount("/srv/no", "x", "no-such-type", &["defaults"])).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("unknown filesystem type") && said.contains("host_kernel_module"), "{said}");
    bench.delete(&response.state).await;
}

/// Two disks in files; they are taken off however the test ends, as loop devices are the machine's.
struct Disks<'a>(&'a Lab);

impl<'a> Disks<'a> {
    /// None where hosts of the lab may not have any.
    fn attach(lab: &'a Lab) -> Option<Self> {
        by_hand(
            lab,
            "for i in 0 1 2 3 4 5 6 7; do [ -e /dev/loop$i ] || mknod /dev/loop$i b 7 $i; done; [ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
             for i in 1 2; do truncate -s 16M /var/disk$i; mkfs.ext4 -q -L disk$i -U 6f1c5b1e-0000-4000-8000-00000000000$i /var/disk$i; done",
        );
        let attached = lab.inside("d1", &["sh", "-c", "losetup -f /var/disk1 && losetup -f /var/disk2"]);
        let disks = Self(lab);
        match attached {
            Ok(_) => Some(disks),
            Err(error) => {
                eprintln!("disks are not tested, as hosts may have none here: {error:#}");
                None
            }
        }
    }
}

impl Drop for Disks<'_> {
    fn drop(&mut self) {
        let line = "for i in 1 2; do losetup -j /var/disk$i | cut -d : -f 1 | xargs -r -n 1 losetup -d; done; rm -f /var/disk1 /var/disk2";
        if let Err(error) = self.0.inside("d1", &["sh", "-c", line]) {
            eprintln!("the loop devices of /var/disk1 and /var/disk2 may be left: {error:#}");
        }
    }
}

#[tokio::test]
async fn disks_of_a_real_host() {
    let Some(lab) = one_host("host-mount-disk") else { return };
    let folder = folder();
    let before = snapshot(&lab);
    let Some(disks) = Disks::attach(&lab) else { return };
    let bench = bench(&lab, "host_mount", folder.path()).await;
    let mount = |device: &str, options: &[&str]| {
        object([
            ("host", connection(&lab, "d1")),
            ("path", text("/srv/data")),
            ("device", text(device)),
            ("type", text("ext4")),
            ("options", list(options)),
            ("pass", Value::number(2)),
        ])
    };
    let by_uuid = mount("UUID=6f1c5b1e-0000-4000-8000-000000000001", &["nosuid", "noatime", "nofail"]);
    let state = bench.create(by_uuid.clone()).await;
    by_hand(&lab, "echo one >/srv/data/one");
    assert_eq!(bench.read(&state).await, state);
    let rows = [
        ("device", "umount /srv/data; mount -o nosuid,noatime LABEL=disk2 /srv/data", "another disk"),
        ("options", "mount -o remount,ro /srv/data", "read-only"),
        ("options", "mount -o remount,strictatime /srv/data", "times of access"),
        ("state", "umount /srv/data", "unmounted"),
    ];
    each_shows_and_is_repaired(&lab, &bench, (&state, &by_uuid), &rows).await;
    assert_eq!(by_hand(&lab, "cat /srv/data/one"), "one\n");
    let by_label = bench.change(&state, &mount("LABEL=disk2", &["nosuid"])).await.state;
    assert_eq!(by_hand(&lab, "ls /srv/data"), "lost+found\n", "the other disk");
    assert_eq!(bench.read(&by_label).await, by_label);
    let file = bench.change(&by_label, &mount("/var/disk1", &["loop", "ro"])).await.state;
    assert_eq!(by_hand(&lab, "cat /srv/data/one"), "one\n");
    assert_eq!(bench.read(&file).await, file);
    let response = bench.change(&file, &mount("UUID=6f1c5b1e-0000-4000-8000-000000000009", &["ro"])).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("can't find UUID"), "{said}");
    bench.delete(&response.state).await;
    assert_eq!(by_hand(&lab, "ls -d /srv/data 2>/dev/null; grep -c loop /proc/self/mountinfo || :"), "0\n");
    drop(disks);
    assert_as_before(&lab, &before);
}
