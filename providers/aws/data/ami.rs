//! `data "aws_ami"`

use async_trait::async_trait;
use diag::Diagnostics;
use regex::Regex;

use super::{DataSource, filters};
use crate::api::{BlockDevice, DescribeImages, Image, Tags};
use crate::client::Client;
use crate::failure::{Failure, Outcome};
use crate::object::Object;
use crate::observed::Observed;
use crate::validate;

pub struct Ami;

#[async_trait]
impl DataSource for Ami {
    fn type_name(&self) -> &'static str {
        "aws_ami"
    }

    fn noun(&self) -> &'static str {
        "EC2 AMI"
    }

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        if let Some(text) = config.str("name_regex")
            && let Err(error) = Regex::new(text)
        {
            validate::refuse(diagnostics, "name_regex", format!("\"name_regex\": {error}"));
        }
    }

    async fn read(&self, client: &Client, config: &Object) -> Outcome<Observed> {
        let request = DescribeImages {
            executable_users: config.strings("executable_users"),
            owners: config.strings("owners"),
            include_deprecated: config.is_true("include_deprecated"),
            filters: filters(config),
        };
        let mut images = client.call(|ec2| ec2.describe_images(&request)).await?;
        if let Some(text) = config.str("name_regex") {
            let pattern = Regex::new(text).map_err(|error| Failure::Other(error.to_string()))?;
            images.retain(|image| pattern.is_match(&image.name));
        }
        let image = choose(images, config.is_true("most_recent"))?;
        Ok(observe(client, &image))
    }
}

fn choose(mut images: Vec<Image>, most_recent: bool) -> Outcome<Image> {
    if images.len() > 1 && !most_recent {
        return Err(Failure::Other(
            "Your query returned more than one result. Please try a more specific search criteria, or set \
             `most_recent` attribute to true."
                .into(),
        ));
    }
    // Dates are in one format of RFC 3339, so text order is time order; the id makes the choice certain.
    images.sort_by(|a, b| (&b.creation_date, &a.image_id).cmp(&(&a.creation_date, &b.image_id)));
    let none = "Your query returned no results. Please change your search criteria and try again.";
    images.into_iter().next().ok_or_else(|| Failure::Other(none.into()))
}

fn observe(client: &Client, image: &Image) -> Observed {
    let mut o = Observed::tagged(&image.tags);
    o.set("id", &image.image_id);
    o.set("image_id", &image.image_id);
    o.set("arn", client.arn("", &format!("image/{}", image.image_id)));
    o.set("architecture", &image.architecture);
    o.set("boot_mode", &image.boot_mode);
    o.set("creation_date", &image.creation_date);
    o.set("deprecation_time", &image.deprecation_time);
    o.set("description", &image.description);
    o.set("ena_support", image.ena_support);
    o.set("hypervisor", &image.hypervisor);
    o.set("image_location", &image.image_location);
    o.set("image_owner_alias", &image.image_owner_alias);
    o.set("image_type", &image.image_type);
    o.set("imds_support", &image.imds_support);
    o.set("kernel_id", &image.kernel_id);
    o.set("last_launched_time", &image.last_launched_time);
    o.set("name", &image.name);
    o.set("owner_id", &image.owner_id);
    o.set("platform", &image.platform);
    o.set("platform_details", &image.platform_details);
    o.set("public", image.public);
    o.set("ramdisk_id", &image.ramdisk_id);
    o.set("root_device_name", &image.root_device_name);
    o.set("root_device_type", &image.root_device_type);
    o.set("root_snapshot_id", root_snapshot(image));
    o.set("sriov_net_support", &image.sriov_net_support);
    o.set("state", &image.state);
    o.set("tpm_support", &image.tpm_support);
    o.set("usage_operation", &image.usage_operation);
    o.set("virtualization_type", &image.virtualization_type);
    o.set("block_device_mappings", image.block_devices.iter().map(device).collect::<Vec<_>>());
    let codes = image.product_codes.iter().map(|(id, kind)| {
        let mut code = Observed::default();
        code.set("product_code_id", id);
        code.set("product_code_type", kind);
        code
    });
    o.set("product_codes", codes.collect::<Vec<_>>());
    let reason = image.state_reason.clone().unwrap_or_else(|| ("UNSET".into(), "UNSET".into()));
    o.set("state_reason", Tags::from([("code".into(), reason.0), ("message".into(), reason.1)]));
    o
}

fn root_snapshot(image: &Image) -> Option<String> {
    let root = image.block_devices.iter().find(|device| device.device_name == image.root_device_name)?;
    root.ebs.as_ref()?.snapshot_id.clone()
}

fn device(device: &BlockDevice) -> Observed {
    let mut o = Observed::default();
    o.set("device_name", &device.device_name);
    o.set("no_device", if device.no_device { "true" } else { "" });
    o.set("virtual_name", device.virtual_name.clone());
    let ebs = device.ebs.clone().unwrap_or_default();
    let flag = |on: Option<bool>| on.unwrap_or(false).to_string();
    let number = |n: Option<i64>| n.unwrap_or(0).to_string();
    if device.ebs.is_some() {
        o.set(
            "ebs",
            Tags::from([
                ("delete_on_termination".into(), flag(ebs.delete_on_termination)),
                ("encrypted".into(), flag(ebs.encrypted)),
                ("iops".into(), number(ebs.iops)),
                ("snapshot_id".into(), ebs.snapshot_id.unwrap_or_default()),
                ("throughput".into(), number(ebs.throughput)),
                ("volume_size".into(), number(ebs.volume_size)),
                ("volume_type".into(), ebs.volume_type.unwrap_or_default()),
            ]),
        );
    }
    o
}
