use std::fs;
use std::path::Path;

use provider::conformance::environment;
use value::Value;

use super::support::object;
use crate::releases::lock::{LockFile, Pin};
use crate::releases::version::{Channel, ReleaseId};

const CHANNEL: Channel = Channel { major: 1, minor: 34 };

fn lock(folder: &Path) -> LockFile {
    LockFile::of(&environment(folder), &object(&[("lock_file", Value::string("eksd.lock.hcl"))]))
}

fn pin(number: u32, digest: &str, latest: bool) -> Pin {
    Pin { id: ReleaseId { channel: CHANNEL, number }, digest: digest.into(), latest }
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("eksd.lock.hcl")).unwrap_or_default()
}

#[tokio::test]
async fn first_use_pins_and_a_change_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let lock = lock(folder.path());
    assert_eq!(lock.latest(CHANNEL).await, Ok(None));
    lock.pin(pin(21, "aa", false)).await.expect("is the first");
    let first = text(folder.path());
    assert!(first.ends_with("\nrelease \"1-34\" \"21\" {\n  sha256 = \"aa\"\n}\n"), "{first}");
    lock.pin(pin(21, "aa", false)).await.expect("is the same");
    assert_eq!(lock.latest(CHANNEL).await, Ok(None), "a number that was asked for is no latest");
    let error = format!("{:?}", lock.pin(pin(21, "bb", true)).await.expect_err("is another"));
    for part in ["v1-34-eks-21", "aa", "bb", "eksd.lock.hcl", "remove the block"] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(text(folder.path()), first, "nothing was changed");
    lock.pin(pin(22, "bb", false)).await.expect("is of another release");
    assert!(text(folder.path()).starts_with(&first));
}

#[tokio::test]
async fn what_others_wrote_stays_to_the_letter() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = "# ours\n\nrelease \"1-34\" \"21\" { # held\n  sha256   =   \"aa\" # seen by Eve\n}\n\nchannel \"1-34\" {\n  release = 21 # for now\n}\n";
    fs::write(folder.path().join("eksd.lock.hcl"), before).expect("can be written");
    let lock = lock(folder.path());
    assert_eq!(lock.latest(CHANNEL).await, Ok(Some(21)));
    lock.pin(pin(21, "aa", true)).await.expect("is what is pinned");
    assert_eq!(text(folder.path()), before);
    lock.pin(pin(22, "cc", true)).await.expect("is another release");
    let wanted = format!(
        "{}\nrelease \"1-34\" \"22\" {{\n  sha256 = \"cc\"\n}}\n",
        before.replace("release = 21 #", "release = 22 #")
    );
    assert_eq!(text(folder.path()), wanted);
    assert_eq!(lock.latest(CHANNEL).await, Ok(Some(22)));
}

#[tokio::test]
async fn a_broken_lock_file_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = "release \"1-34\" {\n  sha256 = \n";
    fs::write(folder.path().join("eksd.lock.hcl"), broken).expect("can be written");
    let error = format!("{:?}", lock(folder.path()).pin(pin(21, "aa", false)).await.expect_err("is broken"));
    assert!(error.contains("line 2") && error.contains("cannot be read"), "{error}");
    assert_eq!(text(folder.path()), broken);
}

#[tokio::test]
async fn many_at_once_all_are_pinned() {
    let folder = tempfile::tempdir().expect("a folder");
    let lock = lock(folder.path());
    let pins: Vec<_> = (1..=20)
        .map(|number| {
            tokio::spawn({
                let lock = lock.clone();
                async move { lock.pin(pin(number, "aa", false)).await }
            })
        })
        .collect();
    for pinned in pins {
        pinned.await.expect("does not panic").expect("is pinned");
    }
    let text = text(folder.path());
    assert_eq!(text.matches("sha256").count(), 20, "{text}");
    let left: Vec<_> = fs::read_dir(folder.path()).expect("is there").collect();
    assert_eq!(left.len(), 1, "nothing is left beside it");
}
