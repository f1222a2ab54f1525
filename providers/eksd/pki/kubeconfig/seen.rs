//! Kubeconfigs as they are on a host.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::Kubeconfig;
use provider::simple::{Access, with};
use provider_host::kit::{Host, Owned, Result, Script, Stat};
use value::{Type, Value};

use super::content::{EMBEDDED, shown};

const LOOK: &str = include_str!("look.sh");

/// The kubeconfig as it is.
pub(super) async fn read(host: &Host, current: &Value) -> Result<Value> {
    let path = current.text("path").unwrap_or_default();
    let script = Script::read(LOOK)
        .var("p", path)
        .var("certificate", current.text("client_certificate").unwrap_or_default())
        .var("client_key", current.text("client_key").unwrap_or_default());
    let output = host.must(script, &format!("read the kubeconfig {path}")).await?.text();
    let mut parts = output.splitn(3, '\n');
    let Some((_, stat)) = parts.next().and_then(Stat::parse) else { return Ok(Value::null(current.ty())) };
    let matches = parts.next() != Some("other");
    let content = parts.next().unwrap_or_default();
    let seen = Owned::observed(host, current, &stat).await?.onto(current);
    let seen =
        with(&seen, [("content", Value::string_nfc(content)), ("client_matches", Value::bool(matches))]);
    if shown(&seen) == content {
        return Ok(seen);
    }
    Ok(says(&seen, content))
}

/// The object with what a text says that is not the known one.
fn says(object: &Value, content: &str) -> Value {
    let parsed = Kubeconfig::from_yaml(content).unwrap_or_default();
    let cluster = parsed.clusters.first();
    let place = cluster.and_then(|named| named.cluster.as_ref());
    let user = parsed.auth_infos.first();
    let client = user.and_then(|named| named.auth_info.as_ref());
    let authority = place.and_then(|place| place.certificate_authority_data.as_ref());
    let authority = authority.and_then(|text| STANDARD.decode(text).ok());
    let text = |text: Option<String>| Value::string_nfc(&text.unwrap_or_default());
    let embedded = content.contains(&format!("client-key-data: {EMBEDDED}"));
    let file = |name: &str, named: Option<String>| match named {
        None if embedded => object.attr(name).cloned().unwrap_or_else(|| Value::null(Type::String)),
        named => text(named),
    };
    with(
        object,
        [
            ("server", text(place.and_then(|place| place.server.clone()))),
            ("certificate_authority", text(authority.map(|pem| String::from_utf8_lossy(&pem).into_owned()))),
            ("cluster_name", text(cluster.map(|named| named.name.clone()))),
            ("user", text(user.map(|named| named.name.clone()))),
            ("embed", Value::bool(embedded)),
            (
                "client_certificate",
                file("client_certificate", client.and_then(|c| c.client_certificate.clone())),
            ),
            ("client_key", file("client_key", client.and_then(|c| c.client_key.clone()))),
        ],
    )
}
