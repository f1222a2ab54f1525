//! Packages of the distribution, by the host provider's own resource.

use provider::simple::Access;
use provider_host::kit::{Context, Host, Package, Resource, Result};
use value::{Type, Value};

/// The object of a package as `host_package` knows it.
fn object(host: &Host, name: &str) -> Value {
    Value::object_of([
        ("host", Value::string(host.connection().to_string())),
        ("id", Value::string(name)),
        ("name", Value::string(name)),
        ("version", Value::null(Type::String)),
        ("hold", Value::null(Type::Bool)),
        ("purge", Value::null(Type::Bool)),
    ])
}

/// Installs those that are not there.
pub async fn install(context: &Context, host: &Host, names: &[&str]) -> Result<()> {
    for name in names {
        let wanted = object(host, name);
        // What is there stays as it is.
        if Package.read(host, &wanted).await?.is_null() {
            Package.create(context, host, &wanted).await?;
        }
    }
    Ok(())
}

/// The version of the first one; nothing where one is missing.
pub async fn installed(host: &Host, names: &[&str]) -> Result<Option<Value>> {
    let objects: Vec<Value> = names.iter().map(|name| object(host, name)).collect();
    let mut version = None;
    for read in Package.read_all(host, &objects).await {
        let read = read?;
        if read.is_null() {
            return Ok(None);
        }
        version
            .get_or_insert_with(|| read.text("version").map_or(Value::null(Type::String), Value::string_nfc));
    }
    Ok(version)
}

/// Removes those that were not there before.
pub async fn remove(context: &Context, host: &Host, names: &[&str]) -> Result<()> {
    for name in names.iter().rev() {
        Package.delete(context, host, &object(host, name)).await?;
    }
    Ok(())
}
