use value::{Marks, Value};

use super::Planning;
use super::resource::{Instance, Planned};
use crate::compare::{Subject, parts};

impl Planning {
    /// Opens an ephemeral resource; one whose configuration is not known yet stays unknown until apply.
    pub(super) async fn plan_ephemeral(&self, instance: Instance<'_>) -> Planned {
        let mut out = Planned::default();
        let info = self.program().resource(instance.id);
        let Some((schema, block)) = parts(info) else { return out };
        let subject = Subject { session: &self.session, info, schema, address: &instance.address };
        let (value, findings) =
            self.session.open_ephemeral(&subject, block, instance.table, &instance.repetition).await;
        out.diagnostics.extend(findings);
        out.value = value.or_else(|| Some(Value::unknown(schema.ty.clone()).mark(Marks::EPHEMERAL)));
        out
    }
}
