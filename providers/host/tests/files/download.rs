use std::fs;
use std::path::Path;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use sha2::{Digest, Sha256, Sha512};
use value::Value;

use super::super::support::{Bench, folder, object, root, text, without};
use super::server::{Does, Server};
use super::{by_key, mode, set_mode, tree};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(content: &[u8]) -> Value {
    text(&hex(&Sha256::digest(content)))
}

/// More than one piece, and nothing that repeats.
fn large() -> Vec<u8> {
    (0..2_500_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

fn config(host: &Path, url: &str, content: &[u8]) -> Value {
    object([
        ("host", root(host)),
        ("path", text("/opt/file")),
        ("url", text(url)),
        ("sha256", sha256(content)),
    ])
}

/// A host with `/opt`.
fn host(folder: &tempfile::TempDir) -> std::path::PathBuf {
    let host = folder.path().join("h");
    fs::create_dir_all(host.join("opt")).expect("can be made");
    host
}

#[tokio::test]
async fn downloads_conform() {
    let folder = folder();
    let at = host(&folder);
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    fs::write(&one, "one").expect("can be written");
    fs::write(&two, "two").expect("can be written");
    let (one, two) = (format!("file://{}", one.display()), format!("file://{}", two.display()));
    let base = config(&at, &one, b"one");
    let sha512 = text(&hex(&Sha512::digest("two")).to_uppercase());
    let by_512 = config(&at, &two, b"two")
        .with_attr("sha256", Value::null(value::Type::String))
        .with_attr("sha512", sha512);
    let cases = [
        Case::new("host_download", base.clone())
            .update(config(&at, &two, b"two"))
            .update(config(&at, &two, b"two").with_attr("mode", text("0750")))
            .update(by_512.clone().with_attr("mode", text("0750")))
            .replace(by_512.with_attr("path", text("/opt/other")).with_attr("mode", text("0755")))
            .refuses(base.with_attr("url", text("ftp://host/file")), "url")
            .refuses(base.with_attr("url", text("file")), "url")
            .refuses(base.with_attr("sha256", text("abc")), "sha256")
            .refuses(base.with_attr("sha512", text(&"a".repeat(128))), "sha256")
            .refuses(base.with_attr("sha256", Value::null(value::Type::String)), "sha256")
            .refuses(base.with_attr("via", text("pigeon")), "via")
            .refuses(base.with_attr("timeout", text("0s")), "timeout")
            .refuses(base.with_attr("path", text("opt/file")), "path"),
        Case::new("host_download", base).named("import").import_made(by_key, &["url", "revision"]),
    ];
    let report = run(crate::provider(), &object([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    assert_eq!(tree(&at), ["opt"], "nothing is left");
}

#[tokio::test]
async fn a_download_that_is_cut_off_is_continued() {
    let folder = folder();
    let (at, content) = (host(&folder), large());
    let server =
        Server::start(content.clone(), vec![Does::Breaks(6_000_000), Does::Breaks(1_000_000), Does::Gives])
            .await;
    let bench = Bench::new("host_download", folder.path()).await;
    let state = bench.create(config(&at, &server.url(), &content)).await;
    assert_eq!(state.int("size"), i64::try_from(content.len()).ok());
    assert!(fs::read(at.join("opt/file")).is_ok_and(|found| found == content));
    let asked = server.asked();
    let ranges: Vec<bool> =
        asked.iter().map(|request| request.to_lowercase().contains("range: bytes=")).collect();
    assert_eq!(ranges, [false, true, true]);
    assert!(asked[2].to_lowercase().contains("range: bytes=7000000-"), "{}", asked[2]);
    assert!(tree(&at).iter().all(|name| !name.contains("groma-part")));
}

#[tokio::test]
async fn a_partial_file_of_an_earlier_try_is_continued_and_one_of_something_else_is_not_trusted() {
    let folder = folder();
    let (at, content) = (host(&folder), large());
    let key = crate::paths::key("/opt/file");
    let digest = hex(&Sha256::digest(&content));
    let part = at.join(format!("opt/.groma-part-{key}-{}", &digest[..16]));
    let other = at.join(format!("opt/.groma-part-{key}-0000000000000000"));
    let bench = Bench::new("host_download", folder.path()).await;

    fs::write(&part, &content[..4_000_000]).expect("can be written");
    fs::write(&other, "other").expect("can be written");
    let server = Server::start(content.clone(), vec![Does::Gives]).await;
    let state = bench.create(config(&at, &server.url(), &content)).await;
    assert!(server.asked()[0].to_lowercase().contains("range: bytes=4000000-"));
    assert!(!part.exists() && !other.exists());
    bench.delete(&state).await;

    fs::write(&part, vec![7; 4_000_000]).expect("can be written");
    let server = Server::start(content.clone(), vec![Does::Gives]).await;
    let state = bench.create(config(&at, &server.url(), &content)).await;
    assert_eq!(server.asked().len(), 2, "once more, from the start");
    assert!(fs::read(at.join("opt/file")).is_ok_and(|found| found == content));
    bench.delete(&state).await;

    fs::write(&part, &content).expect("can be written");
    let server = Server::start(content.clone(), vec![Does::Gives]).await;
    let state = bench.create(config(&at, &server.url(), &content)).await;
    assert_eq!(server.asked().len(), 0, "all of it was there");
    bench.delete(&state).await;

    fs::write(&part, &content[..9_000_000]).expect("can be written");
    let server = Server::start(content.clone(), vec![Does::GivesAll]).await;
    bench.create(config(&at, &server.url(), &content)).await;
    assert!(
        fs::read(at.join("opt/file")).is_ok_and(|found| found == content),
        "a server that gives no parts"
    );
}

#[tokio::test]
async fn what_is_wrong_is_not_put_into_place() {
    let folder = folder();
    let at = host(&folder);
    fs::write(at.join("opt/file"), "theirs").expect("can be written");
    let bench = Bench::new("host_download", folder.path()).await;
    let cases = [
        (Does::Gives, "has the SHA-256", "a wrong digest"),
        (Does::Says("404 Not Found"), "with 404 Not Found", "nothing there"),
        (Does::Says("302 Found\r\nLocation: /file"), "leads from", "redirections without end"),
        (Does::Says("302 Found\r\nLocation: file:///etc/passwd"), "of the scheme", "a redirection to a file"),
        (Does::Says("503 Service Unavailable"), "with 503", "a server in trouble"),
    ];
    for (does, expected, why) in cases {
        let server = Server::start(b"evil".to_vec(), vec![does]).await;
        let url = format!("{}?token=sesame", server.url()).replace("http://", "http://user:sesame@");
        let response = bench.change(&Value::null(value::Type::Dynamic), &config(&at, &url, b"good")).await;
        let said = format!("{:?}", response.diagnostics);
        assert!(said.contains(expected), "{why}: {said}");
        assert!(!said.contains("sesame"), "{why}: {said}");
        assert_eq!(fs::read_to_string(at.join("opt/file")).ok().as_deref(), Some("theirs"), "{why}");
    }
    let unreachable = config(&at, "http://127.0.0.1:1/file", b"good");
    let response = bench.change(&Value::null(value::Type::Dynamic), &unreachable).await;
    let said = format!("{:?}", response.diagnostics);
    assert!(said.contains("127.0.0.1:1 cannot be reached"), "{said}");
}

#[tokio::test]
async fn logins_and_redirections() {
    let folder = folder();
    let at = host(&folder);
    let bench = Bench::new("host_download", folder.path()).await;
    let last = Server::start(b"good".to_vec(), vec![Does::Gives]).await;
    let lead: &'static str = format!("307 Temporary Redirect\r\nLocation: {}", last.url()).leak();
    let first = Server::start(Vec::new(), vec![Does::Says(lead)]).await;
    let url = first.url().replace("http://", "http://us%40er:pass@");
    bench.create(config(&at, &url, b"good")).await;
    assert!(first.asked()[0].contains("authorization: Basic dXNAZXI6cGFzcw==\r\n"), "{}", first.asked()[0]);
    assert!(!last.asked()[0].contains("authorization"), "another server gets no login");
}

#[tokio::test]
async fn what_is_there_is_not_fetched_and_comes_back() {
    let folder = folder();
    let at = host(&folder);
    fs::write(at.join("opt/file"), "one").expect("can be written");
    set_mode(&at.join("opt/file"), 0o640);
    let server = Server::start(b"two".to_vec(), vec![Does::Gives]).await;
    let bench = Bench::new("host_download", folder.path()).await;
    let state = bench.create(config(&at, &server.url(), b"one")).await;
    assert_eq!((server.asked().len(), state.text("mode")), (0, Some("0640")));
    let state =
        bench.change(&state, &config(&at, &server.url(), b"two").with_attr("mode", text("0755"))).await.state;
    assert_eq!(fs::read_to_string(at.join("opt/file")).ok().as_deref(), Some("two"));
    assert_eq!(bench.read(&state).await, state);
    bench.delete(&state).await;
    assert_eq!(fs::read_to_string(at.join("opt/file")).ok().as_deref(), Some("one"));
    assert_eq!(mode(&at.join("opt/file")), Some(0o640));
}

#[tokio::test]
async fn each_field_that_is_changed_by_hand_shows_and_is_repaired() {
    let folder = folder();
    let at = host(&folder);
    let server = Server::start(b"one".to_vec(), vec![Does::Gives]).await;
    let bench = Bench::new("host_download", folder.path()).await;
    let config = config(&at, &server.url(), b"one");
    let state = bench.create(config.clone()).await;
    fs::write(at.join("opt/file"), "two").expect("can be written");
    let seen = bench.read(&state).await;
    let expected = state.with_attr("sha256", sha256(b"two"));
    assert_eq!(without(&seen, "revision"), without(&expected, "revision"), "exactly that field");
    assert_ne!(seen.text("revision"), state.text("revision"), "and that it is not what groma wrote");
    set_mode(&at.join("opt/file"), 0o600);
    assert_eq!(bench.read(&state).await.text("mode"), Some("0600"));
    let state = bench.change(&seen, &config).await.state;
    assert_eq!(fs::read_to_string(at.join("opt/file")).ok().as_deref(), Some("one"));
    fs::remove_file(at.join("opt/file")).expect("is there");
    assert!(bench.read(&state).await.is_null());
}

#[tokio::test]
async fn the_host_itself_fetches() {
    let folder = folder();
    let (at, content) = (folder.path().join("file"), large());
    let server = Server::start(content.clone(), vec![Does::Breaks(1_000_000), Does::Gives]).await;
    let bench = Bench::new("host_download", folder.path()).await;
    let config = object([
        ("host", text("local:")),
        ("path", text(&at.display().to_string())),
        ("url", text(&format!("{}?a=1&b='2\"", server.url()))),
        ("via", text("host")),
        ("sha256", sha256(&content)),
    ]);
    let state = bench.create(config).await;
    assert!(fs::read(&at).is_ok_and(|found| found == content));
    let asked = server.asked();
    assert!(
        asked.len() > 1 && asked.iter().all(|request| !request.contains("user-agent: groma")),
        "{asked:?}"
    );
    assert!(asked[asked.len() - 1].to_lowercase().contains("range: bytes=1000000-"), "{asked:?}");
    bench.delete(&state).await;
    assert_eq!(tree(folder.path()), Vec::<String>::new().as_slice());
}

#[tokio::test]
async fn a_proxy_is_asked() {
    let folder = folder();
    let at = host(&folder);
    let proxy = Server::start(b"good".to_vec(), vec![Does::Gives]).await;
    let url = format!("http://us:er@{}", proxy.address());
    let bench =
        Bench::with_variables("host_download", folder.path(), &[("http_proxy", &url), ("https_proxy", &url)])
            .await;
    bench.create(config(&at, "http://example.invalid/x?y", b"good")).await;
    let asked = &proxy.asked()[0];
    assert!(asked.starts_with("GET http://example.invalid/x?y HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("proxy-authorization: Basic dXM6ZXI=\r\n"), "{asked}");
    let config = config(&at, "https://example.invalid/x", b"other");
    let response = bench.change(&Value::null(value::Type::Dynamic), &config).await;
    assert!(response.diagnostics.has_errors(), "what the proxy gives is no TLS");
    assert!(proxy.asked()[1].starts_with("CONNECT example.invalid:443 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_server_must_show_a_certificate_that_is_trusted() {
    let folder = folder();
    let at = host(&folder);
    let content = large();
    let (url, certificate) = Server::start_tls(content.clone()).await;
    let bench = Bench::new("host_download", folder.path()).await;
    let config = config(&at, &url, &content);
    let response = bench.change(&Value::null(value::Type::Dynamic), &config).await;
    let said = format!("{:?}", response.diagnostics);
    assert!(said.contains("certificate"), "{said}");
    bench.create(config.with_attr("ca_certificates", text(&certificate))).await;
    assert!(fs::read(at.join("opt/file")).is_ok_and(|found| found == content));
}
