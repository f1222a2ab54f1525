use std::fs;
use std::path::Path;
use std::sync::Arc;

use provider::conformance::{self, Case, environment};
use provider::{ApplyRequest, Configured, PlanRequest, Provider, ReadRequest, proposed_new};
use value::{Type, Value};

use crate::releases::digest::{sha256, sha512};
use crate::releases::tests::server::Server;
use crate::releases::tests::support::{at, must_read, object, publish, put, running, string, text_at, texts};

const KUBELET: &str = "kubernetes-1-34/releases/21/artifacts/kubernetes/v1.34.9/bin/linux/amd64/kubelet";
const MANIFEST: &str = "kubernetes-1-34/kubernetes-1-34-eks-21.yaml";

/// A site with a release of small files.
fn site(folder: &Path, number: u32) {
    let files = [
        ("kubernetes", "v1.34.9", "bin/linux/amd64/kubelet", "os: linux, arch: [amd64], ", 300_000),
        ("kubernetes", "v1.34.9", "bin/linux/arm64/kubelet", "os: linux, arch: [arm64], ", 20),
        ("kubernetes", "v1.34.9", "bin/windows/amd64/kubelet.exe", "os: windows, arch: [amd64], ", 20),
        ("kubernetes", "v1.34.9", "kubernetes-src.tar.gz", "", 20),
        ("etcd", "v3.5.21", "etcd-linux-amd64-v3.5.21.tar.gz", "os: linux, arch: [amd64], ", 20),
    ];
    let mut components = String::new();
    for project in ["kubernetes", "etcd"] {
        components.push_str(&format!("  - name: {project}\n    assets:\n"));
        for (_, tag, name, platform, size) in files.iter().filter(|file| file.0 == project) {
            let path = format!("kubernetes-1-34/releases/{number}/artifacts/{project}/{tag}/{name}");
            let content = format!("{name} of {number} ").repeat(*size);
            put(folder, &path, &content);
            let (sha256, sha512) = (sha256(content.as_bytes()), sha512(content.as_bytes()));
            components.push_str(&format!(
                "    - {{name: {name}, {platform}archive: {{uri: 'https://distro.eks.amazonaws.com/{path}', sha256: '{sha256}', sha512: '{sha512}'}}}}\n"
            ));
        }
        components.push_str(&format!(
            "    - {{name: {project}-image, os: linux, arch: [amd64], image: {{uri: registry/{project}}}}}\n"
        ));
    }
    let manifest = format!(
        "apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: Release\nspec: {{channel: 1-34, number: {number}}}\nstatus:\n  components:\n{components}"
    );
    publish(folder, "1-34", number, &manifest);
}

pub(super) fn config(source: &str, more: &[(&str, Value)]) -> Value {
    let asked = [
        ("channel", string("1-34")),
        ("number", Value::number(21)),
        ("source", string(source)),
        ("directory", string("mirror")),
    ];
    object(&[&asked[..], more].concat())
}

pub(super) fn chosen(names: &[&str]) -> Value {
    Value::set(Type::String, names.iter().map(|name| string(name)).collect())
}

/// One mirror in a folder, from plan to plan.
pub(super) struct Subject {
    provider: Arc<dyn Provider>,
    running: Arc<dyn Configured>,
    state: Value,
}

impl Subject {
    pub(super) async fn new(folder: &Path) -> Self {
        let (provider, running) = running(folder).await;
        let state = Value::null(provider.schema().resources["eksd_mirror"].block.implied_type());
        Self { provider, running, state }
    }

    /// Plans, and applies if there is something to do: the error, or whether there was.
    pub(super) async fn apply(&mut self, config: &Value) -> Result<bool, String> {
        let schema = self.provider.schema();
        let block = &schema.resources["eksd_mirror"].block;
        let config = block.coerce(config).expect("fits the schema");
        let proposed = proposed_new(block, &self.state, &config);
        let (type_name, prior, private) = ("eksd_mirror".into(), self.state.clone(), Vec::new());
        let plan = PlanRequest { type_name, prior: prior.clone(), proposed, config: config.clone(), private };
        let planned = self.running.plan(plan).await.planned;
        if planned == prior {
            return Ok(false);
        }
        let (type_name, private, token) = ("eksd_mirror".into(), Vec::new(), "token".into());
        let request = ApplyRequest { type_name, prior, planned, config, private, token };
        let answer = self.running.apply(request).await;
        self.state = answer.state;
        if answer.diagnostics.has_errors() { Err(texts(&answer.diagnostics)) } else { Ok(true) }
    }

    pub(super) async fn refresh(&mut self) {
        let request =
            ReadRequest { type_name: "eksd_mirror".into(), current: self.state.clone(), private: Vec::new() };
        let answer = self.running.read(vec![request]).await.pop().expect("answers");
        assert!(!answer.diagnostics.has_errors(), "{}", texts(&answer.diagnostics));
        self.state = answer.state;
    }

