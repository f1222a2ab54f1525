use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

/// Values of root variables.
#[derive(Args, Clone, Debug, Default)]
pub struct Vars {
    /// Set a value for one of the root module's variables. May be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", action = clap::ArgAction::Append)]
    pub vars: Vec<String>,
    /// Load variable values from a file besides the ones loaded by default. May be given several times.
    #[arg(long = "var-file", value_name = "FILE", action = clap::ArgAction::Append)]
    pub var_files: Vec<PathBuf>,
}

/// Locking of the state.
#[derive(Args, Clone, Debug)]
pub struct Lock {
    /// Hold a lock on the state during the operation.
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_parser = boolean, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub lock: bool,
    /// How long to wait for the lock, such as 30s or 5m.
    #[arg(long, default_value = "0s", value_parser = duration, value_name = "DURATION")]
    pub lock_timeout: Duration,
}

/// Which files hold the state.
#[derive(Args, Clone, Debug, Default)]
pub struct StateFile {
    /// Read the state from this file.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Write the state to this file instead of the one it was read from.
    #[arg(long, value_name = "FILE")]
    pub state_out: Option<PathBuf>,
    /// Keep the old state in this file, or "-" for none.
    #[arg(long, value_name = "FILE")]
    pub backup: Option<String>,
}

/// Reads what Go takes for a truth value.
pub fn boolean(text: &str) -> Result<bool, &'static str> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err("write true or false"),
    }
}

/// Reads a duration as Go writes it: `300ms`, `10s`, `1m30s`, `2h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let bad =
        || format!("\"{text}\" is not a duration; write a number with a unit, such as 30s, 5m or 1h30m");
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    let mut total = 0.0_f64;
    if rest.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(bad)?;
        let number: f64 = rest[..digits].parse().map_err(|_| bad())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return Err(bad()),
            };
        rest = &rest[unit..];
    }
    Duration::try_from_secs_f64(total).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, millis) in
            [("0", 0), ("10s", 10_000), ("1m30s", 90_000), ("1.5h", 5_400_000), ("300ms", 300)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "-1s", "1x", "1e999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
