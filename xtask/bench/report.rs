use std::time::Duration;

use anyhow::{Result, ensure};

use super::measure::Run;

/// Goals met and missed, printed as they come.
#[derive(Default)]
pub struct Report {
    missed: Vec<String>,
}

/// What a comparison must reach: times as fast, and the part of the memory.
#[derive(Clone, Copy, Default)]
pub struct Goal {
    pub speed: Option<f64>,
    pub memory: Option<f64>,
}

/// One size of a growth series.
pub struct Point {
    pub count: u32,
    pub run: Run,
}

impl Report {
    /// A table of both programs and what the ratios are worth.
    #[expect(clippy::cast_precision_loss, reason = "kilobytes are fewer than 2^53")]
    pub fn compare(&mut self, what: &str, ours: Run, theirs: Run, goal: Goal) {
        println!("\n{what}");
        println!("  {:<10} {:>10} {:>10} {:>10}", "", "wall", "cpu", "memory");
        for (name, run) in [("groma", ours), ("terraform", theirs)] {
            println!("  {name:<10} {}", row(run));
        }
        let speed = ratio(theirs.time, ours.time);
        let cpu = ratio(theirs.cpu, ours.cpu);
        let memory = ours.memory_kb as f64 / theirs.memory_kb.max(1) as f64;
        println!("  {:<10} {:>9.1}x {:>9.1}x {:>9.2}x", "ratio", speed, cpu, memory);
        if let Some(least) = goal.speed {
            self.judge(speed >= least, &format!("{what}: {speed:.1} times as fast, goal {least:.0}"));
        }
        if let Some(most) = goal.memory {
            self.judge(memory <= most, &format!("{what}: {memory:.3} of the memory, goal {most}"));
        }
    }

    /// A table of a series, and whether the cost of one resource stays the same. What is judged is processor time: on a
    /// shared machine a long run waits for others more than a short one does, however it grows itself.
    pub fn growth(&mut self, what: &str, points: &[Point]) {
        println!("\n{what}");
        println!(
            "  {:>9} {:>10} {:>10} {:>10} {:>13} {:>13}",
            "resources", "wall", "cpu", "memory", "wall/resource", "cpu/resource"
        );
        for Point { count, run } in points {
            let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(*count);
            println!("  {count:>9} {} {:>10.1} us {:>10.1} us", row(*run), each(run.time), each(run.cpu));
        }
        let Some(largest) = points.last() else { return };
        for smaller in &points[..points.len() - 1] {
            let each = |point: &Point| point.run.cpu.as_secs_f64() / f64::from(point.count);
            let more = each(largest) / each(smaller) - 1.0;
            self.judge(
                more <= LINEAR,
                &format!(
                    "{what}: one of {} costs {:+.0} % of the CPU of one of {}, goal at most +{:.0} %",
                    largest.count,
                    more * 100.0,
                    smaller.count,
                    LINEAR * 100.0
                ),
            );
        }
    }

    /// How much quicker we are than a peer.
    pub fn times(&mut self, what: &str, ours: Duration, theirs: Duration, goal: f64) {
        let speed = ratio(theirs, ours);
        let (ours, theirs) = (ours.as_secs_f64(), theirs.as_secs_f64());
        let sentence =
            format!("{what}: {ours:.2} s, theirs {theirs:.1} s: {speed:.0} times as fast, goal {goal:.0}");
        self.judge(speed >= goal, &sentence);
    }

    /// A time that must not be passed.
    pub fn within(&mut self, what: &str, took: Duration, goal: Duration) {
        let sentence = format!("{what}: {:.2} s, goal under {:.0} s", took.as_secs_f64(), goal.as_secs_f64());
        self.judge(took < goal, &sentence);
    }

    /// Fails when a goal was missed.
    pub fn finish(self) -> Result<()> {
        println!();
        ensure!(
            self.missed.is_empty(),
            "{} of the goals were missed:\n  {}",
            self.missed.len(),
            self.missed.join("\n  ")
        );
        println!("all goals were met");
        Ok(())
    }

    /// A goal that was met or not.
    pub fn judge(&mut self, met: bool, sentence: &str) {
        println!("  {} {sentence}", if met { "PASS" } else { "MISS" });
        if !met {
            self.missed.push(sentence.to_owned());
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "kilobytes are fewer than 2^53")]
fn row(run: Run) -> String {
    format!(
        "{:>8.3} s {:>8.3} s {:>7.1} MB",
        run.time.as_secs_f64(),
        run.cpu.as_secs_f64(),
        run.memory_kb as f64 / 1024.0
    )
}

fn ratio(theirs: Duration, ours: Duration) -> f64 {
    theirs.as_secs_f64() / ours.as_secs_f64().max(0.001)
}

/// How much more one resource may cost when there are more of them.
const LINEAR: f64 = 0.2;
