//! Warnings about a plan as a whole.

use ::plan::{Action, Plan, Reason};
use addrs::InstanceKey;
use diag::{Diagnostic, Diagnostics};

/// What is worth knowing about a finished plan before it is applied.
pub(super) fn notices(plan: &Plan) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(forgotten(plan));
    diagnostics.extend(unmatched_replacements(plan));
    diagnostics
}

fn forgotten(plan: &Plan) -> Option<Diagnostic> {
    let forgotten = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Forget && change.reason != Reason::ForgetBecauseHandedOver);
    let list: String = forgotten.map(|change| format!("\n - {}", change.address)).collect();
    (!list.is_empty()).then(|| {
        Diagnostic::warning(
            "Some objects will no longer be managed by groma",
            format!(
                "If you apply this plan, groma will discard its tracking information for the following objects, but it \
                 will not delete them:{list}\n\nAfter applying this plan, groma will no longer manage these objects. You \
                 will need to import them into groma to manage them again."
            ),
        )
    })
}

/// `-replace` of a resource without a key, where its instances have keys: nothing would be replaced.
fn unmatched_replacements(plan: &Plan) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for wanted in plan.force_replace.iter().filter(|address| address.key == InstanceKey::None) {
        let resource = wanted.containing();
        let instances = plan.changes.iter().map(|change| &change.address);
        let of_it: Vec<_> = instances.filter(|address| address.containing() == resource).collect();
        if of_it.is_empty() || of_it.contains(&wanted) {
            continue;
        }
        let options: String =
            of_it.iter().map(|address| format!("\n  -replace={:?}", address.to_string())).collect();
        diagnostics.push(Diagnostic::warning(
            "Incompletely-matched force-replace resource instance",
            format!(
                "Your force-replace request for {wanted} doesn't match any resource instances because it lacks an instance \
                 key.\n\nTo force replacement of particular instances, use one or more of the following options instead:{options}"
            ),
        ));
    }
    diagnostics
}
