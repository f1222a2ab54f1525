//! Whether a server is the right one: known, unknown, changed, revoked, pinned and certified host keys.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::server::{Server, keygen, output, run, ssh, sshd_is_here};
use crate::connection::Target;
use crate::settings::{Settings, UnknownHost};
use crate::ssh::learn::append;
use crate::transport::TransportError;

async fn visit(target: &Target, settings: Settings) -> Result<(), TransportError> {
    output(&ssh(target, settings), "true", b"").await.map(|_| ())
}

/// The words of a refusal.
async fn refusal(target: &Target, settings: Settings) -> String {
    match visit(target, settings).await {
        Err(TransportError::HostKey(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn fingerprint(server: &Server, kind: &str) -> String {
    let line = run("ssh-keygen", &["-lf", &format!("host_{kind}.pub")], server.folder.path());
    line.split(' ').nth(1).expect("has one").to_owned()
}

/// Settings with these lines of `known_hosts`.
fn knowing(server: &Server, lines: &str) -> Settings {
    let mut settings = server.settings();
    settings.trust.known_hosts_text = Some(lines.to_owned());
    settings
}

#[tokio::test]
async fn a_host_is_known_by_any_of_its_keys() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let key = |kind: &str| server.text(&format!("host_{kind}.pub"));
    for kind in ["ed25519", "ecdsa", "rsa"] {
        assert_eq!(visit(&server.target(), knowing(&server, &server.known(kind))).await, Ok(()), "{kind}");
    }
    let table = [
        ("a pattern", format!("[127.0.0.*]:{} {}", server.port, key("rsa"))),
        ("the bare address", format!("127.0.0.1 {}", key("rsa"))),
        (
            "among others",
            format!("# no\nother {}\nother,[127.0.0.1]:{} {}", key("ecdsa"), server.port, key("rsa")),
        ),
        (
            "with one that has changed beside it",
            format!("{}[127.0.0.1]:{} {}", server.known("rsa"), server.port, other_key("rsa")),
        ),
    ];
    for (why, lines) in table {
        assert_eq!(visit(&server.target(), knowing(&server, &lines)).await, Ok(()), "{why}");
    }
    let folder = server.folder.path();
    fs::write(folder.join("hashed"), server.known("ecdsa")).expect("is written");
    run("ssh-keygen", &["-q", "-H", "-f", "hashed"], folder);
    let mut settings = knowing(&server, "");
    settings.trust.known_hosts = vec![folder.join("absent"), folder.join("hashed")];
    assert_eq!(visit(&server.target(), settings).await, Ok(()), "hashed, in the second file");
}

fn other_key(kind: &str) -> String {
    let folder = tempfile::tempdir().expect("there is room");
    keygen(folder.path(), "other", &["-t", kind]);
    fs::read_to_string(folder.path().join("other.pub")).expect("is there")
}

#[tokio::test]
async fn an_unknown_host_is_refused_with_three_ways_out() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let mut settings = knowing(&server, "");
    settings.trust.known_hosts = vec!["/nowhere/known_hosts".into()];
    let text = refusal(&server.target(), settings).await;
    let key = server.text("host_ed25519.pub");
    let key = key.rsplit_once(' ').expect("has a comment").0;
    for part in [
        &fingerprint(&server, "ed25519"),
        "add this line to /nowhere/known_hosts:",
        &format!("[127.0.0.1]:{} {key}", server.port),
        "host_keys = [\"SHA256:",
        "host_key_checking = \"accept-new\"",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[tokio::test]
async fn a_changed_key_is_refused_with_both_fingerprints_and_the_line() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let folder = server.folder.path();
    keygen(folder, "host_old", &["-t", "ed25519"]);
    let file = folder.join("known_hosts");
    let old = server.text("host_old.pub");
    fs::write(&file, format!("# mine\n[127.0.0.1]:{} {old}", server.port)).expect("is written");
    for unknown in [UnknownHost::Refuse, UnknownHost::AcceptNew] {
        let mut settings = knowing(&server, "");
        settings.trust.known_hosts = vec![file.clone()];
        settings.trust.unknown = unknown;
        let text = refusal(&server.target(), settings).await;
        for part in [
            &fingerprint(&server, "ed25519"),
            &fingerprint(&server, "old"),
            &format!("{} line 2", file.display()),
            &format!("ssh-keygen -R '[127.0.0.1]:{}' -f {}", server.port, file.display()),
        ] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
    // A server that hides the key it is known by and shows another kind has changed, too.
    let hiding = Server::start_with("", |folder| format!("HostKey {}/host_ecdsa\n", folder.display()));
    let mut settings = knowing(&hiding, &hiding.known("rsa"));
    settings.trust.unknown = UnknownHost::AcceptNew;
    let text = refusal(&hiding.target(), settings).await;
    assert!(text.contains("has changed"), "{text}");
}

#[tokio::test]
async fn a_revoked_key_is_refused_whatever_else_is_known() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let lines = format!("{}@revoked * {}", server.known("ed25519"), server.text("host_ed25519.pub"));
    let text = refusal(&server.target(), knowing(&server, &lines)).await;
    assert!(text.contains("is revoked (the provider block's known_hosts line 2)"), "{text}");
    let mut target = server.target();
    target.host_keys = vec![server.text("host_ed25519.pub")];
    let text = refusal(&target, knowing(&server, &lines)).await;
    assert!(text.contains("is revoked"), "pinned: {text}");
}

#[tokio::test]
async fn a_new_key_is_written_down_once_and_then_counts() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let folder = server.folder.path();
    let file = folder.join("new/known_hosts");
    let mut settings = knowing(&server, "");
    settings.trust.known_hosts = vec![file.clone()];
    settings.trust.unknown = UnknownHost::AcceptNew;
    let target = server.target();
    // Several at once, each on its own connection, write one line.
    let visits = (0..5).map(|_| visit(&target, settings.clone()));
    for visit in futures::future::join_all(visits).await {
        assert_eq!(visit, Ok(()));
    }
    let text = fs::read_to_string(&file).expect("was written");
    let key = server.text("host_ed25519.pub");
    let key = key.rsplit_once(' ').expect("has a comment").0;
    assert_eq!(text, format!("[127.0.0.1]:{} {key}\n", server.port));
    let mode = |file: &Path| fs::metadata(file).expect("is there").permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&folder.join("new"))), (0o600, 0o700));
    settings.trust.unknown = UnknownHost::Refuse;
    assert_eq!(visit(&target, settings.clone()).await, Ok(()));
    // What was there stays, and a line without an end gets one.
    fs::write(&file, "other ssh-ed25519 AAAA").expect("is written");
    settings.trust.unknown = UnknownHost::AcceptNew;
    assert_eq!(visit(&target, settings).await, Ok(()));
    let text = fs::read_to_string(&file).expect("was written");
    assert_eq!(text, format!("other ssh-ed25519 AAAA\n[127.0.0.1]:{} {key}\n", server.port));
}

