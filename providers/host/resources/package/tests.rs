//! The scripts of package managers that are not on this machine, with programs in their place that write down how they are called.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path as FilePath;
use std::process::Command;

use super::CHANGE;

const TOOLS: [&str; 23] = [
    "sh", "cat", "sed", "grep", "sort", "head", "tail", "tr", "mkdir", "rm", "rmdir", "mv", "chmod", "find",
    "flock", "setsid", "sleep", "printf", "awk", "ls", "cp", "touch", "dirname",
];

/// A folder as the host's root, with programs of our own as its package manager.
struct Stage(tempfile::TempDir);

impl Stage {
    fn new(programs: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let bin = folder.path().join("bin");
        fs::create_dir_all(&bin).expect("can be made");
        for tool in TOOLS {
            let found = ["/usr/bin", "/bin"]
                .iter()
                .map(|folder| FilePath::new(folder).join(tool))
                .find(|path| path.exists());
            if let Some(path) = found {
                symlink(path, bin.join(tool)).expect("can be made");
            }
        }
        for (name, text) in programs {
            let text = format!("#!/bin/sh\nprintf '%s\\n' \"${{0##*/}} $*\" >>\"$LOG\"\n{text}\n");
            fs::write(bin.join(name), text).expect("can be written");
            fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).expect("can be set");
        }
        Self(folder)
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("is in a folder")).expect("can be made");
        fs::write(path, text).expect("can be written");
    }

    /// Runs the script for one manager, and answers what was called and what was said.
    fn run(&self, manager: &str, version: &str, hold: &str, argument: &str) -> (Vec<String>, String) {
        let root = self.0.path().display();
        let log = self.0.path().join("log");
        _ = fs::remove_file(&log);
        let library = include_str!("../../scripts/lib.sh");
        let change = CHANGE.replace("\nmanager\n", &format!("\npm={manager}\n"));
        let script = format!(
            "R={root} name=tool version={version} hold={hold} purge=true\nset -- {argument}\n{library}\n{change}"
        );
        let output = Command::new("/bin/sh")
            .args(["-c", &script])
            .env_clear()
            .env("PATH", self.0.path().join("bin"))
            .env("LC_ALL", "C")
            .env("LOG", &log)
            .env("STATE", self.0.path())
            .output()
            .expect("sh is there");
        let calls = fs::read_to_string(&log).unwrap_or_default();
        let asked = |line: &&str| !line.starts_with("rpm ");
        (
            calls.lines().filter(asked).map(str::to_owned).collect(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }
}

/// An rpm that knows `tool` once `$STATE/installed` holds its version.
const RPM: (&str, &str) = (
    "rpm",
    r#"if [ -e "$STATE/installed" ]; then cat "$STATE/installed"; else echo "package tool is not installed"; exit 1; fi"#,
);

/// What dnf shows of transactions, as it did on a host: `tool` brings `came`, and takes with it what is in `$STATE/others`.
const DNF_LOOK: &str = r#"case "$*" in
*--assumeno*" install "*)
  printf 'Dependencies resolved.\n====\n Package  Arch  Version\n====\nInstalling:\n tool    noarch  1.0-1 lab  5.9 k\n'
  printf 'Installing dependencies:\n came\n         noarch  1.0-1 lab  5.9 k\nUpgrading:\n theirs  noarch  1.0-1 lab  5.9 k\n\nTransaction Summary\n'
  exit 1 ;;
*--assumeno*)
  printf 'Dependencies resolved.\n====\n Package  Arch  Version\n====\nRemoving:\n tool    noarch  1.0-1 @lab  2\n'
  [ ! -e "$STATE/others" ] || { echo 'Removing dependent packages:'; cat "$STATE/others"; }
  case "$*" in *=True*) printf 'Removing unused dependencies:\n came    noarch  1.0-1 @lab  2\n old     noarch  1.0-1 @lab  2\n' ;; esac
  printf '\nTransaction Summary\n====\nRemove  2 Packages\n'
  exit 1 ;;
esac
"#;

const LOOKED: [&str; 2] = [
    "dnf --assumeno --setopt=clean_requirements_on_remove=False remove tool",
    "dnf --assumeno --setopt=clean_requirements_on_remove=True remove tool",
];

