use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lab::{Fault, Lab};

use super::work::{Work, machines, provider};
use crate::support::{one, said};

/// How many files are changed in each round, and how often a round is disturbed.
const FILES: usize = 40;
const ROUNDS: u64 = 100;

/// Numbers that look random and are the same in each run (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

fn config(lab: &Lab, round: u64) -> String {
    format!(
        r#"{}{}
resource "host_file" "f" {{
  count   = {FILES}
  host    = host_machine.d1.connection
  path    = "/srv/f${{count.index}}"
  content = join("", [for line in range(200) : "round {round}\n"])
}}
"#,
        provider(lab, ""),
        machines(lab, &["d1"])
    )
}

/// Reads the files on the host again and again for as long as it is asked to; answers how many were not whole.
fn watch(lab: &Lab, ended: &AtomicBool) -> Vec<String> {
    let root = format!("/proc/{}/root/srv", lab.leader("d1").expect("it is up"));
    let mut wrong = Vec::new();
    while !ended.load(Ordering::Acquire) {
        for index in 0..FILES {
            let Ok(text) = std::fs::read_to_string(format!("{root}/f{index}")) else { continue };
            let mut lines = text.lines();
            let first = lines.next().unwrap_or_default().to_owned();
            if text.lines().count() != 200 || lines.any(|line| line != first) || !first.starts_with("round ")
            {
                wrong.push(format!("f{index}: {} lines of {first:?}", text.lines().count()));
            }
        }
        // The hosts need the processors too.
        std::thread::sleep(Duration::from_millis(2));
    }
    wrong
}

#[test]
fn a_hundred_lost_connections_lose_nothing() {
    let lab = one("lost");
    let work = Work::new(&lab, &config(&lab, 0));
    work.must(&["apply", "-auto-approve"]);
    let mut numbers = Numbers(20_261_123);
    let ended = AtomicBool::new(false);
    let (mut failed, mut disturbed) = (0, 0);
    let wrong = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&lab, &ended));
        for round in 1..=ROUNDS {
            work.set(&config(&lab, round));
            let begun = Instant::now();
            let mut apply = work.start(&["apply", "-auto-approve", "-refresh=false"]);
            std::thread::sleep(Duration::from_millis(numbers.below(900)));
            let running = apply.try_wait().expect("it is ours").is_none();
            disturbed += u64::from(running);
            match round % 5 {
                // Longer than the connection lives, and than groma tries again.
                0 if round % 20 == 0 => {
                    let cut = lab.fault("d1", Fault::LinkCut).expect("can be cut");
                    let output = apply.wait_with_output().expect("it is ours");
                    cut.undo().expect("can be undone");
                    judge(&output, &mut failed, begun);
                }
                1 => {
                    lab.kill_sshd("d1").expect("can be killed");
                    judge(&apply.wait_with_output().expect("it is ours"), &mut failed, begun);
                }
                _ => {
                    lab.kill_sessions("d1").expect("can be killed");
                    judge(&apply.wait_with_output().expect("it is ours"), &mut failed, begun);
                }
            }
            if round % 10 == 0 {
                println!("{round} rounds, {disturbed} disturbed, {failed} failed");
                work.must(&["apply", "-auto-approve"]);
                let plan = work.run(&["plan", "-detailed-exitcode"]);
                assert_eq!(plan.status.code(), Some(0), "round {round}: {}", said(&plan));
            }
        }
        ended.store(true, Ordering::Release);
        watcher.join().expect("it only reads")
    });
    assert!(wrong.is_empty(), "a reader saw {} files that were not whole: {:?}", wrong.len(), wrong.first());
    assert!(disturbed > ROUNDS / 2, "only {disturbed} of {ROUNDS} applies were disturbed");
    println!("{disturbed} of {ROUNDS} applies were disturbed, {failed} of them ended with an error");
    let left = lab.inside("d1", &["sh", "-c", "ls -A /srv | grep -v '^f[0-9]*$' || true"]).expect("it is up");
    assert_eq!(left.trim(), "", "half-written files are left");
}

/// An apply that was disturbed ends well, or says which host and which resource.
fn judge(output: &std::process::Output, failed: &mut u64, begun: Instant) {
    assert!(begun.elapsed() < Duration::from_mins(2), "it took {:?}", begun.elapsed());
    if output.status.success() {
        return;
    }
    *failed += 1;
    let text = said(output);
    let named = ["host_file.f[", "host_machine.d1"].iter().any(|name| text.contains(name));
    assert!(output.status.code() == Some(1) && named && text.contains("10.222."), "{text}");
}
