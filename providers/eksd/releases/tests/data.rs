use std::fs;

use value::Value;

use super::server::Server;
use super::support::{
    CURRENT, REAL, announce, at, must_read, publish, put, refused, renumbered, running, string, text_at,
};

const RELEASE: &str = "eksd_release";

fn number(number: i64) -> Value {
    Value::number(number)
}

#[tokio::test]
async fn a_release_says_what_it_is_made_of() {
    let folder = tempfile::tempdir().expect("a folder");
    publish(folder.path(), "1-34", 21, CURRENT);
    let asked = [("channel", string("1-34")), ("number", number(21)), ("source", string("."))];
    let release = must_read(folder.path(), RELEASE, &asked).await;
    for (name, wanted) in [
        ("id", "v1-34-eks-21"),
        ("kubernetes_version", "v1.34.9"),
        ("etcd_version", "v3.5.21"),
        ("coredns_version", "v1.14.3"),
        ("cni_plugins_version", "v1.9.1"),
        ("aws_iam_authenticator_version", "v0.7.18-cvefix"),
        ("version", "v1.34.9-eks-1-34-21"),
        ("etcd_release_version", "v3.5.21-eks-1-34-21"),
        ("date", "2026-07-28T00:00:00Z"),
    ] {
        assert_eq!(text_at(&release, &[name]), wanted, "{name}");
    }
    let kubelet = at(&release, &["binaries", "kubelet", "amd64"]);
    let place = "kubernetes-1-34/releases/21/artifacts/kubernetes/v1.34.9/bin/linux/amd64/kubelet";
    assert_eq!(text_at(kubelet, &["uri"]), format!("file://{}/{place}", folder.path().display()));
    assert_eq!(
        text_at(kubelet, &["sha256"]),
        "317560130451ec7b56981a48aac9ba2cab896139306d61ed5a0f9251ea28e190"
    );
    assert!(text_at(kubelet, &["sha512"]).starts_with("d29d0e40"));
    assert_eq!(
        text_at(&release, &["images", "pause", "uri"]),
        "public.ecr.aws/eks-distro/kubernetes/pause:v1.34.9-eks-1-34-21"
    );
    assert!(text_at(&release, &["images", "pause", "digest"]).starts_with("sha256:07ca3ed5"));
    assert!(at(&release, &["images", "csi-attacher", "digest"]).is_null(), "the manifest has none");
    assert!(
        text_at(&release, &["image_archives", "kube-apiserver", "amd64", "uri"])
            .ends_with("/kube-apiserver.tar")
    );
    let assets = at(&release, &["assets"]).items().map_or(0, <[Value]>::len);
    assert_eq!(assets, 17);
}

#[tokio::test]
async fn uris_lead_to_the_site_that_was_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    publish(&folder.path().join("eks-d"), "1-21", 4, REAL);
    let server = Server::of(folder.path()).await;
    for (source, wanted) in [
        (format!("{}/eks-d", server.url), format!("{}/eks-d/kubernetes-1-21/", server.url)),
        (format!("{}/eks-d/", server.url), format!("{}/eks-d/kubernetes-1-21/", server.url)),
        (
            format!("file://{}/eks-d", folder.path().display()),
            format!("file://{}/eks-d/kubernetes-1-21/", folder.path().display()),
        ),
    ] {
        let asked = [("channel", string("1-21")), ("number", number(4)), ("source", string(&source))];
        let release = must_read(folder.path(), RELEASE, &asked).await;
        let uri = text_at(&release, &["binaries", "etcd", "arm64", "uri"]);
        assert!(uri.starts_with(&wanted) && uri.ends_with("/etcd-linux-arm64-v3.4.16.tar.gz"), "{uri}");
        assert_eq!(
            text_at(&release, &["images", "etcd", "uri"]),
            "public.ecr.aws/eks-distro/etcd-io/etcd:v3.4.16-eks-1-21-4"
        );
    }
    let lock = fs::read_to_string(folder.path().join(".eksd.lock.hcl")).expect("was written");
    assert_eq!(lock.matches("sha256 =").count(), 1, "one release, whatever the source: {lock}");
}

#[tokio::test]
async fn a_manifest_that_changed_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    publish(folder.path(), "1-34", 21, CURRENT);
    let asked = [("channel", string("1-34")), ("number", number(21)), ("source", string("."))];
    let first = must_read(folder.path(), RELEASE, &asked).await;
    publish(folder.path(), "1-34", 21, &CURRENT.replace("317560130451", "317560130452"));
    let error = refused(folder.path(), RELEASE, &asked).await;
    assert!(error.starts_with("Release manifest has changed: "), "{error}");
    assert!(error.contains(text_at(&first, &["manifest_sha256"])), "{error}");
    fs::remove_file(folder.path().join(".eksd.lock.hcl")).expect("was written");
    let second = must_read(folder.path(), RELEASE, &asked).await;
    assert_ne!(text_at(&first, &["manifest_sha256"]), text_at(&second, &["manifest_sha256"]));
}

