//! `host_mount` in a folder that stands for a host: its fstab.

use std::fs;
use std::path::Path as FilePath;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::lab::differing;
use super::support::{Bench, folder, list, object, root, text};

const FSTAB: &str = "# theirs\nUUID=1\t/   ext4 errors=remount-ro 0 1\n/dev/sdb1 /my\\040data/ ext4 noatime  0 2\n#/dev/sdb1 /srv/a ext4 x\n/dev/sr0 /srv udf ro";

fn mount(host: &FilePath, path: &str) -> Value {
    object([
        ("host", root(host)),
        ("path", text(path)),
        ("device", text("LABEL=data")),
        ("type", text("xfs")),
    ])
}

fn by_path(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("path").unwrap_or_default())
}

#[tokio::test]
async fn mounts_conform() {
    let folder = folder();
    let host = folder.path().join("h");
    let with = |name: &str, value: Value| mount(&host, "/srv/my data").with_attr(name, value);
    let case = Case::new("host_mount", with("options", list(&["noexec", "nofail"])))
        .import_made(by_path, &[])
        .update(with("device", text("UUID=12-34")))
        .update(with("type", text("ext4")))
        .update(with("pass", Value::number(2)))
        .update(with("dump", Value::number(1)))
        .update(with("state", text("unmounted")))
        .update(with("state", text("fstab-only")))
        .replace(mount(&host, "/other"))
        .refuses(mount(&host, "srv"), "path")
        .refuses(mount(&host, "/srv/../a"), "path")
        .refuses(with("device", text("")), "device")
        .refuses(with("device", text("LABEL=\"a b\"")), "device")
        .refuses(with("device", text("a\nb")), "device")
        .refuses(with("type", text("ext4 rw")), "type")
        .refuses(with("type", text("swap")), "type")
        .refuses(with("options", list(&["ro,noexec"])), "options")
        .refuses(with("options", list(&["remount"])), "options")
        .refuses(with("options", list(&["password=x"])), "options")
        .refuses(with("options", list(&[])), "options")
        .refuses(with("options", list(&["bind"])), "device")
        .refuses(with("pass", Value::number(3)), "pass")
        .refuses(with("dump", Value::number(-1)), "dump")
        .refuses(with("state", text("mounted-only")), "state");
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[case]).await;
    assert!(report.is_ok(), "{report}");
    assert!(!host.join("var/lib/groma").exists() && !host.join("srv").exists(), "nothing is left");
}

#[tokio::test]
async fn lines_of_others_stay_and_one_that_was_there_comes_back() {
    let folder = folder();
    let host = folder.path().join("h");
    fs::create_dir_all(host.join("etc")).expect("can be made");
    fs::write(host.join("etc/fstab"), FSTAB).expect("can be written");
    let fstab = || fs::read_to_string(host.join("etc/fstab")).expect("is there");
    let bench = Bench::new("host_mount", folder.path()).await;
    let data = mount(&host, "/my data").with_attr("options", list(&["noexec", "x-a=b c"]));
    let taken = bench.create(data.clone()).await;
    let ours = r"LABEL=data /my\040data xfs noexec,x-a=b\040c 0 0";
    assert_eq!(fstab(), FSTAB.replace("/dev/sdb1 /my\\040data/ ext4 noatime  0 2", ours));
    let added = bench.create(mount(&host, "/srv/a")).await;
    let last = "/dev/sr0 /srv udf ro";
    assert!(fstab().ends_with(&format!("\nLABEL=data /srv/a xfs defaults 0 0\n{last}")), "{}", fstab());
    assert_eq!(bench.read_all(&[taken.clone(), added.clone()]).await, [taken.clone(), added.clone()]);
    let rows = [
        ("device", "LABEL=data /srv/a xfs", "LABEL=other /srv/a xfs"),
        ("type", "/srv/a xfs", "/srv/a ext4"),
        ("options", "/srv/a xfs defaults", "/srv/a xfs nofail"),
        ("dump", "defaults 0 0", "defaults 1 0"),
        ("pass", "defaults 0 0", "defaults 0 2"),
    ];
    for (field, from, to) in rows {
        fs::write(host.join("etc/fstab"), fstab().replace(from, to)).expect("can be written");
        let seen = bench.read(&added).await;
        assert_eq!(differing(&added, &seen), [field]);
        assert_eq!(bench.read(&seen).await, seen, "{field}: a drift that is known still shows");
        assert_eq!(bench.change(&seen, &mount(&host, "/srv/a")).await.state, added, "{field}");
        assert_eq!(bench.read(&added).await, added, "{field}");
    }
    fs::write(host.join("etc/fstab"), fstab().replace("LABEL=data /srv/a", "#LABEL=data /srv/a"))
        .expect("can be written");
    assert!(bench.read(&added).await.is_null(), "who takes the line out takes the mount away");
    bench.delete(&added).await;
    bench.delete(&taken).await;
    assert_eq!(fstab(), FSTAB.replace(last, &format!("#LABEL=data /srv/a xfs defaults 0 0\n{last}")));
    assert!(
        !host.join("srv").exists() && !host.join("my data").exists() && !host.join("var/lib/groma").exists()
    );
}
