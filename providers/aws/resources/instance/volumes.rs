//! Block devices of an instance: at launch, in plans, and the changes that volumes take while in use.

use std::time::Duration;

use diag::Diagnostics;
use value::{Kind, Value};

use super::describe_one;
use crate::api::{BlockDevice, EbsDevice, InstanceChange, Tags, VolumeChange};
use crate::client::{Client, Poll};
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::plan::Planning;
use crate::tags;
use crate::validate as check;

const BLOCKS: [&str; 2] = ["root_block_device", "ebs_block_device"];
const VISIBLE_LIMIT: Duration = Duration::from_mins(2);

/// What stands for the root device in a launch request before the image tells its name. The service takes the name of
/// the image's root device only, which the caller must fill in.
pub const ROOT: &str = "";

pub fn validate(block: &str, device: &Object, diagnostics: &mut Diagnostics) {
    let Some(kind) = device.str("volume_type") else { return };
    check::one_of(
        device,
        "volume_type",
        &["standard", "gp2", "gp3", "io1", "io2", "sc1", "st1"],
        diagnostics,
    );
    if device.positive("iops").is_some() && !matches!(kind, "gp3" | "io1" | "io2") {
        let detail = format!(
            "creating resource: iops attribute not supported for {block} with volume_type \"{kind}\""
        );
        check::refuse(diagnostics, block, detail);
    }
    if device.positive("throughput").is_some() && kind != "gp3" {
        let detail = format!(
            "creating resource: throughput attribute not supported for {block} with volume_type \"{kind}\""
        );
        check::refuse(diagnostics, block, detail);
    }
}

/// The devices of a launch; the root one under the name [`ROOT`].
pub fn request(planned: &Object) -> Outcome<Vec<BlockDevice>> {
    let ebs = |block: &Object| EbsDevice {
        delete_on_termination: block.bool("delete_on_termination"),
        encrypted: block.bool("encrypted").filter(|on| *on),
        iops: block.positive("iops"),
        kms_key_id: block.string("kms_key_id"),
        snapshot_id: block.string("snapshot_id"),
        throughput: block.positive("throughput"),
        volume_size: block.positive("volume_size"),
        volume_type: block.string("volume_type"),
    };
    let root = planned.blocks("root_block_device").into_iter().map(|block| BlockDevice {
        device_name: ROOT.to_owned(),
        ebs: Some(ebs(&block)),
        ..BlockDevice::default()
    });
    let data = planned.blocks("ebs_block_device").into_iter().map(|block| BlockDevice {
        device_name: block.text("device_name"),
        ebs: Some(ebs(&block)),
        ..BlockDevice::default()
    });
    let ephemeral = planned.blocks("ephemeral_block_device").into_iter().map(|block| BlockDevice {
        device_name: block.text("device_name"),
        virtual_name: block.string("virtual_name"),
        no_device: block.is_true("no_device"),
        ebs: None,
    });
    Ok(root.chain(data).chain(ephemeral).collect())
}

/// Plans what the rules cannot say: tags of volumes, replacement for data volumes, and numbers the service derives.
pub fn adjust_plan(planning: &mut Planning<'_>) {
    plan_volume_tags(planning);
    plan_root(planning);
    if data_volumes_change(planning) {
        planning.require_replace("ebs_block_device");
    }
}

/// `tags_all` of configured devices. With `volume_tags` the devices' own tags are not used.
fn plan_volume_tags(planning: &mut Planning<'_>) {
    if check::is_given(&planning.config, "volume_tags") || planning.config.is_unknown("volume_tags") {
        return;
    }
    for block in BLOCKS {
        let configured =
            planning.config.get(block).and_then(Value::items).is_some_and(|items| !items.is_empty());
        let Some(devices) = planning.planned.get(block).filter(|_| configured).cloned() else { continue };
        let tagged = |device: &Value| {
            let all = planning.tags.planned_all(device.attr("tags").unwrap_or(device));
            match device.attr("tags_all") {
                Some(prior) if crate::object::same(prior, &all) => device.clone(),
                _ => device.with_attr("tags_all", all),
            }
        };
        let devices = match devices.kind() {
            Kind::List(s) => Value::list(s.element().clone(), s.items().iter().map(tagged).collect()),
            Kind::Set(s) => Value::set(s.element().clone(), s.items().iter().map(tagged).collect()),
            _ => continue,
        };
        planning.set(block, devices);
    }
}

/// A volume of another type or size may get other iops and throughput where the configuration does not say.
fn plan_root(planning: &mut Planning<'_>) {
    let Some(prior) = planning.prior.as_ref().and_then(|p| p.block("root_block_device")) else { return };
    let (Some(planned), Some(config)) =
        (planning.planned.block("root_block_device"), planning.config.block("root_block_device"))
    else {
        return;
    };
    if ["volume_type", "volume_size"].iter().all(|name| prior.get(name) == planned.get(name)) {
        return;
    }
    let mut changed = planned.clone();
    for name in ["iops", "throughput"] {
        if let Some(ty) = changed.get(name).map(Value::ty).filter(|_| !config.is_set(name)) {
            changed = changed.with(name, Value::unknown(ty));
        }
    }
    let element = changed.value().ty();
    planning.set("root_block_device", Value::list(element, vec![changed.into_value()]));
}