    fn files(&self) -> Vec<&str> {
        let files = at(&self.state, &["files"]).entries().expect("is a map");
        files.keys().map(|path| path.rsplit('/').next().unwrap_or_default()).collect()
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        at(&self.state, &[name]).as_str().map(ToString::to_string)
    }

    pub(super) fn complete(&self) -> Option<bool> {
        at(&self.state, &["complete"]).as_bool()
    }
}

#[tokio::test]
async fn a_mirror_behaves_as_resources_do() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in [21, 22] {
        site(&folder.path().join("site"), number);
    }
    let plain = |more: &[(&str, Value)]| config("site", more);
    let cases = [Case::new("eksd_mirror", plain(&[("components", chosen(&["etcd"]))]))
        .update(plain(&[("arch", chosen(&["amd64"])), ("os", chosen(&["linux"]))]))
        .update(plain(&[]))
        .replace(plain(&[("number", Value::number(22))]))
        .replace(plain(&[("number", Value::number(22)), ("directory", string("elsewhere"))]))
        .refuses(plain(&[("directory", string(""))]), "directory")
        .refuses(plain(&[("arch", chosen(&[]))]), "arch")
        .refuses(plain(&[("channel", string("1.34"))]), "channel")];
    let nothing = Value::object_of::<&str>([]);
    let report = conformance::run(crate::provider(), &nothing, environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .expect("is there")
        .map(|entry| entry.expect("can be read").file_name().into_string().expect("is a text"))
        .collect();
    left.sort();
    assert_eq!(left, [".eksd.lock.hcl", "site"], "deletion takes away what was put there");
}

#[tokio::test]
async fn a_mirror_is_a_source_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    site(&folder.path().join("site"), 21);
    let server = Server::of(&folder.path().join("site")).await;
    let mut mirror = Subject::new(folder.path()).await;
    let only = [("os", chosen(&["linux"])), ("arch", chosen(&["amd64"]))];
    assert_eq!(mirror.apply(&config(&server.url, &only)).await, Ok(true));
    let wanted = ["kubernetes-1-34-eks-21.yaml", "etcd-linux-amd64-v3.5.21.tar.gz", "kubelet"];
    assert_eq!(mirror.files(), wanted);
    let side = fs::read_to_string(folder.path().join("mirror").join(format!("{KUBELET}.sha512")));
    assert!(side.is_ok_and(|text| text.ends_with("  kubelet\n") && text.len() == 128 + 10));
    // By another site, and without a number.
    let second = Server::of(&folder.path().join("mirror")).await;
    let asked = [("channel", string("1-34")), ("source", string(&second.url))];
    let release = must_read(folder.path(), "eksd_release", &asked).await;
    let uri = text_at(&release, &["binaries", "kubelet", "amd64", "uri"]);
    assert_eq!(uri, format!("{}/{KUBELET}", second.url));
    assert_eq!(mirror.apply(&config(&server.url, &only)).await, Ok(false));
}

#[tokio::test]
async fn what_was_cut_off_is_continued() {
    let folder = tempfile::tempdir().expect("a folder");
    site(&folder.path().join("site"), 21);
    let server = Server::of(&folder.path().join("site")).await;
    let mut mirror = Subject::new(folder.path()).await;
    let config = config(&server.url, &[("assets", chosen(&["bin/linux/amd64/kubelet"]))]);
    // Each answer gives some more: a try that made progress does not count.
    server.cut_after(3_000_000);
    assert_eq!(mirror.apply(&config).await, Ok(true));
    let asked: Vec<String> = server.requests().into_iter().filter(|path| path.contains("kubelet")).collect();
    assert_eq!(asked[0], format!("/{KUBELET}"));
    assert!(asked.len() > 2 && asked[1..].iter().all(|path| path.contains(" from ")), "{asked:?}");
    let (there, copy) =
        (folder.path().join("site").join(KUBELET), folder.path().join("mirror").join(KUBELET));
    assert_eq!(fs::read(there).expect("is there"), fs::read(copy).expect("was copied"));
}

#[tokio::test]
async fn a_part_of_something_else_is_thrown_away() {
    let folder = tempfile::tempdir().expect("a folder");
    site(&folder.path().join("site"), 21);
    let (path, name) = KUBELET.rsplit_once('/').expect("has a folder");
    put(&folder.path().join("mirror"), &format!("{path}/.{name}.part"), "something else");
    let server = Server::of(&folder.path().join("site")).await;
    let mut mirror = Subject::new(folder.path()).await;
    let config = config(&server.url, &[("assets", chosen(&["bin/linux/amd64/kubelet"]))]);
    assert_eq!(mirror.apply(&config).await, Ok(true));
    assert_eq!(mirror.complete(), Some(true));
}

#[tokio::test]
async fn wrong_content_is_refused_and_not_put_into_place() {
    let folder = tempfile::tempdir().expect("a folder");
    site(&folder.path().join("site"), 21);
    put(&folder.path().join("site"), KUBELET, "something else");
    for source in [Server::of(&folder.path().join("site")).await.url, "site".into()] {
        let mut mirror = Subject::new(folder.path()).await;
        let error = mirror.apply(&config(&source, &[])).await.expect_err("is not what the manifest says");
        assert!(error.contains("Wrong content") && error.contains("SHA-512"), "{error}");
        assert!(mirror.state.is_null());
        let there = |path: &str| folder.path().join("mirror").join(path).exists();
        assert!(!there(KUBELET) && !there(MANIFEST));
    }
}

