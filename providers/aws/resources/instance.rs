//! `aws_instance`

use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use sha1::{Digest, Sha1};
use value::Value;

use crate::api::{ApiError, ApiErrorKind, Filter, Instance as ApiInstance, InstanceChange};
use crate::client::{Client, Poll};
use crate::failure::{Failure, Outcome};
use crate::object::{Object, same};
use crate::observed::Observed;
use crate::plan::Planning;
use crate::resource::{Creation, Located, Preset, Resource, Rules, Tagging};
use crate::{timeouts, validate};

mod launch;
mod observe;
mod update;
mod volumes;

pub struct Instance;

static RULES: Rules = Rules {
    replace: &[
        "ami",
        "associate_public_ip_address",
        "availability_zone",
        "cpu_core_count",
        "cpu_options",
        "cpu_threads_per_core",
        "ebs_optimized",
        "enable_primary_ipv6",
        "enclave_options",
        "ephemeral_block_device",
        "hibernation",
        "host_id",
        "host_resource_group_arn",
        "instance_market_options",
        "ipv6_addresses",
        "key_name",
        "launch_template",
        "network_interface",
        "placement_group",
        "placement_partition_number",
        "private_ip",
        "root_block_device.encrypted",
        "root_block_device.kms_key_id",
        "security_groups",
        "subnet_id",
        "tenancy",
    ],
    defaults: &[
        ("get_password_data", Preset::Bool(false)),
        ("source_dest_check", Preset::Bool(true)),
        ("user_data_replace_on_change", Preset::Bool(false)),
        ("ebs_block_device.delete_on_termination", Preset::Bool(true)),
        ("launch_template.version", Preset::Text("$Default")),
        ("metadata_options.http_endpoint", Preset::Text("enabled")),
        ("metadata_options.http_protocol_ipv6", Preset::Text("disabled")),
        ("network_interface.delete_on_termination", Preset::Bool(false)),
        ("network_interface.network_card_index", Preset::Int(0)),
        ("root_block_device.delete_on_termination", Preset::Bool(true)),
    ],
    recompute: &[
        (RESTARTING, &["public_dns", "public_ip"]),
        (
            &["instance_type"],
            &[
                "cpu_core_count",
                "cpu_options",
                "cpu_threads_per_core",
                "credit_specification",
                "ebs_optimized",
            ],
        ),
        (&["ipv6_address_count"], &["ipv6_addresses"]),
        (&["get_password_data"], &["password_data"]),
    ],
    same: same_instance,
    tags: Tagging::Tags,
    ..Rules::new("EC2 Instance")
};

/// What can be changed only while the instance is stopped, after which its public address is another one.
const RESTARTING: &[&str] = &["instance_type", "user_data", "user_data_base64"];

const CREATE_LIMIT: Duration = Duration::from_mins(10);
const DELETE_LIMIT: Duration = Duration::from_mins(20);
const PASSWORD_LIMIT: Duration = Duration::from_mins(15);

#[async_trait]
impl Resource for Instance {
    fn type_name(&self) -> &'static str {
        "aws_instance"
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        validate_instance(config, diagnostics);
    }

    fn adjust_plan(&self, planning: &mut Planning<'_>) {
        let replace_on_change = planning.planned.is_true("user_data_replace_on_change");
        for name in ["user_data", "user_data_base64"] {
            if replace_on_change && planning.changes(name) {
                planning.require_replace(name);
            }
        }
        volumes::adjust_plan(planning);
    }

    async fn create(&self, client: &Client, planned: &Object, creation: &Creation<'_>) -> Outcome<Object> {
        let mut request = launch::request(planned, creation)?;
        launch::name_root_device(client, &mut request).await?;
        let instance = launch::run(client, &request).await?;
        Ok(planned.with_str("id", &instance.instance_id))
    }

    async fn complete(&self, client: &Client, created: &Object) -> Outcome<()> {
        let id = created.text("id");
        let limit = timeouts::limit(created, "create", CREATE_LIMIT);
        wait_for_state(client, &id, "running", &["", "pending"], limit).await?;
        let own_interfaces = created.blocks("network_interface").is_empty();
        if created.bool("source_dest_check") == Some(false) && own_interfaces {
            let change = InstanceChange::SourceDestCheck(false);
            client.call(|ec2| ec2.modify_instance_attribute(&id, &change)).await?;
        }
        volumes::tag_new(client, created).await?;
        if created.is_true("get_password_data") {
            let what = format!("password data of EC2 Instance ({id})");
            client
                .wait(&what, PASSWORD_LIMIT.max(limit), || async {
                    let data = client.call(|ec2| ec2.get_password_data(&id)).await?;
                    Ok(if data.is_empty() { Poll::Pending("blank".into()) } else { Poll::Done(()) })
                })
                .await?;
        }
        Ok(())
    }

    async fn update(&self, client: &Client, prior: &Object, planned: &Object) -> Outcome<Object> {
        update::update(client, prior, planned).await?;
        Ok(planned.clone())
    }

    async fn delete(&self, client: &Client, prior: &Object) -> Outcome<()> {
        let id = prior.text("id");
        let terminated = client.call(|ec2| ec2.terminate_instances(&id)).await;
        if let Err(failure) = terminated {
            return Err(match failure.api() {
                Some(error) if error.code == "OperationNotPermitted" => Failure::Other(format!(
                    "{error}\n\nThe instance is protected. Set disable_api_termination (or disable_api_stop) to false \
                     and apply, then destroy it."
                )),
                _ => failure,
            });
        }
        let limit = timeouts::limit(prior, "delete", DELETE_LIMIT);
        wait_for_state(
            client,
            &id,
            "terminated",
            &["pending", "running", "shutting-down", "stopping", "stopped"],
            limit,
        )
        .await
    }

    async fn observe(&self, client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
        observe::observe(client, known).await
    }

    async fn locate(&self, client: &Client, planned: &Object, token: &str) -> Outcome<Located> {
        let filters = [Filter::new("client-token", [token])];
        // Not every implementation of the API knows this filter: some fail, some ignore it.
        let instances = match client.call(|ec2| ec2.describe_instances(&filters)).await {
            Ok(instances) => instances,
            Err(failure) if failure.api().is_some_and(is_server_fault) => {
                client.call(|ec2| ec2.describe_instances(&[])).await?
            }
            Err(failure) => return Err(failure),
        };
        let found = instances.iter().find(|i| i.client_token == token && i.state != "terminated");
        Ok(match found {
            Some(instance) => Located::Found(planned.with_str("id", &instance.instance_id)),
            None => Located::Absent,
        })
    }

    fn parse_import_id(&self, id: &str) -> Result<Vec<(&'static str, String)>, String> {
        if id.starts_with("i-") {
            Ok(vec![("id", id.to_owned())])
        } else {
            Err("It must be the id of an instance, such as i-12345678.".into())
        }
    }
}

