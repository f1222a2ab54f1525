use std::sync::Arc;
use std::time::Duration;

use addrs::{AbsProviderConfig, AbsResourceInstance};
use value::Value;

use super::{LocalState, LockedState, Locking, ManagerError, Opened};
use crate::journal::{Record, Started};
use crate::{LockInfo, ObjectState, OutputState, State, v4};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    fn state(&self) -> LocalState {
        LocalState::new(self.0.path().join("terraform.tfstate"))
    }

    fn open(&self) -> (LockedState, Opened) {
        self.try_open().expect("nobody holds the lock")
    }

    fn try_open(&self) -> Result<(LockedState, Opened), ManagerError> {
        let info = LockInfo { id: "lock-1".into(), who: "me@here".into(), ..LockInfo::default() };
        self.state().lock(info, Locking::Take, Duration::ZERO)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("the folder is ours");
        let mut names: Vec<String> =
            entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn provider() -> AbsProviderConfig {
    "provider[\"registry.terraform.io/hashicorp/t\"]".parse().expect("valid")
}

fn address(n: usize) -> AbsResourceInstance {
    format!("t.n[{n}]").parse().expect("valid")
}

fn object(id: &str) -> Arc<ObjectState> {
    let value = Value::object_of([("id", Value::string(id))]);
    Arc::new(ObjectState::encode(&value, &value.ty(), 0).expect("known"))
}

fn with_objects(count: usize) -> State {
    let mut state = State::default();
    for n in 0..count {
        state.set_current(&address(n), &provider(), Some(object(&format!("id-{n}"))));
    }
    state
}

fn started(token: &str, n: usize) -> Started {
    Started {
        token: token.into(),
        address: address(n),
        deposed: None,
        provider: provider(),
        action: "create".into(),
        schema_version: 0,
        planned: vec![1, 2],
        config: vec![3],
        private: Vec::new(),
        dependencies: Arc::new([]),
        create_before_destroy: false,
    }
}

fn finished(token: &str, n: usize) -> Record {
    Record::Finished {
        token: Some(token.into()),
        address: address(n),
        deposed: None,
        provider: provider(),
        object: Some(object(&format!("id-{n}"))),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs nothing").block_on(future)
}

#[test]
fn a_snapshot_is_written_read_and_backed_up() {
    let folder = Folder::new();
    let (mut locked, opened) = folder.open();
    assert!(opened.state.is_empty() && !opened.recovered);
    let written = locked.write(with_objects(1), &[]).expect("the folder is writable");
    assert_eq!((written.serial, written.lineage.is_empty()), (1, false));
    let again = locked.write(written.clone(), &[]).expect("writable");
    assert_eq!(again.serial, 1, "an equal snapshot is not written again");
    drop(locked);
    let (mut locked, opened) = folder.open();
    assert_eq!(opened.state, written);
    let mut more = with_objects(2);
    more.outputs.insert("o".into(), OutputState { value: Value::bool(true), sensitive: false });
    assert_eq!(locked.write(more, &[]).expect("writable").serial, 2);
    drop(locked);
    assert_eq!(folder.names(), ["terraform.tfstate", "terraform.tfstate.backup"]);
    let backup = std::fs::read_to_string(folder.path("terraform.tfstate.backup")).expect("kept");
    assert_eq!(v4::read(&backup).expect("a state"), written);
}

#[test]
fn only_its_owner_may_read_the_state() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    std::fs::write(folder.path("terraform.tfstate"), "").expect("ours");
    let (mut locked, _) = folder.open();
    locked.write(with_objects(1), &[]).expect("writable");
    let mode = std::fs::metadata(folder.path("terraform.tfstate")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_lock_without_a_write_leaves_nothing_behind() {
    let folder = Folder::new();
    let (locked, _) = folder.open();
    assert!(folder.path(".terraform.tfstate.lock.info").exists());
    locked.unlock().expect("ours");
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn another_process_is_kept_out_and_told_who_holds_the_lock() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    locked.write(with_objects(1), &[]).expect("writable");
    // Record locks do not exclude within one process: another one tries.
    let path = folder.path("terraform.tfstate");
    let script = "import fcntl,sys\nf=open(sys.argv[1],'r+')\ntry:\n fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB)\n print('free')\nexcept OSError:\n print('held')";
    let Ok(output) = std::process::Command::new("python3").args(["-c", script]).arg(&path).output() else {
        assert!(std::env::var_os("CI").is_none(), "python3 must be there under CI");
        println!("python3 is absent: the lock was not tried from another process");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "held");
    drop(locked);
    let output =
        std::process::Command::new("python3").args(["-c", script]).arg(&path).output().expect("ran before");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "free");
}

#[test]
fn what_was_finished_survives_without_the_state_being_written() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    let base = locked.write(with_objects(1), &[]).expect("writable");
    let journal = locked.journal(&[]).expect("writable");
    block_on(async {
        journal.append(&Record::Started(started("a", 1))).await.expect("writable");
        journal.append(&finished("a", 1)).await.expect("writable");
        journal.append(&Record::Started(started("b", 2))).await.expect("writable");
    });
    drop((journal, locked));
    let (mut locked, opened) = folder.open();
    assert!(opened.recovered);
    assert_eq!(opened.unresolved, [started("b", 2)]);
    assert_eq!(opened.state.instances().count(), 2);
    assert_eq!(opened.state.lineage, base.lineage);
    // Written with the unresolved change kept, then settled.
    let written = locked.write(opened.state, &opened.unresolved).expect("writable");
    assert_eq!(written.serial, base.serial + 1);
    drop(locked);
    let (mut locked, opened) = folder.open();
    assert!(!opened.recovered);
    assert_eq!(opened.unresolved, [started("b", 2)]);
    locked.write(opened.state, &[]).expect("writable");
    drop(locked);
    assert!(!folder.path(".terraform.tfstate.journal").exists());
}

#[test]
fn what_many_say_at_once_waits_for_the_disk_once() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    locked.write(with_objects(1), &[]).expect("writable");
    let journal = Arc::new(locked.journal(&[]).expect("writable"));
    block_on(async {
        let append = |n| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move { journal.append(&finished("a", n)).await })
        };
        let tasks: Vec<_> = (1..=40).map(append).collect();
        for task in tasks {
            task.await.expect("it does not panic").expect("writable");
        }
    });
    let syncs = journal.close().expect("it was open");
    // One, but for what the runtime does in between.
    assert!(syncs <= 3, "{syncs} syncs for 40 records");
    assert!(journal.close().is_none());
    drop(locked);
    assert_eq!(folder.open().1.state.instances().count(), 41);
}

