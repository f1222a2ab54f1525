//! The releases that clusters are made of.

use std::path::PathBuf;

/// The site with these releases. Where one is missing the test is left out, and fails under CI; `cargo xtask lab test` says so
/// where it is seen.
#[expect(clippy::print_stderr, reason = "a test that is run alone says what it lacks")]
pub fn site(releases: &[(&str, u32)]) -> Option<PathBuf> {
    match lab::cluster::site_with(releases) {
        Ok(site) => Some(site),
        Err(missing) => {
            assert!(std::env::var_os("CI").is_none(), "{missing:#}");
            eprintln!("not tested: {missing:#}");
            None
        }
    }
}
