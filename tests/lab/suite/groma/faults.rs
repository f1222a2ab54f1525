//! Connections that are lost in the middle of applies, a hundred times.

mod reader;

use std::collections::BTreeMap;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lab::{Fault, Lab};
use serde_json::Value;

use super::numbers::Numbers;
use super::work::{Work, machines, provider};
use crate::support::{one, said, timed};

/// How many files each apply changes, how many it makes and removes, and how often an apply is disturbed.
const CHANGED: usize = 16;
const MADE: usize = 4;
const ROUNDS: u64 = 100;

#[test]
fn a_hundred_lost_connections_lose_nothing() {
    let lab = one("lost");
    let work = Work::new(&lab, &config(&lab, 0));
    work.must(&["apply", "-auto-approve"]);
    work.set(&config(&lab, 1));
    // The moments are those of an apply, however fast this machine is.
    let (_, usual) = timed(|| work.must(&["apply", "-auto-approve", "-refresh=false"]));
    let mut numbers = Numbers(20_261_123);
    let ended = AtomicBool::new(false);
    let mut seen = BTreeMap::<&str, Seen>::new();
    let root = format!("/proc/{}/root/srv", lab.leader("d1").expect("it is up"));
    let wrong = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| reader::watch(&root, CHANGED, &ended));
        // A panic here must not leave the reader waiting for its end.
        let guard = EndOnDrop(&ended);
        for round in 2..ROUNDS + 2 {
            work.set(&config(&lab, round));
            let kind = Disturbance::of(round);
            let moment =
                usual.mul_f64(f64::from(u32::try_from(numbers.below(1000)).expect("is small")) / 1000.0);
            let seen = seen.entry(kind.name()).or_default();
            let output = disturbed_apply(&lab, &work, kind, moment, &mut numbers, seen);
            check(&lab, &work, round, &output, seen);
        }
        drop(guard);
        watcher.join().expect("it only reads")
    });
    println!("an apply takes {usual:?} when nothing happens");
    for (name, seen) in &seen {
        println!("{name}: {seen:?}");
    }
    println!("a reader looked at the files {} times", wrong.looks);
    assert!(wrong.wrong.is_empty(), "a reader saw files that were not whole: {:?}", wrong.wrong);
    let disturbed: u64 = seen.values().map(|seen| seen.disturbed).sum();
    let failed: u64 = seen.values().map(|seen| seen.failed).sum();
    assert!(disturbed > ROUNDS * 3 / 4, "only {disturbed} of {ROUNDS} applies were disturbed");
    assert!(failed > 0, "no disturbance was ever the end of an apply");
    work.must(&["destroy", "-auto-approve"]);
    let left = lab.inside("d1", &["sh", "-c", "ls -A /srv; ls -A /var/lib/groma 2>/dev/null || :"]);
    assert_eq!(left.expect("it is up"), "groma-lab\n", "something is left");
}

/// What happens to a connection.
#[derive(Clone, Copy)]
enum Disturbance {
    SessionsKilled,
    SshdKilled,
    /// The cable is out for a moment.
    LinkFlickers,
    /// The cable is out for longer than groma tries again.
    LinkCut,
}

impl Disturbance {
    fn of(round: u64) -> Self {
        match round % 20 {
            0 => Self::LinkCut,
            1 | 6 | 11 | 16 => Self::SshdKilled,
            3 | 8 | 13 | 18 => Self::LinkFlickers,
            _ => Self::SessionsKilled,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SessionsKilled => "sessions killed",
            Self::SshdKilled => "sshd killed",
            Self::LinkFlickers => "link cut for a moment",
            Self::LinkCut => "link cut",
        }
    }
}

/// What became of the applies that something happened to.
#[derive(Debug, Default)]
struct Seen {
    rounds: u64,
    disturbed: u64,
    failed: u64,
    longest: Duration,
}