#[test]
fn a_new_journal_never_loses_what_an_old_one_holds() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    locked.write(with_objects(1), &[]).expect("writable");
    let journal = locked.journal(&[]).expect("writable");
    block_on(journal.append(&finished("a", 1))).expect("writable");
    drop((journal, locked));
    let (mut locked, opened) = folder.open();
    let journal = locked.journal(&opened.unresolved).expect("writable");
    drop((journal, locked));
    assert_eq!(folder.open().1.state.instances().count(), 2);
}

/// Cuts the journal at every byte: what is left is always a true beginning.
#[test]
fn a_journal_cut_anywhere_is_a_true_beginning() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    locked.write(with_objects(1), &[]).expect("writable");
    let journal = locked.journal(&[]).expect("writable");
    block_on(async {
        for n in 1..4 {
            let token = format!("t{n}");
            journal.append(&Record::Started(started(&token, n))).await.expect("writable");
            journal.append(&finished(&token, n)).await.expect("writable");
        }
    });
    drop((journal, locked));
    let path = folder.path(".terraform.tfstate.journal");
    let mut whole = std::fs::read(&path).expect("there");
    // One zero is as good as all of them behind the records.
    whole.truncate(whole.iter().position(|b| *b == 0).expect("there is room for more") + 1);
    let mut last = 0;
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).expect("ours");
        let opened = folder.state().read().expect("a cut journal is still read");
        let known = opened.state.instances().count() + opened.unresolved.len();
        assert!(known >= last, "cut at {cut}");
        last = known;
    }
    assert_eq!(last, 4);
}

