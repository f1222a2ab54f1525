//! What a kubeconfig on a host says of the way to the API.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider_host::kit::{Failure, Host, Script};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value as Json;
use tokio_rustls::TlsConnector;

/// How one host reaches an API server.
pub(super) struct Access {
    pub address: String,
    pub port: u16,
    /// Whom the server's certificate must be for.
    pub name: ServerName<'static>,
    pub tls: TlsConnector,
}

/// Reads a kubeconfig and the files that it names.
pub(super) async fn read(host: &Host, path: &str) -> Result<Access, Failure> {
    let script = Script::read(r#"[ -f "$R$p" ] || die "it is not there"; cat -- "$R$p""#).var("p", path);
    let text = host.must(script, &format!("read the kubeconfig {path}")).await?.text();
    let wrong = |reason: String| {
        let detail = format!("On {}, the kubeconfig {path} cannot be used: {reason}.", host.name());
        Failure::new("Kubeconfig cannot be used", detail)
    };
    let named = Named::read(&text).map_err(wrong)?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let files = named.files(folder);
    let output = host
        .must(Script::read(FILES).args(&files), &format!("read the files that the kubeconfig {path} names"))
        .await?
        .text();
    let mut contents = output.lines().map(|line| STANDARD.decode(line).unwrap_or_default());
    let mut content = |part: &Part| match part {
        Part::Data(data) => data.clone(),
        Part::File(_) => contents.next().unwrap_or_default(),
    };
    let [authority, certificate, key] = [&named.authority, &named.certificate, &named.key].map(&mut content);
    named.access(&authority, &certificate, &key).map_err(wrong)
}

/// Each file's content, a line of base64.
const FILES: &str = r#"
for f in "$@"; do
  [ -f "$R$f" ] || die "there is no file $f"
  [ -r "$R$f" ] || die "$f may not be read: permission denied"
  base64 <"$R$f" | tr -d '\n'
  echo
done
"#;

/// What a kubeconfig says in its current context.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    server: url::Url,
    server_name: Option<String>,
    authority: Part,
    certificate: Part,
    key: Part,
}

/// Something that is in the kubeconfig itself or in a file.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Data(Vec<u8>),
    File(String),
}

impl Named {
    fn read(text: &str) -> Result<Self, String> {
        let config: Json = serde_saphyr::from_str(text)
            .map_err(|error| format!("it is no YAML ({})", first_line(&error)))?;
        let current = config["current-context"].as_str().unwrap_or_default();
        let context = entry(&config, "contexts", current, "context")?;
        let cluster = entry(&config, "clusters", context["cluster"].as_str().unwrap_or_default(), "cluster")?;
        let user_name = context["user"].as_str().unwrap_or_default();
        let user = entry(&config, "users", user_name, "user")?;
        if cluster["insecure-skip-tls-verify"] == Json::Bool(true) {
            return Err("it says insecure-skip-tls-verify, so that anybody could answer".into());
        }
        if cluster["proxy-url"].is_string() {
            return Err("it names a proxy, which groma does not go through".into());
        }
        let server = cluster["server"].as_str().unwrap_or_default();
        let url = url::Url::parse(server).ok().filter(|url| url.scheme() == "https" && url.has_host());
        let part = |object: &Json, name: &str, what: &str| {
            part(object, name).ok_or_else(|| format!("it has no {what} (neither {name} nor {name}-data)"))?
        };
        let client = |name: &str| {
            part(user, name, "certificate and key for its user").map_err(|reason| {
                let other = ["exec", "auth-provider", "token", "tokenFile", "username"]
                    .into_iter()
                    .find(|way| !user[*way].is_null());
                other.map_or(reason, |way| {
                    format!("its user {user_name} logs in by {way}: groma needs a client certificate")
                })
            })
        };
        Ok(Self {
            server: url.ok_or_else(|| format!("its server {server:?} is no https:// URL"))?,
            server_name: cluster["tls-server-name"].as_str().map(str::to_owned),
            authority: part(cluster, "certificate-authority", "authority of the server")?,
            certificate: client("client-certificate")?,
            key: client("client-key")?,
        })
    }

