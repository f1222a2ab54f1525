//! The functions that all scripts have, by themselves.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use super::support::folder;

const LIBRARY: &str = include_str!("../scripts/lib.sh");

/// A script with the library.
fn script(text: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("{LIBRARY}\n{text}")]).env("LC_ALL", "C");
    command
}

fn run(command: &mut Command) -> Output {
    command.output().expect("sh is there")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The number of a process that is no more.
fn dead() -> u32 {
    let mut child = Command::new("/bin/true").spawn().expect("can be started");
    child.wait().expect("ends");
    child.id()
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_an_interrupted_write_left_goes_with_the_next_one_and_with_the_file() {
    let folder = folder();
    let at = folder.path();
    let (dead, alive) = (dead(), std::process::id());
    let leave = || {
        for left in [
            format!("secret.groma-new-{dead}"),
            format!("secret.groma-new-{dead}.marks"),
            format!("secret.groma-new-{alive}"),
            format!("secret2.groma-new-{dead}"),
            "secret.groma-new".to_owned(),
        ] {
            fs::write(at.join(left), "half a secret").expect("can be written");
        }
    };
    let stays = [
        "secret".to_owned(),
        "secret.groma-new".to_owned(),
        format!("secret.groma-new-{alive}"),
        format!("secret2.groma-new-{dead}"),
    ];
    leave();
    let sum = "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90";
    let put = format!("R={}; g_content=alice; put_file \"$R/secret\" {sum} 600 :", at.display());
    let output = run(&mut script(&put));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(names(at), stays, "one of a process that runs is that one's");
    leave();
    let output = run(&mut script(&format!("R={}; found_restore file key \"$R/secret\"", at.display())));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(names(at), stays[1..]);
}

#[test]
fn what_is_written_gets_the_label_of_its_place_where_there_is_selinux() {
    let folder = folder();
    let at = folder.path();
    fs::create_dir(at.join("bin")).expect("can be made");
    let stand_in =
        "#!/bin/sh\necho \"$*\" >>\"$LOG\"\n[ ! -e \"$LOG-bad\" ] || { cat \"$LOG-bad\"; exit 1; }\n";
    fs::write(at.join("bin/restorecon"), stand_in).expect("can be written");
    fs::set_permissions(at.join("bin/restorecon"), fs::Permissions::from_mode(0o755)).expect("can be set");
    symlink("real", at.join("link")).expect("can be linked");
    let sum = "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90";
    let put = format!("PATH={0}/bin:$PATH; g_content=alice; put_file {0}/link {sum} 600 :", at.display());
    let labelled = |enforce: &Path| {
        let library = LIBRARY.replace("/sys/fs/selinux/enforce", &enforce.display().to_string());
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("R=\n{library}\n{put}")]);
        let output = run(command.env("LOG", at.join("log")));
        let calls = fs::read_to_string(at.join("log")).unwrap_or_default();
        _ = fs::remove_file(at.join("log"));
        (output.status.success(), calls, said(&output))
    };
    let (went, calls, said) = labelled(&at.join("none"));
    assert!(went && calls.is_empty(), "there is none: {calls}{said}");
    fs::write(at.join("enforce"), "1").expect("can be written");
    let real = format!("{}/real\n", at.display());
    assert_eq!(labelled(&at.join("enforce")), (true, real.clone(), String::new()));
    fs::write(at.join("log-bad"), "Operation not supported\n").expect("can be written");
    assert_eq!(
        labelled(&at.join("enforce")),
        (true, real, String::new()),
        "not all file systems have labels"
    );
    fs::write(at.join("log-bad"), "Permission denied\n").expect("can be written");
    let (went, _, said) = labelled(&at.join("enforce"));
    assert!(!went && said.contains("SELinux's label cannot be set: Permission denied"), "{said}");
    assert_eq!(fs::read_to_string(at.join("real")).ok().as_deref(), Some("alice"), "{}", names(at).join(" "));
}

#[test]
fn what_may_not_be_seen_is_not_gone() {
    let folder = folder();
    let at = folder.path();
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).expect("can be set");
    for made in ["shut/in/deep", "open"] {
        fs::create_dir_all(at.join(made)).expect("can be made");
    }
    fs::write(at.join("shut/in/file"), "").expect("can be written");
    fs::write(at.join("open/file"), "").expect("can be written");
    symlink("../shut/in/file", at.join("open/link")).expect("can be linked");
    symlink(at.join("shut/in"), at.join("open/folder")).expect("can be linked");
    symlink("nowhere", at.join("open/nowhere")).expect("can be linked");
    symlink("round", at.join("open/round")).expect("can be linked");
    fs::set_permissions(at.join("shut"), fs::Permissions::from_mode(0o600)).expect("can be set");
    let rows = [
        ("shut/in/file", Some("shut"), "a file that is there"),
        ("shut/other", Some("shut"), "one that is not"),
        ("shut/in/deep/more", Some("shut"), "far below"),
        ("open/link", Some("shut"), "a link into it"),
        ("open/folder/file", Some("shut"), "below a link into it"),
        ("shut", None, "itself is there"),
        ("open/file", None, "can be seen"),
        ("open/file/below", None, "a file has nothing below it"),
        ("open/none/none", None, "no such folder"),
        ("open/nowhere", None, "a link to nothing"),
        ("open/round/none", None, "a link to itself"),
    ];
    let paths: Vec<String> = rows.iter().map(|(path, _, _)| format!("{}/{path}", at.display())).collect();
    let text = format!(
        "R=; for p in {}; do if hidden \"$p\"; then echo \"$g_shut\"; else echo; fi; done",
        paths.join(" ")
    );
    let mut command = script(&text);
    // Nothing is shut to root.
    if fs::metadata(at).is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0) {
        command.uid(65534).gid(65534);
    }
    let output = run(&mut command);
    let text = said(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), rows.len(), "{text}");
    for ((path, expected, why), line) in rows.iter().zip(lines) {
        let expected = expected.map(|folder| at.join(folder).display().to_string()).unwrap_or_default();
        // By a link, the folder is called as the link does.
        let line = line.replace("open/../", "");
        assert_eq!(line, expected, "{path}: {why}");
    }
}

#[test]
fn who_was_alone_lets_others_go_on() {
    for without_flock in [false, true] {
        let folder = folder();
        let hide = if without_flock { "command() { [ \"$2\" != flock ]; }" } else { "" };
        let text = format!(
            "R={}; {hide}
             free() {{ (alone_pause() {{ exit 1; }}; alone) && echo free || echo taken; }}
             alone; free; not_alone; free; alone; free",
            folder.path().display()
        );
        let output = run(&mut script(&text));
        assert_eq!(said(&output), "taken\nfree\ntaken\n", "without flock: {without_flock}");
        assert_eq!(names(folder.path()), [""; 0]);
    }
}
