//! Between the SDK's types and the provider's.
#![expect(clippy::ref_option, reason = "fields of the SDK's structures are handed over as they are")]

mod instance;
mod network;
mod security;
mod storage;

use aws_sdk_ec2::types as sdk;
use provider_aws::api::*;

pub use instance::{
    instance, ipv6_address, network_interface, sdk_capacity_reservation, sdk_interface, sdk_placement,
};
pub use network::{internet_gateway, network_acl, route_table, subnet, subnet_ipv6, vpc, vpc_ipv6};
pub use security::{sdk_permission, security_group, security_group_rule};
pub use storage::{image, sdk_block_device, volume};

/// The text of an enum or string, empty where there is none.
pub fn text<T: AsRef<str>>(value: &Option<T>) -> String {
    maybe(value).unwrap_or_default()
}

/// The text of an enum or string, if there is any.
pub fn maybe<T: AsRef<str>>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(|v| v.as_ref().to_owned()).filter(|v| !v.is_empty())
}

pub fn int(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX })
}

pub fn ints(n: Option<i64>) -> Option<i32> {
    n.map(int)
}

fn number(n: Option<i32>) -> Option<i64> {
    n.map(i64::from)
}

/// The items, or none where there are none.
pub fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

/// The items of a list that may be absent, converted.
pub fn list<A, B>(items: &Option<Vec<A>>, convert: impl Fn(&A) -> B) -> Vec<B> {
    items.iter().flatten().map(convert).collect()
}

pub fn filters(filters: &[Filter]) -> Option<Vec<sdk::Filter>> {
    let filter = |f: &Filter| sdk::Filter::builder().name(&f.name).set_values(Some(f.values.clone())).build();
    some(filters.iter().map(filter).collect())
}

pub fn tags(tags: &Option<Vec<sdk::Tag>>) -> Tags {
    tags.iter().flatten().map(|tag| (text(&tag.key), text(&tag.value))).collect()
}

pub fn sdk_tags(tags: &Tags) -> Vec<sdk::Tag> {
    tags.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).collect()
}

pub fn tag_specification(kind: sdk::ResourceType, tags: &Tags) -> Option<Vec<sdk::TagSpecification>> {
    (!tags.is_empty()).then(|| {
        vec![sdk::TagSpecification::builder().resource_type(kind).set_tags(Some(sdk_tags(tags))).build()]
    })
}

pub fn key_pair(k: &sdk::KeyPairInfo) -> KeyPair {
    KeyPair {
        key_pair_id: text(&k.key_pair_id),
        key_name: text(&k.key_name),
        key_type: text(&k.key_type),
        fingerprint: text(&k.key_fingerprint),
        public_key: text(&k.public_key),
        tags: tags(&k.tags),
    }
}

pub fn availability_zone(z: &sdk::AvailabilityZone) -> AvailabilityZone {
    AvailabilityZone {
        zone_name: text(&z.zone_name),
        zone_id: text(&z.zone_id),
        group_name: text(&z.group_name),
        state: text(&z.state),
    }
}