#[tokio::test]
async fn each_file_that_differs_shows_and_is_copied_again() {
    let folder = tempfile::tempdir().expect("a folder");
    site(&folder.path().join("site"), 21);
    let server = Server::of(&folder.path().join("site")).await;
    let mut mirror = Subject::new(folder.path()).await;
    let config = config(&server.url, &[]);
    assert_eq!(mirror.apply(&config).await, Ok(true));
    let right = mirror.state.clone();
    let place = folder.path().join("mirror");
    let rows: [(&str, Option<&str>, &str); 4] = [
        (KUBELET, Some("by hand"), "a file that was changed"),
        (KUBELET, None, "a file that is missing"),
        (MANIFEST, Some("by hand"), "another manifest"),
        (&format!("{KUBELET}.sha256"), Some("by hand"), "what is beside a file"),
    ];
    for (path, content, why) in rows {
        let asked = server.requests().len();
        match content {
            Some(content) => put(&place, path, content),
            None => fs::remove_file(place.join(path)).expect("is there"),
        }
        mirror.refresh().await;
        assert_eq!(mirror.complete(), Some(false), "{why}");
        assert_eq!(mirror.apply(&config).await, Ok(true), "{why}");
        assert_eq!(mirror.state, right, "{why}");
        let files = server.requests()[asked..].iter().filter(|path| path.contains("artifacts")).count();
        assert_eq!(files, usize::from(path == KUBELET), "{why}: only that file is copied");
        mirror.refresh().await;
        assert_eq!(mirror.apply(&config).await, Ok(false), "{why}");
    }
    fs::remove_dir_all(place).expect("is there");
    mirror.refresh().await;
    assert!(mirror.state.is_null(), "nothing is left");
}

#[tokio::test]
async fn files_that_are_no_longer_chosen_go() {
    let folder = tempfile::tempdir().expect("a folder");
    site(&folder.path().join("site"), 21);
    let mut mirror = Subject::new(folder.path()).await;
    assert_eq!(mirror.apply(&config("site", &[])).await, Ok(true));
    assert_eq!(mirror.files().len(), 6);
    put(&folder.path().join("mirror"), "README", "ours");
    assert_eq!(mirror.apply(&config("site", &[("components", chosen(&["etcd"]))])).await, Ok(true));
    assert_eq!(mirror.files(), ["kubernetes-1-34-eks-21.yaml", "etcd-linux-amd64-v3.5.21.tar.gz"]);
    let artifacts = folder.path().join("mirror/kubernetes-1-34/releases/21/artifacts");
    assert!(artifacts.join("etcd").exists() && !artifacts.join("kubernetes").exists());
    assert!(folder.path().join("mirror/README").exists());
}

#[tokio::test]
async fn what_cannot_be_mirrored_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    site(&folder.path().join("site"), 21);
    let official = "https://distro.eks.amazonaws.com/";
    let manifest = fs::read_to_string(folder.path().join("site").join(MANIFEST)).expect("was written");
    let digests = manifest.replace("sha256: '", "x: '").replace("sha512: '", "y: '");
    let rows: [(&str, Value, &str, &str); 6] = [
        ("components", chosen(&["etcd", "etcs"]), &manifest, "no component named \"etcs\""),
        ("assets", chosen(&["kubelet"]), &manifest, "no asset named \"kubelet\""),
        ("assets", chosen(&["etcd-image"]), &manifest, "is in a registry: set images = true"),
        ("os", chosen(&["plan9"]), &manifest, "choose together"),
        ("os", chosen(&["linux"]), &digests, "no digest"),
        (
            "os",
            chosen(&["linux"]),
            &manifest.replace(official, "https://example.com/"),
            "outside of the official site",
        ),
    ];
    for (index, (name, value, manifest, wanted)) in rows.into_iter().enumerate() {
        publish(&folder.path().join("site"), "1-34", 21, manifest);
        let mut mirror = Subject::new(folder.path()).await;
        let lock = ("lock_file", string(&format!("lock{index}")));
        let error = mirror.apply(&config("site", &[(name, value), lock])).await.expect_err(wanted);
        assert!(error.contains(wanted), "{error}");
        assert!(!folder.path().join("mirror").exists(), "nothing was written");
    }
    let escape = manifest.replace(&format!("{official}{KUBELET}"), &format!("{official}../../etc/passwd"));
    publish(&folder.path().join("site"), "1-34", 21, &escape);
    let mut mirror = Subject::new(folder.path()).await;
    let error = mirror.apply(&config("site", &[("lock_file", string("lock"))])).await.expect_err("leads out");
    assert!(error.contains("could lead out of the folder"), "{error}");
}
