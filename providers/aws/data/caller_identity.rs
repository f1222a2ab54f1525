//! `data "aws_caller_identity"`

use async_trait::async_trait;

use super::DataSource;
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::Observed;

pub struct CallerIdentity;

#[async_trait]
impl DataSource for CallerIdentity {
    fn type_name(&self) -> &'static str {
        "aws_caller_identity"
    }

    fn noun(&self) -> &'static str {
        "STS Caller Identity"
    }

    async fn read(&self, client: &Client, _config: &Object) -> Outcome<Observed> {
        let identity = client.identity().await?;
        let mut o = Observed::default();
        o.set("id", &identity.account);
        o.set("account_id", &identity.account);
        o.set("arn", &identity.arn);
        o.set("user_id", &identity.user_id);
        Ok(o)
    }
}
