//! What only shows when all that is planned for hosts is looked at.

use std::collections::BTreeMap;

use provider::simple::Access;
use provider::{PlannedStep, Review, handovers};
use value::Value;

use super::{all, network};

/// Refuses what cannot be, and says which objects only go from one resource to another: a file that another resource of the
/// plan has must not be removed, whichever of the two comes first.
pub(crate) fn review(steps: &[PlannedStep]) -> Review {
    let types: BTreeMap<_, _> = all().into_iter().map(|resource| (resource.type_name(), resource)).collect();
    let identity = |step: &PlannedStep, object: &Value| {
        let type_name = step.address.resource.ty.as_str();
        let resource =
            types.get(type_name).filter(|resource| resource.has_host() && !resource.state_only())?;
        Some(format!("{type_name} {} {}", object.text("host")?, resource.identity(object)?))
    };
    Review { diagnostics: network::review(steps), handovers: handovers(steps, identity), ..Review::default() }
}