#[tokio::test]
async fn the_latest_stays_until_it_is_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    publish(folder.path(), "1-34", 21, CURRENT);
    announce(folder.path(), "1-34", 21);
    let asked = [("channel", string("1-34")), ("source", string("."))];
    let release = must_read(folder.path(), RELEASE, &asked).await;
    assert_eq!(
        (text_at(&release, &["id"]), at(&release, &["resolved_number"])),
        ("v1-34-eks-21", &number(21))
    );
    assert!(at(&release, &["number"]).is_null(), "what was not asked for stays null");
    publish(folder.path(), "1-34", 22, &renumbered(22));
    announce(folder.path(), "1-34", 22);
    let release = must_read(folder.path(), RELEASE, &asked).await;
    assert_eq!(text_at(&release, &["id"]), "v1-34-eks-21", "it is pinned");
    let following = [&asked[..], &[("follow_latest", Value::bool(true))]].concat();
    let release = must_read(folder.path(), RELEASE, &following).await;
    assert_eq!(text_at(&release, &["version"]), "v1.34.9-eks-1-34-22");
    let release = must_read(folder.path(), RELEASE, &asked).await;
    assert_eq!(text_at(&release, &["id"]), "v1-34-eks-22", "that is what is pinned now");
}

#[tokio::test]
async fn what_cannot_be_had_is_said_with_what_can() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = folder.path().join("site");
    for release in [9, 21, 100] {
        publish(&site, "1-34", release, &renumbered(release));
    }
    publish(&site, "1-33", 31, "<html>log in</html>");
    publish(&site, "1-32", 41, &CURRENT.replace("kind: Release", "kind: ReleaseChannel"));
    publish(&site, "1-31", 48, CURRENT);
    put(&site, "kubernetes-1-30/README", "");
    let server = Server::of(&site).await;
    announce(&site, "1-34", 100);
    let rows: [(&str, Option<i64>, &str, &[&str]); 8] = [
        ("site", Some(20), "1-34", &["Release not found", "there are: 9, 21, 100."]),
        ("site", Some(31), "1-33", &["it is a page of HTML", "kubernetes-1-33-eks-31.yaml"]),
        ("site", Some(41), "1-32", &["its kind is ReleaseChannel, not Release"]),
        ("site", Some(48), "1-31", &["as the manifest of v1-31-eks-48 is that of v1-34-eks-21"]),
        (
            "site",
            None,
            "1-29",
            &["Release channel not found", "of the channels 1-30, 1-31, 1-32, 1-33, 1-34"],
        ),
        ("none", None, "1-29", &["There is no release of any channel"]),
        (&server.url, Some(20), "1-34", &["404", "The newest release of channel 1-34 is 100"]),
        (&server.url, Some(20), "1-29", &["404", "It has no channel 1-29 either"]),
    ];
    for (source, release, channel, wanted) in rows {
        let mut asked = vec![("channel", string(channel)), ("source", string(source))];
        asked.extend(release.map(|release| ("number", number(release))));
        let error = refused(folder.path(), RELEASE, &asked).await;
        for part in wanted {
            assert!(error.contains(part), "{source} {channel} {release:?}: {error}");
        }
    }
    assert!(!folder.path().join(".eksd.lock.hcl").exists(), "nothing was pinned");
}

#[tokio::test]
async fn what_is_wrong_is_found_before_anything_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let (provider, _) = running(folder.path()).await;
    let schema = provider.schema();
    let block = &schema.data_source(RELEASE).expect("is offered").block;
    let rows = [
        ("channel", string("1.34"), "1-34"),
        ("number", number(0), "from 1 on"),
        ("number", Value::number("21.5".parse::<value::Number>().expect("is a number")), "from 1 on"),
        ("source", string(""), "leave it out"),
        ("lock_file", string(""), "leave it out"),
    ];
    for (name, value, wanted) in rows {
        let mut config = block.empty_value().with_attr("channel", string("1-34"));
        config = config.with_attr(name, value);
        let found = super::support::texts(&provider.validate_data(RELEASE, &config));
        assert!(found.contains(wanted), "{name}: {found}");
    }
    for (source, wanted) in [
        ("ftp://example.com", "none of https, http, file"),
        ("https://example.com/?a=b", "neither ? nor #"),
        ("file://host/there", "file:///PATH"),
    ] {
        let asked = [("channel", string("1-34")), ("number", number(21)), ("source", string(source))];
        let error = refused(folder.path(), RELEASE, &asked).await;
        assert!(error.contains(wanted), "{source}: {error}");
    }
}
