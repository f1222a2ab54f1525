//! What instances share: key pairs, volumes, tags, images and zones.

use async_trait::async_trait;

use crate::api::*;
use crate::fake::{Fake, found};

#[async_trait]
impl CommonApi for Fake {
    async fn import_key_pair(&self, key_name: &str, public_key: &str, tags: &Tags) -> ApiResult<KeyPair> {
        self.act("ImportKeyPair", |world| world.import_key(key_name, public_key, tags))
    }

    async fn delete_key_pair(&self, key_name: &str) -> ApiResult<()> {
        self.act("DeleteKeyPair", |world| {
            world.keys.remove(key_name);
            Ok(())
        })
    }

    async fn describe_key_pairs(&self, filters: &[Filter]) -> ApiResult<Vec<KeyPair>> {
        self.act("DescribeKeyPairs", |world| {
            let all = world.keys.clone().into_iter().collect();
            Ok(world.described(all, filters, |key, _| vec![key.key_name.clone()]))
        })
    }

    async fn describe_volumes(&self, filters: &[Filter]) -> ApiResult<Vec<Volume>> {
        self.act("DescribeVolumes", |world| {
            let all = world.volumes.clone().into_iter().collect();
            Ok(world.described(all, filters, |volume, _| vec![volume.volume_id.clone()]))
        })
    }

    async fn modify_volume(&self, volume_id: &str, change: &VolumeChange) -> ApiResult<()> {
        self.act("ModifyVolume", |world| world.modify_volume(volume_id, change))
    }

    async fn describe_volume_modification(&self, volume_id: &str) -> ApiResult<Option<String>> {
        self.act("DescribeVolumeModification", |world| {
            found(world.volumes.get(volume_id), "InvalidVolume.NotFound")?;
            Ok(Some("optimizing".into()))
        })
    }

    async fn create_tags(&self, ids: &[String], tags: &Tags) -> ApiResult<()> {
        self.act("CreateTags", |world| {
            for id in ids {
                found(world.tags_of(id), "InvalidID.NotFound")?.extend(tags.clone());
            }
            Ok(())
        })
    }

    async fn delete_tags(&self, ids: &[String], keys: &[String]) -> ApiResult<()> {
        self.act("DeleteTags", |world| {
            for id in ids {
                found(world.tags_of(id), "InvalidID.NotFound")?.retain(|key, _| !keys.contains(key));
            }
            Ok(())
        })
    }

    async fn describe_images(&self, request: &DescribeImages) -> ApiResult<Vec<Image>> {
        self.act("DescribeImages", |world| Ok(world.images(request)))
    }

    async fn describe_availability_zones(
        &self,
        filters: &[Filter],
        all_zones: ZoneScope,
    ) -> ApiResult<Vec<AvailabilityZone>> {
        self.act("DescribeAvailabilityZones", |world| Ok(world.zones(filters, all_zones)))
    }
}
