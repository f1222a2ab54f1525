use async_trait::async_trait;
use provider::simple::{Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

/// `null_resource`.
pub(crate) struct NullResource;

#[async_trait]
impl Resource for NullResource {
    fn type_name(&self) -> &'static str {
        "null_resource"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described("A resource that does nothing: a place for provisioners and dependencies.")
            .with("id", Attribute::computed(Type::String).described("A random number, made at creation."))
            .with(
                "triggers",
                Attribute::optional(Type::map(Type::String))
                    .described("Any texts; a change makes a new resource, and runs its provisioners again."),
            );
        Schema::new(0, block)
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.replace_on_values("triggers");
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        Ok(with(planned, [("id", Value::string(crate::random_id()))]))
    }
}
