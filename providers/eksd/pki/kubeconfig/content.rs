//! The text of a kubeconfig.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::Access;
use serde_json::Value as Json;
use value::Value;

/// What the text depends on.
pub(super) const SHOWN: [&str; 7] =
    ["server", "certificate_authority", "client_certificate", "client_key", "embed", "cluster_name", "user"];

/// What stands for embedded content where it is not to be seen.
pub(super) const EMBEDDED: &str = "(embedded)";

/// The text as it is sent to the host, which puts the content of files where their marks are.
pub(super) fn text(object: &Value) -> String {
    let marks = object.flag("embed").unwrap_or(false).then_some(["@certificate", "@key"]);
    render(object, marks)
}

/// The text as it is shown.
pub(super) fn shown(object: &Value) -> String {
    render(object, object.flag("embed").unwrap_or(false).then_some([EMBEDDED; 2]))
}

fn render(object: &Value, embedded: Option<[&str; 2]>) -> String {
    let get = |name: &str| object.text(name).unwrap_or_default();
    let client = match embedded {
        Some([certificate, key]) => {
            format!("    client-certificate-data: {certificate}\n    client-key-data: {key}\n")
        }
        None => format!(
            "    client-certificate: {}\n    client-key: {}\n",
            quoted(get("client_certificate")),
            quoted(get("client_key"))
        ),
    };
    kubeconfig(get("server"), get("certificate_authority"), get("cluster_name"), get("user"), &client)
}

/// A kubeconfig; `client` are the lines of how the user logs in.
pub(crate) fn kubeconfig(server: &str, authority: &str, cluster: &str, user: &str, client: &str) -> String {
    let context = quoted(&format!("{user}@{cluster}"));
    let (cluster, user, server) = (quoted(cluster), quoted(user), quoted(server));
    let authority = STANDARD.encode(authority);
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: {cluster}\n  cluster:\n    server: {server}\n    \
         certificate-authority-data: {authority}\ncontexts:\n- name: {context}\n  context:\n    cluster: {cluster}\n    \
         user: {user}\ncurrent-context: {context}\nusers:\n- name: {user}\n  user:\n{client}"
    )
}

/// Whether a text is a URL that kubeconfigs may name as the server.
pub(crate) fn is_server(text: &str) -> bool {
    url::Url::parse(text)
        .is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty())
}

/// A text as YAML and JSON have it.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