/// Data volumes cannot be changed through the instance, apart from their tags.
fn data_volumes_change(planning: &Planning<'_>) -> bool {
    let Some(prior) = &planning.prior else { return false };
    let without_tags = |object: &Object| -> Vec<Value> {
        let null = |ty: Option<&Value>| ty.map_or_else(Value::dynamic, |v| Value::null(v.ty()));
        object
            .blocks("ebs_block_device")
            .iter()
            .map(|b| {
                let (tags, all) = (null(b.get("tags")), null(b.get("tags_all")));
                b.with("tags", tags).with("tags_all", all).into_value()
            })
            .collect()
    };
    let (before, after) = (without_tags(prior), without_tags(&planning.planned));
    before.len() != after.len()
        || !after.iter().all(|device| before.iter().any(|b| b == device || crate::object::same(b, device)))
}

/// Tags the volumes of a new instance as their devices say.
pub async fn tag_new(client: &Client, created: &Object) -> Outcome<()> {
    update_tags(client, None, created).await
}

/// Brings the tags of volumes to what is planned: those of `volume_tags` for all, or each device's own.
pub async fn update_tags(client: &Client, prior: Option<&Object>, planned: &Object) -> Outcome<()> {
    let wanted = |object: &Object| -> Vec<(String, Tags)> {
        let all = |block: &str| {
            object
                .blocks(block)
                .into_iter()
                .map(|b| (b.text("device_name"), b.map("tags_all")))
                .collect::<Vec<_>>()
        };
        let root = all("root_block_device").into_iter().map(|(_, tags)| (ROOT.to_owned(), tags));
        root.chain(all("ebs_block_device")).collect()
    };
    let before = prior.map(wanted).unwrap_or_default();
    let was =
        |device: &str| before.iter().find(|(d, _)| d == device).map(|(_, t)| t.clone()).unwrap_or_default();
    let mut changes: Vec<(String, Tags, Vec<String>)> = wanted(planned)
        .into_iter()
        .map(|(device, tags)| {
            let (changed, removed) = tags::difference(&was(&device), &tags);
            (device, changed, removed)
        })
        .filter(|(_, changed, removed)| !changed.is_empty() || !removed.is_empty())
        .collect();
    let volume_tags =
        prior.map(|prior| tags::difference(&prior.map("volume_tags"), &planned.map("volume_tags")));
    let shared = volume_tags.filter(|(changed, removed)| !changed.is_empty() || !removed.is_empty());
    if changes.is_empty() && shared.is_none() {
        return Ok(());
    }
    let id = planned.text("id");
    let Some(instance) = describe_one(client, &id).await? else { return Ok(()) };
    if let Some((changed, removed)) = shared {
        let devices = instance.block_devices.iter().map(|d| d.device_name.clone());
        changes.extend(devices.map(|device| (device, changed.clone(), removed.clone())));
    }
    for (device, changed, removed) in changes {
        let name = if device == ROOT { instance.root_device_name.as_str() } else { device.as_str() };
        let volume =
            instance.block_devices.iter().find(|d| d.device_name == name).map(|d| d.volume_id.clone());
        let volumes: Vec<String> = volume.into_iter().collect();
        if !volumes.is_empty() && !removed.is_empty() {
            client.call(|ec2| ec2.delete_tags(&volumes, &removed)).await?;
        }
        if !volumes.is_empty() && !changed.is_empty() {
            let codes = &["InvalidVolume.NotFound"];
            client.retry_codes(VISIBLE_LIMIT, codes, |ec2| ec2.create_tags(&volumes, &changed)).await?;
        }
    }
    Ok(())
}

/// Changes the root volume while it is in use, and whether it goes with the instance.
pub async fn update_root(client: &Client, prior: &Object, planned: &Object, limit: Duration) -> Outcome<()> {
    let (Some(before), Some(after)) = (prior.block("root_block_device"), planned.block("root_block_device"))
    else {
        return Ok(());
    };
    let changed_int = |name: &str| after.positive(name).filter(|n| before.int(name) != Some(*n));
    let change = VolumeChange {
        size: changed_int("volume_size"),
        volume_type: after.string("volume_type").filter(|kind| before.str("volume_type") != Some(kind)),
        iops: changed_int("iops"),
        throughput: changed_int("throughput"),
    };
    let volume = before.text("volume_id");
    if change != VolumeChange::default() {
        client.call(|ec2| ec2.modify_volume(&volume, &change)).await?;
        wait_modified(client, &volume, limit).await?;
    }
    if let Some(value) =
        after.bool("delete_on_termination").filter(|v| before.bool("delete_on_termination") != Some(*v))
    {
        let device_name = before.text("device_name");
        let change = InstanceChange::DeleteOnTermination { device_name, value };
        let id = prior.text("id");
        client.call(|ec2| ec2.modify_instance_attribute(&id, &change)).await?;
    }
    Ok(())
}

/// A volume can be used as changed from `optimizing` on.
async fn wait_modified(client: &Client, volume: &str, limit: Duration) -> Outcome<()> {
    let what = format!("EBS Volume ({volume}) to be modified");
    client
        .wait(&what, limit, || async {
            let state = client.call(|ec2| ec2.describe_volume_modification(volume)).await?;
            match state.as_deref() {
                None | Some("optimizing" | "completed") => Ok(Poll::Done(())),
                Some("failed") => Err(Failure::Unexpected { what: what.clone(), state: "failed".into() }),
                Some(other) => Ok(Poll::Pending(other.to_owned())),
            }
        })
        .await
}
