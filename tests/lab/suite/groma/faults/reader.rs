//! Whoever reads the files while they are changed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many lines a file has, all the same.
pub const LINES: usize = 1000;

/// What was seen.
#[derive(Default)]
pub struct Looks {
    pub looks: u64,
    pub wrong: Vec<String>,
}

/// Reads the files `f0`, `f1` and so on again and again until it is told to end: each is there, and whole, at any time.
pub fn watch(folder: &str, files: usize, ended: &AtomicBool) -> Looks {
    let mut seen = Looks::default();
    while !ended.load(Ordering::Acquire) {
        for index in 0..files {
            seen.looks += 1;
            match std::fs::read_to_string(format!("{folder}/f{index}")) {
                Ok(text) if is_whole(&text) => {}
                Ok(text) => seen.wrong.push(format!("f{index} with {} bytes", text.len())),
                Err(error) => seen.wrong.push(format!("f{index}: {error}")),
            }
        }
        // The hosts need the processors too.
        std::thread::sleep(Duration::from_millis(2));
    }
    seen
}

fn is_whole(text: &str) -> bool {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    first.starts_with("round ") && text.lines().count() == LINES && lines.all(|line| line == first)
}
