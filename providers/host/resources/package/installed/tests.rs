use super::*;

fn seen(text: &str, name: &str, version: Option<&str>) -> Option<(String, bool)> {
    let version = version.map_or(Value::null(Type::String), Value::string);
    let object = Value::object_of([
        ("name", Value::string(name)),
        ("version", version),
        ("hold", Value::null(Type::Bool)),
    ]);
    let seen = Installed::parse(text).observed(&object);
    (!seen.is_null())
        .then(|| (seen.text("version").unwrap_or("any").to_owned(), seen.flag("hold").unwrap_or_default()))
}

#[test]
fn package_managers_are_understood() {
    let apt = "== apt\nlibc6:amd64\t2.36-9+deb12u14\tii \nkubelet:amd64\t1.31.2-1.1\thi \nold:all\t1.0\trc \nbroken:amd64\t1.0\tiF \n";
    let rpm = "== dnf\nbash.x86_64\t5.1.8-9.el9\nvim-enhanced.x86_64\t2:8.2.2637-20.el9_1\npackage none is not installed\n\
               kernel.x86_64\t5.14.0-1.el9\nkernel.x86_64\t5.14.0-2.el9\npython3.11.x86_64\t3.11.7-1.el9\n== locks\n\
               # Added lock on Fri Nov 20 10:00:00 2026\nbash-0:5.1.8-9.el9.*\n!vim-enhanced-2:8.2.2637-20.el9_1.*\n";
    let dnf5 = "== dnf\nbash.x86_64\t5.2.26-3.fc40\n== locks\nversion = \"1.0\"\n\n[[packages]]\nname = \"bash\"\ncomment = \"Added by 'versionlock add' command 2026-11-20\"\n";
    let zypper = "== zypper\nbash.x86_64\t4.4-150400.25.22\n== locks\n\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: bash\n";
    let apk = "== apk\nP:musl\nV:1.2.5-r0\nP:busybox\nV:1.36.1-r29\n== world\nalpine-base\nmusl=1.2.5-r0\nbusybox\n";
    let list = "== list\ncontainerd\nkubelet=1.31.2-1.1\n== held\nkubelet\n";
    let rows = [
        ("apt", apt, "libc6", None, Some(("2.36-9+deb12u14", false))),
        ("apt by architecture", apt, "libc6:amd64", None, Some(("2.36-9+deb12u14", false))),
        ("apt, other architecture", apt, "libc6:i386", None, None),
        ("apt, held", apt, "kubelet", None, Some(("1.31.2-1.1", true))),
        ("apt, only configuration left", apt, "old", None, None),
        ("apt, half configured", apt, "broken", None, None),
        ("apt, no release left out", apt, "kubelet", Some("1.31.2"), Some(("1.31.2-1.1", true))),
        ("rpm, held", rpm, "bash", None, Some(("5.1.8-9.el9", true))),
        (
            "rpm, epoch; an exclusion is no hold",
            rpm,
            "vim-enhanced",
            None,
            Some(("2:8.2.2637-20.el9_1", false)),
        ),
        ("rpm, without release", rpm, "vim-enhanced", Some("8.2.2637"), Some(("8.2.2637", false))),
        (
            "rpm, without epoch",
            rpm,
            "vim-enhanced",
            Some("8.2.2637-20.el9_1"),
            Some(("8.2.2637-20.el9_1", false)),
        ),
        ("rpm, other version", rpm, "vim-enhanced", Some("8.2"), Some(("2:8.2.2637-20.el9_1", false))),
        ("rpm, not there", rpm, "none", None, None),
        ("rpm, the newest of several", rpm, "kernel", None, Some(("5.14.0-2.el9", false))),
        ("rpm, a name with a dot", rpm, "python3.11", None, Some(("3.11.7-1.el9", false))),
        ("dnf 5, held", dnf5, "bash", None, Some(("5.2.26-3.fc40", true))),
        ("zypper, held", zypper, "bash", None, Some(("4.4-150400.25.22", true))),
        ("apk, held", apk, "musl", None, Some(("1.2.5-r0", true))),
        ("apk, any version", apk, "busybox", None, Some(("1.36.1-r29", false))),
        ("apk, not there", apk, "none", None, None),
        ("a folder, any version", list, "containerd", None, Some(("any", false))),
        ("a folder, held", list, "kubelet", None, Some(("1.31.2-1.1", true))),
    ];
    for (why, text, name, version, expected) in rows {
        let expected = expected.map(|(version, held)| (version.to_owned(), held));
        assert_eq!(seen(text, name, version), expected, "{why}");
    }
}
