//! A highly available cluster from nothing to Ready, and how much of that time groma only waited for what it had started.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use lab::{Lab, Plan, cluster, example};
use serde_json::Value;

use crate::cargo;

/// Applies examples/onprem-ha to five hosts of a lab, and prints where the time went. No goal is judged: the components take
/// their time.
pub fn from_nothing(groma: &Path, folder: &Path) -> Result<()> {
    let site = cluster::site()?;
    ensure!(site.is_dir(), "there are no releases in {}: run cargo xtask mirror", site.display());
    let lab = Lab::up(&cluster::with_nodes(Plan::new("benchha")))?;
    let example = example::copy(&cargo::root(), "onprem-ha", folder)?;
    fs::write(example.join("terraform.tfvars"), cluster::variables(lab.record(), &site)?)?;
    cargo::run(Command::new(groma).arg("init").current_dir(&example).stdout(Stdio::null()))?;

    println!(
        "\na cluster of {} hosts, {} of them its control plane",
        cluster::NODES.len(),
        cluster::CONTROL_PLANE
    );
    let events = apply(groma, &example, "apply", &[])?;
    let timeline = Timeline::read(&events, &fs::read_to_string(example.join(LOG))?)?;
    timeline.print();
    apply(groma, &example, "plan", &["-detailed-exitcode"])?;
    println!("  the plan after it is empty");
    apply(groma, &example, "destroy", &[])?;
    lab.down()
}

/// Runs a command with `-json`, logging the pauses, and returns the events.
fn apply(groma: &Path, folder: &Path, command: &str, more: &[&str]) -> Result<String> {
    let printed = folder.join("events.json");
    let approve: &[&str] = if command == "plan" { &[] } else { &["-auto-approve"] };
    let status = Command::new(groma)
        .args([command, "-json"])
        .args(approve)
        .args(more)
        .current_dir(folder)
        .envs([("TF_LOG", "groma_provider_host::resource=debug"), ("TF_LOG_PATH", LOG)])
        .stdin(Stdio::null())
        .stdout(File::create(&printed)?)
        .status()
        .context("groma cannot be started")?;
    let events = fs::read_to_string(&printed)?;
    if !status.success() {
        let errors: Vec<&str> = events.lines().filter(|line| line.contains(r#""@level":"error""#)).collect();
        bail!("{command} ended with {status}:\n{}", errors.join("\n"));
    }
    Ok(events)
}

/// When what was done and waited for, in seconds since the start.
struct Timeline {
    end: f64,
    /// Of each resource, by its address.
    changes: BTreeMap<String, (f64, f64)>,
    pauses: Vec<(f64, f64)>,
}

impl Timeline {
    /// From the events of an apply and the log of its pauses.
    fn read(events: &str, log: &str) -> Result<Self> {
        let events = events.lines().map(serde_json::from_str).collect::<serde_json::Result<Vec<Value>>>()?;
        let time = |event: &Value| -> Result<Timestamp> {
            event["@timestamp"]
                .as_str()
                .context("each event has its time")?
                .parse()
                .context("which is RFC 3339")
        };
        let first = time(events.first().context("there are events")?)?;
        let since = |at: Timestamp| at.duration_since(first).as_secs_f64();
        let mut changes = BTreeMap::new();
        let mut end = 0.0;
        for event in &events {
            let at = since(time(event)?);
            end = at;
            let address = event["hook"]["resource"]["addr"].as_str().unwrap_or_default().to_owned();
            match event["type"].as_str() {
                Some("apply_start") => {
                    changes.insert(address, (at, at));
                }
                Some("apply_complete") => {
                    changes.entry(address).and_modify(|change| change.1 = at);
                }
                _ => {}
            }
        }
        let pauses = log.lines().filter_map(|line| {
            let to = since(line.split(' ').next()?.parse().ok()?);
            let seconds: f64 = line.split_once("seconds=")?.1.split(' ').next()?.parse().ok()?;
            Some((to - seconds, to))
        });
        Ok(Self { end, changes, pauses: pauses.collect() })
    }

    /// How long everything that was going on was paused.
    fn waiting(&self) -> f64 {
        let both = |&(from, to): &(f64, f64)| [(from, 1), (to, -1)];
        let changes = self.changes.values().flat_map(both).map(|(at, n)| (at, n, 0));
        let pauses = self.pauses.iter().flat_map(both).map(|(at, n)| (at, 0, n));
        let mut marks: Vec<(f64, i32, i32)> = changes.chain(pauses).collect();
        marks.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (mut going, mut paused, mut last, mut waiting) = (0, 0, 0.0, 0.0);
        for (at, change, pause) in marks {
            if going > 0 && paused >= going {
                waiting += at - last;
            }
            (going, paused, last) = (going + change, paused + pause, at);
        }
        waiting
    }

    fn print(&self) {
        let ready = self.changes.iter().filter(|(address, _)| address.contains(".eksd_node."));
        let ready = ready.map(|(_, change)| change.1).fold(0.0, f64::max);
        println!(
            "  {} resources applied in {:.1} s; all nodes Ready after {ready:.1} s",
            self.changes.len(),
            self.end
        );
        println!(
            "  {:.1} s of them groma had nothing to do but to wait for components that it had started",
            self.waiting()
        );
        let mut longest: Vec<(&String, f64)> =
            self.changes.iter().map(|(address, change)| (address, change.1 - change.0)).collect();
        longest.sort_by(|one, other| other.1.total_cmp(&one.1));
        for (address, seconds) in longest.into_iter().take(10) {
            println!("    {seconds:>6.1} s  {address}");
        }
    }
}

const LOG: &str = "pauses.log";
