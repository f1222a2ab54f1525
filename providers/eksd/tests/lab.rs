//! Real hosts for the tests of what needs a running system.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path as FilePath, PathBuf};

use ::lab::{Lab, Plan};
use provider::Environment;
use provider::conformance::Bench;
use provider::conformance::{configured, environment};
use value::Value;

use super::certificates::Leaf;
use super::support::{object, text};

/// A lab; none, with a line that says so, unless `cargo xtask lab test` runs the tests.
pub(super) fn up(plan: &Plan) -> Option<Lab> {
    if std::env::var_os("GROMA_TEST_LAB").is_none() {
        eprintln!("not tested, as it needs real hosts: cargo xtask lab test");
        return None;
    }
    Some(Lab::up(plan).unwrap_or_else(|error| panic!("the lab is not up: {error:#}")))
}

/// The folder with a release's files as the official site has them, built by `cargo xtask mirror`; none, with a line that says so,
/// if they were not built.
pub(super) fn site(file: &str) -> Option<PathBuf> {
    let path = ::lab::cluster::site().expect("there is a cache folder").join(file);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is not there: cargo xtask mirror", path.display());
    eprintln!("not tested, as {} is not there: cargo xtask mirror", path.display());
    None
}

/// The connection of a lab's host.
pub(super) fn connection(lab: &Lab, host: &str) -> Value {
    let host = lab.host(host).expect("is planned");
    Value::string(format!("ssh://root@{}:{}", host.address, host.port))
}

/// One resource type at work on the hosts of a lab.
pub(super) async fn bench(lab: &Lab, type_name: &str, folder: &FilePath) -> Bench {
    bench_in(lab, type_name, environment(folder)).await
}

/// The same by the machine's own clock, as where others go by it.
pub(super) async fn bench_now(lab: &Lab, type_name: &str, folder: &FilePath) -> Bench {
    bench_in(lab, type_name, super::cluster::now(folder)).await
}

async fn bench_in(lab: &Lab, type_name: &str, environment: Environment) -> Bench {
    let lines: Vec<String> = lab.record().hosts.iter().flat_map(|host| host.known_hosts.clone()).collect();
    let config = object([
        ("private_key_file", text(lab.record().private_key.display().to_string())),
        ("known_hosts", text(lines.join("\n"))),
    ]);
    let provider = crate::provider();
    let config = provider.schema().provider.block.coerce(&config).expect("fits the schema");
    let running = configured(provider.as_ref(), &config, environment).await.expect("the settings are right");
    Bench::running(crate::provider(), running, type_name)
}

/// Runs a line on a host, past groma, and answers what it printed.
pub(super) fn by_hand(lab: &Lab, host: &str, line: &str) -> String {
    lab.inside(host, &["sh", "-c", line]).unwrap_or_else(|error| panic!("{line}: {error:#}"))
}

/// Puts a file on a host's disk.
pub(super) fn put(lab: &Lab, host: &str, path: &str, content: &str) {
    let to = lab.host(host).expect("is planned").root.join(path.trim_start_matches('/'));
    fs::create_dir_all(to.parent().expect("has a folder")).expect("can be made");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(to)
        .expect("can be written");
    std::io::Write::write_all(&mut file, content.as_bytes()).expect("can be written");
}

/// Puts a certificate and its key on a host's disk.
pub(super) fn put_leaf(lab: &Lab, host: &str, path: &str, leaf: &Leaf) {
    put(lab, host, &format!("{path}.crt"), &leaf.certificate);
    put(lab, host, &format!("{path}.key"), &leaf.key);
}
