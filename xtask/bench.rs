//! Ratios against Terraform, measured in one run on one machine, and growth with the number of resources.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::release_binary;
use crate::peers;

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// Leave Terraform out and only measure growth.
    #[arg(long)]
    alone: bool,
    /// The binary to measure, instead of building it.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Prints the figures. Nothing fails on a slow machine: what counts is the ratio.
pub fn run(args: &Args) -> Result<()> {
    let groma = match &args.binary {
        Some(binary) => binary.clone(),
        None => release_binary()?,
    };
    let terraform = if args.alone { None } else { peers::install()?.terraform().map(Path::to_owned) };
    if terraform.is_none() && !args.alone {
        println!("terraform is absent: no ratios");
    }
    let folder = Scratch::new()?;
    if let Some(terraform) = &terraform {
        independent(&groma, terraform, &folder.0)?;
        layered(&groma, terraform, &folder.0)?;
    }
    growth(&groma, &folder.0)
}

/// A plan of 10,000 resources that do not know each other.
fn independent(groma: &Path, terraform: &Path, folder: &Path) -> Result<()> {
    let config = independent_config(10_000);
    let ours = case(groma, folder, "independent-groma", &config)?;
    let theirs = case(terraform, folder, "independent-terraform", &config)?;
    let (a, b) = (ours.best(&["plan", "-out=p"], 3)?, theirs.best(&["plan", "-out=p"], 1)?);
    println!("plan of 10,000 independent terraform_data");
    compare(a, b);
    Ok(())
}

/// 1,000 resources in ten layers of 100, each with three references into the layer below.
fn layered(groma: &Path, terraform: &Path, folder: &Path) -> Result<()> {
    let config = layered_config(10, 100);
    let ours = case(groma, folder, "layered-groma", &config)?;
    let theirs = case(terraform, folder, "layered-terraform", &config)?;
    for (what, command) in [
        ("plan of 1,000 in layers of 100 with three references each", &["plan", "-out=p"][..]),
        ("apply of them", &["apply", "-auto-approve"]),
        ("second plan", &["plan", "-detailed-exitcode"]),
    ] {
        let runs = if command[0] == "plan" { 3 } else { 1 };
        let (a, b) = (ours.best(command, runs)?, theirs.best(command, 1)?);
        println!("{what}");
        compare(a, b);
    }
    Ok(())
}

/// The same plan at 1,000, 10,000 and 100,000 resources: time a resource should stay the same.
fn growth(groma: &Path, folder: &Path) -> Result<()> {
    println!("growth of plan with the number of resources");
    let mut per_resource = Vec::new();
    for count in [1_000_u32, 10_000, 100_000] {
        let case = case(groma, folder, &format!("growth-{count}"), &independent_config(count))?;
        let run = case.best(&["plan", "-out=p"], if count > 50_000 { 2 } else { 5 })?;
        let micros = run.time.as_secs_f64() * 1e6 / f64::from(count);
        println!(
            "  {count:>7}: {:>8.3} s  {:>6.1} us a resource  {:>6} MB",
            run.time.as_secs_f64(),
            micros,
            run.memory_mb
        );
        per_resource.push(micros);
    }
    let (least, most) = per_resource
        .iter()
        .skip(1)
        .fold((per_resource[1], per_resource[1]), |(a, b), x| (a.min(*x), b.max(*x)));
    println!(
        "  from 10,000 to 100,000: {:+.0} % a resource",
        (most / least - 1.0) * 100.0 * if per_resource[2] >= per_resource[1] { 1.0 } else { -1.0 }
    );
    println!(
        "  from  1,000 to 100,000: {:+.0} % a resource",
        (per_resource[2] / per_resource[0] - 1.0) * 100.0
    );
    Ok(())
}

/// One run of one command.
#[derive(Clone, Copy)]
struct Run {
    time: Duration,
    /// The most memory that was resident.
    memory_mb: u64,
}

fn compare(ours: Run, theirs: Run) {
    println!(
        "  groma     {:>8.3} s  {:>6} MB\n  terraform {:>8.3} s  {:>6} MB\n  ratio     {:>8.1} x  {:>6.2} of the memory",
        ours.time.as_secs_f64(),
        ours.memory_mb,
        theirs.time.as_secs_f64(),
        theirs.memory_mb,
        theirs.time.as_secs_f64() / ours.time.as_secs_f64(),
        ours.memory_mb as f64 / theirs.memory_mb.max(1) as f64,
    );
}

/// A configuration in a folder of its own, for one program.
struct Case {
    program: PathBuf,
    folder: PathBuf,
}

fn case(program: &Path, folder: &Path, name: &str, config: &str) -> Result<Case> {
    let folder = folder.join(name);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("main.tf"), config)?;
    let case = Case { program: program.to_owned(), folder };
    case.run(&["init"])?;
    Ok(case)
}

impl Case {
    fn best(&self, args: &[&str], runs: usize) -> Result<Run> {
        let mut best = self.run(args)?;
        for _ in 1..runs {
            let run = self.run(args)?;
            best = if run.time < best.time { run } else { best };
        }
        Ok(best)
    }

    fn run(&self, args: &[&str]) -> Result<Run> {
        let start = Instant::now();
        let mut child = Command::new(&self.program)
            .args(args)
            .arg("-no-color")
            .current_dir(&self.folder)
            .env("CHECKPOINT_DISABLE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{} cannot be started", self.program.display()))?;
        let mut memory_mb = 0;
        let status = loop {
            memory_mb = memory_mb.max(peak_memory_mb(child.id()));
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let time = start.elapsed();
        ensure!(status.success(), "{} {args:?} ended with {status}", self.program.display());
        Ok(Run { time, memory_mb })
    }
}

/// The high-water mark of a process's resident memory, read while it runs.
fn peak_memory_mb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn independent_config(count: u32) -> String {
    let mut text = String::new();
    for i in 0..count {
        let _ = writeln!(text, "resource \"terraform_data\" \"r{i}\" {{\n  input = \"value {i}\"\n}}\n");
    }
    text
}

fn layered_config(layers: u32, width: u32) -> String {
    let mut text = String::new();
    for layer in 0..layers {
        for i in 0..width {
            let _ = writeln!(text, "resource \"terraform_data\" \"l{layer}_{i}\" {{");
            if layer == 0 {
                let _ = writeln!(text, "  input = [\"{i}\"]");
            } else {
                let below = |n: u32| format!("terraform_data.l{}_{}.id", layer - 1, (i + n) % width);
                let _ = writeln!(text, "  input = [{}, {}, {}]", below(0), below(7), below(31));
            }
            text.push_str("}\n\n");
        }
    }
    text
}

/// A folder that is removed again.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let folder = peers::cache_dir()?.join(format!("bench-{}", std::process::id()));
        if folder.exists() {
            bail!("{} is in the way", folder.display());
        }
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
