use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use value::Value;

use super::{Repository, archive};
use crate::releases::digest::sha256;
use crate::releases::mirror::tests::{Subject, chosen, config};
use crate::releases::tests::support::{publish, string};

const NAME: &str = "registry.test/eks-distro/kubernetes/pause:v1.34.9-eks-1-34-21";
const LAYOUT: &str = "mirror/kubernetes-1-34/releases/21/images";

/// A registry that gives nothing without a token, and leads to blobs elsewhere, as public ones do.
struct Registry {
    url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    url: String,
    content: Mutex<BTreeMap<String, Vec<u8>>>,
    requests: Mutex<Vec<String>>,
}

impl Registry {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("is bound"));
        let shared = Arc::new(Shared { url: url.clone(), ..Shared::default() });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&serving)));
            }
        });
        Self { url, shared }
    }

    /// Adds content, and answers its digest.
    fn add(&self, content: impl Into<Vec<u8>>) -> String {
        let content = content.into();
        let digest = format!("sha256:{}", sha256(&content));
        self.set(&digest, content);
        digest
    }

    fn set(&self, digest: &str, content: impl Into<Vec<u8>>) {
        let mut all = self.shared.content.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(digest.to_owned(), content.into());
    }

    fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An image of one layer.
    fn image(&self, platform: &str) -> (String, String) {
        let layer = self.add(format!("layer of {platform} ").repeat(10_000));
        let config = self.add(json!({ "architecture": platform }).to_string());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": { "digest": config, "size": 1 },
            "layers": [{ "digest": layer, "size": 1 }],
        });
        (self.add(manifest.to_string()), layer)
    }

    /// An index of images for two platforms: its digest, and the layers.
    fn index(&self) -> (String, Vec<String>) {
        let images = ["amd64", "arm64"].map(|arch| (arch, self.image(arch)));
        let manifests: Vec<Json> = images
            .iter()
            .map(|(arch, (digest, _))| json!({ "digest": digest, "size": 1, "platform": { "os": "linux", "architecture": arch } }))
            .collect();
        let index = json!({ "schemaVersion": 2, "manifests": manifests });
        (self.add(index.to_string()), images.into_iter().map(|(_, (_, layer))| layer).collect())
    }
}

async fn answer(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    let (mut path, mut login, mut line) = (String::new(), false, String::new());
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        if let Some(rest) = line.strip_prefix("GET ") {
            path = rest.split(' ').next().unwrap_or_default().to_owned();
        }
        login |= line.to_lowercase().starts_with("authorization: bearer secret-token");
        line.clear();
    }
    let digest = path.rsplit('/').next().unwrap_or_default().to_owned();
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
    let content = shared.content.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
    let (head, body) = if path.starts_with("/token?") {
        let wanted = "service=registry.test&scope=repository%3Aeks-distro%2Fkubernetes%2Fpause%3Apull";
        match path.ends_with(wanted) {
            true => ("200 OK".to_owned(), br#"{"token":"secret-token"}"#.to_vec()),
            false => ("400 Bad Request".to_owned(), path.clone().into_bytes()),
        }
    } else if path.starts_with("/elsewhere/") {
        match content {
            // Nobody else is told what logs in at the registry.
            Some(content) if !login => ("200 OK".to_owned(), content),
            _ => ("403 Forbidden".to_owned(), Vec::new()),
        }
    } else if !login {
        let challenge = format!(
            "401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"{}/token\",service=\"registry.test\",scope=\"repository:eks-distro/kubernetes/pause:pull\"",
            shared.url
        );
        (challenge, Vec::new())
    } else if path.contains("/blobs/") {
        // By another name it is another server.
        let other = shared.url.replace("127.0.0.1", "localhost");
        (format!("307 Temporary Redirect\r\nLocation: {other}/elsewhere/{digest}"), Vec::new())
    } else {
        match content {
            Some(content) => ("200 OK".to_owned(), content),
            None => ("404 Not Found".to_owned(), Vec::new()),
        }
    };
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // A client that hangs up early is part of the tests.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&body).await;
    let _ = stream.shutdown().await;
}

