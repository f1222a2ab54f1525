use addrs::ProviderAddr;
use async_trait::async_trait;
use provider::simple::{Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, Schema};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;
use value::{Refinement, Type, Value};

/// `terraform_data`.
pub(crate) struct TerraformData;

#[async_trait]
impl Resource for TerraformData {
    fn type_name(&self) -> &'static str {
        "terraform_data"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described("A resource that keeps a value, and can be replaced when another value changes.")
            .with("id", Attribute::computed(Type::String).described("A random UUID, made at creation."))
            .with("input", Attribute::optional(Type::Dynamic).described("Any value, to be kept in `output`."))
            .with(
                "output",
                Attribute::computed(Type::Dynamic).described("The value of `input`, once applied."),
            )
            .with(
                "triggers_replace",
                Attribute::optional(Type::Dynamic).described("Any value; a change makes a new resource."),
            );
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["triggers_replace"]
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        let input = plan.planned.attr("input").cloned().unwrap_or_else(|| Value::null(Type::Dynamic));
        let replaced = plan.is_creation() || plan.changes(&["triggers_replace"]);
        if replaced {
            plan.set("id", Value::refined(Type::String, Refinement::not_null()));
        }
        if replaced && input.is_null() {
            plan.set("output", Value::null(Type::Dynamic));
        } else if replaced || plan.changes(&["input"]) {
            plan.set("output", Value::unknown(input.ty()));
        }
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        Ok(with(&settled(planned), [("id", Value::string(Uuid::new_v4().to_string()))]))
    }

    async fn update(&self, _context: &Context, _prior: &Value, planned: &Value, _config: &Value) -> Outcome {
        Ok(settled(planned))
    }

    async fn import(&self, _context: &Context, id: &str) -> Outcome {
        Ok(self.schema().block.empty_value().with_attr("id", Value::string(id)))
    }

    /// Takes over a `null_resource`: its id, and its triggers as the value that replaces.
    fn move_from(
        &self,
        provider: &ProviderAddr,
        type_name: &str,
        attributes: &Map<String, Json>,
    ) -> Option<Map<String, Json>> {
        if provider.ty != "null" || type_name != "null_resource" {
            return None;
        }
        let mut moved = Map::new();
        moved.insert("id".into(), attributes.get("id").cloned().unwrap_or(Json::Null));
        if let Some(Json::Object(triggers)) = attributes.get("triggers") {
            let types: Map<String, Json> =
                triggers.keys().map(|key| (key.clone(), json!("string"))).collect();
            moved.insert("triggers_replace".into(), json!({ "value": triggers, "type": ["object", types] }));
        }
        Some(moved)
    }
}

/// The object with `output` from `input`, if that was to be computed.
fn settled(planned: &Value) -> Value {
    match (planned.attr("output"), planned.attr("input")) {
        (Some(output), Some(input)) if !output.is_known() => planned.with_attr("output", input.clone()),
        _ => planned.clone(),
    }
}
