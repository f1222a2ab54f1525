//! Several providers under one address: each request goes to the one whose type it is about.
//!
//! For a provider whose types are of different kinds, such as objects on hosts and objects that have none.

mod configured;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use value::{Entries, Str, Value};

use self::configured::Running;
use crate::requests::ConfigureRequest;
use crate::schema::{Block, ProviderSchema, Schema};
use crate::traits::{Configured, FunctionError, Provider};

/// A provider made of others, which share its address and its block.
///
/// No two of them have a type or function of the same name, or attributes of the block that share only the name.
pub struct Joined {
    address: ProviderAddr,
    parts: Vec<Arc<dyn Provider>>,
    schema: OnceLock<Arc<ProviderSchema>>,
}

/// What tells which part answers for a type.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Resource,
    Data,
    Ephemeral,
}

impl Joined {
    pub fn new(address: ProviderAddr, parts: Vec<Arc<dyn Provider>>) -> Self {
        Self { address, parts, schema: OnceLock::new() }
    }

    fn part(&self, kind: Kind, type_name: &str) -> Result<&Arc<dyn Provider>, Diagnostics> {
        let found = self.parts.iter().find(|part| kind.schemas(&part.schema()).contains_key(type_name));
        found.ok_or_else(|| kind.unsupported(type_name))
    }

    fn build_schema(&self) -> ProviderSchema {
        let mut joined = ProviderSchema::default();
        for part in &self.parts {
            let schema = part.schema();
            let block = &schema.provider.block;
            let own = &mut joined.provider.block;
            own.attributes.extend(block.attributes.clone());
            own.blocks.extend(block.blocks.clone());
            if own.description.is_empty() {
                own.description = block.description.clone();
            }
            joined.provider.version = joined.provider.version.max(schema.provider.version);
            joined.resources.extend(schema.resources.clone());
            joined.data_sources.extend(schema.data_sources.clone());
            joined.ephemerals.extend(schema.ephemerals.clone());
            joined.functions.extend(schema.functions.clone());
        }
        joined
    }
}

#[async_trait]
impl Provider for Joined {
    fn address(&self) -> ProviderAddr {
        self.address.clone()
    }

    fn schema(&self) -> Arc<ProviderSchema> {
        Arc::clone(self.schema.get_or_init(|| Arc::new(self.build_schema())))
    }

    fn validate_provider(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for part in &self.parts {
            let own = share(config, &part.schema().provider.block);
            diagnostics.extend(part.validate_provider(&own));
        }
        diagnostics
    }

    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        match self.part(Kind::Resource, type_name) {
            Ok(part) => part.validate_resource(type_name, config),
            Err(diagnostics) => diagnostics,
        }
    }

    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics {
        match self.part(Kind::Data, type_name) {
            Ok(part) => part.validate_data(type_name, config),
            Err(diagnostics) => diagnostics,
        }
    }

    fn upgrade_state(&self, type_name: &str, version: u64, attributes: &str) -> Result<Value, Diagnostics> {
        self.part(Kind::Resource, type_name)?.upgrade_state(type_name, version, attributes)
    }

    fn move_state(
        &self,
        source_provider: &ProviderAddr,
        source_type: &str,
        source_version: u64,
        attributes: &str,
        target_type: &str,
    ) -> Result<Value, Diagnostics> {
        self.part(Kind::Resource, target_type)?.move_state(
            source_provider,
            source_type,
            source_version,
            attributes,
            target_type,
        )
    }

    async fn configure(&self, request: ConfigureRequest) -> (Option<Arc<dyn Configured>>, Diagnostics) {
        let ConfigureRequest { config, environment, version } = request;
        let mut diagnostics = Diagnostics::new();
        let mut running = Running::default();
        for part in &self.parts {
            let schema = part.schema();
            let config = share(&config, &schema.provider.block);
            let request =
                ConfigureRequest { config, environment: environment.clone(), version: version.clone() };
            let (configured, found) = part.configure(request).await;
            diagnostics.extend(found);
            match configured {
                Some(configured) => running.add(schema, configured),
                None => return (None, diagnostics),
            }
        }
        (Some(Arc::new(running)), diagnostics)
    }

    fn call_function(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        match self.parts.iter().find(|part| part.schema().functions.contains_key(name)) {
            Some(part) => part.call_function(name, arguments),
            None => Err(FunctionError {
                argument: None,
                message: format!("The provider has no function named {name}."),
            }),
        }
    }
}

impl Kind {
    fn schemas(self, schema: &ProviderSchema) -> &BTreeMap<Str, Schema> {
        match self {
            Self::Resource => &schema.resources,
            Self::Data => &schema.data_sources,
            Self::Ephemeral => &schema.ephemerals,
        }
    }

    fn unsupported(self, type_name: &str) -> Diagnostics {
        let kind = match self {
            Self::Resource => "resource",
            Self::Data => "data source",
            Self::Ephemeral => "ephemeral resource",
        };
        Diagnostic::error(
            format!("Invalid {kind} type"),
            format!("The provider does not support {kind} type \"{type_name}\"."),
        )
        .into()
    }
}

/// What a part's own block takes of the provider block.
fn share(config: &Value, block: &Block) -> Value {
    let Some(entries) = config.entries() else { return config.clone() };
    let own = |name: &Str| block.attributes.contains_key(name) || block.blocks.contains_key(name);
    let own: Entries = entries
        .iter()
        .filter(|(name, _)| own(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Value::object(own)
}
