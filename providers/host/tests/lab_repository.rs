use value::Value;

use super::lab::{assert_as_before, bench, by_hand, connection, differing, one_host, snapshot};
use super::support::{folder, object, text, texts};

#[tokio::test]
async fn repositories_of_a_real_host() {
    let Some(lab) = one_host("host-repository") else { return };
    let (folder, before) = (folder(), snapshot(&lab));
    let repositories = bench(&lab, "host_package_repository", folder.path()).await;
    let packages = bench(&lab, "host_package", folder.path()).await;
    let list = |one: &str| Value::tuple(vec![text(one)]);
    let repository = |key: &str| {
        object([
            ("host", connection(&lab, "d1")),
            ("name", text("extra")),
            ("urls", list("file:/srv/groma-lab/extra")),
            ("suites", list("./")),
            ("key", text(key)),
        ])
    };
    let key = by_hand(&lab, "cat /srv/groma-lab/extra/key.asc");
    let other = by_hand(&lab, "cat /srv/groma-lab/other/key.asc");
    let nothing = Value::null(value::Type::Dynamic);

    let response = repositories.change(&nothing, &repository(&other)).await;
    let said = texts(&response.diagnostics);
    assert!(said.contains("its list of packages cannot be fetched") && said.contains("NO_PUBKEY"), "{said}");
    assert!(response.state.is_null(), "it is put back");
    assert_as_before(&lab, &before);

    let state = repositories.create(repository(&key)).await;
    assert_eq!(repositories.read(&state).await, state);
    let gamma =
        object([("host", connection(&lab, "d1")), ("name", text("lab-gamma")), ("version", text("1.0"))]);
    let package = packages.create(gamma).await;
    assert_eq!(by_hand(&lab, "lab-gamma"), "lab-gamma 1.0\n");

    let response = repositories.change(&state, &repository(&other)).await;
    assert!(response.diagnostics.has_errors());
    assert_eq!(repositories.read(&state).await, state, "the good key is back");
    assert_eq!(differing(&state, &response.state), ["key"], "and is said to be there, in other words");
    by_hand(&lab, "apt-get -qq update");
    by_hand(&lab, "sed -i 's/^Types/Enabled: no\\nTypes/' /etc/apt/sources.list.d/extra.sources");
    let seen = repositories.read(&state).await;
    assert_eq!(differing(&state, &seen), ["enabled"]);
    assert_eq!(repositories.change(&seen, &repository(&key)).await.state, state);
    by_hand(&lab, "cp /srv/groma-lab/other/key.gpg /etc/apt/keyrings/extra.gpg");
    let seen = repositories.read(&state).await;
    assert_eq!(differing(&state, &seen), ["key"]);
    assert_eq!(repositories.change(&seen, &repository(&key)).await.state, state);

    packages.delete(&package).await;
    repositories.delete(&state).await;
    assert_eq!(by_hand(&lab, "apt-cache policy lab-gamma"), "", "its list is gone");
    assert_as_before(&lab, &before);
}
