use std::fs;
use std::process::Command;

use sha2::{Digest, Sha256};
use value::{Type, Value};

use super::lab::{assert_as_before, bench, by_hand, connection, differing, one_host, snapshot};
use super::support::{folder, list, object, text, texts};

#[tokio::test]
async fn archives_on_a_real_host() {
    let Some(lab) = one_host("host-archive") else { return };
    let folder = folder();
    let line = "mkdir -p top/bin 'top/share/a b'; head -c 6000000 /dev/urandom >top/bin/large; echo 'read me' >'top/share/a b/c'
                ln -s ../bin/large top/share/link; chmod 755 top/bin/large; chmod 644 'top/share/a b/c'; tar -czf one.tar.gz top";
    let made = Command::new("sh").args(["-ec", line]).current_dir(folder.path()).status();
    assert!(made.is_ok_and(|status| status.success()));
    let content = fs::read(folder.path().join("one.tar.gz")).expect("is there");
    let digest: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    by_hand(
        &lab,
        "mkdir -p /usr/local/tools/bin; echo theirs >/usr/local/tools/bin/large; echo theirs >/usr/local/tools/other",
    );
    let before = snapshot(&lab);
    let bench = bench(&lab, "host_archive", folder.path()).await;
    let config = object([
        ("host", connection(&lab, "d1")),
        ("path", text("/usr/local/tools")),
        ("source", text("one.tar.gz")),
        ("sha256", text(&digest)),
        ("strip_components", Value::number(1)),
        ("owner", text("games")),
        ("group", text("mail")),
    ]);
    let mut state = bench.create(config.clone()).await;
    let looks = "cd /usr/local/tools; stat -c '%a %U:%G %n' bin/large share/link 'share/a b/c' share other; cat other";
    assert_eq!(
        by_hand(&lab, looks),
        "755 games:mail bin/large\n777 games:mail share/link\n644 games:mail share/a b/c\n755 games:mail share\n644 root:root other\ntheirs\n"
    );
    assert_eq!(bench.read(&state).await, state);
    let rows = [
        ("has another content", "echo x >>/usr/local/tools/bin/large"),
        ("has the mode 0755, not 0644", "chmod 755 '/usr/local/tools/share/a b/c'"),
        ("belongs to root:mail, not games:mail", "chown root /usr/local/tools/bin/large"),
        ("is gone", "rm /usr/local/tools/share/link"),
        ("leads to bin", "ln -sfn bin /usr/local/tools/share/link"),
        ("is gone", "rm -r '/usr/local/tools/share/a b'"),
    ];
    for (what, line) in rows {
        by_hand(&lab, line);
        let seen = bench.read(&state).await;
        assert_eq!(differing(&state, &seen), ["changed", "revision"], "{line}");
        assert!(format!("{:?}", seen.attr("changed")).contains(what), "{line}: {:?}", seen.attr("changed"));
        let response = bench.change(&seen, &config).await;
        assert!(!response.diagnostics.has_errors(), "{line}: {}", texts(&response.diagnostics));
        assert_eq!(differing(&state, &response.state), ["revision"], "{line}");
        state = response.state;
        assert_eq!(bench.read(&state).await, state, "{line}");
    }
    bench.delete(&state).await;
    assert_eq!(
        by_hand(&lab, "cd /usr/local/tools; find . | sort; cat bin/large"),
        ".\n./bin\n./bin/large\n./other\ntheirs\n"
    );

    // A new folder is there as a whole or not at all: nobody ever sees a part of it.
    by_hand(
        &lab,
        "nohup sh -c 'while :; do if [ -d /opt/new ] && ! [ -e \"/opt/new/top/share/a b/c\" ]; then echo part >>/run/seen; fi; done' >/dev/null 2>&1 & echo $! >/run/watcher",
    );
    let new = object([
        ("host", connection(&lab, "d1")),
        ("path", text("/opt/new")),
        ("source", text("one.tar.gz")),
        ("sha256", text(&digest)),
    ]);
    let whole = bench.create(new.clone()).await;
    assert_eq!(by_hand(&lab, "kill $(cat /run/watcher); cat /run/seen 2>/dev/null || echo never"), "never\n");
    let some = new.with_attr("members", list(&["top/share/*/c"])).with_attr("mode", text("0600"));
    let some = bench.change(&whole, &some).await.state;
    assert_eq!(by_hand(&lab, "cd /opt/new; find . ! -type d -printf '%m %p\\n'"), "600 ./top/share/a b/c\n");
    assert_eq!(bench.read(&some).await, some);
    bench.delete(&some).await;
    assert_eq!(by_hand(&lab, "ls -A /opt"), "");

    let nothing = Value::null(Type::Dynamic);
    for (format, program) in [("zip", "unzip"), ("tar.zst", "zstd")] {
        by_hand(&lab, &format!("! command -v {program} || mv $(command -v {program}) /run/{program}"));
        let response = bench.change(&nothing, &new.with_attr("format", text(format))).await;
        let said = texts(&response.diagnostics);
        assert!(said.contains(&format!("it has no program {program}, which {format} needs")), "{said}");
        assert!(response.state.is_null());
    }
    let response = bench.change(&nothing, &new.with_attr("sha256", text(&"0".repeat(64)))).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("Wrong content") && said.contains(&digest), "{said}");
    by_hand(&lab, "mkdir /opt/full; mount -t tmpfs -o size=4m tmpfs /opt/full");
    let response = bench.change(&nothing, &new.with_attr("path", text("/opt/full/new"))).await;
    let said = texts(&response.diagnostics);
    assert!(said.to_lowercase().contains("no space left") && said.contains("make room"), "{said}");
    by_hand(&lab, "umount /opt/full; rmdir /opt/full; rm -f /opt/.groma-part-*");
    assert_eq!(by_hand(&lab, "ls -A /opt"), "");
    assert_as_before(&lab, &before);
}