#[test]
fn a_crash_between_state_and_journal_folds_nothing_twice() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    locked.write(with_objects(1), &[]).expect("writable");
    let journal = locked.journal(&[]).expect("writable");
    block_on(async {
        journal.append(&finished("a", 1)).await.expect("writable");
        let gone = Record::Finished {
            token: None,
            address: address(0),
            deposed: None,
            provider: provider(),
            object: None,
        };
        journal.append(&gone).await.expect("writable");
    });
    drop((journal, locked));
    let path = folder.path(".terraform.tfstate.journal");
    let (mut locked, opened) = folder.open();
    locked.write(opened.state, &[]).expect("writable");
    drop(locked);
    // As if the process had died before it removed the journal: it says that it has been folded.
    let text = std::fs::read_to_string(folder.path("terraform.tfstate")).expect("there");
    let digest = super::local::digest(&text);
    std::fs::write(
        &path,
        format!(
            "{{\"journal\":{{\"version\":1,\"lineage\":\"other\",\"serial\":1}}}}\n{{\"folding\":{{\"digest\":\"{digest}\"}}}}\n"
        ),
    )
    .expect("ours");
    let opened = folder.open().1;
    assert_eq!(opened.state.instances().count(), 1);
    assert!(!opened.recovered);
}

#[test]
fn a_journal_of_another_state_is_refused() {
    let folder = Folder::new();
    std::fs::write(
        folder.path(".terraform.tfstate.journal"),
        "{\"journal\":{\"version\":1,\"lineage\":\"other\",\"serial\":7}}\n",
    )
    .expect("ours");
    let error = folder.try_open().expect_err("it belongs elsewhere");
    assert!(error.to_string().contains("serial 7"), "{error}");
}

#[test]
fn an_interrupted_write_is_completed() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    let old = locked.write(with_objects(1), &[]).expect("writable");
    drop(locked);
    let new = State { serial: 2, lineage: old.lineage, ..with_objects(3) };
    std::fs::write(folder.path(".terraform.tfstate.next"), v4::write(&new).expect("known")).expect("ours");
    std::fs::write(folder.path("terraform.tfstate"), "{\"version\":4,").expect("ours");
    assert_eq!(folder.state().read().expect("complete").state.instances().count(), 3);
    assert_eq!(folder.open().1.state.serial, 2);
    assert!(!folder.path(".terraform.tfstate.next").exists());
}

#[test]
fn pushing_checks_lineage_and_serial() {
    let folder = Folder::new();
    let (mut locked, _) = folder.open();
    let written = locked.write(with_objects(1), &[]).expect("writable");
    let foreign = State { lineage: "other".into(), serial: 9, ..with_objects(2) };
    assert!(matches!(locked.push(&foreign, false), Err(ManagerError::Lineage { .. })));
    let stale = State { lineage: written.lineage.clone(), serial: 0, ..with_objects(2) };
    assert!(matches!(locked.push(&stale, false), Err(ManagerError::Serial { .. })));
    locked.push(&foreign, true).expect("forced");
    let newer = State { lineage: "other".into(), serial: 10, ..with_objects(3) };
    locked.push(&newer, false).expect("newer");
}

#[test]
fn one_file_may_be_written_in_several_ways() {
    let folder = Folder::new();
    folder.open().0.write(with_objects(1), &[]).expect("it can be written");
    std::os::unix::fs::symlink(folder.path("terraform.tfstate"), folder.path("link"))
        .expect("links are possible");
    let state = folder.state();
    for (name, same) in [
        ("terraform.tfstate", true),
        ("./terraform.tfstate", true),
        ("link", true),
        ("absent", false),
        ("absent/terraform.tfstate", false),
    ] {
        let other = LocalState::new(folder.path(name));
        assert_eq!(state.is_same_file(&other), same, "{name}");
        assert_eq!(other.exists(), same, "{name}");
    }
    let absent = |name: &str| LocalState::new(folder.path(name));
    assert!(absent("absent").is_same_file(&absent("./absent")));
}