#[test]
fn dnf_is_called_as_its_manual_says() {
    let dnf = r#"case "$*" in
*downgrade*) echo 1.0-1.el9 >"$STATE/installed" ;;
*" install tool"*) [ -e "$STATE/installed" ] || echo 2.0-1.el9 >"$STATE/installed" ;;
*" remove tool"*) rm -f "$STATE/installed" ;;
*"versionlock add"*) mkdir -p "$STATE/etc/dnf/plugins"; echo "tool-0:2.0-1.el9.*" >"$STATE/etc/dnf/plugins/versionlock.list" ;;
*"versionlock delete"*) rm -f "$STATE/etc/dnf/plugins/versionlock.list" ;;
esac"#;
    let dnf = format!("{DNF_LOOK}{dnf}");
    let stage = Stage::new(&[RPM, ("dnf", &dnf)]);
    let calls = ["dnf --assumeno install tool", "dnf -q -y install tool", "dnf -q -y mark install tool"];
    assert_eq!(stage.run("dnf", "", "", ""), (calls.map(str::to_owned).to_vec(), String::new()));
    let (calls, said) = stage.run("dnf", "1.0", "", "");
    assert_eq!(calls[1..3], ["dnf -q -y install tool-1.0", "dnf -q -y downgrade tool-1.0"], "{said}");
    let (calls, _) = stage.run("dnf", "", "true", "");
    assert_eq!(calls[1..], ["dnf -q -y versionlock add tool"]);
    let (calls, _) = stage.run("dnf", "", "true", "");
    assert_eq!(calls, ["dnf -q -y mark install tool"], "it is held already");
    let (calls, said) = stage.run("dnf", "", "", "remove");
    let remove = "dnf -q -y --setopt=clean_requirements_on_remove=False remove tool came";
    let expected = ["dnf -q -y versionlock delete tool", LOOKED[0], LOOKED[1], remove];
    assert_eq!(calls, expected, "what came with it goes, what was there before does not: {said}");
    assert!(!stage.0.path().join("var/lib/groma/found").exists());
}

#[test]
fn dnf_is_understood_when_it_fails() {
    let missing = ("dnf", "echo 'Error: Unable to find a match: tool'; exit 1");
    let (calls, said) = Stage::new(&[RPM, missing]).run("dnf", "9.9", "", "");
    assert_eq!(
        calls,
        [
            "dnf --assumeno install tool-9.9",
            "dnf -q -y install tool-9.9",
            "dnf --assumeno --refresh install tool-9.9",
            "dnf -q -y --refresh install tool-9.9"
        ]
    );
    assert!(said.contains("no repository of the host has the package tool-9.9"), "{said}");
    let no_plugin = (
        "dnf",
        "case \"$*\" in *versionlock*) echo 'No such command: versionlock.'; exit 1 ;; *) echo 1.0-1 >\"$STATE/installed\" ;; esac",
    );
    let (_, said) = Stage::new(&[RPM, no_plugin]).run("dnf", "", "true", "");
    assert!(said.contains("python3-dnf-plugin-versionlock"), "{said}");
}

#[test]
fn packages_that_others_need_or_that_were_there_stay() {
    let dnf = format!("{DNF_LOOK}[ \"$3\" = install ] && echo 1.0-1 >\"$STATE/installed\"; :");
    let dnf = ("dnf", dnf.as_str());
    let stage = Stage::new(&[RPM, dnf]);
    stage.run("dnf", "", "", "");
    stage.file("others", " other   noarch  1.0-1 @lab  2\n");
    let (calls, _) = stage.run("dnf", "", "", "remove");
    assert_eq!(calls, [LOOKED[0], "dnf -q -y mark remove tool"]);
    let stage = Stage::new(&[RPM, dnf]);
    stage.file("installed", "1.0-1\n");
    stage.run("dnf", "", "", "");
    let (calls, _) = stage.run("dnf", "", "", "remove");
    assert_eq!(calls, [""; 0]);
}

