mod token;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan, with};
use provider::{Attribute, Block, Schema, attribute_error};
use provider_host::kit::{Connection, Context, Failure, Host, Resource, Result, connection};
use tokio::time::Instant;
use value::{Path, Type, Value};

use self::token::Token;
use super::apply::{Conflicts, apply, remove};
use super::client::Cluster;
use super::place;
use crate::pki::kubeconfig::content::is_server;

/// `eksd_bootstrap`: what new nodes join a cluster with.
pub(super) struct Bootstrap;

#[async_trait]
impl Resource for Bootstrap {
    fn type_name(&self) -> &'static str {
        "eksd_bootstrap"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::computed(Type::String).described(description);
        let flag = |description: &str| Attribute::computed(Type::Bool).described(description);
        let number = |description: &str| Attribute::optional_computed(Type::Number).described(description);
        let block = Block::default()
            .described(
                "What new nodes join a cluster with: a token that a kubelet asks for its certificate with, and the roles that let it ask and \
                 have its request approved. A token is for joining only: nodes that have joined do without. API servers must let it in \
                 (`enable_bootstrap_token_auth`), and controller managers sign (`cluster_signing_cert_file`, `cluster_signing_key_file`).",
            )
            .with("server", Attribute::required(Type::String).described("The URL of the API for nodes, such as `https://10.0.0.10:6443`."))
            .with("certificate_authority", Attribute::required(Type::String).described("The certificates, in PEM, of the authorities that the server's may be signed by."))
            .with("cluster_name", Attribute::optional_computed(Type::String).described("What the kubeconfig calls the cluster; `kubernetes` if not set."))
            .with("validity_hours", number("How many hours a token is valid; 24 if not set."))
            .with("renew_before_hours", number("How many hours before its end there is a new one; 1 if not set."))
            .with("token_id", text("The token's public half."))
            .with("token", text("The token.").sensitive())
            .with("bootstrap_kubeconfig", text("A kubeconfig for kubelets (`--bootstrap-kubeconfig`), with the token.").sensitive())
            .with("expires_at", text("Until when the token is valid, in RFC 3339 format."))
            .with("ready_for_renewal", flag("Whether the token is gone or its end is near, so that it is to be renewed."))
            .with("roles_bound", flag("Whether the roles that joining needs are bound."));
        Schema::new(0, place::with_attributes(block))
    }

    fn has_host(&self) -> bool {
        false
    }

    /// The API is, which has other ways to it, and its trouble is not the hosts'.
    fn is_on_host(&self) -> bool {
        false
    }

    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn connection(&self, _context: &Context, object: &Value) -> Result<Connection> {
        place::connection(object)
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("kubeconfig", Value::string(place::KUBECONFIG)),
            ("cluster_name", Value::string("kubernetes")),
            ("validity_hours", Value::number(24)),
            ("renew_before_hours", Value::number(1)),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = place::validate(config);
        if let Some(server) = config.text("server").filter(|server| !is_server(server)) {
            let detail = format!(
                "{server:?} is no https:// URL of a host and port, such as \"https://10.0.0.10:6443\"."
            );
            diagnostics.push(attribute_error(&Path::from_attr("server"), "Invalid server", detail));
        }
        let number = |name: &str| config.attr(name).filter(|value| value.as_number().is_some());
        for (name, least) in [("validity_hours", 1), ("renew_before_hours", 0)] {
            if number(name).is_some_and(|value| {
                value.as_i64().is_none_or(|hours| !(least..=MOST_HOURS).contains(&hours))
            }) {
                let detail = format!("It must be a whole number from {least} to {MOST_HOURS}.");
                diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid number of hours", detail));
            }
        }
        let hours =
            |name: &str, default: i64| if config.is_unset(name) { Some(default) } else { config.int(name) };
        if let (Some(valid), Some(before)) = (hours("validity_hours", 24), hours("renew_before_hours", 1))
            && before >= valid
        {
            let detail = format!(
                "A token of {valid} hours that is renewed {before} hours before its end is renewed by every apply."
            );
            diagnostics.push(attribute_error(
                &Path::from_attr("renew_before_hours"),
                "Never done renewing",
                detail,
            ));
        }
        diagnostics
    }

    fn plan(&self, context: &Context, plan: &mut Plan) {
        plan.set("roles_bound", Value::bool(true));
        plan.set("ready_for_renewal", Value::bool(false));
        if plan.is_creation() {
            return;
        }
        if plan.prior.flag("ready_for_renewal") == Some(true)
            || plan.changes(&["validity_hours"])
            || token::is_ending(context.environment.now(), &plan.prior, &plan.planned)
        {
            for name in ["token", "token_id", "expires_at"] {
                plan.set_unknown(name);
            }
            plan.set_unknown("bootstrap_kubeconfig");
        } else if plan.changes(&["server", "certificate_authority", "cluster_name"]) {
            plan.set_unknown("bootstrap_kubeconfig");
        }
    }

    fn named(&self, block: &Block, id: &str) -> Option<Result<Value>> {
        let object = match id.split_once(' ') {
            Some((host, token)) if Token::is_id(token) => connection("hosts", host).map(|_| {
                let hosts = Value::list(Type::String, vec![Value::string(host)]);
                let object = self
                    .defaults()
                    .into_iter()
                    .fold(block.empty_value(), |object, (name, value)| object.with_attr(name, value));
                with(&object, [("hosts", hosts), ("token_id", Value::string(token))])
            }),
            _ => {
                let detail =
                    format!("The id {id:?} has not the form \"HOST TOKEN_ID\" (with a space between).");
                Err(Failure::new("Invalid import id", detail))
            }
        };
        Some(object)
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        token::read(&Cluster::for_looking(host, current)?, host.now(), current).await
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.update(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let cluster = Cluster::for_changes(context, host, planned)?;
        let end = Instant::now() + PATIENCE;
        for document in token::roles() {
            apply(&cluster, &document, Conflicts::Force, end).await?;
        }
        let kept = planned.text("token").and_then(Token::parse);
        let (token, expires) = match kept {
            Some(token) => (token, planned.text("expires_at").unwrap_or_default().to_owned()),
            None => {
                let hours = planned.int("validity_hours").unwrap_or_default();
                let token = Token::generate();
                let expires = token::after(context.environment.now(), hours);
                apply(&cluster, &token.secret(&expires), Conflicts::Force, end).await?;
                if let Some(old) = prior.text("token_id").filter(|old| Token::is_id(old)) {
                    remove(&cluster, &token::secret_name(old), PATIENCE).await?;
                }
                (token, expires)
            }
        };
        Ok(with(
            planned,
            [
                ("id", Value::string(planned.text("id").unwrap_or(ID))),
                ("token_id", Value::string(&token.id)),
                ("token", Value::string(token.text())),
                ("bootstrap_kubeconfig", Value::string(token.kubeconfig(planned))),
                ("expires_at", Value::string(expires)),
            ],
        ))
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let cluster = Cluster::for_changes(context, host, prior)?;
        if let Some(token) = prior.text("token_id").filter(|id| Token::is_id(id)) {
            remove(&cluster, &token::secret_name(token), PATIENCE).await?;
        }
        for document in token::roles() {
            remove(&cluster, &document.name, PATIENCE).await?;
        }
        Ok(())
    }
}

/// A cluster has one of it.
const ID: &str = "bootstrap";
/// How long each object may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(2);
/// A year.
const MOST_HOURS: i64 = 8_784;
