//! Volumes, images and what they are mapped to.

use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

use super::{ints, list, maybe, number, tags, text};

pub fn volume(v: &sdk::Volume) -> Volume {
    Volume {
        volume_id: text(&v.volume_id),
        size: number(v.size).unwrap_or(0),
        volume_type: text(&v.volume_type),
        iops: number(v.iops),
        throughput: number(v.throughput),
        encrypted: v.encrypted.unwrap_or(false),
        kms_key_id: text(&v.kms_key_id),
        snapshot_id: text(&v.snapshot_id),
        state: text(&v.state),
        tags: tags(&v.tags),
    }
}

pub fn image(i: &sdk::Image) -> Image {
    Image {
        image_id: text(&i.image_id),
        name: text(&i.name),
        description: text(&i.description),
        architecture: text(&i.architecture),
        block_devices: list(&i.block_device_mappings, block_device),
        boot_mode: text(&i.boot_mode),
        creation_date: text(&i.creation_date),
        deprecation_time: text(&i.deprecation_time),
        ena_support: i.ena_support.unwrap_or(false),
        hypervisor: text(&i.hypervisor),
        image_location: text(&i.image_location),
        image_owner_alias: text(&i.image_owner_alias),
        image_type: text(&i.image_type),
        imds_support: text(&i.imds_support),
        kernel_id: text(&i.kernel_id),
        last_launched_time: text(&i.last_launched_time),
        owner_id: text(&i.owner_id),
        platform: text(&i.platform),
        platform_details: text(&i.platform_details),
        product_codes: list(&i.product_codes, |c| (text(&c.product_code_id), text(&c.product_code_type))),
        public: i.public.unwrap_or(false),
        ramdisk_id: text(&i.ramdisk_id),
        root_device_name: text(&i.root_device_name),
        root_device_type: text(&i.root_device_type),
        sriov_net_support: text(&i.sriov_net_support),
        state: text(&i.state),
        state_reason: i.state_reason.as_ref().map(|r| (text(&r.code), text(&r.message))),
        tags: tags(&i.tags),
        tpm_support: text(&i.tpm_support),
        usage_operation: text(&i.usage_operation),
        virtualization_type: text(&i.virtualization_type),
    }
}

fn block_device(d: &sdk::BlockDeviceMapping) -> BlockDevice {
    BlockDevice {
        device_name: text(&d.device_name),
        virtual_name: maybe(&d.virtual_name),
        no_device: d.no_device.is_some(),
        ebs: d.ebs.as_ref().map(|e| EbsDevice {
            delete_on_termination: e.delete_on_termination,
            encrypted: e.encrypted,
            iops: number(e.iops),
            kms_key_id: maybe(&e.kms_key_id),
            snapshot_id: maybe(&e.snapshot_id),
            throughput: number(e.throughput),
            volume_size: number(e.volume_size),
            volume_type: maybe(&e.volume_type),
        }),
    }
}

pub fn sdk_block_device(d: &BlockDevice) -> sdk::BlockDeviceMapping {
    let ebs = d.ebs.as_ref().map(|e| {
        sdk::EbsBlockDevice::builder()
            .set_delete_on_termination(e.delete_on_termination)
            .set_encrypted(e.encrypted)
            .set_iops(ints(e.iops))
            .set_kms_key_id(e.kms_key_id.clone())
            .set_snapshot_id(e.snapshot_id.clone())
            .set_throughput(ints(e.throughput))
            .set_volume_size(ints(e.volume_size))
            .set_volume_type(e.volume_type.as_deref().map(Into::into))
            .build()
    });
    sdk::BlockDeviceMapping::builder()
        .device_name(&d.device_name)
        .set_virtual_name(d.virtual_name.clone())
        .set_no_device(d.no_device.then(String::new))
        .set_ebs(ebs)
        .build()
}
