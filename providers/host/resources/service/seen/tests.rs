use super::*;

/// Recorded on Debian 12.
const SEEN: &str = r"== links
.:
total 16
lrwxrwxrwx 1 root root   41 Nov 23 22:00 dbus-org.freedesktop.timesync1.service -> /lib/systemd/system/systemd-timesyncd.service
lrwxrwxrwx 1 root root    9 Nov 23 22:01 cups.service -> /dev/null
-rw-r--r-- 1 root root   61 Nov 23 22:01 own.service
drwxr-xr-x 2 root root 4096 Nov 23 22:00 multi-user.target.wants

./multi-user.target.wants:
total 0
lrwxrwxrwx 1 root root 31 Nov 23 22:00 ssh.service -> /lib/systemd/system/ssh.service
lrwxrwxrwx 1 root root 40 Nov 23 22:00 at@1.service -> /etc/systemd/system/at@.service
== rc
old
== marks
found own.service
pending-restart own.service
== files
0a1b  /etc/systemd/system/own.service
\0c2d  /etc/systemd/system/dev-a\\x2db.swap.d/1.conf
== show
Id=ssh.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled

Id=old.service
LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=generated

Id=none.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
";

#[test]
fn what_the_host_says_is_read() {
    let seen = Seen::parse(SEEN, "");
    let id = |id: &str| HashMap::from([("Id".to_owned(), id.to_owned())]);
    let rows = [
        ("ssh.service", true, "wanted by a target"),
        ("systemd-timesyncd.service", true, "has an alias"),
        ("cups.service", false, "masked"),
        ("own.service", false, "a file only"),
        ("at@1.service", true, "an instance"),
        ("at@.service", true, "its template"),
        ("at@2.service", false, "another instance"),
    ];
    for (name, enabled, why) in rows {
        assert_eq!(seen.enabled(name, None), enabled, "{name}: {why}");
    }
    assert!(seen.enabled("sshd.service", Some(&id("ssh.service"))), "by its real name");
    assert!(seen.enabled("old.service", seen.units.get(1)), "a script of System V");
    assert_eq!((seen.masked("cups.service", None), seen.masked("ssh.service", None)), (true, false));
    assert_eq!(
        seen.files.get(r"/etc/systemd/system/dev-a\x2db.swap.d/1.conf").map(String::as_str),
        Some("0c2d")
    );
    assert!(seen.marked("pending-restart", "own.service"));
    assert!(seen.exists("ssh.service", seen.units.first(), false, false));
    assert!(!seen.exists("none.service", seen.units.get(2), false, false));
}

#[test]
fn states_are_what_people_ask_for() {
    let rows = [
        ("active", "running", None, "running"),
        ("active", "exited", None, "running"),
        ("activating", "start", None, "running"),
        ("activating", "auto-restart", Some("running"), "failed"),
        ("inactive", "dead", Some("running"), "stopped"),
        ("failed", "failed", Some("running"), "failed"),
        ("failed", "failed", Some("stopped"), "stopped"),
        ("deactivating", "stop", None, "stopped"),
    ];
    for (active, sub, known, expected) in rows {
        let unit = HashMap::from(
            [("ActiveState", active), ("SubState", sub)].map(|(n, v)| (n.to_owned(), v.to_owned())),
        );
        assert_eq!(state(&unit, known), expected, "{active} {sub} {known:?}");
    }
}
