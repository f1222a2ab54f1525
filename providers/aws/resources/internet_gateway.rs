//! `aws_internet_gateway`

use std::time::Duration;

use async_trait::async_trait;

use super::operation::operation_filter;
use crate::api::InternetGateway as ApiGateway;
use crate::client::{Client, Poll};
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::Observed;
use crate::resource::{Creation, Located, Resource, Rules, Tagging, ids, in_order};
use crate::timeouts;

pub struct InternetGateway;

static RULES: Rules = Rules { tags: Tagging::TagsAndOperation, ..Rules::new("EC2 Internet Gateway") };

const NOT_FOUND: &[&str] = &["InvalidInternetGatewayID.NotFound"];
const LIMIT: Duration = Duration::from_mins(20);

#[async_trait]
impl Resource for InternetGateway {
    fn type_name(&self) -> &'static str {
        "aws_internet_gateway"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let tags = creation.tags(planned);
        let gateway = client.once(|ec2| ec2.create_internet_gateway(&tags)).await?;
        Ok(planned.with_str("id", &gateway.internet_gateway_id))
    }

    async fn complete(&self, client: &Client, created: &Object) -> Outcome<()> {
        match created.str("vpc_id") {
            Some(vpc) => {
                attach(client, &created.text("id"), vpc, timeouts::limit(created, "create", LIMIT)).await
            }
            None => Ok(()),
        }
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        let id = prior.text("id");
        let limit = timeouts::limit(planned, "update", LIMIT);
        if prior.str("vpc_id") != planned.str("vpc_id") {
            if let Some(vpc) = prior.str("vpc_id") {
                detach(client, &id, vpc, limit).await?;
            }
            if let Some(vpc) = planned.str("vpc_id") {
                attach(client, &id, vpc, limit).await?;
            }
        }
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let id = prior.text("id");
        let limit = timeouts::limit(prior, "delete", LIMIT);
        // What it is attached to now, which need not be what state says.
        if let Some(gateway) = describe(client, std::slice::from_ref(&id)).await?.first() {
            for (vpc, _) in &gateway.attachments {
                detach(client, &id, vpc, limit).await?;
            }
        }
        client.retry_codes(limit, &["DependencyViolation"], |ec2| ec2.delete_internet_gateway(&id)).await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        let gateways = describe(client, &ids(known)).await?;
        let observed = gateways.iter().map(|gateway| {
            let mut o = Observed::tagged(&gateway.tags);
            o.set("id", &gateway.internet_gateway_id);
            let resource = format!("internet-gateway/{}", gateway.internet_gateway_id);
            o.set("arn", client.arn(&gateway.owner_id, &resource));
            o.set("owner_id", &gateway.owner_id);
            o.set("vpc_id", gateway.attachments.first().map(|(vpc, _)| vpc.clone()));
            (gateway.internet_gateway_id.clone(), o)
        });
        Ok(in_order(known, |object| object.text("id"), observed))
    }

    async fn locate(&self, client: &Client, planned: &Object, token: &str) -> Outcome<Located> {
        let filters = operation_filter(token);
        let gateways = client.call(|ec2| ec2.describe_internet_gateways(&filters)).await?;
        if let Some(gateway) = gateways.first() {
            return Ok(Located::Found(planned.with_str("id", &gateway.internet_gateway_id)));
        }
        Ok(Located::Absent)
    }
}

async fn describe(client: &Client, ids: &[String]) -> Outcome<Vec<ApiGateway>> {
    client.describe("internet-gateway-id", ids, |ec2, filters| ec2.describe_internet_gateways(filters)).await
}

async fn attach(client: &Client, id: &str, vpc_id: &str, limit: Duration) -> Outcome<()> {
    match client.call_when_visible(NOT_FOUND, |ec2| ec2.attach_internet_gateway(id, vpc_id)).await {
        // A repeat after a lost answer; the wait below tells whether it is attached to this VPC.
        Err(failure) if failure.has_code(&["Resource.AlreadyAssociated"]) => {
            let attached = describe(client, &[id.to_owned()]).await?;
            let here = attached.first().is_some_and(|g| g.attachments.iter().any(|(vpc, _)| vpc == vpc_id));
            if !here {
                return Err(failure);
            }
        }
        answer => answer?,
    }
    let what = format!("EC2 Internet Gateway ({id}) to be attached to {vpc_id}");
    client
        .wait(&what, limit, || async {
            let gateways = describe(client, &[id.to_owned()]).await?;
            let attachment =
                gateways.first().and_then(|g| g.attachments.iter().find(|(vpc, _)| vpc == vpc_id));
            Ok(match attachment {
                Some((_, state)) if matches!(state.as_str(), "available" | "attached") => Poll::Done(()),
                Some((_, state)) => Poll::Pending(state.clone()),
                None => Poll::Pending("detached".into()),
            })
        })
        .await
}

/// Detaching fails while addresses of the VPC are mapped to the outside; those of instances being terminated go soon.
async fn detach(client: &Client, id: &str, vpc_id: &str, limit: Duration) -> Outcome<()> {
    let detached = client
        .retry_codes(limit, &["DependencyViolation"], |ec2| ec2.detach_internet_gateway(id, vpc_id))
        .await;
    match detached {
        Err(failure) if failure.has_code(&["Gateway.NotAttached"]) => return Ok(()),
        answer => answer?,
    }
    let what = format!("EC2 Internet Gateway ({id}) to be detached from {vpc_id}");
    client
        .wait(&what, limit, || async {
            let gateways = describe(client, &[id.to_owned()]).await?;
            let attachment =
                gateways.first().and_then(|g| g.attachments.iter().find(|(vpc, _)| vpc == vpc_id));
            Ok(match attachment {
                Some((_, state)) if state != "detached" => Poll::Pending(state.clone()),
                _ => Poll::Done(()),
            })
        })
        .await
}