#[test]
fn zypper_is_called_as_its_manual_says() {
    let zypper = r#"case "$*" in
*--dry-run*)
  printf '<install-summary>\n<to-remove>\n'
  case "$*" in *remove*) printf '<solvable type="package" name="tool" edition="1.0-1"/>\n' ;; esac
  case "$*" in *clean-deps*) printf '<solvable type="package" name="came"/>\n<solvable type="package" name="old"/>\n' ;; esac
  printf '</to-remove>\n<to-install>\n'
  case "$*" in *install*) printf '<solvable type="package" name="tool"/>\n<solvable type="package" name="came"/>\n' ;; esac
  printf '</to-install>\n</install-summary>\n' ;;
*" install "*" -- tool=1.0"*) echo 1.0-1 >"$STATE/installed" ;;
*" install -- tool"*) [ -e "$STATE/refreshed" ] || exit 104; echo 2.0-1 >"$STATE/installed"; exit 102 ;;
*" refresh"*) : >"$STATE/refreshed" ;;
*addlock*) mkdir -p "$STATE/etc/zypp"; echo "solvable_name: tool" >"$STATE/etc/zypp/locks" ;;
*removelock*) rm -f "$STATE/etc/zypp/locks" ;;
esac"#;
    let stage = Stage::new(&[RPM, ("zypper", zypper)]);
    let install = "zypper --non-interactive --quiet install -- tool";
    let look = "zypper --non-interactive --xmlout install --dry-run -- tool";
    let (calls, said) = stage.run("zypper", "", "true", "");
    assert_eq!(
        calls,
        [
            look,
            install,
            "zypper --non-interactive --quiet refresh",
            look,
            install,
            "zypper --non-interactive --quiet addlock -- tool"
        ],
        "{said}"
    );
    let (calls, _) = stage.run("zypper", "1.0", "", "");
    assert_eq!(calls[0], "zypper --non-interactive --quiet removelock -- tool");
    assert_eq!(calls[2], "zypper --non-interactive --quiet install --oldpackage -- tool=1.0");
    assert_eq!(calls[3], "zypper --non-interactive --quiet addlock -- tool", "held as before");
    let (calls, _) = stage.run("zypper", "", "", "remove");
    assert_eq!(
        calls[1..],
        [
            "zypper --non-interactive --xmlout remove --dry-run -- tool",
            "zypper --non-interactive --xmlout remove --dry-run --clean-deps -- tool",
            "zypper --non-interactive --quiet remove -- tool came"
        ]
    );
}

#[test]
fn apk_is_called_as_its_manual_says() {
    let apk = r#"for last; do :; done
case "$*" in
*" update") : >"$STATE/refreshed" ;;
*" add tool"*) [ -e "$STATE/refreshed" ] || { echo "ERROR: unable to select packages: tool (no such package)"; exit 1; }
  version=2.0-r0; case $last in *=*) version=${last#*=} ;; esac
  echo "$last" >"$STATE/etc/apk/world"
  printf 'P:musl\nV:1.2-r0\n\nP:tool\nV:%s\n\n' "$version" >"$STATE/lib/apk/db/installed" ;;
*" del "*) : >"$STATE/etc/apk/world"; : >"$STATE/lib/apk/db/installed" ;;
esac"#;
    let stage = Stage::new(&[("apk", apk)]);
    stage.file("etc/apk/world", "");
    stage.file("lib/apk/db/installed", "P:musl\nV:1.2-r0\n\n");
    let quiet = "apk --quiet --no-progress --wait 600";
    let (calls, said) = stage.run("apk", "", "", "");
    assert_eq!(
        calls,
        [format!("{quiet} add tool"), "apk --quiet --wait 600 update".into(), format!("{quiet} add tool")],
        "{said}"
    );
    let (calls, _) = stage.run("apk", "1.0-r0", "true", "");
    assert_eq!(calls, [format!("{quiet} add tool=1.0-r0")], "the constraint is the hold");
    let (calls, _) = stage.run("apk", "", "false", "");
    assert_eq!(calls, [format!("{quiet} add tool")]);
    let (calls, said) = stage.run("apk", "", "", "remove");
    assert_eq!(calls, [format!("{quiet} del --purge tool")], "{said}");
}