/// Starts an apply, and does something to its connection after a while.
fn disturbed_apply(
    lab: &Lab,
    work: &Work,
    kind: Disturbance,
    moment: Duration,
    numbers: &mut Numbers,
    seen: &mut Seen,
) -> Output {
    let begun = Instant::now();
    let mut apply = work.start(&["apply", "-auto-approve", "-refresh=false"]);
    std::thread::sleep(moment);
    seen.rounds += 1;
    seen.disturbed += u64::from(apply.try_wait().expect("it is ours").is_none());
    let end = |apply: std::process::Child| apply.wait_with_output().expect("it is ours");
    let output = match kind {
        Disturbance::SessionsKilled => {
            lab.kill_sessions("d1").expect("can be killed");
            end(apply)
        }
        Disturbance::SshdKilled => {
            lab.kill_sshd("d1").expect("can be killed");
            end(apply)
        }
        Disturbance::LinkFlickers => {
            let cut = lab.fault("d1", Fault::LinkCut).expect("can be cut");
            std::thread::sleep(Duration::from_millis(numbers.below(5000)));
            cut.undo().expect("can be undone");
            end(apply)
        }
        Disturbance::LinkCut => {
            let cut = lab.fault("d1", Fault::LinkCut).expect("can be cut");
            let output = end(apply);
            cut.undo().expect("can be undone");
            output
        }
    };
    seen.longest = seen.longest.max(begun.elapsed());
    assert!(begun.elapsed() < Duration::from_mins(2), "it took {:?}", begun.elapsed());
    output
}

/// An apply that was disturbed ends well, or says which host and which resource; the state is true in any case, and the
/// next apply completes.
fn check(lab: &Lab, work: &Work, round: u64, output: &Output, seen: &mut Seen) {
    let text = said(output);
    let failed = !output.status.success();
    if failed {
        seen.failed += 1;
        let named =
            ["host_file.f[", "host_file.g[", "host_machine.d1"].iter().any(|name| text.contains(name));
        assert!(
            output.status.code() == Some(1) && named && text.contains("10.222."),
            "round {round}: {text}"
        );
        check_state(lab, work, round, &text);
        work.must(&["apply", "-auto-approve"]);
    }
    check_state(lab, work, round, "");
    let files = present(lab);
    let expected: BTreeMap<String, String> = names(round).map(|name| (name, content(round))).collect();
    assert!(files == expected, "round {round}: there is {:?}; {text}", files.keys());
    if failed || round.is_multiple_of(10) {
        let plan = work.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.status.code(), Some(0), "round {round}: {}", said(&plan));
    }
}

/// What the state says of files is what is on the host, but for those that the error names.
fn check_state(lab: &Lab, work: &Work, round: u64, named: &str) {
    let state = std::fs::read(work.path("terraform.tfstate")).expect("there is a state");
    let state: Value = serde_json::from_slice(&state).expect("it is JSON");
    let resources = state["resources"].as_array().expect("there are some").iter();
    let mut said = BTreeMap::new();
    for resource in resources.filter(|resource| resource["type"] == "host_file") {
        for instance in resource["instances"].as_array().into_iter().flatten() {
            let text = |name: &str| instance["attributes"][name].as_str().unwrap_or_default().to_owned();
            said.insert(text("path").trim_start_matches("/srv/").to_owned(), text("content"));
        }
    }
    let found = present(lab);
    for name in said.keys().chain(found.keys()) {
        let address = match name.strip_prefix('f') {
            Some(index) => format!("host_file.f[{index}]"),
            None => format!("host_file.g[\"{name}\"]"),
        };
        let true_of_it = said.get(name) == found.get(name);
        assert!(
            true_of_it || named.contains(&address),
            "round {round}: the state is wrong about {name}: {named}"
        );
    }
}

/// The files on the host, past groma.
fn present(lab: &Lab) -> BTreeMap<String, String> {
    let folder = lab.host("d1").expect("is planned").root.join("srv");
    let entries = std::fs::read_dir(&folder).expect("it is there").map(|entry| entry.expect("is readable"));
    let files = entries.filter(|entry| entry.file_name() != "groma-lab");
    let read = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().expect("names are texts");
        (name, std::fs::read_to_string(entry.path()).expect("is a file"))
    };
    files.map(read).collect()
}

fn names(round: u64) -> impl Iterator<Item = String> {
    let changed = (0..CHANGED).map(|index| format!("f{index}"));
    changed.chain((0..MADE).map(move |index| format!("g-{}-{index}", round % 2)))
}

fn content(round: u64) -> String {
    format!("round {round}\n").repeat(reader::LINES)
}

fn config(lab: &Lab, round: u64) -> String {
    format!(
        r#"{}{}
locals {{
  content = join("", [for line in range({}) : "round {round}\n"])
}}

resource "host_file" "f" {{
  count   = {CHANGED}
  host    = host_machine.d1.connection
  path    = "/srv/f${{count.index}}"
  content = local.content
}}

resource "host_file" "g" {{
  for_each = toset([for i in range({MADE}) : "g-{}-${{i}}"])
  host     = host_machine.d1.connection
  path     = "/srv/${{each.key}}"
  content  = local.content
}}
"#,
        provider(lab, ""),
        machines(lab, &["d1"]),
        reader::LINES,
        round % 2,
    )
}

/// Tells a thread to end.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
