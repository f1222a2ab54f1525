use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use super::accounts::{self, EDIT};
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Host, Script};

/// `host_group`: a group of users.
pub(crate) struct Group;

const LOOK: &str = r#"[ ! -e "$R/etc/group" ] || cat "$R/etc/group""#;

const PUT: &str = include_str!("group/put.sh");

const REMOVE: &str = include_str!("group/remove.sh");

#[async_trait]
impl Resource for Group {
    fn type_name(&self) -> &'static str {
        "host_group"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A group of users on a host. A group that was there before is taken over, and gets back the number and members \
                 that it had when the resource is destroyed; one that was imported stays.",
            )
            .with("name", Attribute::required(Type::String).described("The group's name."))
            .with("gid", Attribute::optional_computed(Type::Number).described(
                "Its number; the host chooses one if not set. When it changes, files keep the old one.",
            ))
            .with("system", Attribute::optional(Type::Bool).described(
                "Whether the host chooses a number among those of the system. It matters only when the group is made.",
            ))
            .with("members", Attribute::optional(Type::set(Type::String)).described(
                "The names of exactly those users that are in the group besides those whose own group it is. If not set, the \
                 members are left to others, such as the `groups` of a `host_user`.",
            ));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = accounts::validate_name(config, "name");
        diagnostics.extend(accounts::validate_id(config, "gid"));
        for text in config.texts("members") {
            if let Some(problem) = accounts::name_problem(text) {
                diagnostics.push(attribute_error(&Path::from_attr("members"), "Invalid name", problem));
            }
        }
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        match host.must(Script::read(LOOK), "read /etc/group").await {
            Ok(output) => {
                let text = output.text();
                current.iter().map(|object| Ok(seen(object, &text))).collect()
            }
            Err(failure) => vec![Err(failure); current.len()],
        }
    }

    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        match is_recorded(host, "group", &paths::key(planned.text("name").unwrap_or_default())).await? {
            true => self.read(host, planned).await,
            false => Ok(Value::null(planned.ty())),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let name = planned.text("name").unwrap_or_default();
        let script = Script::change(&format!("{EDIT}{PUT}"))
            .var("gid", planned.int("gid").map(|gid| gid.to_string()).unwrap_or_default())
            .var("system", planned.flag("system").unwrap_or(false).to_string())
            .var("members", planned.texts("members").join("\n"))
            .var("members_set", if planned.is_unset("members") { "" } else { "1" })
            .var("name", name)
            .var("key", paths::key(name));
        host.must(script, &format!("make the group {name}")).await?;
        let known = match planned.int("gid") {
            Some(_) => planned.clone(),
            None => planned.with_attr("gid", Value::null(Type::Number)),
        };
        let read = self.read(host, &known).await?;
        if read.is_null() {
            let detail = format!("On {}, the group {name} was gone right after it was made.", host.name());
            return Err(Failure::new("Group is gone", detail));
        }
        Ok(planned.with_attr("gid", read.attr("gid").cloned().unwrap_or(Value::null(Type::Number))))
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let name = prior.text("name").unwrap_or_default();
        let script = Script::change(&format!("{EDIT}{REMOVE}"))
            .var("members_set", if prior.is_unset("members") { "" } else { "1" })
            .var("name", name)
            .var("key", paths::key(name));
        host.must(script, &format!("remove the group {name}")).await.map(|_| ())
    }
}

fn seen(object: &Value, text: &str) -> Value {
    let name = object.text("name").unwrap_or_default();
    let Some(group) = accounts::groups(text).find(|group| group.name == name) else {
        return Value::null(object.ty());
    };
    let imported = object.is_unset("gid");
    let members = match object.is_unset("members") && !imported {
        true => Value::null(Type::set(Type::String)),
        false => accounts::name_set(group.members.iter().copied()),
    };
    object
        .with_attr("gid", group.gid.parse::<i64>().map_or(Value::null(Type::Number), Value::number))
        .with_attr("members", members)
}
