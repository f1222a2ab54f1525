//! Files on a host where links are followed, which no folder that stands for one has.

use value::Value;

use super::lab::{assert_as_before, bench, by_hand, connection, one_host, snapshot};
use super::support::{folder, object, text};

#[tokio::test]
async fn what_a_link_leads_to_comes_back_and_so_does_the_link() {
    let Some(lab) = one_host("host-links") else { return };
    let folder = folder();
    by_hand(
        &lab,
        "mkdir -p /srv/run /srv/etc; cd /srv/etc; echo theirs >../run/stub; chmod 640 ../run/stub; ln -s ../run/stub conf
         ln -s ../run/later dangling; ln -s /srv/run/stub2 two; echo two >../run/stub2",
    );
    let before = snapshot(&lab);
    let files = bench(&lab, "host_file", folder.path()).await;
    let file = |path: &str, content: &str| {
        object([
            ("host", connection(&lab, "d1")),
            ("path", text(path)),
            ("content", text(content)),
            ("backup", Value::bool(true)),
        ])
    };
    let state = files.create(file("/srv/etc/conf", "ours\n")).await;
    let shown = "cd /srv/etc; readlink conf; cat conf ../run/stub; cat conf.groma-backup; ls -l conf.groma-backup | cut -c 1-10";
    assert_eq!(by_hand(&lab, shown), "../run/stub\nours\nours\ntheirs\n-rw-r-----\n");
    let state = files.change(&state, &file("/srv/etc/conf", "ours again\n")).await.state;
    assert_eq!(by_hand(&lab, "cat /srv/run/stub /srv/etc/conf.groma-backup"), "ours again\nours\n");
    assert_eq!(files.read(&state).await, state);
    let dangling = files.create(file("/srv/etc/dangling", "new\n")).await;
    assert_eq!(by_hand(&lab, "cat /srv/run/later"), "new\n");
    let two = files.create(file("/srv/etc/two", "ours\n")).await;
    // Someone writes a file in the link's place, as editors do.
    by_hand(&lab, "cd /srv/etc; rm two; echo drifted >two");
    let two = files.change(&files.read(&two).await, &file("/srv/etc/two", "ours\n")).await.state;
    for state in [state, dangling, two] {
        files.delete(&state).await;
    }
    by_hand(&lab, "rm /srv/etc/*.groma-backup");
    assert_eq!(
        by_hand(&lab, "cat /srv/run/*; ls /srv/run; stat -c %a /srv/run/stub"),
        "theirs\ntwo\nstub\nstub2\n640\n"
    );
    assert_as_before(&lab, &before);

    let downloads = bench(&lab, "host_download", folder.path()).await;
    std::fs::write(folder.path().join("download"), "downloaded\n").expect("can be written");
    let config = object([
        ("host", connection(&lab, "d1")),
        ("path", text("/srv/etc/conf")),
        ("url", text(&format!("file://{}", folder.path().join("download").display()))),
        ("sha256", text("30031a9831674dd684c3817399acebc88a116ce5a7a3fbc0cf34d92521a534e6")),
    ]);
    let state = downloads.create(config).await;
    assert_eq!(by_hand(&lab, "readlink /srv/etc/conf; cat /srv/run/stub"), "../run/stub\ndownloaded\n");
    downloads.delete(&state).await;
    assert_as_before(&lab, &before);
}
