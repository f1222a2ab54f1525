//! An EC2 in memory, for tests: it behaves as the service does where the provider depends on it, and every fault the
//! provider must bear can be injected.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::api::*;
use crate::retry::Timer;

mod ec2;
mod instances;
mod lookup;
mod network;
mod security;

pub const OWNER: &str = "123456789012";

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused, nothing done: slow down.
    Throttled,
    /// Carried out, but the answer never arrives.
    AnswerLost,
    /// Not carried out, and no answer either.
    RequestLost,
    /// Refused with this code.
    Refused(&'static str),
}

#[derive(Default)]
pub struct Fake {
    world: Mutex<World>,
}

#[derive(Default)]
pub struct World {
    last_id: u64,
    pub calls: BTreeMap<&'static str, usize>,
    faults: Vec<(&'static str, Fault)>,
    /// For how many more descriptions a new object stays invisible.
    pub latency: usize,
    hidden: BTreeMap<String, usize>,
    pub vpcs: BTreeMap<String, (Vpc, BTreeMap<VpcAttribute, bool>)>,
    pub subnets: BTreeMap<String, Subnet>,
    pub gateways: BTreeMap<String, InternetGateway>,
    pub tables: BTreeMap<String, RouteTable>,
    pub groups: BTreeMap<String, SecurityGroup>,
    pub rules: BTreeMap<String, SecurityGroupRule>,
    pub keys: BTreeMap<String, KeyPair>,
    pub instances: BTreeMap<String, Instance>,
    pub attributes: BTreeMap<(String, InstanceAttribute), String>,
    pub volumes: BTreeMap<String, Volume>,
    pub interfaces: BTreeMap<String, NetworkInterface>,
}

impl Fake {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next call of an operation fail.
    pub fn fail(&self, operation: &'static str, fault: Fault) {
        self.world().faults.push((operation, fault));
    }

    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }

    pub fn calls(&self, operation: &str) -> usize {
        self.world().calls.get(operation).copied().unwrap_or(0)
    }

    /// Counts the call, makes it fail if it shall, or does it.
    fn act<T>(&self, operation: &'static str, work: impl FnOnce(&mut World) -> ApiResult<T>) -> ApiResult<T> {
        let mut world = self.world();
        *world.calls.entry(operation).or_default() += 1;
        let fault = world.faults.iter().position(|(name, _)| *name == operation);
        match fault.map(|at| world.faults.remove(at).1) {
            None => work(&mut world).map_err(|error| ApiError { operation, ..error }),
            Some(Fault::Throttled) => Err(ApiError { operation, ..refused("RequestLimitExceeded") }),
            Some(Fault::Refused(code)) => Err(ApiError { operation, ..refused(code) }),
            Some(Fault::RequestLost) => Err(ApiError { operation, ..lost() }),
            Some(Fault::AnswerLost) => {
                work(&mut world).map_err(|error| ApiError { operation, ..error })?;
                Err(ApiError { operation, ..lost() })
            }
        }
    }
}

impl World {
    fn new_id(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        let id = format!("{prefix}-{:08x}", self.last_id);
        if self.latency > 0 {
            self.hidden.insert(id.clone(), self.latency);
        }
        id
    }

    /// The objects that match and are visible by now.
    fn described<T: Clone>(
        &mut self,
        objects: Vec<(String, T)>,
        filters: &[Filter],
        property: impl Fn(&T, &str) -> Vec<String>,
    ) -> Vec<T> {
        objects
            .into_iter()
            .filter(|(id, _)| !self.is_hidden(id))
            .filter(|(_, object)| {
                filters
                    .iter()
                    .all(|filter| property(object, &filter.name).iter().any(|v| filter.values.contains(v)))
            })
            .map(|(_, object)| object)
            .collect()
    }

    fn is_hidden(&mut self, id: &str) -> bool {
        match self.hidden.get_mut(id) {
            Some(0) | None => false,
            Some(count) => {
                *count -= 1;
                true
            }
        }
    }

    /// The tags of any object that can be tagged.
    pub fn tags_of(&mut self, id: &str) -> Option<&mut Tags> {
        let by_key_id = self.keys.values_mut().find(|k| k.key_pair_id == id).map(|k| &mut k.tags);
        self.vpcs
            .get_mut(id)
            .map(|v| &mut v.0.tags)
            .or(self.subnets.get_mut(id).map(|o| &mut o.tags))
            .or(self.gateways.get_mut(id).map(|o| &mut o.tags))
            .or(self.tables.get_mut(id).map(|o| &mut o.tags))
            .or(self.groups.get_mut(id).map(|o| &mut o.tags))
            .or(self.rules.get_mut(id).map(|o| &mut o.tags))
            .or(self.instances.get_mut(id).map(|o| &mut o.tags))
            .or(self.volumes.get_mut(id).map(|o| &mut o.tags))
            .or(by_key_id)
    }
}

/// What a filter on tags looks at, if it is one.
fn tag_values(tags: &Tags, filter: &str) -> Option<Vec<String>> {
    Some(tags.get(filter.strip_prefix("tag:")?).cloned().into_iter().collect())
}

pub fn refused(code: &str) -> ApiError {
    ApiError {
        service: "EC2",
        operation: "",
        kind: ApiErrorKind::Service { status: 400 },
        code: code.to_owned(),
        message: format!("injected {code}"),
        request_id: Some("00000000-1111-2222-3333-444444444444".into()),
    }
}

fn lost() -> ApiError {
    ApiError {
        service: "EC2",
        operation: "",
        kind: ApiErrorKind::AnswerLost,
        code: String::new(),
        message: "connection reset".into(),
        request_id: None,
    }
}

fn found<T>(object: Option<T>, code: &str) -> ApiResult<T> {
    object.ok_or_else(|| refused(code))
}

/// A clock that a sleep moves on at once.
#[derive(Default)]
pub struct VirtualTimer(Mutex<Duration>);

#[async_trait]
impl Timer for VirtualTimer {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
        tokio::task::yield_now().await;
    }
}

/// A clock that never gets anywhere: whoever sleeps waits for the stop.
pub struct StoppedTimer;

#[async_trait]
impl Timer for StoppedTimer {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _duration: Duration) {
        std::future::pending::<()>().await;
    }
}

#[async_trait]
impl StsApi for Fake {
    async fn get_caller_identity(&self) -> ApiResult<CallerIdentity> {
        self.act("GetCallerIdentity", |_| {
            Ok(CallerIdentity {
                account: OWNER.into(),
                arn: format!("arn:aws:iam::{OWNER}:user/test"),
                user_id: "AIDACKCEVSQ6C2EXAMPLE".into(),
            })
        })
    }
}