#[test]
fn writers_of_new_keys_do_not_overwrite_each_other() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("known_hosts");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let file = &file;
            scope.spawn(move || {
                for i in 0..10 {
                    append(file, |_| Ok(Some(format!("{writer} {i}")))).expect("is written");
                }
            });
        }
    });
    let text = fs::read_to_string(&file).expect("is there");
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 40, "{text}");
}

#[tokio::test]
async fn no_check_is_made_when_that_is_asked_for_by_name() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let mut settings = knowing(&server, &format!("[127.0.0.1]:{} {}", server.port, other_key("ed25519")));
    settings.trust.unknown = UnknownHost::Insecure;
    assert_eq!(visit(&server.target(), settings).await, Ok(()));
}

#[tokio::test]
async fn pinned_keys_and_fingerprints_count_instead_of_known_hosts() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let pinned = |keys: &[&str]| Target {
        host_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        ..server.target()
    };
    let none = || knowing(&server, "");
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let key = server.text(&format!("host_{kind}.pub"));
        assert_eq!(visit(&pinned(&[&key]), none()).await, Ok(()), "the key {kind}");
        let fingerprint = fingerprint(&server, kind);
        assert_eq!(visit(&pinned(&[&fingerprint]), none()).await, Ok(()), "the fingerprint of {kind}");
    }
    let other = other_key("ed25519");
    assert_eq!(
        visit(&pinned(&[&other, &fingerprint(&server, "rsa")]), none()).await,
        Ok(()),
        "one of several"
    );
    let insecure = || {
        let mut settings = server.settings();
        settings.trust.unknown = UnknownHost::Insecure;
        settings
    };
    for key in [other.as_str(), "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let text = refusal(&pinned(&[key]), insecure()).await;
        assert!(text.contains("is not the one that the connection names"), "{text}");
        assert!(text.contains(&fingerprint(&server, "ed25519")), "{text}");
    }
    match visit(&pinned(&["rubbish"]), none()).await {
        Err(TransportError::Settings(text)) => assert!(text.contains("\"rubbish\" is neither"), "{text}"),
        other => panic!("{other:?}"),
    }
}