/// A site whose release has one image.
fn site(folder: &Path, digest: Option<&str>) {
    let digest = digest.map(|digest| format!(", imageDigest: '{digest}'")).unwrap_or_default();
    let manifest = format!(
        "apiVersion: distro.eks.amazonaws.com/v1alpha1\nkind: Release\nspec: {{channel: 1-34, number: 21}}\nstatus:\n  components:\n  - name: kubernetes\n    assets:\n    - {{name: pause-image, os: linux, arch: [amd64, arm64], image: {{uri: '{NAME}'{digest}}}}}\n"
    );
    publish(&folder.join("site"), "1-34", 21, &manifest);
}

fn with_images(registry: &Registry, more: &[(&str, Value)]) -> Value {
    let places = Value::object_of([("registry.test", string(&registry.url))]);
    config("site", &[&[("images", Value::bool(true)), ("registries", places)], more].concat())
}

fn blobs(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder.join(LAYOUT).join("blobs/sha256")).into_iter().flatten().flatten();
    let mut names: Vec<String> = all.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn images_are_copied_by_digest_into_a_layout_and_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::new().await;
    let (digest, layers) = registry.index();
    site(folder.path(), Some(&digest));
    let mut mirror = Subject::new(folder.path()).await;
    let all = with_images(&registry, &[]);
    assert_eq!(mirror.apply(&all).await, Ok(true));
    assert_eq!(blobs(folder.path()).len(), 7, "an index, two manifests, configurations and layers");
    let layout = folder.path().join(LAYOUT);
    let index: Json = serde_json::from_str(&fs::read_to_string(layout.join("index.json")).expect("is there"))
        .expect("is JSON");
    assert_eq!(index["manifests"][0]["digest"], digest);
    assert_eq!(index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"], NAME);
    let version: Json =
        serde_json::from_str(&fs::read_to_string(layout.join("oci-layout")).expect("is there"))
            .expect("is JSON");
    assert_eq!(version["imageLayoutVersion"], "1.0.0");
    for name in blobs(folder.path()) {
        let content = fs::read(layout.join("blobs/sha256").join(&name)).expect("is there");
        assert_eq!(sha256(&content), name);
    }
    mirror.refresh().await;
    assert_eq!((mirror.complete(), mirror.apply(&all).await), (Some(true), Ok(false)));

    // What was changed or removed is copied again, and nothing else is.
    let layer = layout.join("blobs/sha256").join(layers[0].trim_start_matches("sha256:"));
    for spoil in [true, false] {
        match spoil {
            true => fs::write(&layer, "by hand").expect("is there"),
            false => fs::remove_file(&layer).expect("is there"),
        }
        mirror.refresh().await;
        assert_eq!(mirror.complete(), Some(false));
        registry.take_requests();
        assert_eq!(mirror.apply(&all).await, Ok(true));
        let blobs: Vec<String> =
            registry.take_requests().into_iter().filter(|path| path.starts_with("/elsewhere/")).collect();
        assert_eq!(blobs, [format!("/elsewhere/{}", layers[0])]);
    }

    // Only what is for the platform that is chosen stays.
    let one = with_images(&registry, &[("arch", chosen(&["amd64"]))]);
    assert_eq!(mirror.apply(&one).await, Ok(true));
    assert_eq!(blobs(folder.path()).len(), 4);
    let none = config("site", &[("images", Value::bool(false))]);
    let error = mirror.apply(&none).await.expect_err("there are no files");
    assert!(error.contains("Nothing to mirror"), "{error}");
}

