//! What instances share: key pairs, volumes, tags, images and zones.

use async_trait::async_trait;
use aws_sdk_ec2::types as sdk;
use aws_smithy_types::Blob;
use provider_aws::api::*;

use super::{Ec2, pages, send};
use crate::convert::{self, filters, ints, list, maybe, some, tag_specification, text};

#[async_trait]
impl CommonApi for Ec2 {
    async fn import_key_pair(&self, key_name: &str, public_key: &str, tags: &Tags) -> ApiResult<KeyPair> {
        let request = self
            .client
            .import_key_pair()
            .key_name(key_name)
            .public_key_material(Blob::new(public_key))
            .set_tag_specifications(tag_specification(sdk::ResourceType::KeyPair, tags));
        let answer = send!(self, "ImportKeyPair", request)?;
        Ok(KeyPair {
            key_pair_id: text(&answer.key_pair_id),
            key_name: text(&answer.key_name),
            fingerprint: text(&answer.key_fingerprint),
            tags: tags.clone(),
            ..KeyPair::default()
        })
    }

    async fn delete_key_pair(&self, key_name: &str) -> ApiResult<()> {
        send!(self, "DeleteKeyPair", self.client.delete_key_pair().key_name(key_name))?;
        Ok(())
    }

    async fn describe_key_pairs(&self, wanted: &[Filter]) -> ApiResult<Vec<KeyPair>> {
        let request = self.client.describe_key_pairs().set_filters(filters(wanted)).include_public_key(true);
        let answer = send!(self, "DescribeKeyPairs", request)?;
        Ok(list(&answer.key_pairs, convert::key_pair))
    }

    async fn describe_volumes(&self, wanted: &[Filter]) -> ApiResult<Vec<Volume>> {
        let request = self.client.describe_volumes().set_filters(filters(wanted));
        Ok(pages!(self, "DescribeVolumes", request)?.iter().map(convert::volume).collect())
    }

    async fn modify_volume(&self, id: &str, change: &VolumeChange) -> ApiResult<()> {
        let request = self
            .client
            .modify_volume()
            .volume_id(id)
            .set_size(ints(change.size))
            .set_volume_type(change.volume_type.as_deref().map(Into::into))
            .set_iops(ints(change.iops))
            .set_throughput(ints(change.throughput));
        send!(self, "ModifyVolume", request)?;
        Ok(())
    }

    async fn describe_volume_modification(&self, id: &str) -> ApiResult<Option<String>> {
        let wanted = [Filter::new("volume-id", [id])];
        let request = self.client.describe_volumes_modifications().set_filters(filters(&wanted));
        let found = pages!(self, "DescribeVolumesModifications", request)?;
        Ok(found
            .iter()
            .find(|m| m.volume_id.as_deref() == Some(id))
            .and_then(|m| maybe(&m.modification_state)))
    }

    async fn create_tags(&self, ids: &[String], tags: &Tags) -> ApiResult<()> {
        send!(
            self,
            "CreateTags",
            self.client
                .create_tags()
                .set_resources(Some(ids.to_vec()))
                .set_tags(Some(convert::sdk_tags(tags)))
        )?;
        Ok(())
    }

    async fn delete_tags(&self, ids: &[String], keys: &[String]) -> ApiResult<()> {
        // By key alone: whatever the value has become.
        let tags = keys.iter().map(|key| sdk::Tag::builder().key(key).build()).collect();
        let request = self.client.delete_tags().set_resources(Some(ids.to_vec())).set_tags(Some(tags));
        send!(self, "DeleteTags", request)?;
        Ok(())
    }

    async fn describe_images(&self, r: &DescribeImages) -> ApiResult<Vec<Image>> {
        let request = self
            .client
            .describe_images()
            .set_executable_users(some(r.executable_users.clone()))
            .set_owners(some(r.owners.clone()))
            .set_include_deprecated(r.include_deprecated.then_some(true))
            .set_filters(filters(&r.filters));
        Ok(pages!(self, "DescribeImages", request)?.iter().map(convert::image).collect())
    }

    async fn describe_availability_zones(
        &self,
        wanted: &[Filter],
        scope: ZoneScope,
    ) -> ApiResult<Vec<AvailabilityZone>> {
        let request = self
            .client
            .describe_availability_zones()
            .set_filters(filters(wanted))
            .set_all_availability_zones((scope == ZoneScope::All).then_some(true));
        let answer = send!(self, "DescribeAvailabilityZones", request)?;
        Ok(list(&answer.availability_zones, convert::availability_zone))
    }
}