async fn describe(client: &Client, ids: &[String]) -> Outcome<Vec<ApiInstance>> {
    client.describe("instance-id", ids, |ec2, filters| ec2.describe_instances(filters)).await
}

async fn describe_one(client: &Client, id: &str) -> Outcome<Option<ApiInstance>> {
    Ok(describe(client, &[id.to_owned()]).await?.into_iter().next())
}

/// Waits until an instance is in a state, by way of `passing` ones (an instance that is not visible is in no state).
async fn wait_for_state(
    client: &Client,
    id: &str,
    target: &str,
    passing: &[&str],
    limit: Duration,
) -> Outcome<()> {
    let what = format!("EC2 Instance ({id}) to become {target}");
    client
        .wait(&what, limit, || async {
            let instance = describe_one(client, id).await?;
            let gone = instance.is_none() && target == "terminated";
            let (state, reason) = instance.map(|i| (i.state, i.state_reason)).unwrap_or_default();
            if gone || state == target {
                Ok(Poll::Done(()))
            } else if passing.contains(&state.as_str()) {
                Ok(Poll::Pending(state))
            } else {
                let state = if reason.is_empty() { state } else { format!("{state}: {reason}") };
                Err(Failure::Unexpected { what: what.clone(), state })
            }
        })
        .await
}

fn validate_instance(config: &Object, diagnostics: &mut Diagnostics) {
    validate::conflicting(config, &["user_data", "user_data_base64"], diagnostics);
    validate::conflicting(config, &["network_interface", "associate_public_ip_address"], diagnostics);
    validate::conflicting(config, &["network_interface", "subnet_id"], diagnostics);
    validate::conflicting(config, &["network_interface", "vpc_security_group_ids"], diagnostics);
    validate::conflicting(config, &["network_interface", "private_ip"], diagnostics);
    validate::conflicting(config, &["ipv6_address_count", "ipv6_addresses"], diagnostics);
    validate::conflicting(config, &["host_id", "host_resource_group_arn"], diagnostics);
    let given = |name: &str| {
        validate::is_given(config, name) || config.get(name).is_some_and(|v| !v.is_wholly_known())
    };
    for name in ["ami", "instance_type"] {
        if !given(name) && !given("launch_template") {
            diagnostics.error(
                "Missing required argument",
                format!("\"{name}\": one of `{name},launch_template` must be specified"),
            );
        }
    }
    validate::one_of(config, "tenancy", &["default", "dedicated", "host"], diagnostics);
    validate::one_of(config, "instance_initiated_shutdown_behavior", &["stop", "terminate"], diagnostics);
    if let Some(options) = config.block("metadata_options") {
        let on_off = &["enabled", "disabled"];
        validate::one_of(&options, "http_endpoint", on_off, diagnostics);
        validate::one_of(&options, "http_protocol_ipv6", on_off, diagnostics);
        validate::one_of(&options, "instance_metadata_tags", on_off, diagnostics);
        validate::one_of(&options, "http_tokens", &["optional", "required"], diagnostics);
        if options.int("http_put_response_hop_limit").is_some_and(|n| !(1..=64).contains(&n)) {
            let detail = "expected http_put_response_hop_limit to be in the range (1 - 64)".to_owned();
            validate::refuse(diagnostics, "metadata_options", detail);
        }
    }
    for block in ["root_block_device", "ebs_block_device"] {
        for device in config.blocks(block) {
            volumes::validate(block, &device, diagnostics);
        }
    }
}

fn same_instance(attribute: &str, a: &Value, b: &Value) -> bool {
    same(a, b) || attribute == "user_data" && (is_hash_of(a, b) || is_hash_of(b, a))
}

/// hashicorp/aws 5 keeps the SHA-1 of the user data in state, and the text itself where that is what was given.
fn is_hash_of(hash: &Value, data: &Value) -> bool {
    let (Some(hash), Some(data)) = (hash.as_str(), data.as_str()) else { return false };
    hash.len() == 40 && *hash == hex(&Sha1::digest(launch::user_data_bytes(data)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The service failed at what it was asked, as implementations do that do not know a filter.
fn is_server_fault(error: &ApiError) -> bool {
    matches!(error.kind, ApiErrorKind::Service { status } if status >= 500)
}
