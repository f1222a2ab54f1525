//! Reading instances: one call for all of them, one for their volumes, and a few for each.

use std::collections::BTreeMap;

use super::describe;
use crate::api::{Instance, InstanceAttribute, InstanceBlockDevice, Tags, Volume};
use crate::client::Client;
use crate::failure::Outcome;
use crate::object::Object;
use crate::observed::{Observed, Seen};
use crate::resource::ids;
use crate::tags::OPERATION_KEY;

/// Attributes the service tells one instance and one attribute at a time.
const ATTRIBUTES: [(&str, InstanceAttribute); 4] = [
    ("disable_api_stop", InstanceAttribute::DisableApiStop),
    ("disable_api_termination", InstanceAttribute::DisableApiTermination),
    ("instance_initiated_shutdown_behavior", InstanceAttribute::InstanceInitiatedShutdownBehavior),
    ("user_data", InstanceAttribute::UserData),
];

pub async fn observe(client: &Client, known: &[Object]) -> Outcome<Vec<Option<Observed>>> {
    let instances: BTreeMap<String, Instance> = describe(client, &ids(known))
        .await?
        .into_iter()
        .filter(|instance| instance.state != "terminated")
        .map(|instance| (instance.instance_id.clone(), instance))
        .collect();
    let volumes = volumes(client, instances.values()).await?;
    let credits = credits(client, instances.values()).await?;
    let mut reads = Vec::new();
    for object in known {
        reads.push(details(client, object, instances.get(&object.text("id"))));
    }
    let details = client.each(reads).await;
    let mut observed = Vec::new();
    for (object, details) in known.iter().zip(details) {
        let instance = instances.get(&object.text("id"));
        observed.push(match (instance, details?) {
            (Some(instance), Some(mut o)) => {
                observe_identity(client, instance, &mut o);
                observe_network(instance, object, &mut o);
                observe_options(instance, &mut o);
                observe_devices(instance, object, &volumes, &mut o);
                let credits = credits.get(&instance.instance_id).cloned();
                if let Some(credits) = credits {
                    o.set("credit_specification", vec![block([("cpu_credits", credits.into())])]);
                }
                Some(o)
            }
            _ => None,
        });
    }
    Ok(observed)
}

async fn volumes(
    client: &Client,
    instances: impl Iterator<Item = &Instance>,
) -> Outcome<BTreeMap<String, Volume>> {
    let ids: Vec<String> =
        instances.flat_map(|i| &i.block_devices).map(|device| device.volume_id.clone()).collect();
    let volumes = client.describe("volume-id", &ids, |ec2, filters| ec2.describe_volumes(filters)).await?;
    Ok(volumes.into_iter().map(|volume| (volume.volume_id.clone(), volume)).collect())
}

/// The credit option of burstable instances, in one call; not every region and implementation tells it.
async fn credits(
    client: &Client,
    instances: impl Iterator<Item = &Instance>,
) -> Outcome<BTreeMap<String, String>> {
    let burstable: Vec<String> = instances
        .filter(|i| ["t2.", "t3.", "t3a.", "t4g."].iter().any(|family| i.instance_type.starts_with(family)))
        .map(|i| i.instance_id.clone())
        .collect();
    let mut credits = BTreeMap::new();
    for chunk in burstable.chunks(crate::client::FILTER_LIMIT) {
        match client.call(|ec2| ec2.describe_instance_credit_specifications(chunk)).await {
            Err(failure) if failure.has_code(&["UnsupportedOperation", "InvalidInstanceID.NotFound"]) => {}
            answer => credits.extend(answer?),
        }
    }
    Ok(credits)
}

/// What must be asked for one instance at a time; none when it is gone.
async fn details(client: &Client, known: &Object, instance: Option<&Instance>) -> Outcome<Option<Observed>> {
    let Some(instance) = instance else { return Ok(None) };
    let id = &instance.instance_id;
    let mut o = Observed::default();
    let read = |(_, attribute): (&str, InstanceAttribute)| async move {
        client.call(|ec2| ec2.describe_instance_attribute(id, attribute)).await
    };
    let answers = futures::future::join_all(ATTRIBUTES.map(read)).await;
    for ((name, attribute), answer) in ATTRIBUTES.iter().zip(answers) {
        let value = match answer {
            Ok(value) => value,
            Err(failure) if failure.is_not_found() => return Ok(None),
            // Some instance types and implementations of the API do not have them all.
            Err(failure) if failure.has_code(&["UnsupportedOperation", "InvalidParameterValue"]) => continue,
            Err(failure) => return Err(failure),
        };
        if *attribute == InstanceAttribute::UserData {
            observe_user_data(value, known, &mut o);
        } else if value.is_some() {
            o.set(name, value);
        }
    }
    let password = if known.is_true("get_password_data") {
        client.call(|ec2| ec2.get_password_data(id)).await?
    } else {
        String::new()
    };
    o.set("password_data", password.trim());
    Ok(Some(o))
}

