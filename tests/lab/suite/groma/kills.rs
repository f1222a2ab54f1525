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
        assert!(killed >= KILLS / 2, "it was done before it could be killed often");
        give_kubectl(&lab, &site);
        check_nodes(&lab, version);
        let plan = work.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
        if at == 0 {
            run_app(&lab);
        }
    }
}

/// Starts applies and kills each after a while, until one ends by itself or it was enough; answers how many were killed.
fn killed_applies(work: &Work, numbers: &mut Numbers) -> usize {
    for killed in 0..KILLS {
        let mut apply = work.start_logged(&["apply", "-auto-approve"], "apply.log");
        let moment = Duration::from_millis(2000 + numbers.below(13_000));
        if let Some(status) = ended_within(&mut apply, moment) {
            let log = std::fs::read_to_string(work.path("apply.log")).expect("is there");
            assert!(status.success(), "after {killed} kills: {log}");
            return killed;
        }
        apply.kill().expect("it is ours");
        apply.wait().expect("it is ours");
    }
    KILLS
}

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
