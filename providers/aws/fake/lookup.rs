//! What can be looked up in the fake.

use super::World;
use crate::api::*;

impl World {
    pub fn images(&mut self, _request: &DescribeImages) -> Vec<Image> {
        vec![Image {
            image_id: "ami-1".into(),
            root_device_name: "/dev/xvda".into(),
            creation_date: "2024-01-01T00:00:00.000Z".into(),
            name: "debian-12".into(),
            ..Image::default()
        }]
    }

    pub fn zones(&mut self, _filters: &[Filter], _all_zones: ZoneScope) -> Vec<AvailabilityZone> {
        ["us-east-1b", "us-east-1a"]
            .map(|name| AvailabilityZone {
                zone_name: name.into(),
                zone_id: name.replace("us-east-", "use1-az"),
                group_name: "us-east-1".into(),
                state: "available".into(),
            })
            .to_vec()
    }
}