/// A server whose host key an authority signed.
fn certified(arguments: &'static [&'static str]) -> Server {
    Server::start_with("", |folder| {
        keygen(folder, "host_ca", &["-t", "ecdsa"]);
        run(
            "ssh-keygen",
            &[&["-q", "-s", "host_ca", "-I", "web-1"], arguments, &["host_ed25519.pub"]].concat(),
            folder,
        );
        let place = folder.display();
        format!("HostKey {place}/host_ed25519\nHostCertificate {place}/host_ed25519-cert.pub\n")
    })
}

fn by_authority(server: &Server) -> Settings {
    knowing(server, &format!("@cert-authority 127.0.0.*,[127.0.0.*]:* {}", server.text("host_ca.pub")))
}

#[tokio::test]
async fn an_authority_vouches_for_hosts() {
    if !sshd_is_here() {
        return;
    }
    let server = certified(&["-h", "-n", "127.0.0.1,web"]);
    assert_eq!(visit(&server.target(), by_authority(&server)).await, Ok(()), "{}", server.log());
    // Where another authority is known for the host, its plain key still counts.
    let both = format!("@cert-authority * {}\n{}", other_key("ed25519"), server.known("ed25519"));
    assert_eq!(visit(&server.target(), knowing(&server, &both)).await, Ok(()));
    // Where none is known, the plain key is asked for.
    assert_eq!(visit(&server.target(), server.settings()).await, Ok(()));
    let revoked = format!(
        "{}@revoked * {}",
        by_authority(&server).trust.known_hosts_text.expect("is set"),
        server.text("host_ca.pub")
    );
    let text = refusal(&server.target(), knowing(&server, &revoked)).await;
    assert!(text.contains("is revoked"), "{text}");
    let other = format!("@cert-authority * {}", other_key("ed25519"));
    let text = refusal(&server.target(), knowing(&server, &other)).await;
    assert!(text.contains("no @cert-authority line") && text.contains("\"web-1\""), "{text}");
}

#[tokio::test]
async fn a_certificate_is_looked_at_in_all_its_parts() {
    if !sshd_is_here() {
        return;
    }
    let table: [(&str, &'static [&'static str], &str); 4] = [
        ("for another host", &["-h", "-n", "db,web"], "it is for db, web, not for 127.0.0.1"),
        ("expired", &["-h", "-n", "127.0.0.1", "-V", "20200101:20210101"], "it has expired"),
        ("not yet valid", &["-h", "-n", "127.0.0.1", "-V", "20990101:20991231"], "it is not valid yet"),
        ("a user's", &["-n", "127.0.0.1"], "it is a user's certificate"),
    ];
    for (why, arguments, expected) in table {
        let server = certified(arguments);
        let text = refusal(&server.target(), by_authority(&server)).await;
        assert!(text.contains(expected), "{why}: {text} {}", server.log());
    }
    // By a clock that is years ahead.
    let server = certified(&["-h", "-n", "127.0.0.1", "-V", "+1w"]);
    let mut settings = by_authority(&server);
    let real = std::sync::Arc::clone(&settings.clock);
    settings.clock = std::sync::Arc::new(move || real() + Duration::from_hours(30 * 24));
    let text = refusal(&server.target(), settings.clone()).await;
    assert!(text.contains("it has expired"), "{text}");
    settings.clock = std::sync::Arc::new(|| SystemTime::UNIX_EPOCH);
    let text = refusal(&server.target(), settings).await;
    assert!(text.contains("it is not valid yet"), "{text}");
}
