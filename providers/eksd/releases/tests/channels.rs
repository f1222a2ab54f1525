use value::Value;

use super::server::Server;
use super::support::{CURRENT, announce, at, must_read, publish, put, refused, renumbered, string, text_at};

const CHANNEL: &str = "eksd_release_channel";

#[tokio::test]
async fn a_channel_says_its_newest_release() {
    let folder = tempfile::tempdir().expect("a folder");
    announce(folder.path(), "1-34", 22);
    let server = Server::of(folder.path()).await;
    for source in [server.url.as_str(), "."] {
        let asked = [("channel", string("1-34")), ("source", string(source))];
        let channel = must_read(folder.path(), CHANNEL, &asked).await;
        assert_eq!(text_at(&channel, &["latest_id"]), "v1-34-eks-22");
        assert_eq!(at(&channel, &["latest_number"]), &Value::number(22));
        assert_eq!(at(&channel, &["active"]), &Value::bool(true));
        assert!(text_at(&channel, &["sns_topic_arn"]).ends_with(":eks-distro-updates"));
    }
    assert!(!folder.path().join(".eksd.lock.hcl").exists(), "it pins nothing");
}

#[tokio::test]
async fn a_folder_without_channel_files_has_channels_still() {
    let folder = tempfile::tempdir().expect("a folder");
    publish(folder.path(), "1-34", 9, &renumbered(9));
    publish(folder.path(), "1-34", 21, CURRENT);
    let asked = [("channel", string("1-34")), ("source", string("."))];
    let channel = must_read(folder.path(), CHANNEL, &asked).await;
    assert_eq!(text_at(&channel, &["latest_id"]), "v1-34-eks-21", "21 is more than 9");
}

#[tokio::test]
async fn another_channels_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::of(folder.path()).await;
    let asked = [("channel", string("1-33")), ("source", string(&server.url))];
    let error = refused(folder.path(), CHANNEL, &asked).await;
    assert!(error.contains("404") && error.contains("cannot tell the latest"), "{error}");
    announce(folder.path(), "1-34", 22);
    std::fs::rename(
        folder.path().join("releasechannels/1-34.yaml"),
        folder.path().join("releasechannels/1-33.yaml"),
    )
    .expect("is there");
    let error = refused(folder.path(), CHANNEL, &asked).await;
    assert!(error.contains("is the channel 1-34"), "{error}");
    put(folder.path(), "releasechannels/1-33.yaml", "kind: [");
    let error = refused(folder.path(), CHANNEL, &asked).await;
    assert!(error.contains("not the YAML"), "{error}");
}
