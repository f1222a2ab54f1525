use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use provider::conformance::{Case, environment, run};
use sha2::{Digest, Sha256, Sha512};
use value::{Type, Value};

use super::super::lab::differing;
use super::super::support::{Bench, folder, list, object, root, text, texts};
use super::server::{Does, Server};
use super::{by_key, mode, tree};

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs a line in a folder.
fn sh(at: &Path, line: &str) {
    let output = Command::new("sh").arg("-ec").arg(line).current_dir(at).output().expect("there is sh");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A folder with what goes into archives, and a host with `/opt`.
fn made(folder: &Path) -> (PathBuf, PathBuf) {
    let (from, host) = (folder.join("from"), folder.join("h"));
    fs::create_dir_all(host.join("opt")).expect("can be made");
    fs::create_dir_all(&from).expect("can be made");
    sh(
        &from,
        "mkdir -p top/bin top/share/doc; echo runs >top/bin/a; echo too >top/bin/b; echo reads >'top/share/doc/read me'
         chmod 4775 top/bin/a; chmod 755 top/bin/b; chmod 600 'top/share/doc/read me'; ln -s ../bin/a top/share/link
         tar -czf ../one.tar.gz top; echo newer >top/bin/a; rm top/bin/b; echo c >top/bin/c; tar -cJf ../two.tar.xz -C top .",
    );
    (host, folder.to_owned())
}

fn config(host: &Path, archive: &Path) -> Value {
    let content = fs::read(archive).expect("is there");
    object([
        ("host", root(host)),
        ("path", text("/opt/app")),
        ("source", text(&archive.display().to_string())),
        ("sha256", text(&sha256(&content))),
    ])
}

#[tokio::test]
async fn archives_conform() {
    let folder = folder();
    let (host, at) = made(folder.path());
    let base = config(&host, &at.join("one.tar.gz"));
    let with = |name: &str, value: Value| base.with_attr(name, value);
    let null = || Value::null(Type::String);
    let sha512: String = Sha512::digest(fs::read(at.join("one.tar.gz")).expect("is there"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let url = format!("file://{}", at.join("one.tar.gz").display());
    let cases = [
        Case::new("host_archive", base.clone())
            .update(with("strip_components", Value::number(1)))
            .update(with("members", list(&["top/bin", "**/read*"])))
            .update(with("mode", text("0640")))
            .update(with("sha256", null()).with_attr("sha512", text(&sha512)))
            .update(with("source", null()).with_attr("url", text(&url)))
            .update(config(&host, &at.join("two.tar.xz")))
            .replace(with("path", text("/opt/other")))
            .refuses(with("path", text("opt")), "path")
            .refuses(with("url", text(&url)), "source")
            .refuses(with("source", null()), "url")
            .refuses(with("source", text("one")), "format")
            .refuses(with("format", text("rar")), "format")
            .refuses(with("sha256", text("abc")), "sha256")
            .refuses(with("sha256", null()), "sha256")
            .refuses(with("members", list(&["../a"])), "members")
            .refuses(with("members", list(&["/a"])), "members")
            .refuses(with("members", list(&[])), "members")
            .refuses(with("strip_components", Value::number(-1)), "strip_components")
            .refuses(with("via", text("host")), "via")
            .refuses(with("mode", text("9")), "mode")
            .refuses(with("owner", text("a:b")), "owner"),
        Case::new("host_archive", base).named("import").import_made(by_key, &["source", "revision"]),
    ];
    let report = run(crate::provider(), &object([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    assert_eq!(tree(&host), ["opt"], "nothing is left");
}

#[tokio::test]
async fn what_is_unpacked_is_told_apart_from_what_others_have() {
    let folder = folder();
    let (host, at) = made(folder.path());
    let app = host.join("opt/app");
    let bench = Bench::new("host_archive", folder.path()).await;
    fs::create_dir_all(app.join("bin")).expect("can be made");
    fs::write(app.join("bin/a"), "theirs").expect("can be written");
    fs::write(app.join("bin/theirs"), "theirs").expect("can be written");
    let one = config(&host, &at.join("one.tar.gz")).with_attr("strip_components", Value::number(1));
    let mut state = bench.create(one.clone()).await;
    let files = state.attr("files").and_then(Value::entries).cloned().unwrap_or_default();
    let found: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().map_or("", |text| text.as_str())))
        .collect();
    let digests = [sha256(b"runs\n"), sha256(b"too\n"), sha256(b"reads\n")];
    let expected = [
        ("bin/a", digests[0].as_str()),
        ("bin/b", digests[1].as_str()),
        ("share/doc/read me", digests[2].as_str()),
        ("share/link", "-> ../bin/a"),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        (mode(&app.join("bin/a")), mode(&app.join("share/doc/read me"))),
        (Some(0o755), Some(0o600)),
        "no set-id bits"
    );
    assert_eq!(bench.read(&state).await, state);

    let rows = [
        ("bin/b", "another content", "echo x >bin/b"),
        ("bin/b", "is gone", "rm bin/b"),
        ("share/doc/read me", "has the mode 0777, not 0600", "chmod 777 'share/doc/read me'"),
        ("share/link", "leads to ", "ln -sfn \"$PWD/..\" share/link"),
        ("bin/a", "another kind", "rm bin/a; mkfifo bin/a"),
    ];
    for (name, what, change) in rows {
        sh(&app, change);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), ["changed", "revision"], "{what}");
        let said = format!("{:?}", seen.attr("changed"));
        assert!(said.contains(name) && said.contains(what), "{said}");
        let back = bench.change(&seen, &one).await.state;
        assert_eq!(differing(&state, &back), ["revision"], "{what}");
        state = back;
        assert_eq!(bench.read(&state).await, state, "{what}");
    }

    let two = bench.change(&state, &config(&host, &at.join("two.tar.xz"))).await.state;
    assert_eq!(fs::read_to_string(app.join("bin/a")).ok().as_deref(), Some("newer\n"));
    assert!(
        !app.join("bin/b").exists() && app.join("bin/c").exists(),
        "what the new one does not have is gone"
    );
    assert_eq!(bench.read(&two).await, two);
    let members = config(&host, &at.join("one.tar.gz")).with_attr("members", list(&["top/share/doc/*"]));
    let some = bench.change(&two, &members).await.state;
    assert_eq!(
        tree(&app),
        [
            "bin",
            "bin/a",
            "bin/theirs",
            "share",
            "share/doc",
            "top",
            "top/share",
            "top/share/doc",
            "top/share/doc/read me"
        ]
    );
    assert_eq!(
        fs::read_to_string(app.join("bin/a")).ok().as_deref(),
        Some("theirs"),
        "what was there is back"
    );
    bench.delete(&some).await;
    assert_eq!(tree(&host), ["opt", "opt/app", "opt/app/bin", "opt/app/bin/a", "opt/app/bin/theirs"]);
}

#[tokio::test]
async fn what_leads_out_of_the_folder_is_refused() {
    let folder = folder();
    let (host, at) = made(folder.path());
    let bench = Bench::new("host_archive", folder.path()).await;
    fs::write(at.join("outside"), "outside").expect("can be written");
    let rows = [
        ("tar -cf ../bad.tar -P ../outside top", "leads out of the folder", "a name with .."),
        ("tar -cf ../bad.tar -P /etc/hostname", "leads out of the folder", "an absolute name"),
        (
            "ln -s /etc out; tar -cf ../bad.tar out top; rm out",
            "its link ./out leads out",
            "an absolute link",
        ),
        (
            "ln -s ../../x out; tar -cf ../bad.tar out top; rm out",
            "its link ./out leads out",
            "a link upwards",
        ),
        (
            "ln -s . d; ln -s d/.. out; tar -cf ../bad.tar d out top; rm d out",
            "its link ./out leads out",
            "a link through a link",
        ),
        (
            "ln -s no/../../.. out; tar -cf ../bad.tar out top; rm out",
            "its link ./out leads out",
            "one that leads nowhere",
        ),
        (
            "ln ../outside in; tar -cf ../bad.tar -P --transform 's,^\\.\\./outside,in2,rSH' ../outside in; rm in",
            "is a link out of the folder",
            "a hard link upwards",
        ),
        ("mkfifo p; tar -cf ../bad.tar p top; rm p", "a device or a pipe", "a pipe"),
        ("tar -cf ../bad.tar --exclude='*' top", "nothing is left", "nothing at all"),
        ("echo text >../bad.tar", "cannot be read as tar", "no archive"),
    ];
    for (line, says, why) in rows {
        sh(&at.join("from"), line);
        let response = bench.change(&Value::null(Type::Dynamic), &config(&host, &at.join("bad.tar"))).await;
        let said = texts(&response.diagnostics);
        assert!(said.contains(says), "{why}: {said}");
        assert!(response.state.is_null(), "{why}: nothing was made");
        assert!(!host.join("opt/app").exists(), "{why}");
    }
    let missing = config(&host, &at.join("one.tar.gz")).with_attr("members", list(&["top/bin/a", "top/no*"]));
    let said = texts(&bench.change(&Value::null(Type::Dynamic), &missing).await.diagnostics);
    assert!(said.contains("it has no member top/no*: it has top/") && said.contains("top/bin/a"), "{said}");
    let wrong = config(&host, &at.join("one.tar.gz")).with_attr("sha256", text(&"0".repeat(64)));
    let said = texts(&bench.change(&Value::null(Type::Dynamic), &wrong).await.diagnostics);
    assert!(said.contains("Wrong content"), "{said}");
    // A folder in the place that is a link of others is not followed.
    fs::create_dir_all(host.join("opt/app")).expect("can be made");
    symlink(&at, host.join("opt/app/top")).expect("can be made");
    let said = texts(
        &bench.change(&Value::null(Type::Dynamic), &config(&host, &at.join("one.tar.gz"))).await.diagnostics,
    );
    assert!(said.contains("/opt/app/top is a link"), "{said}");
    assert!(!at.join("bin").exists());
}

#[tokio::test]
async fn archives_come_from_servers_and_zip_is_one_of_them() {
    let folder = folder();
    let (host, at) = made(folder.path());
    let bench = Bench::new("host_archive", folder.path()).await;
    let content = fs::read(at.join("one.tar.gz")).expect("is there");
    let server = Server::start(content.clone(), vec![Does::Breaks(50), Does::Gives]).await;
    let fetched = config(&host, &at.join("one.tar.gz"))
        .with_attr("source", Value::null(Type::String))
        .with_attr("url", text(&server.url()))
        .with_attr("format", text("tar.gz"));
    let state = bench.create(fetched.clone()).await;
    assert_eq!(server.asked().len(), 2, "what was cut off is continued");
    let elsewhere = fetched.with_attr("url", text(&format!("{}?elsewhere", server.url())));
    let state = bench.change(&state, &elsewhere).await.state;
    assert_eq!(server.asked().len(), 2, "what is there is not fetched again");
    bench.delete(&state).await;
    if Command::new("zip").arg("-v").output().is_err() || Command::new("unzip").arg("-v").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI has zip and unzip");
        eprintln!("zip is not tested, as there is no zip or unzip");
        return;
    }
    sh(&at.join("from"), "echo odd >'top/bin/[x]*'; zip -qry ../three.zip top");
    let zip = config(&host, &at.join("three.zip")).with_attr("strip_components", Value::number(1));
    let state = bench.create(zip.clone()).await;
    assert_eq!(
        tree(&host.join("opt/app")),
        ["bin", "bin/[x]*", "bin/a", "bin/c", "share", "share/doc", "share/doc/read me", "share/link"]
    );
    assert_eq!(bench.read(&state).await, state);
    let some = zip.with_attr("members", list(&["top/bin/[x]?", "top/share"]));
    let state = bench.change(&state, &some).await.state;
    assert_eq!(
        tree(&host.join("opt/app")),
        ["bin", "bin/[x]*", "share", "share/doc", "share/doc/read me", "share/link"]
    );
    bench.delete(&state).await;
    assert_eq!(tree(&host), ["opt"], "nothing is left");
}