/// User data is held as it was given: as text, or as base64.
fn observe_user_data(data: Option<String>, known: &Object, o: &mut Observed) {
    use base64::Engine;
    let data = data.unwrap_or_default();
    if known.str("user_data_base64").is_some() {
        o.set("user_data_base64", data);
        return;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(&data).unwrap_or_default();
    match String::from_utf8(bytes) {
        // What is base64 in the configuration was decoded on the way to the service.
        Ok(text) if known.str("user_data").is_none_or(|known| known != data) => o.set("user_data", text),
        _ => o.set("user_data", data),
    }
}

fn observe_identity(client: &Client, instance: &Instance, o: &mut Observed) {
    o.tags = Some(instance.tags.clone());
    o.set("id", &instance.instance_id);
    o.set("arn", client.arn(&instance.owner_id, &format!("instance/{}", instance.instance_id)));
    o.set("ami", &instance.image_id);
    o.set("instance_type", &instance.instance_type);
    o.set("instance_state", &instance.state);
    o.set("instance_lifecycle", &instance.instance_lifecycle);
    o.set("spot_instance_request_id", &instance.spot_instance_request_id);
    o.set("outpost_arn", &instance.outpost_arn);
    o.set("key_name", &instance.key_name);
    let profile = instance.iam_instance_profile_arn.rsplit('/').next().unwrap_or_default();
    o.set("iam_instance_profile", profile);
    o.set("availability_zone", instance.placement.availability_zone.clone());
    o.set("tenancy", instance.placement.tenancy.clone());
    o.set("placement_group", instance.placement.group_name.clone());
    o.set("placement_partition_number", instance.placement.partition_number.or(Some(0)));
    o.set("host_id", instance.placement.host_id.clone());
    o.set("host_resource_group_arn", instance.placement.host_resource_group_arn.clone());
    o.set("ebs_optimized", instance.ebs_optimized);
    o.set("hibernation", instance.hibernation);
    o.set("monitoring", instance.monitoring);
}

fn observe_network(instance: &Instance, known: &Object, o: &mut Observed) {
    o.set("subnet_id", &instance.subnet_id);
    o.set("private_dns", &instance.private_dns_name);
    o.set("public_dns", &instance.public_dns_name);
    o.set("private_ip", &instance.private_ip_address);
    o.set("public_ip", &instance.public_ip_address);
    let configured = known.blocks("network_interface");
    let mut interfaces = Vec::new();
    for interface in &instance.network_interfaces {
        if configured.iter().any(|block| block.int("device_index") == Some(interface.device_index)) {
            interfaces.push(block([
                ("device_index", interface.device_index.into()),
                ("network_card_index", interface.network_card_index.into()),
                ("network_interface_id", (&interface.network_interface_id).into()),
                ("delete_on_termination", interface.delete_on_termination.into()),
            ]));
        }
    }
    o.set("network_interface", interfaces);
    let (ids, names): (Vec<String>, Vec<String>) = instance.security_groups.iter().cloned().unzip();
    let by_name = !known.strings("security_groups").is_empty();
    o.set("vpc_security_group_ids", ids);
    o.set("security_groups", if by_name { names } else { Vec::new() });
    match instance.network_interfaces.iter().find(|i| i.device_index == 0) {
        Some(primary) => {
            o.set("primary_network_interface_id", &primary.network_interface_id);
            o.set("secondary_private_ips", primary.secondary_private_ip_addresses.clone());
            o.set("ipv6_addresses", primary.ipv6_addresses.clone());
            o.set("ipv6_address_count", i64::try_from(primary.ipv6_addresses.len()).ok());
            o.set("enable_primary_ipv6", primary.primary_ipv6);
            // The instance and its primary interface tell the same, in AWS; not every implementation of the API does.
            o.set("source_dest_check", primary.source_dest_check && instance.source_dest_check);
            // A stopped instance has no public address and is not to be replaced for that.
            if instance.state == "running" {
                o.set(
                    "associate_public_ip_address",
                    primary.has_public_ip || !instance.public_ip_address.is_empty(),
                );
            }
        }
        None => {
            o.set("primary_network_interface_id", "");
            o.set("secondary_private_ips", Vec::<String>::new());
            o.set("ipv6_addresses", Vec::<String>::new());
            o.set("ipv6_address_count", 0);
            o.set("source_dest_check", instance.source_dest_check);
            o.set("associate_public_ip_address", !instance.public_ip_address.is_empty());
        }
    }
}

fn observe_options(instance: &Instance, o: &mut Observed) {
    let cpu = &instance.cpu_options;
    if cpu.core_count.is_some() {
        o.set("cpu_core_count", cpu.core_count);
        o.set("cpu_threads_per_core", cpu.threads_per_core);
        o.set(
            "cpu_options",
            vec![block([
                ("core_count", cpu.core_count.into()),
                ("threads_per_core", cpu.threads_per_core.into()),
                ("amd_sev_snp", cpu.amd_sev_snp.clone().into()),
            ])],
        );
    }
    o.set("enclave_options", vec![block([("enabled", instance.enclave.into())])]);
    if let Some(recovery) = &instance.maintenance_auto_recovery {
        o.set("maintenance_options", vec![block([("auto_recovery", recovery.into())])]);
    }
    if let Some(options) = &instance.metadata_options {
        o.set(
            "metadata_options",
            vec![block([
                ("http_endpoint", options.http_endpoint.clone().into()),
                ("http_protocol_ipv6", told(options.http_protocol_ipv6.as_ref())),
                ("http_put_response_hop_limit", options.http_put_response_hop_limit.into()),
                ("http_tokens", options.http_tokens.clone().into()),
                ("instance_metadata_tags", told(options.instance_metadata_tags.as_ref())),
            ])],
        );
    }
    if let Some(options) = &instance.private_dns_name_options {
        o.set(
            "private_dns_name_options",
            vec![block([
                ("hostname_type", options.hostname_type.clone().into()),
                ("enable_resource_name_dns_a_record", options.enable_resource_name_dns_a_record.into()),
                ("enable_resource_name_dns_aaaa_record", options.enable_resource_name_dns_aaaa_record.into()),
            ])],
        );
    }
    if let Some(reservation) = &instance.capacity_reservation {
        let targeted = reservation.reservation_id.is_some() || reservation.resource_group_arn.is_some();
        let target = block([
            ("capacity_reservation_id", reservation.reservation_id.clone().into()),
            ("capacity_reservation_resource_group_arn", reservation.resource_group_arn.clone().into()),
        ]);
        o.set(
            "capacity_reservation_specification",
            vec![block([
                ("capacity_reservation_preference", reservation.preference.clone().into()),
                ("capacity_reservation_target", if targeted { vec![target] } else { Vec::new() }.into()),
            ])],
        );
    }
}

/// The service leaves these out where they are off.
fn told(value: Option<&String>) -> Seen {
    value.map_or("disabled", String::as_str).into()
}

fn observe_devices(
    instance: &Instance,
    known: &Object,
    volumes: &BTreeMap<String, Volume>,
    o: &mut Observed,
) {
    let own_tags = known.map("volume_tags").is_empty();
    let known_device = |name: &str, device: &InstanceBlockDevice| {
        let blocks = known.blocks(name).into_iter();
        match name {
            "root_block_device" => blocks.into_iter().next(),
            _ => blocks.into_iter().find(|b| b.str("device_name") == Some(&device.device_name)),
        }
    };
    let (mut root, mut data) = (Vec::new(), Vec::new());
    for device in &instance.block_devices {
        let Some(volume) = volumes.get(&device.volume_id) else { continue };
        let is_root = device.device_name == instance.root_device_name;
        let (name, list) =
            if is_root { ("root_block_device", &mut root) } else { ("ebs_block_device", &mut data) };
        let mut block = observe_device(device, volume);
        if !is_root {
            block.set("snapshot_id", &volume.snapshot_id);
        }
        if own_tags {
            observe_volume_tags(volume, known_device(name, device).as_ref(), &mut block);
        }
        list.push(block);
        if is_root && !own_tags {
            o.set("volume_tags", visible(&volume.tags));
        }
    }
    o.set("root_block_device", root);
    o.set("ebs_block_device", data);
}

fn observe_device(device: &InstanceBlockDevice, volume: &Volume) -> Observed {
    block([
        ("device_name", (&device.device_name).into()),
        ("volume_id", (&device.volume_id).into()),
        ("delete_on_termination", device.delete_on_termination.into()),
        ("encrypted", volume.encrypted.into()),
        ("iops", volume.iops.or(Some(0)).into()),
        ("kms_key_id", (&volume.kms_key_id).into()),
        ("throughput", volume.throughput.or(Some(0)).into()),
        ("volume_size", volume.size.into()),
        ("volume_type", (&volume.volume_type).into()),
    ])
}

/// Tags of a volume. Those that `tags_all` has and `tags` has not come from the provider's defaults.
fn observe_volume_tags(volume: &Volume, known: Option<&Object>, block: &mut Observed) {
    let all = visible(&volume.tags);
    let (known_all, known_own) = known.map(|b| (b.map("tags_all"), b.map("tags"))).unwrap_or_default();
    let is_default = |k: &String, v: &String| known_all.get(k) == Some(v) && !known_own.contains_key(k);
    let own: Tags =
        all.iter().filter(|(k, v)| !is_default(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    block.set("tags", own);
    block.set("tags_all", all);
}

fn visible(tags: &Tags) -> Tags {
    tags.iter()
        .filter(|(key, _)| !key.starts_with("aws:") && *key != OPERATION_KEY)
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

fn block<const N: usize>(attributes: [(&'static str, Seen); N]) -> Observed {
    let mut o = Observed::default();
    for (name, seen) in attributes {
        o.set(name, seen);
    }
    o
}
