//! groma killed at random moments, and cut off from a host, of which nobody may see anything in the end.

use std::process::Child;
use std::time::{Duration, Instant};

use lab::{Fault, Lab};

use super::cluster::{five, give_kubectl, variables};
use super::numbers::Numbers;
use super::site::site;
use super::upgrade::{RELEASES, check_nodes, run_app, set_release};
use super::work::Work;
use crate::support::{said, up};

/// How often groma is killed in each of both.
const KILLS: usize = 20;

#[test]
fn a_groma_that_is_killed_again_and_again_leaves_a_whole_cluster() {
    let Some(site) = site(&RELEASES[..2]) else { return };
    let lab = up(&five("kills"));
    let work = Work::of_example(&lab, "onprem-ha");
    work.write("terraform.tfvars", &variables(&lab, &site));
    let mut numbers = Numbers(std::process::id().into());
    println!("the moments follow from {}", numbers.0);
    for (at, (release, version)) in RELEASES.iter().zip(["v1.33.", "v1.34."]).enumerate() {
        set_release(&work, *release);
        let killed = killed_applies(&work, &mut numbers);
        cut_off(&work, &lab, "cp2");
        let begun = Instant::now();
        let last = work.run(&["apply", "-auto-approve"]);
        println!("{release:?}: killed {killed} times; the last apply took {:?}", begun.elapsed());
        assert!(last.status.success(), "{}", said(&last));
        assert_eq!(killed, KILLS, "it was done before it could be killed so often");
        give_kubectl(&lab, &site);
        check_nodes(&lab, version);
        let plan = work.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
        if at == 0 {
            run_app(&lab);
        }
    }
}

/// Starts applies and kills each at a moment of its changes, until one ends by itself or it was enough; answers how many were killed.
///
/// How much is left when one begins, and how long what the ones before it did took them, say how long it would run: its moment is
/// drawn within its share of that, so that no kill comes when all is done.
fn killed_applies(work: &Work, numbers: &mut Numbers) -> usize {
    let (mut worked, mut most, mut last) = (Duration::ZERO, 0, 0);
    for killed in 0..KILLS {
        let log = format!("apply{killed}.log");
        let mut apply = work.start_logged(&["apply", "-auto-approve"], &log);
        let log = || std::fs::read_to_string(work.path(&log)).expect("is there");
        let begun = |log: &str| {
            [": Creating...", ": Modifying...", ": Destroying..."].iter().any(|word| log.contains(word))
        };
        while !begun(&log()) {
            if let Some(status) = ended_within(&mut apply, Duration::from_millis(100)) {
                assert!(status.success(), "after {killed} kills: {}", log());
                return killed;
            }
        }
        last = planned(&log()).unwrap_or(last);
        most = most.max(last);
        let share = u32::try_from(KILLS - killed + 1).expect("they are few");
        let window = match most - last {
            0 => FIRST,
            done => (worked * last / done / share).clamp(SHORTEST, LONGEST),
        };
        let window = u64::try_from(window.as_millis()).expect("is short");
        // Half of it at least, or little would ever be done.
        let moment = Duration::from_millis(window / 2 + numbers.below(window));
        if let Some(status) = ended_within(&mut apply, moment) {
            assert!(status.success(), "after {killed} kills: {}", log());
            return killed;
        }
        apply.kill().expect("it is ours");
        apply.wait().expect("it is ours");
        worked += moment;
    }
    KILLS
}

/// How many changes an apply said that it would make.
fn planned(log: &str) -> Option<u32> {
    let line = log.lines().find_map(|line| line.strip_prefix("Plan: "))?;
    Some(line.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u32>().ok()).sum())
}

/// The window of the first moment, when nothing is known.
const FIRST: Duration = Duration::from_secs(4);
const SHORTEST: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_secs(15);

/// Starts an apply and cuts a host off, so that it fails and says why; others go on. The host comes back afterwards.
#[expect(clippy::print_stdout, reason = "how long it tried is what one wants to know")]
fn cut_off(work: &Work, lab: &Lab, host: &str) {
    let mut apply = work.start_logged(&["apply", "-auto-approve"], "apply.log");
    let early = ended_within(&mut apply, Duration::from_secs(10));
    assert!(early.is_none(), "it was done before a host could be cut off: {early:?}");
    let cut = lab.fault(host, Fault::LinkCut).expect("can be cut");
    let begun = Instant::now();
    let status = apply.wait().expect("it is ours");
    println!("{host} was cut off: {status}, after {:?}", begun.elapsed());
    cut.undo().expect("can be undone");
    let log = std::fs::read_to_string(work.path("apply.log")).expect("is there");
    let address = lab.host(host).expect("is planned").address.to_string();
    assert!(!status.success() && log.contains("Error: ") && log.contains(&address), "{log}");
}

fn ended_within(child: &mut Child, time: Duration) -> Option<std::process::ExitStatus> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().expect("it is ours") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}
