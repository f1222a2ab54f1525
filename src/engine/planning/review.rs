//! Providers look over what is planned for them.

use ::plan::Plan;
use diag::Diagnostics;

use crate::session::Session;

/// Asks every configured provider about its steps, in an order in which they may run.
pub(super) async fn review(_session: &Session, _plan: &mut Plan) -> Diagnostics {
    Diagnostics::new()
}
