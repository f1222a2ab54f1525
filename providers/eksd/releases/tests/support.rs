//! A site in a folder, and asking for its releases.

use std::fs;
use std::path::Path;

use provider::conformance::{configured, environment};
use provider::{Configured, DataRequest, DataResponse, Provider};
use std::sync::Arc;
use value::Value;

pub const OLD: &str = include_str!("fixtures/kubernetes-1-20-eks-1.yaml");
pub const REAL: &str = include_str!("fixtures/kubernetes-1-21-eks-4.yaml");
pub const CURRENT: &str = include_str!("fixtures/kubernetes-1-34-eks-21.yaml");

/// Puts a release's manifest where the official site has it.
pub fn publish(site: &Path, channel: &str, number: u32, manifest: &str) {
    put(site, &format!("kubernetes-{channel}/kubernetes-{channel}-eks-{number}.yaml"), manifest);
}

/// Says which release of a channel is the newest.
pub fn announce(site: &Path, channel: &str, latest: u32) {
    let text = format!(
        "apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: ReleaseChannel\nmetadata:\n  creationTimestamp: null\n  name: {channel}\nspec:\n  snsTopicARN: arn:aws:sns:us-east-1:379412251201:eks-distro-updates\nstatus:\n  active: true\n  latestRelease: {latest}\n"
    );
    put(site, &format!("releasechannels/{channel}.yaml"), &text);
}

pub fn put(site: &Path, path: &str, text: &str) {
    let path = site.join(path);
    fs::create_dir_all(path.parent().expect("is in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// The current sample under another number.
pub fn renumbered(number: u32) -> String {
    CURRENT.replace("number: 21", &format!("number: {number}")).replace("1-34-21", &format!("1-34-{number}"))
}

pub fn object(attributes: &[(&str, Value)]) -> Value {
    Value::object_of(attributes.iter().map(|(name, value)| (*name, value.clone())))
}

pub fn string(text: &str) -> Value {
    Value::string_nfc(text)
}

/// The provider at work in a folder.
pub async fn running(folder: &Path) -> (Arc<dyn Provider>, Arc<dyn Configured>) {
    let provider = crate::provider();
    let nothing = Value::object_of::<&str>([]);
    let configured = configured(provider.as_ref(), &nothing, environment(folder)).await;
    (provider, configured.expect("needs nothing"))
}

/// Reads a data source in a folder.
pub async fn read(folder: &Path, type_name: &str, attributes: &[(&str, Value)]) -> DataResponse {
    let (provider, running) = running(folder).await;
    let schema = provider.schema();
    let block = &schema.data_source(type_name).expect("is offered").block;
    let config = block.coerce(&object(attributes)).expect("fits the schema");
    let wrong = provider.validate_data(type_name, &config);
    assert!(!wrong.has_errors(), "{}", texts(&wrong));
    running.read_data(DataRequest { type_name: type_name.into(), config }).await
}

/// The state that a data source must give.
pub async fn must_read(folder: &Path, type_name: &str, attributes: &[(&str, Value)]) -> Value {
    let answer = read(folder, type_name, attributes).await;
    assert!(!answer.diagnostics.has_errors(), "{}", texts(&answer.diagnostics));
    answer.state
}

/// The error that a data source must give, on one line.
pub async fn refused(folder: &Path, type_name: &str, attributes: &[(&str, Value)]) -> String {
    let answer = read(folder, type_name, attributes).await;
    assert!(answer.diagnostics.has_errors() && answer.state.is_null(), "it must be refused");
    texts(&answer.diagnostics)
}

pub fn texts(diagnostics: &diag::Diagnostics) -> String {
    let texts = diagnostics.iter().map(|found| format!("{}: {}", found.summary, found.detail));
    texts.collect::<Vec<_>>().join("\n")
}

/// What lies at a path of names and map keys.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, name| {
        value.entries().and_then(|entries| entries.get(name)).unwrap_or_else(|| panic!("there is no {name}"))
    })
}

pub fn text_at<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    at(value, path).as_str().map_or("(no text)", |text| text.as_str())
}
