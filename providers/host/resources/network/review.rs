//! What only shows when all links of a host are looked at.

use std::collections::BTreeMap;

use diag::{Diagnostic, Diagnostics};
use provider::simple::Access;
use provider::{PlannedAction, PlannedStep};

use super::definition::Network;

/// Refuses plans in which a link is a member twice, or a member with addresses of its own.
pub(crate) fn review(steps: &[PlannedStep]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let planned: Vec<(&PlannedStep, &str, Network)> = steps
        .iter()
        .filter(|step| step.action != PlannedAction::Delete && step.address.resource.ty == "host_network")
        .filter_map(|step| Some((step, step.after.text("host")?, Network::of(&step.after))))
        .collect();
    let mut masters: BTreeMap<(&str, &str), (&PlannedStep, &Network)> = BTreeMap::new();
    for (step, host, network) in &planned {
        for member in network.kind.members() {
            if let Some((other, master)) = masters.insert((host, member), (step, network)) {
                let detail = format!(
                    "The link {member} of {host} is a member of {} ({}) and of {} ({}). A link can be in one bridge or bond only.",
                    master.name, other.address, network.name, step.address
                );
                diagnostics.push(Diagnostic::error("Link is a member twice", detail));
            }
        }
    }
    for (step, host, network) in &planned {
        if let Some((other, master)) = masters.get(&(*host, network.name.as_str()))
            && !(network.addresses.is_empty() && !network.dhcp4 && !network.dhcp6)
        {
            let detail = format!(
                "The link {} of {host} is a member of {} ({}), and has addresses of its own ({}). Give the addresses to {}.",
                network.name, master.name, other.address, step.address, master.name
            );
            diagnostics.push(Diagnostic::error("Member has addresses", detail));
        }
    }
    diagnostics
}
