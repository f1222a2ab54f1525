//! Ratios against Terraform, measured in one run on one machine, and growth with the number of resources.

mod configs;
mod eksd;
mod hosts;
mod measure;
mod report;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cargo::release_binary;
use crate::peers;
use measure::{Case, Run, Scratch};
use report::{Goal, Point, Report};

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// What to measure.
    #[arg(value_enum, default_value = "engine")]
    what: What,
    /// Leave Terraform and Ansible out, and measure only what needs neither.
    #[arg(long)]
    alone: bool,
    /// The binary to measure, instead of building the release; also `GROMA_TEST_BINARY`.
    #[arg(long)]
    binary: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Plans and applies against Terraform, and growth.
    Engine,
    /// Files on real hosts against Ansible; needs root.
    Hosts,
    /// A cluster of five hosts from nothing to Ready, and what it waits for; needs root and `cargo xtask mirror`.
    Eksd,
}

/// Prints the figures, and fails when a goal is missed. The goals are ratios of runs that take turns, so that a slow or
/// busy machine slows both.
pub fn run(args: &Args) -> Result<()> {
    let named = args.binary.clone().or_else(|| std::env::var_os("GROMA_TEST_BINARY").map(PathBuf::from));
    let groma = match named {
        Some(binary) => std::path::absolute(binary)?,
        None => release_binary()?,
    };
    let scratch = Scratch::new()?;
    let mut report = Report::default();
    println!("{}: the quickest of several runs, which take turns", machine());
    if args.what == What::Eksd {
        return eksd::from_nothing(&groma, &scratch.0);
    }
    if args.what == What::Hosts {
        if !args.alone {
            hosts::against_ansible(&groma, &scratch.0, &mut report)?;
        }
        hosts::many(&groma, &scratch.0, &mut report)?;
        return report.finish();
    }
    if args.alone {
        println!("without Terraform: no ratios");
    } else {
        let Some(terraform) = peers::terraform()? else {
            bail!("there is no terraform to compare with; --alone measures growth only");
        };
        let bench = Bench { groma: &groma, terraform: &terraform, folder: &scratch.0 };
        bench.independent(&mut report)?;
        bench.layered(&mut report)?;
    }
    growth(&groma, &scratch.0, &mut report)?;
    report.finish()
}

struct Bench<'a> {
    groma: &'a Path,
    terraform: &'a Path,
    folder: &'a Path,
}

impl Bench<'_> {
    /// A plan of 10,000 resources that do not know each other.
    fn independent(&self, report: &mut Report) -> Result<()> {
        let pair = self.pair("independent", &configs::independent(10_000))?;
        let (ours, theirs) = pair.take_turns(2, |case| case.run(&["plan", "-out=p"]))?;
        let goal = Goal { speed: Some(15.0), memory: Some(0.25) };
        report.compare("plan of 10,000 independent terraform_data", ours, theirs, goal);
        Ok(())
    }

    /// 1,000 resources in ten layers of 100, each with three references into the layer below.
    fn layered(&self, report: &mut Report) -> Result<()> {
        let pair = self.pair("layered", &configs::layered(10, 100))?;
        let speed = |speed| Goal { speed: Some(speed), ..Goal::default() };
        let (ours, theirs) = pair.take_turns(2, |case| case.run(&["plan", "-out=p"]))?;
        report.compare("plan of 1,000 in layers of 100, three references each", ours, theirs, speed(20.0));
        let (ours, theirs) = pair.take_turns(1, |case| {
            case.forget_state()?;
            case.run(&["apply", "-auto-approve"])
        })?;
        report.compare("apply of the 1,000 in layers", ours, theirs, speed(50.0));
        let (ours, theirs) = pair.take_turns(2, |case| case.run(&["plan", "-detailed-exitcode"]))?;
        report.compare("second plan of the 1,000 in layers", ours, theirs, Goal::default());
        Ok(())
    }

    fn pair(&self, name: &str, config: &str) -> Result<Pair> {
        Ok(Pair {
            ours: Case::new(self.groma, self.folder.join(name).join("groma"), config)?,
            theirs: Case::new(self.terraform, self.folder.join(name).join("terraform"), config)?,
        })
    }
}

/// The same configuration for both programs.
struct Pair {
    ours: Case,
    theirs: Case,
}

impl Pair {
    /// The quickest run of each. Ours are cheap, so there are several around each of theirs.
    fn take_turns(&self, rounds: u32, run: impl Fn(&Case) -> Result<Run>) -> Result<(Run, Run)> {
        let quick = |best: Option<Run>| -> Result<Run> {
            (0..OURS_A_ROUND)
                .try_fold(best, |best, _| Ok(Some(run(&self.ours)?.or_quicker(best))))
                .and_then(|best| best.ok_or_else(|| anyhow::anyhow!("there is at least one run")))
        };
        let mut ours = quick(None)?;
        let mut theirs: Option<Run> = None;
        for _ in 0..rounds {
            theirs = Some(run(&self.theirs)?.or_quicker(theirs));
            ours = quick(Some(ours))?;
        }
        let Some(theirs) = theirs else { bail!("there is at least one round") };
        Ok((ours, theirs))
    }
}

/// The same plan and apply at 1,000, 10,000 and 100,000 resources: what one resource costs should stay the same.
fn growth(groma: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let cases = SIZES
        .iter()
        .map(|&count| {
            let folder = folder.join(format!("growth-{count}"));
            Ok((count, Case::new(groma, folder, &configs::independent(count))?))
        })
        .collect::<Result<Vec<_>>>()?;
    let points = series(&cases, |case| case.run(&["plan", "-out=p"]))?;
    report.growth("growth of plan", &points);
    let points = series(&cases, |case| {
        case.forget_state()?;
        case.run(&["apply", "-auto-approve"])
    })?;
    report.growth("growth of apply", &points);
    let points = series(&cases, |case| case.run(&["plan", "-detailed-exitcode"]))?;
    report.growth("growth of the second plan", &points);
    Ok(())
}

/// The cheapest of several runs of each size, the small ones more often.
fn series(cases: &[(u32, Case)], run: impl Fn(&Case) -> Result<Run>) -> Result<Vec<Point>> {
    let mut best: Vec<Option<Run>> = vec![None; cases.len()];
    for _ in 0..GROWTH_ROUNDS {
        for (best, (count, case)) in best.iter_mut().zip(cases) {
            for _ in 0..=(SIZES[SIZES.len() - 1] / count).ilog10() {
                *best = Some(run(case)?.or_cheaper(*best));
            }
        }
    }
    Ok(best
        .into_iter()
        .zip(cases)
        .filter_map(|(run, (count, _))| Some(Point { count: *count, run: run? }))
        .collect())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{} cores, {}", cores, model.map_or("a processor without a name", |(_, name)| name))
}

const SIZES: [u32; 3] = [1_000, 10_000, 100_000];
const GROWTH_ROUNDS: u32 = 3;
const OURS_A_ROUND: u32 = 3;
