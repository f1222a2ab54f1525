use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use provider::simple::{Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Schema};
use uuid::{NoContext, Timestamp, Uuid};
use value::{Entries, Type, Value};

use crate::common::{block, import_error};

/// `random_uuid`, `random_uuid4` and `random_uuid7`.
pub(crate) struct RandomUuid {
    type_name: &'static str,
    description: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    V4,
    V7,
}

impl RandomUuid {
    pub(crate) const PLAIN: Self =
        Self { type_name: "random_uuid", description: "A random UUID.", kind: Kind::Plain };

    pub(crate) const V4: Self =
        Self { type_name: "random_uuid4", description: "A random UUID of version 4.", kind: Kind::V4 };

    pub(crate) const V7: Self = Self {
        type_name: "random_uuid7",
        description: "A UUID of version 7: sorts by the time of its creation.",
        kind: Kind::V7,
    };
}

#[async_trait]
impl Resource for RandomUuid {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> Schema {
        let block = block(self.description, "The UUID.")
            .with("result", Attribute::computed(Type::String).described("The UUID."));
        Schema::new(0, block)
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.replace_on_values("keepers");
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let uuid = match self.kind {
            Kind::Plain | Kind::V4 => Uuid::new_v4(),
            Kind::V7 => {
                let now = context.environment.now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Uuid::new_v7(Timestamp::from_unix(NoContext, now.as_secs(), now.subsec_nanos()))
            }
        };
        Ok(filled(planned, &uuid))
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        let uuid = Uuid::parse_str(id)
            .map_err(|error| import_error("UUID", format!("{id:?} is no UUID: {error}.")))?;
        let keepers = match self.kind {
            Kind::Plain => Value::map(Type::String, Entries::new()),
            Kind::V4 | Kind::V7 => Value::null(Type::map(Type::String)),
        };
        Ok(filled(&self.schema().block.empty_value().with_attr("keepers", keepers), &uuid))
    }
}

fn filled(object: &Value, uuid: &Uuid) -> Value {
    let text = Value::string(uuid.to_string());
    with(object, [("id", text.clone()), ("result", text)])
}