#[tokio::test]
async fn what_registries_give_is_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::new().await;
    let (digest, layers) = registry.index();
    site(folder.path(), Some(&digest));
    registry.set(&layers[1], "something else");
    let mut mirror = Subject::new(folder.path()).await;
    let all = with_images(&registry, &[]);
    let error = mirror.apply(&all).await.expect_err("the layer is another");
    assert!(error.contains("Wrong content") && error.contains("registry.test/eks-distro"), "{error}");
    assert!(!folder.path().join(LAYOUT).join("index.json").exists(), "nothing says that all is there");
    registry.set(&digest, "{}");
    let error = mirror.apply(&all).await.expect_err("the index is another");
    assert!(error.contains("Wrong content") && !error.contains("secret-token"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_copied_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::new().await;
    site(folder.path(), None);
    let mut mirror = Subject::new(folder.path()).await;
    let error = mirror.apply(&with_images(&registry, &[])).await.expect_err("nothing verifies it");
    assert!(error.contains("no digest of it"), "{error}");
    let digest = registry.add("{\"schemaVersion\": 2}");
    site(folder.path(), Some(&digest));
    let lock = ("lock_file", string("other"));
    let error = mirror.apply(&with_images(&registry, &[lock])).await.expect_err("it is no image");
    assert!(error.contains("neither an index nor a manifest"), "{error}");
    let gone = format!("sha256:{}", "0".repeat(64));
    site(folder.path(), Some(&gone));
    let lock = ("lock_file", string("third"));
    let error = mirror.apply(&with_images(&registry, &[lock])).await.expect_err("it is not there");
    assert!(error.contains("404") && error.contains("registries"), "{error}");
}

#[test]
fn repositories_are_read_from_names() {
    let of = |name| Repository::of(name).map(|repository| repository.to_string());
    let table = [
        (
            "public.ecr.aws/eks-distro/coredns/coredns:v1-eks-1",
            Ok("public.ecr.aws/eks-distro/coredns/coredns"),
        ),
        ("localhost:5000/a@sha256:0", Ok("localhost:5000/a")),
        ("coredns:v1", Err("it names no registry")),
        ("eks-distro/coredns", Err("\"eks-distro\" is no registry")),
        ("a.example/../x", Err("\"../x\" is no repository")),
    ];
    for (name, expected) in table {
        assert_eq!(of(name), expected.map(str::to_owned).map_err(str::to_owned), "{name}");
    }
}

/// The names and contents of the files of an archive.
fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut tar = tar::Archive::new(bytes);
    let entries = tar.entries().expect("is a tar");
    let read = entries.map(|entry| {
        let mut entry = entry.expect("is whole");
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).expect("is whole");
        (entry.path().expect("has a path").display().to_string(), content)
    });
    read.collect()
}

#[tokio::test]
async fn an_image_is_taken_out_of_a_layout_for_one_architecture() {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::new().await;
    let (digest, layers) = registry.index();
    site(folder.path(), Some(&digest));
    let mut mirror = Subject::new(folder.path()).await;
    assert_eq!(mirror.apply(&with_images(&registry, &[])).await, Ok(true));
    let path = mirror.text("layout");
    assert_eq!(path.as_deref(), Some(LAYOUT));
    let layout = folder.path().join(LAYOUT);
    let taken = |name: &str, arch: &str| {
        let mut bytes = Vec::new();
        archive(&layout, name, arch, &mut bytes).map(|()| bytes)
    };
    let bytes = taken(NAME, "arm64").expect("is there");
    assert_eq!(
        taken(&format!("{NAME}@{digest}"), "arm64").expect("is there"),
        bytes,
        "always the same bytes"
    );
    let files = unpacked(&bytes);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..2], ["oci-layout", "index.json"]);
    assert_eq!(names.len(), 5, "a manifest, its configuration and its layer: {names:?}");
    let index: Json = serde_json::from_slice(&files[1].1).expect("is JSON");
    assert_eq!(index["manifests"][0]["annotations"]["io.containerd.image.name"], NAME);
    let blobs = &files[2..];
    assert!(blobs.iter().all(|(name, content)| name == &format!("blobs/sha256/{}", sha256(content))));
    assert_eq!(index["manifests"][0]["digest"], format!("sha256:{}", sha256(&blobs[0].1)));
    let manifest: Json = serde_json::from_slice(&blobs[0].1).expect("is JSON");
    assert!(layers.contains(&manifest["layers"][0]["digest"].as_str().expect("is there").to_owned()));

    let error = taken("registry.test/other:1", "arm64").expect_err("is not there");
    assert!(error.contains(NAME), "{error}");
    let error = taken(NAME, "s390x").expect_err("is not there");
    assert!(error.contains("nothing for linux/s390x"), "{error}");
    let layer = manifest["layers"][0]["digest"].as_str().expect("is there");
    fs::write(layout.join("blobs/sha256").join(&layer[7..]), "something else").expect("is there");
    let error = taken(NAME, "arm64").expect_err("is another");
    assert!(error.contains("tampered with") && error.contains(&layer[7..]), "{error}");
    fs::remove_file(layout.join("index.json")).expect("is there");
    assert!(taken(NAME, "arm64").expect_err("is none").contains("is no OCI layout"));
}
