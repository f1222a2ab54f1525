use super::line::{Line, escape, plain};
use super::live::{Live, remount};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap_or_else(|| panic!("{text} is a line"))
}

fn live(text: &str) -> Live {
    Live::parse(text).unwrap_or_else(|| panic!("{text} is a mount"))
}

#[test]
fn lines_of_fstab_are_read_and_written() {
    let rows = [
        ("UUID=1 /a ext4 defaults 0 2", "UUID=1 /a ext4 defaults 0 2", "plain"),
        ("  /dev/sda1\t/a\text4", "/dev/sda1 /a ext4 defaults 0 0", "what is left out"),
        (
            r"//nas/a\040b /my\040place cifs ro,,noexec 0",
            r"//nas/a\040b /my\040place cifs ro,noexec 0 0",
            "blanks",
        ),
        (r"/a\134b\043c /ä ext4 x 1 1", r"/a\134b#c /ä ext4 x 1 1", "other escapes"),
    ];
    for (text, written, why) in rows {
        assert_eq!(line(text).text(), written, "{why}");
        assert_eq!(line(written), line(text), "{why}");
    }
    for text in ["", "# /dev/sda1 /a ext4", "#/dev/sda1 /a ext4", "/dev/sda1 /a"] {
        assert_eq!(Line::parse(text), None, "{text}");
    }
    assert_eq!((plain(r"\04"), plain(r"a\999"), plain(r"\")), (r"\04".into(), r"a\999".into(), r"\".into()));
    assert_eq!(plain(&escape("a \t\\040#b")), "a \t\\040#b");
}

#[test]
fn what_is_mounted_otherwise_shows_in_the_options() {
    let disk = |flags: &str, shared: &str| {
        live(&format!("36 35 8:1 / /a {flags} shared:1 - ext4 /dev/sda1 {shared}"))
    };
    let rows = [
        ("defaults", disk("rw,relatime", "rw"), "defaults", "nothing asked for"),
        ("noexec,data=ordered", disk("rw,noexec,relatime", "rw"), "noexec,data=ordered", "as asked for"),
        ("noexec", disk("rw,relatime", "rw"), "exec", "an option is not in effect"),
        ("defaults", disk("rw,nosuid,relatime", "rw"), "defaults,nosuid", "one too many"),
        ("rw", disk("ro,relatime", "rw"), "ro", "the mount is read-only"),
        ("defaults", disk("rw,relatime", "ro,errors=remount-ro"), "defaults,ro", "the file system is"),
        ("ro,rw", disk("rw,relatime", "rw"), "ro,rw", "the last one counts"),
        ("noatime", disk("rw,relatime", "rw"), "relatime", "times of access"),
        ("defaults", disk("rw,noatime", "rw"), "defaults,noatime", "times of access that nobody asked for"),
        ("strictatime", disk("rw", "rw"), "strictatime", "said by nothing"),
        ("users,exec", disk("rw,nosuid,nodev,relatime", "rw"), "users,exec", "implied"),
        ("sync", disk("rw,relatime", "rw"), "async", "of the whole file system"),
    ];
    for (asked, live, seen, why) in rows {
        let line = line(&format!("/dev/sda1 /a ext4 {asked} 0 0"));
        assert_eq!(live.options(&line).join(","), seen, "{why}");
    }
    let tmpfs = |shared: &str| live(&format!("36 35 0:50 / /a rw,relatime - tmpfs tmpfs {shared}"));
    let rows = [
        ("size=1m,mode=0755", "rw,size=1024k,mode=755", "size=1m,mode=0755", "the same in other words"),
        ("size=1m", "rw,size=2048k", "size=2048k", "another size"),
        ("size=5000", "rw,size=8k", "size=5000", "whole pages"),
        ("size=50%", "rw,size=2048k", "size=50%", "a part of the memory"),
        ("mode=0755", "rw", "mode=1777", "the kernel's own mode"),
        ("uid=0", "rw", "uid=0", "the kernel's own user"),
    ];
    for (asked, shared, seen, why) in rows {
        let line = line(&format!("tmpfs /a tmpfs {asked} 0 0"));
        assert_eq!(tmpfs(shared).options(&line).join(","), seen, "{why}");
    }
    let bind = live("36 35 8:1 /b /a rw,nosuid,noatime master:1 - ext4 /dev/sda1 ro");
    let rows = [
        ("bind", "bind"),
        ("bind,ro", "bind,rw"),
        ("bind,suid", "bind,nosuid"),
        ("bind,relatime", "bind,noatime"),
    ];
    for (asked, seen) in rows {
        let line = line(&format!("/b /a none {asked} 0 0"));
        assert_eq!(bind.options(&line).join(","), seen, "only what is said counts for {asked}");
    }
}

#[test]
fn mounts_are_told_by_device_and_type() {
    let nas = live(r"36 35 0:44 / /my\040place rw shared:4 master:2 - nfs4 nas:/a\040b/ rw,vers=4.2");
    assert!(nas.is_from("nas:/a b") && !nas.is_from("nas:/a") && nas.is_of_type(&line("nas:/a /a nfs")));
    assert!(!nas.is_of_type(&line("nas:/a /a cifs")) && nas.is_of_type(&line("nas:/a /a auto")));
    let bind = live("36 35 8:1 /b /a rw - ext4 /dev/sda1 rw");
    assert_eq!(bind.device(), "/dev/sda1[/b]");
    assert!(!bind.is_from("/dev/sda1") && bind.is_of_type(&line("/b /a none bind")));
    assert_eq!(Live::parse("36 35 8:1 / /a rw -"), None);
    assert_eq!(remount(&line("/b /a none bind,ro")), "remount,bind,rw,suid,dev,exec,ro");
    assert_eq!(
        remount(&line("tmpfs /a tmpfs defaults,size=1m")),
        "remount,rw,suid,dev,exec,relatime,diratime,size=1m"
    );
}