    /// The files to read, in order; relative names are against the kubeconfig's folder.
    fn files(&self, folder: &str) -> Vec<String> {
        let parts = [&self.authority, &self.certificate, &self.key].into_iter();
        let files = parts.filter_map(|part| match part {
            Part::File(name) if name.starts_with('/') => Some(name.clone()),
            Part::File(name) => Some(format!("{folder}/{name}")),
            Part::Data(_) => None,
        });
        files.collect()
    }

    fn access(&self, authority: &[u8], certificate: &[u8], key: &[u8]) -> Result<Access, String> {
        let mut roots = RootCertStore::empty();
        for found in CertificateDer::pem_slice_iter(authority) {
            let found = found.map_err(|error| format!("its authority: {error}"))?;
            roots.add(found).map_err(|error| format!("its authority: {error}"))?;
        }
        if roots.is_empty() {
            return Err("its authority holds no certificate".into());
        }
        let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| format!("the client's certificate: {error}"))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| format!("the client's key: {error}"))?;
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("the client's certificate and key: {error}"))?;
        let address = self.server.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = self.server_name.clone().unwrap_or_else(|| address.clone());
        Ok(Access {
            port: self.server.port_or_known_default().unwrap_or(443),
            name: ServerName::try_from(name.clone())
                .map_err(|_| format!("{name:?} is no name of a server"))?,
            tls: TlsConnector::from(Arc::new(config)),
            address,
        })
    }
}

/// The entry of a name in one of the lists of a kubeconfig.
fn entry<'a>(config: &'a Json, list: &str, name: &str, what: &str) -> Result<&'a Json, String> {
    let entries = config[list].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = entries.iter().find(|entry| entry["name"].as_str() == Some(name));
    found.map(|entry| &entry[what]).ok_or_else(|| format!("it has no {what} {name:?}"))
}

/// A part of a kubeconfig, if it is there.
fn part(object: &Json, name: &str) -> Option<Result<Part, String>> {
    let text = |name: &str| object[name].as_str().filter(|text| !text.is_empty());
    match (text(&format!("{name}-data")), text(name)) {
        (Some(data), _) => {
            Some(STANDARD.decode(data).map(Part::Data).map_err(|_| format!("its {name}-data is no base64")))
        }
        (None, file) => file.map(|file| Ok(Part::File(file.to_owned()))),
    }
}

/// What a parser says first; more would show the text around, which may hold keys.
fn first_line(error: &impl std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n\
        clusters: [{name: c, cluster: {server: 'https://[fd00::1]:6443', certificate-authority: pki/ca.crt}}]\n\
        users: [{name: u, user: {client-certificate-data: QQ==, client-key: /k}}]\n";

    #[test]
    fn the_current_context_counts_and_files_are_beside_the_kubeconfig() {
        let named = Named::read(WHOLE).expect("is one");
        assert_eq!(named.files("/etc/eksd"), ["/etc/eksd/pki/ca.crt", "/k"]);
        assert_eq!((named.server.host_str(), named.server.port()), (Some("[fd00::1]"), Some(6443)));
        assert_eq!(named.certificate, Part::Data(b"A".to_vec()));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let table = [
            ("current-context: a", "current-context: b", "it has no context \"b\""),
            ("user: u}", "user: v}", "it has no user \"v\""),
            ("https:", "http:", "is no https:// URL"),
            ("server:", "insecure-skip-tls-verify: true, server:", "insecure-skip-tls-verify"),
            ("server:", "proxy-url: 'http://p', server:", "names a proxy"),
            ("certificate-authority:", "x:", "neither certificate-authority nor certificate-authority-data"),
            (
                "client-certificate-data: QQ==, client-key: /k",
                "exec: {command: aws}",
                "its user u logs in by exec",
            ),
            (
                "client-certificate-data: QQ==, client-key: /k",
                "token: secret",
                "its user u logs in by token: groma",
            ),
            ("QQ==", "?", "its client-certificate-data is no base64"),
            ("current-context: a", "- : [", "it is no YAML"),
        ];
        for (from, to, expected) in table {
            let error = Named::read(&WHOLE.replace(from, to)).expect_err(expected);
            assert!(error.contains(expected) && !error.contains("secret"), "{expected}: {error}");
        }
    }
}
