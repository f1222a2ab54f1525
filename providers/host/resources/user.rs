mod dates;
mod schema;
mod seen;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::Schema;
use provider::simple::{Access, Plan};
use value::{Type, Value};

use super::accounts::EDIT;
use crate::failure::{Failure, Result};
use crate::paths;
use crate::resource::{Context, Resource, is_recorded};
use crate::session::{Host, Script};

/// `host_user`: a user.
pub(crate) struct User;

const FUNCTIONS: &str = include_str!("user/user.sh");

const PUT: &str = include_str!("user/put.sh");

const REMOVE: &str = include_str!("user/remove.sh");

#[async_trait]
impl Resource for User {
    fn type_name(&self) -> &'static str {
        "host_user"
    }

    fn schema(&self) -> Schema {
        Schema::new(0, schema::block())
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        schema::validate(config)
    }

    /// What is not set follows from what is: people have homes, and a password is for being used.
    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if plan.is_unset("create_home") {
            match plan.planned.attr("system").is_none_or(Value::is_known) {
                true => {
                    plan.set("create_home", Value::bool(!plan.planned.flag("system").unwrap_or(false)));
                }
                false => plan.set_unknown("create_home"),
            }
        }
        if plan.is_unset("locked") && !plan.is_unset("password_hash") {
            plan.set("locked", Value::bool(false));
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        seen::read_all(host, current).await
    }

    async fn recovered(&self, host: &Host, planned: &Value) -> Result<Value> {
        match is_recorded(host, "user", &paths::key(planned.text("name").unwrap_or_default())).await? {
            true => self.read(host, planned).await,
            false => Ok(Value::null(planned.ty())),
        }
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.put(host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        self.put(host, prior, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let name = prior.text("name").unwrap_or_default();
        let script = Script::change(&format!("{EDIT}{FUNCTIONS}{REMOVE}"))
            .var("name", name)
            .var("key", paths::key(name))
            .var("remove_home", prior.flag("remove_home").unwrap_or(false).to_string())
            .var("groups", prior.texts("groups").join("\n"))
            .var("groups_set", set(prior, "groups"));
        host.must(script, &format!("remove the user {name}")).await.map(|_| ())
    }
}

impl User {
    async fn put(&self, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let name = planned.text("name").unwrap_or_default();
        host.must(script(prior, planned), &format!("make the user {name}")).await?;
        let unknown = |name: &&str| planned.attr(name).is_some_and(|value| !value.is_known());
        let names: Vec<&str> = ["uid", "group", "home", "shell", "comment", "locked", "create_home"]
            .into_iter()
            .filter(unknown)
            .collect();
        if names.is_empty() {
            return Ok(planned.clone());
        }
        let read = self.read(host, &provider::with_nulls(&schema::block(), planned)).await?;
        if read.is_null() {
            let detail = format!("On {}, the user {name} was gone right after it was made.", host.name());
            return Err(Failure::new("User is gone", detail));
        }
        Ok(names.into_iter().fold(planned.clone(), |object, name| {
            let value = read.attr(name).cloned().unwrap_or(Value::null(Type::Dynamic));
            object.with_attr(name, value)
        }))
    }
}

/// The script that makes the user what is planned; values that are to be set have an equals sign before them.
fn script(prior: &Value, planned: &Value) -> Script {
    let text = |name: &str| planned.text(name).map(|text| format!("={text}")).unwrap_or_default();
    let kept = planned.texts("groups");
    let leave: Vec<&str> = prior.texts("groups").into_iter().filter(|name| !kept.contains(name)).collect();
    let expires = match (planned.text("expires"), prior.text("expires")) {
        (Some(date), _) => format!("={}", dates::days(date).unwrap_or_default()),
        (None, Some(_)) => "=".to_owned(),
        (None, None) => String::new(),
    };
    let name = planned.text("name").unwrap_or_default();
    let script = Script::change(&format!("{EDIT}{FUNCTIONS}{PUT}"))
        .var("name", name)
        .var("key", paths::key(name))
        .var("uid", planned.int("uid").map(|uid| format!("={uid}")).unwrap_or_default())
        .var("group", text("group"))
        .var("home", text("home"))
        .var("shell", text("shell"))
        .var("comment", text("comment"))
        .var("system", planned.flag("system").unwrap_or(false).to_string())
        .var("create_home", planned.flag("create_home").unwrap_or(false).to_string())
        .var("locked", planned.flag("locked").map(|locked| locked.to_string()).unwrap_or_default())
        .var("expires", expires)
        .var("groups", kept.join("\n"))
        .var("groups_set", set(planned, "groups"))
        .var("exclusive", planned.flag("groups_exclusive").unwrap_or(false).to_string())
        .var("leave", leave.join("\n"))
        .var("secret_set", set(planned, "password_hash"));
    match planned.text("password_hash") {
        Some(hash) => script.input(format!("{hash}\n")),
        None => script,
    }
}

/// Whether an attribute is set, for scripts.
fn set(object: &Value, name: &str) -> &'static str {
    if object.is_unset(name) { "" } else { "1" }
}
