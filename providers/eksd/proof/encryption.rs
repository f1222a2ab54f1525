//! The keys that secrets are encrypted with: each API server reads what another one writes.

use provider::simple::Access;
use value::{Str, Value};

use super::Plan;
use super::component::{Cluster, Component, Kind, Place};
use super::refusal::Refusal;

/// A key of an API server. Its secret may not be known yet.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: Str,
    secret: Value,
}

impl Key {
    /// The keys of an API server, the one that it writes with first.
    pub fn all(object: &Value) -> Vec<Self> {
        let key = |key: &Value| {
            Some(Self { name: key.attr_str("name")?.clone(), secret: key.attr("secret")?.clone() })
        };
        object.elements("encryption_keys").iter().filter_map(key).collect()
    }

    /// Whether it certainly is the same: a secret that is made in the apply is not one that is there, and within a plan a name
    /// stands for one of them.
    fn is(&self, other: &Self) -> bool {
        self.name == other.name
            && match (self.secret.is_known(), other.secret.is_known()) {
                (true, true) => self.secret == other.secret,
                (mine, others) => mine == others,
            }
    }
}

/// The first step after which an API server writes with a key that another one does not have.
pub fn check(plan: &Plan, cluster: &Cluster) -> Option<Refusal> {
    let servers: Vec<&Component> = cluster.of(Kind::Apiserver).collect();
    let pairs = servers.iter().flat_map(|writer| servers.iter().map(move |reader| (*writer, *reader)));
    pairs
        .filter(|(writer, reader)| !std::ptr::eq(*writer, *reader))
        .filter_map(|(writer, reader)| unread(plan, writer, reader))
        .min_by_key(|refusal| refusal.step)
}

fn unread(plan: &Plan, writer: &Component, reader: &Component) -> Option<Refusal> {
    for (w, keys) in writer.keys.iter().enumerate() {
        let Some(first) = keys.first() else { continue };
        for (r, known) in reader.keys.iter().enumerate() {
            // Without any keys secrets lie in etcd as they are, and there is no way to encryption but this one.
            if known.is_empty() || known.iter().any(|key| key.is(first)) {
                continue;
            }
            let last = |component: &Component, at: usize| Some(component.steps[at.checked_sub(1)?]);
            // What is so before the first step is not the plan's doing.
            let Some(step) = last(writer, w).max(last(reader, r)) else { continue };
            if plan.order.together((writer, Place::after(w)), (reader, Place::after(r))) {
                let has_other = known.iter().any(|key| key.name == first.name);
                return Some(refusal(step, writer, reader, first, has_other));
            }
        }
    }
    None
}

/// `has_other`: the reader has a key of that name, with another secret.
fn refusal(step: usize, writer: &Component, reader: &Component, key: &Key, has_other: bool) -> Refusal {
    let lacks = match has_other {
        true => "has another secret under that name, or one that is known only while the plan is applied",
        false => "does not have it",
    };
    Refusal {
        step,
        summary: "Plan would have secrets written that an API server cannot read",
        what: format!(
            "From this step on the {} encrypts with the key {:?}, and the one on {} {lacks}.",
            writer.name(),
            key.name,
            reader.node()
        ),
        why: "Any API server may be asked for what another one wrote, so a key is known to all before one writes with it (https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#rotating-a-decryption-key).",
        way_out: "Let encryption_keys change in three applies: the new key, under a name of its own, behind the others; the new key in front; and, once all secrets are written anew, without the old one.".to_owned(),
    }
}
