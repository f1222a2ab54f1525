//! Objects that go from one resource to another: a resource with another name and no `moved` block, or keys that shift.

use ::plan::{Action, Plan, Reason};
use addrs::AbsResourceInstance;
use diag::Diagnostic;
use value::Value;

/// Takes the destructions of such objects out of the plan; says which resource has them then.
pub(super) fn hand_over(plan: &mut Plan, handovers: &[(usize, AbsResourceInstance)]) -> Diagnostic {
    let mut list = String::new();
    for (at, to) in handovers {
        let Some(change) = plan.changes.get_mut(*at) else { continue };
        list.push_str(&format!("\n - {} goes to {to}", change.address));
        if change.action == Action::Delete {
            change.action = Action::Forget;
            change.reason = Reason::ForgetBecauseHandedOver;
        } else {
            // Of a replacement only the new object is made.
            change.action = Action::Create;
            change.reason = Reason::None;
            change.before = Value::null(change.before.ty());
            change.required_replace.clear();
        }
    }
    Diagnostic::warning(
        "Objects go to other resources",
        format!(
            "These resources let go of objects that other resources of the plan have. Nothing is destroyed, and what is there is \
             changed to what the other resource says:{list}\n\nIf a resource was only renamed, a moved block says so \
             (moved {{ from = OLD, to = NEW }}), and the plan shows what differs."
        ),
    )
}
