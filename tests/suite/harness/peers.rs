use std::path::PathBuf;

/// An environment variable of the test run; empty is absent.
#[expect(clippy::disallowed_methods, reason = "the one place of the suite that reads the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The Terraform to compare with, or `None` after saying that it is absent.
pub fn terraform(test: &str) -> Option<PathBuf> {
    peer("GROMA_TEST_TERRAFORM", test)
}

/// The AWS emulator, or `None` after saying that it is absent.
pub fn moto_server(test: &str) -> Option<PathBuf> {
    peer("GROMA_TEST_MOTO_SERVER", test)
}

/// Says that a test, or a part of it, was left out. Under CI that is a failure.
pub fn skip(test: &str, reason: &str) {
    assert!(
        environment("CI").is_none_or(|ci| ci != "true"),
        "{test} must not be left out under CI: {reason}"
    );
    leave_out(test, reason);
}

/// Says that a test was left out for want of what nothing can install, as rights are.
#[expect(clippy::print_stdout, reason = "no test is left out silently")]
pub fn leave_out(test: &str, reason: &str) {
    println!("{test} is left out: {reason}");
}

fn peer(variable: &str, test: &str) -> Option<PathBuf> {
    let path = environment(variable).map(PathBuf::from);
    if path.is_none() {
        skip(test, &format!("{variable} is not set"));
    }
    path
}
