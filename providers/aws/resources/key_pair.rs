//! `aws_key_pair`

use async_trait::async_trait;
use diag::Diagnostics;
use value::Value;

use super::naming;
use super::operation::unique;
use crate::api::KeyPair as ApiKeyPair;
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::{Object, same};
use crate::observed::Observed;
use crate::plan::Planning;
use crate::resource::{Creation, Located, Resource, Rules, Tagging, ids, in_order};
use crate::validate;

pub struct KeyPair;

static RULES: Rules = Rules {
    replace: &["key_name", "key_name_prefix", "public_key"],
    same: same_key,
    tags: Tagging::Tags,
    ..Rules::new("EC2 Key Pair")
};

#[async_trait]
impl Resource for KeyPair {
    fn type_name(&self) -> &'static str {
        "aws_key_pair"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        validate::conflicting(config, &["key_name", "key_name_prefix"], diagnostics);
    }

    fn adjust_plan(&self, planning: &mut Planning<'_>) {
        naming::adjust_plan(planning, "key_name", "key_name_prefix");
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let name = naming::name(planned, "key_name", "key_name_prefix", creation.token);
        let (key, tags) = (planned.text("public_key"), creation.tags(planned));
        let pair = client.once(|ec2| ec2.import_key_pair(&name, key.trim(), &tags)).await?;
        Ok(identified(planned, &pair.key_name))
    }

    async fn update(&self, _client: &Client, _prior: &Object, planned: &Object) -> Outcome<Object> {
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let name = prior.text("id");
        client.call(|ec2| ec2.delete_key_pair(&name)).await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let pairs =
            client.describe("key-name", &ids(known), |ec2, filters| ec2.describe_key_pairs(filters)).await?;
        if pairs.is_empty() {
            return Ok(known.iter().map(|_| None).collect());
        }
        let account = client.account_id().await?;
        let observed: Vec<_> =
            pairs.iter().map(|pair| (pair.key_name.clone(), observe(client, account, pair))).collect();
        Ok(in_order(known, |object| object.text("id"), observed))
    }

    async fn locate(&self, client: &Client, planned: &Object, token: &str) -> Outcome<Located> {
        let name = naming::name(planned, "key_name", "key_name_prefix", token);
        let pairs = client
            .describe("key-name", std::slice::from_ref(&name), |ec2, filters| ec2.describe_key_pairs(filters))
            .await?;
        let found = pairs.into_iter().next().map(|pair| (identified(planned, &pair.key_name), pair.tags));
        Ok(unique(planned, found, &format!("a key pair named {name}")))
    }

    fn tagged_id(&self, object: &Object) -> Option<String> {
        object.string("key_pair_id")
    }
}

fn identified(planned: &Object, name: &str) -> Object {
    planned.with_str("id", name).with_str("key_name", name)
}

fn observe(client: &Client, account: &str, pair: &ApiKeyPair) -> Observed {
    let mut o = Observed::tagged(&pair.tags);
    o.set("id", &pair.key_name);
    o.set("key_name", &pair.key_name);
    o.set("key_pair_id", &pair.key_pair_id);
    o.set("key_type", &pair.key_type);
    o.set("fingerprint", &pair.fingerprint);
    o.set("arn", client.arn(account, &format!("key-pair/{}", pair.key_name)));
    if !pair.public_key.is_empty() {
        o.set("public_key", pair.public_key.trim());
    }
    o
}

/// Keys are equal without their comments, which the service replaces.
fn same_key(attribute: &str, a: &Value, b: &Value) -> bool {
    let body =
        |v: &Value| v.as_str().map(|s| s.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>());
    same(a, b) || attribute == "public_key" && body(a).is_some() && body(a) == body(b)
}
