//! Bootstrap tokens, and the roles that those who have one need.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use provider::simple::{Access, with};
use provider_host::kit::Result;
use serde_json::{Value as Json, json};
use value::{Type, Value};

use crate::cluster::apply::get;
use crate::cluster::client::Cluster;
use crate::cluster::object::{Document, Name};
use crate::pki::kubeconfig::content::kubeconfig;

/// A token: `ID.SECRET`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub id: String,
    secret: String,
}

impl Token {
    pub(super) fn generate() -> Self {
        Self { id: letters(ID), secret: letters(SECRET) }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.split_once('.')?;
        (Self::is_id(id) && is_letters(secret, SECRET))
            .then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    pub(super) fn is_id(text: &str) -> bool {
        is_letters(text, ID)
    }

    pub(super) fn text(&self) -> String {
        format!("{}.{}", self.id, self.secret)
    }

    /// The kubeconfig of those who join with it.
    pub(super) fn kubeconfig(&self, object: &Value) -> String {
        let get = |name: &str| object.text(name).unwrap_or_default();
        let client = format!("    token: {}\n", self.text());
        kubeconfig(
            get("server"),
            get("certificate_authority"),
            get("cluster_name"),
            "tls-bootstrap-token-user",
            &client,
        )
    }

    /// What the API knows it by.
    pub(super) fn secret(&self, expires: &str) -> Document {
        let encoded = |text: &str| Json::from(STANDARD.encode(text));
        let name = secret_name(&self.id);
        let json = json!({
            "apiVersion": name.api_version, "kind": name.kind,
            "metadata": {"name": name.name, "namespace": name.namespace},
            "type": "bootstrap.kubernetes.io/token",
            "data": {
                "token-id": encoded(&self.id),
                "token-secret": encoded(&self.secret),
                "expiration": encoded(expires),
                "usage-bootstrap-authentication": encoded("true"),
                "usage-bootstrap-signing": encoded("true"),
                "description": encoded("Made by groma (eksd_bootstrap) for nodes that join."),
            },
        });
        Document { name, json }
    }
}

/// The secret that holds a token.
pub(super) fn secret_name(id: &str) -> Name {
    Name {
        api_version: "v1".into(),
        kind: "Secret".into(),
        namespace: Some("kube-system".into()),
        name: format!("bootstrap-token-{id}"),
    }
}

/// The roles: those who have a token may ask for a certificate, and get it without anybody's approval; nodes may renew theirs.
pub(super) fn roles() -> Vec<Document> {
    let table = [
        ("groma:eksd:node-bootstrapper", "system:node-bootstrapper", "system:bootstrappers"),
        (
            "groma:eksd:approve-new-nodes",
            "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
            "system:bootstrappers",
        ),
        (
            "groma:eksd:approve-renewals",
            "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
            "system:nodes",
        ),
    ];
    let bound = table.map(|(name, role, group)| {
        let name = Name {
            api_version: "rbac.authorization.k8s.io/v1".into(),
            kind: "ClusterRoleBinding".into(),
            namespace: None,
            name: name.into(),
        };
        let json = json!({
            "apiVersion": name.api_version, "kind": name.kind, "metadata": {"name": name.name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group}],
        });
        Document { name, json }
    });
    bound.into()
}

/// The resource as it is: null if there is neither the token nor any of the roles.
pub(super) async fn read(cluster: &Cluster, now: SystemTime, current: &Value) -> Result<Value> {
    let mut bound = Vec::new();
    for role in roles() {
        let live = get(cluster, &role.name)
            .await
            .map_err(|trouble| trouble.failure(&format!("look at {}", role.name)))?;
        bound.push(
            live.map(|live| ["roleRef", "subjects"].iter().all(|part| live[*part] == role.json[*part])),
        );
    }
    let known = current.text("token_id").filter(|id| Token::is_id(id));
    let secret = match known {
        Some(id) => {
            let name = secret_name(id);
            get(cluster, &name).await.map_err(|trouble| trouble.failure(&format!("look at {name}")))?
        }
        None => None,
    };
    if secret.is_none() && bound.iter().all(Option::is_none) {
        return Ok(Value::null(current.ty()));
    }
    let secret = secret.unwrap_or_default();
    let data = |name: &str| {
        let bytes = STANDARD.decode(secret["data"][name].as_str()?).ok()?;
        String::from_utf8(bytes).ok()
    };
    let token = data("token-id")
        .zip(data("token-secret"))
        .and_then(|(id, secret)| Token::parse(&format!("{id}.{secret}")));
    let is_other =
        current.text("token").is_some_and(|known| token.as_ref().map(Token::text).as_deref() != Some(known));
    let roles_bound = bound.iter().all(|bound| *bound == Some(true));
    let text = |text: Option<String>, name: &str| {
        text.map_or_else(
            || current.attr(name).cloned().unwrap_or_else(|| Value::null(Type::String)),
            Value::string,
        )
    };
    let seen = with(
        current,
        [
            ("id", Value::string(current.text("id").unwrap_or(super::ID))),
            ("expires_at", text(data("expiration"), "expires_at")),
            ("roles_bound", Value::bool(roles_bound)),
        ],
    );
    let gone = token.is_none() || is_other;
    let seen =
        if is_other { seen } else { seen.with_attr("token", text(token.as_ref().map(Token::text), "token")) };
    let ready = gone || is_ending(now, &seen, &seen);
    let seen = seen.with_attr("ready_for_renewal", Value::bool(ready));
    match token {
        Some(token) if seen.is_unset("bootstrap_kubeconfig") => {
            Ok(seen.with_attr("bootstrap_kubeconfig", Value::string(token.kubeconfig(&seen))))
        }
        _ => Ok(seen),
    }
}

/// Whether the end of the token of `prior` is so near that there is to be another one.
pub(super) fn is_ending(now: SystemTime, prior: &Value, planned: &Value) -> bool {
    let Some(Ok(end)) = prior.text("expires_at").map(str::parse::<Timestamp>) else { return true };
    let before = SignedDuration::from_hours(planned.int("renew_before_hours").unwrap_or_default());
    match Timestamp::try_from(now).map(|now| now.checked_add(before)) {
        Ok(Ok(then)) => then >= end,
        _ => true,
    }
}

/// The time some hours from now, in RFC 3339 format, to the second.
pub(super) fn after(now: SystemTime, hours: i64) -> String {
    let seconds = Timestamp::try_from(now).map_or(0, Timestamp::as_second);
    Timestamp::from_second(seconds.saturating_add(hours.saturating_mul(3600)))
        .unwrap_or(Timestamp::MAX)
        .to_string()
}

fn letters(count: usize) -> String {
    (0..count).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect()
}

fn is_letters(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| LETTERS.contains(&byte))
}

const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// How many letters the halves of a token have.
const ID: usize = 6;
const SECRET: usize = 16;
