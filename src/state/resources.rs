use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use addrs::AbsResource;

use crate::state::ResourceState;

/// The resources of a state, by address. Clones are shared until one is changed, and then still share every resource that
/// is not: an operation keeps several states that differ in little.
#[derive(Clone, Debug, Default)]
pub struct Resources(Arc<Map>);

type Map = BTreeMap<AbsResource, Arc<ResourceState>>;

impl Deref for Resources {
    type Target = Map;

    fn deref(&self) -> &Map {
        &self.0
    }
}

impl DerefMut for Resources {
    fn deref_mut(&mut self) -> &mut Map {
        Arc::make_mut(&mut self.0)
    }
}

impl PartialEq for Resources {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<'a> IntoIterator for &'a Resources {
    type Item = (&'a AbsResource, &'a Arc<ResourceState>);
    type IntoIter = std::collections::btree_map::Iter<'a, AbsResource, Arc<ResourceState>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
